"""`pytlas-wamp status`: how the running server is."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import click
from attrs import frozen

from pytlas_wamp.cli.accounts import Opened, open_server
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_facts, show_json, show_table
from pytlas_wamp.config.addresses import unix_paths, urls
from pytlas_wamp.errors import OperatorError

_TIMEOUT_SECONDS: Final = 5.0
_MAX_ANSWER_BYTES: Final = 4_194_304

_OK: Final = 200
_REFUSED: Final = frozenset({401, 403})
_MISSING: Final = frozenset({404, 405})


@frozen(kw_only=True)
class _Place:
    """Where a server may be.

    Args:
      shown: how it is called.
      url: its address; None for a socket in the file system.
      trusted: whether its certificate need not be checked, because it is on this machine.
    """

    shown: str
    url: str | None
    trusted: bool


class _NoAnswer(OperatorError):
    """Nobody answered there; the text says why."""


@main.command()
@click.option("--url", help="Where to ask, such as https://home.example; otherwise as configured.")
@as_json_option
@click.pass_obj
@told_plainly
def status(read: ReadConfig, url: str | None, *, as_json: bool) -> None:
    """Show how the running server is: versions, people connected, languages, last errors."""
    opened = open_server(read)
    document = _ask(list(_places(opened, url)), opened.accounts.issue_operator())
    if as_json:
        show_json(document)
    else:
        _show(document)


def _places(opened: Opened, url: str | None) -> Iterator[_Place]:
    if url is not None:
        # It brings all of the chat along, which takes as long as everything else here.
        from pytlas_wamp.chat.addresses import parse_address  # noqa: PLC0415

        address = parse_address(url).http
        yield _Place(shown=address, url=address, trusted=False)
        return
    for path in unix_paths(opened.config):
        yield _Place(shown=path, url=None, trusted=True)
    for found in urls(opened.config):
        yield _Place(shown=found, url=found, trusted=True)


def _ask(places: list[_Place], token: str) -> dict[str, Any]:
    """The first answer."""
    if not places:
        raise OperatorError(
            "The configuration does not tell where the server is: name its address with --url."
        )
    silent = []
    for place in places:
        try:
            return _answer(place, token)
        except _NoAnswer as error:
            silent.append(f"{place.shown} ({error})")
    raise OperatorError(
        f"No server answers at {' or '.join(silent)}: start it with `twistd pytlas`, or name "
        "its address with --url."
    )


def _answer(place: _Place, token: str) -> dict[str, Any]:
    connection, prefix = _connection(place)
    try:
        connection.request(
            "GET", f"{prefix}/api/status", headers={"Authorization": f"Bearer {token}"}
        )
        response = connection.getresponse()
        body = response.read(_MAX_ANSWER_BYTES)
    except ssl.SSLCertVerificationError as error:
        raise OperatorError(
            f"The certificate of {place.shown} is not accepted: {error.verify_message}."
        ) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise _NoAnswer(reason) from error
    finally:
        connection.close()
    if response.status in _REFUSED:
        raise OperatorError(
            f"The server at {place.shown} refuses to tell: it belongs to another data directory, "
            "or signs with another secret."
        )
    if response.status in _MISSING:
        raise _not_ours(place)
    return _document(place, response.status, body)


def _document(place: _Place, code: int, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if code == _OK and isinstance(document, dict) and "server" in document:
        return document
    if isinstance(document, dict) and "detail" in document:
        raise OperatorError(f"The server at {place.shown} cannot tell: {document['detail']}")
    raise _not_ours(place)


def _not_ours(place: _Place) -> OperatorError:
    return OperatorError(
        f"What answers at {place.shown} is not pytlas-wamp, or an older version of it."
    )


def _connection(place: _Place) -> tuple[http.client.HTTPConnection, str]:
    """How to talk to it, and what its paths begin with."""
    if place.url is None:
        connection = http.client.HTTPConnection("localhost", timeout=_TIMEOUT_SECONDS)
        connection.sock = _socket(place.shown)
        return connection, ""
    parts = urlsplit(place.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT_SECONDS), parts.path
    context = ssl.create_default_context()
    if place.trusted:
        # The certificate is for the name by which others know this machine.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return (
        http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT_SECONDS, context=context),
        parts.path,
    )


def _socket(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(_TIMEOUT_SECONDS)
    try:
        made.connect(path)
    except OSError as error:
        made.close()
        raise _NoAnswer(error.strerror or str(error)) from error
    return made


def _show(document: dict[str, Any]) -> None:
    """Print it for people; what a newer server leaves out stays out."""
    server = document["server"]
    facts = [("server", f"{server.get('name', '')} {server.get('version', '')}")]
    facts += [(label, str(document[name])) for name, label in _LABELS.items() if name in document]
    if "uptime_seconds" in document:
        facts.append(("running for", _span(document["uptime_seconds"])))
    show_facts(facts)
    if document.get("interpreters"):
        show_table(
            ("language", "state", "intents", "learnt in", "at", "problem"),
            (
                (
                    one["language"],
                    one["state"],
                    str(one["intents"]),
                    "" if one["trained_seconds"] is None else f"{one['trained_seconds']:.1f} s",
                    one["trained_at"] or "",
                    one["error"] or "",
                )
                for one in document["interpreters"]
            ),
        )
    for error in document.get("errors", ()):
        click.echo(f"{error['time']}  {error['text']}")


_LABELS: Final = {
    "protocol": "protocol",
    "python": "Python",
    "pytlas": "pytlas",
    "twisted": "Twisted",
    "autobahn": "Autobahn",
    "database": "database",
    "conversations": "conversations",
    "connections": "connections",
    "interpreter": "interpreter",
    "started_at": "started at",
}


def _span(seconds: float) -> str:
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
