"""Bodies as values: exactly their fields, nothing coerced, and what is wrong is named."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from attrs import Factory, frozen
from hypothesis import example, given
from hypothesis import strategies as st

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.objects import (
    ABSENT,
    Absent,
    Length,
    Shown,
    invalid,
    present,
    read_object,
)


@frozen(kw_only=True)
class Inner:
    depth: int = 0


@frozen(kw_only=True)
class Body:
    name: Annotated[str, Shown(1, 5)] = "n"
    secret: Annotated[str, Length(2, 4)] | Absent = ABSENT
    count: int = 0
    ready: bool = False
    note: str | None = None
    title: str | Absent | None = ABSENT
    values: dict[str, Any] = Factory(dict)
    anything: Any = None
    inner: Inner | Absent = ABSENT


@frozen(kw_only=True)
class Needy:
    first: str
    second: str


def read(document: Any, cls: type = Body, content_type: str | None = "application/json"):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_object(content, content_type, cls, max_depth=8)


def refused(document: Any, cls: type = Body) -> tuple[str, str | None, str]:
    with pytest.raises(ClientError) as caught:
        read(document, cls)
    return caught.value.code, caught.value.field, caught.value.detail


def read_or_refused(content: bytes):
    try:
        return read(content)
    except ClientError as error:
        return error


class TestObjects:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json ;charset=latin-1",
        ],
    )
    def test_are_read(self, content_type):
        body = read({"name": "é", "count": 3, "ready": True}, content_type=content_type)
        assert body == Body(name="é", count=3, ready=True)

    def test_tell_what_is_absent_from_what_is_null(self):
        assert present(read({"title": None, "note": None})) == {
            "name": "n",
            "count": 0,
            "ready": False,
            "values": {},
            "anything": None,
            "title": None,
            "note": None,
        }
        assert "title" not in present(read({}))
        assert read({"title": "x"}).title == "x"

    def test_may_hold_others(self):
        assert read({"inner": {"depth": 2}}).inner == Inner(depth=2)

    def test_may_hold_anything(self):
        document = {"anything": [1.5, {"a": None}], "values": {"b": [True]}}
        assert read(document) == Body(anything=[1.5, {"a": None}], values={"b": [True]})

    @pytest.mark.parametrize(
        "content_type",
        [None, "", "text/json", "application/x-www-form-urlencoded", "application/problem+json"],
    )
    def test_are_json_only(self, content_type):
        with pytest.raises(ClientError, match="has to be application/json") as caught:
            read({}, content_type=content_type)
        assert caught.value.code == "unsupported-media-type"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'"name"',
            b"\xff",
            b"\xef\xbb\xbf{}",
            '{"name":"é"}'.encode("latin-1"),
            '{"name":"é"}'.encode("utf-16"),
            b'{"count":NaN}',
            b'{"count":1e999}',
            b'{"a":' * 9 + b"1" + b"}" * 9,
            b"[" * 60_000,
        ],
    )
    def test_what_is_none_is_malformed(self, content):
        assert refused(content)[0] == "malformed-json"


class TestFields:
    @pytest.mark.parametrize(
        ("document", "field", "detail"),
        [
            ({"name": 1}, "name", '"name" has to be a string.'),
            ({"name": None}, "name", '"name" has to be a string.'),
            ({"name": ""}, "name", '"name" has to be 1 to 5 characters long.'),
            ({"name": "123456"}, "name", '"name" has to be 1 to 5 characters long.'),
            ({"name": " \u3000"}, "name", '"name" may not be blank.'),
            ({"secret": "x"}, "secret", '"secret" has to be 2 to 4 characters long.'),
            ({"secret": None}, "secret", '"secret" has to be a string.'),
            ({"count": "1"}, "count", '"count" has to be a whole number.'),
            ({"count": 1.0}, "count", '"count" has to be a whole number.'),
            ({"count": True}, "count", '"count" has to be a whole number.'),
            ({"ready": 1}, "ready", '"ready" has to be a boolean.'),
            ({"ready": "true"}, "ready", '"ready" has to be a boolean.'),
            ({"note": []}, "note", '"note" has to be a string.'),
            ({"title": {}}, "title", '"title" has to be a string.'),
            ({"values": []}, "values", '"values" has to be an object.'),
            ({"inner": []}, "inner", '"inner" has to be an object.'),
            ({"inner": None}, "inner", '"inner" has to be an object.'),
            ({"inner": {"depth": "x"}}, "inner.depth", '"inner.depth" has to be a whole number.'),
            (
                {"inner": {"more": 1}},
                "inner.more",
                '"inner.more" is no field here: there may be depth.',
            ),
        ],
    )
    def test_of_the_wrong_kind_are_named(self, document, field, detail):
        assert refused(document) == ("invalid-request", field, detail)

    @pytest.mark.parametrize("unseen", ["\0", "\n", "\x7f", "\u200b", "\u202e", "\ufeff", "\u2028"])
    def test_that_are_shown_have_nothing_unseen(self, unseen):
        code, field, _ = refused({"name": f"a{unseen}b"})
        assert (code, field) == ("invalid-request", "name")

    def test_that_are_not_shown_may_have_nearly_anything(self):
        assert read({"secret": "a\nb"}).secret == "a\nb"

    def test_that_are_missing_are_named(self):
        assert refused({}, Needy) == ("invalid-request", "first", '"first" is missing.')
        assert refused({"first": "x"}, Needy)[1:] == ("second", '"second" is missing.')

    def test_that_are_unknown_are_refused_with_what_there_may_be(self):
        assert refused({"first": "x", "second": "y", "third": "z", "fourth": ""}, Needy) == (
            "invalid-request",
            "fourth",
            '"fourth" is no field here: there may be first, second.',
        )

    def test_with_long_names_are_cut(self):
        _, field, detail = refused({"x" * 5_000: 1})
        assert (len(field), len(detail) < 300) == (101, True)

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (b'{"count":1,"count":1}', "count"),
            (b'{"count":1,"\\u0063ount":2}', "count"),
            (b'{"values":{"b":1,"b":2}}', "b"),
            (b'{"anything":[{"c":1,"c":2}]}', "c"),
        ],
    )
    def test_that_are_there_twice_are_refused(self, content, field):
        assert refused(content) == (
            "invalid-request",
            field,
            f'"{field}" is there twice: send it once.',
        )

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({"note": "a\0"}, "note"),
            ({"note": "\ud800"}, "note"),
            ({"secret": "\udfff\ud800"}, "secret"),
            ({"values": {"a": {"b": "\0"}}}, "values.a.b"),
            ({"anything": ["", [1, "\0"]]}, "anything.1.1"),
            ({"values": {"a\0": 1}}, "values.a\ufffd"),
            ({"x\udc00": 1}, "x\ufffd"),
        ],
    )
    def test_hold_proper_text_only(self, document, field):
        assert refused(document) == (
            "invalid-request",
            field,
            f'"{field}" contains a NUL or half a character.',
        )

    def test_hold_whole_characters_that_json_writes_in_halves(self):
        assert read(b'{"note":"\\ud83d\\ude00"}').note == "😀"


class TestRefusals:
    def test_name_no_field_that_has_no_name(self):
        assert refused({"": 1})[:2] == ("invalid-request", None)

    def test_name_the_field(self):
        error = invalid("source", "has to be owner/repository")
        assert (error.code, error.field) == ("invalid-request", "source")
        assert error.detail == '"source" has to be owner/repository.'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = ["name", "secret", "count", "ready", "note", "title", "values", "anything", "inner"]


class TestHostileBodies:
    @pytest.mark.untraced
    @given(
        st.binary()
        | (JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))).map(
            lambda document: json.dumps(document).encode()
        )
    )
    @example(b'{"inner":{"depth":{"depth":{}}}}')
    @example(b"9" * 5_000)
    def test_are_values_or_refused(self, content):
        outcome = read_or_refused(content)
        if isinstance(outcome, ClientError):
            assert outcome.code in {"malformed-json", "invalid-request"}
            assert outcome.detail.endswith(".")
        else:
            assert isinstance(outcome, Body)
