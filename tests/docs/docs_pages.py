"""The documentation as data: its pages, their blocks, headings and links."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

# Ours to read; .venv and others hold Markdown of strangers.
_FOLDERS = (ROOT, *(path for path in (DOCS, *DOCS.rglob("*")) if path.is_dir()))
PAGES = sorted(
    page
    for folder in (*_FOLDERS, ROOT / "changelog.d", ROOT / "spec")
    for page in folder.glob("*.md")
)

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
_MARK = re.compile(r"<!-- test: (?P<mark>[^\n]+) -->\n\Z")
_GENERATED = re.compile(r"<!-- generated: .*?<!-- end of generated part -->", re.DOTALL)


def name(page):
    """A page's path as people say it; ids of tests."""
    return page.relative_to(ROOT).as_posix()


@frozen
class Block:
    """A fenced block.

    Args:
      page: where it stands.
      kind: what follows the fence, such as `python`.
      text: what is in it.
      mark: what a comment `<!-- test: ... -->` right before it says, else empty.
    """

    page: Path
    kind: str
    text: str
    mark: str


def blocks(page):
    """The blocks of a page, in order."""
    content = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(content):
        mark = _MARK.search(content[: match.start()])
        found.append(
            Block(page, match["kind"].strip(), match["text"], mark["mark"] if mark else "")
        )
    return found


def all_blocks(kind):
    """The blocks of one kind on all pages."""
    return [block for page in PAGES for block in blocks(page) if block.kind == kind]


def marked(page, mark):
    """The blocks of a page whose mark begins with this word."""
    return [block for block in blocks(DOCS / page) if block.mark.split(" ")[0] == mark]


def block_id(block):
    """Where a block stands, for the ids of tests."""
    return f"{name(block.page)}:{block.mark or block.text.splitlines()[0][:30]}"


def prose(page):
    """A page's text without its blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def written(page):
    """A page's text without what was generated."""
    return _GENERATED.sub("", (DOCS / page).read_text(encoding="utf-8"))


def generator():
    """The module docs/generate.py."""
    if "docs_generate" not in sys.modules:
        spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["docs_generate"] = module
        spec.loader.exec_module(module)
    return sys.modules["docs_generate"]


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found = []
    for heading in re.findall(r"^#{1,6} +(.+?)\s*$", prose(page), re.MULTILINE):
        anchor = generator().anchor(heading)
        repeats = sum(1 for each in found if each.rsplit("-", 1)[0] == anchor or each == anchor)
        found.append(f"{anchor}-{repeats}" if anchor in found else anchor)
    return set(found)


def links(page):
    """The targets of a page's links and pictures, but for those to other sites."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page)))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]
