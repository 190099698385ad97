"""Tunes on few rows of one source of texts, from scratch and from a model of another source.

    python3 scripts/bench_transfer.py FILE.csv --target label --by source --from amazon --to yelp
        [--rows 10,20,40,80,160] [--seeds 5] [--methods head,lora] [--set POINTER=VALUE]...
        [--example target/release/examples/tune]

Needs the example built before:

    ./dev exec cargo build --release --example tune

The model of the first source is tuned on all of its rows. Of the second source 30 % are the test,
and of the rest so many are drawn as `--rows` says, a quarter of them for validation. Figures are
means of accuracy over the seeds; forgetting is what the first source's test rows lose.
"""

import argparse
import csv
import json
import pathlib
import random
import statistics
import subprocess
import tempfile


def tune(example, source, target, method, *arguments):
    command = [example, source, "--target", target, "--text", "text", "--method", method, "--json"]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def write(path, head, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head] + rows)
    return path


def parts(rows, seed, number, label):
    """Test, and so many of the others with each label in its share, a quarter for validation."""
    draw = random.Random(seed)
    rows = rows[:]
    draw.shuffle(rows)
    test, pool = rows[: len(rows) * 3 // 10], rows[len(rows) * 3 // 10 :]
    labels = sorted({row[label] for row in rows})
    taken = []
    for name in labels:
        taken += [row for row in pool if row[label] == name][: number // len(labels)]
    draw.shuffle(taken)
    by_label = {name: [row for row in taken if row[label] == name] for name in labels}
    marked = [row + ["test"] for row in test]
    for of_label in by_label.values():
        valid = max(1, len(of_label) // 4)
        marked += [row + ["valid"] for row in of_label[:valid]]
        marked += [row + ["train"] for row in of_label[valid:]]
    return marked


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--target", required=True)
    parser.add_argument("--by", required=True)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--rows", default="10,20,40,80,160")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--methods", default="head,lora")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--example", default="target/release/examples/tune")
    arguments = parser.parse_args()
    with open(arguments.file, newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    by, label = head.index(arguments.by), head.index(arguments.target)
    of = lambda name: [row for row in rows if row[by] == name]
    run = lambda *more: tune(arguments.example, *more)
    settings = [part for setting in arguments.set for part in ("--set", setting)]
    print("| method | target rows | from scratch | from the source | better by | forgets |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        first = write(folder / "first.csv", head, of(arguments.source))
        for method in arguments.methods.split(","):
            model = folder / f"{method}.model"
            run(first, arguments.target, method, "--save", model)
            for number in map(int, arguments.rows.split(",")):
                results = []
                for seed in range(1, arguments.seeds + 1):
                    marked = parts(of(arguments.to), seed, number, label)
                    second = write(folder / "second.csv", head + ["part"], marked)
                    split = ["--split-column", "part", "--seed", str(seed), *settings]
                    alone = run(second, arguments.target, method, *split)
                    again = run(second, arguments.target, method, *split, "--from", model)
                    lost = again["carried"]["forgetting"]
                    results.append(
                        (
                            alone["metrics"]["accuracy"],
                            again["metrics"]["accuracy"],
                            lost["before"] - lost["after"],
                        )
                    )
                alone, again, lost = (
                    [100 * figure for figure in figures] for figures in zip(*results)
                )
                gains = [b - a for a, b in zip(alone, again)]
                spread = statistics.stdev(gains) if len(gains) > 1 else 0.0
                print(
                    f"| {method} | {number} | {statistics.mean(alone):.1f} % "
                    f"| {statistics.mean(again):.1f} % | {statistics.mean(gains):+.1f} ± {spread:.1f} "
                    f"| {statistics.mean(lost):+.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
