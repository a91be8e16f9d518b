"""The whole client, with a server in memory."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import sys
from functools import partial

import pytest
from chat_fakes import PAIR, FakeDial, FakeLink, FakeSource
from chat_frames import answer, done, ready
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from pytlas_wamp.chat import program
from pytlas_wamp.chat.problems import ChatProblem, Refused
from pytlas_wamp.chat.program import Run, read_lines, run_chat
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.chat.tokens import HttpTokens
from pytlas_wamp.wire.messages import Message


class Echo(FakeLink):
    """A server that says what it hears, in French."""

    def __init__(self):
        super().__init__(ready(language="fr"))

    def send(self, text):
        super().send(text)
        frame = self.sent[-1]
        if isinstance(frame, Message):
            self.arrive(answer(frame.message, re=frame.id), done(re=frame.id))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def make_run(stdin="", *, source=None, **kwargs):
    source = source or FakeSource(PAIR)
    return Run(
        stdin=io.StringIO(stdin) if isinstance(stdin, str) else stdin,
        **{"stdout": io.StringIO(), "stderr": io.StringIO(), **kwargs},
        make_source=lambda _: source,
        make_dial=lambda _: FakeDial(Echo()),
    )


def talk(run, url="http://a"):
    return asyncio.run(asyncio.wait_for(run.talk(url), 5))


class TestThroughPipes:
    def test_lines_are_said_and_answers_printed(self):
        run = make_run("one\ntwo\n", name="alice", password="pw")

        assert talk(run) == 0
        assert run.stdout.getvalue() == "one\ntwo\n"

    def test_the_first_line_may_be_the_password(self):
        source = FakeSource(PAIR)
        run = make_run(" pass word \none\n", source=source, name=" alice ", password_stdin=True)

        assert talk(run) == 0
        assert source.asked == [("sign-in", " alice ", " pass word ")]
        assert run.stdout.getvalue() == "one\n"

    @pytest.mark.parametrize("stdin", ["", "\nhello\n"])
    def test_without_a_password_it_says_so(self, stdin):
        with pytest.raises(ChatProblem, match="A password is needed"):
            talk(make_run(stdin, name="alice", password_stdin=True))

    def test_the_name_is_the_users_own_by_default(self, monkeypatch):
        monkeypatch.setattr(program.getpass, "getuser", lambda: "me")
        source = FakeSource(PAIR)
        talk(make_run(source=source, password="pw"))

        assert source.asked == [("sign-in", "me", "pw")]

    def test_nobody_in_particular_has_to_say_who(self, monkeypatch):
        def nobody():
            raise OSError

        monkeypatch.setattr(program.getpass, "getuser", nobody)

        with pytest.raises(ChatProblem, match="A name is needed"):
            talk(make_run(password="pw"))

    def test_a_bad_address_is_told_first(self):
        with pytest.raises(ChatProblem, match="is not an address"):
            talk(make_run(), "ftp://a")

    def test_complaints_are_in_the_language_of_the_user(self):
        run = make_run("one\n", name="alice", password="pw", texts=Texts("en"))
        before = run.spoken.language
        talk(run)

        assert (before, run.spoken.language) == ("en", "fr")


class TestAtATerminal:
    def sit(self, tmp_path, typed, **kwargs):
        with create_pipe_input() as keyboard:
            run = make_run(
                Terminal(),
                stdout=Terminal(),
                state=tmp_path,
                make_input=lambda: keyboard,
                make_output=DummyOutput,
                **kwargs,
            )

            async def scenario():
                running = asyncio.ensure_future(run.talk("http://a"))
                for line in typed:
                    await asyncio.sleep(0.05)
                    keyboard.send_text(line)
                return await asyncio.wait_for(running, 5)

            return asyncio.run(scenario()), run

    def test_name_and_password_are_asked_for(self, tmp_path):
        source = FakeSource(PAIR)

        code, _ = self.sit(tmp_path, ["bob\r", "pw\r", "hello\r", "\x04"], source=source)
        assert code == 0
        assert source.asked == [("sign-in", "bob", "pw")]
        assert "hello" in (tmp_path / "chat-history").read_text("utf-8")
        assert "pw" not in (tmp_path / "chat-history").read_text("utf-8")

    def test_nothing_is_asked_that_is_known(self, tmp_path):
        source = FakeSource(PAIR)
        code, _ = self.sit(tmp_path, ["\x04"], source=source, name="bob", password="pw")

        assert code == 0
        assert source.asked == [("sign-in", "bob", "pw")]

    def test_a_wrong_password_of_the_environment_ends_it(self, tmp_path):
        source = FakeSource(Refused("wrong-password"))

        with pytest.raises(Refused):
            self.sit(tmp_path, [], source=source, name="bob", password="pw")


class TestLines:
    def read(self, stream):
        async def scenario():
            return [line async for line in read_lines(stream)]

        return asyncio.run(asyncio.wait_for(scenario(), 5))

    def test_of_a_file(self, tmp_path):
        (tmp_path / "f").write_text("one\r\ntwo", "utf-8")
        with (tmp_path / "f").open(newline="") as stream:
            assert self.read(stream) == ["one", "two"]

    def pipe(self, data):
        reading, writing = os.pipe()
        os.write(writing, data)
        os.close(writing)
        return os.fdopen(reading)

    def test_of_a_pipe(self):
        assert self.read(self.pipe(b"one\n\ncaf\xc3\xa9 \xff")) == ["one", "", "café \ufffd"]

    def test_a_line_too_long_is_a_problem(self, monkeypatch):
        monkeypatch.setattr(program, "_LONGEST_LINE_BYTES", 10)

        with pytest.raises(ChatProblem, match="too long"):
            self.read(self.pipe(b"x" * 100 + b"\n"))

    def test_of_memory(self):
        assert self.read(io.StringIO("one\ntwo\n")) == ["one", "two"]


class TestRunChat:
    @pytest.fixture(autouse=True)
    def environment(self, monkeypatch):
        for name in ("LC_ALL", "LC_MESSAGES", "LANG", "PYTLAS_WAMP_PASSWORD"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(sys, "stdin", io.StringIO("one\n"))

    @pytest.fixture
    def source(self, monkeypatch):
        source = FakeSource(PAIR)
        monkeypatch.setattr(program, "_http_tokens", lambda _: source)
        monkeypatch.setattr(program, "_websocket_dial", lambda _: FakeDial(Echo()))
        return source

    def test_it_returns_0_when_all_went_well(self, source, capsys):
        assert run_chat("http://a", name="alice", password="pw") == 0
        assert capsys.readouterr().out == "one\n"

    def test_the_password_may_stand_in_the_environment(self, source, monkeypatch):
        monkeypatch.setenv("PYTLAS_WAMP_PASSWORD", "secret")
        run_chat("http://a", name="alice")

        assert source.asked == [("sign-in", "alice", "secret")]

    @pytest.mark.parametrize(
        ("language", "told"), [("C", "is not an address"), ("fr_FR.UTF-8", "n'est pas une adresse")]
    )
    def test_a_problem_is_a_sentence_and_1(self, monkeypatch, capsys, language, told):
        monkeypatch.setenv("LANG", language)

        assert run_chat("ftp://a") == 1
        assert told in capsys.readouterr().err

    @pytest.mark.parametrize(("trouble", "code"), [(KeyboardInterrupt, 130), (EOFError, 1)])
    def test_leaving_early_has_a_code(self, monkeypatch, trouble, code):
        async def leave(self, url):
            raise trouble

        monkeypatch.setattr(Run, "talk", leave)

        assert run_chat() == code


class TestParts:
    def test_tokens_come_over_http(self):
        assert isinstance(program._http_tokens("address"), HttpTokens)

    def test_connections_are_websockets(self, monkeypatch):
        class Link:
            dial = staticmethod(lambda address: address)

        monkeypatch.setitem(sys.modules, "pytlas_wamp.chat.link", Link)
        dial = program._websocket_dial("address")

        assert isinstance(dial, partial)
        assert dial() == "address"

    def test_a_closed_input_has_no_lines_to_wait_for(self):
        reading, writing = os.pipe()
        os.close(writing)
        stream = os.fdopen(reading)
        assert stat.S_ISFIFO(os.fstat(reading).st_mode)
        stream.close()

        assert not program._must_wait(stream)
