"""Two processes and one database: who has a conversation changes at any moment.

An app goes from one process to the other as a gateway has it do: it joins with the number of
the last frame that it has, and says again what nobody has taken. Whatever a process believes,
the apps get what is in the database, without a gap and each frame once.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from frames import Screen, check_frame
from journal_memory import JournalBroken, MemoryJournal
from nodes_stage import ANN, DEADLINE_SECONDS, IDLE_SECONDS, Database, Process
from pytlas_wamp.assistant.ownership import HeldElsewhere
from pytlas_wamp.journal.model import Written
from pytlas_wamp.wire.codec import to_document
from pytlas_wamp.wire.messages import Message
from strategies import share
from survival_skills import counted_skills, make_tagged_interpreter
from transcript_assistant import Gates, installed

WORDS = (
    *("echo", "echo", "lights", "lights", "kitchen", "dim", "full", "silent", "boom"),
    *("slow", "slow", "linger", "later", "ring"),
)
# Skills that are called once for a message at the most.
ONCE = {"echo", "slow", "linger", "later", "ring", "silent", "boom", "lights"}
INTERESTING = {
    "a question was answered elsewhere",
    "a write was fenced",
    "an outcome was lost with its process",
    "handed over",
    "late output went nowhere",
    "not handed over",
    "put away",
    "refused unavailable",
    "said again elsewhere",
    "taken over in the middle of a question",
    "taken over while a skill runs",
    "the database failed",
    "the database failed when it was written",
    "told that it moved",
    "waited for the database",
}
visited: Counter[str] = Counter()
_INTERPRETER = make_tagged_interpreter()


@define
class WatchedJournal(MemoryJournal):
    """One that notes what nobody may ever do.

    Args:
      faults: what was done.
      fails_late: whether what fails has been written all the same.
    """

    faults: list = field(factory=list)
    fails_late: list = field(factory=lambda: [False])

    def write(self, batches: Any) -> Written:
        failing, self.failing = self.failing, self.failing and not self.fails_late[0]
        try:
            for batch in batches:
                if batch.epoch is None:
                    self.faults.append("written without an epoch")
                elif self._has(batch.record.user_id, batch.epoch) and not self.failing:
                    self._look(batch)
            written = super().write(batches)
        finally:
            self.failing = failing
        visited["a write was fenced"] += len(written.fenced)
        if failing:
            visited["the database failed when it was written"] += 1
            raise JournalBroken
        return written

    def _look(self, batch: Any) -> None:
        log = self.logs.get(batch.record.user_id, {})
        for entry in batch.entries:
            known = log.get(entry.seq)
            if known is not None and known != entry:
                self.faults.append(f"{entry.seq} is {entry.body} after {known.body}")
        last = max([*log, *(entry.seq for entry in batch.entries)], default=0)
        if not batch.record.seq == batch.record.reserved == last:
            self.faults.append(f"{batch.record} after {last}")


class Line(Screen):
    """An app in one process."""

    def __init__(self, app: App, process: Process) -> None:
        super().__init__()
        self.app, self.process = app, process
        self.conversation: Any = None

    def deliver(self, frame: Any) -> None:
        document = check_frame(frame)
        if "seq" in document:
            self._check(document)
            self.app.see(self, document)
        else:
            self.app.refused(document)

    def repeat(self, frame: Any) -> None:
        self._check(check_frame(frame))

    def _check(self, document: dict[str, Any]) -> None:
        entry = self.app.database.journal.logs[ANN.id].get(document["seq"])
        if entry is None or json.loads(entry.body) != document:
            self.app.faults.append(f"{document} is told, but {entry} is written")

    def moved(self) -> None:
        super().moved()
        visited["told that it moved"] += 1
        if self.app.line is self:
            self.app.line = None


class App:
    """What a user has in the hand."""

    def __init__(self, database: Database, faults: list[str], name: str) -> None:
        self.database, self.faults, self.name = database, faults, name
        self.line: Line | None = None
        self.joining: Line | None = None
        self.first: int | None = None
        self.last = 0
        self.seen: dict[int, dict[str, Any]] = {}
        self.said: set[str] = set()
        self.unanswered: list[Message] = []
        self.refusals: Counter[str] = Counter()

    def join(self, process: Process, instead_of: int) -> None:
        line = self.joining = Line(self, process)
        after = None if self.first is None else self.last
        joined = process.host.join(ANN, line, after, instead_of=instead_of)
        joined.addCallbacks(self._joined, self._failed, callbackArgs=(line,), errbackArgs=(line,))

    def _joined(self, found: Any, line: Line) -> None:
        line.conversation, presence = found
        if line is not self.joining:
            line.conversation.detach(line)
            return
        self._leave()
        self.line, self.joining = line, None
        if self.first is None:
            self.first = self.last = presence.seq
        else:
            if presence.missed is None:
                self.faults.append(f"what came after {self.last} is not known")
            for frame in presence.missed or ():
                line._check(to_document(frame))
                # Some may have come by the way before meanwhile.
                if frame.seq > self.last:
                    self.see(line, to_document(frame))
            own = {frame.seq for frame in presence.missed or () if frame.TYPE == "said"}
            if presence.seq not in {self.last, *own}:
                self.faults.append(f"{presence.seq} is told after {self.last}")
        again, self.unanswered = self.unanswered, []
        for message in again:
            visited["said again elsewhere"] += 1
            self.say(message)

    def _failed(self, failure: Any, line: Line) -> None:
        if self.joining is line:
            self.joining = None
        if failure.type not in (HeldElsewhere, JournalBroken) and "Broken" not in str(failure.type):
            self.faults.append(str(failure))

    def _leave(self) -> None:
        if self.line is not None:
            self.line.conversation.detach(self.line)

    def see(self, line: Line, document: dict[str, Any]) -> None:
        if line is not self.line:
            return
        seq = document["seq"]
        log = self.database.journal.logs[ANN.id]
        left_out = [log[one] for one in range(self.last + 1, seq) if one in log]
        complete = len(left_out) == seq - self.last - 1
        if not (complete and all(one.message_id in self.said for one in left_out)):
            self.faults.append(f"{self.name} gets {seq} after {self.last}")
        self.seen[seq], self.last = document, seq

    def say(self, message: Message) -> None:
        assert self.line is not None
        self.unanswered.append(message)
        self.said.add(message.id)
        self.line.conversation.say(self.line, message, lambda: self._taken(message))

    def _taken(self, message: Message) -> None:
        known = {one.message_id for one in self.database.journal.entries(ANN.id)}
        if message.id not in known and not self.refusals[message.id]:
            self.faults.append(f"{message} is taken, but not written")
        self.unanswered = [one for one in self.unanswered if one is not message]

    def refused(self, document: dict[str, Any]) -> None:
        visited[f"refused {document['code']}"] += 1
        self.refusals[document["re"]] += 1


class Ownership(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.gates = Gates()
        self._installed = installed(
            counted_skills(self.gates, self._called, lambda _user, _text: None)
        )
        self._installed.__enter__()
        self.faults: list[str] = []
        self.database = Database(lambda leases: WatchedJournal(leases=leases, faults=self.faults))
        self.processes = [self._process(name) for name in ("one-1", "two-1")]
        self.apps = [App(self.database, self.faults, name) for name in ("phone", "screen")]
        self.calls: Counter[tuple[str, str]] = Counter()
        self.count = 0

    def _process(self, name: str) -> Process:
        return Process(
            name, self.database, make=lambda _: _INTERPRETER, max_skill_threads_per_user=3
        )

    def _called(self, _user: int, skill: str, tag: str) -> None:
        if skill == "__cancel__":
            return
        said = [one for one in self.database.journal.entries(ANN.id) if one.kind == "said"]
        if not tag.startswith("ring-") and not any(f' {tag}"' in one.body for one in said):
            self.faults.append(f"{skill} is called for {tag}, which is not written")
        self.calls[skill, tag] += 1
        if skill in ONCE and self.calls[skill, tag] > 1 and skill != "lights":
            self.faults.append(f"{skill} is called again for {tag}")

    @property
    def _owner(self) -> Process | None:
        name = self.database.leases.held.get(ANN.id, (None, 0))[0]
        return next((one for one in self.processes if one.name == name), None)

    # Devices

    @rule(app=st.integers(0, 1), where=st.integers(0, 1), knows=st.booleans())
    def join(self, app: int, where: int, knows: bool) -> None:  # noqa: FBT001 - drawn
        process, owner = self.processes[where], self._owner
        if self.apps[app].joining is not None:
            return
        epoch = self.database.leases.held.get(ANN.id, (None, 0))[1]
        if knows and owner is not None and owner is not process:
            present = owner.host.find(ANN.id)
            if present is not None:
                visited["taken over in the middle of a question"] += present._asking
                visited["taken over while a skill runs"] += present._current is not None
        self.apps[app].join(process, epoch if knows else 0)

    @rule(app=st.integers(0, 1), where=st.integers(0, 1), knows=st.booleans())
    def join_and_settle(self, app: int, where: int, knows: bool) -> None:  # noqa: FBT001 - drawn
        self.join(app, where, knows)
        self.settle(where)

    @rule(app=st.integers(0, 1), word=st.sampled_from(WORDS))
    def say(self, app: int, word: str) -> None:
        if self.apps[app].line is not None:
            self.count += 1
            tag = f"t{self.count}"
            message = Message(message=f"{word} {tag}", id=f"m-{tag}", meta={"tag": tag})
            self.apps[app].say(message)

    @rule(app=st.integers(0, 1), word=st.sampled_from(WORDS))
    def say_and_settle(self, app: int, word: str) -> None:
        self.say(app, word)
        for where in range(2):
            self.settle(where)

    # What threads and time do

    @precondition(lambda self: any(one.moves for one in self.processes))
    @rule(where=st.integers(0, 1), pool=st.integers(0, 3), index=st.integers(0, 3))
    def work(self, where: int, pool: int, index: int) -> None:
        process = self.processes[where]
        chosen = process.pools[pool]
        if chosen.jobs:
            # What writes has one thread.
            chosen.start(0 if chosen is process.disk else index % len(chosen.jobs))

    @precondition(lambda self: any(one.moves for one in self.processes))
    @rule(where=st.integers(0, 1), count=st.integers(1, 6))
    def arrive(self, where: int, count: int) -> None:
        arrivals = self.processes[where].arrivals
        for _ in range(min(count, len(arrivals))):
            arrivals.next()

    @rule(where=st.integers(0, 1), seconds=st.sampled_from([0.0, 0.0, 0.05, 1.0, 11.0]))
    def pass_(self, where: int, seconds: float) -> None:
        self.processes[where].clock.advance(seconds)

    @rule(where=st.integers(0, 1))
    def settle(self, where: int) -> None:
        self.processes[where].settle()

    @precondition(lambda self: self.gates.slow.waiting or self.gates.later)
    @rule()
    def release(self) -> None:
        kept = self.database.kept()
        self.gates.slow.release()
        self.gates.release("later")
        owner = self._owner
        for process in self.processes:
            if process is not owner:
                process.settle()
        visited["late output went nowhere"] += (
            owner is not None and self.database.kept() == kept and not owner.moves
        )

    # What befalls the processes

    @rule(late=st.booleans())
    def fail(self, late: bool) -> None:  # noqa: FBT001 - drawn
        """The database goes away, or comes back."""
        fails = not self.database.leases.failing
        visited["the database failed"] += fails
        for process in self.processes:
            visited["waited for the database"] += process.writer.failures > 0 and not fails
        self._set_failing(fails=fails, late=late)

    def _set_failing(self, *, fails: bool, late: bool = False) -> None:
        self.database.leases.failing = fails
        self.database.journal.fails_late[0] = late
        for process in self.processes:
            process.journal.failing = fails

    @rule(where=st.integers(0, 1))
    def hand_over(self, where: int) -> None:
        done = self.processes[where].hand_over()
        self.processes[where].settle()
        if done:
            visited["handed over" if done == [True] else "not handed over"] += 1

    @rule(where=st.integers(0, 1))
    def put_away(self, where: int) -> None:
        process = self.processes[where]
        before = len(process.host.conversations)
        for seconds in (0.0, IDLE_SECONDS):
            process.advance(seconds)
            process.host.put_away_unused()
            process.settle()
        visited["put away"] += len(process.host.conversations) < before

    @rule(app=st.integers(0, 1))
    def leave(self, app: int) -> None:
        line, self.apps[app].line = self.apps[app].line, None
        if line is not None:
            line.conversation.detach(line)

    # What must be true

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert not self.faults, self.faults[0]

    def teardown(self) -> None:
        try:
            self.nothing_is_wrong()
            self._finish()
            self.nothing_is_wrong()
        finally:
            self.gates.slow.release()
            self._installed.__exit__(None, None, None)

    def _finish(self) -> None:
        """Have all end in one place, and compare."""
        self._set_failing(fails=False)
        for process in self.processes:
            process.advance(11.0)
        last = self.processes[0]
        for round_ in range(8):
            for number, app in enumerate(self.apps):
                if app.line is None or app.line.process is not last:
                    self.join(number, 0, knows=True)
            self.release() if self.gates.slow.waiting or self.gates.later else None
            for process in self.processes:
                process.advance(DEADLINE_SECONDS)
            conversation = last.host.find(ANN.id)
            if round_ < 6 and conversation is not None and conversation._asking:
                visited["a question was answered elsewhere"] += 1
                conversation.cancel(f"c{round_}")
            for process in self.processes:
                process.settle()
        assert conversation.is_idle, "the conversation never comes to rest"
        self._compare()

    def _compare(self) -> None:
        entries = self.database.journal.entries(ANN.id)
        log = {one.seq: json.loads(one.body) for one in entries}
        assert list(log) == list(range(1, len(log) + 1)), "numbers have gaps"
        assert self.database.journal.load(ANN.id).seq == len(log)
        for app in self.apps:
            assert not app.unanswered, f"{app.name} waits for {app.unanswered}"
            expected = {
                seq: frame
                for seq, frame in log.items()
                if seq > (app.first or 0) and seq <= app.last
            }
            assert {
                seq: frame
                for seq, frame in expected.items()
                if seq in app.seen or frame.get("id") not in app.said
            } == app.seen
            rest = [frame for seq, frame in log.items() if seq > app.last]
            assert all(frame.get("id") in app.said for frame in rest), f"{app.name} missed {rest}"
        self._check_outcomes(list(log.values()))

    def _check_outcomes(self, log: list[dict[str, Any]]) -> None:
        said = Counter(frame["id"] for frame in log if frame["type"] == "said")
        assert all(count == 1 for count in said.values())
        for app in self.apps:
            for id_ in app.said:
                assert said[id_] or app.refusals[id_], f"{id_} has vanished"
        for id_ in said:
            mine = [frame for frame in log if frame.get("re") == id_]
            asked = any(frame["type"] == "ask" for frame in mine)
            ends = sum(frame["type"] == "done" and not frame["require_input"] for frame in mine)
            # What a thread of a skill queues is done in the turn that comes next.
            queued = sum("ring-" in json.dumps(frame.get("data")) for frame in mine)
            assert ends + asked == 1 + queued, f"{id_} has no outcome, or too many: {mine}"
            visited["an outcome was lost with its process"] += any(
                frame.get("code") == "interrupted" for frame in mine
            )


PHONE, SCREEN = 0, 1
ONE, TWO = 0, 1
# Everything once.
TOUR = (
    (Ownership.join_and_settle, PHONE, ONE, False),
    (Ownership.join_and_settle, SCREEN, ONE, False),
    (Ownership.say_and_settle, PHONE, "lights"),
    (Ownership.join_and_settle, SCREEN, TWO, True),
    (Ownership.say, PHONE, "echo"),
    (Ownership.settle, ONE),
    (Ownership.join_and_settle, PHONE, TWO, False),
    (Ownership.say_and_settle, PHONE, "kitchen"),
    (Ownership.say_and_settle, PHONE, "full"),
    (Ownership.say_and_settle, PHONE, "slow"),
    (Ownership.hand_over, TWO),
    (Ownership.join_and_settle, SCREEN, ONE, True),
    (Ownership.release,),
    (Ownership.join_and_settle, PHONE, ONE, True),
    (Ownership.hand_over, ONE),
    (Ownership.join_and_settle, PHONE, TWO, False),
    (Ownership.fail, False),
    (Ownership.say_and_settle, PHONE, "echo"),
    (Ownership.fail, False),
    (Ownership.pass_, TWO, 1.0),
    (Ownership.settle, TWO),
    (Ownership.fail, True),
    (Ownership.say_and_settle, PHONE, "echo"),
    (Ownership.pass_, TWO, 11.0),
    (Ownership.settle, TWO),
    (Ownership.say_and_settle, PHONE, "echo"),
    (Ownership.fail, False),
    (Ownership.pass_, TWO, 11.0),
    (Ownership.settle, TWO),
    (Ownership.leave, PHONE),
    (Ownership.leave, SCREEN),
    (Ownership.put_away, TWO),
    (Ownership.join_and_settle, PHONE, ONE, False),
    (Ownership.say_and_settle, PHONE, "lights"),
)


class TestOwnership:
    def test_holds_in_all_that_may_happen(self):
        visited.clear()
        ownership = Ownership()
        try:
            for happens, *how in TOUR:
                happens(ownership, *how)
                ownership.nothing_is_wrong()
        finally:
            ownership.teardown()
        assert {name for name in INTERESTING if not visited[name]} == set()

    def test_holds_in_any_order(self):
        profile = settings(share(0.5), stateful_step_count=50)
        run_state_machine_as_test(Ownership, settings=profile)
