"""Logins: opened, renewed, seen and ended, each as a whole."""

from __future__ import annotations

import pytest
from account_people import DAY, HOUR, OLD_SECRET, PHONE, YEAR, Meanwhile, People, code, old_tokens
from account_stores import NOON
from attrs import evolve

from pytlas_wamp.accounts.logins import NOWHERE, Logins, Origin
from pytlas_wamp.accounts.model import BadName, Login, SigningKey, StoreBroken, UnknownUser
from pytlas_wamp.errors import ClientError

ELSEWHERE = Origin(address="198.51.100.7", client="Laptop")


@pytest.fixture
def people():
    made = People()
    yield made
    made.store.close()


@pytest.fixture
def logins(people):
    return people.logins


@pytest.fixture
def store(people):
    return people.store


@pytest.fixture
def ana(store):
    return store.add("Ana", "hash", language="fr-FR", admin=False)


@pytest.fixture
def pair(logins, ana):
    return logins.open(ana.id, PHONE, password_hash="hash")


@pytest.fixture
def read(people):
    """Reads a token of either kind, also an expired one."""
    return lambda token: people.tokens.read(token, None, expired_too=True)


@pytest.fixture
def plain(people, ana):
    """A pair as earlier versions issued it."""
    return people.plain_tokens(ana.id)


@pytest.fixture
def original(store, ana):
    """A pair of the original server, in which Ana had the id 42."""
    store.delete(ana.id)
    moved = store.add("Ana", "hash", language="fr-FR", admin=False, original_id=42)
    store.add_key(
        SigningKey(
            kid="old", secret=OLD_SECRET, purpose="imported", created_at=1, expires_at=NOON + YEAR
        )
    )
    return moved, old_tokens().issue(42)


def accepted(logins, read, token):
    try:
        logins.accepted(read(token))
    except ClientError as error:
        return error.code
    return "accepted"


class TestOrigin:
    @pytest.mark.parametrize(
        ("client", "kept"),
        [
            ("", ""),
            ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
            (" a\0b\n\u202ec\ud800 ", "abc"),
            ("x" * 5000, "x" * 200),
            ("Téléphone d'Ana 📱", "Téléphone d'Ana 📱"),
        ],
    )
    def test_keeps_of_a_client_what_can_be_shown(self, client, kept):
        assert Origin(client=client).client == kept

    @pytest.mark.parametrize(
        ("address", "kept"),
        [(None, None), ("", None), ("192.0.2.1", "192.0.2.1"), ("x\0" * 99, "x" * 64)],
    )
    def test_keeps_of_an_address_what_a_table_holds(self, address, kept):
        assert Origin(address=address).address == kept


class TestOpen:
    def test_makes_a_login_of_its_own_each_time(self, people, logins, store, ana, pair):
        people.clock.time += 1
        logins.open(ana.id, ELSEWHERE, password_hash="hash")

        assert store.logins(ana.id)[1] == Login(
            id="0" * 31 + "1",
            user_id=ana.id,
            kind="password",
            client="Phone",
            created_at=NOON,
            seen_at=NOON,
            address="192.0.2.1",
            refresh_id=pair.refresh_id,
            expires_at=NOON + DAY,
        )
        assert len(store.logins(ana.id)) == 2

    def test_gives_tokens_that_name_it(self, logins, read, pair):
        assert [read(token).login_id for token in (pair.access, pair.refresh)] == [
            "0" * 31 + "1"
        ] * 2

    def test_does_not_with_a_password_that_was_changed_meanwhile(self, logins, store, ana):
        assert logins.open(ana.id, PHONE, password_hash="other") is None
        assert store.logins(ana.id) == []

    def test_does_not_for_nobody(self, logins):
        with pytest.raises(UnknownUser):
            logins.open(12345, PHONE, password_hash="hash")


class TestRenew:
    def test_replaces_the_refresh_token(self, people, logins, store, read, ana, pair):
        people.clock.time += 100
        renewed = logins.renew(read(pair.refresh), ELSEWHERE)

        assert logins.grant(read(renewed.access), NOWHERE).account == ana
        assert store.logins(ana.id) == [
            Login(
                id="0" * 31 + "1",
                user_id=ana.id,
                kind="password",
                client="Phone",
                created_at=NOON,
                seen_at=NOON + 100,
                address="198.51.100.7",
                refresh_id=renewed.refresh_id,
                expires_at=NOON + DAY + 100,
            )
        ]

    def test_does_not_end_the_access_token(self, logins, read, pair):
        logins.renew(read(pair.refresh), PHONE)

        assert accepted(logins, read, pair.access) == "accepted"

    def test_with_a_copy_ends_the_login(self, logins, store, read, ana, pair):
        renewed = logins.renew(read(pair.refresh), PHONE)
        before = store.last_change()

        assert code(logins.renew, read(pair.refresh), ELSEWHERE) == "token-revoked"

        assert store.logins(ana.id) == []
        for token in (renewed.access, renewed.refresh, pair.access):
            assert accepted(logins, read, token) == "token-revoked"
        assert [(c.kind, c.token_id) for c in store.changes(before)] == [("login", "0" * 31 + "1")]

    def test_with_a_copy_leaves_other_logins_alone(self, logins, read, ana, pair):
        other = logins.open(ana.id, ELSEWHERE, password_hash="hash")
        logins.renew(read(pair.refresh), PHONE)
        code(logins.renew, read(pair.refresh), PHONE)

        assert logins.renew(read(other.refresh), PHONE)

    def test_twice_at_once_counts_as_a_copy(self, people, logins, store, read, pair):
        racing = Logins(
            Meanwhile(store, "rotate_login", lambda: logins.renew(read(pair.refresh), PHONE)),
            people.tokens,
        )

        assert code(racing.renew, read(pair.refresh), PHONE) == "token-revoked"
        assert accepted(logins, read, pair.access) == "token-revoked"

    def test_of_an_ended_login_is_refused(self, logins, store, read, ana, pair):
        store.end_logins(ana.id)

        assert code(logins.renew, read(pair.refresh), PHONE) == "token-revoked"

    def test_of_a_disabled_account_is_refused_also_afterwards(self, logins, store, read, ana, pair):
        store.change(ana.id, active=False)
        assert code(logins.renew, read(pair.refresh), PHONE) == "account-disabled"

        store.change(ana.id, active=True)
        assert code(logins.renew, read(pair.refresh), PHONE) == "token-revoked"

    def test_of_a_deleted_account_is_refused(self, logins, store, read, ana, pair):
        store.delete(ana.id)

        assert code(logins.renew, read(pair.refresh), PHONE) == "token-invalid"

    def test_of_a_login_of_somebody_else_is_refused(self, people, logins, store, read, ana, pair):
        bob = store.add("Bob", "hash", language="en", admin=False)
        mixed = people.tokens.issue(bob.id, read(pair.access).login_id)

        assert code(logins.renew, read(mixed.refresh), PHONE) == "token-revoked"
        assert accepted(logins, read, mixed.access) == "token-revoked"
        assert accepted(logins, read, pair.refresh) == "accepted"


class TestTokensWithoutALogin:
    def test_are_accepted(self, logins, store, read, ana, plain):
        grant = logins.grant(read(plain.access), PHONE)

        assert (grant.account, grant.login_id) == (store.get(ana.id), None)
        assert accepted(logins, read, plain.refresh) == "accepted"

    def test_become_a_login_when_they_are_refreshed(self, logins, store, read, ana, plain):
        renewed = logins.renew(read(plain.refresh), PHONE)

        (login,) = store.logins(ana.id)
        assert login.id == plain.refresh_id
        assert (login.kind, login.client, login.refresh_id) == (
            "password",
            "Phone",
            renewed.refresh_id,
        )
        assert logins.grant(read(renewed.access), PHONE).login_id == login.id
        assert logins.renew(read(renewed.refresh), PHONE)
        assert accepted(logins, read, plain.access) == "accepted"

    def test_end_the_login_that_was_made_of_them_when_a_copy_comes(
        self, logins, store, read, ana, plain
    ):
        renewed = logins.renew(read(plain.refresh), PHONE)

        assert code(logins.renew, read(plain.refresh), ELSEWHERE) == "token-revoked"
        assert store.logins(ana.id) == []
        assert accepted(logins, read, renewed.access) == "token-revoked"

    def test_end_it_also_after_all_others_were_ended(self, logins, store, read, ana, plain):
        renewed = logins.renew(read(plain.refresh), PHONE)
        store.end_logins(ana.id, keep=plain.refresh_id)
        assert accepted(logins, read, renewed.refresh) == "accepted"

        assert code(logins.renew, read(plain.refresh), ELSEWHERE) == "token-revoked"
        assert accepted(logins, read, renewed.refresh) == "token-revoked"

    def test_are_refused_once_all_logins_were_ended(self, logins, store, read, ana, plain):
        store.end_logins(ana.id)

        assert accepted(logins, read, plain.access) == "token-revoked"
        assert code(logins.grant, read(plain.access), PHONE) == "token-revoked"
        assert code(logins.renew, read(plain.refresh), PHONE) == "token-revoked"
        assert store.logins(ana.id) == []

    @pytest.mark.parametrize(
        ("method", "happens"),
        [
            ("revoke_token", lambda store, ana: store.end_logins(ana.id)),
            ("revoke_token", lambda store, ana: store.delete(ana.id)),
            ("add_login", lambda store, ana: store.end_logins(ana.id)),
            ("add_login", lambda store, ana: store.delete(ana.id)),
        ],
    )
    def test_make_no_login_that_was_ended_meanwhile(
        self, people, store, read, ana, plain, method, happens
    ):
        racing = Logins(Meanwhile(store, method, lambda: happens(store, ana)), people.tokens)

        assert code(racing.renew, read(plain.refresh), PHONE) == "token-revoked"
        assert store.logins(ana.id) == []

    def test_cannot_take_over_a_login_that_is_there(self, logins, store, read, ana, pair, plain):
        login_id = read(pair.access).login_id
        forged = evolve(read(plain.refresh), token_id=login_id)

        assert code(logins.renew, forged, ELSEWHERE) == "token-revoked"
        assert accepted(logins, read, pair.refresh) == "accepted"


class TestTokensOfTheOriginal:
    def test_open_the_account_that_had_their_id_there(self, logins, read, original):
        moved, theirs = original

        assert logins.grant(read(theirs.access), PHONE).account == moved
        assert logins.accepted(read(theirs.access)).user_id == moved.id != 42
        assert logins.accepted(read(theirs.refresh)).user_id == moved.id

    def test_open_no_account_that_has_this_id_here(self, logins, store, read, original):
        store.add("Bob", "hash", language="en", admin=False, user_id=77)
        moved, _ = original

        for user_id in (77, moved.id):
            assert accepted(logins, read, old_tokens().issue(user_id).access) == "token-invalid"
            assert (
                code(logins.renew, read(old_tokens().issue(user_id).refresh), PHONE)
                == "token-invalid"
            )

    def test_are_refreshed_to_tokens_of_ours(self, logins, store, read, original):
        moved, theirs = original

        renewed = logins.renew(read(theirs.refresh), PHONE)

        claims = read(renewed.access)
        assert (claims.user_id, claims.imported) == (moved.id, False)
        assert [login.id for login in store.logins(moved.id)] == [theirs.refresh_id]
        assert code(logins.renew, read(theirs.refresh), PHONE) == "token-revoked"
        assert accepted(logins, read, renewed.access) == "token-revoked"

    def test_are_ended_one_by_one_or_together(self, logins, store, read, original):
        moved, theirs = original

        logins.end(read(theirs.access))
        assert accepted(logins, read, theirs.access) == "token-revoked"
        assert accepted(logins, read, theirs.refresh) == "accepted"

        store.end_logins(moved.id)
        assert accepted(logins, read, theirs.refresh) == "token-revoked"


class TestGrant:
    def test_tells_who_until_when_and_by_which_login(self, logins, read, ana, pair):
        grant = logins.grant(read(pair.access), PHONE)

        assert (grant.account, grant.token_id, grant.expires_at, grant.login_id) == (
            ana,
            read(pair.access).token_id,
            NOON + HOUR,
            "0" * 31 + "1",
        )

    def test_ends_when_the_token_is_accepted_no_longer(self):
        people = People(leeway=30)
        ana = people.store.add("Ana", "hash", language="en", admin=False)
        token = people.logins.open(ana.id, PHONE, password_hash="hash").access

        grant = people.accounts.check(token)

        assert (grant.token_expires_at, grant.expires_at) == (NOON + HOUR, NOON + HOUR + 30)
        people.clock.time = grant.expires_at - 1
        assert people.accounts.check(token) == grant
        people.clock.time = grant.expires_at
        assert code(people.accounts.check, token) == "token-expired"
        people.store.close()

    def test_sees_the_account_as_it_is_now(self, logins, store, read, ana, pair):
        store.change(ana.id, language="en")

        assert logins.grant(read(pair.access), PHONE).account.language == "en"

    def test_is_refused_to_those_who_may_not_come_in(self, logins, store, read, ana, pair):
        store.change(ana.id, active=False)
        assert code(logins.grant, read(pair.access), PHONE) == "account-disabled"

        store.delete(ana.id)
        store.add("Ana", "hash", language="fr-FR", admin=False)
        assert code(logins.grant, read(pair.access), PHONE) == "token-invalid"

    def test_remembers_once_a_minute_when_and_where_the_login_was_seen(
        self, people, logins, store, read, ana, pair
    ):
        seen = []
        for seconds, origin in ((60, ELSEWHERE), (1, ELSEWHERE), (60, PHONE), (1, NOWHERE)):
            people.clock.time += seconds
            logins.grant(read(pair.access), origin)
            (login,) = store.logins(ana.id)
            seen.append((login.seen_at - NOON, login.address))

        assert seen == [
            (0, "192.0.2.1"),
            (61, "198.51.100.7"),
            (61, "198.51.100.7"),
            (122, "198.51.100.7"),
        ]

    def test_does_not_need_a_disk_with_room(self, people, store, read, ana, pair):
        def full():
            raise StoreBroken("The disk is full.")

        people.clock.time += 100
        racing = Logins(Meanwhile(store, "touch_login", full), people.tokens)

        assert racing.grant(read(pair.access), PHONE).account == ana


class TestAccepted:
    def test_tells_of_both_kinds(self, logins, read, ana, pair):
        claims = [logins.accepted(read(token)) for token in (pair.access, pair.refresh)]

        assert [(c.kind, c.user_id) for c in claims] == [("access", ana.id), ("refresh", ana.id)]

    def test_refuses_a_refresh_token_that_was_used_without_ending_the_login(
        self, logins, read, pair
    ):
        renewed = logins.renew(read(pair.refresh), PHONE)

        assert accepted(logins, read, pair.refresh) == "token-revoked"
        assert accepted(logins, read, renewed.refresh) == "accepted"

    def test_refuses_a_token_without_a_login_that_was_ended(self, logins, read, plain):
        logins.end(read(plain.access))

        assert accepted(logins, read, plain.access) == "token-revoked"
        assert accepted(logins, read, plain.refresh) == "accepted"


class TestEnd:
    @pytest.mark.parametrize("which", ["access", "refresh"])
    @pytest.mark.parametrize("seconds", [0, 2 * DAY])
    def test_by_any_token_ends_the_login(
        self, people, logins, store, read, ana, pair, which, seconds
    ):
        people.clock.time += seconds

        logins.end(read(getattr(pair, which)))
        logins.end(read(getattr(pair, which)))

        assert store.logins(ana.id) == []
        assert accepted(logins, read, pair.access) == "token-revoked"
        assert people.changes()[1:] == [(ana.id, "login", "0" * 31 + "1")]

    def test_by_a_refresh_token_that_became_a_login_ends_that(
        self, logins, store, read, ana, plain
    ):
        logins.renew(read(plain.refresh), PHONE)

        logins.end(read(plain.refresh))

        assert store.logins(ana.id) == []

    def test_by_an_expired_token_without_a_login_keeps_nothing(
        self, people, logins, store, read, plain
    ):
        people.clock.time += DAY

        logins.end(read(plain.refresh))

        assert not store.is_revoked(plain.refresh_id)

    def test_for_a_deleted_account_is_fine(self, people, logins, store, read, ana, pair, plain):
        store.delete(ana.id)

        for token in (pair.access, plain.access):
            assert logins.end(read(token)) is None

    def test_while_the_account_is_deleted_is_fine(self, people, store, read, ana, plain):
        racing = Logins(
            Meanwhile(store, "revoke_token", lambda: store.delete(ana.id)), people.tokens
        )

        assert racing.end(read(plain.access)) is None


class TestDevice:
    def test_gets_one_token_that_lives_long(self, people, logins, read, ana):
        login, token = logins.add_device(ana.id, " Kitchen\n ", PHONE)

        assert (login.kind, login.client, login.refresh_id) == ("device", "Kitchen", None)
        assert (login.created_at, login.seen_at, login.address) == (NOON, NOON, "192.0.2.1")
        assert login.expires_at == read(token).expires_at == NOON + YEAR
        people.clock.time += YEAR - 1
        assert logins.grant(people.tokens.read(token, "access"), PHONE).login_id == login.id

    def test_has_a_name(self, logins, ana):
        with pytest.raises(BadName, match="no name"):
            logins.add_device(ana.id, " \n", PHONE)

    def test_belongs_to_somebody(self, logins):
        with pytest.raises(UnknownUser):
            logins.add_device(12345, "Kitchen", PHONE)

    @pytest.mark.parametrize(
        "happens",
        [
            lambda store, ana, login_id: store.end_login(ana.id, login_id),
            lambda store, ana, login_id: store.end_logins(ana.id),
            lambda store, ana, login_id: store.change(ana.id, password_hash="new"),
        ],
    )
    def test_is_not_left_behind_by_a_login_that_ends(
        self, people, logins, store, read, ana, pair, happens
    ):
        grant = logins.grant(read(pair.access), PHONE)
        end = Meanwhile(store, "add_login", lambda: happens(store, ana, grant.login_id))

        racing = Logins(end, people.tokens)

        assert code(racing.add_device, ana.id, "Kitchen", PHONE, grant) == "token-revoked"
        assert "device" not in [one.kind for one in store.logins(ana.id)]

    def test_is_not_left_behind_by_a_token_without_one(
        self, people, logins, store, read, ana, plain
    ):
        grant = logins.grant(read(plain.access), PHONE)
        logins.add_device(ana.id, "Kitchen", PHONE, grant)
        end = Meanwhile(store, "add_login", lambda: store.end_logins(ana.id))

        racing = Logins(end, people.tokens)

        assert code(racing.add_device, ana.id, "Hall", PHONE, grant) == "token-revoked"
        assert store.logins(ana.id) == []

    def test_is_made_by_the_login_that_asks_for_it(self, logins, store, read, ana, pair):
        grant = logins.grant(read(pair.access), PHONE)

        login, _ = logins.add_device(ana.id, "Kitchen", PHONE, grant)

        assert store.login(login.id) == login
