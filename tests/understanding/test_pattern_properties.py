"""What holds for every message; each property says how often it met what it is about."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from chatl_training import trained, training_data, utterances
from hypothesis import given
from hypothesis import strategies as st
from test_patterns import ENGLISH, FRENCH

from pytlas_wamp.understanding import patterns
from pytlas_wamp.understanding.templates import read_templates
from strategies import share

INTERPRETERS = {"en": trained(ENGLISH), "fr": trained(FRENCH, "fr")}
DATA = {"en": training_data(ENGLISH), "fr": training_data(FRENCH, "fr")}
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
        {word for template in read_templates(data) for word in template.words}
        | {word for _, text in utterances(data) for word in text.split()}
        | {"lounge", "Oléron", "attic", "x", "5", "1 000"}
    )
    for language, data in DATA.items()
}
JOINTS = st.sampled_from(
    [" ", " ", " ", "  ", ", ", "'", "\u2019", "-", "!", "\ud800", "\U0001f389"]
)


@st.composite
def near_messages(draw, language):
    """Training sentences with words swapped, dropped, repeated and oddly joined."""
    _, text = draw(st.sampled_from(utterances(DATA[language])))
    words = text.split()
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 1))] = draw(
            st.lists(st.sampled_from(WORDS[language]), max_size=2)
        )
    joint = draw(st.one_of(st.just(" "), JOINTS))
    message = joint.join(words)
    return draw(st.sampled_from([message, message.upper(), f" {message}?"]))


def messages(language):
    hostile = st.text(st.characters(exclude_categories=()), max_size=60)
    return st.one_of(near_messages(language), near_messages(language), hostile)


def known(language):
    """What is understood for sure."""
    return [text for _, text in utterances(DATA[language])]


both = pytest.mark.parametrize("language", ["en", "fr"])


def described(intents):
    return [
        (
            intent.name,
            {name: [(v.value, v.meta) for v in found] for name, found in intent.slots.items()},
        )
        for intent in intents
    ]


def slot_values(intents):
    return [value for intent in intents for found in intent.slots.values() for value in found]


def explore(strategy, check, part=1.5, first=()):
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


@both
class TestEveryMessage:
    def test_values_lie_in_the_message(self, language):
        def check(message):
            intents = INTERPRETERS[language].parse(message)
            for value in slot_values(intents):
                span = value.meta["range"]
                assert 0 <= span["start"] < span["end"] <= len(message)
                assert message[span["start"] : span["end"]] == value.meta["rawValue"]
                if not value.meta["known"]:
                    assert value.value == value.meta["rawValue"]
                yield value.meta["known"]
            yield f"{len(intents)} intents"

        seen = explore(messages(language), check, part=2.5, first=known(language))
        assert seen["1 intents"] > 30
        assert seen["0 intents"] > 30
        assert seen[True] > 10
        assert seen[False] > 10

    def test_closed_entities_give_known_values_only(self, language):
        interpreter, closed = INTERPRETERS[language], CLOSED[language]
        slots = [
            (template.intent, slot.name, slot.entity)
            for template in read_templates(DATA[language])
            for slot in template.slots()
            if slot.entity in closed
        ]

        def check(message):
            found = slot_values(interpreter.parse(message))
            yield from ("parse" for value in found if value.meta["entity"] in closed)
            for intent, slot, _ in slots:
                replied = interpreter.parse_slot(intent, slot, message)
                yield from ("reply" for _ in replied)
                found += replied
            for value in found:
                assert value.value in closed.get(value.meta["entity"], {value.value})

        seen = explore(messages(language), check, first=known(language))
        assert seen["parse"] > 5
        assert seen["reply"] > 10

    def test_scopes_are_never_left(self, language):
        interpreter = INTERPRETERS[language]
        scopes = st.lists(st.sampled_from([*interpreter.intents, "unknown"]), max_size=6)

        def check(example):
            message, scope = example
            names = {intent.name for intent in interpreter.parse(message, scope)}
            everywhere = {intent.name for intent in interpreter.parse(message)}
            assert names <= set(scope)
            if everywhere & set(scope):
                assert names == everywhere
                yield "in scope"
            elif everywhere:
                yield "out of scope"

        pairs = utterances(DATA[language])
        first = [(text, scope) for intent, text in pairs for scope in ([intent], ["unknown"])]
        seen = explore(st.tuples(messages(language), scopes), check, first=first)
        assert seen["in scope"] > 3
        assert seen["out of scope"] > 15

    def test_the_same_message_means_the_same_to_another_interpreter(self, language):
        twin = trained({"en": ENGLISH, "fr": FRENCH}[language], language)

        def check(message):
            meaning = described(INTERPRETERS[language].parse(message))
            assert described(INTERPRETERS[language].parse(message)) == meaning
            assert described(twin.parse(message)) == meaning
            yield bool(meaning)

        assert explore(messages(language), check, part=1)[True] > 20

    def test_every_reply_gets_a_list(self, language):
        def check(message):
            for template in read_templates(DATA[language]):
                for slot in template.slots():
                    found = INTERPRETERS[language].parse_slot(template.intent, slot.name, message)
                    for value in found:
                        span = value.meta["range"]
                        assert message[span["start"] : span["end"]] == value.meta["rawValue"]
                    yield bool(found)

        seen = explore(messages(language), check, part=0.6)
        assert seen[True] > 50
        assert seen[False] > 20

    def test_every_training_sentence_is_understood(self, language):
        sentences = utterances(DATA[language])
        assert len(sentences) > 8
        for intent, text in sentences:
            (found,) = INTERPRETERS[language].parse(text)
            assert (found.name, text) == (intent, text)


@st.composite
def trainings(draw):
    """Small data sets whose sentences share words, so that templates compete."""
    word = st.sampled_from(["on", "the", "light", "l'", "été", "E-mail"])
    value = st.sampled_from(["red", "dark red", "the red", "Été", "l'an"])
    entities = {
        name: {
            "automatically_extensible": draw(st.booleans()),
            "data": [
                {"value": v, "synonyms": draw(st.lists(value, max_size=1))}
                for v in draw(st.lists(value, min_size=1, max_size=2))
            ],
        }
        for name in ("a", "b")
    }
    spaced = word.map(lambda text: {"text": f" {text} "})
    slot = st.sampled_from(["a", "b"]).flatmap(
        lambda name: st.sampled_from(entities[name]["data"]).map(
            lambda item: {"text": item["value"], "entity": name, "slot_name": name}
        )
    )
    utterance = st.lists(st.one_of(spaced, slot), min_size=1, max_size=5).map(
        # A space wherever two slots meet: glued words are no two words.
        lambda parts: {"data": [p for part in parts for p in (part, {"text": " "})]}
    )
    utterances_ = st.lists(utterance, min_size=1, max_size=4)
    intents = {name: {"utterances": draw(utterances_)} for name in ("one", "two")}
    return {"language": "en", "intents": intents, "entities": entities}


class TestEveryTraining:
    def test_training_sentences_are_understood_up_to_duplicates(self):
        def check(data):
            interpreter = patterns.create("en", None)
            interpreter.fit(data)
            for intent, text in utterances(data):
                (everywhere,) = interpreter.parse(text)
                (found,) = interpreter.parse(text, [intent])
                assert found.name == intent
                assert all(value.meta["known"] for value in slot_values([found]))
                yield everywhere.name == intent

        seen = explore(trainings(), check, part=0.6)
        assert seen[True] > 80
        assert seen[False] > 1


class TestHostileMessages:
    SIZE = 65_536

    @pytest.mark.parametrize(
        "unit",
        [
            *("a", "1", "1.", "-", "l'", "é", "e\u0301\u0327", "\u0130", "'", " ", "\x00"),
            *("\ud800", "\U0001f389", "1 ", "play ", "kitchen ", "play in the kitchen "),
        ],
    )
    def test_a_huge_message_is_no_intent_of_a_closed_slot(self, unit):
        message = (unit * self.SIZE)[: self.SIZE]
        interpreter = INTERPRETERS["en"]
        assert interpreter.parse(message, ["lights/on", "__cancel__", "volume"]) == []
        assert interpreter.parse_slot("play", "song", message) != [] or not message.strip()

    def test_a_word_repeated_to_the_limit_still_fits(self):
        (intent,) = INTERPRETERS["en"].parse("play " * 256)
        assert intent.slot("song").first().value == "play " * 254 + "play"
        assert INTERPRETERS["en"].parse("play " * 257) == []

    def test_many_competing_templates_take_few_steps(self):
        # Slots between words that the message repeats: backtracking would take
        # 100 to the power of 4 steps for each, and never come back.
        chatl = "\n\n".join(
            f"%[i{n}]\n  set to @[x] to @[x] the @[x] to the w{n} @[x]" for n in range(20)
        )
        interpreter = trained(f"{chatl}\n\n@[x]\n  y")
        noise = random.Random(1).choices(["to", "the"], k=200)  # noqa: S311 - no secret
        message = " ".join(["set to", *noise, *(f"w{n}" for n in range(20)), "end"])
        assert len(interpreter.parse(message)) <= 1
        assert len(interpreter.parse(f"{message} to the w0 end")) == 1
