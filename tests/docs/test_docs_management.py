"""What the how-tos about management do: every command and request in its order."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import time
from contextlib import chdir, closing
from urllib.parse import urlsplit

import pytest
from attrs import define, evolve, field
from docs_pages import DOCS, blocks
from docs_requests import commands, operation, request
from docs_server import BIN, PATIENCE_SECONDS, Program

from cheap_hashing import cheap_hashing  # noqa: F401 - a fixture
from command_line import called, pytlas_as_new
from original_databases import add_original, make_original
from postgres import shared_server, stop_shared_server
from pytlas_wamp.accounts.model import Login
from pytlas_wamp.accounts.sql import SqlAccountStore

pytestmark = pytest.mark.service

PAGES = (
    "add-a-person",
    "give-a-skill-its-api-key",
    "lost-phone",
    "back-up-and-restore",
    "manage-skills",
)
# Places that the pages speak of; each is a folder of the test.
PLACES = ("/var/backups", "/var/lib", "/srv")
# The login that the pages speak of.
LOGIN = "7c9e6679f0c24f0a9a6a1e3b5d2c8e10"
KITCHEN = Login(
    id=LOGIN,
    user_id=1,
    kind="device",
    client="kitchen",
    created_at=1_750_000_000,
    seen_at=1_750_000_000,
    address=None,
    refresh_id=None,
    expires_at=4_000_000_000,
)
# What these commands bring is at GitHub.
FROM_AFAR = (["skills", "add"], ["skills", "update"], ["skills", "remove"])
# The pages' requests that cannot be carried out here, and what they get instead.
INSTEAD = {
    # Done with the command line just before.
    ("POST", "/api/setup"): 409,
    ("DELETE", "/api/me/settings/weather.api_key"): 404,
    # Not enabled, so that nothing comes from afar, and there is no job.
    ("POST", "/api/skills"): 403,
    ("POST", "/api/skills/atlassistant__pytlas-weather/update"): 403,
    ("DELETE", "/api/skills/atlassistant__pytlas-weather"): 403,
    ("GET", "/api/jobs/1f3a"): 404,
}


@define
class Reader:
    """Somebody who does what a page says, as alice.

    Args:
      home: a folder of their own.
      server: the address of theirs, if one runs.
      password: the present one of alice.
      database: what stands for the PostgreSQL that a page names.
      access: a token of a login that may have ended since.
    """

    home: object
    server: str = ""
    password: str = field(default="correct horse battery")
    database: str = ""
    access: str = ""

    def accounts(self):
        """The accounts where they are as long as nobody names another place."""
        (self.home / "data").mkdir(exist_ok=True)
        return closing(SqlAccountStore(self.home / "data" / "pytlas.sqlite3"))

    def configure(self, shown):
        """Write a `pytlas.ini` as it is shown, but with a database that is there."""
        text = re.sub(r"^database = .*$", f"database = {self.database}", shown, flags=re.MULTILINE)
        (self.home / "data" / "pytlas.ini").write_text(text, encoding="utf-8")

    def run(self, command):
        """Run `pytlas-wamp` as it is shown, and type the password where it is asked for."""
        words = [self.here(word) for word in shlex.split(command)]
        asks = words[1:3] in (["user", "add"], ["user", "passwd"])
        options = ["--password-stdin"] if asks else []
        with chdir(self.home), pytlas_as_new():
            done = called(
                *("--data-dir", self.home / "data", *words[1:], *options),
                typed=self.password + "\n",
            )
        # Who moves people is told by the exit code that somebody is left out.
        expected = int("1 left out" in done.stdout)
        assert (done.exit_code, done.stderr if done.exit_code else "") == (expected, "")
        return done.stdout

    def here(self, word):
        """What a word stands for in this test."""
        if word == LOGIN:
            return self.new_login()
        for place in PLACES:
            folder = self.home / place.rsplit("/", 1)[1]
            folder.mkdir(exist_ok=True)
            word = word.replace(place, str(folder))
        return word

    def send(self, shown):
        """Send a request as it is shown; its status and what came back."""
        path = shown.path
        if LOGIN in path:
            path = path.replace(LOGIN, self.new_login())
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            headers = {"Authorization": f"Bearer {self.access}"} if shown.token else {}
            status, document = self.ask(shown.method, path, shown.body, headers)
            if status == 401 and time.monotonic() < deadline:
                self.access = self.token()
                continue
            # The server may be at what the command line has changed just before.
            busy = isinstance(document, dict) and document.get("code") == "job-running"
            if not busy or time.monotonic() > deadline:
                return status, document
            time.sleep(0.1)

    def ask(self, method, path, body, headers):
        """Send any request."""
        connection = http.client.HTTPConnection(
            urlsplit(self.server).netloc, timeout=PATIENCE_SECONDS
        )
        content = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, content, {**headers, **kind})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def token(self):
        """An access token of a new login."""
        body = {"username": "alice", "password": self.password}
        return self.ask("POST", "/api/token", body, {})[1]["access"]

    def new_login(self):
        """The id of a login that can be ended."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        return self.ask("GET", "/api/me/logins", None, headers)[1]["logins"][0]["id"]


@pytest.fixture
def alone(tmp_path):
    """Somebody who works on the data of a server that does not run."""
    return Reader(tmp_path)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Somebody with a server that runs."""
    home = tmp_path_factory.mktemp("management")
    options = ("--data-dir", home / "data", "--listen", "tcp:0:interface=127.0.0.1")
    # Nobody talks to this one, and so it need not learn what people mean.
    options = (*options, "--interpreter", "patterns")
    program = Program.start(home, BIN / "twistd", "--nodaemon", "--pidfile=", "pytlas", *options)
    yield Reader(home, program.wait_for(r"listening on (http://\S+)")[1])
    program.end()


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL that runs."""
    yield shared_server()
    stop_shared_server()


def promised(answer):
    """The lines that a command is shown to print, without what it asks for."""
    return [line for line in answer.splitlines() if not line.endswith(":")]


def follow(reader, page):
    """Do what a page says, from its first command to the last."""
    for block in blocks(DOCS / "how-to" / f"{page}.md"):
        if block.kind == "ini" and not reader.server:
            reader.configure(block.text)
        if block.kind == "console":
            for command, answer in commands(block):
                obey(reader, command, answer)


def obey(reader, command, answer):
    """Do what a command says, and compare what comes with what is shown."""
    shown = request("", command, answer)
    if shlex.split(command)[1:3] in FROM_AFAR:
        return
    if command.startswith("pytlas-wamp "):
        printed = reader.run(command)
        assert [line for line in promised(answer) if reader.here(line) not in printed] == []
    elif shown is not None:
        status, document = reader.send(shown)
        assert (command, status) == (command, expected_status(shown))
        if answer and (shown.method, shown.path) not in INSTEAD:
            assert set(document) == set(json.loads(answer))
        if shown.path == "/api/me/password":
            reader.password = shown.body["new"]


def expected_status(shown):
    """The status of the answer."""
    found = operation(shown.method, shown.path)
    success = next(int(status) for status in found["responses"] if status.startswith("2"))
    return INSTEAD.get((shown.method, shown.path), success)


# In the order of a reader: each page goes on where the one before has ended.
@pytest.mark.parametrize("page", PAGES)
def test_what_the_page_does_works(reader, page):
    follow(reader, page)


def test_people_come_from_the_original(alone):
    folder = alone.home / "srv" / "pytlas-server"
    folder.mkdir(parents=True)
    database = make_original(folder / "db.sqlite3")
    add_original(database, "alice", superuser=True, settings=[("weather.api_key", "0123456789")])
    add_original(database, "bob", language="fr")
    add_original(database, "Bob")
    (folder / "pytlas.ini").write_text(f"[web]\nsecret = {LOGIN}\n", encoding="utf-8")

    follow(alone, "move-from-pytlas-server")

    with alone.accounts() as store:
        assert [(one.name, one.active) for one in store.all()] == [
            ("alice", True),
            ("bob", False),
            ("Bob-2", True),
        ]


def test_accounts_and_logins_come_along_to_postgresql(alone, postgresql):
    alone.database = postgresql.create()
    with alone.accounts() as store:
        alice = store.add("alice", "hash", language="en-US", admin=True)
        store.add_login(evolve(KITCHEN, user_id=alice.id))

    follow(alone, "use-postgresql")

    with closing(SqlAccountStore(alone.database)) as store:
        [alice] = store.all()
        assert store.logins(alice.id) == [evolve(KITCHEN, user_id=alice.id)]
