"""A server's end of the client, without sockets, time or chance."""

from __future__ import annotations

import asyncio

from pytlas_wamp.chat.client import Client, Closed
from pytlas_wamp.chat.conversation import Conversation
from pytlas_wamp.chat.tokens import Tokens
from pytlas_wamp.wire.codec import decode_client, encode

PAIR = Tokens(access="access", refresh="refresh")


class FakeLink:
    """Hands out what a test puts into it, and remembers what the client sends."""

    def __init__(self, *frames):
        self.sent = []
        self.closed = False
        self._arrived = asyncio.Queue()
        self.arrive(*frames)

    def arrive(self, *frames):
        for frame in frames:
            is_raw = isinstance(frame, str | Closed)
            self._arrived.put_nowait(frame if is_raw else encode(frame))

    def send(self, text):
        self.sent.append(decode_client(text, max_depth=32))

    async def receive(self):
        return await self._arrived.get()

    async def close(self):
        self.closed = True


class FakeDial:
    """Opens the links of a test, one after the other; an exception is a failure."""

    def __init__(self, *links):
        self.links = list(links)
        self.count = 0

    async def __call__(self):
        self.count += 1
        link = self.links.pop(0) if self.links else FakeLink()
        if isinstance(link, Exception):
            raise link
        return link


class FakeSource:
    """Gives the tokens of a test, one after the other; an exception is a refusal."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.asked = []

    async def sign_in(self, name, password):
        return self._next(("sign-in", name, password))

    async def refresh(self, refresh):
        return self._next(("refresh", refresh))

    def _next(self, question):
        self.asked.append(question)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class FakeScreen:
    """Remembers what it is shown, and signs in with what a test gave it."""

    def __init__(self, tokens=None):
        self.shown = []
        self.problems = []
        self._tokens = tokens

    def show(self, event):
        self.shown.append(event)

    async def sign_in(self, problem):
        self.problems.append(problem)
        return self._tokens


class FakeSleep:
    """Waits no time, but for one turn of the loop; after `patience` naps for ever."""

    def __init__(self, patience=100):
        self.naps = []
        self._patience = patience

    async def __call__(self, seconds):
        self.naps.append(seconds)
        if len(self.naps) > self._patience:
            await asyncio.Event().wait()
        await asyncio.sleep(0)


def make_client(dial, *, screen=None, source=None, sleep=None, tokens=PAIR, chance=0.5):
    return Client(
        conversation=Conversation(name="alice", clock=lambda: 0),
        screen=screen or FakeScreen(),
        dial=dial,
        source=source or FakeSource(),
        tokens=tokens,
        sleep=sleep or FakeSleep(),
        random=lambda: chance,
    )


async def settle():
    """Lets everything that can go on go on."""
    for _ in range(30):
        await asyncio.sleep(0)
