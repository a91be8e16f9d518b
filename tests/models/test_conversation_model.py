"""Everything that may happen to conversations, in any order.

Jobs, what comes back from them, skills at a gate, devices and the clock move only
when a rule says so, so a run visits interleavings that no real server shows twice.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.defer import succeed
from twisted.internet.task import Clock

from frames import Screen, short
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Message
from skills_for_tests import all_skills, make_interpreter
from strategies import share
from transcript_assistant import Gates, installed
from workers_for_tests import Arrivals, ManualWorkers, settle

USERS = ("alice", "bob")
DEADLINE_SECONDS = 60.0
SKILL_THREADS = 3
MAX_CHANGES = 2
QUEUE = 4
SENTENCES = (
    *("echo", "silent", "pair", "boom", "answerraise", "quits", "nohandler", "what"),
    *("slow", "slow", "slowboom", "pairslow", "later", "later", "laterqueue", "linger", "ring"),
    *("lights", "lights", "kitchen", "dim", "asklinger", "askraise", "asktwice"),
    *("enter", "leave", "cancel", "cancel", "stop all"),
)
LASTING = (
    *("slow", "slowboom", "later", "linger", "ring", "ring"),
    *("lights", "asklinger", "enter", "cancel"),
)
INTERESTING = {
    "answered",
    "asked",
    "cancelled a running skill",
    "cancelled while a cancel was under way",
    "device left in the middle",
    "gave up a skill",
    "jobs out of order",
    "language changed",
    "language changed while something ran",
    "late output",
    "no thread",
    "nothing to cancel",
    "queue full",
    "question gone",
    "replied behind others",
    "skill failed",
    "spoke on its own",
    "two skills stuck",
}
visited: Counter[str] = Counter()


class Member(Screen):
    """A device, and where in its user's log it came in."""

    def __init__(self, user: str, since: int) -> None:
        super().__init__()
        self.user = user
        self.since = since
        self.said: list[int] = []


class Conversations(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.gates = Gates()
        self._installed = installed(all_skills(self.gates))
        self._installed.__enter__()
        self.arrivals = Arrivals()
        self.skills = ManualWorkers(self.arrivals, room=SKILL_THREADS)
        self.urgent = ManualWorkers(self.arrivals)
        self.clock = Clock()
        limits = Limits(turn_deadline_seconds=DEADLINE_SECONDS, max_queued_messages=QUEUE)
        self.host = Host(
            interpreters=self,
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=limits,
        )
        self.members: list[Member] = []
        self.logs: dict[str, Member] = {}
        self.languages = dict.fromkeys(USERS, "en-US")
        self.messages: dict[str, str] = {}
        self.cancels: set[str] = set()
        self.count = 0
        self.changes = 0

    def get(self, language: str) -> Any:
        """An interpreter at once, as the host asks for it."""
        return succeed(make_interpreter(language))

    @initialize()
    def begin(self) -> None:
        for user in USERS:
            self.logs[user] = self._join(user)
            self._join(user)

    def _person(self, user: str) -> Person:
        return Person(id=USERS.index(user), language=self.languages[user], settings={})

    def _join(self, user: str) -> Member:
        log = self.logs.get(user)
        member = Member(user, len(log.frames) if log else 0)
        joined: list[Any] = []
        self.host.join(self._person(user), member).addCallback(joined.append)
        if not joined and log is None:
            settle(self.arrivals, self.urgent)
        if joined and log is not None:
            self.members.append(member)
        return member

    def _conversation(self, user: str) -> Any:
        return {c.user_id: c for c in self.host.conversations}[USERS.index(user)]

    def _id(self, user: str) -> str:
        self.count += 1
        return f"{user}-{self.count}"

    # What devices do

    @precondition(lambda self: len(self.members) < 5)
    @rule(user=st.sampled_from(USERS))
    def attach(self, user: str) -> None:
        self._join(user)

    @precondition(lambda self: self.members)
    @rule(which=st.integers(0, 9))
    def detach(self, which: int) -> None:
        member = self.members.pop(which % len(self.members))
        conversation = self._conversation(member.user)
        if conversation._current is not None:
            visited["device left in the middle"] += 1
        conversation.detach(member)
        self._compare(member)

    @precondition(lambda self: self.members)
    @rule(which=st.integers(0, 9), sentence=st.sampled_from(SENTENCES), stale=st.integers(0, 3))
    def say(self, which: int, sentence: str, stale: int) -> None:
        member = self.members[which % len(self.members)]
        conversation, id_ = self._conversation(member.user), self._id(member.user)
        text = f"echo {id_}" if sentence == "echo" else sentence
        if conversation.log.ask is not None and len(conversation._reception):
            visited["replied behind others"] += 1
        before = len(self.logs[member.user].frames)
        answers = 0 if stale == 0 else None
        conversation.say(member, Message(message=text, id=id_, answers=answers))
        if (code := self._refused(member, id_)) is not None:
            visited["queue full" if code == "busy" else "question gone"] += 1
            return
        self.messages[id_] = sentence
        member.said.append(self.logs[member.user].frames[before]["seq"])

    @precondition(lambda self: self.members)
    @rule(which=st.integers(0, 9), sentence=st.sampled_from(LASTING))
    def say_and_settle(self, which: int, sentence: str) -> None:
        self.say(which, sentence, 1)
        self.settle()

    @precondition(lambda self: self.members)
    @rule(which=st.integers(0, 9))
    def reply_behind_others(self, which: int) -> None:
        for sentence in ("lights", "later", "silent"):
            self.say(which, sentence, 1)
        self.settle()
        self.say(which, "kitchen", 1)

    @precondition(lambda self: self.members)
    @rule(sentence=st.sampled_from(LASTING))
    def talk_at_once(self, sentence: str) -> None:
        for which in range(len(self.members)):
            self.say(which, sentence, 1)
        for pool in (self.skills, self.urgent):
            if pool.jobs:
                self._start(pool, len(pool.jobs) - 1)

    def _refused(self, member: Member, id_: str) -> str | None:
        last = member.frames[-1] if member.frames else {}
        if last.get("re") == id_ and "seq" not in last:
            member.frames.pop()
            return last["code"]
        return None

    @rule(user=st.sampled_from(USERS))
    def cancel(self, user: str) -> None:
        conversation, id_ = self._conversation(user), self._id(user)
        current = conversation._current
        if current is not None and current.id in self.cancels:
            visited["cancelled while a cancel was under way"] += 1
        elif self.gates.slow.waiting and current is not None:
            visited["cancelled a running skill"] += 1
        self.cancels.add(id_)
        conversation.cancel(id_)

    # Each change makes an agent, which is what takes most of the time in here.
    @precondition(lambda self: self.changes < MAX_CHANGES)
    @rule(user=st.sampled_from(USERS), language=st.sampled_from(["en-US", "fr-FR"]))
    def change_language(self, user: str, language: str) -> None:
        self.changes += 1
        self.languages[user] = language
        if self._conversation(user)._current is not None:
            visited["language changed while something ran"] += 1
        self.host.update(self._person(user))

    # What threads and time do

    @precondition(lambda self: self.skills.jobs)
    @rule(index=st.integers(0, 9))
    def run_skill(self, index: int) -> None:
        self._start(self.skills, index)

    @precondition(lambda self: self.urgent.jobs)
    @rule(index=st.integers(0, 9))
    def run_urgent(self, index: int) -> None:
        self._start(self.urgent, index)

    def _start(self, pool: ManualWorkers, index: int) -> None:
        chosen = index % len(pool.jobs)
        if chosen:
            visited["jobs out of order"] += 1
        pool.start(chosen)

    @precondition(lambda self: len(self.arrivals))
    @rule(count=st.integers(1, 9))
    def arrive(self, count: int) -> None:
        for _ in range(min(count, len(self.arrivals))):
            self.arrivals.next()

    @rule()
    def settle(self) -> None:
        settle(self.arrivals, self.urgent, self.skills)

    @precondition(lambda self: self.gates.slow.waiting)
    @rule()
    def release_slow(self) -> None:
        self.gates.slow.release_one()
        visited["late output"] += 1

    @precondition(lambda self: self.gates.later)
    @rule()
    def release_later(self) -> None:
        self.gates.release("later")

    @rule(seconds=st.sampled_from([1.0, DEADLINE_SECONDS / 2, DEADLINE_SECONDS]))
    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    # What must be true

    @invariant()
    def seq_rises(self) -> None:
        visited["two skills stuck"] += self.gates.slow.waiting > 1
        for member in (*self.logs.values(), *self.members):
            numbers = [frame["seq"] for frame in member.frames]
            assert numbers == sorted(set(numbers)), numbers

    @invariant()
    def nobody_sees_what_is_anothers(self) -> None:
        for member in (*self.logs.values(), *self.members):
            for frame in member.frames[-5:]:
                assert frame.get("re", member.user).startswith(member.user)

    def _compare(self, member: Member) -> None:
        """All devices get the same frames, but for what they said themselves."""
        log = self.logs[member.user].frames[member.since :]
        expected = [frame for frame in log if frame["seq"] not in member.said]
        assert member.frames == expected

    def teardown(self) -> None:
        try:
            if self.logs:
                self._finish()
                for member in self.members:
                    self._compare(member)
                for user in USERS:
                    self._check_log(user)
        finally:
            self.gates.slow.release()
            self._installed.__exit__(None, None, None)

    def _finish(self) -> None:
        """Let all end: skills, deadlines, and questions nobody answers."""
        for _ in range(3 * QUEUE):
            while self.gates.slow.waiting:
                self.gates.slow.release()
                settle(self.arrivals, self.urgent, self.skills)
            settle(self.arrivals, self.urgent, self.skills)
            self.gates.release("later")
            settle(self.arrivals, self.urgent, self.skills)
            self.clock.advance(DEADLINE_SECONDS)
            settle(self.arrivals, self.urgent, self.skills)
            for user in USERS:
                if self._conversation(user)._asking:
                    self.cancel(user)
            settle(self.arrivals, self.urgent, self.skills)
        for conversation in self.host.conversations:
            assert conversation.is_idle, "a conversation never comes to rest"
            assert conversation._agent.state == "__asleep__"
        assert self.clock.getDelayedCalls() == []

    def _check_log(self, user: str) -> None:
        log = [frame for frame in self.logs[user].frames if frame["type"] != "said"]
        blocks = [
            (id_, [short(frame).rpartition(": ")[2] for frame in frames])
            for id_, frames in groupby(log, key=lambda frame: frame.get("re"))
        ]
        ids = [id_ for id_, _ in blocks if id_ is not None]
        assert len(ids) == len(set(ids)), f"a turn went on after its end: {blocks}"
        self._check_blocks(blocks)
        mine = {id_ for id_ in self.messages if id_.startswith(user)}
        cancels = {id_ for id_ in self.cancels if id_.startswith(user)}
        cancels |= {id_ for id_ in mine if self.messages[id_] in ("cancel", "stop all")}
        ended = {
            id_ for id_, names in blocks if any(name.startswith(("done", "ask")) for name in names)
        }
        lost = (mine | cancels) - ended
        assert len(lost) <= len(cancels), f"no outcome for {lost}: {blocks}"
        if not cancels:
            assert not lost

    def _check_blocks(self, blocks: list[tuple[str | None, list[str]]]) -> None:
        for index, (id_, names) in enumerate(blocks):
            if id_ is None:
                if "answer ring" in names:
                    visited["spoke on its own"] += 1
                if any(name.startswith("language") for name in names):
                    visited["language changed"] += 1
                continue
            self._visit(names)
            complete = names[-1].startswith(("done", "ask"))
            # A turn may stop short only where a cancel cut it.
            following = [other for other, _ in blocks[index + 1 :] if other is not None][:1]
            assert complete or self._cancels(following), blocks
            if self.messages.get(id_) in ("slow", "later") and "error skill-timeout" in names:
                assert not {"answer Too late", "answer Later"} & set(names), names

    def _cancels(self, ids: list[str]) -> bool:
        return any(
            id_ in self.cancels or self.messages[id_] in ("cancel", "stop all") for id_ in ids
        )

    def _visit(self, names: list[str]) -> None:
        kinds = {
            "answered": any(name.startswith("answer") for name in names),
            "asked": any(name.startswith("ask") for name in names),
            "gave up a skill": "error skill-timeout" in names,
            "no thread": "error busy" in names,
            "skill failed": "error skill-failed" in names,
            "nothing to cancel": names == ["done"],
        }
        visited.update(kind for kind, seen in kinds.items() if seen)


# Everything once, in an order in which it can happen; Alice speaks first, Bob second.
TOUR = (
    (Conversations.say_and_settle, 0, "echo"),
    (Conversations.cancel, "alice"),
    (Conversations.say, 0, "echo", 0),
    (Conversations.say_and_settle, 1, "boom"),
    (Conversations.talk_at_once, "ring"),
    (Conversations.settle,),
    (Conversations.release_later,),
    (Conversations.settle,),
    (Conversations.change_language, "bob", "fr-FR"),
    (Conversations.say, 0, "echo", 1),
    (Conversations.change_language, "alice", "fr-FR"),
    *[(Conversations.say, 0, "echo", 1)] * (QUEUE + 1),
    (Conversations.settle,),
    (Conversations.reply_behind_others, 0),
    (Conversations.release_later,),
    (Conversations.settle,),
    (Conversations.say_and_settle, 1, "slow"),
    (Conversations.cancel, "bob"),
    (Conversations.cancel, "bob"),
    (Conversations.settle,),
    (Conversations.advance, DEADLINE_SECONDS),
    (Conversations.settle,),
    *[
        (Conversations.say_and_settle, 1, "slow"),
        (Conversations.advance, DEADLINE_SECONDS),
        (Conversations.settle,),
    ]
    * SKILL_THREADS,
    *[(Conversations.release_slow,)] * SKILL_THREADS,
    (Conversations.attach, "alice"),
    (Conversations.say, 0, "echo", 1),
    (Conversations.detach, 0),
    (Conversations.settle,),
)


class TestConversations:
    def test_obey_the_protocol_in_all_that_may_happen(self):
        visited.clear()
        conversations = Conversations()
        try:
            conversations.begin()
            for happens, *how in TOUR:
                happens(conversations, *how)
                conversations.seq_rises()
                conversations.nobody_sees_what_is_anothers()
        finally:
            conversations.teardown()
        assert {name for name in INTERESTING if not visited[name]} == set()

    def test_obey_the_protocol_in_any_order(self):
        profile = settings(share(0.3), stateful_step_count=50)
        run_state_machine_as_test(Conversations, settings=profile)
