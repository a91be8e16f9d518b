"""The codec against the published schemas, on documents nobody would think of (spec 4)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import example, given

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import decode_client, decode_server, encode
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Message
from strategies import (
    garbage_texts,
    json_values,
    messages,
    near_misses,
    share,
    shuffled_documents,
)
from wire_schemas import VALIDATORS, client_type, server_type

DEPTH = 32
ALL = (*CLIENT_MESSAGES, *SERVER_MESSAGES)
FIRST_FIVE = set(list(ErrorCode)[:5])


def _decode(text: str, *, by_client: bool) -> Any:
    return decode_client(text, max_depth=DEPTH) if by_client else decode_server(text)


def _decoded_type(text: str, *, by_client: bool) -> str | None:
    """The type of the message that the codec makes of a text, None when it refuses."""
    try:
        return _decode(text, by_client=by_client).TYPE
    except ClientError as error:
        refused = error
    assert refused.code in FIRST_FIVE
    assert refused.detail
    return None


def _assert_agreement(document: Any) -> None:
    text = json.dumps(document)
    document = json.loads(text)
    assert _decoded_type(text, by_client=True) == client_type(document)
    assert _decoded_type(text, by_client=False) == server_type(document)


class TestRoundTrip:
    @pytest.mark.parametrize("cls", ALL)
    def test_what_is_written_is_valid_and_read_back_the_same(self, cls):
        @share(0.3)
        @given(messages(cls))
        def check(message):
            text = encode(message)
            assert text.isascii()
            assert list(VALIDATORS[cls.TYPE].iter_errors(json.loads(text))) == []
            assert _decode(text, by_client=cls in CLIENT_MESSAGES) == message

        check()

    @share(0.6)
    @given(near_misses(Message))
    def test_what_was_read_can_be_written(self, document):
        try:
            message = decode_client(json.dumps(document), max_depth=DEPTH)
        except ClientError:
            return
        assert decode_client(encode(message), max_depth=DEPTH) == message


class TestAgreementWithTheSchemas:
    @pytest.mark.parametrize("cls", ALL)
    def test_near_misses_are_accepted_if_and_only_if_valid(self, cls):
        seen = Counter()

        @share(1.5)
        @given(near_misses(cls))
        def check(document):
            _assert_agreement(document)
            seen[VALIDATORS[cls.TYPE].is_valid(document)] += 1

        check()
        assert min(seen[True], seen[False]) >= 30, seen

    @share(1)
    @given(shuffled_documents())
    def test_any_object_with_known_keys(self, document):
        _assert_agreement(document)

    @share(0.5)
    @given(json_values())
    @example([])
    @example("message")
    @example({"type": ["message"]})
    @example({"type": {}, "message": ""})
    def test_any_json(self, document):
        _assert_agreement(document)


class TestGarbage:
    @share(1)
    @given(garbage_texts())
    @example("")
    @example("\ufeff{}")
    @example("{")
    @example('{"message": "\ud800"}')
    def test_only_client_errors_with_a_code_are_raised(self, text):
        for by_client in (True, False):
            _decoded_type(text, by_client=by_client)
