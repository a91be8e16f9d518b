"""The news that every kind of store keeps for other processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from account_stores import STORES
from sqlalchemy import insert

from pytlas_wamp.accounts.model import Change
from pytlas_wamp.accounts.tables import CHANGES


class TestChanges:
    def test_are_none_at_first(self, store):
        assert [store.last_change(), store.changes(0)] == [0, []]

    @pytest.mark.parametrize(
        ("act", "kind", "token_id"),
        [
            (lambda store, i: store.set_password_hash(i, "new"), "account", None),
            (lambda store, i: store.change(i, active=True), "account", None),
            (lambda store, i: store.delete(i), "account", None),
            (lambda store, i: store.set_setting(i, "A", "2"), "settings", None),
            (lambda store, i: store.delete_setting(i, "A"), "settings", None),
            (lambda store, i: store.revoke_token("new", i, 100), "token", "new"),
            (lambda store, i: store.change(i, name="Eva"), "account", None),
            (lambda store, i: store.change_settings(i, {"A": "2", "B": "3"}), "settings", None),
            (lambda store, i: store.end_logins(i), "logins", None),
        ],
    )
    def test_tell_of_each_write(self, store, ana, act, kind, token_id):
        store.set_setting(ana.id, "A", "1")
        before = store.last_change()

        act(store, ana.id)

        assert store.changes(before) == [
            Change(id=before + 1, user_id=ana.id, kind=kind, token_id=token_id)
        ]
        assert store.last_change() == before + 1

    def test_tell_of_a_new_account(self, store, ana):
        assert store.changes(0) == [Change(id=1, user_id=ana.id, kind="account", token_id=None)]

    @pytest.mark.parametrize(
        "act",
        [
            lambda store, i: store.delete_setting(i, "A"),
            lambda store, i: store.revoke_token("old", i, 100),
            lambda store, i: store.set_password_hash(i, "new", replacing="other"),
            lambda store, i: store.forget_expired(1000),
            lambda store, i: store.settings(i),
        ],
    )
    def test_tell_nothing_when_nothing_changed(self, store, ana, act):
        store.revoke_token("old", ana.id, 100)
        before = store.last_change()

        act(store, ana.id)

        assert store.changes(before) == []

    def test_are_pruned_to_the_newest_thousand(self, store, ana):
        with store.database.writing() as connection:
            row = {"user_id": ana.id, "kind": "settings"}
            connection.execute(insert(CHANGES), [row] * 1000)

        for number in range(5):
            store.set_setting(ana.id, "A", str(number))

        kept = [change.id for change in store.changes(0)]

        assert kept == list(range(7, 1007))
        assert [change.id for change in store.changes(1004)] == [1005, 1006]

    def test_tell_of_skills(self, store):
        store.note_skills()

        assert store.changes(0) == [Change(id=1, user_id=0, kind="skills", token_id=None)]


class TestOrder:
    @pytest.mark.parametrize("kind", ["file", "postgresql"])
    def test_is_that_in_which_they_appear(self, kind, tmp_path):
        """Whoever has read up to an id must not miss a lower one that appears later."""
        store = STORES[kind](tmp_path)
        ana = store.add("Ana", "hash", language="en", admin=False)
        done = Event()

        def follow():
            seen = [1]
            while not (done.is_set() and seen[-1] == store.last_change()):
                seen += [change.id for change in store.changes(seen[-1])]
            return seen

        def write(_):
            store.change(ana.id, language="fr")

        with ThreadPoolExecutor(5) as pool:
            following = pool.submit(follow)
            list(pool.map(write, range(40)))
            done.set()

        assert following.result() == list(range(1, 42))
        store.close()
