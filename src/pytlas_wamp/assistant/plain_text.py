"""A text without its Markdown: what pytlas' `strip_format` gives, at the price of a look.

pytlas renders a text to HTML with Markdown 3.1 and takes the text out of that with
BeautifulSoup: half a millisecond for a sentence in which there is nothing to render. Here
it is done only for a text that may mean something to one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from types import ModuleType

from pytlas_wamp import compat
from pytlas_wamp.assistant.markup_work import is_too_much

compat.import_pytlas()

from pytlas.conversing import agent as pytlas_agent  # noqa: E402 - after compat
from pytlas.datautils import strip_format  # noqa: E402
from pytlas.handling import card as pytlas_card  # noqa: E402

# What most skills say over and over is short. Of these texts, so many, at up to four bytes for a
# character and with each tab rendered as four spaces: 5 MB at the very worst.
_LONGEST_KEPT = 512
_KEPT = 512

# Whether Markdown and HTML leave a text alone but for its blank lines. Both only ever look at
# these characters. Anything not named here is rendered.
_UNMARKED = re.compile(
    r"""
    \n*+
    (?:
      # A line. Not blank, no code (indented), header, quote, list, rule, or underline of a header.
      (?! [\s\#>=*<`~|] | [-+](?![0-9A-Za-z]) | \d+\.[ ] )
      (?:
        # No control characters: tabs are expanded, and some others delimit placeholders.
        [^\x00-\x1f\x7f&*<\\\]_`]++
        # Not an entity.
        | & (?! [^\s&;]*+; )
        # Emphasis needs two.
        | \* (?! [^*]*+\* )
        # Not a tag, a comment, an instruction or an address.
        | < (?! [A-Za-z/!?] | [^<>\ @]*+@ )
        # Escapes nothing.
        | \\ (?= [0-9A-Za-z] )
        # Neither a link nor the target of one.
        | \] (?! [(:] )
        # Inside of a word.
        | (?<= [0-9A-Za-z] ) _ (?= [0-9A-Za-z] )
      )++
      # Two spaces would be a line break.
      (?: (?<![ ][ ]) \n++ | \Z )
    )++
    """,
    re.VERBOSE,
)
_BLANK_LINES = re.compile(r"\n{2,}")


def plain_text(text: str | None) -> str | None:
    """A text without its Markdown, or None for None and "" (spec 4.8, 4.9).

    It is what `pytlas.datautils.strip_format` gives, to the character, with one exception:
    a text whose rendering may take more than a fraction of a second, for the reasons that
    `markup_work` explains, is given as it is, and so is one nested deeper than Python can
    go. Markdown is meant to be read as it is, and neither of the two makes HTML harmless.

    May be called from many threads.

    Raises:
      AttributeError: it is no text. Whatever else pytlas raises comes through as well.
    """
    if type(text) is not str:
        # What is not a text, or has a mind of its own about what it is equal to.
        return strip_format(text)
    if _UNMARKED.fullmatch(text) is not None:
        return _BLANK_LINES.sub("\n", text.strip("\n")) if "\n" in text else text
    if len(text) <= _LONGEST_KEPT:
        return _kept(text)
    return _rendered(text)


def _rendered(text: str) -> str | None:
    if is_too_much(text):
        return text
    try:
        return strip_format(text)
    except RecursionError:
        return text


_kept = lru_cache(maxsize=_KEPT)(_rendered)


def lend_to(modules: Iterable[ModuleType]) -> None:
    """Let modules of pytlas that have imported `strip_format` use `plain_text` in its place.

    A module that has no such name, or something else under it, is left alone.
    """
    for module in modules:
        if getattr(module, "strip_format", None) is strip_format:
            module.strip_format = plain_text  # type: ignore[attr-defined]


# A card takes the Markdown from its texts when a skill makes it, an agent when it is told.
lend_to([pytlas_card, pytlas_agent])
