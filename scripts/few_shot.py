#!/usr/bin/env python3
"""Measures few-shot tuning: contrastive tuning beside the probe, over draws of rows per label.

    ./dev exec cargo build --release --example tune
    ./dev exec scripts/few_shot.py --data DATA --splits SPLITS --rows 8 16 --seeds 10 NAME...

DATA/NAME.csv is cut as SPLITS/NAME.json says: its "test" rows judge, and training rows are drawn from
its "train" rows, so many per label. The first draws are the file's own "fewshot" ones, further ones
are drawn here with a seed each. Two more rows per label stand as validation rows: the engine wants
some, but neither the probe nor contrastive tuning chooses anything by them (their defaults have no
patience). Prints one line of JSON per run, then a table; `--first` skips draws, for choosing settings
on others than those that are reported.
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path


def draws(split, labels, rows, first, count):
    """Training rows and validation rows of each draw."""
    given = split["fewshot"].get(str(rows), [])
    by_label = defaultdict(list)
    for row in split["train"]:
        by_label[labels[row]].append(row)
    for draw in range(first, first + count):
        rng = random.Random(1000 * rows + draw)
        if draw < len(given):
            train = given[draw]
        else:
            train = [row for label in sorted(by_label) for row in rng.sample(by_label[label], rows)]
        taken = set(train)
        valid = []
        for label in sorted(by_label):
            rest = [row for row in by_label[label] if row not in taken]
            valid += rng.sample(rest, min(2, len(rest)))
        yield draw, train, valid


def tune(binary, table, text, target, seed, method, settings):
    command = [binary, str(table), "--text", text, "--target", target, "--split-column", "part__"]
    command += ["--method", method, "--seed", str(seed), "--json"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=Path, required=True)
    parser.add_argument("--rows", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--text", default="text")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--binary")
    options = parser.parse_args()
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    binary = options.binary or f"{target}/release/examples/tune"
    lines = []
    for name in options.names:
        split = json.loads((options.splits / f"{name}.json").read_text())
        with open(options.data / f"{name}.csv", newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        labels = [row[split["target"]] for row in table]
        for rows in options.rows:
            found = defaultdict(list)
            for draw, train, valid in draws(split, labels, rows, options.first, options.seeds):
                part = {row: "train" for row in train} | {row: "valid" for row in valid}
                part |= {row: "test" for row in split["test"]}
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / f"{name}.csv"
                    with open(path, "w", newline="", encoding="utf-8") as file:
                        out = csv.writer(file)
                        out.writerow([options.text, split["target"], "part__"])
                        for row in sorted(part):
                            out.writerow([table[row][options.text], labels[row], part[row]])
                    run = tune(binary, path, options.text, split["target"], draw, "contrastive", options.settings)
                accuracy = {
                    "label names": run["baseline_accuracy"].get("label_names"),
                    "probe": run["baseline_accuracy"]["probe"],
                    "contrastive": run["metrics"]["accuracy"],
                    "seconds": run["seconds"]["train"],
                }
                print(json.dumps({"set": name, "rows": rows, "draw": draw, **accuracy}), flush=True)
                for key, value in accuracy.items():
                    if value is not None:
                        found[key].append(value)
            mean = {key: statistics.mean(values) for key, values in found.items()}
            spread = {key: statistics.stdev(values) if len(values) > 1 else 0.0 for key, values in found.items()}
            gains = [c - p for c, p in zip(found["contrastive"], found["probe"])]
            wins = sum(gain > 0 for gain in gains)
            names = f"{mean['label names']:.3f}" if found["label names"] else "-"
            lines.append(
                f"| {name} | {rows} | {names} | {mean['probe']:.3f} ± {spread['probe']:.3f} "
                f"| {mean['contrastive']:.3f} ± {spread['contrastive']:.3f} "
                f"| {100 * statistics.mean(gains):+.1f} | {wins} of {len(gains)} | {mean['seconds']:.0f} |"
            )
    print("| set | rows per label | label names alone | probe | contrastive | points | better in | seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
