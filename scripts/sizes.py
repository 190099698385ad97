#!/usr/bin/env python3
"""Prints what a visitor downloads: every wasm module of a built site, as it is and compressed.

Fails when the page is larger than its budget, which every visit pays before anything is shown.

Compressing 20 MB at Brotli's highest level takes half a minute, so sizes are
kept by the content of the module.

Usage: sizes.py DIST CACHE
"""

import gzip
import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


PAGE_BUDGET = 350_000
"""Bytes of the page's module, compressed by Brotli."""


def main() -> None:
    dist, cache = Path(sys.argv[1]), Path(sys.argv[2])
    cache.mkdir(parents=True, exist_ok=True)
    modules = sorted(dist.rglob("*.wasm"))
    # Threads suffice: the work is done by another process and by a C library
    # that releases the interpreter.
    with ThreadPoolExecutor() as pool:
        sizes = list(pool.map(lambda module: sizes_of(module, cache), modules))
    print(f"{'module':<24}{'raw':>12}{'gzip -9':>12}{'brotli -q 11':>14}")
    for module, size in zip(modules, sizes):
        print(f"{module.name:<24}{size['raw']:>12,}{size['gzip']:>12,}{size['brotli']:>14,}")
    page = sum(size["brotli"] for module, size in zip(modules, sizes) if module.name.startswith("app"))
    if not 0 < page <= PAGE_BUDGET:
        sys.exit(f"sizes: the page has {page:,} bytes compressed; its budget is {PAGE_BUDGET:,}.")


def sizes_of(module: Path, cache: Path) -> dict[str, int]:
    content = module.read_bytes()
    kept = cache / f"{hashlib.sha256(content).hexdigest()}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    brotli = subprocess.run(["brotli", "-q", "11", "--stdout", str(module)], stdout=subprocess.PIPE, check=True)
    sizes = {"raw": len(content), "gzip": len(gzip.compress(content, 9)), "brotli": len(brotli.stdout)}
    kept.write_text(json.dumps(sizes))
    return sizes


if __name__ == "__main__":
    main()
