"""A part of a page that a program writes."""

from __future__ import annotations

import re
from typing import Final

BEGIN: Final = "<!-- measured by make bench, written by make bench-report -->"
END: Final = "<!-- end of what was measured -->"


def replaced(page: str, text: str, *, begin: str = BEGIN, end: str = END) -> str:
    """A page with another text between its two comments.

    Raises:
      ValueError: it does not have them.
    """
    changed, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n\n{text.strip()}\n\n{end}",
        page,
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError(f"the page needs one line {begin} and one line {end}")
    return changed
