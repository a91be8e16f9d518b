"""What is known of accepted messages: as a dict would know it, in less room."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.assistant import recollection
from pytlas_wamp.assistant.recollection import Recollection, digest
from pytlas_wamp.journal.model import Remembered
from pytlas_wamp.wire.messages import Message

DIGEST = "0123456789abcdef01234567"
IDS = st.sampled_from(["", "a", "b", "\0", "\ud800", "é" * 300, "a1", "a2", "a3"])


def known(id_, seq=1, digest=DIGEST):
    return Remembered(id=id_, digest=digest, seq=seq)


@given(st.lists(IDS, max_size=30), st.integers(1, 9))
def test_the_newest_of_an_id_is_found_as_long_as_it_is_one_of_the_newest(ids, most):
    some = Recollection(most)

    for seq, id_ in enumerate(ids):
        some.add(known(id_, seq))

    newest = {id_: known(id_, seq) for seq, id_ in enumerate(ids) if seq >= len(ids) - most}
    assert {id_: some.find(id_) for id_ in ids} == dict.fromkeys(ids) | newest
    assert len(some) == min(len(ids), most)


def test_one_of_another_id_is_not_found():
    some = Recollection(5)
    some.add(known("a"))

    assert some.find("b") is None


def test_none_is_found_when_all_were_forgotten():
    some = Recollection(5)
    some.add(known("a"))

    some.clear()

    assert (some.find("a"), len(some)) == (None, 0)


def test_what_looks_like_an_id_in_the_middle_of_others_is_not_taken_for_it(monkeypatch):
    keys = {"b": b"12345678abcdefgh", "a": b"????????12345678", "c": b"abcdefgh????????"}
    monkeypatch.setattr(recollection, "_key", keys.get)
    some = Recollection(5)
    for seq, id_ in enumerate("bac"):
        some.add(known(id_, seq))

    assert some.find("b") == known("b", 0)


@pytest.mark.parametrize("digest", ["", "short", "é" * 24, "longer than any digest we make"])
def test_a_digest_that_is_none_of_ours_is_unlike_all_of_them(digest):
    some = Recollection(5)
    some.add(known("a", 3, digest))

    found = some.find("a")
    assert (found.seq, found.digest == DIGEST) == (3, False)


class TestDigests:
    @pytest.mark.parametrize("text", ["", "hi", 'a "\\\n', "\u00e9 \U0001f600 \ud800", "\0"])
    @pytest.mark.parametrize(
        "other", [{}, {"answers": 7}, {"meta": {}}, {"meta": {"b": 1, "a": 2}}]
    )
    def test_the_digest_of_a_message_is_the_same_for_ever(self, text, other):
        message = Message(**{"message": text, "id": "m1", **other})

        document = [message.message, message.answers, message.meta or {}]
        body = json.dumps(document, sort_keys=True)
        assert digest(message) == hashlib.sha256(body.encode()).hexdigest()[:24]
