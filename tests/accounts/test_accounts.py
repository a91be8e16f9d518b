"""Signing in, tokens in use, and what an administrator does."""

from __future__ import annotations

import pytest
from account_people import (
    BETTER,
    DAY,
    GOOD,
    HOUR,
    OLD_SECRET,
    PHONE,
    YEAR,
    People,
    code,
    old_tokens,
)
from account_stores import NOON

from pytlas_wamp.accounts.accounts import Accounts, Origin
from pytlas_wamp.accounts.model import (
    BadLanguage,
    BadName,
    BadPassword,
    BadSetting,
    LastAdmin,
    NameTaken,
    Outdated,
    SetupDone,
    SigningKey,
    UnknownLogin,
    UnknownUser,
    WeakPassword,
)
from pytlas_wamp.accounts.passwords import Passwords
from transactions import begun_transactions

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


class TestRefresh:
    def test_gives_a_new_pair(self, accounts, ana, pair):
        renewed = accounts.refresh(pair.refresh)

        assert accounts.check(renewed.access).account == ana
        assert accounts.refresh(renewed.refresh)

    def test_is_good_only_once(self, accounts, pair):
        accounts.refresh(pair.refresh)

        assert code(accounts.refresh, pair.refresh) == "token-revoked"

    def test_again_ends_the_login(self, accounts, pair):
        renewed = accounts.refresh(pair.refresh)
        code(accounts.refresh, pair.refresh)

        assert code(accounts.refresh, renewed.refresh) == "token-revoked"
        assert code(accounts.check, renewed.access) == "token-revoked"

    def test_tells_where_it_came_from(self, accounts, ana, pair):
        accounts.refresh(pair.refresh, Origin(address="198.51.100.7", client="not taken"))

        (login,) = accounts.logins(ana.id)
        assert (login.client, login.address) == ("Phone", "198.51.100.7")

    def test_does_not_end_the_access_token(self, accounts, pair):
        accounts.refresh(pair.refresh)

        assert accounts.check(pair.access)

    def test_of_a_disabled_account_is_refused_also_afterwards(self, accounts, pair):
        accounts.disable("Ana")
        assert code(accounts.refresh, pair.refresh) == "account-disabled"

        accounts.enable("Ana")
        assert code(accounts.refresh, pair.refresh) == "token-revoked"
        assert accounts.sign_in("Ana", GOOD)

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
            "0" * 31 + "2",
            NOON + HOUR,
        )

    def test_sees_the_account_as_it_is_now(self, accounts, pair):
        accounts.set_language("Ana", "en")

        assert accounts.check(pair.access).account.language == "en"

    def test_takes_one_transaction(self, people, accounts, ana, pair):
        plain = people.plain_tokens(ana.id)
        for token in (pair.access, plain.access):
            with begun_transactions() as begun:
                accounts.check(token)
            assert len(begun) == 1

    def test_takes_another_one_to_write_that_a_login_was_seen(self, accounts, pair, clock):
        clock.time += 61
        with begun_transactions() as begun:
            accounts.check(pair.access)
        assert len(begun) == 2

    def test_asks_no_database_about_what_is_no_token(self, accounts):
        with begun_transactions() as begun:
            assert code(accounts.check, "junk") == "token-invalid"
        assert begun == []

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
        accounts.create("Ana", GOOD)

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
    @pytest.mark.parametrize("which", ["access", "refresh"])
    def test_ends_the_login_by_either_kind(self, accounts, pair, which):
        accounts.revoke(getattr(pair, which))

        assert code(accounts.verify, pair.access) == "token-revoked"
        assert code(accounts.refresh, pair.refresh) == "token-revoked"

    def test_leaves_other_logins_alone(self, accounts, pair):
        other = accounts.sign_in("Ana", GOOD)

        accounts.revoke(pair.access)

        assert accounts.check(other.access)

    def test_again_changes_nothing(self, accounts, store, pair):
        accounts.revoke(pair.access)
        before = store.last_change()

        accounts.revoke(pair.access)

        assert store.last_change() == before

    def test_tells_other_processes_which_login(self, people, accounts, store, ana, pair):
        before = store.last_change()

        accounts.revoke(pair.access)

        assert people.changes(before) == [(ana.id, "login", "0" * 31 + "1")]

    def test_ends_a_token_without_a_login(self, people, accounts, store, ana):
        plain = people.plain_tokens(ana.id)
        before = store.last_change()

        accounts.revoke(plain.refresh)

        assert people.changes(before) == [(ana.id, "token", plain.refresh_id)]
        assert code(accounts.refresh, plain.refresh) == "token-revoked"
        assert accounts.check(plain.access)

    def test_of_an_expired_token_is_fine(self, accounts, ana, pair, clock):
        clock.time += DAY

        accounts.revoke(pair.refresh)

        assert accounts.logins(ana.id) == []

    def test_of_a_token_of_a_deleted_account_is_fine(self, accounts, pair):
        accounts.delete("Ana")

        accounts.revoke(pair.access)

        assert code(accounts.check, pair.access) == "token-invalid"

    def test_of_no_token_of_ours_is_refused(self, people, accounts):
        assert code(accounts.revoke, "x.y.z") == "token-invalid"
        assert code(accounts.revoke, people.tokens.issue_operator()) == "token-invalid"


class TestForgetExpired:
    def test_keeps_revoked_what_could_still_be_used(self):
        people = People(leeway=60)
        ana = people.accounts.create("Ana", GOOD)
        plain = people.plain_tokens(ana.id)
        people.accounts.revoke(plain.refresh)

        people.clock.time = NOON + DAY + 59
        people.accounts.forget_expired()
        assert code(people.accounts.refresh, plain.refresh) == "token-revoked"

        people.clock.time = NOON + DAY + 60
        people.accounts.forget_expired()
        assert code(people.accounts.refresh, plain.refresh) == "token-expired"
        assert not people.store.is_revoked(plain.refresh_id)
        people.store.close()

    def test_forgets_logins_when_their_last_token_ends(self, accounts, store, ana, pair, clock):
        clock.time += DAY - 1
        accounts.forget_expired()
        assert accounts.refresh(pair.refresh)

        clock.time += DAY
        assert accounts.logins(ana.id) == []
        assert len(store.logins(ana.id)) == 1
        accounts.forget_expired()
        assert store.logins(ana.id) == []


class TestLogins:
    def test_are_listed_newest_first(self, accounts, ana, pair, clock):
        clock.time += 1
        accounts.sign_in("Ana", GOOD, Origin(client="Laptop"))

        assert [login.client for login in accounts.logins(ana.id)] == ["Laptop", "Phone"]

    def test_are_ended_one_by_one(self, accounts, ana, pair):
        (login,) = accounts.logins(ana.id)

        accounts.end_login(ana.id, login.id)

        assert code(accounts.check, pair.access) == "token-revoked"
        with pytest.raises(UnknownLogin, match="no such login"):
            accounts.end_login(ana.id, login.id)

    def test_of_others_are_not_there(self, accounts, ana, pair):
        bob = accounts.create("Bob", GOOD)
        (login,) = accounts.logins(ana.id)

        with pytest.raises(UnknownLogin):
            accounts.end_login(bob.id, login.id)
        assert accounts.logins(bob.id) == []
        assert accounts.check(pair.access)

    @pytest.mark.parametrize("keeps", [False, True])
    def test_are_ended_together(self, people, accounts, ana, pair, keeps):
        accounts.sign_in("Ana", GOOD)
        plain = people.plain_tokens(ana.id)
        login_id = accounts.check(pair.access).login_id

        assert accounts.end_logins(ana.id, keep=login_id if keeps else None) == 2 - keeps

        assert [login.id for login in accounts.logins(ana.id)] == [login_id] * keeps
        assert code(accounts.check, plain.access) == "token-revoked"

    def test_are_made_for_devices(self, accounts, ana, clock):
        login, token = accounts.add_device(ana.id, "Kitchen", PHONE)
        clock.time += YEAR - 1

        assert accounts.logins(ana.id)[0].client == "Kitchen"
        assert accounts.check(token).login_id == login.id
        accounts.end_login(ana.id, login.id)
        assert code(accounts.check, token) == "token-revoked"

    def test_are_seen_with_every_minute(self, accounts, ana, pair, clock):
        clock.time += 61
        accounts.check(pair.access, Origin(address="198.51.100.7"))

        (login,) = accounts.logins(ana.id)
        assert (login.seen_at, login.address) == (NOON + 61, "198.51.100.7")


class TestOperators:
    def test_are_accepted_with_a_token_of_theirs(self, accounts, clock):
        token = accounts.issue_operator()

        assert accounts.check_operator(token) is None
        clock.time += 60
        assert code(accounts.check_operator, token) == "token-expired"

    def test_are_not_people_and_people_are_not_operators(self, people, accounts, pair):
        assert code(accounts.check_operator, pair.access) == "token-invalid"
        assert code(accounts.check, people.tokens.issue_operator()) == "token-invalid"
        assert code(accounts.verify, people.tokens.issue_operator()) == "token-invalid"


class TestKeys:
    def test_are_none_at_first(self, accounts):
        assert accounts.keys() == []

    def test_change_without_anybody_noticing(self, accounts, ana, pair):
        key = accounts.rotate_key()

        assert accounts.keys()[0] == key
        assert accounts.check(pair.access)
        renewed = accounts.refresh(pair.refresh)
        assert accounts.check(renewed.access)
        assert accounts.check(accounts.sign_in("Ana", GOOD).access)

    def test_change_at_once_when_one_got_lost(self, accounts, ana, pair):
        accounts.rotate_key(at_once=True)

        assert code(accounts.check, pair.access) == "token-invalid"
        assert accounts.logins(ana.id) == []
        assert accounts.check(accounts.sign_in("Ana", GOOD).access)

    def test_are_secrets_that_nobody_guesses(self, people):
        accounts = Accounts(people.store, Passwords(people.hasher), people.tokens)

        secrets = {accounts.rotate_key().secret for _ in range(2)}

        assert [len(secret) for secret in secrets] == [64, 64]

    def test_of_the_original_keep_its_phones_signed_in(self, accounts, store):
        moved = store.add("Old", DJANGO, language="en", admin=False, original_id=42)
        store.add_key(
            SigningKey(
                kid="old",
                secret=OLD_SECRET,
                purpose="imported",
                created_at=NOON,
                expires_at=NOON + DAY,
            )
        )
        phone = old_tokens().issue(42)

        assert accounts.check(phone.access).account.id == moved.id
        assert accounts.verify(phone.refresh).user_id == moved.id
        renewed = accounts.refresh(phone.refresh)
        assert accounts.check(renewed.access).login_id == phone.refresh_id


class TestPeople:
    def test_are_created(self, accounts):
        ana = accounts.create(" Ana ", GOOD)
        bob = accounts.create("Bob", GOOD, language=" fr_FR ", admin=True, display_name="Bobby")

        assert accounts.people() == [ana, bob]
        assert (ana.name, ana.language, ana.active, ana.admin) == ("Ana", "en-US", True, False)
        assert (bob.language, bob.admin, bob.display_name) == ("fr_FR", True, "Bobby")

    @pytest.mark.parametrize(
        ("name", "password", "language", "error"),
        [
            ("", GOOD, "en", BadName),
            ("Bob", "", "en", BadPassword),
            ("Bob", "x" * 1025, "en", BadPassword),
            ("Bob", "hunter2", "en", WeakPassword),
            ("Bob", GOOD, "english", BadLanguage),
            ("ANA", GOOD, "en", NameTaken),
        ],
    )
    def test_are_not_created_from_what_is_wrong(
        self, accounts, ana, name, password, language, error
    ):
        with pytest.raises(error):
            accounts.create(name, password, language=language)
        assert accounts.people() == [ana]

    def test_begin_with_an_administrator(self, accounts):
        first = accounts.create_first("Ana", GOOD, language="fr")

        assert (first.admin, first.active, first.language) == (True, True, "fr")
        with pytest.raises(SetupDone):
            accounts.create_first("Bob", GOOD)
        assert accounts.people() == [first]

    def test_are_found_by_id_and_by_name(self, accounts, ana):
        assert accounts.user(ana.id) == accounts.find(" Ana ") == ana
        with pytest.raises(UnknownUser):
            accounts.user(12345)

    def test_are_changed_by_id(self, accounts, ana):
        changed = accounts.change(ana.id, if_revision=ana.revision, name="Bel", admin=True)

        assert (changed.name, changed.admin, changed.language) == ("Bel", True, "fr-FR")
        assert accounts.user(ana.id) == changed
        with pytest.raises(Outdated):
            accounts.change(ana.id, if_revision=ana.revision, name="Ana")
        with pytest.raises(LastAdmin):
            accounts.change(ana.id, active=False, guard_admin=True)

    def test_are_removed_by_id(self, accounts, ana):
        bob = accounts.create("Bob", GOOD, admin=True)

        with pytest.raises(LastAdmin):
            accounts.remove(bob.id, guard_admin=True)
        with pytest.raises(Outdated):
            accounts.remove(ana.id, if_revision=ana.revision + 1)
        accounts.remove(ana.id, if_revision=ana.revision, guard_admin=True)
        accounts.remove(bob.id)

        assert accounts.people() == []

    def test_get_new_passwords(self, accounts, ana, pair):
        accounts.change_password(" Ana ", BETTER)

        assert code(accounts.check, pair.access) == "token-revoked"
        assert code(accounts.sign_in, "Ana", GOOD) == "authentication-failed"
        assert accounts.sign_in("Ana", BETTER)

    def test_do_not_get_bad_passwords(self, accounts, ana):
        with pytest.raises(BadPassword):
            accounts.change_password("Ana", "")
        with pytest.raises(WeakPassword):
            accounts.change_password("Ana", "hunter2")
        assert accounts.sign_in("Ana", GOOD)

    def test_are_disabled_and_enabled(self, accounts, ana):
        accounts.disable("Ana")
        assert code(accounts.sign_in, "Ana", GOOD) == "authentication-failed"

        accounts.enable("Ana")
        assert accounts.sign_in("Ana", GOOD)

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
            lambda accounts: accounts.change_password("ana", GOOD),
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

    def test_are_changed_together_by_id(self, accounts, ana):
        accounts.set_setting("Ana", "old", "1")
        before = accounts.user(ana.id).settings_revision

        revision = accounts.change_settings(
            ana.id, {"weather.api_key": "x", "OLD": None}, if_revision=before
        )

        assert accounts.settings_of(ana.id) == {"WEATHER_API_KEY": "x"}
        assert revision == accounts.user(ana.id).settings_revision
        with pytest.raises(Outdated):
            accounts.change_settings(ana.id, {"a.b": "x"}, if_revision=before)

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
