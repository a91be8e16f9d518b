"""What came of a call of `pytlas-wamp`."""

from __future__ import annotations


def said(result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(result) -> str:
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("pytlas-wamp: ")
    return result.stderr
