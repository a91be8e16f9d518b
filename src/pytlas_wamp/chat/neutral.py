"""Makes text of strangers harmless for a terminal.

Skills fetch text from anywhere, and other devices say what they like. An escape
sequence in it could retitle the window, move the cursor over what was printed
before or fill the clipboard; a bidirectional override makes a link read as another.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES: Final = 0x2400
_FIRST_PRINTABLE: Final = 0x20
_DELETE: Final = 0x7F

# Marks that only help neighbours to be ordered: invisible, so nothing is lost with them.
_DROPPED: Final = frozenset("\u200b\u200e\u200f\u061c\u2060\ufeff")
# Format characters that words and emoji are spelled with, and that print in one place.
_SPELLING: Final = frozenset("\u00ad\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f")
_LINE_ENDS: Final = frozenset("\u2028\u2029\x85")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs"})


def neutralise(text: str) -> str:
    r"""Returns the text without anything a terminal would obey.

    Line ends become `\n`, tabs become spaces, C0 controls their pictures (`␛`), all
    other controls, lone surrogates and bidirectional overrides U+FFFD.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(map(_neutral, lines))


def one_line(text: str) -> str:
    """Returns the neutralised text with every run of white space as one space."""
    return " ".join(neutralise(text).split())


def _neutral(character: str) -> str:
    if character == "\n" or character in _LINE_ENDS:
        return "\n"
    if unicodedata.category(character) not in _HIDDEN or character in _SPELLING:
        return character
    if character in _DROPPED:
        return ""
    code = ord(character)
    if code < _FIRST_PRINTABLE:
        return chr(_CONTROL_PICTURES + code)
    return "\N{SYMBOL FOR DELETE}" if code == _DELETE else _REPLACEMENT
