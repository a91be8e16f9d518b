"""The messages of every turn, read and written by hand: a fifth of the general way's time.

Each function here does what the general way of `codec` does with the same message, to the
letter, or leaves it alone: a reader returns None, a writer raises `NotPlain`. So what is
wrong with a message is only ever said in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import JSONEncoder
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final

from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Authenticate,
    Card,
    ClientMessage,
    Context,
    Done,
    Message,
    Said,
    Thinking,
)

_LARGEST_SEQ: Final = 2**53 - 1
_LONGEST_ID: Final = 128
_ABSENT: Final[Any] = object()

# Writes any document as a frame has it; made once, which takes longer than a small frame.
JSON: Final = JSONEncoder(separators=(",", ":"), allow_nan=False)


class NotPlain(Exception):
    """The message has something that only the general way knows how to write."""


# Reading


def _read_message(document: Mapping[str, Any]) -> Message | None:
    text = document.get("message")
    id_ = document.get("id", _ABSENT)
    answers = document.get("answers", _ABSENT)
    meta = document.get("meta", _ABSENT)
    if (
        type(text) is str
        and (id_ is _ABSENT or (type(id_) is str and 0 < len(id_) <= _LONGEST_ID))
        and (answers is _ABSENT or (type(answers) is int and 0 <= answers <= _LARGEST_SEQ))
        and (meta is _ABSENT or type(meta) is dict)
    ):
        return Message(
            message=text,
            id=None if id_ is _ABSENT else id_,
            answers=None if answers is _ABSENT else answers,
            meta=None if meta is _ABSENT else meta,
        )
    return None


def _read_authenticate(document: Mapping[str, Any]) -> Authenticate | None:
    token = document.get("token")
    after = document.get("after", _ABSENT)
    if type(token) is str and (
        after is _ABSENT or (type(after) is int and 0 <= after <= _LARGEST_SEQ)
    ):
        return Authenticate(token=token, after=None if after is _ABSENT else after)
    return None


READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], ClientMessage | None]]] = {
    Message.TYPE: _read_message,
    Authenticate.TYPE: _read_authenticate,
}

# Writing


def _number(value: int) -> int:
    if type(value) is int:
        return value
    raise NotPlain


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _list(items: list[Any] | None, written: Callable[[Any], str]) -> str:
    if items is None:
        return "null"
    if type(items) is not list:
        raise NotPlain
    return f"[{','.join(map(written, items))}]"


def _re(id_: str | None) -> str:
    return "" if id_ is None else f',"re":{_quoted(id_)}'


def _thinking(frame: Thinking) -> str:
    return f'{{"type":"thinking","seq":{_number(frame.seq)}{_re(frame.re)}}}'


def _done(frame: Done) -> str:
    if type(frame.require_input) is not bool:
        raise NotPlain
    require = "true" if frame.require_input else "false"
    seq = _number(frame.seq)
    return f'{{"type":"done","seq":{seq},"require_input":{require}{_re(frame.re)}}}'


def _said(frame: Said) -> str:
    id_ = "" if frame.id is None else f',"id":{_quoted(frame.id)}'
    return f'{{"type":"said","seq":{_number(frame.seq)},"message":{_quoted(frame.message)}{id_}}}'


def _context(frame: Context) -> str:
    seq = _number(frame.seq)
    return f'{{"type":"context","seq":{seq},"name":{_text(frame.name)}{_re(frame.re)}}}'


def _answer(frame: Answer) -> str:
    data = frame.data
    meta = _meta(data, _ANSWER_KEYS)
    cards = _list(data.cards, _card)
    return (
        f'{{"type":"answer","seq":{_number(frame.seq)},"data":{{{meta}"text":{_text(data.text)},'
        f'"raw_text":{_text(data.raw_text)},"cards":{cards}}}{_re(frame.re)}}}'
    )


def _card(card: Card) -> str:
    if type(card) is not Card:
        raise NotPlain
    return (
        f'{{"header":{_text(card.header)},"raw_header":{_text(card.raw_header)},'
        f'"text":{_text(card.text)},"raw_text":{_text(card.raw_text)},'
        f'"subhead":{_text(card.subhead)},"raw_subhead":{_text(card.raw_subhead)},'
        f'"header_link":{_text(card.header_link)},"media":{_text(card.media)}}}'
    )


def _ask(frame: Ask) -> str:
    data = frame.data
    meta = _meta(data, _ASK_KEYS)
    choices = _list(data.choices, _quoted)
    return (
        f'{{"type":"ask","seq":{_number(frame.seq)},"data":{{{meta}"slot":{_quoted(data.slot)},'
        f'"text":{_quoted(data.text)},"raw_text":{_text(data.raw_text)},"choices":{choices}}}'
        f"{_re(frame.re)}}}"
    )


_ANSWER_KEYS: Final = frozenset({"text", "raw_text", "cards"})
_ASK_KEYS: Final = frozenset({"slot", "text", "raw_text", "choices"})


def _meta(data: AnswerData | AskData, own: frozenset[str]) -> str:
    """The skill's metadata, which stand before the other keys."""
    if not data.meta:
        return ""
    if type(data.meta) is not dict or not own.isdisjoint(data.meta):
        raise NotPlain
    return f"{JSON.encode(data.meta)[1:-1]},"


WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    Thinking: _thinking,
    Answer: _answer,
    Ask: _ask,
    Done: _done,
    Context: _context,
    Said: _said,
}
