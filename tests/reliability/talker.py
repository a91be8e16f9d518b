"""A client that follows spec 5.9 to the letter, whatever happens to the server.

It talks all the time, comes back when the connection is lost, and sends again what it does
not know the fate of. What is said is for the skill of skill_of_the_house.py.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field

from frames import check_frame
from reliability.line import BROKEN, Address, Document, HandshakeRefusedError, Line
from reliability.notes import DONE, Notes, Seen, Sent, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Messages on their way at the same time.
_MOST_OPEN = 6
# Clients SHOULD wait longer (spec 3.7); these want to be there when something goes wrong.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.2
# Errors without a number after which the same is sent again, under the same id.
_TRY_AGAIN = {"busy", "rate-limited", "unavailable"}
_RETRY_SECONDS = 0.5
# How long a question is left open, for a restart to come in between.
_PATIENCE_WITH_QUESTIONS = 4.0


@define(kw_only=True, eq=False)
class Habits:
    """What a client does how often.

    Args:
      pause_seconds: between two things it does, on average.
      sentences: what it says, and how often in comparison; `{}` is its name.
      hang_up: the share of pauses after which it hangs up and comes back.
      hold: the share of questions that it answers after the next reconnect only.
      odd_after: the share of reconnects with another `after` than the last number seen.
    """

    pause_seconds: float = 0.25
    sentences: dict[str, float] = field(
        factory=lambda: {
            "quick greeting to {}": 4,
            "slow greeting to {}": 2,
            "greet {} two times": 2,
            "open a room for {}": 3,
        }
    )
    hang_up: float = 0.02
    hold: float = 0.4
    odd_after: float = 0.1


@define(kw_only=True, eq=False)
class Talker:
    """One client of one user.

    Args:
      address: of the server.
      token: of the user.
      notes: what it writes down.
      random: makes all decisions.
      habits: how it talks.
      others: more addresses of the same server, each as good as the first.
      now: seconds since the epoch.
    """

    address: Address
    token: str
    notes: Notes
    random: Random
    habits: Habits = field(factory=Habits)
    others: Sequence[Address] = ()
    now: Callable[[], float] = time.time
    # The highest number seen (spec 5.9).
    _last: int | None = field(init=False, default=None)
    # The pending question, and the connection from which on it is answered.
    _question: int | None = field(init=False, default=None)
    _answer_from: int = field(init=False, default=0)
    _answer_at: float = field(init=False, default=0.0)
    _stopping: bool = field(init=False, default=False)
    _least_visits: int = field(init=False, default=0)
    _retries: dict[str, float] = field(init=False, factory=dict)
    # Whether frames of the present state may come (spec 5.9).
    _present: bool = field(init=False, default=False)

    async def run(self) -> None:
        """Talk until told to stop, and all is said and answered."""
        while not self.is_content:
            try:
                await self._visit()
            except HandshakeRefusedError as refused:
                self.notes.closes[f"HTTP {refused.status}"] += 1
            except (OSError, *BROKEN):
                pass
            pause = self.random.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def stop(self) -> None:
        """Begin nothing new, and come once more to hear of what a crash has cut off."""
        self._stopping = True
        self._least_visits = len(self.notes.visits) + 1

    @property
    def is_content(self) -> bool:
        """Whether it was told to stop, and nothing is open."""
        done = not self.notes.open and self._question is None
        return self._stopping and done and len(self.notes.visits) >= self._least_visits

    # Connections

    async def _visit(self) -> None:
        after = self._after()
        known = {} if after is None else {"after": after}
        first = {"type": "authenticate", "token": self.token, **known}
        line = await Line.open(self._any_address(), first)
        speaking = None
        try:
            ready = await self._ready(line)
            if ready is not None:
                self._begin(after, ready)
                speaking = asyncio.create_task(self._speak(line))
                await self._listen(line)
        finally:
            if speaking is not None:
                speaking.cancel()
                with suppress(asyncio.CancelledError):
                    await speaking
            line.abort()
            if line.closed is not None:
                self.notes.closes[f"{line.closed[0]} {line.closed[1]}"] += 1

    def _any_address(self) -> Address:
        # Decisions stay the same where there is one.
        return self.random.choice((self.address, *self.others)) if self.others else self.address

    def _after(self) -> int | None:
        if self._last is None or self.random.random() >= self.habits.odd_after:
            return self._last
        return self.random.choice([None, 0, max(self._last - 7, 0), self._last + 500_000])

    async def _ready(self, line: Line) -> Document | None:
        first = await line.next()
        while first is not None and first["type"] == "goodbye":
            first = await line.next()
        if first is not None and first["type"] != "ready":
            self.notes.complaints.append(f"{first['type']} came before ready")
        return first

    def _begin(self, after: int | None, ready: Document) -> None:
        check_frame(ready)
        visit = Visit(
            number=len(self.notes.visits),
            after=after,
            seq=ready["seq"],
            resumed=ready["resumed"],
        )
        self.notes.visits.append(visit)
        self._present = not visit.resumed
        if not visit.resumed:
            self._question = None
            self._last = visit.seq

    async def _listen(self, line: Line) -> None:
        while not self.is_content:
            frame = await line.next()
            if frame is None:
                return
            self._take(check_frame(frame))

    # What it hears

    def _take(self, frame: Document) -> None:
        if frame["type"] == "goodbye":
            return
        if "seq" not in frame:
            self._refused(frame)
            return
        visit = self.notes.visits[-1]
        visit.seen.append(Seen(frame, self.now()))
        if self._is_news(frame, visit):
            self._look(frame, visit)
        self._look_for_outcome(frame)

    def _is_news(self, frame: Document, visit: Visit) -> bool:
        if self._last is None or frame["seq"] > self._last:
            self._last, self._present = frame["seq"], False
            return True
        self._present = self._present and frame["type"] in ("context", "ask")
        return self._present and frame["seq"] <= visit.seq

    def _look(self, frame: Document, visit: Visit) -> None:
        if frame["type"] == "ask":
            held = self.random.random() < self.habits.hold
            self._question = frame["seq"]
            self._answer_from = visit.number + held
            self._answer_at = self.now() + _PATIENCE_WITH_QUESTIONS
        elif frame["type"] in ("thinking", "done", "said"):
            self._question = None

    def _look_for_outcome(self, frame: Document) -> None:
        sent = self.notes.sent.get(frame.get("re", ""))
        if sent is None:
            return
        if frame["type"] == "error":
            sent.code = frame["code"]
        elif frame["type"] == "done":
            sent.outcome, sent.code, sent.told = sent.code or DONE, None, self.now()

    def _refused(self, frame: Document) -> None:
        if frame["type"] != "error":
            self.notes.complaints.append(f"{frame['type']} came without a number")
            return
        code, sent = frame["code"], self.notes.sent.get(frame.get("re", ""))
        self.notes.refused[code] += 1
        if sent is None:
            self.notes.complaints.append(f"{code} about nothing this client said")
        elif code in _TRY_AGAIN:
            self._retries[sent.id] = self.now() + frame.get("retry_after", _RETRY_SECONDS)
        else:
            sent.outcome, sent.told = code, self.now()
            if code == "question-gone":
                self.notes.gone.append((sent.document["answers"], sent.id))
            else:
                self.notes.complaints.append(f"{sent.id} was refused: {code}")

    # What it says

    async def _speak(self, line: Line) -> None:
        if self.random.random() < 0.5:
            # As a client that looks at what it missed first.
            await asyncio.sleep(0.1)
        for sent in self.notes.open:
            self._send(line, sent)
        while True:
            pause = self.random.expovariate(1 / self.habits.pause_seconds)
            await asyncio.sleep(min(pause, 5 * self.habits.pause_seconds))
            self._send_retries(line)
            if self._question is not None:
                self._answer(line)
            elif self._may_begin():
                self._say(line)
            come_again = self._stopping and len(self.notes.visits) < self._least_visits
            if come_again or self.is_content or self.random.random() < self.habits.hang_up:
                line.abort()

    def _may_begin(self) -> bool:
        return not self._stopping and len(self.notes.open) < _MOST_OPEN

    def _send_retries(self, line: Line) -> None:
        for id_, at in tuple(self._retries.items()):
            if at <= self.now():
                del self._retries[id_]
                self._send(line, self.notes.sent[id_])

    def _say(self, line: Line) -> None:
        sentences = self.habits.sentences
        (sentence,) = self.random.choices(tuple(sentences), tuple(sentences.values()))
        asks = sentence.startswith("open")
        if asks and self.notes.open and self.random.random() < 0.7:
            # A question that nothing else comes in between of can be followed over a restart.
            return
        self._send(line, self._message(sentence.format(self.notes.name)))

    def _answer(self, line: Line) -> None:
        visit = self.notes.visits[-1].number
        if visit < self._answer_from and self.now() < self._answer_at and not self._stopping:
            return
        certain = {} if self.random.random() < 0.2 else {"answers": self._question}
        self._question = None
        self._send(line, self._message("the attic", **certain))

    def _message(self, words: str, **more: object) -> Sent:
        id_ = f"{self.notes.name}{self.notes.device}-{len(self.notes.sent):05d}"
        meta = {"message_id": id_}
        document = {"type": "message", "message": words, "id": id_, "meta": meta, **more}
        sent = Sent(document=document, at=self.now())
        self.notes.sent[id_] = sent
        return sent

    def _send(self, line: Line, sent: Sent) -> None:
        sent.times += 1
        sent.visits.add(self.notes.visits[-1].number)
        line.send(sent.document)
