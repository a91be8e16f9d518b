"""What holds for any text at any time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import evolve
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from builtin_meanings import NOW, described
from pytlas_wamp.understanding.builtins import ENTITIES, BuiltinParser
from pytlas_wamp.understanding.builtins.language import LANGUAGES

from pytlas.understanding import UnitValue  # isort: skip - compat comes first

_WORDS = [
    "at",
    "in",
    "on",
    "from",
    "to",
    "between",
    "and",
    "the",
    "of",
    "half",
    "past",
    "quarter",
    "minus",
    "last",
    "next",
    "this",
    "two",
    "5",
    "17",
    "31",
    "2018",
    "monday",
    "may",
    "march",
    "morning",
    "noon",
    "tomorrow",
    "week",
    "hours",
    "percent",
    "dollars",
    "degrees",
    "first",
    "since",
    "until",
    "%",
    "$",
    "€",
    "1/2",
    "3:45",
    "10.30",
    "2018-02-30",
    "99999999",
    "million",
    "century",
    "easter",
    "february",
    "à",
    "dans",
    "prochain",
    "du",
    "am",
    "nächsten",
    "vor",
    "las",
    "y",
    "media",
    "alle",
    "dieci",
    "às",
    "um",
    "½",
    ".",
    ",",
    "-",
    "30",
    "29",
    "12",
    "0",
    "hundred",
    "thousand",
    "ago",
    "before",
]
_TEXTS = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=10).map(" ".join)
)
_ZONES = ("Europe/Paris", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "UTC")
_TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2500, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([ZoneInfo(name) for name in _ZONES]),
)
_LANGUAGES = st.sampled_from(LANGUAGES)
_TIMES_OF = {"snips/datetime", "snips/date", "snips/time", "snips/datePeriod", "snips/timePeriod"}


def is_time(value, zone):
    return isinstance(value, datetime) and value.tzinfo is zone


def is_documented(match, zone):
    """Whether a value is of the type that its entity promises."""
    value = match.value
    if match.entity in _TIMES_OF:
        if isinstance(value, tuple):
            sides = [side for side in value if side is not None]
            return bool(sides) and len(value) == 2 and all(is_time(each, zone) for each in sides)
        return is_time(value, zone)
    kinds = {
        "snips/duration": relativedelta,
        "snips/amountOfMoney": UnitValue,
        "snips/temperature": UnitValue,
        "snips/ordinal": int,
    }
    return isinstance(value, kinds.get(match.entity, float))


class TestAnyText:
    @given(text=_TEXTS, now=_TIMES, language=_LANGUAGES)
    def test_matches_stand_in_the_text_and_do_not_overlap(self, text, now, language):
        reached = 0
        for match in BuiltinParser(language).find(text, now=now):
            assert reached <= match.start < match.end <= len(text)
            assert match.text == text[match.start : match.end]
            reached = match.end

    @given(text=_TEXTS, now=_TIMES, language=_LANGUAGES)
    def test_values_are_of_the_documented_types(self, text, now, language):
        for match in BuiltinParser(language).find_each(text, now=now):
            assert is_documented(match, now.tzinfo)

    @given(text=_TEXTS, now=_TIMES, language=_LANGUAGES)
    def test_intervals_begin_before_they_end(self, text, now, language):
        for match in BuiltinParser(language).find_each(text, now=now):
            if isinstance(match.value, tuple) and None not in match.value:
                assert match.value[0] < match.value[1]

    @given(text=_TEXTS, language=_LANGUAGES, entity=st.sampled_from(ENTITIES))
    def test_a_whole_is_found_or_refused(self, text, language, entity):
        match = BuiltinParser(language).parse_whole(text, entity, now=NOW)
        assert match is None or (match.entity == entity and is_documented(match, NOW.tzinfo))

    @given(text=_TEXTS, now=_TIMES, language=_LANGUAGES)
    def test_the_same_text_means_the_same(self, text, now, language):
        def found():
            matches = BuiltinParser(language).find_each(text, now=now)
            return [evolve(match, value=described(match.value)) for match in matches]

        assert found() == found()

    @settings(max_examples=20)
    @given(text=st.text(alphabet="5/:- .,àmondy", min_size=1, max_size=9), language=_LANGUAGES)
    def test_long_texts_are_read_too(self, text, language):
        long_text = text * (65_536 // len(text))
        for match in BuiltinParser(language).find(long_text, now=NOW):
            assert match.text == long_text[match.start : match.end]

    def test_the_seed_of_hashes_does_not_matter(self):
        program = (
            "from datetime import datetime, UTC\n"
            "from pytlas_wamp.understanding.builtins import BuiltinParser\n"
            "now = datetime(2018, 2, 14, 10, tzinfo=UTC)\n"
            "for text in ('2 heures et demie', 'du 3 au 5 mars à 8h', 'trois euros 20', '1/2'):\n"
            "    print([(m.entity, m.text, str(m.grain)) for m in\n"
            "           BuiltinParser('fr').find_each(text, now=now)])\n"
        )
        outputs = {
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                check=True,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(outputs) == 1
