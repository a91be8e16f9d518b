"""One valid schema per message, and the other way round."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from spec_files import SPEC, headings, read_json

from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES

FILES = sorted(path.name for path in (SPEC / "schema").iterdir())
MESSAGES = (*CLIENT_MESSAGES, *SERVER_MESSAGES)


class TestSchemas:
    def test_there_is_one_for_each_message_and_no_other(self):
        assert sorted(f"{cls.TYPE}.schema.json" for cls in MESSAGES) == FILES

    @pytest.mark.parametrize("name", FILES)
    def test_each_is_json_schema_2020_12(self, name):
        schema = read_json(f"schema/{name}")
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"

    @pytest.mark.parametrize("name", FILES)
    def test_each_is_known_by_the_name_of_its_file(self, name):
        schema = read_json(f"schema/{name}")
        kind = name.removesuffix(".schema.json")
        names = (schema["$id"], schema["title"], schema["properties"]["type"]["const"])
        assert names == (name, kind, kind)

    @pytest.mark.parametrize("cls", MESSAGES)
    def test_each_says_who_sends_the_message(self, cls):
        sender = read_json(f"schema/{cls.TYPE}.schema.json")["x-sender"]
        assert sender == ("client" if cls in CLIENT_MESSAGES else "server")

    @pytest.mark.parametrize("cls", MESSAGES)
    def test_each_points_to_the_section_with_the_name_of_the_message(self, cls):
        section = read_json(f"schema/{cls.TYPE}.schema.json")["x-section"]
        assert dict(headings())[section] == cls.TYPE

    @pytest.mark.parametrize("cls", MESSAGES)
    def test_the_class_cites_the_same_section(self, cls):
        section = read_json(f"schema/{cls.TYPE}.schema.json")["x-section"]
        assert f"(spec {section})" in cls.__doc__
