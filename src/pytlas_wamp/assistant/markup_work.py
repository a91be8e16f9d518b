"""How much work a text is to Markdown and BeautifulSoup, told without doing it.

Markdown 3.1 rescans a paragraph from its start after each thing that it has found, looks for the
other end of each opening character up to the end of the paragraph, and goes down one level of
Python calls or more for each level of a list or quote. So 500 backticks take it 0.3 s, 2,000 take
18 s, and those that fit in a frame take years, during which a regular expression lets no other
thread run. What it takes is bounded here, from counts of characters alone, by a sum of

- what each piece of markup costs, however far apart;
- for each paragraph, its pieces times its length: a search for each;
- for backticks, brackets and comments, also those that find no other end times those that do;
- for a definition of a link, the runs of spaces in its line, cubed;
- for lists and quotes, their depth, cubed;
- for addresses in angle brackets, each letter of which Markdown writes as a reference of up to 14
  characters, 14 to the power of their depth: forty characters, "<a@" and ">" ten times each in
  front of and behind each other, take all memory there is.

The bound is in nanoseconds of the machine on which it was measured, and is mostly several times
too high: texts that people write stay far below `MOST_WORK`, up to some dozen kilobytes.
"""

from __future__ import annotations

import re

MOST_WORK = 500_000_000

_TAB = 4
# "\x02klzzwxh:0000\x03", which stands for what was found while the rest is searched.
_PLACEHOLDER = 14
# For each bracket some functions are called, which takes as long as looking at so many characters.
_CALLS = 8

# What each costs, measured with texts made of nothing else.
_CHARACTER = 500
_PIECE = 35_000
_SEARCH = 4
_TAG = 40
_BRACKET = 300
_BACKTICK = 20
_TRIPLE = 4
_COMMENT = 4
_ESCAPE = 400
_DEFINITION = 10
_LEVEL = 10
_LETTER = 300
_REFERENCE = 14

_PIECES = re.compile(r"[*_`\[\]<>&\\#=+!\n-]|\d\.|[ ]{2}")
_RUNS_OF_BACKTICKS = re.compile(r"`+")
_TRIPLES = re.compile(r"[*]{3}|_{3}")
_WHOLE = re.compile(
    r"""\[ [^\[\]`\\]*+ \] (?: \( [^()"'<>`\\\n]*+ (?: "[^"()`\\\n]*+" )? \) | (?! [(\[:] ) )""",
    re.VERBOSE,
)
_FOUND_LINKS = re.compile(r"\][(\[:]")
_SPACES = re.compile(r"\s+")
_QUOTES = re.compile(r"[\"'()]")
_LEVELS = re.compile(r"(?:[ ]*+(?:>|[*+-][ ]|\d++\.[ ]))*+[ ]*+")
_ANGLES = re.compile(r"[<>]")
_WITHOUT_ANGLES = re.compile(
    r"""
    \[ [^\[\]`\\<>]*+ \] (?: \( [^()"'<>`\\\n]*+ (?: "[^"()`\\\n<>]*+" )? \) | (?! [(\[:] ) )
    | ` [^`\\<>]++ `
    """,
    re.VERBOSE,
)
# Deeper ones are too much anyhow.
_DEEPEST_ADDRESS = 9
_MARKERS = re.compile(r"[>*+.-]")


def is_too_much(text: str) -> bool:
    """Whether rendering a text may take more than `MOST_WORK`."""
    return work_of(text) > MOST_WORK


def work_of(text: str) -> int:
    """A bound of the nanoseconds that a text takes, or `MOST_WORK` and some if it is more.

    Itself takes time linear in the length of the text.
    """
    for delimiter in "\x02\x03":
        text = text.replace(delimiter, "")
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(_TAB)
    length = len(text)
    tags = text.count("<") + text.count("&")
    work = _CHARACTER * length + _TAG * tags * length + _PIECE * len(_PIECES.findall(text))
    if work > MOST_WORK:
        return work
    defined = "]:" in text
    if defined:
        work += sum(_work_of_definition(line) for line in text.split("\n") if "]:" in line)
    for paragraph in text.split("\n\n"):
        work += _work_of_paragraph(paragraph, links_defined=defined)
    return work


def _work_of_paragraph(text: str, *, links_defined: bool) -> int:
    pieces = len(_PIECES.findall(text))
    reach = len(text) + _PLACEHOLDER * pieces
    work = _SEARCH * pieces * reach
    if "[" in text:
        work += _BRACKET * _steps_over_brackets(text, reach, links_defined=links_defined)
    if "`" in text:
        runs = [len(run) for run in _RUNS_OF_BACKTICKS.findall(text)]
        # Two runs of one find each other, so only the last can search in vain.
        vain = sum(run * run for run in runs if run > 1)
        work += _BACKTICK * reach * len(runs) * (1 + vain)
    triples = len(_TRIPLES.findall(text))
    if triples:
        work += _TRIPLE * reach * triples * (text.count("*") + text.count("_"))
    work += _COMMENT * reach * text.count("<!--") * text.count("<")
    # Those that escape nothing are all tried again after each one that does.
    work += _ESCAPE * text.count("\\") ** 2
    if "<" in text and "@" in text:
        work += _LETTER * len(text) * _REFERENCE ** _depth_of_addresses(text)
    return work + _LEVEL * sum(map(_cube_of_depth, text.split("\n")))


def _steps_over_brackets(text: str, reach: int, *, links_defined: bool) -> int:
    """Characters looked at for the other ends of brackets."""
    whole = _WHOLE.findall(text)
    links = [each for each in whole if each.endswith(")")]
    near = sum(len(each) + _CALLS for each in whole)
    near_links = sum(len(each) + _CALLS for each in links)
    far = _WHOLE.sub("", text).count("[")
    found = len(_FOUND_LINKS.findall(text)) + (len(whole) if links_defined else 0)
    return near_links + (1 + found) * (near - near_links + far * reach)


def _work_of_definition(line: str) -> int:
    spaces = max(map(len, _SPACES.findall(line)), default=0)
    quotes = len(_QUOTES.findall(line))
    return _DEFINITION * (spaces + 1) ** 2 * ((quotes + 1) * len(line) + spaces)


def _depth_of_addresses(text: str) -> int:
    """How many of them may be inside of each other."""
    addresses = min(_DEEPEST_ADDRESS, *map(text.count, "<@>"))
    angles = _WITHOUT_ANGLES.sub("", text)
    if "`" in angles or "[" in angles or "\\" in angles:
        # What is taken out first may have angles, so it is unknown which ones stay.
        return addresses
    deepest = 0
    inside: list[int] = []
    for angle in _ANGLES.findall(angles):
        if angle == "<":
            inside.append(0)
        elif inside:
            depth = inside.pop() + 1
            deepest = max(deepest, depth)
            if inside:
                inside[-1] = max(inside[-1], depth)
    return min(addresses, deepest)


def _cube_of_depth(line: str) -> int:
    found = _LEVELS.match(line)
    levels = found[0] if found else ""
    depth = len(_MARKERS.findall(levels)) + levels.count(" ") // 2
    return depth**3
