"""Predicts rows with model.onnx.

    python predict.py < rows.json

Reads a list of objects from column names to cells, and writes a list of
answers: one object from labels to probabilities a row, or one number.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

FOLDER = Path(__file__).resolve().parent


class Model:
    def __init__(self, folder=FOLDER, file="model.onnx"):
        self.about = json.loads((folder / "burnish.json").read_text(encoding="utf-8"))
        self.session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
        self.tokenizer = None
        if (folder / "tokenizer.json").exists():
            from tokenizers import Tokenizer

            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.tokenizer.enable_truncation(self.about["max_tokens"])
            self.tokenizer.enable_padding()

    def predict(self, rows):
        feed = {column["name"]: fed(column, rows) for column in self.about["columns"]}
        if self.tokenizer:
            texts = [
                "\n".join(cell for name in self.about["text"] if (cell := str(row.get(name) or "")).strip())
                for row in rows
            ]
            read = self.tokenizer.encode_batch(texts)
            feed["input_ids"] = np.array([text.ids for text in read], np.int64)
            feed["attention_mask"] = np.array([text.attention_mask for text in read], np.int64)
        (answers,) = self.session.run(None, feed)
        if self.about["task"] == "regress":
            return answers.tolist()
        return [dict(zip(self.about["labels"], row)) for row in answers.tolist()]


def fed(column, rows):
    cells = [row.get(column["name"]) for row in rows]
    if column["feed"] == "text":
        return np.array(["" if cell is None else str(cell).strip() for cell in cells], object)
    if column["feed"] == "flags":
        lists = [cell if isinstance(cell, list) else [] for cell in cells]
        return np.array([[float(entry in cell) for entry in column["entries"]] for cell in lists], np.float32)
    return np.array([np.nan if cell in (None, "") else float(cell) for cell in cells], np.float64)


if __name__ == "__main__":
    json.dump(Model().predict(json.load(sys.stdin)), sys.stdout)
