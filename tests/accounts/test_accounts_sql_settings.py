"""Settings in every kind of store: per person, all or none, and not over another's edit."""

from __future__ import annotations

import pytest
from attrs import evolve

from pytlas_wamp.accounts.model import BadSetting, Outdated
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.store import MAX_SETTINGS

NOBODY = 99


class TestSettings:
    def test_are_kept_per_person(self, store, ana, bob):
        store.set_setting(ana.id, "B", "é\n☃")
        store.set_setting(ana.id, "A", "")
        store.set_setting(bob.id, "A", "x" * 8192)

        assert store.settings(ana.id) == {"A": "", "B": "é\n☃"}
        assert store.settings(bob.id) == {"A": "x" * 8192}

    def test_are_replaced(self, store, ana, bob):
        for person in (ana, bob):
            store.set_setting(person.id, "A", "1")

        store.set_setting(ana.id, "A", "2")

        assert [store.settings(ana.id), store.settings(bob.id)] == [{"A": "2"}, {"A": "1"}]

    def test_are_deleted(self, store, ana, bob):
        for person in (ana, bob):
            store.set_setting(person.id, "A", "1")
            store.set_setting(person.id, "B", "2")

        assert store.delete_setting(ana.id, "A") is True
        assert store.delete_setting(ana.id, "A") is False
        assert [store.settings(ana.id), store.settings(bob.id)] == [
            {"B": "2"},
            {"A": "1", "B": "2"},
        ]

    def test_of_nobody_are_none(self, store):
        assert [store.settings(NOBODY), store.settings(10**40)] == [{}, {}]

    def test_are_listed_by_key(self, store, ana):
        for key in ("B", "A_B", "AB", "A"):
            store.set_setting(ana.id, key, "1")

        assert list(store.settings(ana.id)) == ["A", "AB", "A_B", "B"]


class TestRevisions:
    def test_rise_with_each_write(self, store, ana):
        store.set_setting(ana.id, "A", "1")
        store.delete_setting(ana.id, "A")

        assert store.get(ana.id) == evolve(ana, settings_revision=3)

    def test_stay_when_nothing_is_written(self, store, ana):
        store.delete_setting(ana.id, "A")

        assert store.get(ana.id) == ana


class TestChangeSettings:
    @pytest.fixture(autouse=True)
    def _some(self, store, ana):
        store.change_settings(ana.id, {"A": "1", "B": "2"})

    def test_writes_and_deletes_at_once(self, store, ana):
        before = store.last_change()

        assert store.change_settings(ana.id, {"A": "x", "B": None, "C": "", "D": None}) == 3

        assert store.settings(ana.id) == {"A": "x", "C": ""}
        assert store.get(ana.id).settings_revision == 3
        assert [change.kind for change in store.changes(before)] == ["settings"]

    @pytest.mark.parametrize("values", [{}, {"C": None}])
    def test_of_nothing_changes_nothing(self, store, ana, values):
        before = store.last_change()

        assert store.change_settings(ana.id, values) == 2
        assert store.last_change() == before

    def test_of_what_was_read_before_somebody_else_wrote_is_refused(self, store, ana):
        store.set_setting(ana.id, "A", "theirs")

        with pytest.raises(Outdated, match="settings of 'Ana' were changed by somebody else"):
            store.change_settings(ana.id, {"A": "ours"}, if_revision=2)
        assert store.settings(ana.id) == {"A": "theirs", "B": "2"}
        assert store.change_settings(ana.id, {"A": "ours"}, if_revision=3) == 4

    def test_is_all_or_none(self, store, ana):
        class Stumbling(dict):
            def items(self):
                yield "A", "written"
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.change_settings(ana.id, Stumbling())
        assert store.settings(ana.id) == {"A": "1", "B": "2"}
        assert store.get(ana.id).settings_revision == 2


class TestBound:
    @pytest.fixture
    def store(self, store):
        store.settings_bound = 2
        return store

    @pytest.fixture
    def full(self, store, ana):
        store.change_settings(ana.id, {"A": "1", "B": "2"})
        return ana

    def test_is_wide(self):
        assert SqlAccountStore("sqlite://").settings_bound == MAX_SETTINGS == 500

    def test_refuses_one_too_many(self, store, full):
        before = store.last_change()

        with pytest.raises(BadSetting, match="'Ana' may have 2 settings at most: delete some"):
            store.set_setting(full.id, "C", "3")
        with pytest.raises(BadSetting):
            store.change_settings(full.id, {"A": "x", "B": None, "C": "3", "D": "4"})

        assert store.settings(full.id) == {"A": "1", "B": "2"}
        assert store.last_change() == before

    def test_lets_one_take_the_place_of_another(self, store, full):
        store.change_settings(full.id, {"C": "3", "A": None})

        assert store.settings(full.id) == {"B": "2", "C": "3"}

    def test_lets_those_be_changed_and_deleted_that_are_too_many(self, store, full):
        store.settings_bound = 0

        store.set_setting(full.id, "A", "x")
        store.change_settings(full.id, {"A": "y", "B": "z"})
        assert store.delete_setting(full.id, "B") is True

        assert store.settings(full.id) == {"A": "y"}

    def test_is_for_each_person(self, store, full, bob):
        store.change_settings(bob.id, {"A": "1", "B": "2"})

        assert store.settings(bob.id) == {"A": "1", "B": "2"}
