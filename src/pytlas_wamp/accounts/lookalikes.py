"""Names that people mistake for one another, by the data of UTS 39 (confusables.txt).

Whoever writes "Ana" with a Cyrillic A must not pass for Ana (spec 6.14). What looks alike
is known to the library; here stands what that means for names of people:

- Case does not count, as nobody can have "ana" where there is an "Ana" either: two
  names are alike when they are in capitals, in small letters, or as they are typed.
- Names that differ in ASCII characters only are never refused, although UTS 39 holds
  l, I, 1 and | (or 0 and O, or m and rn) for alike: a keyboard types all of them, a
  household has both a "bill" and a "b1ll", and nobody is surprised.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import cache
from itertools import chain

from confusable_homoglyphs.confusables import confusables_data  # type: ignore[import-untyped]

from pytlas_wamp.accounts.model import MAX_TYPED_NAME_CHARACTERS, name_key

# The data put these around what is written from right to left.
_DIRECTION_MARKS = "\u200e\u200f"


def name_skeleton(name: str) -> str:
    """Returns what names have in common that can be mistaken for one another.

    It is the skeleton of UTS 39 (4), taken twice with a case folding in between. It is
    neither shown nor compared with anything but other skeletons.

    Args:
      name: as `clean_name` returns it; nobody has a name that is longer than it accepts,
        and what is beyond does not count.
    """
    skeleton = _prototypes(_prototypes(name[:MAX_TYPED_NAME_CHARACTERS]).casefold())
    # A capital I looks like l (UTS 39), so that its small letter has to go along.
    return skeleton.replace("i", "l")


def may_be_mistaken(name: str, other: str) -> bool:
    """Says whether two names, whose skeletons are equal, have to be kept apart.

    They need not when they differ in ASCII characters only; see the top of this module.
    """
    return _beyond_ascii(name) != _beyond_ascii(other)


def _beyond_ascii(name: str) -> list[str]:
    return [character for character in name_key(name) if not character.isascii()]


def _prototypes(text: str) -> str:
    table = _prototype_by_character()
    decomposed = unicodedata.normalize("NFD", text)
    mapped = "".join(table.get(character, character) for character in decomposed)
    return unicodedata.normalize("NFD", mapped)


@cache
def _prototype_by_character() -> dict[str, str]:
    """Returns which text stands for each character.

    The library lists every pair in both directions; those that are connected look alike.
    """
    neighbours = _neighbours()
    table: dict[str, str] = {}
    for start in neighbours:
        if start not in table:
            alike = _connected(start, neighbours)
            # The standard's choice is the one that all others are listed with; sources are
            # single characters, so a longer text can only be that one.
            chosen = max(alike, key=lambda text: (len(text), len(neighbours[text]), text))
            table |= dict.fromkeys(alike, chosen)
    return {text: chosen for text, chosen in table.items() if len(text) == 1}


def _neighbours() -> dict[str, set[str]]:
    neighbours = defaultdict(set)
    for text, alike in confusables_data.items():
        for other in alike:
            one, two = text.strip(_DIRECTION_MARKS), other["c"].strip(_DIRECTION_MARKS)
            neighbours[one].add(two)
            neighbours[two].add(one)
    return neighbours


def _connected(start: str, neighbours: dict[str, set[str]]) -> set[str]:
    found, new = {start}, {start}
    while new:
        new = set(chain.from_iterable(neighbours[text] for text in new)) - found
        found |= new
    return found
