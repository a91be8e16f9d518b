"""What came of a call of `pytlas-wamp`."""

from __future__ import annotations

import json


def said(result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(result) -> str:
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("pytlas-wamp: ")
    return result.stderr


def told(result) -> dict:
    """The only document on standard output."""
    shown = said(result)
    assert shown.count("\n") == 1
    return json.loads(shown)
