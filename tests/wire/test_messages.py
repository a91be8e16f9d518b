"""The message classes themselves: values that keep secrets out of logs (spec 4)."""

from __future__ import annotations

import attrs
import pytest

from pytlas_wamp.wire.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Answer,
    AnswerData,
    Ask,
    AskData,
    Authenticate,
    Message,
    Said,
    is_absent_allowed,
)

SECRET = "nobody-may-read-this"


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            Authenticate(token=SECRET),
            Message(message=SECRET),
            Said(seq=1, message=SECRET),
            Answer(seq=1, data=AnswerData(text=SECRET, raw_text=SECRET, cards=None)),
            Ask(seq=1, data=AskData(slot="a", text=SECRET, raw_text=None, choices=[SECRET])),
        ],
    )
    def test_a_logged_message_tells_neither_token_nor_talk(self, message):
        assert SECRET not in repr(message)

    @pytest.mark.parametrize("cls", [*CLIENT_MESSAGES, *SERVER_MESSAGES])
    def test_a_field_is_none_by_default_exactly_when_it_may_be_absent(self, cls):
        for attribute in attrs.fields(cls):
            assert (attribute.default is None) == is_absent_allowed(attribute)

    def test_each_type_stands_once(self):
        types = [cls.TYPE for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)]
        assert len(set(types)) == len(types) == 14

    def test_a_message_cannot_be_changed(self):
        message = Message(message="hello")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            message.message = "goodbye"
