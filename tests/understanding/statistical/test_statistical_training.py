"""Learning is the same every time, and teaches what will be needed when it is over."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from pytlas_wamp.understanding.statistical import storage
from pytlas_wamp.understanding.statistical import training as module
from pytlas_wamp.understanding.statistical.training import train
from statistical_training import REWORDINGS, trained, training_data

SMALL = """
%[paint]
  paint the @[room] @[color]
  make the @[room] @[color]
  paint it @[color]
  paint the @[room] at @[moment]

%[hello]
  hello there
  good morning

@[room]
  kitchen
  bedroom

@[color](extensible=false)
  red
  ~[blue]

~[blue]
  azure

@[moment](type=datetime)
  noon
"""


def utterance(*parts):
    """A sentence of texts and of examples, which are (text, slot) of an undeclared entity."""
    return {
        "data": [
            {"text": part}
            if isinstance(part, str)
            else {"text": part[0], "slot_name": part[1], "entity": part[1]}
            for part in parts
        ]
    }


def data(**intents):
    return {
        "language": "en",
        "intents": {
            name: {"utterances": [utterance(*parts) for parts in sentences]}
            for name, sentences in intents.items()
        },
        "entities": {},
    }


def told(model, text, **options):
    return model.read(text, lambda _: True, **options)


class TestModels:
    @pytest.mark.parametrize(("text", "intent"), REWORDINGS.items())
    def test_rewordings_are_understood(self, text, intent):
        assert told(trained(), text).intent == intent

    def test_intents_keep_the_order_of_the_data(self):
        content = data(b=[["one two"]], a=[["three four"]])
        assert list(train(content, "en").names) == ["b", "a"]

    def test_an_intent_without_sentences_is_not_learnt(self):
        assert list(train(data(a=[["one two"]], b=[["?!"]], c=[]), "en").names) == ["a"]

    def test_the_data_comes_with_the_model(self):
        assert trained(SMALL).data() == training_data(SMALL)

    def test_only_intents_with_slots_have_a_field(self):
        assert set(trained(SMALL).slot_models) == {"paint"}

    def test_one_intent_alone_is_learnt(self):
        model = train(data(hello=[["hello there"], ["good morning"]]), "en")
        assert told(model, "good morning to you").intent == "hello"
        assert told(model, "how tall is mount everest").intent is None

    def test_a_language_without_word_lists_is_learnt(self):
        content = data(hello=[["hallo daar"], ["goede morgen"]], bye=[["tot ziens"]])
        assert told(train(content, "xx"), "tot ziens").intent == "bye"

    def test_an_intent_with_a_slot_of_any_words_is_open(self):
        chatl = SMALL + "\n%[only]\n  set it for @[moment]\n"
        model = train(training_data(chatl), "en")
        is_open = dict(zip(model.names, model.vocabulary.is_open, strict=True))
        assert is_open == {"hello": False, "only": False, "paint": True}


class TestRepetition:
    def test_the_same_data_gives_the_same_bytes(self):
        again = train(training_data(SMALL), "en")
        assert storage.to_bytes(again, "x") == storage.to_bytes(trained(SMALL), "x")

    def test_so_it_does_in_another_process(self):
        code = (
            "import hashlib, test_statistical_training as t\n"
            "model = t.train(t.training_data(t.SMALL), 'en')\n"
            "print(hashlib.sha256(t.storage.to_bytes(model, 'x')).hexdigest())"
        )
        paths = [str(Path(__file__).parent), *sys.path]
        found = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": "3", "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        here = storage.to_bytes(trained(SMALL), "x")
        assert found == hashlib.sha256(here).hexdigest()


class TestProgress:
    def test_each_step_goes_from_nothing_to_all(self):
        heard = {}
        train(
            training_data(SMALL),
            "en",
            lambda *told_: heard.setdefault(told_[0], []).append(told_[1:]),
        )
        assert list(heard) == ["intents", "slots"]
        for told_ in heard.values():
            assert [done for done, _ in told_] == sorted(done for done, _ in told_)
            (total,) = {total for _, total in told_}
            assert (told_[0][0], told_[-1][0]) == (0, total)


class TestHiddenValues:
    def hidden(self, content, number=0):
        """What of a value is hidden in a sentence."""
        course = module._course(content, "en")
        return course.hidden(course.examples[number])

    def test_a_value_that_only_this_sentence_shows_is(self):
        hidden = self.hidden(data(go=[["to ", ("Rome", "city")], ["to ", ("Oslo", "city")]]))
        assert hidden("city", ("rome",))
        assert not hidden("city", ("oslo",))
        assert not hidden("other", ("rome",))

    def test_a_value_that_another_sentence_shows_too_is_not(self):
        hidden = self.hidden(data(go=[["to ", ("Rome", "city")], ["from ", ("Rome", "city")]]))
        assert not hidden("city", ("rome",))

    def test_a_value_that_stands_twice_in_its_sentence_is(self):
        hidden = self.hidden(data(go=[[("Rome", "city"), " to ", ("Rome", "city")], ["go"]]))
        assert hidden("city", ("rome",))

    @pytest.mark.parametrize("said", ["Rome", "the eternal city"])
    def test_a_value_that_a_skill_lists_is_not(self, said):
        content = data(go=[["to ", (said, "city")]])
        listed = {"value": "Rome", "synonyms": ["the eternal city"]}
        content["entities"] = {"city": {"data": [listed]}}
        assert not self.hidden(content)("city", tuple(said.lower().split()))


class TestBackground:
    def texts(self, content):
        return {sentence.text for sentence in module._background(module._course(content, "en"))}

    def test_what_no_skill_asks_for_teaches_to_refuse(self):
        assert "what is the population of china" in self.texts(data(a=[["turn on"]]))

    def test_what_a_skill_asks_for_does_not(self):
        content = data(quiz=[["what is the population of ", ("china", "country")]])
        assert "what is the population of china" not in self.texts(content)
        assert self.texts(content)

    def test_a_text_that_is_too_long_is_left_out(self):
        course = module._course(data(a=[["turn on"]]), "en")
        lexicon = evolve(course.lexicon, background=("too long " * 200, "what a day"))
        found = module._background(evolve(course, lexicon=lexicon))
        assert [sentence.text for sentence in found] == ["what a day"]


class TestManySentences:
    def test_of_too_many_some_are_taken_the_same_every_time(self, monkeypatch):
        monkeypatch.setattr(module, "_MOST_SENTENCES", 3)
        content = data(a=[[f"say word{n}"] for n in range(9)], b=[["one"], ["two"]])
        first, second = (module._course(content, "en").examples for _ in range(2))
        assert [each.intent for each in first] == ["a"] * 3 + ["b"] * 2
        assert [each.sentence for each in first] == [each.sentence for each in second]

    def test_of_too_many_alike_those_are_taken_that_differ_most(self):
        content = data(a=[["turn it on"], ["turn it on now"], ["light up"], ["turn it on please"]])
        examples = module._course(content, "en").examples
        kept = [each.sentence.text for each in module._varied(examples, 2)]
        assert kept == ["turn it on now", "light up"]
        assert module._varied(examples, 4) is examples

    def test_they_tell_which_slots_stand_once(self, monkeypatch):
        course = module._course(training_data(SMALL), "en")
        paint = [each for each in course.examples if each.intent == "paint"]
        assert module._once(paint) == frozenset()
        monkeypatch.setattr(module, "_TELLING", len(paint))
        assert module._once(paint) == {mark.slot for each in paint for mark in each.marks}

    def test_words_of_one_of_very_many_sentences_teach_nothing(self, monkeypatch):
        monkeypatch.setattr(module, "_MANY", 1)
        content = data(a=[["say xyzzy now"], ["say plugh now"]], b=[["turn it off"]])
        model = train(content, "en")
        assert "wnow" in model.weights.ids
        assert not {"wxyzzi", "wxyzzy"} & set(model.weights.ids)

    def test_sentences_of_few_are_repeated_with_other_values_and_those_of_many_are_not(
        self, monkeypatch
    ):
        course = module._course(training_data(SMALL), "en")
        paint = [each for each in course.examples if each.intent == "paint"]

        def taught():
            return len(list(module._sequences(course, paint, frozenset())))

        assert taught() >= 3 * len(paint)
        monkeypatch.setattr(module, "_REPEATED", len(paint))
        assert taught() == len(paint)
