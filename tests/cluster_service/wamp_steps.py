"""Does steps at a router as its nodes would, or as strangers would, and prints what came of them.

A process of its own: `python wamp_steps.py < STEPS`, where STEPS is a JSON document with `port`,
`keys` (a file for each name) and `steps`; it prints a list with one text for each step, "ok" or
the error. See `Step` in test_cluster_rights.py.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

# Of libraries that Autobahn looks for.
warnings.simplefilter("ignore")

from autobahn.twisted.wamp import ApplicationSession  # noqa: E402
from autobahn.twisted.websocket import WampWebSocketClientFactory  # noqa: E402
from autobahn.wamp.exception import ApplicationError  # noqa: E402
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer  # noqa: E402
from autobahn.wamp.types import (  # noqa: E402
    ComponentConfig,
    PublishOptions,
    RegisterOptions,
    SubscribeOptions,
)
from twisted.internet.defer import Deferred, ensureDeferred  # noqa: E402
from twisted.internet.endpoints import TCP4ClientEndpoint  # noqa: E402
from twisted.internet.task import react  # noqa: E402

from pytlas_wamp.cluster.identity import read_key  # noqa: E402


class Session(ApplicationSession):
    """A place at the router; `joined` fires with it, or with why there is none."""

    def __init__(self, name, key, method):
        super().__init__(ComponentConfig("pytlas"))
        self.name, self.key, self.method = name, key, method
        self.joined = Deferred()

    def onConnect(self):  # noqa: N802 - Autobahn's name
        """Say who we are."""
        extra = {"pubkey": self.key.public} if self.key else None
        methods = [self.method] if self.method else None
        self.join("pytlas", authmethods=methods, authid=self.name, authextra=extra)

    def onChallenge(self, challenge):  # noqa: N802 - Autobahn's name
        """Prove it."""
        return self.key.sign(challenge.extra["challenge"])

    def onJoin(self, _):  # noqa: N802 - Autobahn's name
        """It believes us."""
        self.joined.callback(self)

    def onLeave(self, details):  # noqa: N802 - Autobahn's name
        """It does not, or it is over."""
        if not self.joined.called:
            self.joined.callback(details.reason)
        self.disconnect()


async def join(reactor, port, name, key, method="cryptosign", serializer="cbor"):
    """Returns a session, or why there is none."""
    session = Session(name, key, method)
    factory = WampWebSocketClientFactory(
        lambda: session,
        f"ws://127.0.0.1:{port}/ws",
        serializers=[{"cbor": CBORSerializer, "json": JsonSerializer}[serializer]()],
    )
    await TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(factory)
    session.joined.addTimeout(5, reactor, lambda *_: "no answer")
    return await session.joined


def done(session, action, uri, match="exact", **options):
    """Does one thing; a Deferred."""
    if action == "register":
        how = RegisterOptions(match=match, **options)
        return session.register(lambda *_: "answer", uri, how)
    if action == "subscribe":
        return session.subscribe(lambda *_: None, uri, SubscribeOptions(match=match))
    if action == "publish":
        return session.publish(uri, 1, options=PublishOptions(acknowledge=True))
    return session.call(uri)


async def main(reactor):
    """Do all steps, one after the other."""
    wanted = json.load(sys.stdin)
    keys = {name: read_key(Path(path)) for name, path in wanted["keys"].items()}
    sessions, outcomes = {}, []
    for step in wanted["steps"]:
        who, action = step.pop("who"), step.pop("action")
        if action == "join":
            key = keys.get(step.pop("key", who))
            found = await join(reactor, wanted["port"], who, key, **step)
            outcomes.append(found if isinstance(found, str) else f"ok as {found.authrole}")
            continue
        if who not in sessions:
            sessions[who] = await join(reactor, wanted["port"], who, keys[who])
        try:
            await done(sessions[who], action, **step)
        except ApplicationError as error:
            outcomes.append(error.error)
        else:
            outcomes.append("ok")
    print(json.dumps(outcomes))  # noqa: T201 - for who has started us


react(lambda reactor: ensureDeferred(main(reactor)))
