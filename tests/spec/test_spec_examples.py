"""The examples go the way of their folder, by the schemas and by the codec."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spec_files import SPEC, read_json

from pytlas_wamp.errors import ClientError
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.codec import decode_client, decode_server, to_document
from pytlas_wamp.wire.messages import CLIENT_MESSAGES
from wire_schemas import VALIDATORS

EXAMPLES = SPEC / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.json"))
CLIENT_TYPES = {cls.TYPE for cls in CLIENT_MESSAGES}
FEW = 3
CHECKED = {
    "type",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
}
UNCHECKED = {"$schema", "$id", "title", "description", "x-sender", "x-section"}
STRUCTURE = {"$defs", "$ref", "properties", "required", "items"}


def name_of(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def kind_of(path: Path) -> str:
    return path.parent.parent.name


def read(path: Path) -> Any:
    return read_json(f"examples/{name_of(path)}")


def decode(kind: str, document: Any) -> Any:
    text = json.dumps(document)
    if kind in CLIENT_TYPES:
        return decode_client(text, max_depth=Limits().max_depth)
    return decode_server(text)


def rules(schema: Any, root: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each rule of a schema stands; a required key is a rule of its own."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from rules(root["$defs"][name], root, path)
    yield from ((*path, keyword) for keyword in schema if keyword in CHECKED)
    for name in schema.get("required", []):
        yield (*path, "required", name)
    for name, inner in schema.get("properties", {}).items():
        yield from rules(inner, root, (*path, "properties", name))
    if "items" in schema:
        yield from rules(schema["items"], root, (*path, "items"))


def broken_rules(kind: str) -> set[tuple[Any, ...]]:
    """Where the rules stand that the invalid examples of a type break."""
    broken = set()
    for path in sorted((EXAMPLES / kind / "invalid").iterdir()):
        for error in VALIDATORS[kind].iter_errors(read(path)["document"]):
            place = tuple(error.absolute_schema_path)
            if error.validator == "required":
                missing = [name for name in error.validator_value if name not in error.instance]
                broken |= {(*place, name) for name in missing}
            else:
                broken.add(place)
    return broken


def keywords(schema: Any) -> Iterator[str]:
    """Every keyword used in a schema and in those inside it."""
    yield from schema
    for name in ("properties", "$defs"):
        for inner in schema.get(name, {}).values():
            yield from keywords(inner)
    if "items" in schema:
        yield from keywords(schema["items"])


class TestExamples:
    @pytest.mark.parametrize("folder", ["valid", "invalid"])
    @pytest.mark.parametrize("kind", VALIDATORS)
    def test_every_message_has_several_of_both_kinds(self, kind, folder):
        assert len(list((EXAMPLES / kind / folder).glob("*.json"))) >= FEW

    def test_every_folder_is_that_of_a_message(self):
        folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
        assert folders == set(VALIDATORS)

    @pytest.mark.parametrize("kind", VALIDATORS)
    def test_every_rule_of_a_schema_is_broken_by_one(self, kind):
        schema = VALIDATORS[kind].schema
        assert set(rules(schema, schema)) - broken_rules(kind) == set()

    @pytest.mark.parametrize("kind", VALIDATORS)
    def test_the_schemas_have_no_rules_that_are_not_looked_for(self, kind):
        known = CHECKED | UNCHECKED | STRUCTURE
        assert set(keywords(VALIDATORS[kind].schema)) <= known


class TestValidExamples:
    @pytest.mark.parametrize("path", VALID, ids=name_of)
    def test_the_schema_accepts_them(self, path):
        assert [error.message for error in VALIDATORS[kind_of(path)].iter_errors(read(path))] == []

    @pytest.mark.parametrize("path", VALID, ids=name_of)
    def test_the_codec_reads_them(self, path):
        kind = kind_of(path)
        again = to_document(decode(kind, read(path)))
        assert (again["type"], VALIDATORS[kind].is_valid(again)) == (kind, True)


class TestInvalidExamples:
    @pytest.mark.parametrize("path", INVALID, ids=name_of)
    def test_they_say_why(self, path):
        assert set(read(path)) == {"why", "document"}
        assert read(path)["why"].strip()

    @pytest.mark.parametrize("path", INVALID, ids=name_of)
    def test_the_schema_refuses_them(self, path):
        assert not VALIDATORS[kind_of(path)].is_valid(read(path)["document"])

    @pytest.mark.parametrize("path", INVALID, ids=name_of)
    def test_the_codec_refuses_them(self, path):
        with pytest.raises(ClientError):
            decode(kind_of(path), read(path)["document"])
