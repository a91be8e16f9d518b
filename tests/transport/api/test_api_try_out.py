"""`/api/understand`: what a sentence would mean."""

from __future__ import annotations

import json

import pytest
from admin_stage import ADMIN, AdminStage, FakeShelf
from http_line import request
from pytlas.understanding import Intent, SlotValue
from twisted.internet.defer import Deferred, maybeDeferred, succeed

from pytlas_wamp.transport.api.try_out import TryOutEndpoints
from pytlas_wamp.understanding.statistical.model import Verdict


class Reader:
    """Knows one sentence, as an interpreter of pytlas."""

    intents = ("set_timer", "playing/stop")

    def __init__(self) -> None:
        self.asked = []

    def parse(self, msg, scopes=None):
        self.asked.append((msg, scopes))
        if msg != "five minutes":
            return []
        value = SlotValue("5 minutes", rawValue="five minutes")
        return [Intent("set_timer", duration=value, loud=SlotValue(True))]  # noqa: FBT003


class Explainer(Reader):
    """The same, as ours are."""

    def explain(self, msg, scopes=None):
        known = msg == "five minutes"
        return Verdict(
            intent="set_timer" if known else None,
            stage="template" if known else "statistics",
            confidence=1.5 if known else -0.25,
            scores=(("set_timer", 2.0),),
            reasons=("That is one of its sentences.",),
        )


class Stage(AdminStage):
    """Knows which languages were asked for."""

    def __init__(self, reader=None, promise=None) -> None:
        self.languages = []
        self.reader = reader or Explainer()

        def interpreter(language):
            self.languages.append(language)
            return promise or succeed(self.reader)

        super().__init__(
            lambda doors: TryOutEndpoints(
                doors=doors,
                shelf=FakeShelf(),
                interpreter=interpreter,
                run=maybeDeferred,
            ).routes()
        )

    def understand(self, token=ADMIN, **body):
        return self.send("POST", "/api/understand", json.dumps(body).encode(), token=token)


class TestUnderstood:
    def test_has_an_intent_slots_and_reasons(self):
        answer = Stage().understand(sentence="five minutes")
        assert answer.json() == {
            "language": "en",
            "understood": True,
            "intents": [
                {
                    "name": "set_timer",
                    "slots": [
                        {"name": "duration", "value": "5 minutes", "raw": "five minutes"},
                        {"name": "loud", "value": "True", "raw": None},
                    ],
                }
            ],
            "explanation": [
                "decided by template, confidence 1.50 (understood from 0 on)",
                "  That is one of its sentences.",
                "intents by score:",
                "     2.00  set_timer",
            ],
        }

    def test_is_what_the_start_of_a_conversation_understands(self):
        stage = Stage()
        stage.understand(sentence="five minutes")
        assert stage.reader.asked == [("five minutes", ["set_timer"])]

    def test_has_no_reasons_where_the_interpreter_tells_none(self):
        assert Stage(Reader()).understand(sentence="five minutes").json()["explanation"] == []


class TestNotUnderstood:
    def test_has_reasons_only(self):
        answer = Stage().understand(sentence="<b>what</b>").json()
        assert (answer["understood"], answer["intents"]) == (False, [])
        assert answer["explanation"][0].startswith("decided by statistics, confidence -0.25")


class TestLanguage:
    @pytest.mark.parametrize(("asked", "used"), [("fr", "fr"), ("FR-fr", "fr"), ("en_GB", "en")])
    def test_counts_by_two_letters(self, asked, used):
        stage = Stage()
        assert stage.understand(sentence="x", language=asked).json()["language"] == used
        assert stage.languages == [used]

    def test_is_that_of_the_person_when_left_out(self):
        stage = Stage()
        stage.understand(sentence="x")
        assert stage.languages == ["en"]

    @pytest.mark.parametrize("asked", ["de", "pt-BR"])
    def test_has_to_be_one_of_a_skill(self, asked):
        stage = Stage()
        answer = stage.understand(sentence="x", language=asked)
        assert answer.problem() == (400, "invalid-request")
        assert answer.json()["field"] == "language"
        assert answer.json()["detail"].endswith("not " + asked + ": en, fr.")
        assert stage.languages == []

    @pytest.mark.parametrize("asked", ["", "e", "english", "en-", "<b>"])
    def test_has_to_be_written_as_one(self, asked):
        answer = Stage().understand(sentence="x", language=asked)
        assert (answer.problem(), answer.json()["field"]) == ((400, "invalid-request"), "language")

    def test_is_waited_for_until_it_has_learnt(self):
        promise: Deferred = Deferred()
        stage = Stage(promise=promise)
        line = stage.server.line()
        line.send(
            request(
                "POST",
                "/api/understand",
                b'{"sentence":"five minutes"}',
                Content_Type="application/json",
                Authorization="Bearer admin",
            )
        )
        assert line.answers() == []
        promise.callback(stage.reader)
        assert line.answer().json()["understood"]


class TestBodies:
    @pytest.mark.parametrize("sentence", ["", "x" * 1001, 5, None, ["x"], "a\0b"])
    def test_need_a_sentence(self, sentence):
        answer = Stage().understand(sentence=sentence)
        assert (answer.problem(), answer.json()["field"]) == ((400, "invalid-request"), "sentence")

    def test_may_be_long(self):
        assert Stage().understand(sentence="x" * 1000).status == 200

    def test_have_no_other_fields(self):
        answer = Stage().understand(sentence="x", scope="y")
        assert (answer.problem(), answer.json()["field"]) == ((400, "invalid-request"), "scope")


class TestAccess:
    @pytest.mark.parametrize(
        ("token", "problem"),
        [
            (None, (401, "token-missing")),
            ("stranger", (401, "token-invalid")),
            ("operator", (401, "token-invalid")),
            ("person", (403, "forbidden")),
        ],
    )
    def test_is_for_administrators(self, token, problem):
        stage = Stage()
        assert stage.understand(token, sentence="five minutes").problem() == problem
        assert stage.reader.asked == []
