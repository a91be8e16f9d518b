"""What the published schemas say about a document: the oracle of the codec's tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES

SCHEMAS = Path(__file__).parents[1] / "spec" / "schema"


def _validator(kind: str) -> Draft202012Validator:
    text = (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


VALIDATORS = {cls.TYPE: _validator(cls.TYPE) for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
_CLIENT = {cls.TYPE for cls in CLIENT_MESSAGES}
_SERVER = {cls.TYPE for cls in SERVER_MESSAGES}


def client_type(document: Any) -> str | None:
    """The type that a client's document validly has, None when it is not valid."""
    if isinstance(document, dict) and "type" not in document and "message" in document:
        return _valid(document, "message")
    return _valid(document, _type(document, _CLIENT))


def server_type(document: Any) -> str | None:
    """The type that a server's document validly has, None when it is not valid."""
    return _valid(document, _type(document, _SERVER))


def _type(document: Any, known: set[str]) -> str | None:
    kind = document.get("type") if isinstance(document, dict) else None
    return kind if isinstance(kind, str) and kind in known else None


def _valid(document: Any, kind: str | None) -> str | None:
    return kind if kind is not None and VALIDATORS[kind].is_valid(document) else None
