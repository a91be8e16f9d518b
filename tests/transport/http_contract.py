"""The contract of the HTTP API, to hold every answer of a test against (spec/openapi.yaml)."""

from __future__ import annotations

import re

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from contract_yaml import read_yaml

OPENAPI = read_yaml("openapi.yaml")

_REGISTRY = Registry().with_resource(
    "openapi", Resource(contents=OPENAPI, specification=DRAFT202012)
)


def check(method: str, address: str, answer) -> None:
    """Fails when the contract does not let this answer be given here.

    Args:
      method: of the request.
      address: of the request, with its query.
      answer: with `status`, `headers` and `body`.
    """
    if not address.startswith("/api/"):
        return
    operation = operation_at(method, address)
    if operation is None:  # other methods and addresses, which the contract describes in general
        assert method in {"HEAD", "OPTIONS"} or answer.status in {404, 405, 413}
        return
    assert str(answer.status) in operation["responses"], (method, address, answer)
    response = _resolved(operation["responses"][str(answer.status)])
    for name, header in response.get("headers", {}).items():
        _check_header(name, _resolved(header), answer.header(name))
    content = response.get("content")
    if content is None:
        assert answer.body == b""
        return
    kind = answer.header("Content-Type").partition(";")[0]
    schema = content[kind]["schema"]
    if kind.endswith("json"):
        validator(schema).validate(answer.json())


def operation_at(method: str, address: str):
    """The operation of the contract at an address, None when there is none."""
    path = address.partition("?")[0]
    found = [template for template in OPENAPI["paths"] if _matches(template, path)]
    # What stands in the contract as it is comes before what has a name in braces.
    for template in sorted(found, key=lambda one: "{" in one):
        return OPENAPI["paths"][template].get(method.lower())
    return None


def validator(schema) -> Draft202012Validator:
    """A validator for a schema that stands in the contract."""
    return Draft202012Validator(
        _absolute(schema), registry=_REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _matches(template: str, path: str) -> bool:
    pattern = re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(template.rstrip("/")))
    return re.fullmatch(pattern + "/?", path) is not None


def _resolved(entry):
    while "$ref" in entry:
        found = OPENAPI
        for name in entry["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        entry = found
    return entry


def _absolute(schema):
    if isinstance(schema, dict):
        return {
            name: f"openapi{inner}" if name == "$ref" else _absolute(inner)
            for name, inner in schema.items()
        }
    return [_absolute(inner) for inner in schema] if isinstance(schema, list) else schema


def _check_header(name: str, header, value: str | None) -> None:
    if value is None:
        assert not header.get("required"), f"the header {name} is missing"
        return
    number = _resolved(header["schema"]).get("type") == "integer"
    validator(header["schema"]).validate(int(value) if number else value)
