"""The samples that exported models are tuned on, shortened."""

import csv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "public" / "samples"

BIRDS = "bird_strikes_sample.csv"

# Two networks that hardly learn have the same graph as those that do.
QUICK = ["--set", "/table/network/epochs=10", "--set", "/table/network/folds=2"]


def shortened(source, target, rows):
    """Copies a sample, with columns of sets, of ranks and of pairs for the tasks that learn them."""
    with source.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    if rows:
        # From all over the file, which may be sorted by label.
        table = table[:: max(1, len(table) // rows)]
    of_intent = {}
    for row in table:
        if "birds_struck" in row:
            tags = [row["time_of_day"], row["sky"]]
            row["tags"] = "; ".join(tag for tag in tags if tag)
            row["tier"] = row["speed"] and str(min(2, int(float(row["speed"]) // 75)))
        if "intent" in row:
            # Every second text stands beside another one of its intent, the others beside any.
            at = len(of_intent.setdefault(row["intent"], []))
            is_same = at % 2 == 1
            row["other"] = of_intent[row["intent"]][-1] if is_same else table[0]["text"]
            row["same"], row["score"] = ("yes", "1") if is_same else ("no", "0.1")
            of_intent[row["intent"]].append(row["text"])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return table
