#!/usr/bin/env python3
"""Runs exports with the programs that they are meant for.

    parity.py TUNE [--rows N] [--only WORD]... [--torch] [--feeds FOLDER] [--json OUT]

TUNE is the built example `tune`. For each kind of model it tunes one on a
sample, exports it, unpacks the archive and predicts the whole test part with
the `predict.py` inside, then compares with what `tune` itself predicted.
`--rows` shortens the samples: enough for the formats, which do not care how
good a model is. `--feeds` leaves ONNX files with their inputs and expected
outputs for the browser's test. `--torch` runs the exports that need PyTorch.

The last line is "N passed, N failed".
"""

import argparse
import csv
import datetime
import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx

from samples import BIRDS, QUICK, SAMPLES, shortened

# Largest absolute difference of a probability; of a number, relative to its size.
TOLERANCE = {"onnx": 1e-4, "onnx_f16": 5e-3, "onnx_int8": None, "hugging_face": 1e-4, "peft": 1e-4}

# By how much 8 bits may move the share of right labels.
ACCURACY_TOLERANCE = 0.01

# One row may move however few there are, and a half for what subtracting two shares adds.
ROWS_MOVED = 1.5

ONNX = ["onnx", "onnx_f16", "onnx_int8"]

# Encoders that a person brought, of each architecture, and how they are tuned.
ENCODERS = Path(__file__).resolve().parent.parent / "fixtures" / "encoders"
OWN = [("distilbert", "lora"), ("roberta", "full"), ("xlm_roberta", "head"), ("bert_cls", "lora"), ("bert_max", "head")]
CASES = {
    "head": ("support_intents.csv", ["--target", "intent", "--text", "text", "--method", "head"], [*ONNX, "hugging_face"]),
    "lora": (
        "support_intents.csv",
        ["--target", "intent", "--text", "text", "--method", "lora", "--set", "/training/epochs=2"],
        [*ONNX, "hugging_face", "peft"],
    ),
    "full": (
        "support_intents.csv",
        ["--target", "intent", "--text", "text", "--method", "full", "--set", "/training/epochs=1"],
        [*ONNX, "hugging_face"],
    ),
    "contrastive": (
        "support_intents.csv",
        ["--target", "intent", "--text", "text", "--method", "contrastive", "--set", "/tuning/contrastive/budget=400"],
        [*ONNX, "hugging_face"],
    ),
    "table, labels": (BIRDS, ["--target", "phase_of_flt", "--drop", "remarks", *QUICK], ONNX),
    "table, ranks": (BIRDS, ["--target", "tier", "--drop", "remarks", "--drop", "speed", "--task", "rank", *QUICK], ONNX),
    "table, number": (BIRDS, ["--target", "speed", "--drop", "remarks", "--task", "regress", *QUICK], ONNX),
    "table, logarithm": (
        BIRDS,
        ["--target", "speed", "--drop", "remarks", "--task", "regress", "--set", "/table/is_log=true", *QUICK],
        ["onnx"],
    ),
    "table, sets": (
        BIRDS,
        ["--target", "tags", "--drop", "remarks", "--task", "label_sets", "--method", "table", *QUICK],
        ["onnx"],
    ),
    "texts and columns, LoRA": (
        BIRDS,
        ["--target", "phase_of_flt", "--text", "remarks", "--method", "table", "--set", "/table/texts=lora", *QUICK],
        ONNX,
    ),
    **{
        f"own {folder}": (
            "support_intents.csv",
            ["--target", "intent", "--text", "text", "--method", method, "--set", "/training/epochs=1", "--encoder", str(ENCODERS / folder)],
            ["hugging_face"],
        )
        for folder, method in OWN
    },
    "texts and columns": (BIRDS, ["--target", "phase_of_flt", "--text", "remarks", "--method", "table", *QUICK], ONNX),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tune")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--feeds", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    for name, (sample, arguments, kinds) in CASES.items():
        if options.only and not any(word in name for word in options.only):
            continue
        kinds = [kind for kind in kinds if options.torch or kind in ONNX]
        if not kinds:
            continue
        with tempfile.TemporaryDirectory(prefix="burnish-exports-") as scratch:
            results += case(name, sample, arguments, kinds, options, Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))
    failed = sum(not result["ok"] for result in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


def case(name, sample, arguments, kinds, options, scratch):
    table = scratch / sample
    rows = shortened(SAMPLES / sample, table, options.rows)
    wanted = [f"{kind}={scratch / kind}.zip" for kind in kinds]
    command = [options.tune, str(table), *arguments, "--predictions", str(scratch / "own.csv"), "--json"]
    command += [word for export in wanted for word in ("--export", export)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return [told(name, "tune", False, done.stderr.strip())]
    own = list(csv.DictReader((scratch / "own.csv").open(encoding="utf-8", newline="")))
    tested = [rows[int(row["row"])] for row in own]
    results = []
    for kind in kinds:
        folder = scratch / kind.replace("_", "-")
        with zipfile.ZipFile(scratch / f"{kind}.zip") as archive:
            archive.extractall(folder)
        size = (scratch / f"{kind}.zip").stat().st_size
        if kind in ONNX:
            found = by_onnx(folder, tested, options.feeds and options.feeds / f"{name}-{kind}".replace(", ", "-").replace(" ", "-"))
        else:
            found = by_torch(kind, folder, tested, scratch)
        results += compared(name, kind, own, found, size)
    return results


def by_onnx(folder, rows, feeds):
    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    predict = module(folder / "predict.py")
    model = predict.Model(folder)
    rows = [{name: cell_of(model, name, cell) for name, cell in row.items()} for row in rows]
    if feeds:
        leave_feeds(model, rows, folder, feeds)
    return model.predict(rows)


def cell_of(model, name, cell):
    """A cell as the export's README asks for it: dates as Unix seconds."""
    feed = {column["name"]: column["feed"] for column in model.about["columns"]}.get(name)
    if feed == "unix_seconds" and cell:
        moment = datetime.datetime.strptime(cell, "%m/%d/%Y %H:%M:%S")
        return moment.replace(tzinfo=datetime.timezone.utc).timestamp()
    return cell


def leave_feeds(model, rows, folder, feeds):
    """Writes what goes in and what comes out, for a runtime that has no tokenizer."""
    session = model.session
    kept = {}

    class Listening:
        def run(self, names, feed):
            kept.update(feed)
            return session.run(names, feed)

    model.session = Listening()
    answers = model.predict(rows[:50])
    model.session = session
    feeds.mkdir(parents=True, exist_ok=True)
    (feeds / "model.onnx").write_bytes((folder / "model.onnx").read_bytes())
    inputs = {
        name: {
            "dims": list(value.shape),
            "type": {"float64": "float64", "float32": "float32", "int64": "int64"}.get(value.dtype.name, "string"),
            # JSON has no NaN.
            "data": [None if value != value else value for value in value.ravel().tolist()],
        }
        for name, value in kept.items()
    }
    expected = [answer if isinstance(answer, float) else list(answer.values()) for answer in answers]
    (feeds / "feeds.json").write_text(json.dumps({"inputs": inputs, "expected": expected}))


def by_torch(kind, folder, rows, scratch):
    command = [sys.executable, str(folder / "predict.py")]
    if kind == "peft":
        # The adapter lies beside a base model, which a head alone leaves as it is.
        command.append(str(base_folder(scratch)))
        return [run_json(command, rows)]
    return [run_json(command, rows), run_json([*command, "--transformers"], rows)]


def base_folder(scratch):
    folder = scratch / "base"
    if not folder.exists():
        table = scratch / "base.csv"
        shortened(SAMPLES / "support_intents.csv", table, 300)
        command = [sys.argv[1], str(table), "--target", "intent", "--text", "text", "--method", "head", "--json"]
        subprocess.run([*command, "--export", f"hugging_face={scratch / 'base.zip'}"], check=True, capture_output=True)
        with zipfile.ZipFile(scratch / "base.zip") as archive:
            archive.extractall(folder)
    return folder


def run_json(command, rows):
    done = subprocess.run(command, input=json.dumps(rows), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def module(path):
    spec = importlib.util.spec_from_file_location("predict", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def compared(name, kind, own, found, size):
    runs = found if kind in ("hugging_face", "peft") else [found]
    programs = {"hugging_face": ["sentence-transformers", "transformers"], "peft": ["peft"]}.get(kind, ["onnxruntime"])
    results = []
    for program, found in zip(programs, runs):
        labels = [column[2:] for column in own[0] if column.startswith("p_")]
        if labels:
            truth = np.array([[float(row[f"p_{label}"]) for label in labels] for row in own])
            answers = np.array([[row[label] for label in labels] for row in found])
            off = float(np.abs(truth - answers).max())
        else:
            truth = np.array([float(row["prediction"]) for row in own])
            answers = np.array(found)
            off = float((np.abs(truth - answers) / np.maximum(1.0, np.abs(truth))).max())
        limit = TOLERANCE[kind]
        if limit is not None:
            results.append(told(name, kind, off <= limit, f"{program}: {len(own)} rows, off by {off:.1e} at the most", off=off, rows=len(own), bytes=size))
        elif labels and ";" not in own[0]["truth"]:
            named = np.array([labels.index(row["truth"]) for row in own])
            right = [float((shares.argmax(1) == named).mean()) for shares in (truth, answers)]
            is_ok = abs(right[0] - right[1]) <= max(ACCURACY_TOLERANCE, ROWS_MOVED / len(own))
            results.append(told(name, kind, is_ok, f"{program}: {len(own)} rows, {right[0]:.2%} right before and {right[1]:.2%} after, off by {off:.1e}", off=off, rows=len(own), bytes=size, right=right))
        else:
            results.append(told(name, kind, off <= 0.05, f"{program}: {len(own)} rows, off by {off:.1e} at the most", off=off, rows=len(own), bytes=size))
    return results


def told(name, kind, is_ok, what, **figures):
    print(f"{'ok    ' if is_ok else 'FAILED'} {name}, {kind}: {what}", flush=True)
    return {"case": name, "kind": kind, "ok": bool(is_ok), "what": what, **figures}


if __name__ == "__main__":
    main()
