"""A child process: its lines, its end, and how it is ended."""

from __future__ import annotations

import os

import pytest
from attrs import Factory, define
from hypothesis import given
from hypothesis import strategies as st
from processes_for_tests import FakeGroups, FakeReactor

from pytlas_wamp.transport.child_process import (
    GRACE_SECONDS,
    MAX_LINE_CHARACTERS,
    ChildFailed,
    Lines,
    start_child,
)


@define
class Stage:
    reactor: FakeReactor = Factory(FakeReactor)
    groups: FakeGroups = Factory(FakeGroups)
    lines: list[str] = Factory(list)
    outcomes: list = Factory(list)

    def start(self):
        child = start_child(
            self.reactor,
            ["/usr/bin/python", "-m", "x"],
            {"PATH": "/usr/bin"},
            take=self.lines.append,
            deadline_seconds=600,
            signal_group=self.groups,
        )
        child.ended.addBoth(self.outcomes.append)
        return child

    @property
    def outcome(self):
        """None, or the text it failed with."""
        (outcome,) = self.outcomes
        return outcome and str(outcome.trap(ChildFailed) and outcome.value)


@pytest.fixture
def stage():
    return Stage()


def cut(*chunks: bytes) -> list[str]:
    found: list[str] = []
    lines = Lines(found.append)
    for chunk in chunks:
        lines.feed(chunk)
    lines.end()
    return found


class TestLines:
    @pytest.mark.parametrize(
        ("chunks", "lines"),
        [
            ([b"one\ntwo\n"], ["one", "two"]),
            ([b"on", b"e\r", b"\ntwo"], ["one", "two"]),
            ([b"10%\r20%\r\n\n  \n"], ["10%", "20%"]),
            ([b"\xc3", b"\xa4\n\xff\n"], ["ä", "\ufffd"]),
            ([b"\x1b[31mred\x1b[0m\n"], ["red"]),
            ([b""], []),
        ],
    )
    def test_are_cut_wherever_they_end(self, chunks, lines):
        assert cut(*chunks) == lines

    def test_are_bounded(self):
        (line,) = cut("ä".encode() * 10_000)
        assert line == "ä" * (MAX_LINE_CHARACTERS - 1) + "…"

    def test_without_an_end_fill_no_memory(self):
        lines = Lines([].append)
        for _ in range(100):
            lines.feed(b"x" * 1_000)
        assert len(lines._begun) < 5_000

    @given(st.lists(st.binary(max_size=20)))
    def test_do_not_depend_on_how_they_arrive(self, chunks):
        assert cut(*chunks) == cut(b"".join(chunks))


class TestStarting:
    def test_hands_over_the_arguments_and_nothing_of_our_environment(self, stage):
        stage.start()
        process = stage.reactor.process
        assert process.arguments == ["/usr/bin/python", "-m", "x"]
        assert process.environment == {"PATH": "/usr/bin"}

    def test_gives_nothing_to_read(self, stage):
        stage.start()
        assert stage.reactor.process.stdin_closed

    def test_that_fails_is_told(self, stage):
        stage.reactor.trouble = FileNotFoundError(2, "No such file")
        stage.start()
        assert stage.outcome == "It could not be started: [Errno 2] No such file."
        assert stage.reactor.getDelayedCalls() == []

    def test_signals_groups_of_the_system_unless_told_otherwise(self, stage, monkeypatch):
        monkeypatch.setattr(os, "killpg", stage.groups)
        child = start_child(stage.reactor, ["x"], {}, take=print, deadline_seconds=1)
        child.stop("Enough.")
        assert stage.groups.signals == [(4711, "SIGTERM")]


class TestEnding:
    def test_well_is_a_success(self, stage):
        stage.start()
        stage.reactor.process.end()
        assert stage.outcome is None
        assert stage.reactor.getDelayedCalls() == []

    @pytest.mark.parametrize(
        ("end", "text"),
        [
            ({"code": 1}, "It failed with exit code 1; its lines say why."),
            ({"by": 9}, "It was ended by signal 9."),
        ],
    )
    def test_badly_is_told(self, stage, end, text):
        stage.start()
        stage.reactor.process.end(**end)
        assert stage.outcome == text

    def test_lines_of_both_outputs_arrive_whole(self, stage):
        stage.start()
        stage.reactor.process.out(b"cloning")
        stage.reactor.process.err(b"warning: slow\nfatal")
        stage.reactor.process.out(b" x\n")
        assert stage.lines == ["warning: slow", "cloning x"]
        stage.reactor.process.end(1)
        assert stage.lines == ["warning: slow", "cloning x", "fatal"]


class TestDeadline:
    def test_ends_the_whole_group_politely_and_then_kills_it(self, stage):
        stage.start()
        stage.reactor.advance(599)
        assert stage.groups.signals == []
        stage.reactor.advance(1)
        assert stage.groups.signals == [(4711, "SIGTERM")]
        assert stage.reactor.process.signals == ["SIGTERM"]
        stage.reactor.advance(GRACE_SECONDS)
        assert stage.groups.signals == [(4711, "SIGTERM"), (4711, "SIGKILL")]
        assert stage.reactor.process.pipes_closed
        stage.reactor.process.end(by=9)
        assert stage.outcome == "It was not done after 600 seconds and was ended."

    def test_who_obeys_is_not_killed(self, stage):
        stage.start()
        stage.reactor.advance(600)
        stage.reactor.process.end(by=15)
        assert stage.outcome == "It was not done after 600 seconds and was ended."
        assert stage.reactor.getDelayedCalls() == []

    def test_one_that_leads_no_group_yet_is_ended_alone(self, stage):
        stage.groups.there = False
        stage.start()
        stage.reactor.advance(600)
        assert stage.reactor.process.signals == ["SIGTERM"]

    def test_what_it_left_behind_is_ended_when_it_is_gone_itself(self, stage):
        stage.start()
        stage.reactor.process.has_exited = True
        stage.reactor.pump([600, GRACE_SECONDS])
        assert stage.groups.signals == [(4711, "SIGTERM"), (4711, "SIGKILL")]
        assert stage.reactor.process.signals == []


class TestStopping:
    def test_says_why(self, stage):
        child = stage.start()
        child.stop("The server was stopped.")
        stage.reactor.process.end(by=15)
        assert stage.outcome == "The server was stopped."

    def test_twice_changes_nothing(self, stage):
        child = stage.start()
        child.stop("First.")
        child.stop("Second.")
        assert stage.groups.signals == [(4711, "SIGTERM")]
        stage.reactor.process.end(by=15)
        assert stage.outcome == "First."

    def test_after_the_end_signals_nobody(self, stage):
        child = stage.start()
        stage.reactor.process.end()
        child.stop("Too late.")
        assert stage.groups.signals == []
        assert stage.outcome is None
        assert stage.reactor.getDelayedCalls() == []

    def test_one_that_never_started_signals_nobody(self, stage):
        stage.reactor.trouble = OSError("no")
        stage.start().stop("Too late.")
        assert stage.groups.signals == []
