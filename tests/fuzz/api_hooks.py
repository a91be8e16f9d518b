"""What schemathesis needs to know about this server beyond its description."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

import schemathesis

URL = os.environ["API_URL"]

# The account that asks. Without it every further answer would be 401.
OWN_ID = 1


@schemathesis.auth(refresh_interval=None)
class Keeper:
    """Signs in, and again as soon as one of the requests has ended the login."""

    def get(self, _case: Any, _context: Any) -> str:
        """A token that is accepted."""
        return token()

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Ask with it."""
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


_tokens: list[str] = []


def token() -> str:
    """The last token if it still is good, else a new one."""
    if not _tokens or status("GET", "/api/me", token=_tokens[-1])[0] != 200:
        credentials = {"username": os.environ["API_NAME"], "password": os.environ["API_PASSWORD"]}
        code, body = status("POST", "/api/token", credentials)
        if code != 200:
            raise RuntimeError(f"cannot sign in: {code} {body!r}")
        _tokens.append(json.loads(body)["access"])
    return _tokens[-1]


def status(
    method: str, path: str, document: object = None, *, token: str = ""
) -> tuple[int, bytes]:
    """Status and body of a request of our own."""
    data = None if document is None else json.dumps(document).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(URL + path, data, headers, method=method)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the same
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave the account alone that asks: it may be renamed, but then cannot sign in again."""
    parameters = case.path_parameters or {}
    about_itself = case.path.startswith("/api/users/{id}") and str(parameters.get("id")) == str(
        OWN_ID
    )
    return not (about_itself and case.method.upper() in {"PATCH", "DELETE"})
