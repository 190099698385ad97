#!/usr/bin/env python3
"""What PyTorch's full fine-tune of the base model reaches on a fixed split, beside the `tune` example.

    python3 scripts/bench_pytorch.py DATA SET --model FOLDER [--epochs N] [--seeds 0,1,2]

DATA is as in bench_texts.py; FOLDER holds config.json, tokenizer.json and model.safetensors of f32
weights. AdamW, 1e-4 for the encoder and 2e-3 for the head, batches of 32, at most 64 tokens, linear
decay, the model's own dropout, every training row, the last epoch. A line of JSON a seed: the share of
right test rows after each epoch.
"""

import argparse
import csv
import json
import pathlib
import time

import torch
from torch.nn import functional
from transformers import AutoTokenizer, BertModel

BATCH = 32
MOST_TOKENS = 64


class Classifier(torch.nn.Module):
    def __init__(self, folder, labels):
        super().__init__()
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, labels)

    def forward(self, ids, mask):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).float()
        return self.head(functional.normalize((hidden * weight).sum(1) / weight.sum(1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("set")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", default="0,1,2")
    options = parser.parse_args()
    about = json.loads((options.data / "meta.json").read_text())[options.set]
    split = json.loads((options.data / f"splits/{options.set}.json").read_text())
    with open(options.data / about["file"], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = sorted({row[about["target"]] for row in rows})
    truth = torch.tensor([labels.index(row[about["target"]]) for row in rows])
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    texts = [row[about["text"][0]] for row in rows]
    tokens = [tokenizer(text, truncation=True, max_length=MOST_TOKENS)["input_ids"] for text in texts]
    for seed in map(int, options.seeds.split(",")):
        begun = time.time()
        torch.manual_seed(seed)
        model = Classifier(options.model, len(labels))
        epochs = fitted(model, tokens, truth, split["train"], options.epochs, seed)
        accuracy = [right(model, tokens, truth, split["test"]) for _ in epochs]
        found = {"set": options.set, "seed": seed, "accuracy": accuracy, "seconds": round(time.time() - begun)}
        print(json.dumps(found), flush=True)


def fitted(model, tokens, truth, rows, epochs, seed):
    """Trains, and stops after each epoch for whoever wants to look."""
    optimizer = torch.optim.AdamW(
        [{"params": model.encoder.parameters(), "lr": 1e-4}, {"params": model.head.parameters(), "lr": 2e-3}]
    )
    steps = epochs * -(-len(rows) // BATCH)
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0, 1 - step / steps))
    order = torch.Generator().manual_seed(seed)
    for epoch in range(epochs):
        model.train()
        for chosen in torch.randperm(len(rows), generator=order).split(BATCH):
            batch = [rows[at] for at in chosen.tolist()]
            loss = functional.cross_entropy(model(*padded(tokens, batch)), truth[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            decay.step()
        yield epoch


def right(model, tokens, truth, rows):
    model.eval()
    rows = sorted(rows, key=lambda row: len(tokens[row]))
    batches = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
    with torch.inference_mode():
        hits = [(model(*padded(tokens, batch)).argmax(1) == truth[batch]).sum().item() for batch in batches]
    return sum(hits) / len(rows)


def padded(tokens, rows):
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(tokens[row]) for row in rows], batch_first=True)
    lengths = torch.tensor([len(tokens[row]) for row in rows])
    return ids, (torch.arange(ids.shape[1]) < lengths[:, None]).long()


if __name__ == "__main__":
    main()
