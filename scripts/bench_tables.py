"""Runs the `tune` example on tables with fixed splits and compares with recorded baselines.

    python3 scripts/bench_tables.py DATA [--sets a,b] [--seeds N] [--out results.json] [-- ARGS...]

DATA holds `meta.json` (columns, task, target, columns to leave out), `splits/NAME.json` (data rows
for training and test) and `BASELINES.md`. ARGS go to the example. Columns of text and those to
leave out are dropped, as the baselines do. The example has to be built before:

    ./dev exec cargo build --release --example tune
"""

import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

# Up to so many rows, every set is run with three seeds; above, one seed is stable enough.
ROWS_FOR_THREE_SEEDS = 5000


def read_baselines(text):
    """HistGradientBoosting's and RandomForest's figure of each set: accuracy, or RMSE."""
    found = {}
    kind = None
    for line in text.splitlines():
        if line.startswith("## "):
            kind = None
        if line.startswith("## Tabular classification"):
            kind = "classification"
        elif line.startswith("## Tabular regression"):
            kind = "regression"
        if kind is None or not line.startswith("| ") or "train x inputs" in line:
            continue
        cells = [cell.strip() for cell in line.strip("|\n").split("|")]
        if kind == "classification":
            # set, size, majority, logistic, RandomForest, HistGB, LightGBM, MLP
            figures = [float(cell.split("/")[0]) for cell in cells[3:8]]
        else:
            # set, size, mean RMSE, ridge, RandomForest, HistGB, LightGBM, MLP: "R2 (RMSE)"
            figures = [float(re.search(r"\(([^)]+)\)", cell)[1]) for cell in cells[3:8]]
        found[cells[0]] = dict(zip(["linear", "rf", "hgb", "lgbm", "mlp"], figures))
    return found


def with_split(source, split, out):
    """Copies a CSV with a column that says which part a row belongs to."""
    part = {row: "train" for row in split["train"]} | {row: "test" for row in split["test"]}
    with open(source, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    with open(out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0] + ["__part"])
        for at, row in enumerate(rows[1:]):
            writer.writerow(row + [part.get(at, "")])


def example():
    """The built `tune` example: the one that BURNISH_TUNE names, or that of the target folder."""
    target_folder = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/burnish/target"))
    return os.environ.get("BURNISH_TUNE", f"{target_folder}/release/examples/tune")


def command(path, about, seed):
    """How a table with its split is learned from its columns alone, by the defaults."""
    task = "regress" if about["task"] == "regression" else "classify"
    made = [example(), str(path), "--target", about["target"], "--split-column", "__part"]
    made += ["--method", "table", "--task", task, "--seed", str(seed), "--json"]
    return made + [part for column in about["drop"] + about["text"] for part in ("--drop", column)]


def main():
    arguments = sys.argv[1:]
    extra = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, extra = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--sets")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--most-rows", type=int, default=10**9)
    options = parser.parse_args(arguments)

    meta = json.loads((options.data / "meta.json").read_text())
    baselines = read_baselines((options.data / "BASELINES.md").read_text())
    names = options.sets.split(",") if options.sets else sorted(baselines, key=lambda n: meta[n]["rows"])
    results = []
    print("| set | train rows | metric | Burnish | best of HistGB and RandomForest | at or above | seconds |")
    print("|---|---:|---|---:|---:|---|---:|")
    for name in names:
        about = meta[name]
        if about["rows"] > options.most_rows:
            continue
        split = json.loads((options.data / f"splits/{name}.json").read_text())
        seeds = options.seeds or (3 if about["rows"] <= ROWS_FOR_THREE_SEEDS else 1)
        is_number = about["task"] == "regression"
        runs = []
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / f"{name}.csv"
            with_split(options.data / about["file"], split, path)
            for seed in range(1, seeds + 1):
                done = subprocess.run(command(path, about, seed) + extra, capture_output=True, text=True)
                if done.returncode != 0:
                    print(f"{name}: {done.stderr}", file=sys.stderr)
                    break
                runs.append(json.loads(done.stdout))
        if not runs:
            continue
        metric = "rmse" if is_number else "accuracy"
        figures = [run["metrics"][metric] for run in runs]
        own = statistics.fmean(figures)
        best = (min if is_number else max)(baselines[name]["hgb"], baselines[name]["rf"])
        # As many digits as the baselines were recorded with.
        is_good = own <= best * 1.0005 if is_number else round(own, 3) >= best
        seconds = statistics.fmean(run["seconds"]["total"] for run in runs)
        results.append(
            {
                "set": name,
                "metric": metric,
                "figures": figures,
                "mean": own,
                "best": best,
                "is_good": is_good,
                "gap": own / best - 1 if is_number else own - best,
                "seconds": seconds,
                "valid_loss": statistics.fmean(run["valid_loss"] for run in runs),
                "coverage": [run["metrics"].get("interval_coverage") for run in runs],
                "runs": runs,
            }
        )
        spread = f" ± {statistics.stdev(figures):.3g}" if len(figures) > 1 else ""
        figure = f"{own:.4g}{spread}" if is_number else f"{own:.3f}{spread}"
        print(
            f"| {name} | {len(split['train'])} | {metric} | {figure} | {best:.4g} |"
            f" {'yes' if is_good else 'no'} | {seconds:.1f} |",
            flush=True,
        )
        if options.out:
            options.out.write_text(json.dumps(results, indent=1))
    good = sum(result["is_good"] for result in results)
    print(f"\n{good} of {len(results)} at or above the better of the two.")
    for metric, unit in [("accuracy", "points"), ("rmse", "%")]:
        gaps = [result["gap"] * 100 for result in results if result["metric"] == metric]
        if gaps:
            print(f"{metric}: {statistics.fmean(gaps):+.2f} {unit} on average over {len(gaps)} sets.")
    covered = [c for result in results for c in result["coverage"] if c is not None]
    if covered:
        print(f"Ranges hold {statistics.fmean(covered) * 100:.1f} % of the true numbers.")
    losses = [result["valid_loss"] for result in results]
    print(f"Mean validation loss: {statistics.fmean(losses):.4f}.")


if __name__ == "__main__":
    main()
