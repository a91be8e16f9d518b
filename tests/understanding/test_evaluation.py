"""Sentences are held back one by one, and what became of them is counted."""

from __future__ import annotations

import pytest

from pytlas_wamp import compat  # noqa: F401 - pychatl does not import without it
from pytlas_wamp.understanding.evaluation import Outcome, Report, evaluate, scopes_of

import pychatl  # isort: skip - compat comes first
from pytlas.understanding import Intent, SlotValue  # isort: skip

HOME = """
%[lamp_on]
  ~[please?] light the @[room]
  make it bright in the @[room]
  lights on

%[lamp_off]
  make it dark
  lights off

%[game]
  let us play

%[playing/end]
  enough
  no more

@[room]
  attic
  hall
  kitchen

~[please]
  please
  do
"""


def text_of(utterance):
    return "".join(part["text"] for part in utterance["data"])


class Parrot:
    """Knows what it was told, word for word; what begins with "make" it takes for another."""

    made = ()

    def __init__(self):
        self.asked = []

    def fit(self, data):
        self.intents = list(data["intents"])
        self.sentences = {
            text_of(each): name
            for name, content in data["intents"].items()
            for each in content["utterances"]
        }

    def parse(self, msg, scopes=None):
        self.asked.append((msg, scopes))
        if msg.startswith("make"):
            return [Intent("lamp_on", room=SlotValue("Attic!", rawValue="Attic!"))]
        if msg.startswith("lights"):
            return [Intent("lamp_on", room="hall")]
        name = self.sentences.get(msg)
        return [Intent(name)] if name else []


def run(tested=("lamp_on", "lamp_off", "game", "playing/end"), **options):
    parrots, told = [], []

    def make():
        parrots.append(Parrot())
        return parrots[-1]

    report = evaluate(
        pychatl.parse(HOME),
        tested,
        language="en",
        make=make,
        tell=lambda *step: told.append(step),
        **options,
    )
    return report, parrots, told


def outcome(kind, intent="a", text="x"):
    slots, found = ((("s", "1"),), (("s", "2"),)) if kind == "slots" else ((), ())
    taken_for = {"refused": None, "wrong": "other"}.get(kind, intent)
    return Outcome(intent=intent, text=text, slots=slots, taken_for=taken_for, found=found)


class TestHoldingBack:
    def test_every_sentence_is_asked_once(self):
        report, _, _ = run()
        counts = {name: counts.total() for name, counts in report.by_intent.items()}
        assert counts == {"lamp_on": 3, "lamp_off": 2, "playing/end": 2}

    def test_nothing_of_a_sentence_is_learnt_while_it_is_asked(self):
        _, parrots, _ = run()
        for parrot in parrots:
            asked = {msg.removeprefix("please ").removeprefix("do ") for msg, _ in parrot.asked}
            learnt = {text.removeprefix("please ").removeprefix("do ") for text in parrot.sentences}
            rooms = {"attic", "hall", "kitchen"}
            bare = {" ".join(w for w in text.split() if w not in rooms) for text in learnt}
            assert not {" ".join(w for w in t.split() if w not in rooms) for t in asked} & bare

    def test_all_else_of_the_assistant_is_learnt(self):
        _, parrots, _ = run(tested=["lamp_off"])
        assert all(set(parrot.intents) == set(pychatl.parse(HOME)["intents"]) for parrot in parrots)
        assert all("let us play" in parrot.sentences for parrot in parrots)

    def test_only_the_tested_intents_are_asked(self):
        report, _, _ = run(tested=["lamp_off"])
        assert list(report.by_intent) == ["lamp_off"]

    def test_an_intent_with_one_sentence_cannot_be_tested(self):
        assert run()[0].untestable == ("game",)

    def test_there_are_no_more_trainings_than_sentences_to_hold_back(self):
        _, parrots, _ = run(tested=["lamp_off"], folds=7)
        assert len(parrots) == 2

    def test_two_folds_hold_back_half(self):
        _, parrots, told = run(folds=2)
        assert len(parrots) == 2
        assert [step[1:] for step in told] == [(0, 2), (1, 2), (2, 2)]

    def test_the_same_seed_gives_the_same_report(self):
        assert run(seed=3)[0] == run(seed=3)[0]

    def test_other_seeds_say_other_things(self):
        texts = {tuple(one.text for one in run(seed=seed)[0].outcomes) for seed in range(8)}
        assert len(texts) > 1

    def test_a_sentence_that_nobody_can_say_is_left_out(self):
        tree = pychatl.parse("%[a]\n  one ~[nothing]\n  two\n")
        report = evaluate(tree, ["a"], language="en", make=Parrot)
        assert [each.text for each in report.outcomes] == ["two"]

    def test_an_intent_of_a_context_is_asked_in_it(self):
        _, parrots, _ = run(tested=["playing/end", "lamp_off"])
        asked = {msg: scopes for parrot in parrots for msg, scopes in parrot.asked}
        assert asked["enough"] == ["playing/end"]
        assert sorted(asked["lights off"]) == ["game", "lamp_off", "lamp_on"]


class TestOutcomes:
    def test_what_is_learnt_is_right_and_what_is_not_is_refused(self):
        report, _, _ = run(tested=["playing/end"])
        assert {one.kind for one in report.outcomes} == {"refused"}

    def test_another_intent_is_wrong(self):
        report, _, _ = run(tested=["lamp_off"])
        assert [(one.text, one.taken_for, one.kind) for one in report.outcomes] == [
            ("make it dark", "lamp_on", "wrong"),
            ("lights off", "lamp_on", "wrong"),
        ]

    def test_a_slot_that_is_not_in_the_sentence_is_wrong(self):
        report, _, _ = run(tested=["lamp_on"])
        [lights] = [one for one in report.outcomes if one.text == "lights on"]
        assert (lights.kind, lights.slots, lights.found) == ("slots", (), (("room", "hall"),))

    def test_slots_are_alike_but_for_case_and_punctuation(self):
        report, _, _ = run(tested=["lamp_on"], seed=1)
        for one in report.outcomes:
            if one.text.startswith("make"):
                attic = one.slots == (("room", "attic"),)
                assert one.kind == ("right" if attic else "slots")

    @pytest.mark.parametrize(("text", "kind"), [("☃", "right"), ("x", "slots")])
    def test_slots_without_a_letter_are_compared_as_they_are(self, text, kind):
        one = Outcome(
            intent="a", text="☃", slots=(("s", "☃"),), taken_for="a", found=(("s", text),)
        )
        assert one.kind == kind


class TestReports:
    REPORT = Report(
        outcomes=(
            outcome("right"),
            outcome("slots", text="s"),
            outcome("refused", text="r"),
            outcome("wrong", text="w1"),
            outcome("wrong", intent="b", text="w2"),
            outcome("wrong", intent="b", text="w3"),
        ),
        untestable=(),
    )

    def test_accuracy_is_the_share_of_right_intents(self):
        assert self.REPORT.accuracy == pytest.approx(2 / 6)

    def test_no_sentence_gives_no_accuracy(self):
        assert Report(outcomes=(), untestable=("a",)).accuracy == 0

    def test_counts_are_by_kind_and_by_intent(self):
        assert self.REPORT.counts == {"right": 1, "slots": 1, "refused": 1, "wrong": 3}
        assert self.REPORT.by_intent["b"] == {"wrong": 2}

    def test_the_most_frequent_confusion_is_first(self):
        assert self.REPORT.confusions == [("b", "other", 2), ("a", "other", 1)]

    def test_the_worst_failure_is_first(self):
        assert [one.text for one in self.REPORT.failures] == ["w1", "w2", "w3", "r", "s"]


class TestScopes:
    def test_the_start_has_what_is_in_no_context(self):
        assert scopes_of(["play", "playing/stop", "__cancel__"]) == {
            None: ["__cancel__", "play"],
            "playing": ["__cancel__", "playing/stop"],
        }

    def test_nothing_cancels_where_nothing_was_trained_to(self):
        assert scopes_of(["play"]) == {None: ["play"]}
