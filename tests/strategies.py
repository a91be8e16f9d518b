"""Hypothesis strategies for everything that can arrive in, or leave as, a frame.

`messages(cls)` draws what our side may send; `near_misses(cls)` draws what a
careless client would: a valid document with a few things changed, some of which
leave it valid.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from pytlas_wamp.wire import messages as wire
from pytlas_wamp.wire.codes import Ending, ErrorCode

Document = dict[str, Any]
_Place = tuple[Any, Any]

# NUL, controls, right-to-left marks, an emoji family, combining marks, what HTML
# and JavaScript stumble over, and halves of surrogate pairs.
HOSTILE_TEXTS = (
    "",
    "\x00",
    "\x1b[31m",
    "\u202eevil\u202c",
    "שלום",
    "👩\u200d👩\u200d👧",
    "Z͑ͫ̓",
    "\u2028\u2029",
    "</script>",
    '"\\',
    "\ud83d",
    "\udc00x",
    "\ufeff",
    "\uffff",
    " ",
)


def share(of_the_profile: float) -> settings:
    """So many examples, relative to the profile: a nightly run explores more everywhere."""
    return settings(max_examples=int(settings.default.max_examples * of_the_profile))


def _join_surrogates(text: str) -> str:
    """Make one character of two matching halves, as every JSON reader does."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@cache
def texts(*, min_size: int = 0, max_size: int | None = 40) -> st.SearchStrategy[str]:
    """Texts as JSON can carry them, hostile ones among them."""
    hostile = [text for text in HOSTILE_TEXTS if len(text) >= min_size]
    characters = st.characters(exclude_categories=()) | st.characters(codec="ascii")
    drawn = st.text(characters, min_size=min_size, max_size=max_size).map(_join_surrogates)
    return st.sampled_from(hostile) | drawn


@cache
def json_values(*, max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Any JSON value; nested, but not deep."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts(max_size=10)
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(texts(max_size=6), inner, max_size=3)
        ),
        max_leaves=max_leaves,
    )


def metadata(*reserved: str) -> st.SearchStrategy[Document]:
    """Objects with any keys but the reserved ones."""
    keys = texts(max_size=6).filter(lambda key: key not in reserved)
    return st.dictionaries(keys, json_values(max_leaves=4), max_size=3)


SEQS = st.sampled_from([0, 1, 2**53 - 1]) | st.integers(0, 2**53 - 1)
IDS = st.sampled_from(["x", "x" * 128]) | texts(min_size=1)
SECONDS = st.integers(0, 10**6) | st.floats(0, allow_infinity=False)
_NULLABLE_TEXT = st.none() | texts()
_MAYBE_ID = st.none() | IDS
_MAYBE_SEQ = st.none() | SEQS

_CARDS = st.builds(
    wire.Card,
    header=_NULLABLE_TEXT,
    raw_header=_NULLABLE_TEXT,
    text=_NULLABLE_TEXT,
    raw_text=_NULLABLE_TEXT,
    subhead=_NULLABLE_TEXT,
    raw_subhead=_NULLABLE_TEXT,
    header_link=_NULLABLE_TEXT,
    media=_NULLABLE_TEXT,
)
_ANSWER_DATA = st.builds(
    wire.AnswerData,
    text=_NULLABLE_TEXT,
    raw_text=_NULLABLE_TEXT,
    cards=st.none() | st.lists(_CARDS, max_size=2),
    meta=metadata("text", "raw_text", "cards"),
)
_ASK_DATA = st.builds(
    wire.AskData,
    slot=texts(),
    text=texts(),
    raw_text=_NULLABLE_TEXT,
    choices=st.none() | st.lists(texts(), max_size=3),
    meta=metadata("slot", "text", "raw_text", "choices"),
)
_ABOVE_ZERO = st.floats(0, exclude_min=True, allow_infinity=False)
_READY_LIMITS = st.builds(
    wire.ReadyLimits,
    max_message_bytes=st.integers(1),
    max_queued_messages=st.integers(1),
    turn_deadline_seconds=_ABOVE_ZERO,
    max_remembered_ids=st.none() | st.integers(1),
    message_burst=st.none() | st.integers(1),
    message_rate_per_second=st.none() | _ABOVE_ZERO,
)

_BY_CLASS: dict[type[Any], st.SearchStrategy[Any]] = {
    wire.Authenticate: st.builds(wire.Authenticate, token=texts(), after=_MAYBE_SEQ),
    wire.Message: st.builds(
        wire.Message,
        message=texts(),
        id=_MAYBE_ID,
        answers=_MAYBE_SEQ,
        meta=st.none() | metadata(),
    ),
    wire.Cancel: st.builds(wire.Cancel, id=_MAYBE_ID),
    wire.Ready: st.builds(
        wire.Ready,
        language=texts(),
        seq=SEQS,
        resumed=st.booleans(),
        server=st.builds(wire.ServerInfo, name=texts(), version=texts()),
        limits=_READY_LIMITS,
    ),
    wire.Renewed: st.builds(wire.Renewed, expires_in=st.integers(0)),
    wire.Thinking: st.builds(wire.Thinking, seq=SEQS, re=_MAYBE_ID),
    wire.Answer: st.builds(wire.Answer, seq=SEQS, data=_ANSWER_DATA, re=_MAYBE_ID),
    wire.Ask: st.builds(wire.Ask, seq=SEQS, data=_ASK_DATA, re=_MAYBE_ID),
    wire.Done: st.builds(wire.Done, seq=SEQS, require_input=st.booleans(), re=_MAYBE_ID),
    wire.Context: st.builds(wire.Context, seq=SEQS, name=_NULLABLE_TEXT, re=_MAYBE_ID),
    wire.Language: st.builds(wire.Language, seq=SEQS, language=texts()),
    wire.Said: st.builds(wire.Said, seq=SEQS, message=texts(), id=_MAYBE_ID),
    wire.Error: st.builds(
        wire.Error,
        code=st.sampled_from([code.value for code in ErrorCode]) | texts(min_size=1),
        message=texts(),
        retryable=st.booleans(),
        retry_after=st.none() | SECONDS,
        re=_MAYBE_ID,
        seq=_MAYBE_SEQ,
    ),
    wire.Goodbye: st.builds(
        wire.Goodbye,
        reason=st.sampled_from([ending.reason for ending in Ending]),
        retry_after=SECONDS,
    ),
}


def messages(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of one message class."""
    return _BY_CLASS[cls]


def some_document(message: Any) -> Document:
    """The document of a message, written by hand: not by the code that is tested."""
    fields = {slot: getattr(message, slot) for slot in message.__slots__ if slot[0] != "_"}
    nullable = isinstance(message, wire.Context | wire.Card | wire.AnswerData | wire.AskData)
    document = {"type": message.TYPE} if hasattr(message, "TYPE") else {}
    document |= fields.pop("meta", None) or {} if nullable else {}
    for name, value in fields.items():
        if value is not None or (nullable and name != "re"):
            document[name] = _plain(value)
    return document


def _plain(value: Any) -> Any:
    if hasattr(value, "__attrs_attrs__"):
        return some_document(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


# Every JSON type, and both sides of every bound of the schemas.
WRONG_VALUES = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    -0.0,
    0.5,
    1e300,
    5e-324,
    2**53 - 1,
    2**53,
    float(2**53),
    10**400,
    "",
    "1",
    "x" * 128,
    "x" * 129,
    "😀" * 128,
    "message",
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"text": "x"},
)


@cache
def wrong_values() -> st.SearchStrategy[Any]:
    """A value that is wrong in most places; each time another object."""
    return st.sampled_from(WRONG_VALUES).map(deepcopy)


def _places(value: Any) -> list[_Place]:
    """Every (container, key or index) inside a document, the document's own first."""
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    else:
        return []
    deeper = [place for _, inner in inside for place in _places(inner)]
    return [(value, key) for key, _ in inside] + deeper


def _mutate(draw: st.DrawFn, document: Document) -> None:
    places = _places(document)
    container, key = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["replace", "replace", "drop", "extra", "retype", "float"]))
    if kind == "drop":
        del container[key]
    elif kind == "extra":
        target = container if isinstance(container, dict) else document
        target[draw(texts(max_size=6))] = draw(json_values(max_leaves=3))
    elif kind == "retype":
        document["type"] = draw(st.sampled_from([*TYPES, "future", None, 1]))
    elif kind == "float" and type(container[key]) is int and container[key] < 2**53:
        container[key] = float(container[key])
    else:
        container[key] = draw(wrong_values())


@st.composite
def near_misses(draw: st.DrawFn, cls: type[Any]) -> Document:
    """A valid document of one class with nought to two things changed anywhere in it."""
    document = deepcopy(some_document(draw(messages(cls))))
    for _ in range(draw(st.sampled_from([1, 1, 0, 2]))):
        if document:
            _mutate(draw, document)
    return document


TYPES = tuple(cls.TYPE for cls in (*wire.CLIENT_MESSAGES, *wire.SERVER_MESSAGES))
_KEYS = sorted({attribute.name for cls in _BY_CLASS for attribute in cls.__attrs_attrs__})


def shuffled_documents() -> st.SearchStrategy[Document]:
    """Objects with the protocol's keys, a type of it, and whatever behind them."""
    values = wrong_values() | json_values(max_leaves=3)
    known = st.dictionaries(st.sampled_from(_KEYS), values, max_size=4)
    return st.builds(lambda kind, rest: {**rest, **kind}, _types(), known)


def _types() -> st.SearchStrategy[Document]:
    kinds = st.sampled_from(TYPES) | json_values(max_leaves=2)
    return st.just({}) | kinds.map(lambda kind: {"type": kind})


@st.composite
def broken_json(draw: st.DrawFn) -> str:
    """The text of a valid frame with a piece cut out, doubled or overwritten."""
    cls = draw(st.sampled_from(sorted(_BY_CLASS, key=lambda cls: cls.__name__)))
    text = json.dumps(some_document(draw(messages(cls))))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 8)))
    piece = draw(st.sampled_from(["", text[start:end] * 2, "}", "[", '"', ",", ":", "\\u", "1e9"]))
    return text[:start] + piece + text[end:]


def garbage_texts() -> st.SearchStrategy[str]:
    """Texts of frames that nobody meant as a message."""
    tokens = st.lists(st.sampled_from([*'{}[]":,\\', "type", "message", "1", "null"]), max_size=12)
    bytes_as_text = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "replace"))
    return texts() | tokens.map("".join) | bytes_as_text | broken_json()
