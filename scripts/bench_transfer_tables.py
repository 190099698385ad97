#!/usr/bin/env python3
"""Tunes on few rows of a table, from scratch and from a model of a related table.

    python3 scripts/bench_transfer_tables.py DATA --out results.jsonl [--pairs a,b] [--seeds 5]
        [--set POINTER=VALUE]... [--from-set POINTER=VALUE]...

The model of the source is tuned on all of its rows. 20 % of the target's rows are the test, and of the
rest so many are drawn, a fifth of them to stop by. `--set` holds for both runs, `--from-set` for those
that go on from the source only. Every draw is a line of the file; what is in it is not run again.
The example has to be built before:

    ./dev exec cargo build --release --example tune
"""

import argparse
import csv
import json
import pathlib
import random
import statistics
import subprocess
import tempfile

from bench_tables import example

# What tells students apart in the two tables of one school survey (Cortez and Silva 2008, merge key).
STUDENT = "school sex age address famsize Pstatus Medu Fedu Mjob Fjob reason nursery internet".split()


def all_rows(row):
    return True


# Coast to inland, Portuguese to maths, 2011 to 2012, Cleveland to Hungary, white to red.
PAIRS = {
    "california": {
        "source": ("dev/california_coastal.csv", all_rows),
        "target": ("dev/california_inland.csv", all_rows),
        "predict": "median_house_value",
        "drop": [],
        "rows": [50, 100, 300],
    },
    "students": {
        "source": ("sample/student_por.csv", all_rows),
        "target": ("sample/student_mat.csv", all_rows),
        "predict": "G3",
        "drop": ["G1", "G2"],
        "rows": [50, 100],
        "one": STUDENT,
    },
    "bikes": {
        "source": ("dev/bike_sharing_hour.csv", lambda row: row["yr"] == "0"),
        "target": ("dev/bike_sharing_hour.csv", lambda row: row["yr"] == "1"),
        "predict": "cnt",
        "drop": ["instant", "casual", "registered", "dteday", "yr"],
        "rows": [50, 100, 300],
    },
    "heart": {
        "source": ("dev/heart_disease.csv", lambda row: row["site"] == "cleveland"),
        "target": ("dev/heart_disease.csv", lambda row: row["site"] == "hungarian"),
        "predict": "disease",
        "task": "classify",
        "drop": ["site"],
        "rows": [20, 50, 100],
    },
    "wine": {
        "source": ("sample/wine_quality_white.csv", all_rows),
        "target": ("sample/wine_quality_red.csv", all_rows),
        "predict": "quality",
        "drop": [],
        "rows": [50, 100, 200],
    },
}


def read(data, place):
    name, is_wanted = place
    with open(data / name, newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if is_wanted(row)]


def parts(data, pair):
    """The source's rows, the target's to draw from, and the target's test rows. Nobody is among both ends."""
    source, target = read(data, pair["source"]), read(data, pair["target"])
    random.Random(0).shuffle(target)
    test, pool = target[: len(target) // 5], target[len(target) // 5 :]
    if "one" in pair:
        who = lambda row: tuple(row[column] for column in pair["one"])
        judged = {who(row) for row in test}
        source = [row for row in source if who(row) not in judged]
    return source, pool, test


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def tune(path, pair, seed, *more):
    command = [example(), path, "--target", pair["predict"]]
    command += ["--method", "table", "--task", pair.get("task", "regress"), "--seed", str(seed), "--json"]
    command += [part for column in pair["drop"] for part in ("--drop", column)]
    done = subprocess.run([*map(str, command), *map(str, more)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--pairs")
    parser.add_argument("--rows")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--from-set", action="append", default=[])
    options = parser.parse_args()
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    runs = [json.loads(line) for line in lines]
    names = options.pairs.split(",") if options.pairs else list(PAIRS)
    flags = lambda settings: [part for setting in settings for part in ("--set", setting)]
    for name in names:
        pair = PAIRS[name]
        metric = "accuracy" if pair.get("task") == "classify" else "rmse"
        source, pool, test = parts(options.data, pair)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            model = folder / "source.model"
            for number in map(int, options.rows.split(",")) if options.rows else pair["rows"]:
                for seed in range(1, options.seeds + 1):
                    if any((run["pair"], run["rows"], run["seed"]) == (name, number, seed) for run in runs):
                        continue
                    if not model.exists():
                        tune(write(folder / "source.csv", source), pair, 1, "--save", model, *flags(options.set))
                    drawn = random.Random(seed).sample(pool, number)
                    held = ["valid"] * (number // 5) + ["train"] * (number - number // 5)
                    rows = [row | {"__part": part} for row, part in zip(drawn, held)]
                    rows += [row | {"__part": "test"} for row in test]
                    path = write(folder / "target.csv", rows)
                    split = ["--split-column", "__part", *flags(options.set)]
                    alone = tune(path, pair, seed, *split)
                    again = tune(path, pair, seed, *split, "--from", model, *flags(options.from_set))
                    lost = again["carried"]["forgetting"]
                    run = {
                        "pair": name,
                        "rows": number,
                        "seed": seed,
                        "metric": metric,
                        "alone": alone["metrics"][metric],
                        "again": again["metrics"][metric],
                        "lost": [lost["before"], lost["after"]],
                        "known_test_rows": again["carried"]["known_test_rows"],
                    }
                    runs.append(run)
                    with open(options.out, "a", encoding="utf-8") as file:
                        file.write(json.dumps(run) + "\n")
    print(table(names, runs))


def table(names, runs):
    lines = ["| pair | target rows | metric | from scratch | from the source | better in | source test rows, before and after |"]
    lines.append("|---|---:|---|---:|---:|---:|---:|")
    for name in names:
        for number in sorted({run["rows"] for run in runs if run["pair"] == name}):
            own = [run for run in runs if (run["pair"], run["rows"]) == (name, number)]
            metric = own[0]["metric"]
            sign = 1 if metric == "accuracy" else -1
            mean = lambda values: f"{statistics.fmean(values):.4g}"
            spread = lambda values: f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
            cell = lambda values: mean(values) + spread(values)
            wins = sum(sign * (run["again"] - run["alone"]) > 0 for run in own)
            lost = [mean([run["lost"][at] for run in own]) for at in (0, 1)]
            alone, again = ([run[way] for run in own] for way in ("alone", "again"))
            cells = [name, str(number), metric, cell(alone), cell(again), f"{wins} of {len(own)}", " → ".join(lost)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
