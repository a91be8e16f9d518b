"""What a request brings."""

from __future__ import annotations

import pytest
from api_people import House
from attrs import frozen

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.doors import Access
from pytlas_wamp.transport.replies import no_content


@frozen
class Body:
    a: int


def call(method: str = "GET", path: str = "/call/x", document: object = None, **headers: str):
    calls = []
    place = {"/call/{name}": None}

    def further(doors):
        answers = dict.fromkeys(
            ("GET", "POST", "DELETE"), lambda one: calls.append(one) or no_content()
        )
        return {path: doors.blocking(Access.PERSON, answers) for path in place}

    answer = House(further=further).bob.ask(method, path, document, **headers)
    assert answer.status == 204
    return calls[0]


class TestCalls:
    def test_say_what_stands_in_the_address(self):
        assert call(path="/call/%C3%A9").parameters == {"name": "é"}

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ("", None),
            ("?keep=", ""),
            ("?keep=current", "current"),
            ("?keep=a%20b+c", "a b c"),
            ("?other=1&keep=%FF", "\ufffd"),
        ],
    )
    def test_say_what_stands_behind_the_question_mark(self, query, value):
        assert call(path="/call/x" + query).query("keep") == value

    def test_say_it_once(self):
        with pytest.raises(ClientError, match="there twice") as caught:
            call(path="/call/x?keep=a&keep=a").query("keep")
        assert (caught.value.code, caught.value.field) == ("invalid-request", "keep")

    def test_have_a_body_where_there_may_be_one(self):
        assert call("POST", document={}).content == b"{}"
        assert call("DELETE", document={}, Content_Encoding="gzip").content == b""

    def test_say_who_makes_them(self):
        found = call()
        assert (found.caller.name, found.granted.account) == ("bob", found.caller)

    def test_are_values(self):
        assert call("POST", document={"a": 1}).read(Body) == Body(a=1)

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("Basic x", "token-missing"),
            ("Bearer", "token-invalid"),
            ("Bearer a b", "token-invalid"),
        ],
    )
    def test_come_with_a_token(self, header, code):
        answer = House().client().get("/api/me", Authorization=header)
        assert answer.problem() == (401, code)

    def test_say_what_has_to_be_there_still(self):
        assert call(If_Match='"a3"').expected("a", 3) == 3
        assert call().expected("a", 3) is None
        with pytest.raises(ClientError):
            call(If_Match='"a3"').expected("a", 4)

    def test_say_nothing_of_what_is_secret(self):
        shown = repr(call("POST", document={"password": "hush"}))
        assert "hush" not in shown
        assert "Bearer" not in shown
