"""Questions, answers and what is told as bytes; what a router's errors mean (no input, no output).

One way to write them down for every kind of bus, so that no text of an exception gets across
anywhere, and nothing that is too big.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

import cbor2
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import (
    MAX_BODY_BYTES,
    BusError,
    Inbox,
    Refused,
    TooBig,
    Unanswered,
    Unreachable,
)

_log = Logger()

# Frames travel as text, so what nests is ours: maps in lists in maps.
_MAX_DEPTH: Final = 32

_FAILED: Final = "the question failed; the log of the node that was asked says more"

# Errors of a router after which it is certain that nothing was done.
_NOT_DELIVERED: Final = frozenset(
    {
        "wamp.error.no_such_procedure",
        "wamp.error.not_authorized",
        "wamp.error.authorization_failed",
        "wamp.error.invalid_uri",
        "wamp.error.no_available_callee",
    }
)


class Unreadable(BusError):
    """Bytes that came are no document; its text does not quote them."""


def packed(document: Any) -> bytes:
    """Writes a document down.

    Raises:
      TooBig: it has more than `MAX_BODY_BYTES`.
    """
    parcel = cbor2.dumps(document)
    if len(parcel) > MAX_BODY_BYTES:
        raise TooBig(
            f"what is sent at once has at most {MAX_BODY_BYTES} bytes, and this has {len(parcel)}"
        )
    return parcel


def opened(parcel: Any) -> Any:
    """Reads a document.

    Raises:
      Unreadable: it is none.
    """
    if not isinstance(parcel, bytes):
        raise Unreadable(f"bytes were expected, not {type(parcel).__name__}")
    try:
        return cbor2.loads(
            parcel, tag_hook=_no_tags, max_depth=_MAX_DEPTH, strict_hashable_types=True
        )
    except (cbor2.CBORError, ValueError, RecursionError):
        raise Unreadable(f"what came is no document: {len(parcel)} bytes") from None


def _no_tags(*_: Any) -> NoReturn:
    raise ValueError


def answer(
    inbox: Inbox, sender: str, what: Any, body: Any, give: Callable[[dict[str, Any]], None]
) -> None:
    """Lets an inbox answer a question; what it says, or that it failed, is given once.

    Args:
      inbox: what answers.
      sender: who asks.
      what: the name of the question.
      body: of the question.
      give: gets the answer as a document, now or later.
    """
    try:
        found = inbox.asked(sender, what, body)
    except Exception as error:  # noqa: BLE001 - whatever it is, who asked has to learn of it
        give(_refusal(Failure(error), what))
        return
    if isinstance(found, Deferred):
        found.addCallbacks(lambda value: {"ok": value}, _refusal, errbackArgs=(what,))
        found.addCallback(give)
        found.addErrback(lambda failure: _log.failure("an answer was not given", failure=failure))
    else:
        give({"ok": found})


def _refusal(failure: Failure, what: Any) -> dict[str, Any]:
    error = failure.value
    if isinstance(error, Refused):
        return {"refused": [error.code, error.text]}
    _log.failure("the question {what} failed", failure=failure, what=what)
    return failed()


def failed() -> dict[str, Any]:
    """The answer to a question that failed by a bug: it does not say which."""
    return {"refused": ["failed", _FAILED]}


def packed_answer(answer: dict[str, Any], number: int | None = None) -> bytes:
    """Writes an answer down; one that cannot be sent becomes that the question failed.

    Args:
      answer: as `answer` gives it.
      number: of the question, if it goes with the answer.
    """
    try:
        return packed(answer if number is None else [number, answer])
    except (TooBig, cbor2.CBORError):
        _log.failure("an answer cannot be sent")
        return packed(failed() if number is None else [number, failed()])


def answer_in(document: Any) -> Any:
    """Returns what was answered.

    Raises:
      Refused: the other side said no.
      Unanswered: it is no answer at all.
    """
    match document:
        case {"ok": body}:
            return body
        case {"refused": [str(code), str(text)]}:
            raise Refused(code, text)
        case _:
            raise Unanswered("the answer cannot be understood")


def error_of(router_says: str | None) -> BusError:
    """What an error of a router means for a question.

    Args:
      router_says: the URI of the error; None when the way to the router broke.
    """
    if router_says in _NOT_DELIVERED:
        return Unreachable(f"the node is not to be reached ({router_says})")
    return Unanswered(f"no answer came ({router_says or 'the connection was lost'})")


def tell(inbox: Inbox, sender: str, body: Any) -> None:
    """Gives an inbox what it is told; what goes wrong there is in the log, and goes no further."""
    try:
        inbox.told(sender, body)
    except Exception:  # noqa: BLE001 - it must not, and the bus has to live on if it does
        _log.failure("what {sender} told was not taken", sender=sender)
