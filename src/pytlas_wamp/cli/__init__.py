"""`pytlas-wamp`: people, skills, what is understood, and a chat in the terminal."""

from __future__ import annotations

from pytlas_wamp.cli import accounts, skills, talking, understanding
from pytlas_wamp.cli.program import main

__all__ = ["accounts", "main", "skills", "talking", "understanding"]
