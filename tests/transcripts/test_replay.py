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
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(path, monkeypatch):
    transcript = json.loads(path.read_text(encoding="utf-8"))
    limits = evolve(Limits(), **transcript.get("limits", {}))
    with wire_pair.wire(monkeypatch, limits=limits) as wire:
        Replay(wire, transcript).run()
        if "boom" in transcript["needs"]:
            assert [fault for fault in wire.faults() if not fault.startswith("skill ")] == []
