"""Holds the log, the clients' notes and the calls of the skill against what spec 5 promises."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import define, field

from reliability.ledger import Ledger, Row
from reliability.notes import DONE, Notes, Seen, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a crash may do to a message that was accepted.
CRASHED = frozenset({"interrupted"})
# Frames are written within a twentieth of a second (spec 5.3); a busy machine may take longer.
_MOST_LOST_SECONDS = 2.0
# The clocks of a frame and of a kill are the same, but are not read at the same moment.
_SLACK_SECONDS = 0.05
REPLY = "the attic"


@define(kw_only=True)
class Evidence:
    """What is known of one user.

    Args:
      notes: what the client saw.
      ledger: what is in the log.
      runs: how often the skill was called for which message.
      kills: when the server was killed.
      starts: when it was started.
      allowed: codes that may be the outcome of a message that was accepted.
    """

    notes: Notes
    ledger: Ledger
    runs: Counter[str]
    kills: Sequence[float] = ()
    starts: Sequence[float] = ()
    allowed: frozenset[str] = CRASHED


@define
class Verdict:
    """What is wrong, and what was counted.

    Args:
      violations: sentences.
      figures: numbers for the table, by what they count.
      worst_lost_seconds: the age that a frame had, which a kill kept out of the log.
    """

    violations: list[str] = field(factory=list)
    figures: Counter[str] = field(factory=Counter)
    worst_lost_seconds: float = 0.0


def judge(everybody: Sequence[Evidence]) -> Verdict:
    """Check everything about everybody."""
    verdict = Verdict()
    checks = (
        _outcomes,
        _runs,
        _numbers,
        _bodies,
        _replays,
        _names,
        _questions,
        _renumbered,
        _refusals,
    )
    for evidence in everybody:
        for check in checks:
            name = evidence.notes.name
            found = check(evidence, verdict)
            verdict.violations += [f"{name}: {sentence}" for sentence in found]
        _count(evidence, verdict)
    return verdict


def _count(evidence: Evidence, verdict: Verdict) -> None:
    notes, ledger = evidence.notes, evidence.ledger
    figures = verdict.figures
    figures["connections"] += len(notes.visits)
    figures["resumed"] += sum(visit.resumed for visit in notes.visits)
    figures["messages sent"] += len(notes.sent)
    figures["sent more than once"] += sum(one.times > 1 for one in notes.sent.values())
    figures["messages accepted"] += len(ledger.said)
    figures["frames in the log"] += len(ledger.rows)
    figures["frames seen"] += len(notes.seen)
    for id_ in ledger.said:
        figures[f"outcome {ledger.outcome(id_) or 'NONE'}"] += 1
    for code, count in notes.refused.items():
        figures[f"refused {code}"] += count
    for reason, count in notes.closes.items():
        figures[f"closed {reason}"] += count


# Every message that was accepted has one outcome, and none is run twice


def _outcomes(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    ledger, notes = evidence.ledger, evidence.notes
    for id_, said in ledger.said.items():
        caused = ledger.about.get(id_, [])
        ends = [row for row in caused if row.kind == "done"]
        codes = [row.frame["code"] for row in caused if row.kind == "error"]
        if len(ends) != 1 or len(codes) > 1:
            yield f"{id_} was accepted and has {len(ends)} done and the errors {codes}"
        if set(codes) - evidence.allowed:
            yield f"{id_} ended with {codes}"
        if caused and caused[0].seq < said.seq:
            yield f"{id_} caused a frame before it was said"
        yield from _after_the_end(id_, caused)
        if id_ not in notes.sent:
            yield f"{id_} was never sent"
    for id_ in ledger.about.keys() - ledger.said.keys():
        yield f"{id_} was not accepted, but caused frames"
    for sent in notes.sent.values():
        if sent.outcome is None:
            accepted = "accepted" if sent.id in ledger.said else "not accepted"
            yield f"the client never learnt what became of {sent.id}, which was {accepted}"
    yield from _changed(evidence, verdict)


def _changed(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """An outcome that a client saw stays, unless a kill kept it out of the log (spec 5.3)."""
    ledger = evidence.ledger
    for seen in evidence.notes.seen:
        frame = seen.document
        if frame["type"] != "done" or "re" not in frame or frame["re"] not in ledger.about:
            continue
        (end, *_) = [row for row in ledger.about[frame["re"]] if row.kind == "done"] or [None]
        if end is None or end.seq == seen.seq:
            continue
        code = ledger.outcome(frame["re"])
        if seen.seq in ledger.by_seq or code not in evidence.allowed:
            yield f"{frame['re']} was done with {seen.seq}, and is {code} with {end.seq} in the log"
        else:
            verdict.figures["done for the client, interrupted in the log"] += 1


def _after_the_end(id_: str, caused: Sequence[Row]) -> Iterator[str]:
    ended = False
    for row in caused:
        if ended and row.kind != "ask":
            yield f"{id_}: {row.kind} {row.seq} came after its done"
        ended = ended or row.kind == "done"


def _runs(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    ledger = evidence.ledger
    for id_, times in evidence.runs.items():
        if times > 1:
            yield f"{id_} ran {times} times"
        if id_ not in ledger.said:
            yield f"{id_} ran, but was not accepted"
    for id_, said in ledger.said.items():
        times = evidence.runs[id_]
        verdict.figures["messages run"] += times > 0
        if ledger.outcome(id_) == DONE and times == 0 and said.frame["message"] != REPLY:
            yield f"{id_} is done, but never ran"
        if ledger.outcome(id_) == "unavailable" and times:
            yield f"{id_} was not kept, but ran"


# Numbers stand for one frame each


def _numbers(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    rows = evidence.ledger.rows
    for before, row in zip([None, *rows], rows, strict=False):
        last, at = (0, 0.0) if before is None else (before.seq, before.at)
        if row.frame["seq"] != row.seq:
            yield f"frame {row.seq} says it is {row.frame['seq']}"
        if row.seq == last + 1:
            continue
        verdict.figures["gaps in numbers"] += 1
        span = (at - _SLACK_SECONDS, row.at + _SLACK_SECONDS)
        if not any(span[0] <= kill <= span[1] for kill in evidence.kills):
            yield f"a gap without a kill, between {last} and {row.seq}"


def _bodies(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    ledger, first = evidence.ledger, {}
    for seen in evidence.notes.seen:
        known = first.setdefault(seen.seq, seen)
        if known.document != seen.document:
            yield f"{seen.seq} is {known.document} and {seen.document}"
    for seq, seen in sorted(first.items()):
        row = ledger.by_seq.get(seq)
        if row is None:
            yield from _lost(seen, evidence, verdict)
        elif row.frame != seen.document:
            yield f"{seq} is {seen.document} for the client and {row.frame} in the log"


def _lost(seen: Seen, evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """A frame that was sent and is not in the log: of the last moment before a kill."""
    verdict.figures["frames lost from the log"] += 1
    # A client may read a frame when the server is gone already: its life is what counts.
    started = max((start for start in evidence.starts if start <= seen.at), default=0.0)
    ended = min((kill for kill in evidence.kills if kill >= started), default=float("inf"))
    if any(started < start < ended for start in evidence.starts):
        ended = float("inf")
    age = max(ended - seen.at, 0.0)
    verdict.worst_lost_seconds = max(verdict.worst_lost_seconds, age)
    if age > _MOST_LOST_SECONDS:
        yield f"{seen.document} was seen {age:.2f} s before a kill, and is not in the log"


# Nothing is missing, doubled or out of order


def _replays(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    numbers = [row.seq for row in evidence.ledger.rows]
    for visit in evidence.notes.visits:
        start = visit.after if visit.resumed else visit.seq
        if visit.resumed and visit.after is None:
            yield f"connection {visit.number} was resumed without `after`"
            continue
        got = fresh(visit, start or 0)
        if not got:
            continue
        expected = numbers[bisect_left(numbers, start + 1) : bisect_left(numbers, got[-1] + 1)]
        verdict.figures["frames replayed"] += sum(seq <= visit.seq for seq in got)
        missing = set(expected) - set(got)
        for seq in sorted(missing):
            row = evidence.ledger.by_seq[seq]
            if seq <= visit.seq or not said_here(row, visit, evidence.notes):
                yield f"connection {visit.number} missed {row.kind} {seq} ({row.re})"


def fresh(visit: Visit, start: int) -> list[int]:
    """Numbers in the order in which they came first; what tells of the past is left out."""
    fresh: list[int] = []
    for seen in visit.seen:
        if seen.seq > (fresh[-1] if fresh else start):
            fresh.append(seen.seq)
    return fresh


def said_here(row: Row, visit: Visit, notes: Notes) -> bool:
    sent = notes.sent.get(row.message_id or "")
    return sent is not None and visit.number in sent.visits


def _names(evidence: Evidence, _: Verdict) -> Iterator[str]:
    name = evidence.notes.name
    for seen in evidence.notes.seen:
        frame = seen.document
        texts = [frame[key] for key in ("re", "id") if key in frame]
        if frame["type"] in ("answer", "ask"):
            texts.append(frame["data"]["text"])
        if not all(name in text for text in texts):
            yield f"saw a frame of somebody else: {frame}"


# Questions survive


def _questions(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    ledger = evidence.ledger
    asks = [row for row in ledger.rows if row.kind == "ask"]
    for ask in asks:
        reply = next((row for row in ledger.rows if row.kind == "said" and row.seq > ask.seq), None)
        if reply is None:
            continue
        verdict.figures["questions answered"] += 1
        survived = any(ask.at <= kill <= reply.at for kill in evidence.kills)
        verdict.figures["questions answered after a kill"] += survived
        if ledger.outcome(reply.message_id or "") != DONE:
            continue
        words = [
            row.frame["data"]["text"]
            for row in ledger.about[reply.message_id or ""]
            if row.kind == "answer"
        ]
        if words != [f"For {evidence.notes.name}: {reply.frame['message']}"]:
            yield (
                f"question {ask.seq} of {ask.re} was replied to by {reply.message_id}, "
                f"{'after a kill, ' if survived else ''}which got {words}"
            )


def _renumbered(evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """A question keeps its number, unless something had to be told before it (spec 5.4)."""
    rows = evidence.ledger.rows
    for before, ask in pairwise(row for row in rows if row.kind == "ask"):
        if before.re != ask.re:
            continue
        verdict.figures["questions asked again"] += 1
        if not any(row.kind == "error" and before.seq < row.seq < ask.seq for row in rows):
            yield f"question {before.seq} became {ask.seq}, though nothing was told before"


def _refusals(evidence: Evidence, _: Verdict) -> Iterator[str]:
    """`question-gone` is right only when something else was said, or the question was lost."""
    yield from evidence.notes.complaints
    ledger = evidence.ledger
    for question, id_ in evidence.notes.gone:
        ask = ledger.by_seq.get(question)
        if ask is None:
            continue
        later = [row for row in ledger.rows if row.kind == "said" and row.seq > question]
        if not later or later[0].at > evidence.notes.sent[id_].told:
            yield f"question {question} was gone for {id_}, but nobody had answered it"


_CHECKS = (
    _outcomes,
    _runs,
    _numbers,
    _bodies,
    _replays,
    _names,
    _questions,
    _renumbered,
    _refusals,
)


def evidence_of(
    notes: Sequence[Notes],
    books: dict[int, Ledger],
    runs: Sequence[tuple[int, str]],
    *,
    kills: Sequence[float] = (),
    starts: Sequence[float] = (),
    allowed: frozenset[str] = CRASHED,
) -> list[Evidence]:
    """What is known of each user; runs of others' messages count as theirs who are in `meta`."""
    counted: dict[int, Counter[str]] = {}
    for user_id, id_ in runs:
        counted.setdefault(user_id, Counter())[id_] += 1
    return [
        Evidence(
            notes=one,
            ledger=books.get(one.user_id, Ledger([])),
            runs=counted.get(one.user_id, Counter()),
            kills=kills,
            starts=starts,
            allowed=allowed,
        )
        for one in notes
    ]
