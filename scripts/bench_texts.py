#!/usr/bin/env python3
"""Runs the `tune` example on sets with texts, on fixed splits, and writes a table.

    python3 scripts/bench_texts.py DATA --out results.jsonl [--sets a,b] [--ways head,lora,full]
        [--seeds N]

DATA holds `meta.json` (columns, task, target, text columns, columns to leave out) and
`splits/NAME.json` (data rows for training and test). A way is a method on the texts alone (head,
lora, full), or `texts`, `columns` or `both`: what of a row the default network for tables reads;
with `-lora` or `-full` behind it the text encoder learns along.
Every run is a line of the file; what is already in it is not run again. The example has to be built
before:

    ./dev exec cargo build --release --example tune
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from bench_tables import ROWS_FOR_THREE_SEEDS, example, with_split


# Ways of the network for tables, with what each sets.
TABLE = {"columns": []}
for READ in ("texts", "both"):
    TABLE[READ] = []
    for MOVES in ("lora", "full"):
        TABLE[f"{READ}-{MOVES}"] = ["--set", f"/table/texts={MOVES}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--sets")
    parser.add_argument("--ways", default="head,lora,full")
    parser.add_argument("--seeds", type=int)
    options = parser.parse_args()
    meta = json.loads((options.data / "meta.json").read_text())
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    runs = [json.loads(line) for line in lines]
    texts = [name for name in meta if meta[name]["text"]]
    names = options.sets.split(",") if options.sets else sorted(texts, key=lambda name: meta[name]["rows"])
    ways = options.ways.split(",")
    for name in names:
        split = json.loads((options.data / f"splits/{name}.json").read_text())
        seeds = options.seeds or (3 if meta[name]["rows"] <= ROWS_FOR_THREE_SEEDS else 1)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / f"{name}.csv"
            with_split(options.data / meta[name]["file"], split, path)
            for seed in range(1, seeds + 1):
                for way in ways:
                    if any((run["set"], run["way"], run["seed"]) == (name, way, seed) for run in runs):
                        continue
                    found = tune(path, meta[name], way, seed)
                    if found is None:
                        continue
                    run = {"set": name, "way": way, "seed": seed, "train": len(split["train"]), **found}
                    runs.append(run)
                    with open(options.out, "a", encoding="utf-8") as file:
                        file.write(json.dumps(run) + "\n")
    print(table(names, ways, runs))


def tune(path, about, way, seed):
    """Metric and seconds of one run; none of a way that the task does not have."""
    is_number = about["task"] == "regression"
    if is_number and way in ("head", "lora", "full"):
        return None
    command = [example(), str(path), "--target", about["target"], "--split-column", "__part", "--json"]
    command += ["--seed", str(seed), "--method", "table" if way in TABLE else way]
    command += TABLE.get(way, [])
    left_out = list(about["drop"])
    if way == "columns":
        left_out += about["text"]
    else:
        command += [part for column in about["text"] for part in ("--text", column)]
    if way.startswith("texts"):
        spoken_for = {about["target"], *about["text"], *left_out}
        left_out += [column for column in columns_of(path) if column not in spoken_for | {"__part"}]
    if way in TABLE:
        command += ["--task", "regress" if is_number else "classify"]
    command += [part for column in left_out for part in ("--drop", column)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{path.stem}, {way}: {done.stderr}", file=sys.stderr)
        return None
    found = json.loads(done.stdout)
    metric = "rmse" if is_number else "accuracy"
    figures = {"metric": metric, "value": found["metrics"][metric], "seconds": found["seconds"]["total"]}
    return figures | {"epochs": found["epochs"], "baselines": found.get("baseline_accuracy")}


def columns_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return next(csv.reader(file))


def table(names, ways, runs):
    lines = ["| set (training rows) | metric | " + " | ".join(ways) + " | seeds |"]
    lines.append("|---|---|" + "---:|" * (len(ways) + 1))
    for name in names:
        own = [run for run in runs if run["set"] == name and run["way"] in ways]
        if not own:
            continue
        cells = []
        for way in ways:
            values = [run["value"] for run in own if run["way"] == way]
            spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
            cells.append(f"{statistics.fmean(values):.4g}{spread}" if values else "")
        seeds = len({run["seed"] for run in own})
        lines.append(f"| {name} ({own[0]['train']}) | {own[0]['metric']} | {' | '.join(cells)} | {seeds} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
