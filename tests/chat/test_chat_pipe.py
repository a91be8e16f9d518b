"""Scripts say line after line, and read their own answers."""

from __future__ import annotations

import asyncio

import pytest
from chat_fakes import FakeDial, FakeLink, FakeScreen, FakeSource, make_client, settle
from chat_frames import answer, ask, done, error, ready, said, thinking

from pytlas_wamp.chat.client import Closed
from pytlas_wamp.chat.pipe import Pipe
from pytlas_wamp.chat.problems import ChatProblem, Refused
from pytlas_wamp.wire.messages import Message


class Server(FakeLink):
    """Answers every message with what a test gave for it."""

    def __init__(self, replies, *, first=()):
        super().__init__(ready(), *first)
        self._replies = replies

    def send(self, text):
        super().send(text)
        frame = self.sent[-1]
        if isinstance(frame, Message):
            self.arrive(*self._replies(frame))

    @property
    def heard(self):
        return [frame.message for frame in self.sent if isinstance(frame, Message)]


def echo(message):
    re = message.id
    return [thinking(re=re), answer(f"you: {message.message}", re=re), done(re=re)]


async def feed(lines):
    for line in lines:
        yield line


def run(lines, *links, source=None, lines_end=True):
    """Returns exit code, output, complaints."""
    out, complaints = [], []

    async def scenario():
        client = make_client(FakeDial(*links), screen=None, source=source)
        pipe = Pipe(
            conversation=client.conversation,
            lines=feed(lines),
            out=out.append,
            complain=complaints.append,
            sleep=lambda _: settle(),
        )
        client._screen = pipe
        return await asyncio.wait_for(pipe.run(client), 5)

    return asyncio.run(scenario()), out, complaints


class TestPipe:
    def test_each_line_is_said_after_the_last_one_is_done(self):
        server = Server(echo)

        assert run(["one", "", "two"], server) == (0, ["you: one", "you: two"], [])
        assert server.heard == ["one", "two"]

    def test_a_line_waits_for_the_end_of_the_turn_before(self):
        server = Server(lambda m: [thinking(re=m.id)] if m.message == "one" else echo(m))
        lines = ["one", "two"]

        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(_wait_for_ever(lines, server), 0.05))
        assert server.heard == ["one"]

    def test_a_question_is_printed_and_the_next_line_answers_it(self):
        def reply(m):
            if m.message == "color":
                return [
                    thinking(re=m.id),
                    done(re=m.id, require_input=True),
                    ask("Which?", choices=["red", "blue"], seq=9, re=m.id),
                ]
            return echo(m)

        server = Server(reply)

        assert run(["color", "2"], server) == (0, ["Which?\n1. red\n2. blue", "you: blue"], [])
        assert server.sent[-1].answers == 9

    def test_an_error_is_complained_about_and_makes_the_exit_code(self):
        def reply(m):
            failed = error("the skill x failed", code="skill-failed", seq=1, re=m.id)
            return [failed, done(re=m.id)] if m.message == "bad" else echo(m)

        code, out, complaints = run(["bad", "good"], Server(reply))

        assert (code, out) == (1, ["you: good"])
        assert complaints == ["the skill x failed. Trying again may help."]

    def test_what_others_cause_is_not_printed(self):
        def reply(m):
            return [said("theirs"), answer("theirs", re="x"), answer("a timer"), *echo(m)]

        assert run(["one"], Server(reply))[1:] == (["you: one"], [])

    def test_a_question_that_was_pending_is_told(self):
        server = Server(echo, first=[ask("Which?", re="x")])

        code, out, complaints = run(["red"], server)
        assert (code, out) == (0, ["you: red"])
        assert complaints == ["A question is pending; the next line answers it: Which?"]

    def test_a_second_intent_is_waited_for(self):
        def reply(m):
            return [*echo(m), *echo(m)]

        assert run(["one"], Server(reply)) == (0, ["you: one", "you: one"], [])

    def test_a_lost_connection_in_a_turn_gives_up(self):
        server = Server(lambda m: [thinking(re=m.id), Closed(code=1006, reason="")])

        code, out, complaints = run(["one", "two"], server, Server(echo))
        assert (code, out) == (1, [])
        assert complaints == ["Gave up: the connection was lost before the answer came."]

    def test_a_lost_connection_between_turns_is_opened_again(self):
        first = Server(lambda m: [*echo(m), Closed(code=1006, reason="")])
        second = Server(echo)

        assert run(["one", "two"], first, second) == (0, ["you: one", "you: two"], [])

    def test_nobody_can_sign_in_again(self):
        refusal = Refused("token-refused", detail="used")
        link = FakeLink(Closed(code=1000, reason="authentication-expired"))

        with pytest.raises(ChatProblem, match=r"ended the connection for good \(it has expired\)"):
            run(["one"], link, source=FakeSource(refusal))

    def test_a_line_too_long_is_a_problem(self):
        with pytest.raises(ChatProblem, match="too long"):
            run(["x" * 70000], Server(echo))


async def _wait_for_ever(lines, server):
    client = make_client(FakeDial(server), screen=FakeScreen())
    pipe = Pipe(
        conversation=client.conversation,
        lines=feed(lines),
        out=print,
        complain=print,
        sleep=lambda _: settle(),
    )
    client._screen = pipe
    return await pipe.run(client)
