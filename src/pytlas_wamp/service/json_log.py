"""The log as JSON, one object a line, for programs that collect logs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from attrs import frozen
from twisted.application.service import IService, MultiService
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from twisted.python.components import Componentized
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from twisted.python.reflect import qual
from zope.interface import implementer  # type: ignore[import-untyped]  # has none

from pytlas_wamp.assistant.about import about_now

# What says about whom and what a line is; those that log give what they know.
ABOUT: Final = ("connection", "user", "turn", "skill")

_UNSHOWN: Final = ("Unable to format event", "MESSAGE LOST")


@implementer(ILogObserver)
@frozen
class JsonLines:
    """An observer that writes events; may be called from any thread.

    Args:
      out: where to.
    """

    _out: TextIO

    def __call__(self, event: LogEvent) -> None:
        """Write an event, unless it says nothing."""
        document = document_of(event)
        if document is not None:
            # In one call: lines of two threads must not get into each other.
            self._out.write(json.dumps(document) + "\n")
            self._out.flush()


def document_of(event: LogEvent) -> dict[str, Any] | None:
    """Returns an event as it is written, None when there is nothing to say."""
    failure = event.get("log_failure")
    text = formatEvent(event)
    if text.startswith(_UNSHOWN):
        # The whole event would follow, with all that must not be logged.
        text = f"an event cannot be shown: {event.get('log_format')!r}"
    if not text and failure is None:
        return None
    document: dict[str, Any] = {
        "time": _time(event.get("log_time", 0.0)),
        "level": event.get("log_level", LogLevel.info).name,
        "logger": event.get("log_namespace", "-"),
        "message": text,
    }
    here = about_now()
    for name in ABOUT:
        value = event.get(name, here.get(name))
        if value is not None:
            document[name] = value if isinstance(value, int) else str(value)
    if isinstance(failure, Failure):
        document["failure"] = qual(type(failure.value))
        document["traceback"] = failure.getTraceback()
    return document


def _time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLogged(MultiService):
    """A service whose application logs in JSON.

    Args:
      inner: what it starts and stops.
      observer: which takes the place of the one that twistd would have.
    """

    def __init__(self, inner: Any, observer: ILogObserver) -> None:
        super().__init__()
        self._observer = observer
        inner.setServiceParent(self)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802 - Twisted's name
        """Tell the application, which twistd asks before it begins to log."""
        if isinstance(parent, Componentized):
            parent.setComponent(ILogObserver, self._observer)
        super().setServiceParent(parent)


def log_as_json(service: IService, runner: Any) -> IService:
    """Have the program that runs a service log in JSON, to where it would log anyway.

    Args:
      service: what it runs.
      runner: its options: those of twistd, or those of twist; None for any other.

    Returns:
      what is to be run in its place.
    """
    options: Mapping[str, Any] = {} if runner is None else runner
    if "fileLogObserverFactory" in options:  # twist
        runner["fileLogObserverFactory"] = JsonLines
        return service
    if options.get("syslog"):
        return service  # has fields and times of its own
    return IService(JsonLogged(service, ILogObserver(JsonLines(_file(options)))))


def _file(options: Mapping[str, Any]) -> Any:
    name = options.get("logfile") or ""
    if name == "-" or (not name and options.get("nodaemon", True)):
        return sys.stdout
    return LogFile.fromFullPath(name or "twistd.log")
