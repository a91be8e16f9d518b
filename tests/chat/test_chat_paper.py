"""What is drawn fits the terminal."""

from __future__ import annotations

import pytest
from rich.text import Text

from pytlas_wamp.chat.paper import Paper


class TestPaper:
    def test_colours_are_there_when_the_terminal_has_them(self):
        assert (
            Paper(columns=lambda: 60, color_system="standard").draw(Text("x", style="bold"))
            == "\x1b[1mx\x1b[0m\n"
        )

    def test_else_there_are_none(self):
        assert Paper(columns=lambda: 60).draw(Text("x", style="bold")) == "x\n"

    @pytest.mark.parametrize(("columns", "longest"), [(5, 20), (60, 60), (300, 88)])
    def test_lines_fit_and_stay_readable(self, columns, longest):
        lines = Paper(columns=lambda: columns).draw(Text("x " * 200)).splitlines()

        assert longest - 3 <= max(map(len, lines)) <= longest

    def test_no_line_ends_with_spaces(self):
        assert Paper(columns=lambda: 60).draw(Text("x   ")) == "x\n"
