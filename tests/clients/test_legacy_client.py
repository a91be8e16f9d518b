"""A client written for the original server talks to a real daemon (spec 9.2)."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from attrs import define, field

pytestmark = pytest.mark.service

BIN = Path(sys.executable).parent
CLIENT = Path(__file__).with_name("legacy_client.mjs")
# Far beyond what anything takes; a test that gets here has failed.
PATIENCE_SECONDS = 60
# The clients of 2019 waited for 2 seconds; with the three times they tried, a daemon has 24
# seconds to come back here, however busy the machine is.
RETRY_MS = 8_000


def environment(home: Path) -> dict[str, str]:
    """That of this process without what would configure a daemon."""
    ours = ("WEB_", "SERVER_", "DATABASE_", "PYTLAS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(home), "PYTHONUNBUFFERED": "1"}


@define
class Lines:
    """What a process prints, line by line as it comes."""

    process: subprocess.Popen[str]
    _lines: Queue[str | None] = field(init=False, factory=Queue)
    _reader: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin to read at once: a full pipe would stop the process."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def next(self) -> str | None:
        """The next line; None at the end."""
        return self._lines.get(timeout=PATIENCE_SECONDS)

    def end(self, how: signal.Signals) -> None:
        """End the process and read the rest."""
        self.process.send_signal(how)
        self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)


@define
class House:
    """A daemon that comes back at the same address, and one person with an account.

    Args:
      folder: where it keeps everything.
    """

    folder: Path
    port: int = 0
    _daemon: Lines | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _command(self, name: str, *arguments: str) -> dict[str, Any]:
        return {"args": [str(BIN / name), *arguments], "env": environment(self.folder)}

    def add_person(self) -> None:
        options = ("--data-dir", str(self.folder), "user", "add", "alice", "--password-stdin")
        subprocess.run(
            **self._command("pytlas-wamp", *options),
            input="correct horse\n",
            text=True,
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        listen = f"tcp:{self.port}:interface=127.0.0.1"
        options = ("--data-dir", str(self.folder), "--listen", listen)
        # It learns nothing, so that it is back soon.
        options = (*options, "--interpreter", "patterns")
        process = subprocess.Popen(
            **self._command("twistd", "-n", "--pidfile=", "pytlas", *options),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._daemon = Lines(process)
        seen = []
        while (line := self._daemon.next()) is not None:
            seen.append(line)
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        pytest.fail("\n".join(seen))

    def kept(self, kind: str) -> int:
        """How many frames of a type are in the log."""
        with closing(sqlite3.connect(self.folder / "pytlas.sqlite3")) as database:
            query = "SELECT count(*) FROM entries WHERE kind = ?"
            return database.execute(query, (kind,)).fetchone()[0]

    def wait_until_kept(self, kind: str, count: int) -> None:
        """Wait until so many are in the log: they get there a moment after they were sent."""
        late = time.monotonic() + PATIENCE_SECONDS
        while self.kept(kind) < count:
            assert time.monotonic() < late, f"no {kind} is kept"

    def end(self, how: signal.Signals) -> None:
        self._daemon.end(how)


@define
class Client:
    """The client as a process.

    Args:
      process: itself.
    """

    process: subprocess.Popen[str]
    _printed: Lines = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin to read at once: a full pipe would stop the process."""
        self._printed = Lines(self.process)

    def say(self, sentence: str) -> list[Any]:
        """What it shows up to the end of the turn, and the question behind it."""
        self.process.stdin.write(f"{sentence}\n")
        self.process.stdin.flush()
        seen = []
        while not seen or seen[-1][0] != "done":
            seen.append(self.next())
        return [*seen, self.next()] if seen[-1] == ["done", True] else seen

    def next(self) -> Any:
        """What it shows next; None when it has ended."""
        line = self._printed.next()
        return None if line is None else json.loads(line)

    def all(self) -> list[Any]:
        """What it shows until it ends by itself, which it does when it has nothing left to do."""
        self.process.stdin.close()
        # One that hammers the server would never end.
        return list(islice(iter(self.next, None), 5))

    def end(self) -> None:
        self.process.stdin.close()
        self._printed.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """Starting takes seconds; the tests speak of different rooms, hence share it."""
    house = House(tmp_path_factory.mktemp("house"))
    house.add_person()
    house.start()
    yield house
    house.end(signal.SIGKILL)


@pytest.fixture
def dial(house) -> Iterator[Any]:
    clients = []

    def begin(*arguments: str) -> Client:
        process = subprocess.Popen(  # noqa: S603 - our own command
            ["node", "--experimental-websocket", str(CLIENT), house.url, *arguments],  # noqa: S607 - whichever is there
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment(house.folder), "NODE_NO_WARNINGS": "1"},
        )
        clients.append(Client(process))
        return clients[-1]

    yield begin
    for client in clients:
        client.end()


class TestTalking:
    def test_it_signs_in_and_holds_a_conversation_without_types(self, dial):
        client = dial("alice", "correct horse")

        assert client.next() == ["ready", "en-US"]
        assert client.say("turn on the lights") == [
            ["done", True],
            ["ask", "In which room? The kitchen, for example.", None],
        ]
        assert client.say("kitchen") == [
            ["answer", "The lights are on in the kitchen.", None],
            ["done", False],
        ]

    def test_it_gets_choices_and_cards_without_markdown(self, dial):
        client = dial("alice", "correct horse")
        client.next()

        (_, (kind, _, choices)) = client.say("change the color of the lights")
        assert (kind, "Red" in choices) == ("ask", True)
        assert client.say("red") == [["answer", "The lights turn red.", None], ["done", False]]

        ((kind, _, cards), done) = client.say("what can you do")
        assert (kind, done) == ("answer", ["done", False])
        assert all(isinstance(header, str) and header for header, _, _ in cards)

    def test_an_empty_sentence_costs_nothing(self, dial):
        client = dial("alice", "correct horse")
        client.next()

        assert client.say("")[-1] == ["done", False]
        assert client.say("hello")[-1] == ["done", False]


class TestRejection:
    def test_a_bad_token_is_rejected_and_never_tried_again(self, dial):
        assert dial("--token", "garbage").all() == [["rejected"]]

    def test_a_wrong_password_ends_before_the_conversation(self, dial):
        assert dial("alice", "wrong").all() == [["not signed in", 401]]


class TestRestarts:
    @pytest.mark.parametrize(
        ("how", "code"), [(signal.SIGTERM, 1001), (signal.SIGKILL, 1006)], ids=["stop", "kill"]
    )
    def test_it_finds_the_server_again_and_talks_on(self, house, dial, how, code):
        client = dial("alice", "correct horse", "--retry-ms", str(RETRY_MS))
        assert client.next() == ["ready", "en-US"]
        asked = house.kept("ask")
        assert client.say("turn on the lights")[0] == ["done", True]
        house.wait_until_kept("ask", asked + 1)

        house.end(how)
        house.start()

        assert client.next() == ["closed", code]
        seen = client.next()
        while seen == ["closed", 1006]:
            seen = client.next()
        assert seen == ["ready", "en-US"]
        # The question has outlived the server, whatever happened to it.
        assert client.next()[0] == "ask"
        assert client.say("the bedroom") == [
            ["answer", "The lights are on in the bedroom.", None],
            ["done", False],
        ]
