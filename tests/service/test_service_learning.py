"""What is learnt when a server starts."""

from __future__ import annotations

import pytest
from assembled import errors
from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.learning import Learning


@define
class Status:
    language: str
    state: str


@define(eq=False)
class Interpreters:
    """Learn when the test says so."""

    asked: dict = field(factory=dict)
    states: list = field(factory=list)

    def get(self, language):
        self.asked[language] = Deferred()
        return self.asked[language]

    def status(self):
        return self.states


@define(eq=False)
class People:
    found: object = field(factory=lambda: succeed({"de", "fr"}))

    def languages(self):
        return self.found


@pytest.fixture
def interpreters():
    return Interpreters()


@pytest.fixture
def learn(interpreters):
    """`learn(served={"fr"})`: begun."""

    def begin(people=None, *, language="en-US", served=None):
        learning = Learning(
            interpreters=interpreters,
            people=people or People(),
            language=language,
            served=None if served is None else frozenset(served),
        )
        learning.start()
        return learning

    return begin


class TestStart:
    def test_learns_the_language_of_the_server_first(self, learn, interpreters):
        learn()
        assert list(interpreters.asked) == ["en", "de", "fr"]

    def test_learns_no_other_language_than_those_served(self, learn, interpreters):
        learn(served={"fr", "it"})
        assert list(interpreters.asked) == ["fr"]

    def test_the_language_of_the_server_is_first_if_it_is_served(self, learn, interpreters):
        learn(served={"de", "en"})
        assert list(interpreters.asked) == ["en", "de"]

    def test_has_learnt_when_the_first_is_there(self, learn, interpreters):
        learning = learn()
        assert not learning.has_learnt
        interpreters.asked["de"].callback(None)
        assert not learning.has_learnt
        interpreters.asked["en"].callback(None)
        assert learning.has_learnt

    def test_has_learnt_when_somebody_asked_for_it_later(self, learn, interpreters):
        learning = learn()
        interpreters.states = [Status("fr", "ready"), Status("en", "learning")]
        assert not learning.has_learnt
        interpreters.states = [Status("en", "ready")]
        assert learning.has_learnt
        interpreters.states = []
        assert learning.has_learnt

    def test_is_over_when_each_has_been_tried(self, learn, interpreters):
        over = []
        learning = learn()
        learning.when_over().addCallback(over.append)
        interpreters.asked["en"].callback(None)
        interpreters.asked["de"].errback(OperatorError("too long"))
        assert over == []
        interpreters.asked["fr"].callback(None)
        assert over == [None]
        learning.when_over().addCallback(over.append)
        assert over == [None, None]


class TestTrouble:
    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (RuntimeError("a bug"), "no interpreter for 'de'"),
            (OperatorError("too long"), "no interpreter for 'de': too long"),
        ],
    )
    def test_what_cannot_be_learnt_is_logged(self, learn, interpreters, log, error, told):
        learn()
        interpreters.asked["de"].errback(error)
        assert errors(log) == [told]

    def test_languages_that_cannot_be_looked_up_are_logged(self, learn, log):
        over = []
        learning = learn(People(fail(OperatorError("gone"))))
        learning.when_over().addCallback(over.append)
        assert over == [None]
        assert errors(log) == ["could not look up languages"]
