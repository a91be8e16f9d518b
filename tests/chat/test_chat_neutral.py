"""Nothing a stranger says may move the cursor, colour the screen or turn text around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.chat.neutral import neutralise, one_line

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x08\r\n\t\x7f\x9b\x9d\x85\u202e\u2066\u2069\u200f\u2028\ud800"),
        st.characters(exclude_categories=()),
    )
)


class TestNeutralise:
    @given(HOSTILE)
    def test_no_control_but_the_line_end_remains(self, text):
        controls = {
            c for c in neutralise(text) if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}
        }

        assert controls <= {"\n"}

    @given(HOSTILE)
    def test_no_override_of_direction_remains(self, text):
        turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

        assert not {unicodedata.bidirectional(c) for c in neutralise(text)} & turning

    @given(HOSTILE)
    def test_twice_is_once(self, text):
        assert neutralise(neutralise(text)) == neutralise(text)

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("\x1b[2J\x1b]0;owned\x07", "␛[2J␛]0;owned␇"),
            ("\x9b31m\x7f", "\ufffd31m␡"),
            ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
            ("a\tb", "a   b"),
            ("gnp\u202e.exe", "gnp\ufffd.exe"),
            ("a\u200e\ufeffb", "ab"),
            ("\ud800", "\ufffd"),
        ],
    )
    def test_what_becomes_of_it(self, text, shown):
        assert neutralise(text) == shown

    @pytest.mark.parametrize("text", ["Ça va, l'été ?", "שלום", "👩‍💻", "می‌خواهم", "日本"])
    def test_what_people_write_stays(self, text):
        assert neutralise(text) == text


class TestOneLine:
    @given(HOSTILE)
    def test_it_is_one_line_without_surplus_spaces(self, text):
        line = one_line(text)

        assert "\n" not in line
        assert line == " ".join(line.split())
