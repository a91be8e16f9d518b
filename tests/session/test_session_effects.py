"""What a session can ask for (spec 3)."""

from __future__ import annotations

from typing import get_args

import attrs
import pytest

from pytlas_wamp.session import effects as do
from pytlas_wamp.wire.messages import Message, Said

SECRET = "nobody-may-read-this"


class TestEffects:
    def test_the_list_and_the_type_are_the_same(self):
        assert set(do.EFFECTS) == set(get_args(do.Effect))

    @pytest.mark.parametrize("cls", do.EFFECTS)
    def test_they_are_values(self, cls):
        values = {attribute.name: 1 for attribute in attrs.fields(cls)}
        assert cls(**values) == cls(**values)
        assert hash(cls(**values)) == hash(cls(**values))

    @pytest.mark.parametrize(
        "effect",
        [
            do.VerifyToken(token=SECRET),
            do.Say(message=Message(message=SECRET)),
            do.Send(frame=Said(seq=1, message=SECRET)),
        ],
    )
    def test_a_logged_effect_tells_neither_token_nor_talk(self, effect):
        assert SECRET not in repr(effect)
