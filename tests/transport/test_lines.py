"""Foreign text as one line that does no harm, and tells no secret."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.transport.lines import plain_line, without_credentials

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2lnbmF0dXJl"


class TestPlainLines:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("Cloning into 'x'...", "Cloning into 'x'..."),
            ("  a \t b\r\nc\u2028d  ", "a b c d"),
            ("\x1b[1;31mred\x1b[0m", "red"),
            ("\x1b]0;my title\x07text", "text"),
            ("\x1b]0;my title\x1b\\text", "text"),
            ("\x1bcreset", "creset"),
            ("bell\x07, nul\0, half \ud800, back \u202eward", "bell, nul, half , back ward"),
            ("Ärger mit Überlänge 🙂", "Ärger mit Überlänge 🙂"),
            ("", ""),
        ],
    )
    def test_have_nothing_that_is_obeyed(self, text, line):
        assert plain_line(text, 100) == line

    def test_are_cut_where_it_shows(self):
        assert plain_line("abcdef", 6) == "abcdef"
        assert plain_line("abcdefg", 6) == "abcde…"

    @given(st.text(), st.integers(min_value=1, max_value=20))
    def test_hold_what_they_promise(self, text, most):
        line = plain_line(text, most)
        assert len(line) <= most
        assert not {unicodedata.category(one) for one in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


class TestCredentials:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            (f"the token {TOKEN} is bad", "the token *** is bad"),
            ("postgresql://pytlas:s3cret@db/pytlas is gone", "postgresql://***@db/pytlas is gone"),
            ("fetching https://ghp_abc@github.com/o/r", "fetching https://***@github.com/o/r"),
            ("fetching ssh://git@github.com/o/r", "fetching ssh://git@github.com/o/r"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("password=hunter2, user=bob", "password=***, user=bob"),
            ("{'api_key': 'k1 k2', 'x': 1}", "{'api_key': ***, 'x': 1}"),
            ('secret_key = "two words" end', "secret_key = *** end"),
            ("WEATHER_API_KEY=abc", "WEATHER_API_KEY=***"),
            ("the password is wrong", "the password is wrong"),
            ("mail to a@b.example", "mail to a@b.example"),
        ],
    )
    def test_are_blotted_out(self, text, shown):
        assert without_credentials(text) == shown
