"""Two users with two devices each, the server they talk to, and what may befall all of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import txaio
from attrs import evolve

from journal_memory import MemoryJournal
from survival_devices import Client, Line
from survival_plans import Sent
from survival_server import IDLE_SECONDS, Server
from survival_skills import counted_skills
from survival_story import DEADLINE_SECONDS, Story, visited
from transcript_assistant import Gates, installed

USERS = (1, 2)
CLIENTS = 4


class World:
    """See the module; what can happen is a method."""

    def __init__(self) -> None:
        self.gates = Gates()
        self.journal = MemoryJournal()
        self.sents: dict[str, Sent] = {}
        self.stories = {user: Story(user, self.sents) for user in USERS}
        self.clients = [Client(1 + n % 2, f"app{n}") for n in range(CLIENTS)]
        self.calls: Counter[tuple[int, str, str]] = Counter()
        self.faults: list[str] = []
        self.count = 0
        # Whose conversations were put away.
        self.away: set[int] = set()
        self._loop = txaio.config.loop
        self._installed = installed(counted_skills(self.gates, self._called, self._queued))
        self._installed.__enter__()
        self.server = Server(self.journal, self.stories, 1_000.0, self.faults)

    # What skills tell, in their threads

    def _called(self, user: int, skill: str, tag: str) -> None:
        if skill == "__cancel__":
            return
        key = (user, skill, tag)
        self.calls[key] += 1
        # A reply that is no choice calls its skill again, with what it knew.
        allowed = 2 + self.stories[user].mismatched if skill == "lights room" else 1
        if self.calls[key] > allowed:
            self.faults.append(f"{key} was run {self.calls[key]} times")
        sentence = f' {tag.rpartition("-")[2]}"'
        said = [one for one in self.journal.entries(user) if one.kind == "said"]
        if not any(sentence in one.body for one in said):
            self.faults.append(f"{key} is run before it is in the log")

    def _queued(self, user: int, answer: str) -> None:
        self.stories[user].queued(answer)

    # Connections

    def story(self, who: int) -> Story:
        return self.stories[self.clients[who].user]

    def line(self, who: int) -> Line | None:
        return self.clients[who].line

    def connect(self, who: int, after: str = "right", pick: int = 0) -> None:
        client = self.clients[who]
        if client.line is not None:
            return
        number = {"none": None, "right": client.last, "absurd": self._absurd(pick)}.get(after)
        if after == "old":
            number = client.seen[-1 - pick] if pick < len(client.seen) else None
        line = Line(self.server, client, self.stories[client.user], number)
        visited[f"connected with {after} after"] += 1
        visited["came back"] += client.user in self.away
        self.away.discard(client.user)
        line.may_fail = self.journal.failing
        line.authenticate()
        self._sweep()

    def _absurd(self, pick: int) -> int:
        highest = max((max(story.bodies, default=0) for story in self.stories.values()), default=0)
        return (0, highest + 1_000, 2**53 - 1, highest + 17, 1, 2)[pick]

    def be_connected(self, who: int) -> None:
        if self.line(who) is None:
            self.connect(who)
            self.settle()

    def look_away(self, who: int) -> None:
        line = self.line(who)
        if line is None:
            return
        if line.asleep_since is None:
            line.asleep_since = len(line.frames)
        else:
            for _, document in line.frames[line.asleep_since :]:
                line.client.read(document)
            line.asleep_since = None

    def drop(self, who: int, share: float = 1.0) -> None:
        line = self.line(who)
        if line is not None:
            visited["a device dropped"] += 1
            line.lose(share)

    def drop_in_a_frame(self, who: int, word: str, share: float) -> None:
        line = self.line(who)
        if line is not None:
            visited["a frame of a client was cut off"] += 1
            line.break_off(self._sent(who, word), share)

    def _sweep(self) -> None:
        """End the connections that the server has closed."""
        for client in self.clients:
            line = client.line
            if line is not None and line.stream.closed is not None:
                code, reason = line.stream.closed
                assert reason in ("unavailable", "shutdown"), line.stream.closed
                assert reason != "unavailable" or line.may_fail
                visited[f"closed {code} {reason}"] += 1
                line.lose()

    # What people say

    def _sent(self, who: int, word: str, *, id_: str = "new", answers: str = "none") -> Sent:
        client, ask = self.clients[who], self.story(who).ask
        self.count += 1
        tag = f"t{self.count}"
        document: dict[str, Any] = {"message": f"{word} {tag}", "meta": {"tag": tag}}
        if id_ == "new":
            document |= {"type": "message", "id": f"{client.user}-{tag}"}
        if answers == "wrong":
            document["answers"] = 1_000_000
        elif answers == "right" and ask is not None:
            document["answers"] = ask["seq"]
        self.sents[tag] = Sent(user=client.user, document=document)
        return self.sents[tag]

    def say(self, who: int, word: str, *, id_: str = "new", answers: str = "none") -> None:
        line, story = self.line(who), self.story(who)
        # Without an id, frames of a message look like those of an intent that woke by itself.
        quiet = not story.loose and not self.gates.later and word not in ("ring", "cancel")
        if line is not None:
            id_ = id_ if quiet else "new"
            line.say(self._sent(who, word, id_=id_, answers=answers))
            visited["a message without id"] += id_ == "none"
            self._sweep()

    def talk(self, who: int, word: str) -> None:
        """Come back if need be, say something, and see what comes of it."""
        self.be_connected(who)
        self.say(who, word)
        self.settle()

    def say_again(self, who: int, pick: int = 0, *, changed: bool = False) -> None:
        line, story = self.line(who), self.story(who)
        mine = [one for one in self.sents.values() if one.user == story.user and one.id is not None]
        if line is None or not line.ready or pick >= len(mine):
            return
        sent = mine[-1 - pick]
        if changed and sent.id in story.known:
            sent = evolve(sent, document={**sent.document, "meta": {"other": 1}})
        known = story.known.get(sent.id)
        visited["again: " + ("new" if known is None else str(known.outcome))] += not changed
        line.say(sent)
        self._sweep()

    def cancel(self, who: int) -> None:
        line = self.line(who)
        if line is not None and line.ready:
            self.count += 1
            visited["cancel"] += 1
            line.cancel(f"{self.clients[who].user}-c{self.count}")

    # What threads and time do

    def work(self, pool: int, index: int) -> None:
        jobs = self.server.pools[pool].jobs
        if jobs:
            # What writes has one thread.
            chosen = index % len(jobs) if pool < 2 else 0
            visited["jobs out of order"] += chosen > 0
            self.server.pools[pool].start(chosen)

    def arrive(self, count: int) -> None:
        for _ in range(min(count, len(self.server.arrivals))):
            self.server.arrivals.next()
        self._sweep()

    def settle(self) -> None:
        self.server.settle()
        self._sweep()
        for story in self.stories.values():
            stuck = [one.sent.document for one in story.waiting if one.seq <= story.durable.seq]
            if stuck and story.current is None and story.ask is None:
                self.faults.append(f"nothing runs, no question is open, but {stuck} wait")

    def release_slow(self) -> None:
        running = [story.current for story in self.stories.values()]
        visited["late output"] += all(one is None or one.message is None for one in running)
        self.gates.slow.release_one()

    def release_later(self) -> None:
        waits = [one for story in self.stories.values() for one in story.waiting]
        # See `say`.
        if all(one.id is not None for one in waits):
            self.gates.release("later")

    def advance(self, seconds: float) -> None:
        self.server.advance(seconds)

    def idle(self, *, leave: bool = True) -> None:
        """Time passes until conversations are put away, if nobody is there."""
        for who in range(CLIENTS):
            if leave:
                self.drop(who)
        self.server.host.put_away_unused()
        self.server.advance(IDLE_SECONDS)
        before = {one.user_id for one in self.server.host.conversations}
        self.server.host.put_away_unused()
        self.server.settle()
        away = before - {one.user_id for one in self.server.host.conversations}
        self.away |= away
        visited["put away"] += len(away)
        self._sweep()

    # What befalls the server

    def journal_fails(self, *, fails: bool = True) -> None:
        self.journal.failing = fails
        for story in self.stories.values():
            if fails:
                story.fail()
        for client in self.clients:
            if fails and client.line is not None:
                client.line.may_fail = True

    def kill(self, *, written: bool = False) -> None:
        """Everything in memory is gone; what was being written may have been written."""
        visited[f"killed while writing, {written}"] += bool(self.server.writing.jobs)
        if written and self.server.writing.jobs:
            self.server.writing.start()
        self._note_kill()
        for client in self.clients:
            if client.line is not None:
                client.line.lose()
        self._begin_again(clean=set())

    def _note_kill(self) -> None:
        for story in self.stories.values():
            for name, was_so in {
                "killed while a message waits": bool(story.waiting),
                "killed while a turn runs": story.current is not None,
                "killed while a question is open": story.question is not None,
                "killed in a context": story.context is not None,
                "killed before it had begun again": bool(story.beginning),
            }.items():
                visited[name] += was_so

    def stop(self, *, grace: bool = True, late: bool = False) -> None:
        """The process ends in order, as `service.running` does it."""
        for story in self.stories.values():
            story.stopping = True
        self.server.connections.say_goodbye(5.0)
        self._sweep()
        host = self.server.host
        host.close()
        for story in self.stories.values():
            story.closing()
        for who in range(CLIENTS):
            self.say(who, "echo")
        if grace:
            self.server.settle()
        host.interrupt()
        self.server.connections.close()
        self._sweep()
        if late:
            self._release_all()
        # One that is only just being begun reserves its numbers like one that is killed.
        unclean = set(host._beginning)
        host.put_all_away()
        self.server.settle()
        all_written = not self.journal.failing and self.server.writer.unwritten == 0
        visited["stopped in order" if all_written else "stopped, not written"] += 1
        self._begin_again(clean=set(USERS) - unclean if all_written else set())

    def _begin_again(self, *, clean: set[int]) -> None:
        self.gates._later.clear()
        for user, story in self.stories.items():
            lost = len(story.lost)
            story.begin_again(set(self.journal.logs.get(user, {})), clean=user in clean)
            visited["a kill cost frames"] += len(story.lost) > lost
        self.gates.slow.release()
        self.server = Server(self.journal, self.stories, self.server.clock.seconds(), self.faults)

    def _release_all(self) -> None:
        self.gates.slow.release()
        self.release_later()

    # What must be true

    def check(self) -> None:
        assert not self.faults, self.faults[0]
        for client in self.clients:
            if client.line is not None:
                client.line.check()
                visited[f"session {client.line.state}"] += 1

    def end(self) -> None:
        try:
            self.check()
            self._finish()
        finally:
            self.gates.slow.release()
            self._installed.__exit__(None, None, None)
            txaio.config.loop = self._loop

    def _finish(self) -> None:
        """Let all end, and see that it has."""
        self.journal_fails(fails=False)
        for who in range(CLIENTS):
            self.be_connected(who)
        for _ in range(8):
            self._release_all()
            self.settle()
            self.advance(DEADLINE_SECONDS)
            self.settle()
            self.check()
            for who in range(2):
                self.be_connected(who)
                if self.story(who).question is not None:
                    self.cancel(who)
                    self.settle()
        for conversation in self.server.host.conversations:
            assert conversation.is_idle, "a conversation never comes to rest"
        for client in self.clients:
            assert client.line is not None
            client.line.check_owed()
        for story in self.stories.values():
            self._check_log(story)

    def _check_log(self, story: Story) -> None:
        missing = [one.sent.document for one in story.all if one.outcome is None]
        assert not missing, f"no outcome for {missing}"
        entries = {one.seq: one for one in self.journal.entries(story.user)}
        assert set(entries) == set(story.tape) - story.lost
        for seq, entry in entries.items():
            assert story.bodies[seq] == json.loads(entry.body)
