"""Numbers written in digits, as people of a language write them.

Number words ("five", "cinq") are not read here.
"""

from __future__ import annotations

import math
import re

# Who writes 1,234.5; everybody else who uses these digits writes 1 234,5 or 1.234,5.
_POINT_LANGUAGES = frozenset({"en", "he", "ja", "ko", "th", "zh"})

_GROUPED_BY_SPACE = re.compile(r"[-\u2212]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")
_GROUPED = {
    ",": re.compile(r"[-\u2212]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ".": re.compile(r"[-\u2212]?\d{1,3}(?:\.\d{3})+(?:,\d+)?"),
}
_PLAIN = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")

# "1 000 000 000 000" has five; more are not one number any more.
MAX_NUMBER_TOKENS = 5


def number(text: str, language: str) -> float | None:
    """The number that the whole text is, or None if it is none.

    Args:
      text: "5", "-2", "1,5", "1 000"; no surrounding spaces.
      language: decides between the readings of "1,000": a thousand in English, one in French.
    """
    if _GROUPED_BY_SPACE.fullmatch(text):
        text = _SPACES.sub("", text)
    group = "," if language[:2].lower() in _POINT_LANGUAGES else "."
    if _GROUPED[group].fullmatch(text):
        text = text.replace(group, "")
    if not _PLAIN.fullmatch(text):
        return None
    value = float(text.replace(",", ".").replace("\u2212", "-"))
    # A thousand digits are infinite to a float, and infinity cannot be sent in JSON.
    return value if math.isfinite(value) else None
