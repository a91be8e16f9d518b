"""What every store promises, tried on each kind of store (see account_stores.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from inspect import signature

import pytest

from pytlas_wamp.accounts.model import Account, BadName, Change, NameTaken, StoreBroken, UnknownUser
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.store import AccountStore

NOBODY = 99


@pytest.fixture
def ana(store):
    return store.add("Ana", "hash-1", language="fr-FR", admin=False)


@pytest.fixture
def bob(store, ana):
    return store.add("Bob", "hash-2", language="en", admin=True)


class TestProtocol:
    @pytest.mark.parametrize("name", [n for n in vars(AccountStore) if not n.startswith("_")])
    def test_methods_take_the_same_arguments(self, name):
        promised = signature(getattr(AccountStore, name))

        assert signature(getattr(SqlAccountStore, name)) == promised


class TestAccounts:
    def test_are_added_active(self, ana):
        assert ana == Account(id=ana.id, name="Ana", language="fr-FR", active=True, admin=False)

    def test_are_got_by_id(self, store, ana, bob):
        assert [store.get(ana.id), store.get(bob.id), store.get(NOBODY)] == [ana, bob, None]

    @pytest.mark.parametrize("name", ["Ana", " Ana ", "\uff21\uff4e\uff41"])
    def test_are_found_by_their_name(self, store, ana, name):
        assert store.find(name) == ana

    @pytest.mark.parametrize("name", ["ana", "An", "", "a\0", "\ud800", "x" * 9999, "' OR 1=1"])
    def test_are_found_by_no_other_name(self, store, ana, name):
        assert store.find(name) is None

    def test_are_listed_oldest_first(self, store, ana, bob):
        assert store.all() == [ana, bob]

    @pytest.mark.parametrize("name", ["Ana", "ANA", " ana", "\uff41\uff4e\uff41"])
    def test_that_differ_only_by_case_are_refused(self, store, ana, name):
        with pytest.raises(NameTaken, match="choose another"):
            store.add(name, "hash", language="en", admin=False)
        assert store.all() == [ana]

    def test_need_a_name(self, store):
        with pytest.raises(BadName):
            store.add(" ", "hash", language="en", admin=False)

    def test_keep_the_longest_name(self, store):
        assert store.add("ß" * 150, "h", language="en", admin=False).name == "ß" * 150

    def test_never_get_the_id_of_a_deleted_one(self, store, ana, bob):
        store.delete(bob.id)

        again = store.add("Bob", "hash", language="en", admin=False)

        assert again.id > bob.id

    def test_change(self, store, ana, bob):
        store.set_active(ana.id, active=False)
        store.set_admin(ana.id, admin=True)
        store.set_language(ana.id, "en")

        assert store.get(ana.id) == Account(
            id=ana.id, name="Ana", language="en", active=False, admin=True
        )
        assert store.get(bob.id) == bob

    def test_are_deleted_with_what_belongs_to_them(self, store, ana, bob):
        for person in (ana, bob):
            store.set_setting(person.id, "KEY", "value")
            store.revoke_token(f"token-{person.id}", person.id, 100)

        store.delete(ana.id)

        assert store.all() == [bob]
        assert [store.settings(ana.id), store.settings(bob.id)] == [{}, {"KEY": "value"}]
        assert not store.is_revoked(f"token-{ana.id}")
        assert store.is_revoked(f"token-{bob.id}")

    @pytest.mark.parametrize(
        "act",
        [
            lambda store: store.password_hash(NOBODY),
            lambda store: store.set_password_hash(NOBODY, "hash"),
            lambda store: store.set_password_hash(NOBODY, "hash", replacing="other"),
            lambda store: store.set_active(NOBODY, active=True),
            lambda store: store.set_admin(NOBODY, admin=True),
            lambda store: store.set_language(NOBODY, "en"),
            lambda store: store.delete(NOBODY),
            lambda store: store.set_setting(NOBODY, "KEY", "value"),
            lambda store: store.delete_setting(NOBODY, "KEY"),
            lambda store: store.revoke_token("token", NOBODY, 100),
        ],
    )
    def test_that_do_not_exist_cannot_be_written_to(self, store, ana, act):
        before = store.last_change()

        with pytest.raises(UnknownUser, match="no account with the id 99"):
            act(store)
        assert store.last_change() == before


class TestPasswordHashes:
    def test_are_kept(self, store, ana, bob):
        assert [store.password_hash(ana.id), store.password_hash(bob.id)] == ["hash-1", "hash-2"]

    def test_are_replaced(self, store, ana, bob):
        assert store.set_password_hash(ana.id, "new") is True
        assert [store.password_hash(ana.id), store.password_hash(bob.id)] == ["new", "hash-2"]

    def test_are_replaced_if_still_the_same(self, store, ana):
        assert store.set_password_hash(ana.id, "new", replacing="hash-1") is True
        assert store.set_password_hash(ana.id, "late", replacing="hash-1") is False
        assert store.password_hash(ana.id) == "new"


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


class TestRevokedTokens:
    def test_are_remembered(self, store, ana):
        store.revoke_token("one", ana.id, 100)

        assert [store.is_revoked("one"), store.is_revoked("two")] == [True, False]

    def test_are_revoked_by_one_caller_only(self, store, ana):
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda _: store.revoke_token("one", ana.id, 100), range(8)))

        assert sorted(results) == [False] * 7 + [True]

    def test_are_forgotten_when_they_expire(self, store, ana):
        for expires_at in (99, 100, 101):
            store.revoke_token(str(expires_at), ana.id, expires_at)

        store.forget_expired(100)

        assert [store.is_revoked(token) for token in ("99", "100", "101")] == [False, False, True]

    def test_may_expire_in_the_far_future(self, store, ana):
        store.revoke_token("one", ana.id, 253_402_300_799)

        store.forget_expired(253_402_300_798)

        assert store.is_revoked("one")


class TestChanges:
    def test_are_none_at_first(self, store):
        assert [store.last_change(), store.changes(0)] == [0, []]

    @pytest.mark.parametrize(
        ("act", "kind", "token_id"),
        [
            (lambda store, i: store.set_password_hash(i, "new"), "account", None),
            (lambda store, i: store.set_active(i, active=True), "account", None),
            (lambda store, i: store.set_admin(i, admin=True), "account", None),
            (lambda store, i: store.set_language(i, "en"), "account", None),
            (lambda store, i: store.delete(i), "account", None),
            (lambda store, i: store.set_setting(i, "A", "2"), "settings", None),
            (lambda store, i: store.delete_setting(i, "A"), "settings", None),
            (lambda store, i: store.revoke_token("new", i, 100), "token", "new"),
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
        for number in range(1005):
            store.set_setting(ana.id, "A", str(number))

        kept = [change.id for change in store.changes(0)]

        assert kept == list(range(7, 1007))
        assert [change.id for change in store.changes(1004)] == [1005, 1006]


class TestThreads:
    def test_do_not_get_into_each_other_s_way(self, store, ana):
        def write(thread):
            for number in range(10):
                store.set_setting(ana.id, f"KEY_{thread}", str(number))
                store.settings(ana.id)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))

        assert store.settings(ana.id) == {f"KEY_{thread}": "9" for thread in range(4)}
        assert [change.id for change in store.changes(1)] == list(range(2, 42))


class TestTwoProcesses:
    @pytest.fixture
    def daemon(self, tmp_path):
        made = SqlAccountStore(tmp_path / "shared.db")
        yield made
        made.close()

    @pytest.fixture
    def command_line(self, daemon, tmp_path):
        made = SqlAccountStore(f"sqlite:///{tmp_path / 'shared.db'}")
        yield made
        made.close()

    def test_see_each_other_s_changes(self, daemon, command_line):
        ana = command_line.add("Ana", "hash", language="en", admin=False)
        seen = daemon.last_change()
        command_line.set_active(ana.id, active=False)
        daemon.set_setting(ana.id, "A", "1")

        assert daemon.get(ana.id) == command_line.get(ana.id)
        assert daemon.get(ana.id).active is False
        assert [change.kind for change in daemon.changes(seen)] == ["account", "settings"]
        assert command_line.changes(0) == daemon.changes(0)

    def test_keep_names_apart(self, daemon, command_line):
        command_line.add("Ana", "hash", language="en", admin=False)

        with pytest.raises(NameTaken):
            daemon.add("ana", "hash", language="en", admin=False)

    def test_keep_what_they_wrote(self, daemon, tmp_path):
        ana = daemon.add("Ana", "hash", language="en", admin=False)
        daemon.close()

        again = SqlAccountStore(tmp_path / "shared.db")

        assert again.all() == [ana]
        again.close()


class TestTrouble:
    def test_of_the_database_is_told_in_one_sentence(self, store, ana):
        with store._database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE revoked_tokens")

        with pytest.raises(StoreBroken, match="no such table") as caught:
            store.is_revoked("one")
        assert "\n" not in str(caught.value)

    def test_half_way_leaves_nothing_behind(self, store, ana):
        with store._database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE changes")

        with pytest.raises(StoreBroken):
            store.set_language(ana.id, "en")
        assert store.get(ana.id) == ana
