"""Moments and intervals, on Wednesday 14 February 2018 at 10:20:30."""

from __future__ import annotations

import pytest

from builtin_meanings import NOW, when

SPANS = [
    ("now", "2018-02-14 10:20:30"),
    ("in two hours", "2018-02-14 12:20:30"),
    ("two hours ago", "2018-02-14 08:20:30"),
    ("two days after christmas", "2018-12-27"),
    ("an hour before noon", "2018-02-14 11:00"),
    ("two hours after christmas", "2018-12-25 02:00"),
    ("tomorrow at 5pm", "2018-02-15 17:00"),
    ("at 5pm tomorrow", "2018-02-15 17:00"),
    ("today at 5", "2018-02-14 17:00"),
    ("today at 8 am", "2018-02-14 08:00"),
    ("wednesday at 8 am", "2018-02-21 08:00"),
    ("wednesday at 5 pm", "2018-02-14 17:00"),
    ("in two weeks at 5 pm", "2018-02-28 17:00"),
    ("at 5 pm in two weeks", "2018-02-28 17:00"),
    ("in two hours at 5 pm", None),
    ("in two days in the morning", "2018-02-16 06:00 .. 2018-02-16 12:00"),
    ("in two hours in the morning", None),
    ("this evening at eight", "2018-02-14 20:00"),
    ("at eight this evening", "2018-02-14 20:00"),
    ("tomorrow night at 2", "2018-02-16 02:00"),
    ("midnight tonight", "2018-02-15"),
    ("monday morning", "2018-02-19 06:00 .. 2018-02-19 12:00"),
    ("wednesday morning", "2018-02-14 06:00 .. 2018-02-14 12:00"),
    ("the morning of june 3", "2018-06-03 06:00 .. 2018-06-03 12:00"),
    ("next week morning", None),
    ("in the morning", "2018-02-14 06:00 .. 2018-02-14 12:00"),
    ("last night", "2018-02-13 20:00 .. 2018-02-14 04:00"),
    ("end of the day", "2018-02-14 17:00 .. 2018-02-15"),
    ("tomorrow from 9 to 5", "2018-02-15 09:00 .. 2018-02-15 17:00"),
    ("from 9 to 5 tomorrow", "2018-02-15 09:00 .. 2018-02-15 17:00"),
    ("this evening from 8 to 10", "2018-02-14 20:00 .. 2018-02-14 22:00"),
    ("from 8 to 10 this evening", "2018-02-14 20:00 .. 2018-02-14 22:00"),
    ("from 3 to 5 next week", None),
    ("between 3 and 5 pm", "2018-02-14 15:00 .. 2018-02-14 17:00"),
    ("from 3 pm to 5", "2018-02-14 15:00 .. 2018-02-14 17:00"),
    ("from 10 pm to 2 am", "2018-02-14 22:00 .. 2018-02-15 02:00"),
    ("from 8 to 9 am", "2018-02-15 08:00 .. 2018-02-15 09:00"),
    ("tomorrow at 3 to 5", "2018-02-15 15:00 .. 2018-02-15 17:00"),
    ("tomorrow at 3 pm to 2 pm", "2018-02-15 15:00 .. 2018-02-16 14:00"),
    ("in two weeks to 5", None),
    ("from 2 pm to 3 pm on thursday", "2018-02-15 14:00 .. 2018-02-15 15:00"),
    ("from 5 pm to tomorrow at 3 pm", "2018-02-14 17:00 .. 2018-02-15 15:00"),
    ("this time tomorrow", "2018-02-15 10:20:30"),
    ("this time next week", None),
    ("later today", "2018-02-14 10:20:30 .. 2018-02-15"),
    ("monday to friday", "2018-02-19 .. 2018-02-24"),
    ("friday to monday", "2018-02-16 .. 2018-02-20"),
    ("from sept 3 to sept 5 2018", "2018-09-03 .. 2018-09-06"),
    ("from sept 3 to sept 5 2017", "2017-09-03 .. 2017-09-06"),
    ("from december to january 2020", "2019-12-01 .. 2020-02-01"),
    ("from monday to yesterday", "2018-02-12 .. 2018-02-14"),
    ("from tomorrow to yesterday", None),
    ("from noon to tomorrow", "2018-02-14 12:00 .. 2018-02-16"),
    ("from 5 o'clock to tomorrow", "2018-02-14 17:00 .. 2018-02-16"),
    ("from the 3rd to the 5th of june", "2018-06-03 .. 2018-06-06"),
    ("from the 7th to the 5th of june", "2018-03-07 .. 2018-06-06"),
    ("march 3 to 5", "2018-03-03 .. 2018-03-06"),
    ("march 3 to 5, 2020", "2020-03-03 .. 2020-03-06"),
    ("march 5 to 3", None),
    ("since monday", "2018-02-12 .. "),
    ("since february", "2018-02-01 .. "),
    ("since 5 pm", "2018-02-13 17:00 .. "),
    ("since noon", "2018-02-13 12:00 .. "),
    ("from tomorrow on", "2018-02-15 .. "),
    ("after 5pm", "2018-02-14 17:00 .. "),
    ("after 5", "2018-02-14 17:00 .. "),
    ("after 50", None),
    ("after friday", "2018-02-17 .. "),
    ("after lunch", "2018-02-14 14:00 .. "),
    ("before noon", " .. 2018-02-14 12:00"),
    ("before 5", " .. 2018-02-14 17:00"),
    ("before 50", None),
    ("before friday", " .. 2018-02-16"),
    ("by friday", " .. 2018-02-17"),
    ("until 6pm", " .. 2018-02-14 18:00"),
    ("for two hours", "2018-02-14 10:20:30 .. 2018-02-14 12:20:30"),
    ("for 0 hours", None),
    ("for the past two hours", "2018-02-14 08:20:30 .. 2018-02-14 10:20:30"),
    ("since 2 hours", "2018-02-14 08:20:30 .. 2018-02-14 10:20:30"),
    ("since 0 hours", None),
    ("within the hour", "2018-02-14 10:20:30 .. 2018-02-14 11:20:30"),
    ("tomorrow at 3 for two hours", "2018-02-15 15:00 .. 2018-02-15 17:00"),
    ("two hours starting at 3 pm", "2018-02-14 15:00 .. 2018-02-14 17:00"),
    ("at 3 pm for 0 hours", None),
    ("soon", "2018-02-14 10:20:30 .. 2018-02-21 10:20:30"),
    ("recently", "2018-02-07 10:20:30 .. 2018-02-14 10:20:30"),
    ("8", "2018-02-14 20:00"),
    ("14", "2018-02-14 14:00"),
    ("50", None),
    ("15 minutes", "2018-02-14 10:35:30"),
    # Monday the 29th of February comes next in 2044, beyond what is searched.
    ("two days after monday february 29", None),
    ("monday february 29 in the morning", None),
]


class TestSpans:
    @pytest.mark.parametrize(("text", "expected"), SPANS)
    def test_when_it_is(self, text, expected):
        assert when(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Montagabend", "2018-02-19 18:00 .. 2018-02-20"),
            ("heute Abend um acht", "2018-02-14 20:00"),
        ],
    )
    def test_german_words_are_glued(self, text, expected):
        assert when(text, language="de") == expected

    def test_a_morning_that_is_over_moves_on_a_week(self):
        afternoon = NOW.replace(hour=14)
        assert when("wednesday morning", now=afternoon) == "2018-02-21 06:00 .. 2018-02-21 12:00"
