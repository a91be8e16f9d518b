"""Frames by example: what is refused and in which words, what is let through (spec 4, 7.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import decode_client, decode_server, encode, parse_json, to_document
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Authenticate,
    Cancel,
    Card,
    Context,
    Done,
    Error,
    Goodbye,
    Message,
    Renewed,
)

DEPTH = 32
SAID = {"type": "message", "message": "hello"}
QUESTION = {"slot": "room", "text": "Which?", "raw_text": "Which?", "choices": None}


def refusal(text: str, *, max_depth: int = DEPTH) -> tuple[str, str]:
    """Code and sentence with which a client's text is refused."""
    with pytest.raises(ClientError) as refused:
        decode_client(text, max_depth=max_depth)
    return refused.value.code, refused.value.detail


def server_refusal(document: dict[str, Any]) -> tuple[str, str]:
    """Code and sentence with which a server's document is refused."""
    with pytest.raises(ClientError) as refused:
        decode_server(json.dumps(document))
    return refused.value.code, refused.value.detail


def nested(levels: int) -> str:
    """A valid message that is so many objects deep, the outermost counted."""
    inner = levels - 2
    return '{"message": "hello", "meta": ' + '{"a":' * inner + "{}" + "}" * inner + "}"


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "hello",
            "{",
            '{"message": "hello"',
            "{'message': 'hello'}",
            '{"message": "hello",}',
            '{"message": "hello"} {}',
            '\ufeff{"message": "hello"}',
            '{"message": "a\nb"}',
            "null null",
            '{"a": 01}',
        ],
    )
    def test_what_is_not_json_is_malformed(self, text):
        code, detail = refusal(text)
        assert code == ErrorCode.MALFORMED_JSON
        assert detail.startswith("the frame is not JSON: ")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
    def test_a_number_that_is_not_finite_is_malformed(self, number):
        assert refusal(f'{{"message": "x", "meta": {{"n": {number}}}}}') == (
            ErrorCode.MALFORMED_JSON,
            "the numbers of a frame must be finite, with at most 4300 digits",
        )

    def test_a_number_of_too_many_digits_is_malformed(self):
        assert refusal('{"message": "x", "after": ' + "9" * 5_000 + "}") == (
            ErrorCode.MALFORMED_JSON,
            "the numbers of a frame must be finite, with at most 4300 digits",
        )

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("[]", "an array"),
            ('"message"', "a string"),
            ("1", "a number"),
            ("1.5", "a number"),
            ("true", "a boolean"),
            ("null", "null"),
        ],
    )
    def test_only_an_object_is_a_frame(self, text, name):
        expected = f"a frame must be a JSON object, not {name}"
        assert refusal(text) == (ErrorCode.NOT_AN_OBJECT, expected)

    def test_the_last_of_two_equal_keys_counts(self):
        assert parse_json('{"a": 1, "a": 2}', max_depth=DEPTH) == {"a": 2}

    def test_a_tiny_number_is_nought(self):
        text = '{"type": "authenticate", "token": "t", "after": 1e-999}'
        assert decode_client(text, max_depth=DEPTH) == Authenticate(token="t", after=0)


class TestDepth:
    def test_the_limit_itself_is_fine(self):
        assert isinstance(decode_client(nested(DEPTH), max_depth=DEPTH), Message)

    def test_one_above_is_too_deep(self):
        expected = (ErrorCode.TOO_DEEP, "a frame may be nested 32 levels deep")
        assert refusal(nested(DEPTH + 1)) == expected

    def test_arrays_count_as_objects_do(self):
        text = '{"message": "hello", "x": [[]]}'
        assert decode_client(text, max_depth=3) == Message(message="hello")
        assert refusal(text, max_depth=2)[0] == ErrorCode.TOO_DEEP

    @pytest.mark.parametrize("opening", ["[", '{"a":', '{"message": [['])
    def test_a_hundred_thousand_brackets_are_too_deep(self, opening):
        assert refusal(opening * 100_000)[0] == ErrorCode.TOO_DEEP

    def test_a_wide_frame_is_not_deep(self):
        text = json.dumps({"message": "hello", "x": [[] for _ in range(10_000)]})
        assert decode_client(text, max_depth=3) == Message(message="hello")


class TestType:
    def test_a_client_learns_the_types_it_may_send(self):
        assert refusal('{"type": "ping"}') == (
            ErrorCode.UNKNOWN_TYPE,
            '"type" must be one of "authenticate", "message", "cancel", not "ping"',
        )

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            (None, "null"),
            (True, "a boolean"),
            (1, "a number"),
            ([], "an array"),
            ({}, "an object"),
        ],
    )
    def test_a_type_is_a_string(self, kind, name):
        code, detail = refusal(json.dumps({"type": kind, "message": "hello"}))
        assert code == ErrorCode.INVALID_MESSAGE
        assert detail.endswith(f"not {name}")

    def test_a_long_type_is_quoted_in_part(self):
        assert refusal(json.dumps({"type": "x" * 40}))[1].endswith(f'not "{"x" * 40}"')
        assert refusal(json.dumps({"type": "x" * 41}))[1].endswith(f'not "{"x" * 40}..."')

    def test_a_hostile_type_is_quoted_in_ascii(self):
        assert refusal(json.dumps({"type": "\ud800\x00"}))[1].endswith('not "\\ud800\\u0000"')

    def test_neither_type_nor_message_is_invalid(self):
        expected = 'a frame needs a "type" ("authenticate", "message" or "cancel"), or a "message"'
        assert refusal("{}") == (ErrorCode.INVALID_MESSAGE, expected)

    def test_a_message_without_type_is_a_message(self):
        assert decode_client('{"message": "hello"}', max_depth=DEPTH) == Message(message="hello")

    def test_the_type_outweighs_the_keys(self):
        text = '{"type": "cancel", "message": "hello"}'
        assert decode_client(text, max_depth=DEPTH) == Cancel()

    def test_a_client_may_not_send_what_servers_send(self):
        assert refusal('{"type": "done", "seq": 1}')[0] == ErrorCode.UNKNOWN_TYPE

    def test_a_server_may_not_send_what_clients_send(self):
        assert server_refusal(SAID)[0] == ErrorCode.UNKNOWN_TYPE

    def test_a_servers_message_needs_its_type(self):
        assert server_refusal({"message": "hello"})[0] == ErrorCode.INVALID_MESSAGE


class TestSentences:
    @pytest.mark.parametrize(
        ("document", "sentence"),
        [
            ({"type": "message"}, "message.message is missing"),
            ({"message": None}, "message.message must be a string, not null"),
            ({"message": 1}, "message.message must be a string, not a number"),
            ({**SAID, "id": None}, "message.id must be a string, not null"),
            ({**SAID, "id": ""}, "message.id must be 1 to 128 characters long"),
            ({**SAID, "id": "x" * 129}, "message.id must be 1 to 128 characters long"),
            ({**SAID, "answers": True}, "message.answers must be an integer, not a boolean"),
            ({**SAID, "answers": 1.5}, "message.answers must be an integer, not a number"),
            ({**SAID, "answers": "1"}, "message.answers must be an integer, not a string"),
            ({**SAID, "answers": -1}, "message.answers must be 0 to 9007199254740991"),
            ({**SAID, "answers": 2**53}, "message.answers must be 0 to 9007199254740991"),
            ({**SAID, "meta": []}, "message.meta must be an object, not an array"),
            ({**SAID, "meta": None}, "message.meta must be an object, not null"),
            ({"type": "authenticate"}, "authenticate.token is missing"),
            ({"type": "authenticate", "token": "t", "after": None}, "authenticate.after must be an integer, not null"),  # noqa: E501 - one case, one line
            ({"type": "cancel", "id": 7}, "cancel.id must be a string, not a number"),
        ],
    )  # fmt: skip
    def test_a_client_learns_the_place_and_what_would_be_right(self, document, sentence):
        assert refusal(json.dumps(document)) == (ErrorCode.INVALID_MESSAGE, sentence)

    @pytest.mark.parametrize(
        ("document", "sentence"),
        [
            ({"type": "renewed", "expires_in": -1}, "renewed.expires_in must be at least 0"),
            (
                {"type": "error", "code": "", "message": "", "retryable": True},
                "error.code must be at least 1 characters long",
            ),
            (
                {"type": "goodbye", "reason": "shutdown", "retry_after": "5"},
                "goodbye.retry_after must be a number, not a string",
            ),
            (
                {"type": "done", "seq": 1, "require_input": 0},
                "done.require_input must be a boolean, not a number",
            ),
            ({"type": "context", "seq": 1}, "context.name is missing"),
            ({"type": "answer", "seq": 1, "data": []}, "answer.data must be an object, not an array"),  # noqa: E501 - one case, one line
            (
                {"type": "ask", "seq": 1, "data": {**QUESTION, "choices": "kitchen"}},
                "ask.data.choices must be an array, not a string",
            ),
            (
                {"type": "ask", "seq": 1, "data": {**QUESTION, "choices": [1]}},
                "ask.data.choices must be a string, not a number",
            ),
            (
                {"type": "answer", "seq": 1, "data": {"text": "", "raw_text": "", "cards": [1]}},
                "answer.data.cards must be an object, not a number",
            ),
        ],
    )  # fmt: skip
    def test_a_client_author_learns_the_same_of_a_server(self, document, sentence):
        assert server_refusal(document) == (ErrorCode.INVALID_MESSAGE, sentence)

    def test_one_problem_is_told_at_a_time(self):
        document = {"type": "message", "message": 1, "id": 2, "answers": "x"}
        assert refusal(json.dumps(document))[1] == "message.message must be a string, not a number"


class TestReading:
    def test_unknown_keys_are_ignored(self):
        text = json.dumps({**SAID, "mood": "good", "TYPE": 1, "": None})
        assert decode_client(text, max_depth=DEPTH) == Message(message="hello")

    def test_the_bounds_themselves_are_accepted(self):
        text = json.dumps({**SAID, "id": "x" * 128, "answers": 2**53 - 1})
        expected = Message(message="hello", id="x" * 128, answers=2**53 - 1)
        assert decode_client(text, max_depth=DEPTH) == expected

    def test_characters_are_counted_not_bytes(self):
        text = json.dumps({**SAID, "id": "😀" * 128})
        assert decode_client(text, max_depth=DEPTH) == Message(message="hello", id="😀" * 128)

    def test_a_float_without_fraction_becomes_an_integer(self):
        message = decode_client('{"message": "", "answers": 1.0}', max_depth=DEPTH)
        assert isinstance(message, Message)
        assert (message.answers, type(message.answers)) == (1, int)

    def test_a_lone_surrogate_is_kept(self):
        assert decode_client('{"message": "\\ud83d"}', max_depth=DEPTH) == Message(message="\ud83d")

    def test_metadata_stands_beside_the_keys_of_an_answer(self):
        data = {"text": "x", "raw_text": "x", "cards": None, "mood": 1, "meta": 2}
        message = decode_server(json.dumps({"type": "answer", "seq": 1, "data": data}))
        assert isinstance(message, Answer)
        assert message.data.meta == {"mood": 1, "meta": 2}


class TestWriting:
    def test_absent_fields_are_left_out(self):
        assert encode(Message(message="hello")) == '{"type":"message","message":"hello"}'

    def test_a_null_that_means_something_is_sent(self):
        assert to_document(Context(seq=1, name=None)) == {
            "type": "context",
            "seq": 1,
            "name": None,
        }

    def test_falsehoods_that_are_not_absence_are_sent(self):
        error = Error(code="busy", message="", retryable=False, retry_after=0, seq=0)
        assert encode(error) == (
            '{"type":"error","code":"busy","message":"","retryable":false,"retry_after":0,"seq":0}'
        )

    def test_any_text_is_written_in_ascii(self):
        expected = '{"type":"message","message":"\\u00e9\\ud83d\\ude00\\ud83d\\u0000"}'
        assert encode(Message(message="é😀\ud83d\x00")) == expected

    def test_a_card_is_sent_with_all_its_keys(self):
        card = Card(
            header="h", raw_header="h", text=None, raw_text=None,
            subhead=None, raw_subhead=None, header_link=None, media=None,
        )  # fmt: skip
        answer = Answer(seq=1, data=AnswerData(text=None, raw_text=None, cards=[card]))
        assert list(to_document(answer)["data"]["cards"][0]) == [
            "header", "raw_header", "text", "raw_text",
            "subhead", "raw_subhead", "header_link", "media",
        ]  # fmt: skip

    def test_metadata_never_hides_the_message(self):
        data = AskData(slot="room", text="Which?", raw_text=None, choices=None, meta={"text": "!"})
        assert to_document(Ask(seq=1, data=data))["data"]["text"] == "Which?"

    def test_a_number_json_does_not_have_is_refused(self):
        with pytest.raises(ValueError, match="not JSON compliant"):
            encode(Goodbye(reason="shutdown", retry_after=float("inf")))

    def test_a_servers_frame_is_read_back(self):
        goodbye = Goodbye(reason="shutdown", retry_after=0.5)
        for frame in (Renewed(expires_in=0), Done(seq=1, require_input=True, re="a"), goodbye):
            assert decode_server(encode(frame)) == frame


class TestWritingAgain:
    """A frame goes to the log and to each device."""

    def test_the_same_message_is_the_same_text(self):
        done = Done(seq=1, require_input=False)
        assert encode(done) is encode(done)

    def test_an_equal_one_is_written_for_itself(self):
        assert encode(Renewed(expires_in=1)) != encode(Renewed(expires_in=True))

    def test_one_that_cannot_be_written_cannot_be_written_again(self):
        data = AnswerData(text="", raw_text="", cards=None, meta={"n": {1}})
        answer = Answer(seq=1, data=data)
        for _ in range(2):
            with pytest.raises(TypeError):
                encode(answer)
