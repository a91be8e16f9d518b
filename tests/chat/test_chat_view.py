"""Frames as people see them."""

from __future__ import annotations

import unicodedata

import pytest
from chat_frames import answer, ask, card, context, error, ready, said, thinking
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.chat.client import Connected, Disconnected
from pytlas_wamp.chat.conversation import Conversation, Turn
from pytlas_wamp.chat.paper import Paper
from pytlas_wamp.chat.problems import ChatProblem
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.chat.view import (
    PROMPT_MARK,
    View,
    draw_card,
    plain_answer,
    plain_ask,
    tell_error,
)
from pytlas_wamp.wire.messages import Language

EN, FR = Texts("en"), Texts("fr")

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x9b\r\n\u202e[]()*_`<>!#|-\ud800:/ ab\x00"), st.characters()
    )
)


def seen(page):
    return Paper(columns=lambda: 60).draw(page)


def make(*frames):
    conversation = Conversation(name="alice", clock=lambda: 0)
    for frame in frames:
        conversation.take(frame)
    return View(conversation)


def show(frame, *before):
    return seen(make(*before, frame).draw(frame))


def is_harmless(text):
    return (
        all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in text)
        and "\u202e" not in text
    )


class TestAnswers:
    def test_markdown_is_drawn(self):
        assert show(answer("It is **sunny**.\n\n- a\n- b")) == "● It is sunny.\n\n   • a\n   • b\n"

    def test_html_stands_as_it_was_written(self):
        assert "<b>x</b>" in show(answer("a <b>x</b> c"))

    def test_a_link_shows_where_it_leads(self):
        shown = show(answer("[your bank](https://evil.example/)"))

        assert "https://evil.example/" in shown

    def test_a_script_is_no_link(self):
        assert "[x](javascript:alert(1))" in show(answer("[x](javascript:alert(1))"))

    def test_cards_alone_need_no_text(self):
        assert "●" not in show(answer(None, cards=[card(text="hello")]))

    @given(HOSTILE)
    def test_no_text_obtains_control_of_the_terminal(self, text):
        hostile = card(
            header=text, text=text, subhead=text, header_link=f"https:{text}", media=f"data:{text}"
        )
        frames = [
            answer(text, cards=[hostile]),
            ask(text, choices=[text]),
            said(text),
            context(name=text),
            error(text, code="x"),
            Language(seq=1, language=text),
        ]

        assert all(is_harmless(show(frame)) for frame in frames)


class TestCards:
    def test_a_card_is_a_box_with_all_it_has(self):
        full = card(
            header="**Paris**",
            raw_header="Paris",
            subhead="*today*",
            raw_subhead="today",
            text="*21* degrees",
            header_link="https://weather.example/p",
            media="data:image/png;base64," + "A" * 4000,
        )

        assert [line.strip(" │╭╮╰╯─") for line in seen(draw_card(full, EN)).splitlines()] == [
            "Paris",
            "today",
            "21 degrees",
            "→ https://weather.example/p",
            "picture: image/png, 3 kB",
            "",
        ]

    def test_a_card_without_a_headline_has_none(self):
        assert seen(draw_card(card(text="x"), EN)).startswith("  ╭──")

    @pytest.mark.parametrize("link", ["javascript:x", "file:///etc/passwd", "http://[", "x"])
    def test_addresses_that_no_terminal_should_open_are_left_out(self, link):
        shown = seen(draw_card(card(header="h", header_link=link, media=link), EN))

        assert link not in shown

    def test_a_picture_on_the_web_is_an_address(self):
        shown = seen(draw_card(card(media="https://a.example/b.png"), FR))

        assert "image: https://a.example/b.png" in shown

    def test_a_data_url_without_a_kind_is_data(self):
        assert "picture: data, 1 kB" in seen(draw_card(card(media="data:,x"), EN))


class TestQuestions:
    def test_choices_are_numbered(self):
        assert show(ask("Which *one*?", choices=["red", "blue"])) == (
            "? Which one?\n  1  red\n  2  blue\n"
        )

    def test_a_free_question_is_a_line(self):
        assert show(ask("Which?", choices=None)) == "? Which?\n"


class TestOtherFrames:
    def test_what_was_said_elsewhere(self):
        assert show(said("hello")) == f"alice {PROMPT_MARK} hello  (on another device)\n"

    def test_a_context_that_is_entered(self):
        assert show(context(name="vault")) == "context: vault\n"

    def test_a_context_that_is_left(self):
        entered = context(name="vault")

        assert show(context(name=None), entered) == "context left\n"

    def test_leaving_no_context_is_not_worth_a_line(self):
        frame = context(name=None)

        assert make(frame).draw(frame) is None

    def test_thinking_is_not_worth_a_line(self):
        assert make().draw(thinking()) is None

    def test_another_language(self):
        frame = Language(seq=1, language="fr-FR")

        assert show(frame) == "L'assistant parle désormais fr-FR.\n"

    def test_an_error(self):
        assert show(error("too busy")) == "too busy. Trying again may help.\n"


class TestErrors:
    @pytest.mark.parametrize(
        ("frame", "told"),
        [
            (error("no", retryable=False), "no"),
            (error("no."), "no. Trying again may help."),
            (error("no", retry_after=2.4), "no. Trying again may help, in 2 s."),
            (error("", code="new-code"), "new-code. Trying again may help."),
        ],
    )
    def test_a_hint_is_there_when_it_helps(self, frame, told):
        assert tell_error(frame, EN) == told


class TestConnections:
    def test_the_first_is_welcomed_elsewhere(self):
        assert make().draw(Connected(again=False)) is None

    def test_a_later_one_is_told(self):
        assert seen(make().draw(Connected(again=True))) == "Connected again.\n"

    def test_a_loss_tells_why_and_what_is_in_doubt(self):
        turns = (Turn(id="a", text="one", heard=True), Turn(id="b", text="la " * 33))
        lost = Disconnected(
            problem=ChatProblem("lost", reason="1006"), delay=1, unfinished=turns, first=True
        )

        assert seen(make().draw(lost)).replace("\n", " ") == (
            "The connection is lost (1006). Trying again… "
            "“one” was being worked on. The answer may be lost. "
            f"It is not known whether “{'la ' * 19}la…” arrived. Say it again if need be. "
        )

    def test_a_goodbye_is_no_trouble_of_the_line(self):
        gone = Disconnected(problem=None, delay=1, unfinished=(), first=True)

        assert seen(make().draw(gone)) == "The server stops. Trying again…\n"

    def test_further_attempts_are_not_worth_a_line(self):
        lost = Disconnected(
            problem=ChatProblem("lost", reason="1006"), delay=1, unfinished=(), first=False
        )

        assert make().draw(lost) is None


class TestWho:
    def test_when_connected(self):
        view = make(ready(language="fr-FR"), context(name="jeu"))

        assert seen(view.who("http://a", is_connected=True)).split("\n")[0] == (
            "alice sur http://a (pytlas-wamp 1), langue fr-FR, contexte"
        )

    def test_when_not(self):
        told = seen(make().who("http://a", is_connected=False)).replace("\n", " ")

        assert told == "alice at http://a (?), language ?, context none, not connected. "


class TestPlain:
    def test_an_answer_is_text_and_nothing_else(self):
        full = card(header="**H**", raw_header="H", text="t", header_link="https://a/")
        data = answer("**x**", raw_text="x\x1b", cards=[full]).data

        assert plain_answer(data, EN) == "x␛\nH\nt\n→ https://a/"

    def test_a_question_numbers_its_choices(self):
        data = ask("**W**", raw_text="W", choices=["a", "b"]).data

        assert plain_ask(data) == "W\n1. a\n2. b"

    def test_without_raw_text_the_markdown_has_to_do(self):
        assert plain_ask(ask("**W**", choices=None).data) == "**W**"
