"""A Node.js that is none: programs of that name which do what building needs, in no time."""

from __future__ import annotations

import sys
from pathlib import Path

# What it was called with goes into a file beside it, one call a line.
_NPM = """\
import os, pathlib, sys
words = sys.argv[1:]
with open({log!r}, "a") as log:
    print(*words, file=log)
folder = pathlib.Path.cwd()
if os.environ.get("npm_breaks") == words[0]:
    sys.exit("npm error cannot reach anything")
if words[0] == "ci":
    (folder / "node_modules").mkdir(exist_ok=True)
    (folder / "node_modules" / ".package-lock.json").write_text("{{}}")
elif os.environ.get("npm_breaks") != "silently":
    built = folder.parents[1] / "src" / "pytlas_wamp" / "web"
    (built / "assets").mkdir(parents=True, exist_ok=True)
    (built / "index.html").write_text((folder / "index.html").read_text())
    (built / "assets" / "chat-D4f6G8h0.js").write_text("go()")
"""


def write_node(folder: Path, version: str = "v24.1.0") -> Path:
    """Writes `node` and `npm` into a folder, and returns where npm notes its calls."""
    folder.mkdir(exist_ok=True)
    log = folder / "npm.log"
    _write_program(folder / "node", f"print({version!r})")
    _write_program(folder / "npm", _NPM.format(log=str(log)))
    return log


def write_web_client(root: Path) -> Path:
    """Writes the sources of a small web client into a checkout, and returns their folder."""
    sources = root / "clients" / "web"
    for name, text in {
        "package.json": "{}",
        "package-lock.json": "{}",
        "index.html": "<title>Chat</title>",
        "client/src/index.ts": "export {};",
        "client/test/index.test.ts": "",
    }.items():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_text(text)
    return sources


def _write_program(file: Path, text: str) -> None:
    file.write_text(f"#!{sys.executable}\n{text}\n")
    file.chmod(0o755)
