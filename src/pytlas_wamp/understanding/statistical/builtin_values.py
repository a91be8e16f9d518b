"""Finds builtin entities through the builtin parser, where there is one for the language."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from attrs import frozen

from pytlas_wamp.understanding.builtins import SUPPORTED, BuiltinParser

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytlas_wamp.understanding.builtins import Match

# Where a date stands in a sentence does not depend on the day it is.
_ANY_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


@frozen(kw_only=True)
class Builtins:
    """The builtin entities that some training data asks for.

    Args:
      parser: finds them; None finds nothing.
      names: which are wanted, in order; others that only look builtin, such as
        "snips/musicArtist", keep the text as said.
    """

    parser: BuiltinParser | None
    names: Sequence[str]

    @classmethod
    def of(cls, language: str, entities: Iterable[str]) -> Builtins:
        """Those of the named entities that the parser of a language knows."""
        code = language[:2].lower()
        supported = SUPPORTED.get(code, frozenset())
        names = [name for name in entities if name in supported]
        return cls(parser=_parser(code) if names else None, names=names)

    def places(self, text: str) -> list[tuple[str, int, int]]:
        """Name, first character and one past the last of each builtin entity of a text."""
        return [(found.entity, found.start, found.end) for found in self.found(text, _ANY_DAY)]

    def found(self, text: str, now: datetime) -> list[Match]:
        """The builtin entities of a text with their values.

        Args:
          text: any.
          now: the reference time, aware of its zone.
        """
        return [] if self.parser is None else self.parser.find_each(text, self.names, now=now)

    def reply(self, text: str, entity: str, now: datetime) -> list[Match]:
        """The builtin entity that a whole reply is, or those of this name in it."""
        return [] if self.parser is None else self.parser.parse_reply(text, entity, now=now)

    def value(self, text: str, entity: str, now: datetime) -> Match | None:
        """The builtin entity that a whole text is; None if it is none."""
        return None if self.parser is None else self.parser.parse_whole(text, entity, now=now)


@cache
def _parser(code: str) -> BuiltinParser:
    """The parser of a language; reading its tables takes some tens of milliseconds."""
    return BuiltinParser(code)
