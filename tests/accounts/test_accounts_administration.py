"""What is done by those who look after accounts, by id."""

from __future__ import annotations

import pytest
from account_people import BETTER, DAY, GOOD, PHONE, SECRET, YEAR, Meanwhile, People, code
from account_stores import NOON
from attrs import evolve

from pytlas_wamp.accounts.administration import Administration
from pytlas_wamp.accounts.model import (
    BadDisplayName,
    BadLanguage,
    BadName,
    BadPassword,
    BadSetting,
    LastAdmin,
    NameTaken,
    Outdated,
    SetupDone,
    SigningKey,
    StoreBroken,
    UnknownUser,
    WeakPassword,
)
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.strength import check_strength


@pytest.fixture
def people():
    made = People()
    yield made
    made.store.close()


@pytest.fixture
def office(people):
    return Administration(
        people.store,
        Passwords(people.hasher),
        people.tokens,
        check_strength,
        lambda: "a new secret that is long enough",
    )


@pytest.fixture
def store(people):
    return people.store


@pytest.fixture
def ana(office):
    return office.create("Ana", GOOD, language="fr-FR", admin=True)


NOTHING = {
    "if_revision": None,
    "name": None,
    "language": None,
    "display_name": None,
    "active": None,
    "admin": None,
    "password": None,
    "guard_admin": False,
}


class TestCreate:
    def test_keeps_what_it_is_given_in_its_clean_form(self, office, store):
        made = office.create(
            " \uff21na ", GOOD, language=" fr_FR ", admin=True, display_name=" Ana Ame\u0301lie "
        )

        assert made == store.get(made.id)
        assert (made.name, made.language, made.display_name) == ("Ana", "fr_FR", "Ana Am\u00e9lie")
        assert (made.admin, made.active, made.created_at) == (True, True, NOON)
        assert store.password_hash(made.id).startswith("$argon2id$")

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"name": ""}, BadName),
            ({"name": "ANA"}, NameTaken),
            ({"password": ""}, BadPassword),
            ({"password": "x" * 1025}, BadPassword),
            ({"password": "hunter2"}, WeakPassword),
            ({"password": "Zorblaxian1", "name": "zorblaxian"}, WeakPassword),
            ({"password": "Zorblaxian1", "display_name": "Miss Zorblaxian"}, WeakPassword),
            ({"language": "english"}, BadLanguage),
            ({"display_name": "x" * 151}, BadDisplayName),
            ({"first": True}, SetupDone),
        ],
    )
    def test_refuses_what_is_wrong_and_keeps_nothing(self, office, store, ana, changed, error):
        given = {"name": "Bob", "password": BETTER, "language": "en", "admin": False, **changed}

        with pytest.raises(error):
            office.create(given.pop("name"), given.pop("password"), **given)
        assert store.all() == [ana]

    def test_makes_the_first_one(self, office, store):
        made = office.create("Ana", GOOD, language="en", admin=True, first=True)

        assert store.all() == [made]


class TestFinding:
    def test_works_by_id_and_by_name(self, office, ana):
        assert office.user(ana.id) == ana
        assert office.find(" Ana ") == ana

    def test_says_who_is_not_there(self, office, ana):
        with pytest.raises(UnknownUser, match="There is no account with the id 12345"):
            office.user(12345)
        with pytest.raises(UnknownUser, match="no account named 'ana' \\(capitals count\\)"):
            office.find("ana")


class TestChange:
    def test_changes_what_is_given(self, office, store, ana):
        changed = office.change(
            ana.id,
            **{
                **NOTHING,
                "if_revision": ana.revision,
                "name": " Anabel ",
                "language": " en ",
                "display_name": " Bel ",
                "active": False,
                "admin": False,
            },
        )

        assert changed == store.get(ana.id)
        assert changed == evolve(
            ana,
            name="Anabel",
            language="en",
            display_name="Bel",
            active=False,
            admin=False,
            revision=changed.revision,
        )
        assert changed.revision > ana.revision

    def test_empties_a_display_name(self, office, ana):
        office.change(ana.id, **{**NOTHING, "display_name": "Bel"})

        assert office.change(ana.id, **{**NOTHING, "display_name": ""}).display_name == ""

    def test_of_nothing_changes_nothing(self, office, people, ana):
        before = people.store.last_change()

        assert office.change(ana.id, **NOTHING) == ana
        assert people.store.last_change() == before

    def test_of_the_password_ends_all_logins(self, office, people, ana):
        pair = people.accounts.sign_in("Ana", GOOD)
        before = people.store.last_change()

        office.change(ana.id, **{**NOTHING, "password": BETTER})

        assert code(people.accounts.check, pair.access) == "token-revoked"
        assert people.accounts.sign_in("Ana", BETTER)
        assert {kind for _, kind, _ in people.changes(before)} == {"account", "logins"}

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"if_revision": 99}, Outdated),
            ({"name": "Bob"}, NameTaken),
            ({"name": ""}, BadName),
            ({"language": "english"}, BadLanguage),
            ({"display_name": "\0"}, BadDisplayName),
            ({"password": "hunter2"}, WeakPassword),
            ({"password": "Zorblaxian1", "name": "Zorblaxian"}, WeakPassword),
            ({"password": "Zorblaxian1", "display_name": "Zorblaxian"}, WeakPassword),
            ({"admin": False, "guard_admin": True}, LastAdmin),
            ({"active": False, "guard_admin": True}, LastAdmin),
        ],
    )
    def test_is_all_or_nothing(self, office, people, ana, changed, error):
        office.create("Bob", GOOD, language="en", admin=False)
        pair = people.accounts.sign_in("Ana", GOOD)
        before = people.store.last_change()
        good = {"language": "de", "password": BETTER}

        with pytest.raises(error):
            office.change(ana.id, **{**NOTHING, **good, **changed})
        assert office.user(ana.id) == ana
        assert people.accounts.check(pair.access)
        assert people.store.last_change() == before

    @pytest.mark.parametrize("name", ["Ana", "Zorblaxian"])
    def test_knows_who_the_password_is_for(self, office, ana, name):
        office.change(ana.id, **{**NOTHING, "name": name, "display_name": "Quendolin"})

        with pytest.raises(WeakPassword):
            office.change(ana.id, **{**NOTHING, "password": "quendolin1"})
        if name != "Ana":
            with pytest.raises(WeakPassword):
                office.change(ana.id, **{**NOTHING, "password": "zorblaxian1"})

    @pytest.mark.parametrize("changed", [{"language": "de"}, {"password": BETTER}])
    def test_of_nobody_is_refused(self, office, changed):
        with pytest.raises(UnknownUser):
            office.change(12345, **{**NOTHING, **changed})


class TestSettings:
    def test_are_changed_together(self, office, store, ana):
        store.set_setting(ana.id, "OLD", "1")
        before = office.user(ana.id).settings_revision

        revision = office.change_settings(
            ana.id, {"weather.api_key": "x", "LIGHTS_PORT": "2", "old": None}, if_revision=before
        )

        assert store.settings(ana.id) == {"WEATHER_API_KEY": "x", "LIGHTS_PORT": "2"}
        assert revision == office.user(ana.id).settings_revision > before

    @pytest.mark.parametrize(
        ("values", "if_revision", "error"),
        [
            ({"a.b": "x", "": "y"}, None, BadSetting),
            ({"a.b": "x", "a.c": "\0"}, None, BadSetting),
            ({"a.b": "x", "A_B": "y"}, None, BadSetting),
            ({"a.b": "x", "A_B": None}, None, BadSetting),
            ({"a.b": "x"}, 99, Outdated),
        ],
    )
    def test_are_changed_all_or_none(self, office, store, ana, values, if_revision, error):
        with pytest.raises(error):
            office.change_settings(ana.id, values, if_revision=if_revision)
        assert store.settings(ana.id) == {}

    def test_of_nobody_are_refused(self, office):
        with pytest.raises(UnknownUser):
            office.change_settings(12345, {"a.b": "x"}, if_revision=None)


class TestRotateKey:
    def test_signs_with_the_new_one(self, office, people):
        key = office.rotate_key(at_once=False)

        assert key == SigningKey(
            kid="0" * 31 + "1",
            secret="a new secret that is long enough",
            purpose="own",
            created_at=NOON,
            expires_at=None,
        )
        assert people.tokens._keyring().signing() == (key.kid, key.secret)
        assert people.changes() == [(0, "keys", None)]

    def test_lets_the_old_one_verify_until_its_last_token_ends(self, office, people, ana):
        old = people.accounts.sign_in("Ana", GOOD)
        office.rotate_key(at_once=False)

        ends = [one.expires_at for one in people.accounts.keys()]  # noqa: SIM118 - no dict
        assert ends == [None, NOON + DAY]
        people.clock.time += DAY - 1
        assert people.accounts.refresh(old.refresh)

    def test_counts_the_tokens_of_devices(self, office, people, ana):
        _, token = people.accounts.add_device(ana.id, "Kitchen")
        people.clock.time += 5
        office.rotate_key(at_once=False)

        assert people.store.keys()[1].expires_at == NOON + YEAR
        people.clock.time += YEAR - 6
        people.accounts.forget_expired()
        assert people.accounts.check(token).account == ana

    def test_several_times_keeps_all_of_them(self, office, people, ana):
        pairs = []
        for seconds in range(3):
            pairs.append(people.accounts.sign_in("Ana", GOOD))
            people.clock.time = NOON + seconds
            office.rotate_key(at_once=False)

        assert [people.accounts.check(pair.access).account for pair in pairs] == [ana] * 3
        assert len(people.store.keys()) == 4

    def test_at_once_ends_everything_that_was(self, office, people, ana):
        bob = office.create("Bob", GOOD, language="en", admin=False)
        tokens = [
            people.accounts.sign_in("Ana", GOOD).access,
            people.accounts.add_device(bob.id, "Kitchen", PHONE)[1],
            people.plain_tokens(ana.id).access,
        ]
        office.rotate_key(at_once=True)

        assert [code(people.accounts.check, token) for token in tokens] == ["token-invalid"] * 3
        assert [people.store.logins(one.id) for one in (ana, bob)] == [[], []]
        assert people.accounts.check(people.accounts.sign_in("Ana", GOOD).access)

    def test_at_once_is_not_kept_up_by_who_is_deleted_meanwhile(self, office, people, ana):
        bob = office.create("Bob", GOOD, language="en", admin=False)
        people.accounts.sign_in("Bob", GOOD)
        racing = evolve(
            office, store=Meanwhile(people.store, "end_logins", lambda: people.store.delete(ana.id))
        )

        racing.rotate_key(at_once=True)

        assert people.store.logins(bob.id) == []

    def test_that_fails_leaves_the_old_key_at_work(self, office, people, ana):
        def full():
            raise StoreBroken("The disk is full.")

        racing = evolve(office, store=Meanwhile(people.store, "rotate_key", full))

        with pytest.raises(StoreBroken):
            racing.rotate_key(at_once=True)
        assert people.tokens._keyring().signing() == (None, SECRET)
