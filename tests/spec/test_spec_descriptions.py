"""asyncapi.yaml agrees with the schemas.

Whether it is what it claims to be is checked by its own validator, which needs an
environment of its own: spec/check/.
"""

from __future__ import annotations

import pytest
from spec_files import read_json, references, resolve

from contract_yaml import read_yaml
from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES

ASYNCAPI = read_yaml("asyncapi.yaml")
TYPES = [cls.TYPE for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)]


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
