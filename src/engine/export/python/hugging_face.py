"""Predicts rows with the model in this folder.

    pip install sentence-transformers
    python predict.py < rows.json

Reads a list of objects from column names to cells, and writes a list of
objects from labels to probabilities. With `--transformers`, the encoder is read
by transformers' AutoModel instead, and the rest is a few lines of PyTorch.
"""

import json
import sys
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent


def texts(rows, columns):
    return ["\n".join(cell for name in columns if (cell := str(row.get(name) or "")).strip()) for row in rows]


def by_sentence_transformers(texts):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(FOLDER), device="cpu")
    return model.encode(texts, convert_to_tensor=True, show_progress_bar=False)


def by_transformers(texts):
    from safetensors.torch import load_file
    from transformers import AutoModel, AutoTokenizer

    def said(path):
        return json.loads((FOLDER / path).read_text(encoding="utf-8"))

    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    more = {} if said("config.json")["model_type"] == "distilbert" else {"add_pooling_layer": False}
    encoder = AutoModel.from_pretrained(FOLDER, **more).eval()
    head = load_file(FOLDER / "3_Dense" / "model.safetensors")
    pooling = said("1_Pooling/config.json")
    prompts = said("config_sentence_transformers.json")
    prefix = prompts["prompts"].get(prompts["default_prompt_name"], "")
    texts = [prefix + text for text in texts]
    scores = []
    for start in range(0, len(texts), 32):
        read = tokenizer(texts[start : start + 32], padding=True, truncation=True, return_tensors="pt")
        hidden = encoder(**read).last_hidden_state
        mask = read["attention_mask"].unsqueeze(-1)
        if pooling["pooling_mode_cls_token"]:
            pooled = hidden[:, 0]
        elif pooling["pooling_mode_max_tokens"]:
            pooled = hidden.masked_fill(mask == 0, -torch.inf).max(1).values
        else:
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        unit = torch.nn.functional.normalize(pooled, dim=1)
        scores.append(unit @ head["linear.weight"].T + head["linear.bias"])
    return torch.cat(scores)


if __name__ == "__main__":
    about = json.loads((FOLDER / "burnish.json").read_text(encoding="utf-8"))
    read = by_transformers if "--transformers" in sys.argv else by_sentence_transformers
    with torch.inference_mode():
        shares = torch.softmax(read(texts(json.load(sys.stdin), about["text"])), dim=1)
    json.dump([dict(zip(about["labels"], row)) for row in shares.tolist()], sys.stdout)
