"""Clients that come back: what one knows over all its connections, and what one gets on each.

Everything a server sends is looked at when it is written, by the rules of spec 5.9; what a
client has *read* of it is another matter: it may lose the connection in the middle.
"""

from __future__ import annotations

import json
from typing import Any

from frames import check_frame
from survival_plans import Sent
from survival_server import Server, noted
from survival_story import Story, visited
from wire_devices import HANDSHAKE, RawDevice, text

_CHECKED: set[bytes] = set()


class Stream(RawDevice):
    """Takes frames out of bytes, and says where each one ended."""

    line: Line
    total = 0

    def take_bytes(self, data: bytes) -> None:
        self.total += len(data)
        super().take_bytes(data)

    def got(self, payload: bytes) -> None:
        document = json.loads(payload)
        if payload not in _CHECKED:
            check_frame(document)
            _CHECKED.add(payload)
        with noted(self.line.server.faults):
            self.line.got(document)


class Client:
    """An app that remembers what it has seen (spec 5.9).

    Args:
      user: whose.
      name: of the app.
    """

    def __init__(self, user: int, name: str) -> None:
        self.user = user
        self.name = name
        self.last: int | None = None
        self.seen: list[int] = []
        self.line: Line | None = None

    def read(self, document: dict[str, Any]) -> None:
        """Take a frame in."""
        if document["type"] == "ready" and not document["resumed"]:
            self.last = document["seq"]
        seq = document.get("seq")
        if seq is not None and document["type"] != "ready":
            self.seen.append(seq)
            if self.last is None or seq > self.last:
                self.last = seq


class Line:
    """One connection of a client.

    Args:
      server: the process it goes to.
      client: who connects.
      story: what its user's conversation may say.
      after: what it says it has seen.
    """

    def __init__(self, server: Server, client: Client, story: Story, after: int | None) -> None:
        self.server, self.client, self.story, self.after = server, client, story, after
        self.ready = False
        # Whether it may be closed because the journal cannot be read.
        self.may_fail = False
        self.resumed = False
        self.asleep_since: int | None = None
        self.high = 0
        self.present: list[dict[str, Any]] = []
        self.own: set[int] = set()
        # Messages that it has sent again: what it is to get of each, and what it got.
        self.owed: dict[str, set[int]] = {}
        self.frames: list[tuple[int, dict[str, Any]]] = []
        self.arriving: Sent | None = None
        self.reacted = False
        self.stream = Stream(None)
        self.stream.line = self
        self.protocol, self.pipe = server.open(self.stream.take_bytes)
        self.protocol.dataReceived(HANDSHAKE)
        assert self.stream.opened
        client.line = self
        visited[f"session {self.state}"] += 1

    @property
    def state(self) -> str:
        performer = self.protocol.performer
        return "closed" if performer is None else str(performer.state)

    # What it sends

    def authenticate(self) -> None:
        after = {} if self.after is None else {"after": self.after}
        token = f"user-{self.story.user}"
        self._write(text({"type": "authenticate", "token": token, **after}))

    def say(self, sent: Sent) -> None:
        """Send a message, and see that the server does what the story expects."""
        if not self.ready:
            if sent.id is not None:
                self.owed[sent.id] = set()
            self._write(text(sent.document))
            return
        expected = self.story.expect(sent)
        if expected == {"again"}:
            self.owed[sent.id] = set(self.story.about(self.story.known[sent.id]))
        self.arriving, self.reacted = sent, expected == {"again"}
        self._write(text(sent.document))
        assert self.reacted, f"nothing came of {sent.document}: {expected}"
        self.arriving = None

    def cancel(self, id_: str) -> None:
        if self.ready:
            self.story.cancel(id_)
        self._write(text({"type": "cancel", "id": id_}))

    def break_off(self, sent: Sent, share: float) -> None:
        """Send a part of a message, and lose the connection."""
        data = text(sent.document)
        self._write(data[: 1 + int(share * (len(data) - 2))])
        self.lose()

    def _write(self, data: bytes) -> None:
        self.story.speaking = self
        self.protocol.dataReceived(data)

    def lose(self, share: float = 1.0) -> None:
        """Lose the connection, when so much of what it had not read has come."""
        since = len(self.frames) if self.asleep_since is None else self.asleep_since
        unread = self.frames[since:]
        start = self.frames[since - 1][0] if since else 0
        bytes_read = start + int(share * (self.stream.total - start))
        for end, document in unread:
            if end <= bytes_read:
                self.client.read(document)
            else:
                visited["a frame of the server was cut off"] += 1
        self.client.line = None
        self.server.lose(self.protocol)
        visited[f"session {self.state}"] += 1

    # What it gets

    def got(self, document: dict[str, Any]) -> None:
        """A whole frame was written by the server."""
        self.frames.append((self.stream.total, document))
        kind = document["type"]
        if kind == "ready":
            self._welcome(document)
        elif kind == "goodbye":
            assert self.story.stopping
        elif "seq" in document:
            self._numbered(document)
        else:
            self._refused(document)
        if self.asleep_since is None:
            self.client.read(document)

    def _welcome(self, document: dict[str, Any]) -> None:
        story = self.story
        assert not self.ready, "ready twice"
        assert not story.beginning, f"what a kill cut off is not told: {story.beginning}"
        if story.jump:
            assert document["seq"] >= max(story.bodies, default=0), "a number may be used twice"
            story.seq, story.jump = document["seq"], False
        assert document["seq"] == story.seq, "ready tells another number than the last one"
        self.ready, self.resumed = True, document["resumed"]
        # Numbers of no frame that mean something: nothing yet, and what `ready` has told.
        if self.after not in {0, *story.told} or self.after in story.bodies:
            assert self.resumed == self._is_resumable(), f"{self.resumed} after {self.after}"
        story.told.add(story.seq)
        visited[f"resumed {self.resumed}"] += self.after is not None
        visited["resumed from before a kill"] += self.resumed and self.after <= story.origin.seq
        visited["what it had seen was lost"] += self.after in story.lost
        self.high = self.after if self.resumed else story.seq
        if not self.resumed:
            self.present = [one for one in (story.context_frame, story.ask) if one is not None]
        story.speaking = self

    def _is_resumable(self) -> bool:
        story = self.story
        known = self.after in story.bodies and self.after not in story.lost
        return self.after is not None and (known or self.after == story.seq)

    def _numbered(self, document: dict[str, Any]) -> None:
        story, seq = self.story, document["seq"]
        assert self.ready, f"{document} before ready"
        assert document == story.bodies.get(seq), f"{document} instead of {story.bodies.get(seq)}"
        if self.present:
            assert document == self.present.pop(0), "another present state"
        elif seq == story.after(self.high, self.own):
            self.high = seq
        else:
            assert seq <= self.high or seq in self.own, (
                f"{seq} after {self.high}: something missing"
            )
            id_ = document["id"] if document["type"] == "said" else document["re"]
            assert id_ in self.owed, f"{document} came twice"
            self.owed[id_].discard(seq)
            visited["a message was told again"] += 1

    def _refused(self, document: dict[str, Any]) -> None:
        code, id_ = document["code"], document.get("re")
        visited[f"refused {code}"] += 1
        if self.arriving is not None:
            assert code in self.story.expect(self.arriving), document
            assert id_ == self.arriving.id
            self.reacted = True
        elif self.owed.get(id_):
            assert code == "unavailable", document
            assert self.may_fail
            del self.owed[id_]
        elif id_ is not None:
            # It was sent behind `authenticate`.
            assert code in self.story.expect(self.story.sents[id_.partition("-")[2]]), document

    def said(self, seq: int) -> None:
        """What it said has got a number."""
        self.own.add(seq)
        self.reacted = True

    def check(self) -> None:
        """It has got all that it is to get."""
        if self.ready and self.stream.closed is None:
            assert not self.present, f"{self.present} was not told"
            missing = self.story.after(self.high, self.own)
            assert missing is None, f"{missing} is missing after {self.high}"

    def check_owed(self) -> None:
        """It has got all that it asked for again."""
        owed = {id_: seqs for id_, seqs in self.owed.items() if seqs}
        assert not owed, f"{owed} was not told again"
