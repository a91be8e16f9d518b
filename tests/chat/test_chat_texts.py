"""What the client says by itself, in two languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from pytlas_wamp.chat import texts as module
from pytlas_wamp.chat.texts import ENGLISH, FRENCH, Texts


def names_in(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


class TestTables:
    def test_both_have_the_same_keys(self):
        assert FRENCH.keys() == ENGLISH.keys()

    @pytest.mark.parametrize("key", sorted(ENGLISH))
    def test_both_fill_in_the_same(self, key):
        assert names_in(FRENCH[key]) == names_in(ENGLISH[key])

    @pytest.mark.parametrize("key", sorted(ENGLISH))
    def test_every_text_is_used(self, key):
        folder = Path(module.__file__).parent
        sources = "".join(p.read_text("utf-8") for p in folder.glob("*.py") if p.name != "texts.py")
        reasons = {key for key in ENGLISH if key.startswith("authentication-")}

        assert re.search(f"[\"']{key}[\"']", sources) or key in reasons


class TestTexts:
    @pytest.mark.parametrize("language", ["fr", "fr-FR", "fr_FR.UTF-8", "FR"])
    def test_french_is_french(self, language):
        assert Texts(language)("bye") == "Au revoir."

    @pytest.mark.parametrize("language", ["", "en-US", "de-DE", "C"])
    def test_all_else_is_english(self, language):
        assert Texts(language)("bye") == "Bye."

    def test_values_are_neutralised(self):
        assert Texts()("context", name="\x1b[2J{0}\n") == "context: ␛[2J{0}"

    def test_a_known_reason_is_explained(self):
        assert Texts().reason("authentication-expired") == "it has expired"

    @pytest.mark.parametrize(("reason", "told"), [("ne\x1bwer", "ne␛wer"), ("", "?")])
    def test_a_newer_reason_is_told(self, reason, told):
        assert Texts().reason(reason) == told

    def test_a_paragraph_keeps_its_lines(self):
        assert re.search(r"\n.*/who", Texts().paragraph("help"))
