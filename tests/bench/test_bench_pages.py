"""Writing into a part of a page."""

from __future__ import annotations

import pytest
from bench.pages import BEGIN, END, replaced


class TestPages:
    def test_only_the_part_changes(self):
        page = f"before\n{BEGIN}\nold\n{END}\nbehind\n"
        assert replaced(page, "\\1 new\n") == f"before\n{BEGIN}\n\n\\1 new\n\n{END}\nbehind\n"

    def test_a_second_time_changes_nothing(self):
        once = replaced(f"{BEGIN}{END}", "new")
        assert replaced(once, "new") == once

    def test_a_page_without_such_a_part_is_refused(self):
        with pytest.raises(ValueError, match="needs one line"):
            replaced("no part", "new")
