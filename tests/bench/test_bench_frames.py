"""The bytes that the benchmark's clients send and read."""

from __future__ import annotations

import json

import pytest

from bench import frames
from wire_devices import frame as server_frame


def _unmasked(data):
    """What a server reads: opcode and payload of one frame."""
    assert data[1] & 0x80
    length, start = data[1] & 0x7F, 2
    if length > 125:
        start = 4 if length == 126 else 10
        length = int.from_bytes(data[2:start], "big")
    mask, payload = data[start : start + 4], data[start + 4 :]
    assert len(payload) == length
    assert any(mask)
    return data[0], bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


class TestFrames:
    @pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
    def test_a_server_reads_what_was_meant(self, length):
        payload = bytes(number % 251 for number in range(length))
        assert _unmasked(frames.frame(payload)) == (0x81, payload)

    def test_a_control_frame_has_its_opcode(self):
        assert _unmasked(frames.frame(b"so", frames.PONG)) == (0x8A, b"so")

    def test_the_first_frame_has_the_token(self):
        _, payload = _unmasked(frames.authenticate("t.o.k"))
        assert json.loads(payload) == {"type": "authenticate", "token": "t.o.k"}


class TestMessages:
    def test_each_says_the_same_with_another_id(self):
        messages = frames.Messages(frames.SENTENCE, 99)
        read = [json.loads(_unmasked(messages.next())[1]) for _ in range(2)]
        assert read == [
            {"type": "message", "id": "0000000000000099", "message": frames.SENTENCE},
            {"type": "message", "id": "0000000000000100", "message": frames.SENTENCE},
        ]


class TestSplitting:
    def test_frames_are_told_apart(self):
        data = b"".join(
            server_frame(payload, masked=False) for payload in (b"", b"a" * 126, b"b" * 65_536)
        )
        assert frames.split(data) == ([(1, b""), (1, b"a" * 126), (1, b"b" * 65_536)], b"")

    def test_wherever_it_is_cut_nothing_is_lost(self):
        data = server_frame(b"first", masked=False) + server_frame(b"x" * 200, masked=False)
        for at in range(len(data) + 1):
            some, rest = frames.split(data[:at])
            more, end = frames.split(rest + data[at:])
            assert [payload for _, payload in some + more] == [b"first", b"x" * 200]
            assert end == b""

    def test_a_ping_is_seen(self):
        assert frames.split(server_frame(b"?", 9, masked=False)) == ([(9, b"?")], b"")
