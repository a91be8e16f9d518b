"""Signing in, tokens in use, and what an administrator does."""

from __future__ import annotations

import pytest
from account_stores import NOON, CountedIds, CountingHasher, HandClock
from argon2 import PasswordHasher
from attrs import define, evolve

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import (
    BadLanguage,
    BadName,
    BadPassword,
    BadSetting,
    NameTaken,
    UnknownUser,
)
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.errors import ClientError

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def hasher():
    return CountingHasher()


@pytest.fixture
def store():
    made = SqlAccountStore("sqlite://")
    yield made
    made.close()


@pytest.fixture
def tokens(clock):
    return Tokens("a secret", clock, CountedIds(), HOUR, DAY)


@pytest.fixture
def accounts(store, hasher, tokens):
    return Accounts(store, Passwords(hasher), tokens)


@pytest.fixture
def ana(accounts):
    return accounts.create("Ana", "correct horse", language="fr-FR")


@pytest.fixture
def pair(accounts, ana):
    return accounts.sign_in("Ana", "correct horse")


def code(act, *arguments):
    with pytest.raises(ClientError) as caught:
        act(*arguments)
    return caught.value.code


@define
class Meanwhile:
    """A store in which something happens just before the next call of one method."""

    _store: object
    _method: str
    _happens: object

    def __getattr__(self, name):
        """Passes the call on, after what happens before it."""
        if name == self._method and self._happens:
            happens, self._happens = self._happens, None
            happens()
        return getattr(self._store, name)


class TestSignIn:
    @pytest.mark.parametrize("name", ["Ana", " Ana ", "\uff21\uff4e\uff41"])
    def test_gives_a_pair_of_tokens(self, accounts, ana, name):
        pair = accounts.sign_in(name, "correct horse")

        assert accounts.check(pair.access).account == ana
        assert accounts.verify(pair.refresh).kind == "refresh"

    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("Ana", "wrong"),
            ("Ana", "correct horse "),
            ("ana", "correct horse"),
            ("Nobody", "correct horse"),
            ("Off", "correct horse"),
            ("Off", "wrong"),
            ("", "correct horse"),
            ("a\0", "correct horse"),
            ("\ud800", "correct horse"),
        ],
    )
    def test_refuses_everybody_else_alike_at_the_same_cost(
        self, accounts, ana, hasher, name, password
    ):
        accounts.create("Off", "correct horse")
        accounts.disable("Off")
        hashed, verified = hasher.hashed, hasher.verified

        with pytest.raises(ClientError) as caught:
            accounts.sign_in(name, password)

        assert caught.value.code == "authentication-failed"
        assert caught.value.detail == "No active account has this name and this password."
        assert (hasher.hashed - hashed, hasher.verified - verified) == (0, 1)

    @pytest.mark.parametrize("name", ["Ana", "Nobody"])
    @pytest.mark.parametrize("password", ["", "x" * 1025, "\ud800"])
    def test_refuses_what_cannot_be_a_password_for_anybody_at_no_cost(
        self, accounts, ana, hasher, name, password
    ):
        before = hasher.verified

        assert code(accounts.sign_in, name, password) == "authentication-failed"
        assert hasher.verified == before

    def test_renews_a_hash_made_with_other_parameters(self, accounts, ana, store):
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("correct horse")
        store.set_password_hash(ana.id, old)

        accounts.sign_in("Ana", "correct horse")

        assert ",t=1," in store.password_hash(ana.id)
        assert accounts.sign_in("Ana", "correct horse")

    def test_leaves_a_hash_of_ours_alone(self, accounts, ana, store):
        before = store.password_hash(ana.id)

        accounts.sign_in("Ana", "correct horse")

        assert store.password_hash(ana.id) == before

    def test_does_not_bring_back_a_password_changed_meanwhile(self, accounts, ana, store):
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("correct horse")
        store.set_password_hash(ana.id, old)
        racing = evolve(
            accounts,
            store=Meanwhile(
                store, "set_password_hash", lambda: accounts.change_password("Ana", "new")
            ),
        )

        racing.sign_in("Ana", "correct horse")

        assert code(accounts.sign_in, "Ana", "correct horse") == "authentication-failed"
        assert accounts.sign_in("Ana", "new")

    @pytest.mark.parametrize("method", ["password_hash", "set_password_hash"])
    def test_refuses_an_account_deleted_meanwhile(self, accounts, ana, store, method):
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("correct horse")
        store.set_password_hash(ana.id, old)
        racing = evolve(accounts, store=Meanwhile(store, method, lambda: accounts.delete("Ana")))

        assert code(racing.sign_in, "Ana", "correct horse") == "authentication-failed"


class TestRefresh:
    def test_gives_a_new_pair(self, accounts, ana, pair):
        renewed = accounts.refresh(pair.refresh)

        assert accounts.check(renewed.access).account == ana
        assert accounts.refresh(renewed.refresh)

    def test_is_good_only_once(self, accounts, pair):
        accounts.refresh(pair.refresh)

        assert code(accounts.refresh, pair.refresh) == "token-revoked"

    def test_is_good_only_once_also_when_two_come_together(self, accounts, store, pair):
        racing = evolve(
            accounts,
            store=Meanwhile(store, "revoke_token", lambda: accounts.refresh(pair.refresh)),
        )

        assert code(racing.refresh, pair.refresh) == "token-revoked"

    def test_of_an_account_deleted_meanwhile_is_refused(self, accounts, store, pair):
        racing = evolve(
            accounts, store=Meanwhile(store, "revoke_token", lambda: accounts.delete("Ana"))
        )

        assert code(racing.refresh, pair.refresh) == "token-revoked"

    def test_does_not_end_the_access_token(self, accounts, pair):
        accounts.refresh(pair.refresh)

        assert accounts.check(pair.access)

    def test_of_a_disabled_account_is_refused_and_not_used_up(self, accounts, pair):
        accounts.disable("Ana")
        assert code(accounts.refresh, pair.refresh) == "account-disabled"

        accounts.enable("Ana")
        assert accounts.refresh(pair.refresh)

    @pytest.mark.parametrize("token", [None, "", "x.y.z", 5])
    def test_of_no_token_is_refused(self, accounts, token):
        assert code(accounts.refresh, token) == "token-invalid"

    def test_of_an_access_token_is_refused(self, accounts, pair):
        assert code(accounts.refresh, pair.access) == "token-invalid"

    def test_of_an_expired_token_is_refused(self, accounts, pair, clock):
        clock.time += DAY

        assert code(accounts.refresh, pair.refresh) == "token-expired"


class TestCheck:
    def test_tells_who_and_until_when(self, accounts, ana, pair):
        grant = accounts.check(pair.access)

        assert (grant.account, grant.token_id, grant.expires_at) == (
            ana,
            "0" * 31 + "1",
            NOON + HOUR,
        )

    def test_sees_the_account_as_it_is_now(self, accounts, pair):
        accounts.set_language("Ana", "en")

        assert accounts.check(pair.access).account.language == "en"

    def test_refuses_a_refresh_token(self, accounts, pair):
        assert code(accounts.check, pair.refresh) == "token-invalid"

    def test_refuses_an_expired_token(self, accounts, pair, clock):
        clock.time += HOUR

        assert code(accounts.check, pair.access) == "token-expired"

    def test_refuses_a_revoked_token(self, accounts, pair):
        accounts.revoke(pair.access)

        assert code(accounts.check, pair.access) == "token-revoked"

    def test_refuses_a_disabled_account(self, accounts, pair):
        accounts.disable("Ana")

        assert code(accounts.check, pair.access) == "account-disabled"

    def test_refuses_a_deleted_account_also_when_the_name_comes_back(self, accounts, pair):
        accounts.delete("Ana")
        accounts.create("Ana", "correct horse")

        assert code(accounts.check, pair.access) == "token-invalid"


class TestVerify:
    def test_accepts_both_kinds(self, accounts, ana, pair):
        claims = [accounts.verify(token) for token in (pair.access, pair.refresh)]

        assert [(c.kind, c.user_id) for c in claims] == [("access", ana.id), ("refresh", ana.id)]

    def test_refuses_what_is_not_accepted_elsewhere(self, accounts, pair, clock):
        accounts.revoke(pair.refresh)
        assert code(accounts.verify, pair.refresh) == "token-revoked"
        accounts.disable("Ana")
        assert code(accounts.verify, pair.access) == "account-disabled"
        clock.time += HOUR
        assert code(accounts.verify, pair.access) == "token-expired"
        assert code(accounts.verify, "x") == "token-invalid"


class TestRevoke:
    def test_ends_either_kind(self, accounts, pair):
        accounts.revoke(pair.access)
        accounts.revoke(pair.refresh)

        assert code(accounts.verify, pair.access) == "token-revoked"
        assert code(accounts.refresh, pair.refresh) == "token-revoked"

    def test_again_changes_nothing(self, accounts, store, pair):
        accounts.revoke(pair.access)
        before = store.last_change()

        accounts.revoke(pair.access)

        assert store.last_change() == before

    def test_tells_other_processes_which_token(self, accounts, store, ana, pair):
        before = store.last_change()

        accounts.revoke(pair.access)

        assert [(c.user_id, c.kind, c.token_id) for c in store.changes(before)] == [
            (ana.id, "token", "0" * 31 + "1")
        ]

    def test_of_an_expired_token_is_fine_and_not_kept(self, accounts, store, pair, clock):
        clock.time += HOUR

        accounts.revoke(pair.access)

        assert not store.is_revoked("0" * 31 + "1")

    def test_of_a_token_of_a_deleted_account_is_fine(self, accounts, pair):
        accounts.delete("Ana")

        accounts.revoke(pair.access)

        assert code(accounts.check, pair.access) == "token-invalid"

    def test_of_no_token_of_ours_is_refused(self, accounts):
        assert code(accounts.revoke, "x.y.z") == "token-invalid"


class TestForgetExpired:
    def test_keeps_revoked_what_could_still_be_used(self, store, hasher, clock):
        tokens = Tokens("a secret", clock, CountedIds(), HOUR, DAY, 60)
        accounts = Accounts(store, Passwords(hasher), tokens)
        accounts.create("Ana", "correct horse")
        pair = accounts.sign_in("Ana", "correct horse")
        accounts.revoke(pair.access)

        clock.time = NOON + HOUR + 59
        accounts.forget_expired()
        assert code(accounts.check, pair.access) == "token-revoked"

        clock.time = NOON + HOUR + 60
        accounts.forget_expired()
        assert code(accounts.check, pair.access) == "token-expired"
        assert not store.is_revoked("0" * 31 + "1")


class TestPeople:
    def test_are_created(self, accounts):
        ana = accounts.create(" Ana ", "x")
        bob = accounts.create("Bob", "x", language=" fr_FR ", admin=True)

        assert accounts.people() == [ana, bob]
        assert (ana.name, ana.language, ana.active, ana.admin) == ("Ana", "en-US", True, False)
        assert (bob.language, bob.admin) == ("fr_FR", True)

    @pytest.mark.parametrize(
        ("name", "password", "language", "error"),
        [
            ("", "x", "en", BadName),
            ("Bob", "", "en", BadPassword),
            ("Bob", "x" * 1025, "en", BadPassword),
            ("Bob", "x", "english", BadLanguage),
            ("ANA", "x", "en", NameTaken),
        ],
    )
    def test_are_not_created_from_what_is_wrong(
        self, accounts, ana, name, password, language, error
    ):
        with pytest.raises(error):
            accounts.create(name, password, language=language)
        assert accounts.people() == [ana]

    def test_get_new_passwords(self, accounts, ana):
        accounts.change_password(" Ana ", "new")

        assert code(accounts.sign_in, "Ana", "correct horse") == "authentication-failed"
        assert accounts.sign_in("Ana", "new")

    def test_do_not_get_bad_passwords(self, accounts, ana):
        with pytest.raises(BadPassword):
            accounts.change_password("Ana", "")
        assert accounts.sign_in("Ana", "correct horse")

    def test_are_disabled_and_enabled(self, accounts, ana):
        accounts.disable("Ana")
        assert code(accounts.sign_in, "Ana", "correct horse") == "authentication-failed"

        accounts.enable("Ana")
        assert accounts.sign_in("Ana", "correct horse")

    def test_are_deleted(self, accounts, ana):
        accounts.delete("Ana")

        assert accounts.people() == []

    def test_change_language(self, accounts, ana):
        accounts.set_language("Ana", " en ")

        assert accounts.people()[0].language == "en"

    def test_do_not_change_to_no_language(self, accounts, ana):
        with pytest.raises(BadLanguage):
            accounts.set_language("Ana", "klingon")

    @pytest.mark.parametrize(
        "act",
        [
            lambda accounts: accounts.change_password("ana", "x"),
            lambda accounts: accounts.enable("ana"),
            lambda accounts: accounts.disable("ana"),
            lambda accounts: accounts.delete("ana"),
            lambda accounts: accounts.set_language("ana", "en"),
            lambda accounts: accounts.settings("ana"),
            lambda accounts: accounts.setting("ana", "a.b"),
            lambda accounts: accounts.set_setting("ana", "a.b", "x"),
            lambda accounts: accounts.delete_setting("ana", "a.b"),
        ],
    )
    def test_have_to_exist(self, accounts, ana, act):
        with pytest.raises(UnknownUser) as caught:
            act(accounts)
        assert str(caught.value) == "There is no account named 'ana' (capitals count)."


class TestSettings:
    def test_are_kept_under_either_form_of_their_key(self, accounts, ana):
        accounts.set_setting("Ana", "weather.api_key", " as is ")

        assert accounts.settings("Ana") == {"WEATHER_API_KEY": " as is "}
        assert accounts.setting("Ana", "weather.api_key") == " as is "
        assert accounts.setting("Ana", "WEATHER_API_KEY") == " as is "
        assert accounts.setting("Ana", "weather.other") is None

    def test_are_deleted(self, accounts, ana):
        accounts.set_setting("Ana", "weather.api_key", "x")

        accounts.delete_setting("Ana", "WEATHER_API_KEY")

        assert accounts.settings("Ana") == {}

    def test_that_are_not_there_cannot_be_deleted(self, accounts, ana):
        with pytest.raises(BadSetting, match="'Ana' has no setting WEATHER_API_KEY"):
            accounts.delete_setting(" Ana ", "weather.api_key")

    @pytest.mark.parametrize(
        ("key", "value"), [("uid", "x"), ("", "x"), ("a.b", "x" * 8193), ("a.b", "\0")]
    )
    def test_that_are_wrong_are_refused(self, accounts, ana, key, value):
        with pytest.raises(BadSetting):
            accounts.set_setting("Ana", key, value)
        assert accounts.settings("Ana") == {}
