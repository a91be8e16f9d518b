"""Keeps out of the log what people say, and their tokens, at every level.

What an exception says may quote anything: the sentence a skill could not read, the
address it asked with the key in it. So the log has the type of an exception and
where it was raised, and not its text.
"""

from __future__ import annotations

import logging
from typing import Final

from attrs import frozen
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # has none

from pytlas_wamp.errors import OperatorError

# What stands in the place of an exception's text.
WITHHELD: Final = "(what it says is not logged: it may quote what was said)"

# Below warnings these show frames, sentences and the values of SQL statements.
_TALKATIVE: Final = ("autobahn", "txaio", "wamp")
_TALKATIVE_PYTHON: Final = ("sqlalchemy", "transitions")
# pytlas' own log of an agent, which has every sentence; ours says what went wrong.
_AGENT: Final = "hostedagent"


class _Withheld(Exception):
    def __str__(self) -> str:
        return WITHHELD


@implementer(ILogObserver)
@frozen
class Discretion:
    """The first observer of the log: takes out of events what no other one may see."""

    def __call__(self, event: LogEvent) -> None:
        """Change the event, which all observers share."""
        # The second key is of Twisted's older way to log, in which it is text already.
        for key in ("log_failure", "failure"):
            failure = event.get(key)
            if isinstance(failure, Failure) and not isinstance(failure.value, OperatorError):
                event[key] = without_text(failure)
                if key == "failure":
                    event["log_text"] = event[key].getTraceback()
                    event.pop("why", None)
        namespace = str(event.get("log_namespace", "")).partition(".")[0]
        level = event.get("log_level", LogLevel.info)
        if namespace in _TALKATIVE and level < LogLevel.warn:
            event["log_format"] = None  # what has no text is not written


def without_text(failure: Failure) -> Failure:
    """Returns the same failure, with its type and frames, without what its exception says."""
    told: Failure = Failure.__new__(Failure)
    told.__dict__.update(failure.__dict__)
    kind = type(failure.value)
    told.value = type(kind.__name__, (_Withheld,), {"__module__": kind.__module__})()
    return told


def keep_discretion() -> None:
    """Have nothing logged in this process any more that people say, or sign in with.

    To be called before anybody else observes the log: each one sees what those before
    have left.
    """
    globalLogPublisher.addObserver(Discretion())  # type: ignore[arg-type]  # zope has no types
    # These log in Python's way, which a skill may have turned on.
    for name in _TALKATIVE_PYTHON:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_AGENT).disabled = True
