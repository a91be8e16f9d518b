"""Signing in with a password, and choosing another one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from account_people import BETTER, GOOD, PHONE, YEAR, Meanwhile, People, code
from account_stores import NOON
from argon2 import PasswordHasher
from attrs import evolve

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.accounts.model import BadPassword, WeakPassword
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.errors import ClientError

DJANGO = "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww="  # GOOD


@pytest.fixture
def people():
    made = People()
    yield made
    made.store.close()


@pytest.fixture
def clock(people):
    return people.clock


@pytest.fixture
def hasher(people):
    return people.hasher


@pytest.fixture
def store(people):
    return people.store


@pytest.fixture
def accounts(people):
    return people.accounts


@pytest.fixture
def ana(accounts):
    return accounts.create("Ana", GOOD, language="fr-FR")


@pytest.fixture
def pair(accounts, ana):
    return accounts.sign_in("Ana", GOOD, PHONE)


class TestSignIn:
    @pytest.mark.parametrize("name", ["Ana", " Ana ", "\uff21\uff4e\uff41"])
    def test_gives_a_pair_of_tokens(self, accounts, ana, name):
        pair = accounts.sign_in(name, GOOD)

        assert accounts.check(pair.access).account == ana
        assert accounts.verify(pair.refresh).kind == "refresh"

    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("Ana", "wrong"),
            ("Ana", GOOD + " "),
            ("ana", GOOD),
            ("Nobody", GOOD),
            ("Off", GOOD),
            ("Off", "wrong"),
            ("", GOOD),
            ("a\0", GOOD),
            ("\ud800", GOOD),
        ],
    )
    def test_refuses_everybody_else_alike_at_the_same_cost(
        self, accounts, ana, hasher, name, password
    ):
        accounts.create("Off", GOOD)
        accounts.disable("Off")
        hashed, verified = hasher.hashed, hasher.verified

        with pytest.raises(ClientError) as caught:
            accounts.sign_in(name, password)

        assert caught.value.code == "authentication-failed"
        assert caught.value.detail == "No active account has this name and this password."
        assert (hasher.hashed - hashed, hasher.verified - verified) == (0, 1)

    @pytest.mark.parametrize("imported", [False, True])
    def test_costs_everybody_the_same(self, people, accounts, ana, store, hasher, imported):
        rounds = []
        accounts = evolve(
            accounts,
            passwords=Passwords(hasher, lambda *given: rounds.append(given[-1]) or b"no"),
        )
        accounts.create("Off", GOOD)
        accounts.disable("Off")
        store.add("Old", DJANGO if imported else "!", language="en", admin=False)
        costs = set()
        for name in ("Ana", "Off", "Old", "Nobody", "\ud800", "x" * 70_000):
            for password in ("wrong", "", "x" * 1025, "\ud800"):
                hashed, verified = hasher.hashed, hasher.verified
                rounds.clear()
                assert code(accounts.sign_in, name, password) == "authentication-failed"
                # What is no hash at all costs argon2 nothing.
                free = name == "Old" and not imported and password == "wrong"
                costs.add((hasher.hashed - hashed, hasher.verified - verified - free, sum(rounds)))

        assert costs == {(0, 1, 1000 if imported else 0)}

    def test_accepts_a_password_of_the_original_and_renews_its_hash(self, accounts, store):
        moved = store.add("Old", DJANGO, language="en", admin=False)
        assert code(accounts.sign_in, "Old", BETTER) == "authentication-failed"

        assert accounts.check(accounts.sign_in("Old", GOOD).access).account.id == moved.id

        assert store.password_hash(moved.id).startswith("$argon2id$")
        assert accounts.sign_in("Old", GOOD)

    def test_makes_a_login(self, accounts, ana, pair):
        (login,) = accounts.logins(ana.id)

        assert (login.client, login.address, login.created_at) == ("Phone", "192.0.2.1", NOON)
        assert accounts.check(pair.access).login_id == login.id

    def test_renews_a_hash_made_with_other_parameters(self, accounts, ana, store):
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(GOOD)
        store.set_password_hash(ana.id, old)

        accounts.sign_in("Ana", GOOD)

        assert ",t=1," in store.password_hash(ana.id)
        assert accounts.sign_in("Ana", GOOD)

    def test_leaves_a_hash_of_ours_alone(self, accounts, ana, store):
        before = store.password_hash(ana.id)

        accounts.sign_in("Ana", GOOD)

        assert store.password_hash(ana.id) == before

    @pytest.mark.parametrize(
        ("method", "refused"),
        [
            ("password_hash", "authentication-failed"),
            ("add_login", "authentication-failed"),
            ("set_password_hash", "token-revoked"),
        ],
    )
    def test_does_not_bring_back_a_password_changed_meanwhile(
        self, people, accounts, ana, store, method, refused
    ):
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(GOOD)
        store.set_password_hash(ana.id, old)
        racing = people.on(
            Meanwhile(store, method, lambda: accounts.change_password("Ana", BETTER))
        )

        assert code(lambda: accounts.check(racing.sign_in("Ana", GOOD).access)) == refused

        assert code(accounts.sign_in, "Ana", GOOD) == "authentication-failed"
        assert accounts.sign_in("Ana", BETTER)

    @pytest.mark.parametrize("method", ["password_hash", "add_login"])
    def test_refuses_an_account_deleted_meanwhile(self, people, accounts, ana, store, method):
        racing = people.on(Meanwhile(store, method, lambda: accounts.delete("Ana")))

        assert code(racing.sign_in, "Ana", GOOD) == "authentication-failed"

    @pytest.mark.parametrize("method", ["password_hash", "add_login"])
    def test_leaves_nothing_to_an_account_disabled_meanwhile(
        self, people, accounts, ana, store, method
    ):
        racing = people.on(Meanwhile(store, method, lambda: accounts.disable("Ana")))

        assert code(racing.sign_in, "Ana", GOOD) == "authentication-failed"

        assert store.logins(ana.id) == []

    def test_does_not_mind_that_it_is_deleted_right_afterwards(self, people, accounts, ana, store):
        store.set_password_hash(ana.id, DJANGO)
        racing = people.on(Meanwhile(store, "set_password_hash", lambda: accounts.delete("Ana")))

        assert code(accounts.check, racing.sign_in("Ana", GOOD).access) == "token-invalid"

    def test_twice_at_once_is_no_mistake_when_the_hash_is_renewed(
        self, people, accounts, ana, store
    ):
        store.set_password_hash(ana.id, DJANGO)
        racing = people.on(Meanwhile(store, "add_login", lambda: accounts.sign_in("Ana", GOOD)))

        assert accounts.check(racing.sign_in("Ana", GOOD).access)
        assert len(accounts.logins(ana.id)) == 2


class TestGuessing:
    @pytest.mark.parametrize("name", ["Ana", "Nobody", "Off"])
    def test_is_slowed_down_whoever_it_is(self, people, accounts, ana, hasher, name):
        accounts.create("Off", GOOD)
        accounts.disable("Off")
        outcomes = [code(accounts.sign_in, name, "wrong", PHONE) for _ in range(7)]
        before = hasher.verified

        with pytest.raises(ClientError) as caught:
            accounts.sign_in(name, GOOD, PHONE)

        assert outcomes == ["authentication-failed"] * 5 + ["rate-limited"] * 2
        assert (caught.value.code, caught.value.retry_after) == ("rate-limited", 60)
        assert hasher.verified == before

    def test_does_not_lock_out_who_is_elsewhere(self, accounts, ana):
        for _ in range(50):
            code(accounts.sign_in, "Ana", "wrong", Origin(address="203.0.113.9"))

        assert accounts.sign_in("Ana", GOOD, PHONE)

    def test_ends_with_waiting(self, people, accounts, ana):
        for _ in range(9):
            code(accounts.sign_in, "Ana", "wrong", PHONE)
        people.watch.time += 60

        assert accounts.sign_in("Ana", GOOD, PHONE)

    def test_is_forgiven_who_was_right_at_last(self, accounts, ana):
        for _ in range(9):
            for _ in range(4):
                assert code(accounts.sign_in, "Ana", "wrong", PHONE) == "authentication-failed"
            accounts.sign_in("Ana", GOOD, PHONE)

    def test_is_slowed_down_also_at_once(self, accounts, hasher, ana):
        before = hasher.verified
        with ThreadPoolExecutor(8) as pool:
            codes = list(
                pool.map(lambda _: code(accounts.sign_in, "Ana", "wrong", PHONE), range(40))
            )

        assert codes.count("authentication-failed") == 5
        assert hasher.verified - before == 5

    def test_of_tokens_does_not_count(self, people, accounts, ana, pair, clock):
        clock.time += YEAR
        for _ in range(200):
            assert code(accounts.check, pair.access, PHONE) == "token-expired"
            assert code(accounts.refresh, "x.y.z", PHONE) == "token-invalid"

        assert accounts.sign_in("Ana", GOOD, PHONE)


class TestChangeOwnPassword:
    def test_ends_the_other_logins(self, accounts, ana, pair):
        other = accounts.sign_in("Ana", GOOD)
        keep = accounts.check(pair.access).login_id

        accounts.change_own_password(ana, GOOD, BETTER, PHONE, keep=keep)

        assert accounts.check(pair.access)
        assert accounts.refresh(pair.refresh)
        assert code(accounts.check, other.access) == "token-revoked"
        assert code(accounts.refresh, other.refresh) == "token-revoked"
        assert code(accounts.sign_in, "Ana", GOOD) == "authentication-failed"
        assert accounts.sign_in("Ana", BETTER)

    def test_ends_tokens_without_a_login(self, people, accounts, ana):
        token = people.plain_tokens(ana.id).access

        accounts.change_own_password(ana, GOOD, BETTER, PHONE, keep=None)

        assert code(accounts.check, token) == "token-revoked"

    @pytest.mark.parametrize("old", ["wrong", "", "x" * 1025, "\ud800"])
    def test_needs_the_old_one(self, accounts, ana, pair, old):
        with pytest.raises(ClientError) as caught:
            accounts.change_own_password(ana, old, BETTER, PHONE, keep=None)

        assert (caught.value.code, caught.value.field) == ("wrong-password", "old")
        assert accounts.check(pair.access)
        assert accounts.sign_in("Ana", GOOD)

    def test_is_no_way_around_the_throttle(self, accounts, ana, pair):
        for _ in range(5):
            code(accounts.change_own_password, ana, "wrong", BETTER, PHONE, keep=None)

        assert (
            code(accounts.change_own_password, ana, GOOD, BETTER, PHONE, keep=None)
            == "rate-limited"
        )

    def test_is_not_for_strangers_to_prevent(self, people, accounts, ana):
        for number in range(100):
            elsewhere = Origin(address=f"203.0.113.{number}")
            assert code(accounts.sign_in, "Ana", "wrong", elsewhere) == "authentication-failed"
        assert code(accounts.sign_in, "Ana", GOOD, PHONE) == "rate-limited"

        accounts.change_own_password(ana, GOOD, BETTER, PHONE, keep=None)

        assert Passwords(people.hasher).verify(people.store.password_hash(ana.id), BETTER)

    def test_is_forgiven_who_knows_it(self, accounts, ana):
        passwords = [GOOD, BETTER]
        for _ in range(3):
            for _ in range(4):
                code(accounts.change_own_password, ana, "wrong", BETTER, PHONE, keep=None)
            accounts.change_own_password(ana, *passwords, PHONE, keep=None)
            passwords.reverse()

    def test_forgives_no_wrong_attempts_at_signing_in(self, accounts, ana):
        for _ in range(5):
            code(accounts.sign_in, "Ana", "wrong", PHONE)

        accounts.change_own_password(ana, GOOD, BETTER, PHONE, keep=None)

        assert code(accounts.sign_in, "Ana", BETTER, PHONE) == "rate-limited"

    def test_that_came_to_nothing_is_an_attempt(self, accounts, ana):
        for _ in range(5):
            with pytest.raises(WeakPassword):
                accounts.change_own_password(ana, GOOD, "hunter2", PHONE, keep=None)

        assert (
            code(accounts.change_own_password, ana, GOOD, BETTER, PHONE, keep=None)
            == "rate-limited"
        )

    @pytest.mark.parametrize(
        ("new", "error"), [("", BadPassword), ("hunter2", WeakPassword), ("Ana1", WeakPassword)]
    )
    def test_refuses_one_that_will_not_do(self, accounts, ana, pair, new, error):
        with pytest.raises(error):
            accounts.change_own_password(ana, GOOD, new, PHONE, keep=None)
        assert accounts.check(pair.access)
        assert accounts.sign_in("Ana", GOOD)

    def test_of_two_at_once_only_one_wins(self, people, accounts, ana, store):
        racing = people.on(
            Meanwhile(
                store,
                "set_password_hash",
                lambda: accounts.change_own_password(ana, GOOD, BETTER, PHONE, keep=None),
            )
        )

        assert (
            code(racing.change_own_password, ana, GOOD, "another lamp tree", PHONE, keep=None)
            == "wrong-password"
        )
        assert accounts.sign_in("Ana", BETTER)

    def test_of_a_deleted_account_is_refused(self, accounts, ana):
        accounts.delete("Ana")

        assert (
            code(accounts.change_own_password, ana, GOOD, BETTER, PHONE, keep=None)
            == "wrong-password"
        )
