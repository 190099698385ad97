#!/usr/bin/env python3
"""What scikit-learn makes of the pairs of bench_transfer_tables.py: is there anything to carry over?

    python3 scripts/bench_transfer_scikit.py DATA [--pairs students,wine,heart] [--seeds 10]

Same tables, draws and test rows. A random forest of the source's rows is carried to the target in four
ways: as it is but for its level, with a forest of what it misses, as one more column of a forest, and by a
forest of both tables' rows that together weigh the same. Beside them a forest and a penalised linear model
of the target's rows alone. Gaps are filled by medians, categories are flags. Needs scikit-learn and pandas.
"""

import argparse
import pathlib
import random
import statistics

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.preprocessing import StandardScaler

from bench_transfer_tables import PAIRS, parts

MISSING = ["", "?", "NA"]


def encoded(rows, pair, columns):
    parts = []
    frame = pd.DataFrame(rows)
    for name, levels in columns.items():
        if levels is None:
            numbers = pd.to_numeric(frame[name].replace(MISSING, np.nan), errors="coerce").to_numpy(float)
            parts.append(np.where(np.isnan(numbers), np.nanmedian(pair["numbers"][name]), numbers)[:, None])
        else:
            parts += [(frame[name] == level).to_numpy(float)[:, None] for level in levels]
    return np.hstack(parts)


def columns_of(frame, pair):
    """Columns of numbers, and the levels of the others."""
    columns, pair["numbers"] = {}, {}
    for name in frame:
        filled = frame[name].replace(MISSING, np.nan)
        numbers = pd.to_numeric(filled, errors="coerce")
        is_number = numbers.notna().sum() >= 0.9 * filled.notna().sum()
        pair["numbers"][name] = numbers.to_numpy(float)
        columns[name] = None if is_number else sorted(frame[name].unique())
    return columns


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--pairs", default="students,wine,heart")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    for name in options.pairs.split(","):
        pair = dict(PAIRS[name])
        source, pool, test = parts(options.data, pair)
        inputs = [column for column in source[0] if column not in (pair["predict"], *pair["drop"])]
        columns = columns_of(pd.DataFrame(source + test + pool)[inputs], pair)
        compare(name, pair, columns, source, pool, test, options.seeds)


def compare(name, pair, columns, source, pool, test, seeds):
    is_label = pair.get("task") == "classify"
    labels = sorted({row[pair["predict"]] for row in source})
    answer = lambda row: float(labels.index(row[pair["predict"]]) if is_label else row[pair["predict"]])
    both = lambda rows: (encoded(rows, pair, columns), np.array([answer(row) for row in rows]))
    (xs, ys), (xt, yt) = both(source), both(test)
    scale = StandardScaler().fit(xs)
    forest = lambda: (RandomForestClassifier if is_label else RandomForestRegressor)(300, random_state=0, min_samples_leaf=2)
    said = (lambda model, x: model.predict_proba(x)[:, 1]) if is_label else (lambda model, x: model.predict(x))
    logit = lambda p: np.log(np.clip(p, 0.01, 0.99) / (1 - np.clip(p, 0.01, 0.99)))[:, None]
    figure = lambda p: float(np.mean((p >= 0.5) == (yt > 0.5))) if is_label else float(np.sqrt(np.mean((p - yt) ** 2)))
    big = forest().fit(xs, ys)
    carried = said(big, xt)
    print(f"{name}: the source's forest as it is {figure(carried):.4g}")
    for number in pair["rows"]:
        found = {}
        for seed in range(1, seeds + 1):
            xn, yn = both(random.Random(seed).sample(pool, number))
            own = said(big, xn)
            add = lambda way, p: found.setdefault(way, []).append(figure(p))
            add("forest alone", said(forest().fit(xn, yn), xt))
            if is_label:
                line = LogisticRegression(C=0.1, max_iter=1000).fit(scale.transform(xn), yn)
                add("linear alone", said(line, scale.transform(xt)))
                level = LogisticRegression().fit(logit(own), yn)
                add("level", said(level, logit(carried)))
                stacked = LogisticRegression(C=0.1, max_iter=1000).fit(np.c_[scale.transform(xn), logit(own)], yn)
                add("linear with a column more", said(stacked, np.c_[scale.transform(xt), logit(carried)]))
            else:
                line = RidgeCV(np.logspace(-1, 4, 20)).fit(scale.transform(xn), yn)
                add("linear alone", line.predict(scale.transform(xt)))
                add("level", carried + (yn - own).mean())
                add("what it misses", carried + forest().fit(xn, yn - own).predict(xt))
            add("a column more", said(forest().fit(np.c_[xn, own], yn), np.c_[xt, carried]))
            weights = np.r_[np.full(len(xs), number / len(xs)), np.ones(number)]
            together = np.c_[np.vstack([xs, xn]), np.r_[np.zeros(len(xs)), np.ones(number)]]
            joint = forest().fit(together, np.r_[ys, yn], sample_weight=weights)
            add("both tables", said(joint, np.c_[xt, np.ones(len(xt))]))
        ways = (f"{way} {statistics.fmean(values):.4g} ± {statistics.pstdev(values):.2g}" for way, values in found.items())
        print(f"  {number} rows: " + ", ".join(ways), flush=True)


if __name__ == "__main__":
    main()
