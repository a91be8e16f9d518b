"""What an interpreter makes of a sentence, as data and as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
from dateutil.relativedelta import relativedelta

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.answers import answer, answer_lines, plain_value

from pytlas.understanding import Intent, SlotValue, UnitValue  # isort: skip

ROOM = SlotValue(
    "attic",
    rawValue="Attic",
    range={"start": 10, "end": 15},
    entity="room",
    slotName="room",
    known=True,
)


class Fixed:
    """Understands "on" only, and remembers which intents were allowed."""

    def __init__(self, **slots):
        self.slots = slots

    def parse(self, msg, scopes=None):
        self.scopes = scopes
        return [Intent("lamp_on", **self.slots)] if msg == "on" else []


class Explaining(Fixed):
    def __init__(self, confidence=1.25, reasons=("it has no word in common",), **slots):
        super().__init__(**slots)
        self.confidence = confidence
        self.reasons = reasons

    def explain(self, _msg, scopes=None):
        self.explained = scopes
        scores = tuple((f"intent{number}", 3 - number) for number in range(7))
        verdict = SimpleNamespace(stage="statistics", confidence=self.confidence, scores=scores)
        if self.reasons is not None:
            verdict.reasons = self.reasons
        return verdict


class TestAnswers:
    def test_slots_have_their_place(self):
        assert answer(Fixed(room=[ROOM]), "on", None, explain=False) == {
            "text": "on",
            "intent": "lamp_on",
            "slots": [{"name": "room", "value": "attic", "raw": "Attic", "start": 10, "end": 15}],
        }

    def test_every_value_of_a_slot_counts(self):
        result = answer(Fixed(room=["a", "b"]), "on", None, explain=False)
        assert [slot["value"] for slot in result["slots"]] == ["a", "b"]

    def test_what_is_refused_has_no_intent(self):
        result = answer(Fixed(), "off", None, explain=False)
        assert (result["intent"], result["slots"]) == (None, [])

    def test_only_what_is_allowed_is_asked_for(self):
        interpreter = Explaining()
        answer(interpreter, "on", ["a"], explain=True)
        assert (interpreter.scopes, interpreter.explained) == (["a"], ["a"])

    def test_an_explanation_has_stage_confidence_scores_and_reasons(self):
        result = answer(Explaining(room=[ROOM]), "on", None, explain=True)
        assert (result["stage"], result["confidence"]) == ("statistics", 1.25)
        assert result["scores"][0] == {"intent": "intent0", "score": 3}
        assert len(result["scores"]) == 5
        assert result["reasons"] == ["it has no word in common"]
        assert (result["slots"][0]["entity"], result["slots"][0]["known"]) == ("room", True)

    def test_nothing_is_explained_unless_asked_for(self):
        assert "stage" not in answer(Explaining(), "on", None, explain=False)

    def test_whoever_cannot_explain_does_not(self):
        assert "stage" not in answer(Fixed(), "on", None, explain=True)

    def test_reasons_may_be_missing(self):
        assert answer(Explaining(reasons=None), "on", None, explain=True)["reasons"] == []

    def test_certainty_is_no_number(self):
        result = answer(Explaining(confidence=float("inf")), "on", None, explain=True)
        assert result["confidence"] is None


class TestValues:
    MOMENT = datetime(2026, 5, 1, 17, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("attic", "attic"),
            (2.5, 2.5),
            (None, None),
            (True, True),
            (MOMENT, "2026-05-01T17:00:00+00:00"),
            (date(2026, 5, 1), "2026-05-01"),
            (time(17), "17:00:00"),
            ((MOMENT, None), ["2026-05-01T17:00:00+00:00", None]),
            (relativedelta(hours=1, minutes=30), {"hours": 1, "minutes": 30}),
            (UnitValue(10, "USD"), {"value": 10, "unit": "USD"}),
            (1 + 2j, "(1+2j)"),
        ],
        ids=str,
    )
    def test_each_kind_has_its_form_in_json(self, value, expected):
        assert plain_value(value) == expected

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("attic", "attic"),
            (3.0, "3"),
            (7, "7"),
            ((None, MOMENT), "… to 2026-05-01T17:00:00+00:00"),
            (relativedelta(hours=1, minutes=30), "1 hours 30 minutes"),
            (relativedelta(), "0 seconds"),
            (UnitValue(10.5, "EUR"), "10.5 EUR"),
        ],
        ids=str,
    )
    def test_each_kind_has_its_text(self, value, shown):
        result = answer(Fixed(slot=[SlotValue(value)]), "on", None, explain=False)
        assert list(answer_lines(result)) == ["lamp_on", f"  slot = {shown}"]


class TestLines:
    def test_a_slot_says_where_it_comes_from(self):
        result = answer(Fixed(room=[ROOM]), "on", None, explain=False)
        assert list(answer_lines(result)) == [
            "lamp_on",
            '  room = attic  ("Attic", characters 10 to 15)',
        ]

    @pytest.mark.parametrize(("known", "shown"), [(True, "known"), (False, "not known")])
    def test_an_explained_slot_says_what_is_known_of_it(self, known, shown):
        value = SlotValue("attic", entity="room", known=known)
        result = answer(Fixed(room=[value]), "on", None, explain=True)
        assert list(answer_lines(result))[1] == f"  room = attic  (entity room, {shown})"

    def test_what_is_refused_is_said_so(self):
        result = answer(Explaining(confidence=-0.5), "off", None, explain=True)
        assert list(answer_lines(result)) == [
            "not understood",
            "decided by statistics, confidence -0.50 (understood from 0 on)",
            "  it has no word in common",
            "intents by score:",
            *(f"  {3 - number:7.2f}  intent{number}" for number in range(5)),
        ]

    def test_certainty_needs_no_scores(self):
        result = {**answer(Fixed(), "on", None, explain=True), "stage": "template"}
        result.update(confidence=None, scores=[], reasons=[])
        assert list(answer_lines(result)) == [
            "lamp_on",
            "decided by template, certain (understood from 0 on)",
        ]
