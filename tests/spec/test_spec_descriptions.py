"""openapi.yaml and asyncapi.yaml agree with the schemas and the registries.

Whether they are what they claim to be is checked by their own validators, which
need environments of their own: spec/check/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from spec_files import openapi_validator, read_json, read_yaml, references, resolve

from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES

ASYNCAPI = read_yaml("asyncapi.yaml")
OPENAPI = read_yaml("openapi.yaml")
TYPES = [cls.TYPE for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)]
PROBLEMS = read_json("errors.json")["problems"]


def sent_by(action: str) -> set[str]:
    """The messages of all AsyncAPI operations with an action of the server."""
    return {
        reference.rsplit("/", 1)[1]
        for operation in ASYNCAPI["operations"].values()
        if operation["action"] == action
        for reference in references(operation["messages"])
    }


def replies() -> set[str]:
    return {
        reference.rsplit("/", 1)[1]
        for operation in ASYNCAPI["operations"].values()
        for reference in references(operation.get("reply", {}).get("messages", []))
    }


def media(document: Any) -> Iterator[tuple[str, Any]]:
    """Component and example of every media type of openapi.yaml."""
    if isinstance(document, dict):
        for example in document.get("examples", {}).values() if "schema" in document else ():
            yield document["schema"]["$ref"].rsplit("/", 1)[1], example["value"]
        for value in document.values():
            yield from media(value)


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def statuses_of_examples() -> set[tuple[int, str]]:
    return {(v["status"], v["code"]) for name, v in media(OPENAPI) if name == "Problem"}


class TestAsyncAPI:
    @pytest.mark.parametrize("reference", sorted(set(references(ASYNCAPI))))
    def test_references_lead_somewhere(self, reference):
        assert isinstance(resolve(ASYNCAPI, reference), dict)

    def test_it_names_every_message_and_no_other(self):
        channel = ASYNCAPI["channels"]["conversation"]["messages"]
        assert list(channel) == list(ASYNCAPI["components"]["messages"]) == TYPES

    @pytest.mark.parametrize("kind", TYPES)
    def test_every_payload_is_the_published_schema(self, kind):
        message = ASYNCAPI["components"]["messages"][kind]
        assert message["payload"] == {"$ref": f"./schema/{kind}.schema.json"}
        assert message["name"] == kind

    @pytest.mark.parametrize("kind", TYPES)
    def test_it_says_of_each_what_the_schema_says(self, kind):
        schema = read_json(f"schema/{kind}.schema.json")
        message = ASYNCAPI["components"]["messages"][kind]
        assert message["summary"] == schema["description"]
        assert message["title"] == f"{kind} (protocol.md {schema['x-section']})"

    def test_the_server_receives_what_clients_send(self):
        assert sent_by("receive") == {cls.TYPE for cls in CLIENT_MESSAGES}

    def test_the_server_sends_the_rest(self):
        assert sent_by("send") | replies() == {cls.TYPE for cls in SERVER_MESSAGES}


class TestOpenAPI:
    @pytest.mark.parametrize("reference", sorted(set(references(OPENAPI))))
    def test_references_lead_somewhere(self, reference):
        assert isinstance(resolve(OPENAPI, reference), dict)

    @pytest.mark.parametrize("name", OPENAPI["components"]["schemas"])
    def test_components_are_json_schema_2020_12(self, name):
        Draft202012Validator.check_schema(OPENAPI["components"]["schemas"][name])

    def test_it_has_the_addresses_of_the_prose(self):
        assert [name for name, _ in operations()] == [
            "post /api/token",
            "post /api/token/refresh",
            "post /api/token/verify",
            "post /api/token/revoke",
            "get /ws/assistant/",
            "get /healthz",
            "get /spec/",
            "get /spec/{file}",
        ]

    @pytest.mark.parametrize(("name", "value"), list(media(OPENAPI)))
    def test_examples_are_valid(self, name, value):
        assert [error.message for error in openapi_validator(name).iter_errors(value)] == []

    def test_the_examples_show_every_problem_with_its_status(self):
        assert statuses_of_examples() == {(p["status"], p["code"]) for p in PROBLEMS}

    def test_the_operations_have_every_status_of_a_problem(self):
        found = {int(status) for _, operation in operations() for status in operation["responses"]}
        assert {problem["status"] for problem in PROBLEMS} <= found

    @pytest.mark.parametrize("name", [name for name, op in operations() if name.startswith("post")])
    def test_whatever_takes_a_body_takes_json_and_forms(self, name):
        reference = dict(operations())[name]["requestBody"]["$ref"]
        assert set(resolve(OPENAPI, reference)["content"]) == {
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        }
