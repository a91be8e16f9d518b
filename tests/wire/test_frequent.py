"""Reading and writing by hand against the general way: the same, or left alone."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire import codec
from pytlas_wamp.wire.codec import decode_client, encode, to_document
from pytlas_wamp.wire.frequent import READERS, WRITERS, NotPlain
from pytlas_wamp.wire.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Answer,
    AnswerData,
    Ask,
    AskData,
    Authenticate,
    Card,
    Context,
    Done,
    Message,
    Said,
    Thinking,
)
from strategies import HOSTILE_TEXTS, garbage_texts, messages, near_misses, share

DEPTH = 6
NO_CARD = {name: None for name in Card.__slots__ if name != "__weakref__"}


class Word(StrEnum):
    HELLO = "hello"


class Digit(IntEnum):
    SEVEN = 7


def written_generally(message):
    """What the codec wrote before there was a shortcut."""
    return json.dumps(to_document(message), separators=(",", ":"), allow_nan=False)


def read_generally(text):
    """What the codec read before there was a shortcut: a message, or code and sentence."""
    try:
        try:
            document = json.loads(
                text, parse_float=codec._read_float, parse_constant=codec._read_float
            )
        except RecursionError:
            raise codec._too_deep(DEPTH) from None
        except ValueError:
            return outcome(text)  # the codec's own sentence
        if not isinstance(document, dict) or codec._is_deeper(document, DEPTH):
            return outcome(text)
        kind = document.get("type", "message" if "message" in document else None)
        if kind is None and "type" not in document:
            return outcome(text)
        return codec._decode(document, kind, codec._CLIENT_BY_TYPE)
    except ClientError as error:
        return error.code, error.detail


def outcome(text):
    """A message, or code and sentence of the refusal."""
    try:
        return decode_client(text, max_depth=DEPTH)
    except ClientError as error:
        return error.code, error.detail


def same(one, other):
    """Equal, and of the same types: 1 is not 1.0 here."""
    return one == other and repr(one) == repr(other) and vars_of(one) == vars_of(other)


def vars_of(value):
    if isinstance(value, Message | Authenticate):
        return [(type(getattr(value, name)), getattr(value, name)) for name in value.__slots__[:-1]]
    return value


class TestWriting:
    @pytest.mark.parametrize("cls", [*CLIENT_MESSAGES, *SERVER_MESSAGES])
    def test_writes_what_the_general_way_writes(self, cls):
        @share(0.5)
        @given(messages(cls))
        def check(message):
            assert encode(message) == written_generally(message)
            if cls in WRITERS:
                assert WRITERS[cls](message) == written_generally(message)

        check()

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_writes_any_text_in_ascii(self, text):
        message = Said(seq=1, message=text, id=text or "x")
        assert WRITERS[Said](message) == written_generally(message)

    @pytest.mark.parametrize(
        "message",
        [
            Thinking(seq=True),
            Thinking(seq=1.0),
            Thinking(seq=Digit.SEVEN),
            Done(seq=1, require_input=0),
            Answer(seq=1, data=AnswerData(text="", raw_text="", cards=(), meta={"a": 1})),
            Answer(seq=1, data=AnswerData(text="", raw_text="", cards=None, meta={"text": 1})),
            Ask(seq=1, data=AskData(slot="", text="", raw_text="", choices=None, meta={"slot": 1})),
            Ask(seq=1, data=AskData(slot="", text="", raw_text="", choices=("a",))),
        ],
    )
    def test_leaves_alone_what_is_not_plain(self, message):
        with pytest.raises(NotPlain):
            WRITERS[type(message)](message)
        assert encode(message) == written_generally(message)

    @pytest.mark.parametrize(
        "message",
        [
            Thinking(seq=1, re=7),
            Said(seq=1, message=7),
            Said(seq=1, message=Word.HELLO),
            Context(seq=1, name=Word.HELLO),
            Answer(
                seq=1,
                data=AnswerData(text=Word.HELLO, raw_text=3, cards=None, meta={Word.HELLO: 1}),
            ),
            Answer(seq=1, data=AnswerData(text="", raw_text="", cards=[], meta={1: None, "1": 2})),
            Ask(seq=1, data=AskData(slot="", text="", raw_text="", choices=["a", 1, None])),
        ],
    )
    def test_what_is_not_as_its_class_says_is_written_as_ever(self, message):
        assert encode(message) == written_generally(message)

    def test_a_card_of_another_kind_is_written_as_ever(self):
        class Odd:
            pass

        card = Card(**{**NO_CARD, "text": "t"})
        plain = Answer(seq=1, data=AnswerData(text="", raw_text="", cards=[card]))
        assert encode(plain) == written_generally(plain)
        odd = evolve(plain, data=evolve(plain.data, cards=[card, Odd()]))
        with pytest.raises(NotPlain):
            WRITERS[Answer](odd)

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_a_number_that_json_does_not_have_is_refused_as_ever(self, number):
        data = AnswerData(text="", raw_text="", cards=None, meta={"n": number})
        with pytest.raises(ValueError, match="not JSON compliant"):
            encode(Answer(seq=1, data=data))

    def test_what_json_does_not_have_is_refused_as_ever(self):
        data = AnswerData(text="", raw_text="", cards=None, meta={"n": {1, 2}})
        with pytest.raises(TypeError, match="not JSON serializable"):
            encode(Answer(seq=1, data=data))


class TestReading:
    @pytest.mark.parametrize("cls", CLIENT_MESSAGES)
    def test_takes_and_refuses_what_the_general_way_does(self, cls):
        @share(2)
        @given(near_misses(cls))
        def check(document):
            text = json.dumps(document)
            assert same(outcome(text), read_generally(text))

        check()

    @share(2)
    @given(garbage_texts())
    @example("\ufeff{}")
    @example('{"message": "\\ud800", "meta": {"a": 1e400}}')
    @example('{"message": "x", "answers": -0}')
    @example('{"message": "x", "answers": -0.0}')
    @example('{"message": "x", "message": 1}')
    @example('{"type": "message", "type": null, "message": "x"}')
    @example('{"message": "[[[[[[[[", "meta": {"a": 100000000000000000000000}}')
    @example('{"message": "x", "meta": {"a": [[[[[[]]]]]]}}')
    def test_any_text_comes_to_the_same(self, text):
        assert same(outcome(text), read_generally(text))

    @given(messages(Message) | messages(Authenticate))
    def test_is_what_valid_messages_go_through(self, message):
        document = to_document(message)
        assert READERS[message.TYPE](document) == message

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"message": None},
            {"message": "x", "id": None},
            {"message": "x", "id": ""},
            {"message": "x", "id": "x" * 129},
            {"message": "x", "answers": None},
            {"message": "x", "answers": True},
            {"message": "x", "answers": 1.0},
            {"message": "x", "answers": -1},
            {"message": "x", "answers": 2**53},
            {"message": "x", "meta": None},
            {"message": "x", "meta": []},
        ],
    )
    def test_leaves_alone_what_may_be_no_message(self, document):
        assert READERS["message"](document) is None

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"token": 1},
            {"token": "x", "after": None},
            {"token": "x", "after": 2**53},
            {"token": "x", "after": 1.0},
        ],
    )
    def test_leaves_alone_what_may_be_no_token(self, document):
        assert READERS["authenticate"](document) is None

    @given(st.sampled_from([[], {}, 1, None]))
    def test_a_type_that_is_no_text_is_nobodys(self, kind):
        assert same(
            outcome(json.dumps({"type": kind, "message": "x"})),
            read_generally(json.dumps({"type": kind, "message": "x"})),
        )
