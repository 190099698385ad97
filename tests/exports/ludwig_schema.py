#!/usr/bin/env python3
"""Holds the Ludwig configurations against Ludwig's own validation.

    ludwig_schema.py TUNE

TUNE is the built example `tune`. For every task and method it tunes a model on
a few rows of a sample, exports the configuration, has Ludwig read it as it
reads a person's, and looks whether the columns, the task and the split are
those of the recipe. A field that Ludwig does not know has to be refused, or
the check would say nothing.

The last line is "N passed, N failed".
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ludwig.error import ConfigValidationError
from ludwig.schema.model_config import ModelConfig

from samples import BIRDS, QUICK, SAMPLES, shortened

ROWS = 200

PAIRS = ["--text", "text", "--text", "other", "--drop", "intent"]
TEXTS = ("support_intents.csv", ["--target", "intent", "--text", "text"])
ONE_EPOCH = ["--set", "/training/epochs=1"]

# Sample, arguments, the type of the output and those of the inputs.
CASES = {
    "classify, head": (*TEXTS, ["--method", "head"], "category", {"text"}),
    "classify, LoRA": (*TEXTS, ["--method", "lora", *ONE_EPOCH], "category", {"text"}),
    "classify, full": (*TEXTS, ["--method", "full", *ONE_EPOCH], "category", {"text"}),
    "classify, columns": (BIRDS, ["--target", "phase_of_flt", "--drop", "remarks"], QUICK, "category", {"number", "category"}),
    "classify, texts and columns": (BIRDS, ["--target", "phase_of_flt", "--text", "remarks", "--method", "table"], QUICK, "category", {"text", "number", "category"}),
    "classify, texts by LoRA and columns": (
        BIRDS,
        ["--target", "phase_of_flt", "--text", "remarks", "--method", "table"],
        ["--set", "/table/texts=lora", *QUICK],
        "category",
        {"text", "number", "category"},
    ),
    "rank": (BIRDS, ["--target", "tier", "--drop", "remarks", "--drop", "speed", "--task", "rank"], QUICK, "category", {"category"}),
    "regress": (BIRDS, ["--target", "speed", "--drop", "remarks", "--task", "regress"], QUICK, "number", {"category"}),
    "pairs": ("support_intents.csv", ["--target", "same", *PAIRS, "--drop", "score", "--task", "pairs"], QUICK, "category", {"text"}),
    "similarity": ("support_intents.csv", ["--target", "score", *PAIRS, "--drop", "same", "--task", "similarity"], QUICK, "number", {"text"}),
    "label sets": (BIRDS, ["--target", "tags", "--drop", "remarks", "--task", "label_sets", "--method", "table"], QUICK, "set", {"category"}),
}


def main():
    tune = sys.argv[1]
    outcomes = [check(name, tune, *rest) for name, rest in CASES.items()]
    passed = sum(outcomes)
    print(f"{passed} passed, {len(outcomes) - passed} failed")
    sys.exit(passed < len(outcomes))


def check(name, tune, sample, arguments, more, output, inputs):
    with tempfile.TemporaryDirectory(prefix="burnish-ludwig-") as scratch:
        table, made = Path(scratch) / sample, Path(scratch) / "ludwig.yaml"
        shortened(SAMPLES / sample, table, ROWS)
        command = [tune, str(table), *arguments, *more, "--json", "--export", f"ludwig={made}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return told(name, False, done.stderr.strip())
        configuration = json.loads(made.read_text(encoding="utf-8"))
    try:
        read = ModelConfig.from_dict(configuration).to_dict()
    except ConfigValidationError as error:
        return told(name, False, str(error))
    found = {feature["type"] for feature in read["input_features"]}
    answer = read["output_features"][0]["type"]
    if answer != output or not inputs <= found:
        return told(name, False, f"it reads {sorted(found)} and gives a {answer}")
    if read["preprocessing"]["split"]["type"] != configuration["preprocessing"]["split"]["type"]:
        return told(name, False, f"it splits by {read['preprocessing']['split']}")
    wrong = {**configuration, "trainer": {**configuration["trainer"], "no_such_field": 1}}
    try:
        ModelConfig.from_dict(wrong)
    except ConfigValidationError:
        return told(name, True, f"{len(read['input_features'])} inputs, {answer}")
    return told(name, False, "a field that does not exist is not refused")


def told(name, is_ok, what):
    print(f"{'ok    ' if is_ok else 'FAILED'} {name}: {what}", flush=True)
    return is_ok


if __name__ == "__main__":
    main()
