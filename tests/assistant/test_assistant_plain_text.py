"""Texts without their Markdown: as pytlas gives them, rendered as rarely as possible."""

from __future__ import annotations

from threading import Barrier, Thread
from types import ModuleType

import pytest
import pytlas.conversing.agent
import pytlas.handling.card
from pytlas.datautils import strip_format
from pytlas.handling.card import Card

from pytlas_wamp.assistant import plain_text as module
from pytlas_wamp.assistant.plain_text import lend_to, plain_text

FRAME = 262_144


@pytest.fixture
def rendered(monkeypatch):
    """The texts that pytlas was asked about, in their order."""
    texts = []
    # Other tests, in whatever order, may have had the same rendered.
    module._kept.cache_clear()

    def render(text):
        texts.append(text)
        return strip_format(text)

    monkeypatch.setattr(module, "strip_format", render)
    return texts


class TestAnOrdinaryText:
    @pytest.mark.parametrize(
        "text",
        [
            "hello world",
            "It is 12 degrees in Paris, with some rain.",
            "Rendez-vous à 12:30 - c'est d'accord !",
            "3.5 km",
            "12.5 % - that's 1/8",
            "What's up?",
            "-5 °C, +3 since yesterday",
            "5 * 3 = 15",
            "5 < 6 > 4, I <3 you",
            "rock & roll; R&D",
            "snake_case_name of C:\\temp",
            "a [b] (c) {d} #e C# |f| ~g~ $h @i \"j\" 'k' =l",
            "me@example.org, https://example.org/?a=b&c=d",
            "2024 was\n12.30 is",
            "Milk\nEggs, two\n\nBread\n\n\n\nButter\n",
            "\n\nHello",
            "a trailing space \nand one at the end ",
            "two at the end  ",
            "— Bonjour, dit-il. 😀\u00a0!",
            "half of a pair \ud800",
        ],
    )
    def test_it_is_not_rendered(self, rendered, text):
        assert plain_text(text) == strip_format(text)
        assert rendered == []

    def test_of_any_length(self, rendered):
        text = "It is 12 degrees & rainy. " * 10_000
        assert plain_text(text) == text
        assert rendered == []


class TestMarkup:
    @pytest.mark.parametrize(
        "text",
        [
            "**bold**, *em*, _em_, __bold__, `code`",
            "2*3 and 4*5",
            "- milk\n- eggs",
            "12. twelve",
            "\u0661. one",
            "+ plus",
            "# head",
            "#hashtag",
            "head\n===",
            "head\n---",
            "> quote",
            "    code",
            "\tcode",
            "a\n\n    code",
            "[a](b)",
            "[a]: b",
            "![a](b)",
            "<b>x</b>",
            "<div>x</div>",
            "<a@b>",
            "5 <3\nme@example.org>",
            "5 <3\u00a0me@example.org>",
            "&amp; &#65; &nope;",
            "\\*",
            "line  \nbreak",
            "windows\r\nlines",
            "a\x02b\x03c",
            "a\x00b",
            "  leading",
            " ",
            "\u00a0",
            "***",
            "_a_",
            "a\n\xa0\nb",
        ],
    )
    def test_it_is_what_pytlas_makes_of_it(self, rendered, text):
        assert plain_text(text + " ") == strip_format(text + " ")
        assert plain_text(text) == strip_format(text)
        assert text in rendered

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_nothing_is_none(self, nothing):
        assert plain_text(nothing) is None

    @pytest.mark.parametrize("value", [0, 12, b"*x*", [], ["*x*"], True])
    def test_what_is_no_text_is_left_to_pytlas(self, value):
        def outcome(strip):
            try:
                return strip(value)
            except Exception as error:  # noqa: BLE001 - whatever it is
                return type(error), str(error)

        assert outcome(plain_text) == outcome(strip_format)

    def test_so_is_a_text_of_another_type(self, rendered):
        class Own(str):
            __slots__ = ()

        assert plain_text(Own("plain")) == "plain"
        assert rendered == ["plain"]


class TestRenderingOnce:
    def test_what_was_rendered_is_known(self, rendered):
        for _ in range(5):
            assert plain_text("*once*") == "once"
        assert rendered == ["*once*"]

    def test_nothing_is_known_for_ever(self, rendered):
        for number in range(600):
            plain_text(f"*{number}* of many")
        rendered.clear()
        plain_text("*0* of many")
        plain_text("*599* of many")
        assert rendered == ["*0* of many"]

    def test_a_long_text_is_rendered_each_time(self, rendered):
        text = "*long* " + "x" * 600
        assert plain_text(text) == plain_text(text) == strip_format(text)
        assert rendered == [text, text]

    def test_threads_may_share_it(self):
        texts = [f"*{number}* **shared** by threads" for number in range(40)]
        together, wrong = Barrier(4), []

        def read():
            together.wait()
            wrong.extend(t for t in texts if plain_text(t) != t.replace("*", ""))

        threads = [Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


class TestHostileTexts:
    @pytest.mark.parametrize(
        "unit",
        [
            *("`", "[", "![", "> ", ">", "- ", "1. ", "***a ", "_a ", "<b>", "<!--", "&a;", "\\`"),
            *("[a](", "[a](b)", "`a", "    - a\n", "# a\n", "a\n\n*", "<div>\n\n", "<a@b>>"),
        ],
    )
    def test_what_would_take_too_long_is_left_as_it_is(self, rendered, unit):
        text = (unit * FRAME)[:FRAME]
        assert plain_text(text) == text
        assert rendered == []

    @pytest.mark.parametrize(
        "text", ["[a]:" + " " * 2_000 + "x y", "`" * 500, "1. " * 400, "<a@" * 10 + ">" * 10]
    )
    def test_however_short(self, rendered, text):
        assert plain_text(text) == text
        assert rendered == []

    @pytest.mark.parametrize("length", [1, 1_000])
    def test_what_python_cannot_nest_is_left_as_it_is(self, monkeypatch, length):
        def too_deep(text):
            raise RecursionError(text)

        monkeypatch.setattr(module, "strip_format", too_deep)
        text = "*deep*" + "x" * length
        assert plain_text(text) == text


class TestLending:
    def test_pytlas_uses_it_for_cards_and_answers(self):
        assert pytlas.handling.card.strip_format is plain_text
        assert pytlas.conversing.agent.strip_format is plain_text

    def test_a_card_is_made_at_the_price_of_a_look(self, rendered):
        card = Card("Paris", "It is 12 degrees.", "*windy*")
        assert (card.raw_header, card.raw_text, card.raw_subhead) == (
            "Paris",
            "It is 12 degrees.",
            "windy",
        )
        assert set(rendered) <= {"*windy*"}

    def test_a_module_with_another_function_is_left_alone(self):
        without, other = ModuleType("without"), ModuleType("other")
        other.strip_format = str.strip
        lend_to([without, other])
        assert not hasattr(without, "strip_format")
        assert other.strip_format is str.strip

    def test_one_with_that_of_pytlas_is_not(self):
        theirs = ModuleType("theirs")
        theirs.strip_format = strip_format
        lend_to([theirs])
        assert theirs.strip_format is plain_text
