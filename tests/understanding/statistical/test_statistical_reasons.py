"""Reasons are sentences that name words and intents."""

import pytest

from pytlas_wamp.understanding.statistical import training

LEVELS = {"data": [], "automatically_extensible": True, "matching_strictness": 1.0}


def sentence(text):
    parts = text.split("@room")
    data = [{"text": parts[0]}]
    for part in parts[1:]:
        data += [{"text": "kitchen", "entity": "room", "slot_name": "room"}, {"text": part}]
    return {"data": data}


@pytest.fixture(scope="module")
def model():
    intents = {
        "lamp_on": ["turn on the lamp", "light up the @room", "switch on the lamp in the @room"],
        "lamp_off": ["turn off the lamp", "darken the @room", "switch off the lamp in the @room"],
        "joke": ["tell me a joke", "make me laugh", "say something funny"],
    }
    data = {
        "intents": {
            name: {"utterances": [sentence(text) for text in texts]}
            for name, texts in intents.items()
        },
        "entities": {"room": {**LEVELS, "use_synonyms": True}},
    }
    return training.train(data, "en")


def reasons(model, text, allowed=lambda _: True):
    return model.read(text, allowed).reasons


class TestReasons:
    def test_name_the_sentence_that_fits(self, model):
        assert reasons(model, "light up the kitchen") == (
            'taken: fits the sentence "light up the @room" word for word',
        )

    def test_name_the_words_that_are_known(self, model):
        found = reasons(model, "could you tell me some funny joke")
        assert found[0].startswith('taken: "joke" comes nearest, with a confidence of ')
        assert 'the sentences of "joke" have the words "funny", "joke"' in found

    def test_name_the_words_that_are_not(self, model):
        found = reasons(model, "who painted the mona lisa in italy last century or before")
        assert found[0].startswith("refused: ")
        assert any(
            '"painted", "mona", "lisa", "italy", "last" and others' in line for line in found
        )

    def test_name_an_intent_that_is_close(self, model):
        found = reasons(model, "the lamp")
        assert any(line.startswith("the next intent") for line in found)

    def test_tell_of_repetition(self, model):
        assert reasons(model, "lamp lamp lamp lamp")[-1] == "it repeats the same words"

    def test_tell_of_words_without_meaning(self, model):
        found = reasons(model, "and so it was")
        assert "it has only words that carry little meaning" in found

    def test_tell_that_there_is_nothing(self, model):
        assert reasons(model, "...") == ("refused: there is nothing to read",)

    def test_tell_that_nothing_is_allowed(self, model):
        found = reasons(model, "make the lamp go", lambda _: False)
        assert found == ("refused: no intent may be answered here",)


class TestShortReasons:
    def test_name_what_is_missing(self, model):
        assert reasons(model, "?!") == ("refused: there is nothing to read",)
        assert reasons(model, "word " * 257) == ("refused: it has more than 256 words",)
        assert reasons(model, "please") == ("refused: it has only words that go with a request",)

    def test_quote_the_beginning_of_long_words(self, model):
        found = reasons(model, "is there a " + "x" * 5_000)
        assert max(map(len, found)) < 200
        assert any(f'"{"x" * 37}..."' in line for line in found)
