"""Requests to the server as the documentation shows them, and what the contract says of them."""

from __future__ import annotations

import json
import re
import shlex

from attrs import frozen
from docs_pages import all_blocks, name
from jsonschema import Draft202012Validator

from contract_yaml import read_yaml

OPENAPI = read_yaml("openapi.yaml")
HOST = "http://127.0.0.1:8000"


@frozen
class Request:
    """A request as a page shows it, and what is shown to come back."""

    page: str
    method: str
    path: str
    token: bool
    body: object
    answer: str

    def __str__(self):
        """Says where it stands, for the ids of tests."""
        return f"{self.page} {self.method} {self.path}"


def commands(block):
    """Each command of a block, and what is shown to come back."""
    for shown in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, answer = shown.partition("\n")
        yield command, answer


def requests():
    """Every call of curl to the API on any page."""
    for block in all_blocks("console"):
        for command, answer in commands(block):
            found = request(name(block.page), command, answer)
            if found is not None:
                yield found


def request(page, command, answer):
    """The request that a command makes, None if it is no call of curl to the API."""
    words = shlex.split(command)
    if words[0] != "curl" or not words[-1].startswith(f"{HOST}/api/"):
        return None
    options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
    body = options.get("--json")
    return Request(
        page,
        options.get("--request", "GET" if body is None else "POST"),
        words[-1].removeprefix(HOST),
        options.get("--header") == "Authorization: Bearer $TOKEN",
        None if body is None else json.loads(body),
        answer,
    )


def operation(method, path):
    """The operation of the contract at an address, fixed addresses before others."""
    for pattern in sorted(OPENAPI["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path.partition("?")[0]):
            found = OPENAPI["paths"][pattern].get(method.lower())
            if found is not None:
                return found
    raise LookupError(f"{method} {path}")


def resolved(value):
    """What stands behind a reference of the contract, or the value itself."""
    if "$ref" not in value:
        return value
    kind, component = value["$ref"].removeprefix("#/components/").split("/")
    return OPENAPI["components"][kind][component]


def complaints(content, value):
    """What is wrong with a body, by the schema of the contract."""
    schema = {**OPENAPI, **content["application/json"]["schema"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


def success(found):
    """The answer of an operation when all goes well."""
    return resolved(next(found["responses"][s] for s in found["responses"] if s.startswith("2")))
