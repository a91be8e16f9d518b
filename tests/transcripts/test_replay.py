"""The server obeys every transcript of the contract, frame by frame."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from replay import Replay

import wire_pair
from pytlas_wamp.limits import Limits

FOLDER = Path(__file__).parents[2] / "spec" / "transcripts"
FILES = sorted(path for path in FOLDER.glob("*.json") if path.name != "transcript.schema.json")


def test_there_are_transcripts():
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(path, monkeypatch):
    transcript = json.loads(path.read_text(encoding="utf-8"))
    limits = evolve(Limits(), **transcript.get("limits", {}))
    with wire_pair.wire(monkeypatch, limits=limits) as wire:
        Replay(wire, transcript).run()
        if "boom" in transcript["needs"]:
            assert [fault for fault in wire.faults() if not fault.startswith("skill ")] == []


def played(monkeypatch, *steps):
    """Replays these steps of alice's devices a and b; both are signed in before."""
    hello = [
        step
        for name in "ab"
        for step in (
            {"device": name, "connect": True},
            {"device": name, "send": {"type": "authenticate", "token": "{{access:alice}}"}},
            {"device": name, "expect": {"type": "ready"}},
        )
    ]
    users = {"alice": {"language": "en-US"}}
    with wire_pair.wire(monkeypatch) as wire:
        Replay(wire, {"users": users, "steps": [*hello, *steps]}).run()


def said(name, text):
    return {"device": name, "send": {"message": text}}


def seen(name, *kinds):
    return [{"device": name, "expect": {"type": kind}} for kind in kinds]


class TestWorld:
    def test_a_killed_server_is_silent_and_another_one_answers(self, monkeypatch):
        played(
            monkeypatch,
            said("a", "slow"),
            *seen("a", "thinking"),
            *seen("b", "said", "thinking"),
            {"kill_server": True},
            {"start_server": True},
            {"device": "a", "connect": True},
            {"release": "slow"},
            {"device": "a", "expect_nothing": True},
            {"device": "a", "disconnect": True},
        )

    def test_who_reads_nothing_sees_all_of_it_later(self, monkeypatch):
        played(
            monkeypatch,
            {"device": "b", "stop_reading": True},
            said("a", "echo one"),
            *seen("a", "thinking", "answer", "done"),
            {"device": "b", "expect_nothing": True},
            said("b", "echo two"),
            *seen("a", "said", "thinking", "answer", "done"),
            {"device": "b", "read_on": True},
            *seen("b", "said", "thinking", "answer", "done", "thinking", "answer", "done"),
        )
