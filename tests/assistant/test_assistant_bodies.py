"""Whatever a skill says becomes a body that fits the schema."""

from __future__ import annotations

import json
import math
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytlas.handling.card import Card

from frames import check_frame
from pytlas_wamp.assistant.bodies import (
    BodyTooBig,
    answer_body,
    ask_body,
    context_name,
    plain,
)
from pytlas_wamp.wire.codec import to_document
from pytlas_wamp.wire.messages import Answer, Ask
from strategies import json_values, share, texts


def answer(text="x", cards=None, **meta):
    return check_frame(Answer(seq=1, data=answer_body(text, cards, meta, skill="s")))["data"]


def ask(slot="s", text="x", choices=None, **meta):
    return check_frame(Ask(seq=1, data=ask_body(slot, text, choices, meta, skill="s")))["data"]


class Rude:
    def __str__(self):
        """Never works."""
        raise RuntimeError("rude")

    __repr__ = __str__


class RudeDict(dict):
    def items(self):
        raise KeyError("rude")


class Colour(Enum):
    RED = 1


CIRCLE: list = []
CIRCLE.append(CIRCLE)


def nested(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


LOST = [object(), Rude(), {1, 2}, b"x", CIRCLE, math.nan, [math.inf], Colour.RED]
LOST += [{"a": object()}, {(1, 2): 3}, nested(33), nested(100_000), 10**5_000, RudeDict(a=1), len]


class TestAnswers:
    def test_markdown_is_stripped(self):
        assert answer("some **bold** text") == {
            "text": "some **bold** text",
            "raw_text": "some bold text",
            "cards": None,
        }

    def test_there_may_be_no_text(self):
        assert answer(None) == {"text": None, "raw_text": None, "cards": None}

    def test_of_a_list_one_is_said(self):
        assert {answer(["a", "b"])["text"] for _ in range(50)} == {"a", "b"}

    def test_what_is_no_text_becomes_one(self):
        assert answer(5)["raw_text"] == "5"

    def test_metadata_stands_beside(self):
        assert answer("x", kind="demo", tags=("a", 1))["tags"] == ["a", 1]

    def test_metadata_cannot_replace_the_raw_text(self):
        assert answer("x", raw_text="y")["raw_text"] == "x"

    @pytest.mark.parametrize("reserved", ["text", "raw_text", "cards"])
    def test_no_key_of_the_protocol_is_metadata(self, reserved):
        assert answer_body("x", None, {reserved: 1}, skill="s").meta == {}

    @pytest.mark.parametrize("lost", LOST, ids=lambda value: type(value).__name__)
    def test_what_json_cannot_hold_is_left_out(self, lost):
        assert answer("x", lost=lost, kept=1) == {
            "text": "x",
            "raw_text": "x",
            "cards": None,
            "kept": 1,
        }

    def test_deep_metadata_goes_out(self):
        assert answer("x", deep=nested(32), deeper={"a": nested(31)})["deep"] == nested(32)

    def test_metadata_is_a_copy(self):
        tags = ["a"]
        body = answer_body("x", None, {"tags": tags}, skill="s")
        tags.append(object())
        assert body.meta == {"tags": ["a"]}


class TestCards:
    def test_all_keys_are_there(self):
        card = Card("A **head**", "text", header_link="https://x.org")
        assert answer("x", card)["cards"] == [
            {
                "header": "A **head**",
                "raw_header": "A head",
                "text": "text",
                "raw_text": "text",
                "subhead": None,
                "raw_subhead": None,
                "header_link": "https://x.org",
                "media": None,
            }
        ]

    def test_what_is_no_text_becomes_one(self):
        card = Card("h", "t")
        card.media = 5
        assert answer("x", card)["cards"][0]["media"] == "5"

    @pytest.mark.parametrize("none", [None, [], ()])
    def test_none_is_null(self, none):
        assert answer("x", none)["cards"] is None

    def test_several_keep_their_order(self):
        cards = (Card("1", "t"), Card("2", "t"))
        assert [card["header"] for card in answer("x", cards)["cards"]] == ["1", "2"]


class TestQuestions:
    def test_they_have_slot_text_and_choices(self):
        assert ask("room", "Which **room**?", ["a", 2], hint=True) == {
            "slot": "room",
            "text": "Which **room**?",
            "raw_text": "Which room?",
            "choices": ["a", "2"],
            "hint": True,
        }

    def test_free_text_has_no_choices(self):
        assert ask()["choices"] is None

    @pytest.mark.parametrize(("slot", "text"), [(None, "x"), ("s", None), (None, None)])
    def test_without_slot_or_text_there_is_none(self, slot, text):
        assert ask_body(slot, text, None, {}, skill="s") is None

    @pytest.mark.parametrize("reserved", ["slot", "text", "raw_text", "choices"])
    def test_no_key_of_the_protocol_is_metadata(self, reserved):
        assert ask_body("s", "x", None, {reserved: 1}, skill="s").meta == {}


# Hypothesis wants to show what it draws, which some do not let themselves be.
SHOWN = [object(), {1, 2}, b"x", CIRCLE, math.nan, Colour.RED, {(1, 2): 3}, nested(33), len]
ANYTHING = st.recursive(
    json_values() | st.sampled_from(SHOWN) | st.binary() | st.floats() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.integers() | texts(), inner)
    ),
    max_leaves=6,
)
META = st.dictionaries(st.sampled_from(["seq", "type", "re", "text"]) | texts(max_size=6), ANYTHING)


class TestPlain:
    @pytest.mark.parametrize(("text", "expected"), [("**a**", "a"), ("a", "a"), ("", "")])
    def test_markdown_is_stripped(self, text, expected):
        assert plain(text) == expected


class TestProperties:
    @pytest.mark.untraced
    @share(0.4)
    @given(META, texts() | st.none() | st.integers())
    def test_any_answer_fits_the_schema(self, meta, text):
        check_frame(Answer(seq=1, data=answer_body(text, None, meta, skill="s")))

    @share(0.4)
    @given(META, texts(), st.none() | st.lists(texts() | st.integers()))
    def test_any_question_fits_the_schema(self, meta, text, choices):
        check_frame(Ask(seq=1, data=ask_body("slot", text, choices, meta, skill="s")))

    @pytest.mark.untraced
    @given(st.dictionaries(texts(min_size=1).filter(lambda key: "text" not in key), json_values()))
    def test_what_json_holds_is_kept_as_it_is(self, meta):
        expected = {key: value for key, value in meta.items() if key != "cards"}
        assert answer_body("x", None, meta, skill="s").meta == json.loads(json.dumps(expected))


def size(frame):
    return len(json.dumps(to_document(frame)["data"], separators=(",", ":")))


def try_answer(max_bytes, text, cards=None, **meta):
    try:
        return answer_body(text, cards, meta, skill="s", max_bytes=max_bytes)
    except BodyTooBig:
        return None


def try_ask(max_bytes, slot, text, choices=None, **meta):
    try:
        return ask_body(slot, text, choices, meta, skill="s", max_bytes=max_bytes)
    except BodyTooBig:
        return None


def card(text):
    return Card("h", text, media=text)


ANSWERS = st.tuples(
    texts(max_size=200),
    st.lists(texts(max_size=60).map(card), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b"]), json_values(), max_size=2),
)


class TestBounds:
    @pytest.mark.untraced
    @share(2)
    @given(ANSWERS, st.integers(100, 4_000))
    def test_an_answer_passes_when_its_json_does(self, said, max_bytes):
        text, cards, meta = said
        body = answer_body(text, cards, meta, skill="s")
        allowed = size(Answer(seq=1, data=body)) <= max_bytes
        assert (try_answer(max_bytes, text, cards, **meta) is not None) is allowed

    @given(
        texts(max_size=100),
        st.none() | st.lists(texts(max_size=60), max_size=5),
        st.integers(60, 3_000),
    )
    def test_a_question_passes_when_its_json_does(self, text, choices, max_bytes):
        body = ask_body("slot", text, choices, {"a": text}, skill="s")
        allowed = size(Ask(seq=1, data=body)) <= max_bytes
        assert (try_ask(max_bytes, "slot", text, choices, a=text) is not None) is allowed

    @pytest.mark.parametrize("character", ["x", "é", "\x00", "😀", '"'])
    def test_it_is_exact_to_the_byte(self, character):
        body = answer_body(character * 300, None, {}, skill="s")
        exact = size(Answer(seq=1, data=body))
        assert try_answer(exact, character * 300) == body
        assert try_answer(exact - 1, character * 300) is None

    def test_a_small_answer_is_not_encoded(self, monkeypatch):
        monkeypatch.setattr("pytlas_wamp.assistant.bodies.to_document", None)
        assert try_answer(262_144, "x" * 5_000, [card("y" * 1_000)], a=[1, 2]) is not None

    def test_the_markdown_of_a_long_text_is_not_looked_at(self, monkeypatch):
        monkeypatch.setattr("pytlas_wamp.assistant.bodies.plain_text", None)
        assert try_answer(1_000, "x" * 1_001) is None
        assert try_ask(1_000, "slot", "x" * 1_001) is None

    @pytest.mark.parametrize(
        ("name", "allowed"), [("x" * 98, True), ("x" * 99, False), ("é" * 17, False)]
    )
    def test_the_name_of_a_context_has_them_too(self, name, allowed):
        if allowed:
            assert context_name(name, skill="s", max_bytes=100) == name
        else:
            with pytest.raises(BodyTooBig):
                context_name(name, skill="s", max_bytes=100)

    def test_without_one_a_name_may_be_of_any_length(self):
        assert context_name("x" * 10**6, skill="s") == "x" * 10**6
        assert context_name(None, skill="s") is None
