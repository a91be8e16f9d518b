"""A trained model tells what a sentence means, or that it means nothing to the skills."""

from __future__ import annotations

import math

import pytest

from pytlas_wamp.understanding.statistical import model as module
from pytlas_wamp.understanding.statistical.model import Knowledge
from statistical_training import CHATL, NOW, REWORDINGS, read, trained, training_data

HELLO = """
%[hello]
  hello there
  good morning
  hi assistant

%[weather]
  how is the weather in @[city]
  will it rain in @[city]

%[pick]
  pick @[level]
  pick number @[level]

@[city]
  Rome

@[level](type=number)
  5
"""


def told(text, chatl=CHATL, scope=None, now=NOW):
    allowed = (lambda _: True) if scope is None else scope.__contains__
    return trained(chatl).read(text, allowed, now)


def slots(verdict):
    return [(one.slot, one.value) for one in verdict.fillings]


class TestKnowledge:
    def test_slots_have_their_entity_by_intent(self):
        knowledge = Knowledge.of(training_data(), "en")
        assert knowledge.slot_entities["paint"] == {"room": "room", "color": "color"}
        assert knowledge.slot_entities["wake"] == {"moment": "snips/datetime"}

    def test_hints_show_values_and_builtin_entities(self):
        hints = Knowledge.of(training_data(), "en").hints("en")
        assert hints.builtins.names == ["snips/datetime"]
        found = hints.of(read("azure at noon"))
        assert "color=U" in found[0]
        assert any(hint.startswith("snips/datetime") for hint in found[2])

    def test_data_without_intents_is_known_nothing_of(self):
        knowledge = Knowledge.of({}, "en")
        assert (knowledge.entities, knowledge.slot_entities) == ({}, {})


class TestData:
    def test_is_the_same_after_packing(self):
        assert trained().data() == training_data()


class TestTemplates:
    @pytest.mark.parametrize(
        ("text", "intent", "expected"),
        [
            ("light up the kitchen", "lamp_on", [("room", "kitchen")]),
            ("Turn OFF the light, in the Lounge!", "lamp_off", [("room", "living room")]),
            ("could you please light up the kitchen, thank you", "lamp_on", [("room", "kitchen")]),
            ("please paint everything azure", "paint", [("color", "blue")]),
            ("lights out", "lamp_off", []),
        ],
    )
    def test_a_training_sentence_is_certain(self, text, intent, expected):
        verdict = told(text)
        assert (verdict.intent, slots(verdict)) == (intent, expected)
        assert (verdict.stage, verdict.confidence) == ("template", math.inf)

    @pytest.mark.parametrize(("number", "value"), [("7", 7.0), ("twenty-one", 21.0)])
    def test_builtin_values_are_known_ones(self, number, value):
        verdict = told(f"pick {number}", HELLO)
        assert (verdict.stage, slots(verdict)) == ("template", [("level", value)])
        verdict = told("wake me up at half past six")
        assert verdict.intent == "wake"
        assert slots(verdict)[0][1].minute == 30


class TestStatistics:
    @pytest.mark.parametrize(("text", "intent"), REWORDINGS.items())
    def test_rewordings_are_understood(self, text, intent):
        assert told(text).intent == intent

    def test_the_scores_are_told_the_best_first(self):
        verdict = told("kindly switch off the lights")
        assert verdict.stage == "statistics"
        assert verdict.confidence > 0
        assert verdict.scores[0][0] == verdict.intent == "lamp_off"
        assert {name for name, _ in verdict.scores} == set(trained().names)
        numbers = [score for _, score in verdict.scores]
        assert numbers == sorted(numbers, reverse=True)

    @pytest.mark.parametrize(
        "text",
        ["how tall is mount everest", "my hovercraft is full of eels", "who won the world cup"],
    )
    def test_what_is_none_of_its_business_is_refused(self, text):
        verdict = told(text)
        assert (verdict.intent, verdict.stage, verdict.fillings) == (None, "statistics", ())
        assert verdict.confidence < 0
        assert verdict.scores

    def test_an_unknown_value_is_taken_as_said(self):
        verdict = told("please turn on the light in the Dungeon")
        assert slots(verdict) == [("room", "Dungeon")]
        assert not verdict.fillings[0].known

    def test_a_template_tells_though_its_values_are_unknown(self):
        verdict = told("delete donald duck from my friends")
        assert (verdict.intent, verdict.stage) == ("friend_remove", "template")
        assert slots(verdict) == [("person", "donald duck")]
        assert verdict.reasons[-1] == 'no value is known like "donald duck"'

    @pytest.mark.parametrize(
        "text", ["alarm the neighbours", "delete the dog and the cat and all of it from my friends"]
    )
    def test_a_template_tells_little_with_more_unknown_words_than_it_has(self, text):
        assert told(text).stage == "statistics"

    def test_a_template_tells_nothing_with_what_is_no_time_for_a_time(self):
        assert told("set an alarm for the whole kitchen").stage == "statistics"

    def test_words_of_a_new_order_fill_their_slots(self):
        verdict = told("kindly switch off the lights in the lounge")
        assert (verdict.intent, slots(verdict)) == ("lamp_off", [("room", "living room")])

    def test_a_closed_entity_takes_no_unknown_value(self):
        verdict = told("could you paint my kitchen walls beige")
        assert (verdict.intent, dict(slots(verdict)).get("color")) == ("paint", None)

    def test_an_intent_without_slots_has_none(self):
        verdict = told("hi hello good morning there", HELLO)
        assert (verdict.intent, verdict.stage, verdict.fillings) == ("hello", "statistics", ())


class TestScopes:
    @pytest.mark.parametrize("text", ["turn on the light", "please turn on that light"])
    def test_are_never_left(self, text):
        assert told(text).intent == "lamp_on"
        assert told(text, scope=["paint", "wake"]).intent is None

    def test_an_empty_one_allows_nothing(self):
        assert told("turn on the light", scope=[]).intent is None

    def test_scores_are_of_allowed_intents(self):
        verdict = told("kindly switch off the lights", scope=["paint", "lamp_off"])
        assert {name for name, _ in verdict.scores} == {"paint", "lamp_off"}


class TestNothing:
    @pytest.mark.parametrize("text", ["", " ", "?!", "\x00\x07", "\U0001f389", "a " * 257])
    def test_to_read_is_no_intent(self, text):
        verdict = told(text)
        assert (verdict.intent, verdict.stage, verdict.scores) == (None, "empty", ())


class TestMoments:
    @pytest.mark.parametrize("text", ["wake me up at 6 am", "please do wake me at 6 am"])
    def test_are_counted_from_now(self, text):
        verdict = told(text)
        assert slots(verdict) == [("moment", NOW.replace(day=24, hour=6, minute=0))]

    def test_without_a_now_the_text_stays(self):
        ((_, value),) = slots(told("wake me up at 6 am", now=None))
        assert value in "wake me up at 6 am"

    def test_skills_without_any_need_no_now(self):
        chatl = "%[hello]\n  hello there\n  good morning\n"
        assert told("hello there", chatl) == told("hello there", chatl, now=None)


class TestWellFedIntents:
    """Intents with many sentences: their fields are asked, and templates are not."""

    @pytest.fixture(autouse=True)
    def fed(self, monkeypatch):
        monkeypatch.setattr(module, "_ENOUGH_SENTENCES", 1)

    def test_fields_fill_the_slots(self):
        verdict = told("kindly switch off the lights in the lounge")
        assert (verdict.intent, slots(verdict)) == ("lamp_off", [("room", "living room")])

    def test_fields_have_a_say_where_scores_are_close(self, monkeypatch):
        text = "kindly switch off the lights"
        alone = dict(told(text).scores)
        monkeypatch.setattr(module, "_CLOSE", 100.0)
        together = dict(told(text).scores)
        assert all(together[name] < alone[name] for name in alone)
        assert told(text).intent == "lamp_off"

    def test_where_one_is_far_ahead_they_are_not_asked(self, monkeypatch):
        monkeypatch.setattr(module, "_CLOSE", 0.0)
        assert told("kindly switch off the lights").intent == "lamp_off"
