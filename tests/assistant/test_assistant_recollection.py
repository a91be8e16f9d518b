"""What is known of accepted messages: as a dict would know it, in less room."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.assistant.recollection import Recollection, _stands_for
from pytlas_wamp.journal.model import Remembered

DIGEST = "0123456789abcdef01234567"
IDS = st.sampled_from(["", "a", "b", "\0", "\ud800", "é" * 300, "a1", "a2", "a3"])


def known(id_, seq=1, digest=DIGEST):
    return Remembered(id=id_, digest=digest, seq=seq)


@given(st.lists(IDS, max_size=30), st.integers(1, 9))
def test_the_newest_of_an_id_is_found_as_long_as_it_is_one_of_the_newest(ids, most):
    recollection = Recollection(most)

    for seq, id_ in enumerate(ids):
        recollection.add(known(id_, seq))

    newest = {id_: known(id_, seq) for seq, id_ in enumerate(ids) if seq >= len(ids) - most}
    assert {id_: recollection.find(id_) for id_ in ids} == dict.fromkeys(ids) | newest
    assert len(recollection) == min(len(ids), most)


def test_one_of_another_id_is_not_found():
    recollection = Recollection(5)
    recollection.add(known("a"))

    assert recollection.find("b") is None


def test_none_is_found_when_all_were_forgotten():
    recollection = Recollection(5)
    recollection.add(known("a"))

    recollection.clear()

    assert (recollection.find("a"), len(recollection)) == (None, 0)


def test_what_looks_like_an_id_in_the_middle_of_another_is_not_taken_for_it():
    recollection = Recollection(5)
    # The number of a message and what follows it are together what stands for "b".
    looks_like_b, rest = struct.unpack("<8s8s", _stands_for("b"))
    (number,) = struct.unpack("<q", looks_like_b)
    recollection.add(known("b", 7))
    recollection.add(known("a", number))
    recollection._rows += rest + bytes(40)

    assert recollection.find("b") == known("b", 7)


@pytest.mark.parametrize("digest", ["", "short", "é" * 24, "longer than any digest we make"])
def test_a_digest_that_is_none_of_ours_is_unlike_all_of_them(digest):
    recollection = Recollection(5)
    recollection.add(known("a", 3, digest))

    found = recollection.find("a")
    assert (found.seq, found.digest == DIGEST) == (3, False)
