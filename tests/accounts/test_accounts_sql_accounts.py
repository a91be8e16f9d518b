"""Accounts in every kind of store: names, ids, passwords, concurrent edits, the last admin."""

from __future__ import annotations

import pytest
from account_stores import NOON, made_login
from attrs import evolve

from pytlas_wamp.accounts.model import (
    Account,
    BadName,
    LastAdmin,
    NameTaken,
    Outdated,
    SetupDone,
    UnknownUser,
)
from pytlas_wamp.errors import ClientError

NOBODY = 99
# With a Cyrillic letter in front, as the next one; neither can be told from the Latin one.
LIKE_ANA = "\u0410na"
LIKE_BOB = "\u0412ob"


class TestAccounts:
    def test_are_added_active(self, ana):
        assert ana == Account(
            id=ana.id, name="Ana", language="fr-FR", active=True, admin=False, plain_tokens=False
        )

    @pytest.mark.parametrize("original_id", [None, 7])
    def test_have_tokens_without_a_login_only_when_they_are_moved_here(self, store, original_id):
        added = store.add("Ana", "hash", language="en", admin=False, original_id=original_id)

        assert added.plain_tokens is (original_id is not None)

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
        store.change(ana.id, active=False)
        store.change(ana.id, admin=True)
        store.change(ana.id, language="en")

        assert store.get(ana.id) == evolve(ana, language="en", active=False, admin=True, revision=4)
        assert store.get(bob.id) == bob

    def test_are_deleted_with_what_belongs_to_them(self, store, ana, bob):
        for person in (ana, bob):
            store.set_setting(person.id, "KEY", "value")
            store.revoke_token(f"token-{person.id}", person.id, 100)

        store.delete(ana.id)

        assert store.all() == [evolve(bob, settings_revision=2)]
        assert [store.settings(ana.id), store.settings(bob.id)] == [{}, {"KEY": "value"}]
        assert not store.is_revoked(f"token-{ana.id}")
        assert store.is_revoked(f"token-{bob.id}")

    def test_are_not_deleted_when_somebody_else_wrote_since(self, store, ana, bob):
        store.change(ana.id, language="en")
        before = store.last_change()

        with pytest.raises(Outdated, match="'Ana' was changed by somebody else"):
            store.delete(ana.id, if_revision=1)
        assert store.get(ana.id).language == "en"
        assert store.last_change() == before
        store.delete(ana.id, if_revision=2)
        assert store.all() == [bob]

    @pytest.mark.parametrize(
        "act",
        [
            lambda store: store.password_hash(NOBODY),
            lambda store: store.set_password_hash(NOBODY, "hash"),
            lambda store: store.set_password_hash(NOBODY, "hash", replacing="other"),
            lambda store: store.delete(NOBODY),
            lambda store: store.set_setting(NOBODY, "KEY", "value"),
            lambda store: store.delete_setting(NOBODY, "KEY"),
            lambda store: store.revoke_token("token", NOBODY, 100),
            lambda store: store.change(NOBODY, name="Eva"),
            lambda store: store.change_settings(NOBODY, {}),
            lambda store: store.add_login(made_login(NOBODY)),
            lambda store: store.end_logins(NOBODY),
        ],
    )
    def test_that_do_not_exist_cannot_be_written_to(self, store, ana, act):
        before = store.last_change()

        with pytest.raises(UnknownUser, match="no account with the id 99"):
            act(store)
        assert store.last_change() == before

    def test_of_ids_that_no_row_can_have_do_not_exist(self, store, ana):
        for user_id in (0, -1, 2**63, 10**40):
            assert store.get(user_id) is None
            assert store.find_original(user_id) is None
            with pytest.raises(UnknownUser):
                store.change(user_id, active=True)

    def test_are_counted(self, store, ana):
        assert (store.count(), store.ever_had_accounts()) == (1, True)
        store.delete(ana.id)
        assert (store.count(), store.ever_had_accounts()) == (0, True)

    def test_are_remembered_to_have_been_none(self, store):
        assert (store.count(), store.ever_had_accounts()) == (0, False)

    def test_are_added_with_all_that_is_known(self, store):
        made = store.add(
            "Ana",
            "hash",
            language="fr",
            admin=True,
            display_name="Ana Mar\u00eda",
            active=False,
            created_at=NOON,
            original_id=7,
            user_id=12,
        )

        assert made == Account(
            id=12,
            name="Ana",
            language="fr",
            active=False,
            admin=True,
            display_name="Ana Mar\u00eda",
            created_at=NOON,
            revision=1,
            settings_revision=1,
            plain_tokens=True,
            original_id=7,
        )
        assert [store.get(12), store.find_original(7), store.find_original(8)] == [made, made, None]


class TestGivenIds:
    def add(self, store, name, user_id):
        return store.add(name, "hash", language="en", admin=False, user_id=user_id).id

    def test_are_kept_when_they_were_never_used(self, store):
        assert [self.add(store, "Ana", 3), self.add(store, "Bob", 7)] == [3, 7]
        assert self.add(store, "Eva", None) == 8

    def test_are_replaced_when_somebody_has_them_or_had(self, store, ana, bob):
        store.delete(bob.id)

        assert self.add(store, "Eva", bob.id) == 3
        assert self.add(store, "Zoe", ana.id) == 4

    def test_are_replaced_when_no_row_can_have_them(self, store):
        assert self.add(store, "Ana", 2**63) == 1

    def test_of_the_original_belong_to_one_account_only(self, store):
        store.add("Ana", "hash", language="en", admin=False, original_id=7)

        with pytest.raises(NameTaken, match="'Ana' has the id 7 of the original server already"):
            store.add("Bob", "hash", language="en", admin=False, original_id=7)
        assert store.count() == 1


class TestFirst:
    def add(self, store, name):
        return store.add(name, "hash", language="en", admin=True, first=True)

    def test_is_added_when_there_is_none(self, store):
        assert self.add(store, "Ana").admin is True

    def test_is_refused_when_there_is_one(self, store, ana):
        with pytest.raises(SetupDone, match="already"):
            self.add(store, "Bob")
        assert store.all() == [ana]

    def test_is_refused_when_there_was_one(self, store, ana):
        store.delete(ana.id)

        with pytest.raises(SetupDone, match="already"):
            self.add(store, "Bob")
        assert store.all() == []

    def test_is_not_over_when_nobody_could_be_added(self, store):
        with pytest.raises(BadName):
            self.add(store, " ")

        assert not store.ever_had_accounts()
        assert self.add(store, "Ana").admin is True

    def test_is_one_that_came_with_its_own_id_too(self, store):
        store.add("Ana", "hash", language="en", admin=False, user_id=7)

        with pytest.raises(SetupDone):
            self.add(store, "Bob")


class TestLookalikes:
    def test_are_refused_when_they_are_added(self, store, ana):
        with pytest.raises(NameTaken) as caught:
            store.add(LIKE_ANA, "hash", language="en", admin=False)

        assert str(caught.value) == (
            f"The name {LIKE_ANA!r} can be mistaken for 'Ana', which another account has: "
            "choose another name."
        )
        assert store.all() == [ana]

    def test_are_refused_when_somebody_is_renamed(self, store, ana, bob):
        with pytest.raises(NameTaken, match="mistaken for 'Bob'"):
            store.change(ana.id, name=LIKE_BOB)
        assert store.get(ana.id) == ana

    def test_may_replace_one_s_own_name(self, store, ana):
        assert store.change(ana.id, name=LIKE_ANA).name == LIKE_ANA

        assert store.add(LIKE_BOB, "hash", language="en", admin=False).name == LIKE_BOB

    def test_that_every_keyboard_tells_apart_are_not_refused(self, store):
        for name in ("bill", "b1ll", "biII"):
            store.add(name, "hash", language="en", admin=False)

        assert [account.name for account in store.all()] == ["bill", "b1ll", "biII"]


class TestChange:
    def test_writes_what_is_given(self, store, ana, bob):
        changed = store.change(
            ana.id,
            name=" Anna ",
            language="de",
            display_name="Anna!",
            active=False,
            admin=True,
            plain_tokens=False,
        )

        assert changed == Account(
            id=ana.id,
            name="Anna",
            language="de",
            active=False,
            admin=True,
            display_name="Anna!",
            revision=2,
            plain_tokens=False,
        )
        assert store.all() == [changed, bob]
        assert store.find("Ana") is None

    def test_of_nothing_writes_nothing(self, store, ana):
        before = store.last_change()

        assert store.change(ana.id) == ana
        assert store.last_change() == before

    def test_to_the_same_is_a_change_too(self, store, ana):
        assert store.change(ana.id, name="Ana").revision == 2

    def test_of_what_was_read_before_somebody_else_wrote_is_refused(self, store, ana):
        store.change(ana.id, if_revision=1, language="en")

        with pytest.raises(Outdated, match="'Ana' was changed by somebody else"):
            store.change(ana.id, if_revision=1, language="de")
        assert store.change(ana.id, if_revision=2, language="it").language == "it"

    def test_is_all_or_nothing(self, store, ana, bob):
        with pytest.raises(NameTaken):
            store.change(ana.id, language="de", name="BOB")
        assert store.get(ana.id) == ana

    def test_needs_a_name_that_can_be_used(self, store, ana):
        with pytest.raises(BadName):
            store.change(ana.id, name=" ")

    def test_of_the_case_of_one_s_own_name_is_allowed(self, store, ana):
        assert store.change(ana.id, name="ANA").name == "ANA"

    def test_of_the_password_ends_all_logins(self, store, ana):
        store.add_login(made_login(ana.id))
        before = store.last_change()

        changed = store.change(ana.id, password_hash="new")

        assert store.password_hash(ana.id) == "new"
        assert changed == evolve(ana, plain_tokens=False, revision=2) == store.get(ana.id)
        assert store.logins(ana.id) == []
        assert [change.kind for change in store.changes(before)] == ["account", "logins"]

    def test_that_locks_somebody_out_ends_all_logins(self, store, bob):
        moved = store.add("Eva", "hash", language="en", admin=False, original_id=7)
        store.add_login(made_login(moved.id))
        store.add_login(made_login(bob.id, "theirs"))
        before = store.last_change()

        changed = store.change(moved.id, active=False)

        assert changed == evolve(moved, active=False, plain_tokens=False, revision=2)
        assert store.logins(moved.id) == []
        assert {change.user_id for change in store.changes(before)} == {moved.id}
        assert [login.id for login in store.logins(bob.id)] == ["theirs"]

    def test_that_lets_somebody_in_ends_no_logins(self, store, ana):
        store.add_login(made_login(ana.id))

        store.change(ana.id, active=True)

        assert len(store.logins(ana.id)) == 1


class TestLastAdmin:
    @pytest.mark.parametrize(
        "act",
        [
            lambda store, i: store.change(i, active=False, guard_admin=True),
            lambda store, i: store.change(i, admin=False, guard_admin=True),
            lambda store, i: store.delete(i, guard_admin=True),
        ],
    )
    def test_is_kept_where_that_is_asked_for(self, store, ana, bob, act):
        idle = store.add("Eva", "hash", language="en", admin=True, active=False)

        with pytest.raises(LastAdmin, match="'Bob' is the only active administrator"):
            act(store, bob.id)
        assert store.all() == [ana, bob, idle]

        store.change(idle.id, active=True)
        act(store, bob.id)
        assert store.get(bob.id) is None or not (
            store.get(bob.id).active and store.get(bob.id).admin
        )

    def test_may_be_changed_in_other_ways(self, store, bob):
        changed = store.change(bob.id, active=True, admin=True, language="it", guard_admin=True)

        assert changed.language == "it"

    def test_is_not_who_cannot_sign_in_or_is_none(self, store, ana):
        store.change(ana.id, active=False, guard_admin=True)
        store.delete(ana.id, guard_admin=True)

        assert store.count() == 0

    def test_may_go_where_nobody_asks(self, store, bob):
        store.change(bob.id, admin=False)
        store.change(bob.id, active=False)
        store.delete(bob.id)

        assert store.get(bob.id) is None


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

    def test_that_are_replaced_may_end_the_logins(self, store, ana):
        for login_id in ("phone", "kitchen"):
            store.add_login(made_login(ana.id, login_id))

        assert store.set_password_hash(ana.id, "new", end_logins=True, keep="phone") is True

        assert [login.id for login in store.logins(ana.id)] == ["phone"]
        assert store.get(ana.id) == evolve(ana, plain_tokens=False, revision=2)

    def test_that_are_not_replaced_end_no_logins(self, store, ana):
        store.add_login(made_login(ana.id))

        assert not store.set_password_hash(ana.id, "new", replacing="old", end_logins=True)

        assert len(store.logins(ana.id)) == 1
        assert store.get(ana.id) == ana

    def test_of_the_original_are_told_by_their_beginnings(self, store):
        for number, password_hash in enumerate(
            [
                "pbkdf2_sha256$260000$abc$xyz=",
                "pbkdf2_sha256$260000$def$xyz=",
                "pbkdf2_sha256$1$a$xyz=",
                "pbkdf2_sha256$150000$abc$xyz=",
                "pbkdf2-sha256$720000$abc$xyz=",
                "$argon2id$v=19$pbkdf2_sha256$",
            ]
        ):
            store.add(f"user {number}", password_hash, language="en", admin=False)

        assert store.imported_hashes() == [
            "pbkdf2_sha256$1$",
            "pbkdf2_sha256$150000$",
            "pbkdf2_sha256$260000$",
        ]


class TestInTheNameOf:
    ACTS = (
        lambda store, i, by: store.add("Eva", "hash", language="en", admin=False, by=by),
        lambda store, i, by: store.change(i, language="it", by=by),
        lambda store, i, by: store.change(by, active=True, admin=True, by=by),
        lambda store, i, by: store.delete(i, by=by),
        lambda store, i, by: store.change_settings(i, {"A": "1"}, by=by),
        lambda store, i, by: store.end_login(i, "phone", by=by),
        lambda store, i, by: store.end_logins(i, by=by),
    )

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize(
        "falls",
        [
            lambda store, by: store.change(by, admin=False),
            lambda store, by: store.change(by, active=False),
            lambda store, by: store.change(by, active=False, admin=False),
            lambda store, by: store.delete(by),
        ],
    )
    def test_who_is_no_administrator_any_more_nothing_is_written(self, store, ana, bob, act, falls):
        store.add_login(made_login(ana.id))
        falls(store, bob.id)
        before = store.last_change(), store.all(), store.logins(ana.id)

        with pytest.raises(ClientError, match="Only administrators") as refused:
            act(store, ana.id, bob.id)

        assert refused.value.code == "forbidden"
        assert (store.last_change(), store.all(), store.logins(ana.id)) == before
        assert store.settings(ana.id) == {}

    @pytest.mark.parametrize("act", ACTS)
    def test_an_administrator_everything_is_done(self, store, ana, bob, act):
        store.add_login(made_login(ana.id))
        before = store.last_change()

        act(store, ana.id, bob.id)

        assert store.last_change() > before

    @pytest.mark.parametrize("by", [0, -1, NOBODY, 10**40])
    def test_nobody_nothing_is_done(self, store, ana, by):
        with pytest.raises(ClientError):
            store.delete(ana.id, by=by)
