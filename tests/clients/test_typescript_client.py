"""The TypeScript library, built and in Node, talks to a real daemon."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from test_legacy_client import House, Lines, environment

pytestmark = pytest.mark.service

WEB = Path(__file__).parents[2] / "clients" / "web"
CLIENT = Path(__file__).with_name("typescript_client.mjs")
ROOM = ["question", "In which room? The kitchen, for example.", None]


def found(program: str) -> str:
    """Where a program of Node is: without one nothing here means anything."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: the TypeScript library is tested in Node 20 or newer")
    return path


def npm(*arguments: str) -> None:
    ended = subprocess.run(  # noqa: S603 - our own command
        [found("npm"), "--prefix", str(WEB), *arguments],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """The library as it would be published."""
    # Tests of the pages install the same, perhaps in this moment.
    with (WEB / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (WEB / "node_modules" / "typescript").is_dir():
            npm("ci", "--no-progress")
    folder = tmp_path_factory.mktemp("library")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    npm("run", "build", "--workspace", "client", "--", "--outDir", str(folder))
    return folder


@define
class Program:
    """A program on top of the library, as a process.

    Args:
      process: itself.
    """

    process: subprocess.Popen[str]
    _printed: Lines = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin to read at once: a full pipe would stop the process."""
        self._printed = Lines(self.process)

    def do(self, command: str, **arguments: Any) -> None:
        self.process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self.process.stdin.flush()

    def next(self) -> Any:
        """What it is told next; None when it has ended."""
        line = self._printed.next()
        return None if line is None else json.loads(line)

    def until(self, wanted: list[Any]) -> list[Any]:
        """What it is told before this."""
        seen = []
        while (told := self.next()) != wanted:
            assert told is not None, seen
            seen.append(told)
        return seen

    def say(self, text: str, *, reply: bool = False) -> list[Any]:
        """What it is told from a message to its end, but for the message's own statuses."""
        self.do("say", text=text, reply=reply)
        told = self.until(["sent", text, "done"])
        return [each for each in told if each[0] != "sent"]

    def asked(self, text: str) -> list[Any]:
        """The question that a message leads to."""
        self.say(text)
        assert self.next() == ["listen"]
        return self.next()

    def begin(self) -> None:
        self.do("signIn", username="alice", password="correct horse")
        self.do("start")
        self.until(["status", "ready"])

    def end(self) -> None:
        self.process.stdin.close()
        self._printed.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """Starting takes seconds."""
    house = House(tmp_path_factory.mktemp("house"))
    house.add_person()
    house.start()
    yield house
    house.end(signal.SIGKILL)


@pytest.fixture
def run(house, library) -> Iterator[Callable[[], Program]]:
    programs = []

    def begin() -> Program:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [found("node"), str(CLIENT), str(library), str(WEB), house.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(house.folder),
        )
        programs.append(Program(process))
        return programs[-1]

    yield begin
    for program in programs:
        program.end()


class TestTalking:
    def test_it_signs_in_and_holds_a_conversation(self, run):
        program = run()
        program.begin()

        assert program.asked("turn on the lights") == ROOM
        assert program.say("kitchen", reply=True) == [
            ["answer", "The lights are on in the kitchen."]
        ]
        program.do("me")
        assert program.next() == ["me", "alice", True]
        program.do("history")
        assert program.next()[1][-2:] == ["turn on the lights", "kitchen"]

    def test_a_choice_answers_its_question(self, run):
        program = run()
        program.begin()

        (_, _, choices) = program.asked("change the color of the lights")
        assert "Red" in choices
        assert program.say("Red", reply=True) == [["answer", "The lights turn red."]]

    def test_a_cancel_leaves_the_question_open_to_nobody(self, run):
        program = run()
        program.begin()
        assert program.asked("turn on the lights") == ROOM

        program.do("cancel")

        assert program.next()[0] == "answer"
        program.do("state")
        assert program.next() == [
            "state",
            {"status": "ready", "question": None, "working": None, "pending": 0},
        ]

    def test_it_hears_what_is_said_on_another_device(self, run):
        program, other = run(), run()
        program.begin()
        other.begin()

        other.say("hello")

        assert program.next() == ["said", "hello"]
        assert program.next()[0] == "answer"

    def test_a_wrong_password_is_a_problem(self, run):
        program = run()
        program.do("signIn", username="alice", password="wrong")
        assert program.next() == ["not signed in", "Problem", 401, "authentication-failed"]


class TestLogins:
    def test_a_new_token_comes_without_a_new_connection(self, run):
        program = run()
        program.begin()

        program.do("renew")

        assert program.next() == ["renewed", True]
        assert program.say("hello")[-1][0] == "answer"

    def test_a_login_that_is_ended_elsewhere_is_over_here(self, run):
        program, other = run(), run()
        program.begin()
        other.begin()

        other.do("signOut", everywhere=True)

        assert program.next() == ["status", "signed-out"]
        assert program.next() == ["signed out", "authentication-revoked"]
        assert other.next() == ["status", "signed-out"]
        # It comes back as soon as somebody signs in.
        program.begin()


class TestRestarts:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stop", "kill"])
    def test_a_question_outlives_the_server(self, house, run, how):
        program = run()
        program.begin()
        asked = house.kept("ask")
        assert program.asked("turn on the lights") == ROOM
        house.wait_until_kept("ask", asked + 1)

        house.end(how)
        assert program.next() == ["status", "offline"]
        house.start()
        between = program.until(["status", "ready"])

        assert {status for _, status in between} <= {"connecting", "offline"}
        assert program.say("the bedroom", reply=True) == [
            ["answer", "The lights are on in the bedroom."]
        ]

    def test_what_is_said_meanwhile_is_said_once(self, house, run):
        program = run()
        program.begin()
        house.end(signal.SIGKILL)
        assert program.next() == ["status", "offline"]
        said = house.kept("said")

        program.do("say", text="hello")
        house.start()
        told = program.until(["sent", "hello", "done"])

        assert ["missed"] not in told
        assert [each[0] for each in told].count("answer") == 1
        house.wait_until_kept("said", said + 1)
        assert house.kept("said") == said + 1
