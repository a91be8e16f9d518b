"""A first start, a conversation, and an end, with the real daemon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Thread

import pytest
from daemon import BIN, IN_ORDER, PATIENCE_SECONDS, Daemon, accounts_of, environment, shown_command

pytestmark = pytest.mark.service

SLEEPER = """
from pytlas import intent, training

@intent("sleep")
def on_sleep(req):
    with open({gate!r}) as gate:
        gate.read()
    req.agent.answer("Awake")
    req.agent.done()

@training("en")
def english():
    return '''
%[sleep]
  fall asleep
'''
"""

# Starts a daemon in the background, as whose parent it then counts; tells how that ends.
PARENT = """
import ctypes, os, socket, subprocess, sys, time


def answers():
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect("socket")
            line.sendall(b"GET /healthz HTTP/1.0\\r\\n\\r\\n")
            return line.recv(1)
    except OSError:
        return b""


ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
twistd, number = sys.argv[1], int(sys.argv[2])
listen = "unix:" + os.path.abspath("socket")
options = ["--data-dir", "data", "--interpreter", "patterns", "--listen", listen]
subprocess.run([twistd, "pytlas", *options], check=True)
# The log says that it listens before anything runs, and until then signals are Twisted's.
while not answers():
    time.sleep(0.05)
child = int(open("twistd.pid").read())
os.kill(child, number)
print("ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def install_sleeper(folder):
    """A skill that sleeps until somebody opens the pipe at folder/gate for writing."""
    skills = folder / "data" / "skills"
    skills.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / "gate")
    (skills / "sleeper.py").write_text(SLEEPER.format(gate=str(folder / "gate")))


def wake(folder):
    """Let all sleepers go on."""
    # Opening waits for somebody who reads; a skill that has begun may not do so yet.
    opener = Thread(target=lambda: os.close(os.open(folder / "gate", os.O_WRONLY)), daemon=True)
    opener.start()
    opener.join(PATIENCE_SECONDS)
    assert not opener.is_alive(), "nobody sleeps"


def run(*command, **options):
    return subprocess.run(  # noqa: S603 - our own commands
        [str(word) for word in command],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        **options,
    )


def assert_calm(daemon: Daemon) -> None:
    for word in ("Traceback", "Unhandled", "failed", "#error", "#critical"):
        assert word not in daemon.output(), daemon.output()


class TestFirstStart:
    def test_leads_to_a_conversation_in_two_languages(self, start, tmp_path):
        data = tmp_path / "data"
        # As it is without any options.
        daemon = start("--interpreter", "statistical")
        daemon.address()
        assert f"pytlas-wamp: data is kept in {data}" in daemon.lines
        assert f"pytlas-wamp: created {data / 'secret'}" in daemon.lines
        assert (data / "secret").stat().st_mode & 0o777 == 0o600
        assert (data / "pytlas.sqlite3").stat().st_mode & 0o077 == 0
        assert "nobody has an account yet" in daemon.output()

        # The command it shows, with a name, while the server runs.
        command = ["ada" if word == "NAME" else word for word in shown_command(daemon, "add")]
        added = run(*command, "--password-stdin", input="a long password\n")
        assert added.returncode == 0, added.stderr
        talk = daemon.connect(daemon.sign_in("ada", "a long password"))
        assert talk.say("turn on the lights")[-1] == "ask room"
        assert "kitchen" in talk.say("kitchen")[1]
        hello = talk.say("hello")
        assert (hello[0], hello[-1]) == ("thinking", "done")

        accounts_of(data).set_language("ada", "fr-FR")
        assert talk.next()["language"] == "fr-FR"
        question = talk.say("allume la lumière")
        assert question[-1] == "ask room"
        talk.send({"message": "cuisine"})
        assert "cuisine" in talk.turn()[1]

        assert daemon.ask("GET", "/healthz") == (200, {"status": "ok"})
        daemon.process.terminate()
        assert talk.next()["type"] == "goodbye"
        assert (talk.next(), talk.closed) == (None, (1001, "shutdown"))
        assert daemon.wait() == IN_ORDER
        talk.hang_up()
        assert_calm(daemon)

    def test_a_later_one_shows_the_address_only(self, start, tmp_path):
        accounts_of(tmp_path / "data").create("ada", "a long password")
        daemon = start(listen="tcp:0:interface=127.0.0.1")
        daemon.address()
        assert "nobody has an account" not in daemon.output()
        assert "created" not in daemon.output()
        assert shown_command(daemon, "chat")[-1].startswith("http://127.0.0.1:")


class TestStop:
    def test_waits_for_what_is_under_way(self, start, tmp_path):
        install_sleeper(tmp_path)
        (tmp_path / "data" / "pytlas.ini").write_text("[server]\nshutdown_grace_seconds = 60\n")
        accounts_of(tmp_path / "data").create("ada", "a long password")
        daemon = start()
        talk = daemon.connect(daemon.sign_in("ada", "a long password"))
        talk.send({"message": "fall asleep"})
        assert talk.next()["type"] == "thinking"
        daemon.process.terminate()
        assert talk.next()["type"] == "goodbye"
        # Whoever is impatient sends it twice.
        daemon.process.terminate()
        assert daemon.process.poll() is None
        talk.send({"message": "hello"})
        assert talk.next()["code"] == "unavailable"
        wake(tmp_path)
        assert talk.turn() == ["answer Awake", "done"]
        assert (talk.next(), talk.closed) == (None, (1001, "shutdown"))
        assert daemon.wait() == IN_ORDER
        talk.hang_up()
        assert_calm(daemon)

    def test_does_not_wait_for_ever(self, start, tmp_path):
        install_sleeper(tmp_path)
        (tmp_path / "data" / "pytlas.ini").write_text("[server]\nshutdown_grace_seconds = 0.3\n")
        accounts_of(tmp_path / "data").create("ada", "a long password")
        daemon = start()
        talk = daemon.connect(daemon.sign_in("ada", "a long password"))
        talk.send({"message": "fall asleep"})
        assert talk.next()["type"] == "thinking"
        assert daemon.stop() == IN_ORDER
        assert talk.next()["type"] == "goodbye"
        assert talk.turn() == ["error interrupted", "done"]
        assert (talk.next(), talk.closed) == (None, (1001, "shutdown"))
        talk.hang_up()
        assert_calm(daemon)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_is_no_failure(self, start, tmp_path, number):
        """Twisted alone would let the process die of the signal, in the end."""
        accounts_of(tmp_path / "data").create("ada", "a long password")
        daemon = start()
        talk = daemon.connect(daemon.sign_in("ada", "a long password"))
        daemon.process.send_signal(number)
        assert talk.next()["type"] == "goodbye"
        assert (talk.next(), talk.closed) == (None, (1001, "shutdown"))
        assert daemon.wait() == 0
        assert f"received {number.name}, shutting down" in daemon.output()
        talk.hang_up()
        assert_calm(daemon)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_is_none_in_the_background_either(self, tmp_path, number):
        parent = run(sys.executable, "-c", PARENT, BIN / "twistd", int(number), cwd=tmp_path)
        log = (tmp_path / "twistd.log").read_text()
        assert (parent.stdout.splitlines()[-1:], parent.stderr) == (["ended with 0"], ""), log
        assert f"received {number.name}, shutting down" in log
        assert "Traceback" not in log
        assert not (tmp_path / "twistd.pid").exists()


class TestSlowSkills:
    def test_delay_nobody_else(self, start, tmp_path):
        """Fault 18 of the original: six slow skills stopped everything, logins too."""
        install_sleeper(tmp_path)
        accounts = accounts_of(tmp_path / "data")
        # Nobody signs in as one of them: their passwords need no costly hash.
        sleepers = [
            accounts._store.add(f"sleeper{n}", "none", language="en-US", admin=False)
            for n in range(20)
        ]
        accounts.create("ada", "a long password")
        daemon = start()
        for sleeper in sleepers:
            accounts._store.change(sleeper.id, plain_tokens=True)
        tokens = [accounts._tokens.issue(sleeper.id).access for sleeper in sleepers]
        talks = [daemon.connect(token) for token in tokens]
        for talk in talks:
            talk.send({"message": "fall asleep"})
        assert [talk.next()["type"] for talk in talks] == ["thinking"] * 20
        # All of them sleep until the pipe is opened, which is below.
        ada = daemon.connect(daemon.sign_in("ada", "a long password"))
        assert ada.say("hello")[-1] == "done"
        talks[0].send({"type": "cancel"})
        assert talks[0].turn()[-1] == "done"
        wake(tmp_path)
        assert [talk.turn() for talk in talks[1:]] == [["answer Awake", "done"]] * 19
        for talk in (ada, *talks):
            talk.hang_up()
        assert daemon.stop() == IN_ORDER
        assert_calm(daemon)


class TestSkills:
    def test_a_broken_one_is_shown_and_stops_no_other(self, start, tmp_path):
        install_sleeper(tmp_path)
        skills = tmp_path / "data" / "skills"
        (skills / "broken.py").write_text("import a_module_that_is_not_there\n")
        accounts_of(tmp_path / "data").create("ada", "a long password")
        daemon = start()
        shown = daemon.wait_for(r"^pytlas-wamp: skill broken: (.*)$")
        assert "a_module_that_is_not_there" in shown[1]
        talk = daemon.connect(daemon.sign_in("ada", "a long password"))
        assert talk.say("hello")[-1] == "done"
        talk.send({"message": "fall asleep"})
        assert talk.next()["type"] == "thinking"
        wake(tmp_path)
        assert talk.turn() == ["answer Awake", "done"]
        talk.hang_up()
        assert "Traceback" not in daemon.output()


class TestCommands:
    def test_twist_starts_it_too(self, start, tmp_path):
        twist = [str(BIN / "twist"), "--log-format=text", "pytlas"]
        daemon = start(command=lambda *rest: [*twist, *map(str, rest)])
        daemon.address()
        assert daemon.ask("GET", "/healthz") == (200, {"status": "ok"})
        assert daemon.stop() == IN_ORDER
        assert "Traceback" not in daemon.output()

    def test_twistd_lists_the_plugin(self, tmp_path):
        listed = run(BIN / "twistd", "--help", cwd=tmp_path)
        (line,) = [line for line in listed.stdout.splitlines() if line.split()[:1] == ["pytlas"]]
        assert "Serves pytlas assistants" in line

    def test_the_plugin_does_not_choose_the_reactor(self, tmp_path):
        code = (
            "import sys; import twisted.plugins.pytlas_wamp_plugin, pytlas_wamp.tap;"
            " pytlas_wamp.tap.Options();"
            " sys.exit('twisted.internet.reactor' in sys.modules)"
        )
        assert run(sys.executable, "-c", code, cwd=tmp_path).returncode == 0
