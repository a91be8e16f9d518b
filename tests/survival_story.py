"""The model of one user's conversation: what its log may say next, whatever happens to the server.

It learns what clients did and what befell the server, predicts from that, and takes every
frame at the moment it gets its number: a frame that it cannot explain fails the test.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from typing import Any

from attrs import define, evolve, field

from survival_plans import (
    CANCEL_PLANS,
    CUTS,
    DONE,
    PAIRS,
    THINKING,
    Accepted,
    Durable,
    Kept,
    Question,
    Running,
    Sent,
    Shape,
    plan,
    reply_plan,
    shape_of,
)

DEADLINE_SECONDS = 60.0
QUEUE = 4
visited: Counter[str] = Counter()


@define(eq=False)
class Story:
    """One user's conversation.

    Args:
      user: whose.
      sents: all messages that clients made, by tag.
    """

    user: int
    sents: dict[str, Sent]
    now: float = 0.0
    stopping: bool = False
    # Whether the journal has failed, and nothing was written since.
    troubled: bool = False
    # The frames: by number, in order, and those that a kill cost.
    bodies: dict[int, dict[str, Any]] = field(factory=dict)
    tape: list[int] = field(factory=list)
    lost: set[int] = field(factory=set)
    seq: int = 0
    jump: bool = False
    # What devices know.
    ask: dict[str, Any] | None = None
    context_frame: dict[str, Any] | None = None
    # What is accepted.
    known: dict[str, Accepted] = field(factory=dict)
    all: list[Accepted] = field(factory=list)
    waiting: list[Accepted] = field(factory=list)
    cancels: dict[str, float] = field(factory=dict)
    # The agent.
    question: Question | None = None
    context: str | None = None
    queue: list[str] = field(factory=list)
    loose: list[str] = field(factory=list)
    current: Running | None = None
    ghosts: list[Running] = field(factory=list)
    aside: tuple[str | None, Accepted | None] | None = None
    kept: Kept = field(factory=Kept)
    durable: Durable = field(factory=Durable)
    beginning: deque[tuple[str | None, Shape]] = field(factory=deque)
    origin: Durable = field(factory=Durable)
    may_wake: bool = False
    again: Question | None = None
    # Messages whose cancel has not ended; and those of them that a kill may have brought back.
    cut_off: list[Accepted] = field(factory=list)
    maybe: list[Accepted] = field(factory=list)
    mismatched: int = 0
    # What `ready` has told, which need not be the number of a frame.
    told: set[int] = field(factory=set)
    # The connection whose messages are being taken.
    speaking: Any = None

    # What clients do

    def expect(self, sent: Sent) -> set[str]:
        """What may come of a message that arrives now: "accepted", "again", or an error."""
        known = None if sent.id is None else self.known.get(sent.id)
        if known is not None:
            return {"again" if known.sent.document == sent.document else "id-reused"}
        if self.stopping:
            return {"unavailable"}
        answers = sent.document.get("answers")
        if answers is not None and (self.ask is None or answers != self.ask["seq"]):
            return {"question-gone"}
        # One that runs may have shown nothing so far, and cancels run too.
        waiting = len(self.waiting)
        if waiting + (self.current is not None) > QUEUE:
            return {"busy", "accepted"} if waiting <= QUEUE else {"busy"}
        return {"accepted", "busy"} if waiting == QUEUE else {"accepted"}

    def cancel(self, id_: str) -> None:
        """A device sent a cancel."""
        self.ask = None
        self.cancels[id_] = self.now

    def queued(self, text: str) -> None:
        """A skill's own thread has queued an intent."""
        self.loose.append(text)

    def fail(self) -> None:
        """Nothing can be written from now on."""
        self.troubled = True
        for one in self.waiting:
            one.failed = True

    # Numbered frames

    def frame(self, frame: dict[str, Any]) -> None:
        """A frame got its number."""
        seq = frame["seq"]
        assert seq not in self.bodies, f"{seq} is two frames: {self.bodies[seq]}, {frame}"
        if self.jump:
            assert seq > max(self.bodies, default=0), "a number may be used twice"
            self.jump = False
        else:
            assert seq == self.seq + 1, f"a gap: {self.seq}, {seq}"
        self.seq = seq
        self.bodies[seq] = frame
        self.tape.append(seq)
        shape, re = shape_of(frame), frame.get("re")
        if frame["type"] == "said":
            self._said(frame)
        elif self.beginning or self._is_cut_off(re, shape):
            self._began(re, shape, frame)
        elif self.aside is not None:
            assert (re, shape) == (self.aside[0], DONE), f"{frame} instead of {self.aside}"
            self.aside = None
        else:
            self._turn(re, shape, frame)
        self._look(frame)

    def _look(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "context":
            self.context = frame["name"]
            self.context_frame = None if frame["name"] is None else frame
        elif kind == "ask":
            self.ask = frame
        elif kind in {"thinking", "done", "said"}:
            self.ask = None

    def _said(self, frame: dict[str, Any]) -> None:
        sent = self.sents[frame["message"].partition(" ")[2]]
        assert sent.user == self.user
        assert sent.id == frame.get("id")
        assert "accepted" in self.expect(sent), f"{frame} should be {self.expect(sent)}"
        accepted = Accepted(
            sent, frame["seq"], self.now, reply=self.ask is not None, failed=self.troubled
        )
        if sent.id is not None:
            self.known[sent.id] = accepted
        self.all.append(accepted)
        self.speaking.said(frame["seq"])
        self.waiting.insert(0 if accepted.reply else len(self.waiting), accepted)
        # The turn takes what waits in the agent; a kill does not bring it back.
        question = self.kept.question and evolve(self.kept.question, queue=())
        self.kept = evolve(self.kept, question=question, loose=())

    def _began(self, re: str | None, shape: Shape, frame: dict[str, Any]) -> None:
        """What is told first after a kill."""
        if (re, shape) != self.beginning[0]:
            self._is_cut_off(re, shape)
        if (re, shape) != self.beginning[0] and self._is_lost_wake(re, shape):
            self.beginning.appendleft((None, DONE))
            return
        assert (re, shape) == self.beginning.popleft(), f"{frame} after a kill"
        if shape[0] == "ask":
            self.question = evolve(self.question, frame=frame)
            self.kept = evolve(self.kept, question=self.question)
            self.again = self.question
            visited["a question was asked again"] += 1

    def _is_cut_off(self, re: str | None, shape: Shape) -> bool:
        """Whether a message is told to be interrupted whose cancel a kill cut off."""
        if shape != ("error", "interrupted"):
            return False
        one = next((one for one in self.maybe if one.id == re), None)
        if one is None:
            return False
        self.maybe.remove(one)
        one.outcome = "interrupted"
        if self.question is not None and all(each[0] != "ask" for _, each in self.beginning):
            frame = self.question.frame
            self.beginning.append((frame.get("re"), shape_of(frame)))
        self.beginning.appendleft((re, DONE))
        self.beginning.appendleft((re, shape))
        return True

    def _is_lost_wake(self, re: str | None, shape: Shape) -> bool:
        lost = self.may_wake and (re, shape) == (None, ("error", "interrupted"))
        self.may_wake = self.may_wake and not lost
        return lost

    # Turns

    def _turn(self, re: str | None, shape: Shape, frame: dict[str, Any]) -> None:
        for ghost in tuple(self.ghosts):
            if ghost.id == re and self._advance(ghost, shape, frame):
                self.ghosts = self.ghosts[self.ghosts.index(ghost) :]
                return
        current = self.current
        if current is not None and current.id == re and self._advance(current, shape, frame):
            return
        question = self.question if current is None and self.ask is None else None
        if question and (re, shape) == (question.frame.get("re"), shape_of(question.frame)):
            # Its reply could not be kept, so it is asked again.
            self.question = evolve(question, frame=frame)
            self.kept = evolve(self.kept, question=self.question)
            return
        if shape[0] == "error" and shape[1] in CUTS:
            self._cut_off(re, shape[1], frame)
            return
        self.current = self._next(re, frame)
        assert self._advance(self.current, shape, frame), (
            f"{frame} is none of {self.current.ways} after {self.current.seen}"
        )

    def _advance(self, run: Running, shape: Shape, frame: dict[str, Any]) -> bool:
        if run.ways is None:
            self._plan(run)
        behind = [*self.queue, *self.loose]
        if shape == THINKING and behind and (not run.seen or run.seen[-1] == DONE):
            # What waits in the agent may come before the sentence, or behind it.
            run.other_ways = run.ways
            run.ways = [way[1:] for way in run.ways if way and way[0] == THINKING]
            run.seen.append(shape)
        elif shape[0] == "answer" and shape[1] in behind and run.seen[-1:] == [THINKING]:
            (self.queue if shape[1] in self.queue else self.loose).remove(shape[1])
            visited["an intent that had waited was run"] += 1
            # Something was said then, so nobody has to say that nothing was understood.
            rest = [[]] if [DONE] in run.other_ways else []
            run.ways = [[DONE, *way] for way in (*run.other_ways, *rest)]
            run.seen.append(shape)
        elif not run.take(shape):
            return False
        if shape[0] == "ask" and not run.cut:
            self._asked(run, frame)
        return True

    def _asked(self, run: Running, frame: dict[str, Any]) -> None:
        sent, before = run.message.sent, run.question
        room, queue = None, tuple(self.queue)
        if before is not None:
            room = sent.document["message"] if before.room is None else before.room
            self.mismatched += before.room is not None
        elif sent.word == "askpair":
            queue = (f"echo {sent.tag}",)
        self.queue.clear()
        self.question = Question(frame=frame, room=room, queue=queue)
        self.kept = Kept(question=self.question, context=self.context, loose=tuple(self.loose))

    def _next(self, re: str | None, frame: dict[str, Any]) -> Running:
        """The turn that begins with a frame."""
        cancel = next(
            (one for one in self.waiting if one.id == re and one.sent.word == "cancel"), None
        )
        first = self.waiting[0] if self.waiting else None
        current = self.current
        if current is not None and not (current.kind == "wake" and current.is_complete):
            raise AssertionError(f"{frame} in the middle of {current.ways}: {current.seen}")
        if re is not None and re in self.cancels:
            del self.cancels[re]
            return Running(re, "cancel")
        if cancel is not None:
            self.waiting.remove(cancel)
            return Running(re, "message", cancel)
        if first is not None and first.id == re:
            return Running(re, "message", self.waiting.pop(0))
        assert re is None, f"{frame} comes from nowhere"
        assert self.loose or self.queue, f"{frame} comes from nowhere"
        assert self.question is None, f"{frame} although a reply is awaited"
        visited["an intent woke the conversation"] += 1
        return Running(None, "wake", ways=[[]])

    def _plan(self, run: Running) -> None:
        message = run.message
        if message is None or message.sent.word == "cancel":
            run.ways = self._cancel_ways()
            before = self.ghosts.index(run) if run in self.ghosts else len(self.ghosts)
            for ghost in self.ghosts[:before]:
                self._leave_over(ghost)
            del self.ghosts[:before]
            self.loose += (*self.queue, *(self.question.queue if self.question else ()))
            self.queue.clear()
            self.question = None
        elif self.question is not None:
            assert message.reply, f"{message} is no reply"
            run.question, self.question = self.question, None
            older = run.question.frame["seq"] <= self.origin.seq or run.question is self.again
            visited["a question from before was answered"] += older
            self.queue = list(run.question.queue)
            run.ways = [reply_plan(message.sent.document["message"], run.question)]
        else:
            run.ways = [plan(message.sent.word, message.sent.tag, self.context)]

    def _cancel_ways(self) -> list[list[Shape]]:
        ways = [list(way) for way in CANCEL_PLANS]
        if self.question is not None or self.context is not None:
            return ways[:1]
        return ways if self.ghosts else ways[1:]

    def _leave_over(self, ghost: Running) -> None:
        """What of a cancelled sentence may still be run: its second intent."""
        sent = ghost.message and ghost.message.sent
        if sent and sent.word in PAIRS and ("answer", f"two {sent.tag}") not in ghost.seen:
            self.loose.append(f"two {sent.tag}")

    def _cut_off(self, re: str | None, code: str, frame: dict[str, Any]) -> None:
        """A turn ends with an error that its skill did not cause."""
        if self._is_lost_wake(re, ("error", code)):
            self.aside = (None, None)
            return
        unwritten = self.durable.seq if code == "unavailable" else 0
        message = next((one for one in self.waiting if one.id == re and one.seq > unwritten), None)
        run = self.current if self.current is not None and self.current.id == re else None
        if run is not None and code != "unavailable":
            message = run.message
        visited[f"error {code}"] += 1
        if code == "interrupted":
            assert self.stopping, frame
            self._ended_aside(re, message, "interrupted")
            self.current = None if run is not None else self.current
        elif code == "unavailable":
            assert message is not None, frame
            assert message.failed, frame
            self._ended_aside(re, message, "unavailable")
        else:
            if run is None:
                self.current = run = self._next(re, frame)
                self._plan_for_cut(run)
            since = message.at if message is not None else -DEADLINE_SECONDS
            assert code != "skill-timeout" or self.now - since >= DEADLINE_SECONDS, frame
            run.ways = [[DONE]]
            self.loose += self.queue
            self.queue.clear()
            self._leave_over(run)

    def _plan_for_cut(self, run: Running) -> None:
        if run.kind != "wake":
            self._plan(run)

    def _ended_aside(self, re: str | None, message: Accepted | None, outcome: str) -> None:
        self.aside = (re, message)
        if message is not None:
            message.outcome = outcome
            if message in self.waiting:
                self.waiting.remove(message)

    def over(self, run_id: str | None, tag: str | None, *, cut: bool, cancelled: bool) -> None:
        """The server says that a turn is over.

        Args:
          run_id: what its frames have as `re`.
          tag: of its message, if it has one.
          cut: whether it is stopped in the middle, by a cancel.
          cancelled: the same, or it is a cancel itself.
        """
        told = self.sents.get(str(tag))
        if self.stopping and any(
            one.sent is told and one.outcome == "interrupted" for one in self.all
        ):
            return
        run = self.current
        if run is not None and run.kind != "wake" and run.id == run_id and self._is_of(run, tag):
            self.current = None
        else:
            message = next((one for one in self.waiting if one.sent.tag == tag), None)
            cut = cut or (cancelled and message is not None)
            assert cut, f"the turn of {run_id} {tag} is over without a frame"
            run = Running(run_id, "message" if message else "cancel", message)
            self.cancels.pop(run_id, None)
            if message is not None:
                self.waiting.remove(message)
        if cut:
            run.cut = True
            self.ghosts.append(run)
            if run.message is not None:
                run.message.outcome = "cancelled"
                self.cut_off.append(run.message)
            return
        if cancelled:
            self.cut_off.clear()
        assert run.is_complete, f"{run.id} is over after {run.seen}, before {run.ways}"
        assert not self.queue, f"{self.queue} was forgotten"
        if run.message is not None:
            run.message.outcome = "ended"
        self.kept = Kept(question=self.question, context=self.context, loose=tuple(self.loose))

    def _is_of(self, run: Running, tag: str | None) -> bool:
        return (None if run.message is None else run.message.sent.tag) == tag

    # What lasts

    def closing(self) -> None:
        """No messages are taken any more, and how things stand is kept once more."""
        asking = self.current is None
        question = self.question if asking else None
        self.kept = Kept(question=question, context=self.context, loose=tuple(self.loose))

    def batch(self) -> Durable:
        """What a batch that is made now will have kept."""
        if self.beginning:
            return self.origin
        run = self.current
        told = run is not None and run.is_complete and not (self.queue or self.loose)
        running = () if run is None or told else (run.message,)
        live = {id(one) for one in (*self.waiting, *running) if one is not None}
        name = None if self.context_frame is None else self.context_frame["name"]
        return Durable(
            seq=self.seq,
            open=tuple(one for one in self.all if id(one) in live and one.outcome is None),
            kept=self.kept,
            context=name,
            wakes=bool(self.loose) or self.may_wake,
            maybe=tuple(self.cut_off),
        )

    def begin_again(self, written: set[int], *, clean: bool) -> None:
        """The process is gone, and another one is there.

        Args:
          written: the numbers in the log.
          clean: whether it was stopped in order and all was written.
        """
        durable = self.durable
        lost = {seq for seq in self.tape if seq not in written}
        late = [seq for seq in lost - self.lost if clean or seq <= durable.seq]
        assert not late, f"the log has lost {late}, which were written"
        self.lost = lost
        self.stopping = False
        self.jump = self.jump or not clean
        for one in self.all:
            if one.seq in self.lost:
                one.outcome = "forgotten"
            elif one in durable.open:
                one.outcome = "interrupted"
        self.known = {
            one.id: one for one in self.all if one.id is not None and one.outcome != "forgotten"
        }
        self.waiting, self.current, self.ghosts, self.aside = [], None, [], None
        self.cancels, self.queue, self.kept = {}, [], durable.kept
        self.question, self.loose = durable.kept.question, list(durable.kept.loose)
        self.ask = None if self.question is None else self.question.frame
        self.context = durable.kept.context
        self.context_frame = self._last_context(durable)
        self.may_wake, self.origin, self.maybe = durable.wakes, durable, list(durable.maybe)
        self.cut_off = []
        how = "a stop" if clean else "a kill"
        visited[f"a question outlived {how}"] += self.question is not None
        visited[f"a context outlived {how}"] += self.context is not None
        visited[f"{how} interrupted messages"] += bool(durable.open)
        self._expect_beginning(durable)

    def _last_context(self, durable: Durable) -> dict[str, Any] | None:
        if durable.context is None:
            return None
        told = [self.bodies[seq] for seq in self.tape if seq <= durable.seq]
        return next(one for one in reversed(told) if one["type"] == "context")

    def _expect_beginning(self, durable: Durable) -> None:
        self.beginning.clear()
        for one in durable.open:
            self.beginning += ((one.id, ("error", "interrupted")), (one.id, DONE))
        if durable.context != durable.kept.context:
            self.beginning.append((None, ("context", durable.kept.context)))
        if self.question is not None and durable.open:
            frame = self.question.frame
            self.beginning.append((frame.get("re"), shape_of(frame)))

    # What devices get

    def after(self, seq: int, without: set[int]) -> int | None:
        """The next number that a device gets, which has seen those up to `seq`."""
        for one in self.tape[bisect_right(self.tape, seq) :]:
            if one not in without and one not in self.lost:
                return one
        return None

    def about(self, accepted: Accepted) -> list[int]:
        """The numbers of what is told again of a message."""
        caused = [
            seq
            for seq in self.tape
            if seq > accepted.seq
            and seq not in self.lost
            and self.bodies[seq].get("re") == accepted.id
        ]
        return [accepted.seq, *caused]
