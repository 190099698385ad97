#!/usr/bin/env python3
"""Draws what scripts/bench_transfer_tables.py measured as learning curves over target rows.

    python3 scripts/plot_transfer.py RESULTS.jsonl [--texts TABLE.md]... OUT.svg

One panel a pair: mean over the draws from scratch and from the source, with the range of the draws as
a bar. `--texts` adds a panel of a table that scripts/bench_transfer.py printed.
"""

import argparse
import json
import pathlib
import re
import statistics
from collections import defaultdict

TITLES = {
    "bikes": "Bikes, 2011 to 2012",
    "california": "California, coast to inland",
    "students": "Students, Portuguese to maths",
    "heart": "Heart, Cleveland to Hungary",
    "wine": "Wine, white to red",
}
NAMES = {"lora": "LoRA"}
WIDTH, HEIGHT, COLUMNS = 270, 200, 3
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 30, 36
# Told apart without colour as well: one is dashed. Read on light and on dark.
WAYS = {"alone": ("#8a8f98", "from scratch", "5 4"), "again": ("#4f7cff", "from the source", "")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--texts", type=pathlib.Path, action="append", default=[])
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    panels = of_tables(options.results) + [panel for path in options.texts for panel in of_texts(path)]
    across = min(COLUMNS, len(panels))
    down = -(-len(panels) // across)
    size = f"{across * WIDTH} {down * HEIGHT + 24}"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="11" fill="#8a8f98">']
    for at, panel in enumerate(panels):
        x, y = at % across * WIDTH, at // across * HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{drawn(*panel)}</g>')
    for at, (colour, name, dash) in enumerate(WAYS.values()):
        x, y = 48 + 130 * at, down * HEIGHT + 12
        parts.append(f'<path d="M{x} {y}h24" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts.append(f'<text x="{x + 30}" y="{y + 4}">{name}</text>')
    options.out.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def of_tables(path):
    """Title, metric, and of each way the values by rows."""
    runs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    panels = []
    for name, title in TITLES.items():
        own = [run for run in runs if run["pair"] == name]
        if not own:
            continue
        of_way = {way: defaultdict(list) for way in WAYS}
        for run in own:
            for way in WAYS:
                of_way[way][run["rows"]].append(run[way])
        panels.append((title, own[0]["metric"], of_way))
    return panels


def of_texts(path):
    """The same of a printed table; a mean is all that it tells."""
    of_method = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| \n").split("|")]
        if len(cells) < 4 or not cells[1].isdigit():
            continue
        of_way = of_method.setdefault(cells[0], {way: defaultdict(list) for way in WAYS})
        for way, cell in zip(WAYS, cells[2:4]):
            of_way[way][int(cells[1])].append(float(re.match(r"[\d.]+", cell)[0]) / 100)
    return [(f"Reviews, Amazon to Yelp ({NAMES.get(method, method)})", "accuracy", ways) for method, ways in of_method.items()]


def drawn(title, metric, of_way):
    rows = sorted({row for values in of_way.values() for row in values})
    everything = [value for values in of_way.values() for own in values.values() for value in own]
    low, high = min(everything), max(everything)
    pad = (high - low) * 0.08 or 1.0
    low, high = low - pad, high + pad
    step = (WIDTH - LEFT - RIGHT) / max(1, len(rows) - 1) if len(rows) > 1 else 0
    middle = LEFT if len(rows) > 1 else (LEFT + WIDTH - RIGHT) / 2
    x = {row: middle + step * at for at, row in enumerate(rows)}
    y = lambda value: TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)
    better = "higher is better" if metric == "accuracy" else "lower is better"
    parts = [f'<text x="{LEFT}" y="14" font-weight="bold">{title}</text>']
    parts.append(f'<text x="{LEFT}" y="26" font-size="9">{metric.upper() if metric == "rmse" else metric}, {better}</text>')
    for value in (low + pad, (low + high) / 2, high - pad):
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#8a8f98" stroke-opacity=".25"/>')
        said = f"{value:.3g}" if high < 1e4 else f"{value / 1000:.0f}k"
        parts.append(f'<text x="{LEFT - 5}" y="{y(value) + 4:.1f}" text-anchor="end">{said}</text>')
    for row in rows:
        parts.append(f'<text x="{x[row]:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{row}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">rows of the target</text>')
    for way, values in of_way.items():
        colour, _, dash = WAYS[way]
        points = [(x[row], y(statistics.fmean(values[row]))) for row in rows if values[row]]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        for row, (px, py) in zip([row for row in rows if values[row]], points):
            top, bottom = y(max(values[row])), y(min(values[row]))
            parts.append(f'<path d="M{px:.1f} {top:.1f}V{bottom:.1f}" stroke="{colour}" stroke-width="1.5"/>')
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>')
    return "".join(parts)


if __name__ == "__main__":
    main()
