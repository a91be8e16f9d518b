"""What callers of the parser can rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from builtin_meanings import NOW, described, meaning
from pytlas_wamp.understanding.builtins import ENTITIES, SUPPORTED, BuiltinParser

ENGLISH = BuiltinParser("en")


def found(text, entities=None, *, now=NOW):
    return [(match.text, match.entity) for match in ENGLISH.find(text, entities, now=now)]


class TestFind:
    def test_the_longest_wins(self):
        assert found("at 5 pm tomorrow or 5 dollars") == [
            ("at 5 pm tomorrow", "snips/datetime"),
            ("5 dollars", "snips/amountOfMoney"),
        ]

    def test_spans_are_of_the_text_as_written(self):
        (match,) = BuiltinParser("fr").find("Rendez-vous À  MIDI, non ?", now=NOW)
        assert (match.start, match.end, match.text) == (12, 19, "À  MIDI")

    def test_only_what_is_wanted(self):
        assert found("5 minutes", {"snips/number"}) == [("5", "snips/number")]
        assert found("5 minutes", set()) == []

    def test_the_most_general_is_preferred(self):
        assert found("tomorrow", {"snips/date", "snips/datetime"}) == [
            ("tomorrow", "snips/datetime")
        ]

    def test_an_article_is_no_number(self):
        french = BuiltinParser("fr")
        assert french.find("un chat", now=NOW) == []
        assert french.find_each("un chat", now=NOW) == []
        assert french.parse_whole("un", "snips/number", now=NOW).value == 1.0

    def test_words_of_two_meanings_need_company(self):
        assert found("may the sun fall on mars") == []
        assert found("in may") == [("in may", "snips/datetime")]

    @pytest.mark.parametrize("text", ["a table for two", "rate it 4 of 6", "room 1204"])
    def test_numbers_that_are_no_times(self, text):
        assert found(text, {"snips/datetime"}) == []

    @pytest.mark.parametrize(
        "text", ["je vais à la mer", "la deuxième chanson", "une table pour deux"]
    )
    def test_words_that_are_no_times_in_french(self, text):
        assert BuiltinParser("fr").find(text, {"snips/datetime"}, now=NOW) == []

    def test_find_each_lets_entities_overlap(self):
        matches = ENGLISH.find_each("in 5 minutes", now=NOW)
        assert [(match.text, match.entity) for match in matches] == [
            ("in 5 minutes", "snips/datetime"),
            ("in 5 minutes", "snips/time"),
            ("5 minutes", "snips/duration"),
            ("5", "snips/number"),
        ]

    def test_find_each_keeps_to_what_is_wanted(self):
        assert len(ENGLISH.find_each("in 5 minutes or 6", ["snips/number"], now=NOW)) == 2

    def test_what_stands_beyond_the_bound_is_not_read(self):
        assert found("word " * 300 + "tomorrow") == []


class TestFindAll:
    def all_of(self, text, entity, parser=ENGLISH):
        return [(match.text, match.value) for match in parser.find_all(text, entity, now=NOW)]

    def test_overlapping_parts_are_all_found(self):
        texts = {text for text, _ in self.all_of("tomorrow at noon", "snips/datetime")}
        assert {"tomorrow", "noon", "tomorrow at noon"} <= texts

    def test_a_number_may_end_before_its_and(self):
        texts = [text for text, _ in self.all_of("twenty and five", "snips/number")]
        assert sorted(texts) == ["five", "twenty", "twenty and five"]
        assert ("two hundred", 200.0) in self.all_of("two hundred and three", "snips/number")

    def test_an_article_may_be_a_number(self):
        assert self.all_of("un chat", "snips/number", BuiltinParser("fr")) == [("un", 1.0)]

    def test_a_number_alone_is_no_time(self):
        assert self.all_of("8", "snips/datetime") == []

    @pytest.mark.parametrize("entity", ["snips/number", "snips/datetime", "snips/musicArtist"])
    def test_other_texts_have_none(self, entity):
        assert self.all_of("good morrow to you", entity) == self.all_of("", entity) == []


class TestReplies:
    def replied(self, text, entity):
        return [(match.text, match.value) for match in ENGLISH.parse_reply(text, entity, now=NOW)]

    def test_all_of_a_reply_is_its_value(self):
        ((text, value),) = self.replied("uh, 8 please", "snips/datetime")
        assert text == "8"
        assert value == ENGLISH.parse_whole("8", "snips/datetime", now=NOW).value

    def test_else_what_stands_in_it_counts(self):
        assert self.replied("5 dogs or six cats", "snips/number") == [("5", 5.0), ("six", 6.0)]

    @pytest.mark.parametrize("entity", ["snips/number", "snips/musicArtist"])
    def test_a_reply_may_say_nothing(self, entity):
        assert self.replied("whatever you like", entity) == []


class TestEntities:
    @pytest.mark.parametrize(
        ("text", "entity", "value"),
        [
            ("tomorrow", "snips/date", "2018-02-15 00:00:00"),
            ("tomorrow", "snips/time", None),
            ("at noon", "snips/time", "2018-02-14 12:00:00"),
            ("at noon", "snips/date", None),
            ("next week", "snips/date", None),
            ("next week", "snips/datetime", "2018-02-19 00:00:00"),
            ("next week", "snips/datePeriod", ["2018-02-19 00:00:00", "2018-02-26 00:00:00"]),
            ("since monday", "snips/datePeriod", ["2018-02-12 00:00:00", None]),
            ("this evening", "snips/timePeriod", ["2018-02-14 18:00:00", "2018-02-15 00:00:00"]),
            ("this evening", "snips/datePeriod", None),
            ("this evening", "snips/time", None),
            ("tomorrow", "snips/timePeriod", None),
            ("two hours", "snips/duration", {"hours": 2}),
            ("15 %", "snips/percentage", 0.15),
            ("third", "snips/ordinal", 3),
            ("three", "snips/number", 3.0),
            ("three", "snips/nonsense", None),
        ],
    )
    def test_each_has_its_kind_of_value(self, text, entity, value):
        assert meaning(text, entity) == value

    def test_types_are_exact(self):
        assert type(meaning("3", "snips/number")) is float
        assert type(meaning("3rd", "snips/ordinal")) is int
        assert type(meaning("10 %", "snips/percentage")) is float

    def test_the_list_of_entities(self):
        assert len(ENTITIES) == 11
        assert SUPPORTED["fr"] == set(ENTITIES)


class TestWhole:
    @pytest.mark.parametrize(
        "text", ["tomorrow", " tomorrow!", "um, tomorrow please", "\u2026tomorrow?"]
    )
    def test_words_that_add_nothing_do_not_matter(self, text):
        match = ENGLISH.parse_whole(text, "snips/datetime", now=NOW)
        assert described(match.value) == "2018-02-15 00:00:00"

    @pytest.mark.parametrize("text", ["", "   ", "???", "tomorrow or so it seems", "word " * 300])
    def test_other_words_do(self, text):
        assert ENGLISH.parse_whole(text, "snips/datetime", now=NOW) is None

    @pytest.mark.parametrize("text", ["in 9999 years", "9998 years ago"])
    def test_beyond_the_calendar_is_refused(self, text):
        assert ENGLISH.parse_whole(text, "snips/datetime", now=NOW) is None


class TestReference:
    def test_a_naive_time_is_refused(self):
        with pytest.raises(ValueError, match="has no time zone"):
            ENGLISH.find("now", now=datetime(2018, 2, 14))  # noqa: DTZ001 - the point

    @pytest.mark.parametrize("code", ["xx", "", "klingon"])
    def test_an_unknown_language_is_refused(self, code):
        with pytest.raises(ValueError, match="no builtin entities for the language"):
            BuiltinParser(code)

    def test_a_region_does_not_matter(self):
        assert BuiltinParser("en_GB").parse_whole("noon", "snips/time", now=NOW) is not None

    def test_the_zone_decides_what_today_is(self):
        moment = datetime(2018, 2, 14, 23, 30, tzinfo=UTC)
        found_in = {
            name: described(ENGLISH.find("today", now=moment.astimezone(ZoneInfo(name)))[0].value)
            for name in ("UTC", "Europe/Paris")
        }
        assert found_in == {"UTC": "2018-02-14 00:00:00", "Europe/Paris": "2018-02-15 00:00:00"}

    @pytest.mark.parametrize(
        ("now", "text", "expected"),
        [
            ("2018-03-24T20:00", "tomorrow at 2:30 am", "2018-03-25T03:30:00+02:00"),
            ("2018-03-25T01:30", "in an hour", "2018-03-25T03:30:00+02:00"),
            ("2018-03-24T10:00", "in a day", "2018-03-25T10:00:00+02:00"),
            ("2018-03-24T10:00", "in 24 hours", "2018-03-25T11:00:00+02:00"),
            ("2018-10-27T10:00", "in 24 hours", "2018-10-28T09:00:00+01:00"),
            ("2018-10-27T10:00", "tomorrow at 2:30 am", "2018-10-28T02:30:00+02:00"),
            ("2018-10-28T00:30", "in 2 hours", "2018-10-28T02:30:00+02:00"),
            ("2018-10-28T00:30", "in 3 hours", "2018-10-28T02:30:00+01:00"),
        ],
    )
    def test_nights_in_which_clocks_change(self, now, text, expected):
        moment = datetime.fromisoformat(now).replace(tzinfo=NOW.tzinfo)
        assert ENGLISH.find(text, now=moment)[0].value.isoformat() == expected

    def test_parsers_of_one_language_are_equal(self):
        assert BuiltinParser("en") == BuiltinParser("en")
