"""Holds the log of a cluster, what each device saw, and who wrote what, against each other.

Stricter than verdict.py, which is about one process: here nothing is told before it is in the
database, so nothing that a device saw may be missing there, and numbers have no gaps at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import define, field

from reliability.ledger import Ledger
from reliability.notes import DONE, Notes, Seen
from reliability.verdict import REPLY, Verdict, fresh, said_here

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reliability.audit import Writing
    from reliability.ledger import Row

# What may become of a message that was accepted, beside its answer: what does not run because the
# database takes nothing has that as its outcome, when it takes something again.
ALLOWED = frozenset({"interrupted", "unavailable"})


@define(kw_only=True)
class Story:
    """What is known of one user.

    Args:
      name: stands in every text.
      devices: what each of them saw.
      ledger: what is in the log.
      audit: how it got there; see audit.py.
      runs: how often the skill was called for which message.
      allowed: codes that may be the outcome of a message that was accepted.
      faults: when something was done to the cluster, in seconds since the epoch.
    """

    name: str
    devices: Sequence[Notes]
    ledger: Ledger
    audit: Sequence[Writing]
    runs: Counter[str] = field(factory=Counter)
    allowed: frozenset[str] = ALLOWED
    faults: Sequence[float] = ()


def judge_cluster(everybody: Sequence[Story]) -> Verdict:
    """Check everything about everybody."""
    verdict = Verdict()
    for story in everybody:
        for check in _CHECKS:
            verdict.violations += [f"{story.name}: {found}" for found in check(story)]
        _count(story, verdict.figures)
    return verdict


def _count(story: Story, figures: Counter[str]) -> None:
    ledger = story.ledger
    figures["messages accepted"] += len(ledger.said)
    figures["frames in the log"] += len(ledger.rows)
    for id_ in ledger.said:
        figures[f"outcome {ledger.outcome(id_) or 'NONE'}"] += 1
    epochs = {writing.epoch for writing in story.audit}
    figures["changes of owner"] += max(len(epochs) - 1, 0)
    for notes in story.devices:
        figures["connections"] += len(notes.visits)
        figures["resumed"] += sum(visit.resumed for visit in notes.visits)
        figures["messages sent"] += len(notes.sent)
        figures["sent more than once"] += sum(one.times > 1 for one in notes.sent.values())
        figures["frames seen"] += len(notes.seen)
        for code, count in notes.refused.items():
            figures[f"refused {code}"] += count
        for reason, count in notes.closes.items():
            figures[f"closed {reason}"] += count
    for ask, reply in _replies(ledger):
        figures["questions answered"] += 1
        survived = any(ask.at <= fault <= reply.at for fault in story.faults)
        figures["questions answered after a fault"] += survived


# Every message that was accepted has one outcome, and none is run twice


def _outcomes(story: Story) -> Iterator[str]:
    ledger = story.ledger
    sent = {id_ for notes in story.devices for id_ in notes.sent}
    for id_, said in ledger.said.items():
        caused = ledger.about.get(id_, [])
        ends = [row for row in caused if row.kind == "done"]
        codes = [row.frame["code"] for row in caused if row.kind == "error"]
        if len(ends) != 1 or len(codes) > 1:
            yield f"{id_} was accepted and has {len(ends)} done and the errors {codes}"
        if set(codes) - story.allowed:
            yield f"{id_} ended with {codes}"
        if caused and caused[0].seq < said.seq:
            yield f"{id_} caused a frame before it was said"
        if ends and any(row.seq > ends[0].seq and row.kind != "ask" for row in caused):
            yield f"{id_} caused frames after its done"
        if id_ not in sent:
            yield f"{id_} was never sent"
    for id_ in ledger.about.keys() - ledger.said.keys():
        yield f"{id_} was not accepted, but caused frames"
    accepted = Counter(row.message_id for row in ledger.rows if row.kind == "said")
    for id_, count in accepted.items():
        if count > 1:
            yield f"{id_} was accepted {count} times"


def _lost(story: Story) -> Iterator[str]:
    """What a device said has an outcome that it has learnt, and that is the one in the log."""
    for notes in story.devices:
        for sent in notes.sent.values():
            known = sent.id in story.ledger.said
            if sent.outcome is None:
                accepted = "accepted" if known else "not accepted"
                yield f"a device never learnt what became of {sent.id}, which was {accepted}"
            elif known and sent.outcome != story.ledger.outcome(sent.id):
                there = story.ledger.outcome(sent.id)
                yield f"{sent.id} is {sent.outcome} for its device and {there} in the log"
            elif not known and sent.outcome == DONE:
                yield f"{sent.id} is done for its device, and not in the log"


def _runs(story: Story) -> Iterator[str]:
    ledger = story.ledger
    replies = {reply.message_id for _, reply in _replies(ledger)}
    for id_, times in story.runs.items():
        if times > 1:
            yield f"{id_} ran {times} times"
        if id_ not in ledger.said:
            yield f"{id_} ran, but was not accepted"
        elif ledger.outcome(id_) == "unavailable":
            yield f"{id_} was not kept, but ran"
    for id_ in ledger.said.keys() - story.runs.keys() - replies:
        # Two devices may reply at the same time: to the second nothing was asked any more.
        if ledger.outcome(id_) == DONE and ledger.said[id_].frame["message"] != REPLY:
            yield f"{id_} is done, but never ran"


# Numbers stand for one frame each


def _numbers(story: Story) -> Iterator[str]:
    last = 0
    for row in story.ledger.rows:
        if row.frame.get("seq") != row.seq:
            yield f"frame {row.seq} says it is {row.frame.get('seq')}"
        if row.seq != last + 1:
            yield f"a gap between {last} and {row.seq}"
        last = row.seq


def _bodies(story: Story) -> Iterator[str]:
    first: dict[int, Seen] = {}
    for notes in story.devices:
        for seen in notes.seen:
            known = first.setdefault(seen.seq, seen)
            if known.document != seen.document:
                yield f"{seen.seq} is {known.document} and {seen.document}: two have told it"
    for seq, seen in sorted(first.items()):
        row = story.ledger.by_seq.get(seq)
        if row is None:
            yield f"{seen.document} was seen, and is not in the log"
        elif row.frame != seen.document:
            yield f"{seq} is {seen.document} for a device and {row.frame} in the log"


def _writers(story: Story) -> Iterator[str]:
    """Only the owner writes, what is written stays, and epochs rise with the numbers."""
    last, epoch = 0, 0
    for writing in story.audit:
        what = f"frame {writing.seq}"
        if writing.action != "INSERT":
            yield f"{what} was changed: {writing.action} by {writing.writer}"
            continue
        if writing.owner is None or writing.owner.rpartition("-")[0] != writing.writer:
            yield f"{what} was written by {writing.writer}, and the owner was {writing.owner}"
        if writing.seq <= last:
            yield f"{what} was written after {last}"
        if (writing.epoch or 0) < epoch:
            yield f"{what} was written under epoch {writing.epoch} after {epoch}"
        last, epoch = max(writing.seq, last), max(writing.epoch or 0, epoch)
    written = {writing.seq: writing.frame for writing in story.audit if writing.action == "INSERT"}
    for row in story.ledger.rows:
        if written.get(row.seq) != row.frame:
            yield f"frame {row.seq} is {row.frame}, and was written as {written.get(row.seq)}"
    for seq in written.keys() - story.ledger.by_seq.keys():
        yield f"frame {seq} was written, and is not in the log any more"


# Nothing is missing, doubled or out of order


def _replays(story: Story) -> Iterator[str]:
    numbers = [row.seq for row in story.ledger.rows]
    for notes in story.devices:
        for visit in notes.visits:
            where = f"connection {visit.number} of {notes.name}{notes.device}"
            if visit.resumed and visit.after is None:
                yield f"{where} was resumed without `after`"
                continue
            start = (visit.after if visit.resumed else visit.seq) or 0
            got = fresh(visit, start)
            if not got:
                continue
            expected = numbers[bisect_left(numbers, start + 1) : bisect_left(numbers, got[-1] + 1)]
            for seq in sorted(set(expected) - set(got)):
                row = story.ledger.by_seq[seq]
                if seq <= visit.seq or not said_here(row, visit, notes):
                    yield f"{where} missed {row.kind} {seq} ({row.re})"


def _twice(story: Story) -> Iterator[str]:
    """A frame comes once in a connection, unless it tells of the past of a repeated message."""
    for notes in story.devices:
        for visit in notes.visits:
            counts = Counter(seen.seq for seen in visit.seen)
            for seen in visit.seen:
                id_ = seen.document.get("re") or seen.document.get("id")
                repeated = id_ in notes.sent and notes.sent[id_].times > 1
                if counts.pop(seen.seq, 1) > 1 and not repeated:
                    where = f"connection {visit.number} of {notes.name}{notes.device}"
                    yield f"{where} got {seen.document} more than once"


def _names(story: Story) -> Iterator[str]:
    for notes in story.devices:
        for seen in notes.seen:
            frame = seen.document
            texts = [frame[key] for key in ("re", "id") if key in frame]
            if frame["type"] in ("answer", "ask"):
                texts.append(frame["data"]["text"])
            if not all(story.name in text for text in texts):
                yield f"saw a frame of somebody else: {frame}"


# Questions survive


def _replies(ledger: Ledger) -> Iterator[tuple[Row, Row]]:
    """Each question, and what was said next; of a question that was asked again, the last one."""
    asked = None
    for row in ledger.rows:
        if row.kind == "ask":
            asked = row
        elif row.kind == "said" and asked is not None:
            yield asked, row
            asked = None


def _questions(story: Story) -> Iterator[str]:
    ledger = story.ledger
    for ask, reply in _replies(ledger):
        if ledger.outcome(reply.message_id or "") != DONE:
            continue
        words = [
            row.frame["data"]["text"]
            for row in ledger.about[reply.message_id or ""]
            if row.kind == "answer"
        ]
        if words != [f"For {story.name}: {reply.frame['message']}"]:
            survived = any(ask.at <= fault <= reply.at for fault in story.faults)
            after = " after a fault" if survived else ""
            yield f"question {ask.seq} of {ask.re}: {reply.message_id} got {words}{after}"


def _renumbered(story: Story) -> Iterator[str]:
    """A question keeps its number, unless something had to be told before it (spec 5.4)."""
    rows = story.ledger.rows
    for before, ask in pairwise(row for row in rows if row.kind == "ask"):
        if before.re == ask.re and not any(
            row.kind == "error" and before.seq < row.seq < ask.seq for row in rows
        ):
            yield f"question {before.seq} became {ask.seq}, though nothing was told before"


def _refusals(story: Story) -> Iterator[str]:
    ledger = story.ledger
    for notes in story.devices:
        yield from notes.complaints
        for question, id_ in notes.gone:
            if question not in ledger.by_seq:
                continue
            later = [row for row in ledger.rows if row.kind == "said" and row.seq > question]
            if not later or later[0].at > notes.sent[id_].told:
                yield f"question {question} was gone for {id_}, but nobody had answered it"


_CHECKS = (
    _outcomes,
    _lost,
    _runs,
    _numbers,
    _bodies,
    _writers,
    _replays,
    _twice,
    _names,
    _questions,
    _renumbered,
    _refusals,
)
