"""The published contract, read for its tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from contract_yaml import SPEC, read_yaml

SOURCES = SPEC.parent / "src"
PROTOCOL = (SPEC / "protocol.md").read_text(encoding="utf-8")
README = (SPEC / "README.md").read_text(encoding="utf-8")

_HEADING = re.compile(r"^#{2,3} ([0-9]+(?:\.[0-9]+)?) (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```json ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_json(name: str) -> Any:
    """The document in a file of the contract."""
    return json.loads((SPEC / name).read_text(encoding="utf-8"))


def headings() -> list[tuple[str, str]]:
    """Number and title of every section, in the order of the file."""
    return _HEADING.findall(PROTOCOL)


def section_text(number: str) -> str:
    """The text of a section, up to the next heading."""
    start = re.search(rf"^#+ {re.escape(number)} .*$", PROTOCOL, re.MULTILINE)
    assert start is not None
    return re.split(r"^#{2,3} ", PROTOCOL[start.end() :], maxsplit=1, flags=re.MULTILINE)[0]


def table_rows(number: str) -> list[list[str]]:
    """The cells of all table rows of a section, header rows included."""
    lines = section_text(number).splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|") and not line.startswith("|---")
    ]


def quoted(text: str) -> list[str]:
    """The words that stand in backticks."""
    return re.findall(r"`([^`]+)`", text)


def json_blocks() -> list[tuple[str, str]]:
    """Name of the schema and text of every JSON block in the prose."""
    return _BLOCK.findall(PROTOCOL) + _BLOCK.findall(README)


def openapi_validator(name: str) -> Draft202012Validator:
    """A validator for a component of openapi.yaml."""
    schema = {**read_yaml("openapi.yaml"), "$ref": f"#/components/schemas/{name}"}
    return Draft202012Validator(schema)


def bodies() -> set[str]:
    """The components of openapi.yaml that are whole bodies of requests or answers."""
    return set(_bodies(read_yaml("openapi.yaml")))


def _bodies(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for kind, media in document.get("content", {}).items():
            if "json" in kind and "$ref" in media["schema"]:
                yield media["schema"]["$ref"].rsplit("/", 1)[1]
    inner = document.values() if isinstance(document, dict) else document
    if isinstance(document, dict | list):
        for value in inner:
            yield from _bodies(value)


def references(document: Any) -> Iterator[str]:
    """Every `$ref` of a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(document, list):
        for item in document:
            yield from references(item)


def resolve(document: Any, reference: str) -> Any:
    """What a `$ref` of a document beside protocol.md points to."""
    file, _, pointer = reference.partition("#")
    target = read_json(file) if file else document
    for key in pointer.strip("/").split("/") if pointer else []:
        target = target[key.replace("~1", "/").replace("~0", "~")]
    return target
