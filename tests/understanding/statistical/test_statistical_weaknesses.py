"""Weak training data is told, one line per kind; sound data is not."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.statistical.weaknesses import weaknesses
from statistical_training import training_data

# Enough of them to be sound, and nothing like any other.
FIVE = ("alpha bravo", "charlie delta", "echo foxtrot", "golf hotel", "india juliet")


def data_of(intents, entities=None, language="en"):
    """Training data: each sentence a text, or a list of texts and (text, slot, entity)."""

    def utterance(sentence):
        pieces = [sentence] if isinstance(sentence, str) else sentence
        return {
            "data": [
                {"text": piece}
                if isinstance(piece, str)
                else {"text": piece[0], "slot_name": piece[1], "entity": piece[2]}
                for piece in pieces
            ]
        }

    return {
        "language": language,
        "intents": {
            name: {"utterances": [utterance(sentence) for sentence in sentences]}
            for name, sentences in intents.items()
        },
        "entities": entities or {},
    }


def closed(*values):
    return {
        "automatically_extensible": False,
        "data": [{"value": value, "synonyms": []} for value in values],
    }


def open_to(*values):
    return {**closed(*values), "automatically_extensible": True}


def alike(first, second, entities=None):
    """What is said of two intents that are sound but for a sentence each."""
    data = data_of(
        {"one": [*FIVE, first], "two": [*(text[::-1] for text in FIVE), second]}, entities
    )
    return weaknesses(data)


class TestSoundData:
    def test_has_no_weakness(self):
        assert weaknesses(training_data()) == []

    def test_and_none_at_all_neither(self):
        assert weaknesses({}) == []


class TestFewSentences:
    def test_are_named_with_their_number_in_one_line(self):
        data = data_of({"a": [], "b": FIVE[:4], "c": [text[::-1] for text in FIVE]})
        assert weaknesses(data) == [
            "2 intents have fewer than 5 sentences; more would be understood better: a (0), b (4)"
        ]

    def test_one_intent(self):
        assert weaknesses(data_of({"b": FIVE[:4]}))[0].startswith("1 intent has fewer than 5")

    def test_the_same_sentence_counts_once(self):
        assert weaknesses(data_of({"b": [*FIVE[:4], FIVE[0]]}))[0].endswith(": b (4)")


class TestIntentsThatAreAlike:
    def test_the_same_sentence(self):
        assert alike("turn it on", "Turn it ON!") == [
            '1 pair of intents cannot be told apart: one and two ("turn it on" and "Turn it ON!")'
        ]
        assert alike("go", "go") == ['1 pair of intents cannot be told apart: one and two ("go")']

    def test_politeness_is_no_difference(self):
        assert alike("stop", "please stop")[0].startswith("1 pair of intents cannot be told apart")

    def test_the_same_but_for_open_slots(self):
        told = alike(
            ["play ", ("thriller", "song", "song")],
            ["play ", ("tetris", "game", "game")],
            {"song": open_to("thriller"), "game": closed("tetris")},
        )
        assert told == [
            (
                "1 pair of intents cannot be told apart: "
                'one and two ("play thriller" and "play tetris")'
            )
        ]

    def test_lists_that_share_nothing_tell_them_apart(self):
        entities = {"song": closed("thriller"), "game": closed("tetris", "go")}
        first, second = ["play ", ("thriller", "song", "song")], ["play ", ("go", "game", "game")]
        assert alike(first, second, entities) == []
        entities["song"] = closed("thriller", "go")
        assert len(alike(first, second, entities)) == 1

    def test_the_same_entity_does_not(self):
        entities = {"song": closed("thriller")}
        first = ["play ", ("thriller", "song", "song")]
        assert len(alike(first, ["play ", ("thriller", "tune", "song")], entities)) == 1

    def test_builtin_entities_tell_them_apart(self):
        first = ["remind me ", ("tomorrow", "when", "snips/datetime")]
        assert alike(first, ["remind me ", ("milk", "what", "thing")], {"thing": open_to()}) == []
        assert len(alike(first, ["remind me ", ("today", "at", "snips/datetime")])) == 1

    def test_another_order_or_ending(self):
        assert alike("play the songs", "the song play") == [
            (
                "1 pair of intents with sentences that differ in the order or the endings of "
                'words only: one and two ("play the songs" and "the song play")'
            )
        ]

    def test_a_slot_more_is_a_difference(self):
        assert alike("play *", ["play ", ("it", "song", "song")], {"song": open_to()}) == []

    def test_small_words_are_a_difference(self):
        assert alike("turn it on", "turn it off") == []
        assert alike("when is the meeting", "where is the meeting") == []

    def test_an_intent_may_say_the_same_twice(self):
        data = data_of({"one": [*FIVE, "the song play", "play the songs"]})
        assert weaknesses(data) == []

    def test_there_is_an_end_to_it(self):
        same = [f"{word} it" for word in ("turn", "switch", "put", "set", "bring")]
        (line,) = weaknesses(data_of({f"i{number:02}": same for number in range(6)}))
        assert line.startswith(
            "15 pairs of intents cannot be told apart: "
            'i00 and i01 ("turn it"; "switch it"; "put it" and 2 more); i00 and i02 ('
        )
        assert line.endswith(") and 5 more")


class TestSlots:
    def test_without_an_example_are_named(self):
        data = data_of(
            {"a": [*FIVE, ["call ", ("", "who", "person")], ["ring ", (" ", "who", "person")]]},
            {"person": open_to()},
        )
        assert weaknesses(data) == [
            "1 slot has no example, so the words that fill it cannot be learnt: who of a"
        ]

    @pytest.mark.parametrize(("text", "values"), [("", ["anna"]), ("anna", []), ("anna", ["anna"])])
    def test_with_one_anywhere_are_fine(self, text, values):
        sentences = [*FIVE, ["call ", ("", "who", "person")], ["ring ", (text, "who", "person")]]
        assert weaknesses(data_of({"a": sentences}, {"person": open_to(*values)})) == []

    def test_of_entities_that_nobody_defines_are_named_once(self):
        data = data_of(
            {
                "a": [*FIVE, ["call ", ("anna", "who", "person")], ["ring ", ("bob", "x", "dog")]],
                "b": [*(f"more {text}" for text in FIVE), ["meet ", ("anna", "who", "person")]],
            }
        )
        assert weaknesses(data) == [
            "2 entities are defined nowhere, and taken for free text: person (of a), dog (of a)"
        ]

    def test_of_builtin_entities_need_no_definition(self):
        assert weaknesses(data_of({"a": [*FIVE, ["at ", ("noon", "x", "snips/datetime")]]})) == []


ENGLISH = ("what is the time", "tell me the time", "is it late", "do you have the time", "time")
FRENCH = ("quelle heure est-il", "donne-moi l'heure", "est-il tard", "as-tu l'heure", "heure")


class TestAnotherLanguage:
    def test_is_told_with_a_sentence(self):
        assert weaknesses(data_of({"time": ENGLISH}, language="fr")) == [
            (
                "1 intent seems to have sentences of another language than 'fr': "
                'time (en, such as "what is the time")'
            )
        ]
        assert (
            'time (fr, such as "quelle heure est-il")' in weaknesses(data_of({"time": FRENCH}))[0]
        )

    @pytest.mark.parametrize(("sentences", "language"), [(ENGLISH, "en"), (FRENCH, "fr")])
    def test_the_right_one_is_fine(self, sentences, language):
        assert weaknesses(data_of({"time": sentences}, language=language)) == []

    def test_a_foreign_title_here_and_there_is_fine(self):
        said = [*FRENCH, "joue the wall", "joue what is love"]
        assert weaknesses(data_of({"play": said}, language="fr")) == []

    def test_the_words_in_slots_do_not_count(self):
        said = [
            [f"joue{'r' * number} ", ("what is the time", "title", "title")] for number in range(5)
        ]
        data = data_of({"play": said}, {"title": open_to()}, language="fr")
        assert weaknesses(data) == []

    def test_a_single_sentence_is_no_sign(self):
        (thin,) = weaknesses(data_of({"play": ["what is the time"]}, language="fr"))
        assert thin.startswith("1 intent has fewer")

    def test_of_a_language_without_a_list_nothing_is_said(self):
        assert weaknesses(data_of({"time": ENGLISH}, language="xx")) == []
