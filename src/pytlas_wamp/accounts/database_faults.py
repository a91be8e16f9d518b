"""Says in one sentence what is wrong with a database and what to do about it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pytlas_wamp.accounts.model import StoreBroken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What the driver's complaint means to the person who runs the server.
_BUSY = "another program keeps it busy: stop that one or try again"
_AWAY = "see to it that the database server runs; it is used again as soon as it answers"
_ADVICE = (
    ("locked", _BUSY),
    ("lock timeout", _BUSY),
    ("statement timeout", _BUSY),
    ("full", "make room on the disk"),
    ("No space left", "make room on the disk"),
    ("readonly", "let the account that runs the server write to the file and its directory"),
    ("read-only transaction", "name the server that may be written to"),
    ("unable to open", "name a file in a directory that exists and can be written to"),
    ("not a database", "name another file, or restore a backup"),
    ("malformed", "restore a backup"),
    ("authentication", "correct the user and the password in its URL"),
    ("password", "correct the user and the password in its URL"),
    ("pg_hba.conf", "let the database server accept this user from here"),
    ("role", "correct the user in its URL, or make that user with createuser"),
    ("permission denied", "make the user in its URL the owner of the database"),
    ('" does not exist', "make it with createdb, or restore a backup"),
    ("too many clients", "let the database server take more connections (max_connections)"),
    ("connection slots", "let the database server take more connections (max_connections)"),
    ("connection failed", _AWAY),
    ("connection timeout", _AWAY),
    ("connection is", _AWAY),  # closed, lost
    ("closed the connection", _AWAY),
    ("terminating connection", _AWAY),
    ("starting up", _AWAY),
    ("shutting down", _AWAY),
    ("recovery mode", _AWAY),
    ("resolve host", "correct the host in its URL"),
)
_ADVICE_OTHERWISE = "look at its disk and permissions, or restore a backup"


@contextmanager
def worded(place: str, secrets: Sequence[str] = ()) -> Iterator[None]:
    """Turns what goes wrong with a database inside the body into a StoreBroken.

    Args:
      place: how to name the database.
      secrets: what must not be seen in the text.
    """
    try:
        yield
    except DBAPIError as error:
        raise StoreBroken(sentence(place, complaint(error.orig), secrets)) from error
    except SQLAlchemyError as error:
        # Its str() ends in an address for programmers.
        said = "".join(map(str, error.args[:1]))
        raise StoreBroken(sentence(place, said, secrets)) from error


def complaint(error: Any) -> str:
    """Returns what a driver complains about, without the statement that it did not like."""
    diagnosis = getattr(error, "diag", None)
    return getattr(diagnosis, "message_primary", None) or str(error)


def sentence(place: str, said: str, secrets: Sequence[str] = ()) -> str:
    """Returns one line for the person who runs the server.

    Args:
      place: how to name the database.
      said: what the driver says, maybe in several lines.
      secrets: what must not be seen in it.
    """
    reason = " ".join(said.split()) or "no reason given"
    for secret in secrets:
        reason = reason.replace(secret, "***")
    advice = next((mended for word, mended in _ADVICE if word in reason), _ADVICE_OTHERWISE)
    return f"The database {place} cannot be used ({reason}): {advice}."
