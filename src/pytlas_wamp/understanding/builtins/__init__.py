"""Builtin entities: dates and times, lengths of time, money, temperatures, numbers.

The names are those of Snips ("snips/datetime"), which the skills of 2019 were written with.
"""

from __future__ import annotations

from pytlas_wamp.understanding.builtins.parser import ENTITIES, SUPPORTED, BuiltinParser, Match

__all__ = ["ENTITIES", "SUPPORTED", "BuiltinParser", "Match"]
