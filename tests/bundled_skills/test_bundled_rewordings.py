"""The shipped skills, asked in words that nobody trained: how much is understood, and refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.normalisation import read
from pytlas_wamp.understanding.statistical import create

import pychatl  # isort: skip - compat comes first
from pychatl.adapters import snips  # isort: skip
from pytlas.conversing.agent import build_scopes  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

REWORDINGS = tomllib.loads(
    (Path(__file__).parent / "rewordings.toml").read_text(encoding="utf-8"),
)
LANGUAGES = ("en", "fr")
FEWEST_UNDERSTOOD, FEWEST_REFUSED = 40, 15

FITTED = {}


def sentences_in(lang):
    return [one for one in REWORDINGS["sentence"] if one["language"] == lang]


def belonging_to_a_skill(lang):
    return [one for one in sentences_in(lang) if one["intent"]]


def belonging_to_none(lang):
    return [one for one in sentences_in(lang) if not one["intent"]]


def training_data(lang):
    data = {}
    for text in GLOBAL_TRAININGS.all(lang).values():
        data = pychatl.merge(data, pychatl.parse(text))
    return snips(data, language=lang)


def fitted(lang):
    if lang not in FITTED:
        data = training_data(lang)
        interpreter = create(lang, None)
        interpreter.fit(data)
        FITTED[lang] = SimpleNamespace(data=data, interpreter=interpreter)
    return FITTED[lang]


def wanted_slots(sentence):
    slots = sentence.get("slots", {})
    return {slot: [values] if isinstance(values, str) else values for slot, values in slots.items()}


def told(lang, sentence):
    """The intent and its slots, in the scope in which pytlas would ask for them."""
    interpreter = fitted(lang).interpreter
    context = sentence["intent"].rpartition("/")[0] or None
    found = interpreter.parse(sentence["text"], build_scopes(interpreter.intents)[context])
    if not found:
        return "", {}
    slots = {
        slot: [value.meta["rawValue"].lower() for value in values]
        for slot, values in found[0].slots.items()
    }
    return found[0].name, slots


def with_slots_named(utterance):
    """What stays the same whichever value stands in a slot."""
    parts = [part.get("slot_name", part["text"]) for part in utterance["data"]]
    return read(" ".join(parts)).keys


def check(lang, kind, failures, count):
    """Fail with every sentence that went wrong, if more did than the floor allows."""
    share = 1 - len(failures) / count
    title = f"{lang} {kind}: {share:.3f} of {count}"
    print("\n  ".join([title, *failures]))  # noqa: T201 - pytest shows it with -rP
    assert share >= REWORDINGS["floors"][lang][kind], "\n  ".join([title, *failures])


@pytest.fixture(params=LANGUAGES)
def lang(request, skills):
    return request.param


class TestRewordings:
    def test_there_are_enough_of_both_kinds(self, lang):
        assert len(belonging_to_a_skill(lang)) >= FEWEST_UNDERSTOOD
        assert len(belonging_to_none(lang)) >= FEWEST_REFUSED

    def test_every_intent_has_some(self, lang):
        assert {one["intent"] for one in belonging_to_a_skill(lang)} == set(
            fitted(lang).data["intents"]
        )

    def test_none_is_in_the_training_data(self, lang):
        trained = {
            with_slots_named(utterance)
            for intent in fitted(lang).data["intents"].values()
            for utterance in intent["utterances"]
        }
        found = []
        for one in sentences_in(lang):
            text = one["text"]
            for slot, values in wanted_slots(one).items():
                for value in values:
                    text = text.replace(value, f" {slot} ")
            if {read(one["text"]).keys, read(text).keys} & trained:
                found.append(one["text"])
        assert found == []

    def test_the_values_stand_in_the_sentences(self, lang):
        for one in sentences_in(lang):
            for values in wanted_slots(one).values():
                assert [value for value in values if value not in one["text"]] == []


class TestShares:
    def test_intents_are_understood(self, lang):
        sentences = belonging_to_a_skill(lang)
        failures = []
        for one in sentences:
            intent, _ = told(lang, one)
            if intent != one["intent"]:
                failures.append(f"{one['text']!r} is {one['intent']}, not {intent or 'refused'}")
        check(lang, "understood", failures, len(sentences))

    def test_slots_are_filled(self, lang):
        """Of the sentences that are understood, and have slots or were given some."""
        failures, count = [], 0
        for one in belonging_to_a_skill(lang):
            (intent, slots), wanted = told(lang, one), wanted_slots(one)
            if intent == one["intent"] and (slots or wanted):
                count += 1
                if slots != wanted:
                    failures.append(f"{one['text']!r} ({intent}) has {wanted}, not {slots}")
        check(lang, "slots", failures, count)

    def test_what_belongs_to_no_skill_is_refused(self, lang):
        sentences = belonging_to_none(lang)
        failures = []
        for one in sentences:
            intent, slots = told(lang, one)
            if intent:
                failures.append(f"{one['text']!r} is nothing, not {intent} {slots or ''}".rstrip())
        check(lang, "refused", failures, len(sentences))
