"""Accounts, settings and skills of a running daemon are managed, and open chats notice."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from attrs import define, field
from daemon import BIN, PATIENCE_SECONDS, Daemon, accounts_of, environment, twistd

from command_line import called
from postgres import PostgresServer
from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.logins import Origin

pytestmark = pytest.mark.service

PASSWORD = "correct horse battery"
# News takes half a second; learning a skill takes longer.
ATTEMPTS = 3_000
PAUSE_SECONDS = 0.02
REVOKED = (1000, "authentication-revoked")

TEA = """
from pytlas import intent, training

@intent("make_tea")
def on_tea(req):
    req.agent.answer("{answer}")
    req.agent.done()

@training("en")
def english():
    return '''
%[make_tea]
  make me some tea
  i would like a cup of tea
'''
"""


def command(data_dir, *words, typed=""):
    """What a command prints, as JSON; it is in another process than the daemon."""
    done = called("--data-dir", data_dir, *words, "--json", typed=typed)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def command_of_its_own(data_dir, *words):
    """The same as a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own command
        [str(BIN / "pytlas-wamp"), "--data-dir", str(data_dir), *words, "--json"],
        env=environment(HOME=str(data_dir.parent)),
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def set_up(daemon: Daemon) -> str:
    """Make the first account as a person does who reads the terminal; a token of it."""
    code = daemon.wait_for(r"setup code (\S+)")[1]
    person = {"code": code, "username": "ada", "password": PASSWORD}
    status, pair = daemon.ask("POST", "/api/setup", person)
    assert status == 201, pair
    return pair["access"]


def job(daemon: Daemon, token: str, method: str, path: str, document=None) -> dict:
    """A job from its beginning to its end."""
    status, begun = daemon.ask(method, path, document, token=token)
    while status == 409:  # one that the command line has caused
        time.sleep(PAUSE_SECONDS)
        status, begun = daemon.ask(method, path, document, token=token)
    assert status == 202, begun
    while True:
        _, found = daemon.ask("GET", f"/api/jobs/{begun['id']}", token=token)
        if found["state"] != "running":
            return found
        time.sleep(PAUSE_SECONDS)


def hears(talk, message, word):
    """Say something until a word is in the answer: the news may take a moment."""
    assert _until(lambda: word in " ".join(talk.say(message))), f"{word!r} is never heard"


def hears_no_more(talk, message, word):
    """The same for a word that goes away."""
    assert _until(lambda: word not in " ".join(talk.say(message))), f"{word!r} is always heard"


def _until(is_so):
    for _ in range(ATTEMPTS):
        if is_so():
            return True
        time.sleep(PAUSE_SECONDS)
    return False


class TestFirstAccount:
    def test_is_made_with_the_code_and_only_once(self, start, tmp_path):
        daemon = start()
        assert daemon.ask("GET", "/api/setup") == (200, {"needed": True})
        wrong = {"code": "aaaa-aaaa-aaaa", "username": "eve", "password": PASSWORD}
        assert daemon.ask("POST", "/api/setup", wrong)[1]["code"] == "wrong-code"
        token = set_up(daemon)
        assert daemon.ask("GET", "/api/me", token=token)[1]["admin"] is True
        assert daemon.ask("GET", "/api/setup") == (200, {"needed": False})
        code = daemon.wait_for(r"setup code (\S+)")[1]
        again = {"code": code, "username": "eve", "password": PASSWORD}
        assert daemon.ask("POST", "/api/setup", again)[1]["code"] == "setup-done"
        # The command line has the same ones.
        assert [account.name for account in accounts_of(tmp_path / "data").people()] == ["ada"]


@define
class Home:
    """A daemon for all tests of open chats, which each have a person of their own.

    Args:
      daemon: itself.
      data: its data directory.
      token: of an administrator.
      accounts: where people are made and sign in without the daemon, which has to hash
        passwords at their full price.
    """

    daemon: Daemon
    data: Path
    token: str
    accounts: Accounts
    numbers: Iterator[int] = field(factory=count)

    def run(self, *words, typed=""):
        """A command beside the daemon, as JSON."""
        return command(self.data, *words, typed=typed)

    def admin(self, method, path, document=None):
        """A request of the administrator; the document of the answer."""
        status, found = self.daemon.ask(method, path, document, token=self.token)
        assert status < 300, found
        return found

    def move_in(self):
        """Somebody new."""
        name = f"person {next(self.numbers)}"
        made = self.accounts.create(name, PASSWORD)
        return Inhabitant(self, made.id, name)


@define
class Inhabitant:
    """A person who lives there; may sign in several times."""

    home: Home
    id: int
    name: str

    def sign_in(self):
        phone = Origin(address="127.0.0.1", client="phone")
        return self.home.accounts.sign_in(self.name, PASSWORD, phone).access

    def talk(self):
        return self.home.daemon.connect(self.sign_in())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    data = folder / "data"
    options = ("--data-dir", data, "--listen", "tcp:0:interface=127.0.0.1")
    daemon = Daemon.start(twistd(*options, "--interpreter", "patterns"), folder)
    token = set_up(daemon)
    yield Home(daemon, data, token, accounts_of(data))
    daemon.end()


class TestOpenChat:
    """What happens is the same whether the API or the command line did it."""

    @pytest.fixture
    def person(self, home):
        return home.move_in()

    @pytest.mark.parametrize("way", ["api", "cli"])
    def test_has_a_setting_and_loses_it(self, home, person, way):
        talk = person.talk()
        path = f"/api/users/{person.id}/settings/home_greetings.name"
        if way == "api":
            assert home.admin("PUT", path, {"value": "Countess"})["source"] == "user"
        else:
            home.run("user", "setting", person.name, "home_greetings.name", "Countess")
        hears(talk, "hello", "Countess")
        if way == "api":
            home.admin("DELETE", path)
            assert "Countess" not in talk.say("hello")[1]
        else:
            home.run("user", "setting", person.name, "home_greetings.name", "--delete")
            hears_no_more(talk, "hello", "Countess")

    def test_knows_by_the_time_of_the_answer(self, home, person):
        talk = person.talk()
        for name in ("Countess", "Duchess", "Empress"):
            path = f"/api/users/{person.id}/settings/home_greetings.name"
            home.admin("PUT", path, {"value": name})
            assert name in talk.say("hello")[1]

    @pytest.mark.parametrize("way", ["api", "cli"])
    def test_goes_on_in_another_language(self, home, person, way):
        talk = person.talk()
        if way == "api":
            home.admin("PATCH", f"/api/users/{person.id}", {"language": "fr-FR"})
        else:
            home.run("user", "language", person.name, "fr-FR")
        frame = talk.next()
        assert (frame["type"], frame["language"]) == ("language", "fr-FR")
        assert talk.say("bonjour")[1].startswith("answer ")

    @pytest.mark.parametrize("way", ["api", "cli"])
    def test_of_another_login_ends_with_it(self, home, person, way):
        daemon, kept, lost = home.daemon, person.sign_in(), person.sign_in()
        talks = [daemon.connect(kept), daemon.connect(lost)]
        _, found = daemon.ask("GET", "/api/me/logins", token=lost)
        (login,) = [one["id"] for one in found["logins"] if one["current"]]
        if way == "api":
            assert daemon.ask("DELETE", f"/api/me/logins/{login}", token=kept)[0] == 204
        else:
            known = home.run("login", "list", person.name)["logins"]
            assert login in {one["id"] for one in known}
            home.run("login", "revoke", person.name, login)
        assert talks[1].next() is None
        assert talks[1].closed == REVOKED
        assert talks[0].say("hello")[0] == "thinking"
        assert daemon.ask("GET", "/api/me", token=lost)[1]["code"] == "token-revoked"

    def test_ends_on_the_other_devices_with_a_new_password(self, home, person):
        kept = person.sign_in()
        talks = [home.daemon.connect(kept), person.talk()]
        change = {"old": PASSWORD, "new": "another battery of horses"}
        assert home.daemon.ask("POST", "/api/me/password", change, token=kept)[0] == 204
        assert talks[1].next() is None
        assert talks[1].closed == REVOKED
        assert talks[0].say("hello")[0] == "thinking"

    @pytest.mark.parametrize(
        ("words", "more"),
        [(["login", "revoke"], ["--all"]), (["user", "passwd"], ["--password-stdin"])],
    )
    def test_ends_when_all_logins_do(self, home, person, words, more):
        talk = person.talk()
        home.run(*words, person.name, *more, typed="another battery of horses\n")
        assert talk.next() is None
        assert talk.closed == REVOKED

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    def test_ends_when_an_administrator_ends_the_account(self, home, person, method):
        talk = person.talk()
        home.admin(method, f"/api/users/{person.id}", {"active": False})
        assert talk.next() is None
        assert talk.closed == (1000, "account-disabled")

    @pytest.mark.parametrize(
        ("word", "more"), [("disable", []), ("change", ["--inactive"]), ("delete", ["--yes"])]
    )
    def test_ends_when_the_command_line_ends_the_account(self, home, person, word, more):
        talk = person.talk()
        home.run("user", word, person.name, *more)
        assert talk.next() is None
        assert talk.closed == (1000, "account-disabled")

    def test_outlives_a_new_key(self, home, person):
        old = person.sign_in()
        talk = home.daemon.connect(old)
        made = home.run("key", "rotate")
        assert talk.say("hello")[0] == "thinking"
        assert home.daemon.ask("GET", "/api/me", token=old)[0] == 200
        assert made["id"] in str(home.run("key", "list"))
        assert person.talk().say("hello")[0] == "thinking"

    def test_is_what_it_was_when_a_backup_is_restored(self, home, person, tmp_path):
        path = f"/api/users/{person.id}/settings/home_greetings.name"
        home.admin("PUT", path, {"value": "Countess"})
        home.run("backup", str(tmp_path / "backup.tar.gz"))
        home.admin("PUT", path, {"value": "Duchess"})
        talk = person.talk()
        assert "Duchess" in talk.say("hello")[1]
        home.run("restore", str(tmp_path / "backup.tar.gz"), "--replace")
        # Its login was made after the backup, and so it never was.
        assert talk.next() is None
        assert talk.closed == REVOKED
        assert "Countess" in person.talk().say("hello")[1]


class TestStatus:
    def test_is_told_at_the_command_line(self, start, tmp_path):
        daemon = start()
        talk = daemon.connect(set_up(daemon))
        talk.say("hello")
        host, port = daemon.address()
        found = command_of_its_own(tmp_path / "data", "status", "--url", f"http://{host}:{port}")
        assert (found["conversations"], found["connections"]) == (1, 1)
        assert [one["language"] for one in found["interpreters"]] == ["en"]
        assert found["errors"] == []


class TestSkills:
    def test_that_are_dropped_in_are_understood_by_open_chats(self, start, tmp_path):
        daemon = start()
        token = set_up(daemon)
        talk = daemon.connect(token)
        assert "Earl Grey" not in talk.say("make me some tea")[1]
        file = tmp_path / "data" / "skills" / "tea_skill.py"
        file.write_text(TEA.format(answer="Earl Grey"))
        done = job(daemon, token, "POST", "/api/skills/reload")
        assert (done["state"], done["problem"]) == ("succeeded", None)
        assert "tea_skill" in " ".join(done["lines"])
        hears(talk, "make me some tea", "Earl Grey")

        file.write_text("this is no Python")
        assert job(daemon, token, "POST", "/api/skills/reload")["state"] == "failed"
        assert talk.say("make me some tea")[1] == "answer Earl Grey"

        file.write_text(TEA.format(answer="Darjeeling"))
        command(tmp_path / "data", "skills", "reload")
        hears(talk, "make me some tea", "Darjeeling")

        file.unlink()
        assert job(daemon, token, "POST", "/api/skills/reload")["state"] == "succeeded"
        hears_no_more(talk, "make me some tea", "Darjeeling")

    def test_are_not_installed_unless_the_operator_wants_it(self, home):
        source = {"source": "a/b"}
        status, problem = home.daemon.ask("POST", "/api/skills", source, token=home.token)
        assert (status, problem["code"]) == (403, "not-enabled")
        assert "skill_installation" in problem["detail"]


class TestOutage:
    @pytest.fixture
    def server(self):
        server = PostgresServer.start()
        yield server
        server.stop()

    def test_of_the_database_is_told_to_conversations_and_passes(self, start, server):
        daemon = start("--database", server.create("pytlas"))
        token = set_up(daemon)
        talk = daemon.connect(token)
        talk.say("hello")
        server.pause()
        assert talk.say("hello") == ["error unavailable", "done"]
        status, headers, problem = daemon.ask_whole("GET", "/api/me", token=token)
        assert (status, problem["code"]) == (503, "unavailable")
        assert int(headers["Retry-After"]) > 0
        credentials = {"username": "ada", "password": PASSWORD}
        assert daemon.ask("POST", "/api/token", credentials)[0] == 503
        server.resume()
        assert daemon.ask("GET", "/api/me", token=token)[0] == 200
        assert daemon.ask("PATCH", "/api/me", {"language": "fr-FR"}, token=token)[0] == 200
        assert talk.next()["type"] == "language"
        assert talk.say("bonjour")[0] == "thinking"
        assert "Traceback" not in daemon.output()
