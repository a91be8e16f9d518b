"""The chat, as far as it needs no server."""

from __future__ import annotations

import pytest


class TestChat:
    def test_an_address_that_is_none_ends_it(self, call):
        result = call("chat", "ftp://example.org", "--name", "ann")
        assert (result.exit_code, result.stdout) == (1, "")

    @pytest.mark.parametrize("option", ["--name", "--password-stdin"])
    def test_its_help_names_its_options(self, call, option):
        assert option in call("chat", "--help").stdout
