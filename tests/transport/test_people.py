"""What the reactor's side asks about people."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.people import People
from transactions import begun_transactions


@pytest.fixture
def people(wire):
    return People(accounts=wire.accounts, store=wire.store, workers=wire.checks)


@pytest.fixture
def result(wire):
    """What a Deferred fires with, or the error it fails with."""

    def wait(deferred: Deferred):
        got = []
        deferred.addCallbacks(got.append, lambda failure: got.append(failure.value))
        wire.settle()
        (outcome,) = got
        return outcome

    return wait


class TestPeople:
    def test_nothing_is_asked_in_the_reactors_thread(self, wire, people):
        wire.checks.held = True
        assert not people.admit(wire.token()).called
        wire.checks.held = False
        wire.settle()

    def test_whose_a_token_is(self, wire, people, result):
        assert result(people.admit(wire.token(2))).grant.account.name == "bob"

    def test_who_comes_with_a_token_has_their_language_and_settings(self, wire, people, result):
        wire.accounts.set_setting("bob", "person.name", "Bob")
        assert result(people.admit(wire.token(2))).person == Person(
            id=2, language="en-US", settings={"PERSON_NAME": "Bob"}
        )

    def test_who_comes_with_a_token_is_read_in_one_transaction(self, wire, people, result):
        token = wire.token(2)
        with begun_transactions() as begun:
            result(people.admit(token))
        assert len(begun) == 1

    def test_who_has_no_good_token_is_not_admitted(self, wire, people, result):
        assert result(people.admit("nonsense")).code == "token-invalid"

    def test_a_person_comes_with_their_settings(self, wire, people, result):
        wire.accounts.set_setting("alice", "person.name", "Alice")
        person = result(people.find(1))
        assert (person.id, person.language) == (1, "en-US")
        assert person.settings == {"PERSON_NAME": "Alice"}

    def test_a_person_is_read_in_one_transaction(self, people, result):
        with begun_transactions() as begun:
            result(people.find(1))
        assert len(begun) == 1

    @pytest.mark.parametrize("way", ["disable", "delete"])
    def test_one_who_is_no_more_is_not_found(self, wire, people, result, way):
        getattr(wire.accounts, way)("alice")
        error = result(people.find(1))
        assert (type(error), error.code) == (ClientError, "account-disabled")

    def test_changes_are_those_after_a_number(self, wire, people, result):
        last = result(people.last_change())
        wire.accounts.set_language("bob", "fr-FR")
        (change,) = result(people.changes(last))
        assert (change.id, change.user_id, change.kind) == (last + 1, 2, "account")

    def test_languages_are_those_people_speak(self, wire, people, result):
        wire.accounts.set_language("bob", "FR-fr")
        assert result(people.languages()) == {"en", "fr"}

    def test_cleaning_up_never_fails(self, wire, people, result):
        assert result(people.forget_expired()) is None
        wire.checks.trouble = StoreBroken("the disk is full")
        assert result(people.forget_expired()) is None
        (fault,) = wire.faults()
        assert fault.startswith("could not clean up")
