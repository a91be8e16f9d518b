"""Training data in chatl: read with care, because pychatl says little about mistakes.

pychatl stops without a word at the first line it cannot read, and raises whatever
comes to hand when sentences use slots that nobody defined. Here each mistake is a
sentence that names its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytlas_wamp import compat
from pytlas_wamp.assistant.worker import make_guard

compat.import_pytlas()

from pychatl import adapters, merge  # noqa: E402 - after compat
from pychatl.parser import PARSER, ChatlVisitor, visit_parse_tree  # noqa: E402


def _make_parser_safe() -> None:
    """Let one thread parse at a time: there is one parser, which keeps its state in itself.

    Skills may parse as well, as a help skill does that looks for example sentences.
    """
    guard, unguarded = make_guard(), PARSER.parse

    def guarded(*args: Any, **kwargs: Any) -> Any:
        with guard:
            return unguarded(*args, **kwargs)

    PARSER.parse = guarded


_make_parser_safe()


class BadTraining(ValueError):
    """Training data that cannot be used; the text says what is wrong and where."""


def merged_training(
    data: dict[str, Any], text: str, *, language: str
) -> tuple[dict[str, Any], str | None]:
    """What is known so far, with the training data of one more skill.

    Args:
      data: of the other skills, as pychatl has it; stays as it is.
      text: chatl.
      language: of two letters.

    Returns:
      the whole, and what is wrong with the text although it can be used.

    Raises:
      BadTraining: when it cannot be used.
    """
    try:
        # As `pychatl.parse` does it, which does not tell where it stopped.
        tree = PARSER.parse(text)
        parsed = visit_parse_tree(tree, ChatlVisitor())
    except Exception as error:
        raise BadTraining(_first_line(error)) from error
    merged: dict[str, Any] = merge(merge({}, data), parsed)
    for fault in _faults(parsed, merged):
        raise BadTraining(fault)
    try:
        adapters.snips(merged, language=language)
    except Exception as error:
        raise BadTraining(_first_line(error)) from error
    return merged, _unread(text, tree.position_end)


def _unread(text: str, end: int) -> str | None:
    """Where pychatl stopped to read, if it did: it uses what came before, and says nothing."""
    rest = text[end:]
    if not rest.strip():
        return None
    line = text.count("\n", 0, end) + 1
    return (
        f"nothing is read from line {line} on ({rest.lstrip().splitlines()[0][:40]!r});"
        " look for spaces in the empty line before it, or for one of @ % ~ # in a sentence"
    )


def _faults(parsed: dict[str, Any], merged: dict[str, Any]) -> Iterator[str]:
    for intent, definition in parsed["intents"].items():
        for sentence in definition["data"]:
            for part in sentence:
                fault = _fault_of(part, merged)
                if fault is not None:
                    yield f"in the sentences of {intent!r}, {fault}"


def _fault_of(part: dict[str, Any], merged: dict[str, Any]) -> str | None:
    if part["type"] == "synonym" and part["value"] not in merged["synonyms"]:
        return f"~[{part['value']}] is defined nowhere"
    if part["type"] == "entity":
        name, variant = part["value"], part.get("variant")
        entity = merged["entities"].get(name)
        if entity is None:
            return f"@[{name}] is defined nowhere"
        kind = entity["props"].get("type") or entity["props"].get("snips:type")
        source = merged["entities"].get(kind, entity)
        values = source["variants"].get(variant) if variant else source["data"]
        if not values:
            shown = f"{name}#{variant}" if variant else name
            return f"@[{shown}] has no values; give it at least one as an example"
    return None


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
