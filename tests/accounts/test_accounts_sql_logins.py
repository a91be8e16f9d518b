"""Logins and revoked tokens in every kind of store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from account_stores import NOON, made_login
from attrs import evolve

from pytlas_wamp.accounts.model import LoginBounds, StoreBroken, TooManyDevices

# What nobody's login or token is called; a database would stumble over some of them.
NO_IDS = ["", "other", "a\0b", "\ud800", "x" * 65, "x" * 100_000, "' OR 1=1 --"]


@pytest.fixture
def phone(store, ana):
    made = made_login(ana.id, "phone", created_at=NOON)
    store.add_login(made)
    return made


@pytest.fixture
def kitchen(store, ana):
    made = made_login(
        ana.id,
        "kitchen",
        kind="device",
        created_at=NOON + 1,
        refresh_id=None,
        expires_at=253_402_300_799,
    )
    store.add_login(made)
    return made


@pytest.fixture
def theirs(store, bob):
    made = made_login(bob.id, "theirs", client="\u00e9" * 200, address="2001:db8::1")
    store.add_login(made)
    return made


def kinds(store, before):
    return [(change.kind, change.user_id, change.token_id) for change in store.changes(before)]


class TestLogins:
    def test_are_kept(self, store, phone, kitchen, theirs):
        assert [store.login(made.id) for made in (phone, kitchen, theirs)] == [
            phone,
            kitchen,
            theirs,
        ]

    def test_are_listed_per_person_newest_first(self, store, ana, phone, kitchen, theirs):
        twin = evolve(phone, id="another")
        store.add_login(twin)

        assert store.logins(ana.id) == [kitchen, twin, phone]
        assert store.logins(theirs.user_id) == [theirs]
        assert [store.logins(99), store.logins(10**40)] == [[], []]

    @pytest.mark.parametrize("login_id", NO_IDS, ids=range(len(NO_IDS)))
    def test_of_other_ids_do_not_exist(self, store, ana, phone, login_id):
        before = store.last_change()

        store.touch_login(login_id, seen_at=1, address=None)

        assert store.login(login_id) is None
        assert store.end_login(ana.id, login_id) is False
        assert not store.rotate_login(
            login_id, old="refresh-1", new="n", seen_at=1, expires_at=1, address=None
        )
        assert store.last_change() == before
        assert store.logins(ana.id) == [phone]

    def test_are_made_without_telling(self, store, ana):
        before = store.last_change()

        assert store.add_login(made_login(ana.id)) is True
        assert store.last_change() == before

    def test_of_one_id_are_not_made_twice(self, store, ana, phone):
        with pytest.raises(StoreBroken):
            store.add_login(evolve(phone, client="other"))
        assert store.logins(ana.id) == [phone]

    def test_are_made_only_with_the_present_password(self, store, ana):
        assert store.add_login(made_login(ana.id, "a"), password_hash="old") is False
        assert store.add_login(made_login(ana.id, "b"), password_hash="hash-1") is True
        assert [login.id for login in store.logins(ana.id)] == ["b"]

    def test_are_not_made_for_who_is_locked_out(self, store, ana):
        store.change(ana.id, active=False)

        assert store.add_login(made_login(ana.id)) is False
        assert store.logins(ana.id) == []

    def test_are_made_of_plain_tokens_only_while_these_are_good(self, store, ana):
        store.change(ana.id, plain_tokens=True)
        assert store.add_login(made_login(ana.id, "a"), plain=True) is True
        store.change(ana.id, plain_tokens=False)
        assert store.add_login(made_login(ana.id, "b"), plain=True) is False
        assert [login.id for login in store.logins(ana.id)] == ["a"]

    def test_are_seen(self, store, phone, kitchen):
        before = store.last_change()

        store.touch_login("phone", seen_at=NOON + 60, address="192.0.2.9")

        assert store.login("phone") == evolve(phone, seen_at=NOON + 60, address="192.0.2.9")
        assert store.login("kitchen") == kitchen
        assert store.last_change() == before

    def test_go_with_their_account(self, store, ana, phone, theirs):
        store.delete(ana.id)

        assert [store.login("phone"), store.login("theirs")] == [None, theirs]


class TestMadeByAnotherOne:
    @pytest.mark.parametrize(
        "ended",
        [
            lambda store, i: store.end_login(i, "phone"),
            lambda store, i: store.end_logins(i),
            lambda store, i: store.change(i, password_hash="new"),
            lambda store, i: store.set_password_hash(i, "new", end_logins=True),
        ],
    )
    def test_are_kept_only_while_that_is_there(self, store, ana, phone, ended):
        assert store.add_login(made_login(ana.id, "a", kind="device"), made_by="phone") is True
        ended(store, ana.id)
        before = store.last_change()

        assert store.add_login(made_login(ana.id, "b", kind="device"), made_by="phone") is False
        assert store.login("b") is None
        assert store.last_change() == before

    @pytest.mark.parametrize("made_by", ["theirs", "", "\0", "x" * 300])
    def test_are_not_kept_when_that_is_not_theirs(self, store, ana, phone, theirs, made_by):
        assert store.add_login(made_login(ana.id, "a"), made_by=made_by) is False


class TestBounds:
    @pytest.fixture
    def store(self, store):
        store.bounds = LoginBounds(passwords=3, devices=2)
        return store

    def test_are_wide(self):
        assert LoginBounds() == LoginBounds(passwords=200, devices=100)

    def test_end_the_login_that_was_unseen_for_longest(self, store, ana, theirs, kitchen):
        for number, login_id in enumerate(["oldest", "idle", "newest"]):
            store.add_login(made_login(ana.id, login_id, created_at=NOON + number, seen_at=NOON))
        store.touch_login("oldest", seen_at=NOON + 60, address=None)
        store.touch_login("newest", seen_at=NOON + 60, address=None)
        before = store.last_change()

        assert store.add_login(made_login(ana.id, "one more", seen_at=NOON - 1)) is True

        left = {login.id for login in store.logins(ana.id)}
        assert left == {"oldest", "newest", "one more", "kitchen"}
        assert kinds(store, before) == [("login", ana.id, "idle")]
        assert store.login("theirs") == theirs

    def test_end_the_older_one_of_those_seen_at_the_same_time(self, store, ana):
        for number in (1, 2, 0):
            login = made_login(ana.id, str(number), created_at=NOON + number, seen_at=NOON + 9)
            store.add_login(login)

        store.add_login(made_login(ana.id, "one more"))

        assert {login.id for login in store.logins(ana.id)} == {"1", "2", "one more"}

    def test_end_as_many_as_there_are_too_many(self, store, ana):
        for number in range(3):
            store.add_login(made_login(ana.id, str(number), seen_at=NOON + number))
        store.bounds = LoginBounds(passwords=1)

        store.add_login(made_login(ana.id, "one more"))

        assert [login.id for login in store.logins(ana.id)] == ["one more"]

    def test_end_nothing_for_a_login_that_is_not_made(self, store, ana):
        for number in range(3):
            store.add_login(made_login(ana.id, str(number)))

        assert store.add_login(made_login(ana.id, "one more"), password_hash="old") is False
        with pytest.raises(StoreBroken):
            store.add_login(made_login(ana.id, "0"))

        assert [login.id for login in store.logins(ana.id)] == ["0", "1", "2"]

    def test_refuse_one_device_too_many(self, store, ana, kitchen, theirs, phone):
        store.add_login(evolve(kitchen, id="hall", expires_at=NOON + 10))
        before = store.last_change()

        with pytest.raises(TooManyDevices, match="at most: end the logins of those"):
            store.add_login(evolve(kitchen, id="attic", created_at=NOON + 9))
        assert [login.id for login in store.logins(ana.id)] == ["hall", "kitchen", "phone"]
        assert store.last_change() == before

        assert store.add_login(evolve(kitchen, id="attic", created_at=NOON + 10)) is True

    def test_of_others_are_not_counted(self, store, bob, kitchen):
        store.add_login(evolve(kitchen, id="hall"))

        assert store.add_login(evolve(kitchen, id="attic", user_id=bob.id)) is True


class TestRotation:
    def rotate(self, store, old, new="refresh-2"):
        return store.rotate_login(
            "phone",
            old=old,
            new=new,
            seen_at=NOON + 5,
            expires_at=NOON + 500,
            address="192.0.2.9",
        )

    def test_replaces_the_refresh_token(self, store, phone, kitchen):
        before = store.last_change()

        assert self.rotate(store, "refresh-1") is True

        assert store.login("phone") == evolve(
            phone,
            refresh_id="refresh-2",
            seen_at=NOON + 5,
            expires_at=NOON + 500,
            address="192.0.2.9",
        )
        assert store.login("kitchen") == kitchen
        assert store.last_change() == before

    def test_of_a_replayed_one_writes_nothing(self, store, phone):
        assert self.rotate(store, "refresh-0") is False
        assert store.login("phone") == phone

    def test_is_done_by_one_caller_only(self, store, phone):
        with ThreadPoolExecutor(4) as pool:
            done = list(
                pool.map(lambda number: self.rotate(store, "refresh-1", str(number)), range(8))
            )

        assert sorted(done) == [False] * 7 + [True]
        assert store.login("phone").refresh_id == str(done.index(True))


class TestEnding:
    def test_of_one_login(self, store, ana, phone, kitchen):
        before = store.last_change()

        assert [store.end_login(ana.id, "phone"), store.end_login(ana.id, "phone")] == [True, False]

        assert store.logins(ana.id) == [kitchen]
        assert kinds(store, before) == [("login", ana.id, "phone")]

    def test_of_somebody_else_s_login_is_refused(self, store, ana, theirs):
        before = store.last_change()

        assert store.end_login(ana.id, "theirs") is False
        assert store.login("theirs") == theirs
        assert store.last_change() == before

    def test_of_all_refuses_plain_tokens_too(self, store, ana, phone, kitchen, theirs):
        store.change(ana.id, plain_tokens=True)
        before = store.last_change()

        assert store.end_logins(ana.id) == 2

        assert store.logins(ana.id) == []
        assert store.login("theirs") == theirs
        assert store.get(ana.id) == evolve(ana, plain_tokens=False, revision=3)
        assert kinds(store, before) == [("logins", ana.id, None)]

    def test_of_all_but_one(self, store, ana, phone, kitchen):
        before = store.last_change()

        assert store.end_logins(ana.id, keep="kitchen") == 1

        assert store.logins(ana.id) == [kitchen]
        assert kinds(store, before) == [("logins", ana.id, "kitchen")]

    @pytest.mark.parametrize("keep", ["theirs", "ended", "", "\0", "x" * 300])
    def test_of_all_keeps_none_that_is_not_there(self, store, ana, phone, theirs, keep):
        before = store.last_change()

        assert store.end_logins(ana.id, keep=keep) == 1

        assert [store.logins(ana.id), store.login("theirs")] == [[], theirs]
        assert kinds(store, before) == [("logins", ana.id, None)]

    def test_of_none_tells_that_plain_tokens_ended(self, store, ana):
        store.change(ana.id, plain_tokens=True)
        store.end_logins(ana.id)
        before = store.last_change()

        assert store.end_logins(ana.id) == 0

        assert store.get(ana.id).revision == 3
        assert kinds(store, before) == [("logins", ana.id, None)]

    def test_comes_by_itself(self, store, ana, phone):
        store.add_login(made_login(ana.id, "later", expires_at=NOON + 101))

        store.forget_expired(NOON + 100)

        assert [login.id for login in store.logins(ana.id)] == ["later"]


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

    @pytest.mark.parametrize("token_id", NO_IDS, ids=range(len(NO_IDS)))
    def test_are_no_others(self, store, ana, token_id):
        store.revoke_token("one", ana.id, 100)

        assert not store.is_revoked(token_id)
