"""What holds for every message; each property says how often it met what it is about."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statistical_training import CHATL, fitted, training_data
from strategies import share

FRENCH = """
%[allume]
  allume la lumière
  allume la lumière dans l'@[pièce]
  mets de la lumière dans l'@[pièce]
  éclaire l'@[pièce]
  j'ai besoin de lumière dans l'@[pièce]

%[peins]
  peins l'@[pièce] en @[couleur]
  repeins tout en @[couleur]
  je veux des murs @[couleur]
  mets du @[couleur] sur les murs

%[volume]
  monte le son de @[pas]
  augmente le volume de @[pas] crans
  plus fort de @[pas]

@[pièce]
  entrée
  atelier

@[couleur](extensible=false)
  rouge
  ~[bleu foncé]

~[bleu foncé]
  bleu-nuit

@[pas](type=number)
  2
"""

CHATLS = {"en": CHATL, "fr": FRENCH}
DATA = {language: training_data(chatl, language) for language, chatl in CHATLS.items()}
UTTERANCES = {
    language: [
        utterance for content in data["intents"].values() for utterance in content["utterances"]
    ]
    for language, data in DATA.items()
}
SLOTS = {
    language: sorted(
        {
            (intent, part["slot_name"])
            for intent, content in data["intents"].items()
            for utterance in content["utterances"]
            for part in utterance["data"]
            if "slot_name" in part
        }
    )
    for language, data in DATA.items()
}
CLOSED = {
    language: {
        name: {item["value"] for item in entity["data"]}
        for name, entity in data["entities"].items()
        if not entity.get("automatically_extensible", True)
    }
    for language, data in DATA.items()
}
WORDS = {
    language: sorted(
        {
            word
            for utterance in utterances
            for part in utterance["data"]
            for word in part["text"].split()
        }
        | {"azure", "bleu-nuit", "beige", "attic", "x", "5", "cinq", "please", "лампа", "光"}
    )
    for language, utterances in UTTERANCES.items()
}
JOINTS = st.sampled_from(
    [" ", " ", " ", "  ", ", ", "'", "\u2019", "-", "\x00", "\ud800", "\U0001f389"]
)
SIZE = 65_536


@cache
def interpreter_of(language):
    """What has learnt once for all tests, when the first of them asks."""
    return fitted(CHATLS[language], language)


@st.composite
def sentences(draw, language):
    """Training sentences, some of them with other words in their slots."""
    utterance = draw(st.sampled_from(UTTERANCES[language]))
    strange = st.sampled_from(["Dungeon", "donjon sombre", "beige", "seven", "sept", "at 6 am"])
    return "".join(
        draw(st.one_of(st.just(part["text"]), strange)) if "entity" in part else part["text"]
        for part in utterance["data"]
    )


@st.composite
def near_messages(draw, language):
    """Sentences with words swapped, dropped, repeated and oddly joined."""
    words = draw(sentences(language)).split()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 1))] = draw(
            st.lists(st.sampled_from(WORDS[language]), max_size=2)
        )
    joint = draw(st.one_of(st.just(" "), JOINTS))
    message = joint.join(words)
    return draw(st.sampled_from([message, message.upper(), f" {message}?", f"please {message}"]))


def messages(language):
    hostile = st.text(st.characters(exclude_categories=()), max_size=60)
    return st.one_of(near_messages(language), near_messages(language), hostile)


def slot_values(intents):
    return [value for intent in intents for found in intent.slots.values() for value in found]


def described(intents):
    return [
        (
            intent.name,
            {name: [(v.value, v.meta) for v in found] for name, found in intent.slots.items()},
        )
        for intent in intents
    ]


def known(language):
    """What is understood for sure."""
    return ["".join(part["text"] for part in one["data"]) for one in UTTERANCES[language]]


def explore(strategy, check, part=0.6, first=()):
    """Run a check on many examples and count what it reports to have seen.

    Those of `first` are tried whatever is drawn: what is rare has to happen in them.
    """
    seen = Counter()
    for example in first:
        seen.update(check(example))

    @share(part)
    @given(strategy)
    def run(example):
        seen.update(check(example))

    run()
    return seen


@pytest.mark.parametrize("language", ["en", "fr"])
class TestEveryMessage:
    def test_gets_an_intent_or_none_whose_values_lie_in_it(self, language):
        interpreter = interpreter_of(language)

        def check(message):
            intents = interpreter.parse(message)
            assert {intent.name for intent in intents} <= set(interpreter.intents)
            for value in slot_values(intents):
                span = value.meta["range"]
                assert 0 <= span["start"] < span["end"] <= len(message)
                assert message[span["start"] : span["end"]] == value.meta["rawValue"]
                if not value.meta["known"]:
                    assert value.value == value.meta["rawValue"]
                yield value.meta["known"]
            yield f"{len(intents)} intents"
            yield interpreter.explain(message).stage

        seen = explore(messages(language), check, part=1, first=known(language))
        assert seen["1 intents"] > 20
        assert seen["0 intents"] > 5
        assert seen["statistics"] > 15
        assert seen["template"] > 5
        assert interpreter.explain(" ").stage == "empty"
        assert seen[True] > 15
        assert seen[False] > 3

    def test_closed_entities_give_known_values_only(self, language):
        interpreter, closed = interpreter_of(language), CLOSED[language]

        def check(message):
            found = slot_values(interpreter.parse(message))
            yield from ("parse" for value in found if value.meta["entity"] in closed)
            for intent, slot in SLOTS[language]:
                replied = interpreter.parse_slot(intent, slot, message)
                yield from ("reply" for value in replied if value.meta["entity"] in closed)
                found += replied
            for value in found:
                assert value.value in closed.get(value.meta["entity"], {value.value})
                if value.meta["entity"] in closed:
                    assert value.meta["known"]

        seen = explore(messages(language), check, first=known(language))
        assert seen["parse"] > 3
        assert seen["reply"] > 3

    def test_scopes_are_never_left(self, language):
        interpreter = interpreter_of(language)
        scopes = st.lists(st.sampled_from([*interpreter.intents, "unknown"]), max_size=4)

        def check(example):
            message, scope = example
            names = {intent.name for intent in interpreter.parse(message, scope)}
            assert names <= set(scope)
            everywhere = {intent.name for intent in interpreter.parse(message)}
            if names:
                yield "in scope"
            elif everywhere:
                yield "out of scope"

        scope = list(interpreter.intents)
        first = [(text, some) for text in known(language) for some in (scope, ["unknown"])]
        seen = explore(st.tuples(messages(language), scopes), check, first=first)
        assert seen["in scope"] > 3
        assert seen["out of scope"] > 3

    def test_means_the_same_when_said_again(self, language):
        interpreter, twin = interpreter_of(language), fitted(CHATLS[language], language)

        def check(message):
            meaning = described(interpreter.parse(message))
            assert described(interpreter.parse(message)) == meaning
            assert described(twin.parse(message)) == meaning
            yield bool(meaning)

        seen = explore(messages(language), check, part=0.4, first=[*known(language), "", " "])
        assert seen[True] > 5
        assert seen[False] > 1

    def test_is_a_reply_whose_values_lie_in_it(self, language):
        interpreter = interpreter_of(language)

        def check(message):
            for intent, slot in SLOTS[language]:
                found = interpreter.parse_slot(intent, slot, message)
                for value in found:
                    span = value.meta["range"]
                    assert message[span["start"] : span["end"]] == value.meta["rawValue"]
                yield bool(found)

        seen = explore(messages(language), check, part=0.5)
        assert seen[True] > 30
        assert seen[False] > 10

    def test_of_the_training_is_understood(self, language):
        for content in DATA[language]["intents"].values():
            assert content["utterances"]
        for intent, content in DATA[language]["intents"].items():
            for utterance in content["utterances"]:
                text = "".join(part["text"] for part in utterance["data"])
                (found,) = interpreter_of(language).parse(text)
                assert (found.name, text) == (intent, text)


class TestNumbers:
    def test_of_a_message_are_floats(self):
        def check(message):
            for value in slot_values(interpreter_of("fr").parse(message)):
                if value.meta["entity"] == "snips/number":
                    assert type(value.value) is float
                    yield "number"

        assert explore(messages("fr"), check, first=known("fr"))["number"] > 2


class TestHugeMessages:
    @pytest.mark.parametrize(
        "unit",
        [
            *("a", "1", "1.", "-", "l'", "é", "e\u0301\u0327", "\u0130", "'", " ", "\x00"),
            *("\ud800", "\U0001f389", "1 ", "kitchen ", "please ", "turn on the light "),
        ],
    )
    def test_are_no_intent_of_a_closed_slot(self, unit):
        message = (unit * SIZE)[:SIZE]
        interpreter = interpreter_of("en")
        assert interpreter.parse(message, ["paint"]) == []
        for value in interpreter.parse_slot("lamp_on", "room", message):
            span = value.meta["range"]
            assert message[span["start"] : span["end"]] == value.meta["rawValue"]

    def test_of_as_many_words_as_are_read_are_read(self):
        message = "light up the " + "very " * 252 + "room"
        assert interpreter_of("en").explain(message).stage != "empty"
        assert interpreter_of("en").explain(f"{message} now").stage == "empty"
