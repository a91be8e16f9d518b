"""What every store promises as a whole, tried on each kind of store (see account_stores.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from threading import Barrier

import pytest
from account_stores import STORES, made_login

from pytlas_wamp.accounts.model import LastAdmin, NameTaken, Outdated, SigningKey, StoreBroken
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.store import AccountStore
from transactions import begun_transactions

KEY = SigningKey(kid="k1", secret="s1", purpose="own", created_at=1, expires_at=None)


class TestProtocol:
    @pytest.mark.parametrize("name", [n for n in vars(AccountStore) if not n.startswith("_")])
    def test_methods_take_the_same_arguments(self, name):
        promised = signature(getattr(AccountStore, name))

        assert signature(getattr(SqlAccountStore, name)) == promised


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


class TestTogether:
    def test_reads_share_a_transaction(self, store, ana):
        with begun_transactions() as begun, store.together():
            assert (store.get(ana.id), store.settings(ana.id), store.keys()) == (ana, {}, [])

        assert len(begun) == 1

    def test_what_is_written_is_seen_in_the_same_block(self, store, ana):
        with store.together():
            assert store.settings(ana.id) == {}
            store.set_setting(ana.id, "A", "1")
            assert store.settings(ana.id) == {"A": "1"}


class TestTwoProcesses:
    @pytest.fixture(params=["file", "postgresql"])
    def daemon(self, request, tmp_path):
        made = STORES[request.param](tmp_path)
        yield made
        made.close()

    @pytest.fixture
    def command_line(self, daemon):
        made = SqlAccountStore(daemon.url)
        yield made
        made.close()

    def test_see_each_other_s_changes(self, daemon, command_line):
        ana = command_line.add("Ana", "hash", language="en", admin=False)
        seen = daemon.last_change()
        command_line.change(ana.id, active=False)
        daemon.set_setting(ana.id, "A", "1")

        assert daemon.get(ana.id) == command_line.get(ana.id)
        assert daemon.get(ana.id).active is False
        kinds = [change.kind for change in daemon.changes(seen)]
        assert kinds == ["account", "logins", "settings"]
        assert command_line.changes(0) == daemon.changes(0)

    def test_keep_names_apart(self, daemon, command_line):
        command_line.add("Ana", "hash", language="en", admin=False)

        with pytest.raises(NameTaken):
            daemon.add("ana", "hash", language="en", admin=False)

    def test_keep_what_they_wrote(self, daemon):
        ana = daemon.add("Ana", "hash", language="en", admin=False)
        daemon.close()

        again = SqlAccountStore(daemon.url)

        assert again.all() == [ana]
        again.close()

    @pytest.mark.parametrize("names", [["Ana", "\u0410na"], ["Ana", "ANA"]])
    def test_let_one_of_two_names_win_that_are_mistaken_for_each_other(
        self, daemon, command_line, names
    ):
        together = Barrier(2)

        def add(store, name):
            together.wait()
            try:
                return store.add(name, "hash", language="en", admin=False)
            except NameTaken:
                return None

        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(add, [daemon, command_line], names))

        assert made.count(None) == 1
        assert daemon.all() == [account for account in made if account]

    def test_let_one_of_two_administrators_stay(self, daemon, command_line):
        two = [daemon.add(name, "h", language="en", admin=True).id for name in ("Ana", "Bob")]
        together = Barrier(2)

        def resign(store, user_id):
            together.wait()
            try:
                return store.change(user_id, admin=False, guard_admin=True)
            except LastAdmin:
                return None

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(resign, [daemon, command_line], two)).count(None) == 1
        assert [account.admin for account in daemon.all()].count(True) == 1

    def test_let_one_of_two_edits_win(self, daemon, command_line):
        ana = daemon.add("Ana", "hash", language="en", admin=False)
        together = Barrier(2)

        def edit(store, language):
            together.wait()
            try:
                return store.change(ana.id, if_revision=1, language=language)
            except Outdated:
                return None

        with ThreadPoolExecutor(2) as pool:
            edits = list(pool.map(edit, [daemon, command_line], ["fr", "de"]))

        assert edits.count(None) == 1
        assert daemon.get(ana.id) in edits


class TestTrouble:
    def test_of_the_database_is_told_in_one_sentence(self, store, ana):
        with store.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE revoked_tokens")

        with pytest.raises(StoreBroken, match=r"no such table|does not exist") as caught:
            store.is_revoked("one")
        assert "\n" not in str(caught.value)

    def test_half_way_leaves_nothing_behind(self, store, ana):
        with store.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE changes")

        with pytest.raises(StoreBroken):
            store.change(ana.id, language="en")
        assert store.get(ana.id) == ana

    def test_does_not_show_the_url(self, store):
        assert "url=" not in repr(store)


class TestOutage:
    """The database's server goes away and comes back, while ours goes on."""

    CALLS = (
        lambda store, i: store.add("Eva", "hash", language="en", admin=False),
        lambda store, i: store.get(i),
        lambda store, i: store.find("Ana"),
        lambda store, i: store.find_original(1),
        lambda store, i: store.all(),
        lambda store, i: store.count(),
        lambda store, i: store.ever_had_accounts(),
        lambda store, i: store.password_hash(i),
        lambda store, i: store.set_password_hash(i, "new"),
        lambda store, i: store.imported_hashes(),
        lambda store, i: store.change(i, name="Eva"),
        lambda store, i: store.delete(i),
        lambda store, i: store.settings(i),
        lambda store, i: store.set_setting(i, "A", "1"),
        lambda store, i: store.delete_setting(i, "A"),
        lambda store, i: store.change_settings(i, {"A": "1"}),
        lambda store, i: store.add_login(made_login(i)),
        lambda store, i: store.login("phone"),
        lambda store, i: store.logins(i),
        lambda store, i: store.rotate_login(
            "phone", old="a", new="b", seen_at=1, expires_at=2, address=None
        ),
        lambda store, i: store.touch_login("phone", seen_at=1, address=None),
        lambda store, i: store.end_login(i, "phone"),
        lambda store, i: store.end_logins(i),
        lambda store, i: store.keys(),
        lambda store, i: store.rotate_key(KEY, old_expires_at=1),
        lambda store, i: store.add_key(KEY),
        lambda store, i: store.note_skills(),
        lambda store, i: store.revoke_token("one", i, 100),
        lambda store, i: store.is_revoked("one"),
        lambda store, i: store.forget_expired(1),
        lambda store, i: store.last_change(),
        lambda store, i: store.changes(0),
    )

    def test_is_told_by_every_method_and_leaves_nothing_lost_or_half_done(self, postgres):
        store = STORES["postgresql"](None)
        ana = store.add("Ana", "hash", language="en", admin=False)
        before = store.changes(0)

        postgres.pause()
        for call in self.CALLS:
            with pytest.raises(StoreBroken, match="is used again as soon as it answers"):
                call(store, ana.id)
        postgres.resume()

        assert store.all() == [ana]
        assert store.changes(0) == before
        store.close()

    def test_that_nobody_noticed_is_none(self, postgres):
        store = STORES["postgresql"](None)
        ana = store.add("Ana", "hash", language="en", admin=False)

        postgres.pause()
        postgres.resume()

        assert store.get(ana.id) == ana
        store.change(ana.id, language="fr")
        store.close()

    def test_knows_every_method(self):
        called = {name for call in self.CALLS for name in call.__code__.co_names}

        methods = {n for n in vars(AccountStore) if not n.startswith("_")}
        # By itself `together` asks the database nothing; see the tests of Database.
        assert methods - called == {"close", "together"}

    def test_in_the_middle_of_a_transaction_undoes_it(self, postgres):
        store = STORES["postgresql"](None)

        def write_and_lose():
            with store.database.writing() as connection:
                connection.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'x')")
                postgres.pause()
                connection.exec_driver_sql("SELECT 1")

        with pytest.raises(StoreBroken, match="is used again as soon as it answers"):
            write_and_lose()
        postgres.resume()

        assert store.changes(0) == []
        store.close()
