"""Predicts rows with the adapter in this folder beside its base model.

    pip install peft transformers
    python predict.py [BASE] < rows.json

Reads a list of objects from column names to cells, and writes a list of
objects from labels to probabilities. BASE is the folder of the base model;
without it, the published one is fetched.
"""

import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

FOLDER = Path(__file__).resolve().parent


def scores(texts, base, max_tokens):
    tokenizer = AutoTokenizer.from_pretrained(base)
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False)
    encoder = PeftModel.from_pretrained(encoder, FOLDER).eval()
    head = load_file(FOLDER / "head.safetensors")
    found = []
    for start in range(0, len(texts), 32):
        part = texts[start : start + 32]
        read = tokenizer(part, padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
        hidden = encoder(input_ids=read["input_ids"], attention_mask=read["attention_mask"]).last_hidden_state
        mask = read["attention_mask"].unsqueeze(-1)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        unit = torch.nn.functional.normalize(mean, dim=1)
        found.append(unit @ head["linear.weight"].T + head["linear.bias"])
    return torch.cat(found)


if __name__ == "__main__":
    about = json.loads((FOLDER / "burnish.json").read_text(encoding="utf-8"))
    config = json.loads((FOLDER / "adapter_config.json").read_text(encoding="utf-8"))
    base = sys.argv[1] if len(sys.argv) > 1 else config["base_model_name_or_path"]
    texts = [
        "\n".join(cell for name in about["text"] if (cell := str(row.get(name) or "")).strip())
        for row in json.load(sys.stdin)
    ]
    with torch.inference_mode():
        shares = torch.softmax(scores(texts, base, about["max_tokens"]), dim=1)
    json.dump([dict(zip(about["labels"], row)) for row in shares.tolist()], sys.stdout)
