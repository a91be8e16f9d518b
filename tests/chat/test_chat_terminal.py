"""A person types, and reads, at a terminal in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from chat_fakes import PAIR, FakeDial, FakeLink, FakeSource, make_client
from chat_frames import answer, ask, context, done, ready, thinking
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from pytlas_wamp.chat.client import Closed
from pytlas_wamp.chat.paper import Paper
from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable
from pytlas_wamp.chat.terminal import Offers, Terminal
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.wire.messages import Cancel, Message

CTRL_C, CTRL_D, ENTER, TAB, DOWN, UP = "\x03", "\x04", "\r", "\t", "\x1b[B", "\x1b[A"


class Recorder(DummyOutput):
    """Keeps what is printed above the prompt."""

    def __init__(self):
        self.text = ""

    def write_raw(self, data):
        self.text += data


class Desk:
    """A terminal, its keyboard, and the server's end of the connection."""

    def __init__(self, keyboard, *links, source=None, now=0):
        self.links = links or (FakeLink(ready()),)
        self.link = self.links[0]
        self.keyboard = keyboard
        self.output = Recorder()
        self.source = source or FakeSource()
        self.now = now
        self.client = make_client(
            FakeDial(*self.links), source=self.source, sleep=lambda _: asyncio.sleep(0)
        )
        self.talk = self.client.conversation
        self.talk.clock = lambda: self.now
        self.terminal = Terminal(
            conversation=self.talk,
            server="http://a",
            source=self.source,
            history=InMemoryHistory(),
            input=keyboard,
            output=self.output,
            paper=Paper(columns=lambda: 80),
            clock=lambda: self.now,
            sleep=self._sleep,
        )
        self.client._screen = self.terminal

    async def _sleep(self, _):
        await asyncio.sleep(0.001)

    async def type(self, *keys):
        for key in keys:
            self.keyboard.send_text(key)
            await self.settle()

    async def settle(self):
        # prompt_toolkit waits a moment for the rest of an escape sequence.
        for _ in range(20):
            await asyncio.sleep(0.001)

    async def arrive(self, *frames):
        self.link.arrive(*frames)
        await self.settle()

    @property
    def heard(self):
        return [
            frame.message
            for link in self.links
            for frame in link.sent
            if isinstance(frame, Message)
        ]

    @property
    def line(self):
        return self.terminal._prompt.default_buffer.text

    @property
    def toolbar(self):
        return "".join(text for _, text in self.terminal._toolbar())

    @property
    def prompt(self):
        return "".join(text for _, text in self.terminal._message())


@asynccontextmanager
async def sitting(*links, **kwargs):
    """A desk whose terminal runs; leaves it with Ctrl-D."""
    with create_pipe_input() as keyboard:
        desk = Desk(keyboard, *links, **kwargs)
        desk.running = asyncio.ensure_future(desk.terminal.run(desk.client))
        await desk.settle()
        yield desk
        if not desk.running.done():
            await desk.type(CTRL_C, CTRL_D)
        desk.code = await asyncio.wait_for(desk.running, 5)


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario(), 20))


class TestTalking:
    def test_what_is_typed_is_said_and_answers_stand_above(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("hello", ENTER)
                await desk.arrive(answer("**Hi**"))
            return desk

        desk = run(scenario)
        assert desk.heard == ["hello"]
        assert desk.code == 0
        assert desk.output.text.splitlines() == [
            "Connected to http://a as alice. /help tells the keys, Ctrl-D leaves.",
            "● Hi",
            "Bye.",
        ]

    def test_an_empty_line_says_nothing(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type(ENTER, "  ", ENTER)
            return desk.heard

        assert run(scenario) == []

    def test_arrows_bring_back_what_was_said(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("hello", ENTER, UP, ENTER)
            return desk.heard

        assert run(scenario) == ["hello", "hello"]

    def test_a_line_is_kept_while_not_connected(self):
        async def scenario():
            async with sitting(FakeLink()) as desk:
                await desk.type("hello", ENTER)
                return desk.line, desk.heard, desk.output.text

        line, heard, text = run(scenario)
        assert (line, heard) == ("hello", [])
        assert text == "Not connected: nothing was sent. Your line is kept.\n"

    def test_what_arrives_does_not_touch_the_line(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("hal")
                await desk.arrive(answer("A timer rings"))
                return desk.line

        assert run(scenario) == "hal"

    def test_the_end_for_good_is_told(self):
        async def scenario():
            async with sitting() as desk:
                await desk.arrive(Closed(code=1000, reason="account-disabled"))

        with pytest.raises(ChatProblem, match="Your account is disabled"):
            run(scenario)


class TestChoices:
    @pytest.mark.parametrize(
        "keys",
        [("2", ENTER), ("Blue", ENTER), (TAB, TAB, ENTER), (DOWN, DOWN, ENTER), ("bl", TAB, ENTER)],
    )
    def test_they_can_be_picked(self, keys):
        async def scenario():
            async with sitting() as desk:
                await desk.arrive(ask(choices=["red", "blue"], seq=7))
                await desk.type(*keys)
            return desk.link.sent[1]

        sent = run(scenario)
        assert (sent.message, sent.answers) == ("blue", 7)

    def test_without_them_down_is_history(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type(DOWN)
                return desk.line

        assert run(scenario) == ""


class TestOffers:
    def offered(self, typed, *frames):
        talk = make_client(FakeDial()).conversation
        for frame in frames:
            talk.take(frame)
        return [c.text for c in Offers(talk).get_completions(Document(typed), None)]

    @pytest.mark.parametrize(("typed", "offers"), [("", ["red", "Rosé"]), ("RO", ["Rosé"])])
    def test_choices_go_on_from_what_was_typed(self, typed, offers):
        assert self.offered(typed, ask(choices=["red", "Rosé"])) == offers

    def test_commands_begin_with_a_slash(self):
        assert self.offered("/c", ask(choices=["/x"])) == ["/cancel"]

    def test_there_is_nothing_to_offer_otherwise(self):
        assert self.offered("") == []


class TestKeys:
    def test_ctrl_c_cancels_what_runs(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("slow", ENTER, "ne", CTRL_C)
                line = desk.line
                await desk.arrive(done(re=desk.link.sent[-1].id))
            return desk.link.sent[2], line

        sent, line = run(scenario)
        assert isinstance(sent, Cancel)
        assert line == "ne"

    def test_ctrl_c_cancels_a_question(self):
        async def scenario():
            async with sitting() as desk:
                await desk.arrive(ask())
                await desk.type(CTRL_C)
            return desk.link.sent[1:]

        (sent,) = run(scenario)
        assert isinstance(sent, Cancel)

    def test_ctrl_c_clears_the_line_else(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("hello", CTRL_C)
                return desk.line, desk.link.sent[1:]

        assert run(scenario) == ("", [])


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "told"),
        [
            ("/help", "Ctrl-D leaves.\n/cancel"),
            ("/who", "alice at http://a (pytlas-wamp 1)"),
            ("/nope", "There is no /nope."),
        ],
    )
    def test_they_are_not_said(self, command, told):
        async def scenario():
            async with sitting() as desk:
                await desk.type(command, ENTER)
            return desk

        desk = run(scenario)
        assert told in desk.output.text
        assert desk.heard == []

    def test_cancel_cancels(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("/cancel", ENTER)
            return desk.link.sent[1]

        assert isinstance(run(scenario), Cancel)

    def test_quit_leaves(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("/quit", ENTER)
            return desk.code, desk.link.closed

        assert run(scenario) == (0, True)

    def test_two_slashes_say_one(self):
        async def scenario():
            async with sitting() as desk:
                await desk.type("//help // me", ENTER)
            return desk.heard

        assert run(scenario) == ["/help // me"]


class TestToolbar:
    def test_thinking_counts_seconds(self):
        async def scenario():
            async with sitting() as desk:
                await desk.arrive(thinking())
                desk.now = 3.05
                toolbar = desk.toolbar
                await desk.arrive(done())
                return toolbar

        assert run(scenario) == "⠋ thinking… 3 s  Ctrl-C cancels"

    @pytest.mark.parametrize(
        ("frames", "told"),
        [
            ([], "/help, Ctrl-D leaves"),
            ([ask(choices=None)], "type your answer, Ctrl-C cancels"),
            ([ask(choices=["a", "b"])], "1-2, Tab or ↓ chooses, Ctrl-C cancels"),
        ],
    )
    def test_keys_that_make_sense_now(self, frames, told):
        async def scenario():
            async with sitting() as desk:
                await desk.arrive(*frames)
                return desk.toolbar

        assert run(scenario) == told

    def test_before_the_first_connection(self):
        async def scenario():
            async with sitting(FakeLink()) as desk:
                return desk.toolbar

        assert run(scenario) == "connecting…"

    def test_between_connections_it_counts_down(self):
        async def scenario():
            async with sitting() as desk:
                desk.client._sleep = lambda _: asyncio.Event().wait()
                await desk.arrive(Closed(code=1006, reason=""))
                return desk.toolbar, desk.output.text

        toolbar, text = run(scenario)
        assert toolbar == "not connected, next try in 1 s"
        assert "The connection is lost (1006). Trying again…" in text

    def test_and_comes_back(self):
        async def scenario():
            async with sitting(FakeLink(ready()), FakeLink(ready(language="fr"))) as desk:
                await desk.arrive(Closed(code=1006, reason=""))
                return desk.toolbar, desk.output.text

        toolbar, text = run(scenario)
        assert toolbar == "/help, Ctrl-D quitte"
        assert "De nouveau connecté." in text


class TestPrompt:
    def test_it_tells_who_and_the_context(self):
        async def scenario():
            async with sitting() as desk:
                before = desk.prompt
                await desk.arrive(context(name="va\x1bult"))
                return before, desk.prompt

        assert run(scenario) == ("alice \u203a ", "alice [va␛ult] \u203a ")


def at_desk(*keys, source=None, ask_for):
    """Types into a question of the terminal; returns its outcome and the desk."""

    async def scenario():
        with create_pipe_input() as keyboard:
            desk = Desk(keyboard, source=source)
            keyboard.send_text("".join(keys))
            try:
                return await ask_for(desk.terminal), desk
            except ChatProblem as problem:
                return problem, desk

    return run(scenario)


class TestSigningIn:
    @pytest.mark.parametrize(("typed", "name"), [("", "me"), (" bob ", "bob")])
    def test_a_name_is_asked_for(self, typed, name):
        outcome, _ = at_desk(
            typed, ENTER, ask_for=lambda terminal: terminal.ask_name("me", Texts())
        )

        assert outcome == name

    def test_a_password_buys_tokens(self):
        source = FakeSource(PAIR)
        outcome, desk = at_desk(
            "pw", ENTER, source=source, ask_for=lambda terminal: terminal.ask_tokens(Texts())
        )

        assert outcome is PAIR
        assert source.asked == [("sign-in", "alice", "pw")]
        assert desk.output.text == ""

    def test_a_wrong_one_may_be_typed_three_times(self):
        source = FakeSource(*[Refused("wrong-password") for _ in range(3)])
        outcome, desk = at_desk(
            *["pw" + ENTER] * 3,
            source=source,
            ask_for=lambda terminal: terminal.ask_tokens(Texts("fr")),
        )

        assert isinstance(outcome, Refused)
        assert desk.output.text.count("Le nom ou le mot de passe est faux") == 2

    def test_again_in_the_middle_keeps_the_line(self):
        async def scenario():
            second = FakeLink(ready())
            source = FakeSource(Refused("token-refused", detail="used"), PAIR)
            async with sitting(FakeLink(ready()), second, source=source) as desk:
                await desk.type("hal")
                await desk.arrive(Closed(code=1000, reason="authentication-revoked"))
                await desk.type("pw", ENTER)
                await desk.settle()
                return desk.line, source.asked[-1], second.sent[:1], desk.output.text

        line, asked, sent, text = run(scenario)
        assert (line, asked) == ("hal", ("sign-in", "alice", "pw"))
        assert len(sent) == 1
        assert "The session has ended (it was revoked). Please sign in again." in text

    @pytest.mark.parametrize("outcome", [CTRL_D, CTRL_C, "pw" + ENTER])
    def test_giving_up_in_the_middle_ends_it(self, outcome):
        async def scenario():
            trouble = Unreachable("timeout", url="u", seconds=1)
            source = FakeSource(Refused("token-refused", detail="used"), trouble)
            async with sitting(source=source) as desk:
                await desk.arrive(Closed(code=1000, reason="authentication-revoked"))
                await desk.type(outcome)

        with pytest.raises(ChatProblem, match="ended the connection for good"):
            run(scenario)
