"""Foreign text as one harmless line: what child processes print, and what the log says."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# How a terminal is told to change colours, to move its cursor, to take a title.
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
# Control, format (zero width, direction), half characters.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs"})
_CUT: Final = "…"

BLOT: Final = "***"

# A signed token; who signs in, in an address; what follows a telling word.
_TOKEN: Final = re.compile(r"\beyJ[\w-]+(?:\.[\w-]*)*")
_URL_USER: Final = re.compile(r"(?<=://)(?!git@)[^\s/@]+(?=@)")
_NAMED: Final = re.compile(
    r"(\bbearer\s{1,9}|(?:password|passwd|secret|token|api_?key)\w{0,40}[\"']?\s{0,9}[=:]\s{0,9})"
    r"(?:\"[^\"]*\"?|'[^']*'?|[^\s,;&]+)",
    re.IGNORECASE,
)


def plain_line(text: str, most: int) -> str:
    """Returns the text as one line that shows all it has.

    Args:
      text: anything; every run of white space becomes a space, what nobody sees is left out.
      most: how many characters the line may have; one that is cut ends with "…".
    """
    spaced = " ".join(_ESCAPES.sub("", text).split())
    line = "".join(one for one in spaced if unicodedata.category(one) not in _HIDDEN)
    return line if len(line) <= most else line[: most - 1] + _CUT


def without_credentials(text: str) -> str:
    """Returns the text with `***` in the place of what looks like a credential."""
    text = _URL_USER.sub(BLOT, _TOKEN.sub(BLOT, text))
    return _NAMED.sub(rf"\1{BLOT}", text)
