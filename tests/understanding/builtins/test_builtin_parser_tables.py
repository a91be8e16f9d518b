"""What people say and what it means on Wednesday 14 February 2018, 10:20:30, in Paris."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builtin_meanings import NOW, described
from pytlas_wamp.understanding.builtins import BuiltinParser
from pytlas_wamp.understanding.builtins.language import LANGUAGES

_FOLDER = Path(__file__).parent / "tables"
TABLES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.json"))}
WHOLE = [(name[:2], *row) for name, table in TABLES.items() for row in table["whole"]]
SENTENCES = [(name[:2], *row) for name, table in TABLES.items() for row in table["sentences"]]


class TestTables:
    @pytest.mark.parametrize(("language", "text", "entity", "meaning", "grain"), WHOLE)
    def test_the_text_means_this(self, language, text, entity, meaning, grain):
        match = BuiltinParser(language).parse_whole(text, entity, now=NOW)
        assert match is not None
        assert (described(match.value), match.grain) == (meaning, grain)

    @pytest.mark.parametrize(("language", "text", "entity", "meaning", "grain"), WHOLE)
    def test_case_does_not_matter(self, language, text, entity, meaning, grain):
        match = BuiltinParser(language).parse_whole(text.upper(), entity, now=NOW)
        assert match is not None
        assert (described(match.value), match.grain) == (meaning, grain)

    @pytest.mark.parametrize(("language", "text", "found"), SENTENCES)
    def test_the_sentence_holds_these(self, language, text, found):
        matches = BuiltinParser(language).find(text, now=NOW)
        assert [[match.text, match.entity, described(match.value)] for match in matches] == found

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_has_its_table(self, language):
        assert len(TABLES[language]["whole"]) >= 30
