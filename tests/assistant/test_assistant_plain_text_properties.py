"""Whatever a text is, it is without its Markdown what pytlas makes of it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytlas.datautils import strip_format

from pytlas_wamp.assistant import plain_text as module
from pytlas_wamp.assistant.markup_work import is_too_much
from pytlas_wamp.assistant.plain_text import plain_text
from strategies import HOSTILE_TEXTS, share

# Fairly often side by side: what is told apart by one character more or less.
MARKUP = [
    *("*", "**", "***", "_", "__", "`", "``", "[", "]", "(", ")", "[a](b)", "[a]: b", "![", "]:"),
    *("<b>", "</b>", "<", ">", "<div>", "</div>", "<!-- c -->", "<a@b>", "<http://a>", "<br/>"),
    *("&", ";", "&amp;", "&#65;", "&x;", "#", "# ", "-", "- ", "+ ", "1. ", "12.", "\u0661. "),
    *("===", "---", "> ", "\\", "\\*", "    ", "\t", "  \n", "\n", "\n\n", "\r", "\r\n", " "),
    *("\x02", "\x03", "\x02klzzwxh:0000\x03", "\x02wzxhzdk:0\x03", "\x0b", "\x1c", "\x85", "\x00"),
    *("\xa0", "\u2028", "\ufeff", "\ud800", "|", "~~~", ":", "{", "}", "!", "=", "+"),
]
WORDS = [
    *("It", "is", "12", "degrees", "Paris", "3.5 km", "12:30", "c'est", "d'accord", "à", "-5"),
    *("snake_case", "R&D", "rock & roll", "<3", "5 < 6", "5 * 3", "C#", "a/b", "x@y.z", "[1]"),
    *("(see above)", "https://a.example/?b=c", "100 %", "C:\\temp", "😀", "\u00bb", "—", "a=b"),
]
JOINTS = [*(" ",) * 6, ", ", ". ", " - ", "\n", "\n\n", "\n\n\n", " \n", "! ", " ? ", ": "]

sentences = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINTS)), max_size=12).map(
    lambda pairs: "".join(word + joint for word, joint in pairs)
)
marked = st.lists(st.sampled_from([*MARKUP, *MARKUP, *WORDS, "a", "1"]), max_size=10).map("".join)
ordinary_characters = st.text("ab1é .,;:!?'\"()-+=/@#%&[]{}|~<>\n_*\\", max_size=30)
any_characters = st.text(st.characters(exclude_categories=()), max_size=30)
ascii_characters = st.text(st.characters(codec="ascii"), max_size=12)


@st.composite
def marked_sentences(draw):
    """A sentence with something put into it."""
    text, at = draw(sentences), draw(st.integers(0, 60))
    return text[:at] + draw(marked) + text[at:]


@st.composite
def twice_marked_sentences(draw):
    """A sentence with the same thing put into it in two places: a beginning and an end."""
    text, mark = draw(sentences), draw(st.sampled_from(MARKUP))
    at, behind = draw(st.integers(0, 20)), draw(st.integers(1, 20))
    return text[:at] + mark + text[at : at + behind] + mark + text[at + behind :]


texts = st.one_of(
    sentences,
    twice_marked_sentences(),
    marked,
    marked_sentences(),
    ordinary_characters,
    any_characters,
    ascii_characters,
    st.sampled_from(HOSTILE_TEXTS),
)


@st.composite
def documents(draw):
    """Markdown with several blocks of every kind."""
    inline = st.one_of(sentences, marked_sentences()).map(lambda text: text.replace("\n", " "))
    block = st.one_of(
        inline,
        st.lists(inline, min_size=1, max_size=4).map("\n".join),
        st.lists(inline, min_size=1, max_size=4).map(lambda all_: "- " + "\n- ".join(all_)),
        st.lists(inline, min_size=1, max_size=3).map(lambda all_: "1. " + "\n2. ".join(all_)),
        inline.map("# {}".format),
        inline.map("{}\n---".format),
        inline.map("> {}".format),
        inline.map("    {}".format),
        inline.map("<p>{}</p>".format),
        inline.map("[link]: {}".format),
    )
    blocks = draw(st.lists(block, min_size=1, max_size=5))
    return draw(st.sampled_from(["\n\n", "\n", "\n \n", "\n\n\n"])).join(blocks)


def outcome(strip, text):
    """The text, or what is wrong with it."""
    try:
        return strip(text)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error), str(error)


@pytest.fixture
def ways(monkeypatch):
    """How often a text was looked at only, and how often it was rendered."""
    seen = Counter()

    def render(text):
        seen["rendered"] += 1
        return strip_format(text)

    monkeypatch.setattr(module, "strip_format", render)
    return seen


def compare(text, ways):
    """Ask both; count what was the way to it."""
    if is_too_much(text):
        ways["too much"] += 1
        assert plain_text(text) == text
        return
    before = ways["rendered"]
    expected = outcome(strip_format, text)
    assert outcome(plain_text, text) == expected
    if ways["rendered"] == before:
        ways["looked at or known"] += 1
    if expected != text:
        ways["changed"] += 1


class TestEveryText:
    def test_is_what_pytlas_makes_of_it(self, ways):
        @share(10)
        @given(texts)
        @example("12. a")
        @example("_a")
        def run(text):
            compare(text, ways)

        run()
        assert ways["rendered"] > 200
        assert ways["looked at or known"] > 200
        assert ways["changed"] > 200
        assert ways["too much"] < 20

    def test_so_is_a_document(self, ways):
        @share(3)
        @given(documents())
        def run(text):
            compare(text, ways)

        run()
        assert ways["rendered"] > 100
        assert ways["changed"] > 100
        assert ways["too much"] < 20

    def test_sentences_are_seldom_rendered(self, ways):
        @share(3)
        @given(sentences.map(str.strip))
        def run(text):
            compare(text, ways)

        run()
        assert ways["looked at or known"] > 3 * ways["rendered"]
