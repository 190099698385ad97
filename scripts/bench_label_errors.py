"""Flips labels at random and sees whether they are found, beside cleanlab on the same probabilities.

    python3 scripts/bench_label_errors.py FILE.csv:TARGET [FILE.csv:TARGET ...] [--share 0.05]
        [--seeds 3] [--example target/release/examples/tune]

Needs `pip install "cleanlab==2.9.*"`, and the example built before:

    ./dev exec cargo build --release --example tune

Of every file 5 % of the labels are exchanged for another one. The example writes out-of-fold
probabilities of the rows that are not sealed (`--suspects`), with its own ranking; cleanlab ranks
by the same probabilities. The figure is the share of flipped rows among as many as were flipped,
the worst first.
"""

import argparse
import csv
import pathlib
import random
import statistics
import subprocess
import tempfile

import numpy
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores


def flipped(source, target, share, seed, out):
    """Copies a CSV with a share of the labels exchanged; gives the indices of those rows."""
    with open(source, newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    column = head.index(target)
    labels = sorted({row[column] for row in rows})
    draw = random.Random(seed)
    chosen = draw.sample(range(len(rows)), round(share * len(rows)))
    for at in chosen:
        rows[at][column] = draw.choice([label for label in labels if label != rows[at][column]])
    with open(out, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head] + rows)
    return set(chosen)


def first(ranked, quality, number):
    """So many rows: those in doubt by rank, then the others by the quality of their label."""
    rest = [at for at in numpy.argsort(quality, kind="stable") if at not in set(ranked)]
    return [*ranked, *rest][:number]


def judge(suspects, wrong):
    """Precision at the number flipped: ours, cleanlab's."""
    with open(suspects, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name.startswith("p_")]
    given = numpy.array([names.index("p_" + row["given"]) for row in rows])
    probabilities = numpy.array([[float(row[name]) for name in names] for row in rows])
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    is_wrong = numpy.array([int(row["row"]) in wrong for row in rows])
    number = int(is_wrong.sum())

    ranked = sorted((int(row["rank"]), at) for at, row in enumerate(rows) if row["rank"])
    ours = first([at for _, at in ranked], [float(row["quality"]) for row in rows], number)
    found = find_label_issues(
        given,
        probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
    )
    quality = get_label_quality_scores(given, probabilities, method="normalized_margin")
    theirs = first(list(found), quality, number)
    return number, len(rows), is_wrong[ours].mean(), is_wrong[theirs].mean(), len(ranked), len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--example", default="target/release/examples/tune")
    arguments = parser.parse_args()
    print("| set | rows | flipped | in doubt | precision | cleanlab's |")
    print("|---|---:|---:|---:|---:|---:|")
    for entry in arguments.sets:
        source, target = entry.rsplit(":", 1)
        results = []
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                noisy = pathlib.Path(folder, pathlib.Path(source).name)
                out = pathlib.Path(folder, "suspects.csv")
                wrong = flipped(source, target, arguments.share, seed, noisy)
                command = [arguments.example, noisy, "--target", target, "--text", "text"]
                command += ["--method", "head", "--seed", str(seed), "--suspects", out, "--json"]
                subprocess.run(command, check=True)
                results.append(judge(out, wrong))
        number, rows, ours, theirs, doubted, _ = (
            statistics.mean(figures) for figures in zip(*results)
        )
        print(
            f"| {pathlib.Path(source).stem} | {rows:.0f} | {number:.0f} | {doubted:.0f} "
            f"| {100 * ours:.1f} % | {100 * theirs:.1f} % |",
            flush=True,
        )


if __name__ == "__main__":
    main()
