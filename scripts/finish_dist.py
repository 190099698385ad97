#!/usr/bin/env python3
"""Turns what Trunk staged into what gets deployed. Trunk runs it as a hook.

1. The modules lose the names of their functions, which only a debugger reads.
   They are a quarter of the GPU worker's bytes: 27.6 MB fall to 19.8 MB, and
   2.28 MB in Brotli.

   This is in place of wasm-opt, whose smaller module compresses worse. Measured
   on a CPU worker of 5.67 MB, 1.32 MB in gzip: -Os gave 5.01 and 1.44 MB, -O1
   gave 5.42 and 1.31 MB. Version 108, which Debian 12 has, moreover breaks the
   modules of wasm-bindgen: it exports the wrong table.

2. Files that a browser may keep for ever move into `assets/`, each program in
   a folder named by its content:

       assets/app-<hash>/app.js, app_bg.wasm
       assets/worker-<hash>/worker.js, worker_bg.wasm
       assets/worker-gpu-<hash>/...
       assets/style-<hash>.css

   A folder and not a file name, because the files of one program refer to each
   other by name. So a browser never pairs a new page with a worker out of its
   cache.

   A worker's loader, one line of script, stays at the top, as
   `worker-<hash>.js`: a worker finds `models/` beside the script that it was
   started from. index.html is rewritten to the new places, the loaders' in
   `<meta name="burnish:worker...">`. So are burnish.js, which starts workers
   on other pages, and one-page.html, which says what an exported page holds;
   both keep their names, as others refer to them.

3. The base model's shipped files and the licences are copied in.

4. The hashes of the inline scripts go into the Content-Security-Policy, both
   in `_headers` and, for hosts that ignore that file, as a `<meta>` element.

5. `embed.html` is made: the same page with a mark by which it shows nothing but
   the demo of its address. It alone may stand inside other pages, and gets a
   rule of its own in `_headers` that says so.

Environment: TRUNK_STAGING_DIR (set by Trunk), BURNISH_MODELS (set by ./dev;
the folder that scripts/base_model.py filled).
"""

import base64
import hashlib
import html.parser
import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The binaries. Trunk writes NAME.js and NAME_bg.wasm for each, and for a worker
# NAME_loader.js as well.
PROGRAMS = ["app", "worker", "worker-gpu"]
STYLE = "style.css"

# The one that runs in an exported page.
ONE_PAGE_PROGRAM = "worker"

# Files besides index.html that name the programs.
OTHERS = ["burnish.js", "one-page.html"]

# Scripts that wasm-bindgen lays beside the programs, in a folder that all of
# them share.
SNIPPETS = "snippets"

# Custom sections of a module that the browser has no use for. rustc could leave
# them out (`strip = "symbols"`), but then leaves out `target_features` as well,
# without which wasm-bindgen does not know what the module may use.
UNUSED_SECTIONS = {"name", "producers"}

MODEL = "all-MiniLM-L6-v2"
# `model-f32.safetensors` stays behind: it serves the native parity tests only.
SHIPPED_MODEL_FILES = ["model.safetensors", "tokenizer.json", "config.json", "NOTICE.txt"]
LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"]

# 64 bits: enough that two builds of one program never share a name.
HASH_DIGITS = 16

EMPTY_POLICY = '<meta http-equiv="Content-Security-Policy" content="">'
# A browser ignores this directive in a <meta> element and says so in its console.
HEADER_ONLY_DIRECTIVE = "frame-ancestors"
NO_FRAME = "frame-ancestors 'none'"

FRAMED_PAGE = "embed.html"
# Without its ending as well: some hosts serve pages so.
FRAMED_PATHS = ["/embed.html", "/embed"]
FRAMED_MARK = '<meta name="burnish:framed" content="">'
# Where hosts join what several rules say of one header, `!` takes away what came
# before. Others take the more specific rule and pass over these lines. A host
# that did neither would refuse the frame.
FRAMED_RULE = """
# The one page that may stand inside others. It shows the demo of its address and nothing else.
{path}
  ! Content-Security-Policy
  ! Cross-Origin-Resource-Policy
  Content-Security-Policy: {policy}
  Cross-Origin-Resource-Policy: cross-origin
"""


def main() -> None:
    dist = Path(os.environ["TRUNK_STAGING_DIR"])
    models = Path(os.environ["BURNISH_MODELS"])
    page = (dist / "index.html").read_text()
    for module in dist.glob("*.wasm"):
        module.write_bytes(without_unused_sections(module.read_bytes()))
    page = name_by_content(dist, page)
    copy_models(models / MODEL, dist / "models" / MODEL)
    for licence in LICENCES:
        shutil.copyfile(ROOT / licence, dist / licence)
    page, policy = write_policy(dist / "_headers", page)
    (dist / "index.html").write_text(page)
    write_framed_page(dist, page, policy)


def without_unused_sections(module: bytes) -> bytes:
    """A module is 8 bytes of magic, then sections: an id, a length, content. Custom ones (id 0) begin with a name."""
    kept, at = [module[:8]], 8
    while at < len(module):
        start, (length, body) = at, read_leb128(module, at + 1)
        at = body + length
        if module[start] == 0:
            name_length, name = read_leb128(module, body)
            if module[name : name + name_length].decode() in UNUSED_SECTIONS:
                continue
        kept.append(module[start:at])
    return b"".join(kept)


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number in 7-bit groups, the lowest first. Returns it and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def name_by_content(dist: Path, page: str) -> str:
    """Moves the programs and the style sheet into `assets/`. Returns the page with the new addresses."""
    assets = dist / "assets"
    assets.mkdir()
    others = {name: (dist / name).read_text() for name in OTHERS}
    for program in PROGRAMS:
        script, module, loader = (dist / f"{program}{ending}" for ending in (".js", "_bg.wasm", "_loader.js"))
        snippets = sorted((dist / SNIPPETS).rglob("*.js")) if f"./{SNIPPETS}/" in script.read_text() else []
        folder = assets / f"{program}-{content_hash([script, module, *snippets])}"
        folder.mkdir()
        address = f"assets/{folder.name}/"
        if snippets:
            shutil.copytree(dist / SNIPPETS, folder / SNIPPETS)
            page = move(page, SNIPPETS + "/", address + SNIPPETS + "/", at_least=0)
        if loader.exists():
            loading = move(loader.read_text(), script.name, address + script.name)
            loader.unlink()
            (dist / f"{folder.name}.js").write_text(loading)
            page = move(page, loader.name, f"{folder.name}.js")
            others["burnish.js"] = move(others["burnish.js"], loader.name, f"{folder.name}.js")
        else:
            page = move(page, script.name, address + script.name)
            page = move(page, module.name, address + module.name)
        if program == ONE_PAGE_PROGRAM:
            if snippets:
                sys.exit("finish_dist: an exported page has no place for snippets")
            for file in (script, module):
                others["one-page.html"] = move(others["one-page.html"], file.name, address + file.name)
        script.rename(folder / script.name)
        module.rename(folder / module.name)
    for name, text in others.items():
        (dist / name).write_text(text)
    style = dist / STYLE
    named = assets / f"style-{content_hash([style])}.css"
    style.rename(named)
    page = move(page, STYLE, f"assets/{named.name}")
    shutil.rmtree(dist / SNIPPETS, ignore_errors=True)
    return page


def move(text: str, old: str, new: str, at_least: int = 1) -> str:
    """Replaces an address wherever it stands as a whole: after a quote, with or without `./`."""
    text, count = re.subn(rf"(?<=[\"'])(?:\./)?{re.escape(old)}", f"./{new}", text)
    if count < at_least:
        sys.exit(f"finish_dist: nothing mentions {old}")
    return text


def content_hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:HASH_DIGITS]


def copy_models(source: Path, target: Path) -> None:
    if not (source / "manifest.json").is_file():
        sys.exit(f"finish_dist: no base model in {source}; ./dev setup prepares it")
    target.mkdir(parents=True)
    for name in SHIPPED_MODEL_FILES:
        shutil.copyfile(source / name, target / name)


def write_policy(headers: Path, page: str) -> tuple[str, str]:
    """Completes the policy in `_headers`. Returns the page with the same policy in it, and the policy."""
    collector = InlineScripts()
    collector.feed(page)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in collector.scripts]
    text = headers.read_text()
    policies = re.findall(r"^ +Content-Security-Policy: (.+)$", text, re.MULTILINE)
    if len(policies) != 1 or "INLINE-SCRIPTS" not in policies[0]:
        sys.exit("finish_dist: _headers must have one Content-Security-Policy, and INLINE-SCRIPTS in it")
    policy = " ".join(policies[0].replace("INLINE-SCRIPTS", " ".join(hashes)).split())
    headers.write_text(text.replace(policies[0], policy))

    in_page = "; ".join(part for part in policy.split("; ") if not part.startswith(HEADER_ONLY_DIRECTIVE))
    if page.count(EMPTY_POLICY) != 1:
        sys.exit(f"finish_dist: index.html must have exactly one {EMPTY_POLICY}")
    return page.replace(EMPTY_POLICY, EMPTY_POLICY.replace('""', f'"{in_page}"')), policy


def write_framed_page(dist: Path, page: str, policy: str) -> None:
    """Writes the page that may stand inside others, and the rules that let it."""
    if policy.count(NO_FRAME) != 1 or page.count("</title>") != 1:
        sys.exit(f"finish_dist: the policy must have {NO_FRAME}, and index.html one title")
    (dist / FRAMED_PAGE).write_text(page.replace("</title>", f"</title>\n  {FRAMED_MARK}"))
    open_policy = policy.replace(NO_FRAME, "frame-ancestors *")
    with (dist / "_headers").open("a") as headers:
        for path in FRAMED_PATHS:
            headers.write(FRAMED_RULE.format(path=path, policy=open_policy))


class InlineScripts(html.parser.HTMLParser):
    """Collects the text of every script element without a `src`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self.is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self.is_inside = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.scripts[-1] += data


if __name__ == "__main__":
    main()
