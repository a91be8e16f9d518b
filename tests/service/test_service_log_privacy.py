"""What people say, and their tokens, are in no line of the log of a real daemon.

It logs as much as can be: Autobahn's traces, Python's own log with all levels, and a skill
that quotes what was said in everything it raises.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from daemon import IN_ORDER, PATIENCE_SECONDS, Daemon, Talk, accounts_of, twistd

from wire_devices import HANDSHAKE

pytestmark = pytest.mark.service

# Each of these is said, shown or typed somewhere; none may be seen in the log.
MARKS = {
    "sentence": "aardvark1",
    "slot": "beaver2",
    "answer": "cormorant3",
    "question": "dormouse4",
    "reply": "ermine5",
    "exception": "flamingo6",
    "meta": "gecko7",
    "password": "heron8 wades through reeds",
    "setting": "ibex9",
    "message id": "jackdaw10",
    "metadata of an answer": "kestrel11",
    "wrong token": "eyJlemming12.eyJlemming12.lemming12",
    "query": "marmot13",
    "header": "narwhal14",
    "cause": "ocelot15",
    "malformed": "pelican16",
    "wrong password": "quokka17",
    "wrong name": "raccoon18",
    "device": "seagull19",
}

SKILL = """
import gc
import logging
import sys
import txaio
from autobahn.twisted.websocket import WebSocketServerFactory
from pytlas import intent, training
from twisted.internet import reactor

# Not in the lines that raise them: tracebacks quote those.
FLAMINGO, CAUSE = "flamingo6", "ocelot15"

def as_loud_as_it_gets():
    txaio.set_global_log_level("trace")
    logging.basicConfig(level=1, stream=sys.stderr, force=True)
    for one in gc.get_objects():
        if isinstance(one, WebSocketServerFactory):
            one.logOctets = one.logFrames = True

reactor.callWhenRunning(as_loud_as_it_gets)

@training("en")
def english():
    return '''
%[tell]
  tell @[what]
  tell aardvark1 @[what]

%[ask]
  ask aardvark1

%[raise]
  raise aardvark1

%[leave]
  leave aardvark1

%[flood]
  flood aardvark1

@[what]
  beaver2
  ermine5
'''

@intent("tell")
def on_tell(req):
    what = req.intent.slot("what").first().value
    req.agent.answer("cormorant3 " + str(what), cards=None, extra="kestrel11", odd=object())
    req.agent.done()

@intent("ask")
def on_ask(req):
    what = req.intent.slot("what").first().value
    if what is None:
        return req.agent.ask("what", "dormouse4?")
    req.agent.answer("cormorant3 " + str(what))
    req.agent.done()

@intent("raise")
def on_raise(req):
    try:
        {}[CAUSE]
    except KeyError as error:
        raise ValueError(FLAMINGO + str(req.intent.meta)) from error

@intent("leave")
def on_leave(req):
    sys.exit(FLAMINGO)

@intent("flood")
def on_flood(req):
    req.agent.answer("cormorant3" * 100_000)
    req.agent.done()
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """All that a daemon has written, after it was talked to."""
    folder = tmp_path_factory.mktemp("privacy")
    skills = folder / "data" / "skills"
    skills.mkdir(parents=True)
    (skills / "loud.py").write_text(SKILL)
    daemon = Daemon.start(
        twistd(
            *("--data-dir", folder / "data", "--interpreter", "patterns"),
            *("--listen", "tcp:0:interface=127.0.0.1"),
        ),
        folder,
        SERVER_LOG_FORMAT="json",
        SERVER_BUNDLED_SKILLS="none",
        SERVER_MESSAGE_BURST="5",
        SERVER_MESSAGE_RATE_PER_SECOND="1000",
    )
    try:
        daemon.address()
        secrets = talk_about_everything(daemon, folder / "data")
        assert daemon.stop() == IN_ORDER
    finally:
        daemon.end()
    return Log(daemon.lines, secrets)


class Log:
    """Lines, and the tokens that must not be in them."""

    def __init__(self, lines, secrets):
        self.lines = lines
        self.secrets = secrets

    @property
    def events(self):
        return [json.loads(line) for line in self.lines]


def talk_about_everything(daemon, data: Path) -> dict[str, str]:
    accounts = accounts_of(data)
    accounts.create("ann", MARKS["password"])
    user_id = accounts.find("ann").id
    credentials = {"username": "ann", "password": MARKS["password"]}
    status, pair = daemon.ask("POST", "/api/token", credentials)
    assert status == 200
    wrong = {"username": MARKS["wrong name"], "password": MARKS["wrong password"]}
    assert daemon.ask("POST", "/api/token", wrong)[0] == 401
    access = pair["access"]
    query = f"/api/me?token={access}&said={MARKS['query']}"
    assert daemon.ask("GET", query, token=access)[0] == 200
    assert daemon.ask("GET", "/api/me", token=MARKS["wrong token"])[0] == 401
    setting = {"value": MARKS["setting"]}
    daemon.ask("PUT", "/api/me/settings/LOUD_KEY", setting, token=access)
    accounts.change_settings(user_id, {"LOUD_OTHER": MARKS["setting"]})
    device = daemon.ask("POST", "/api/me/logins", {"name": MARKS["device"]}, token=access)[1]
    converse(daemon, access)
    refused_at_the_door(daemon)
    assert daemon.ask("GET", "/api/me/history?limit=200", token=access)[0] == 200
    assert daemon.ask("DELETE", "/api/me/history", token=access)[0] == 204
    refreshed = daemon.ask("POST", "/api/token/refresh", {"refresh": pair["refresh"]})[1]
    assert daemon.ask("POST", "/api/token/revoke", {"token": refreshed["access"]})[0] == 204
    return {
        "access": access,
        "refresh": pair["refresh"],
        "device": device["token"],
        "refreshed": refreshed["access"],
        "secret": (data / "secret").read_text().strip(),
    }


def converse(daemon, token: str) -> None:
    talk = daemon.connect(token)
    other = daemon.connect(token)
    message = {"type": "message", "id": MARKS["message id"], "meta": {"note": MARKS["meta"]}}
    heard = []
    for text in ("tell aardvark1 beaver2", "raise aardvark1", "leave aardvark1", "flood aardvark1"):
        talk.send({**message, "message": text, "id": message["id"] + text})
        heard += talk.turn()
    assert any(MARKS["answer"] in one for one in heard), heard
    assert sum("skill-failed" in one for one in heard) >= 2, heard
    talk.send({**message, "message": "ask aardvark1"})
    heard = talk.turn()
    assert "jackdaw10: ask what" in heard, heard
    talk.send({"type": "message", "message": MARKS["reply"]})
    talk.turn()
    talk.send({"type": "message", "message": f"{MARKS['sentence']} is not understood"})
    talk.turn()
    talk.send({"type": MARKS["malformed"], "message": MARKS["sentence"]})
    talk.send({"type": "message", "message": [MARKS["malformed"]]})
    talk.hang_up()
    other.hang_up()


def refused_at_the_door(daemon) -> None:
    for first in (
        {"type": "authenticate", "token": MARKS["wrong token"]},
        {"type": "message", "message": MARKS["sentence"]},
    ):
        talk = Talk(socket.create_connection(daemon.address(), PATIENCE_SECONDS))
        talk.send(first)
        assert talk.next() is None
        assert talk.closed[0] == 1000
        talk.hang_up()
    line = socket.create_connection(daemon.address(), PATIENCE_SECONDS)
    telling = f"/?token={MARKS['query']} HTTP/1.1\r\nAuthorization: Bearer {MARKS['header']}\r\n"
    line.sendall(HANDSHAKE.replace(b"/ HTTP/1.1\r\n", telling.encode(), 1))
    assert line.recv(100).startswith(b"HTTP/1.1 101")
    line.close()


class TestLog:
    def test_is_one_object_a_line(self, log):
        for event in log.events:
            assert {"time", "level", "logger", "message"} <= set(event)

    def test_has_what_happened(self, log):
        failures = [one for one in log.events if "failure" in one]
        assert {"builtins.ValueError", "builtins.SystemExit"} <= {
            one["failure"] for one in failures
        }
        assert any("loud.py" in one["traceback"] for one in failures)

    @pytest.mark.parametrize("what", MARKS)
    def test_has_nothing_of(self, log, what):
        spellings = (MARKS[what], MARKS[what].encode().hex())
        assert [line for line in log.lines if any(one in line for one in spellings)] == []

    def test_has_no_token(self, log):
        for name, secret in log.secrets.items():
            for part in (secret, secret.rpartition(".")[2]):
                assert not any(part in line for line in log.lines), name
