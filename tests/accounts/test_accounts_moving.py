"""People who move over from the original server."""

from __future__ import annotations

import hashlib

import pytest
from account_stores import CHEAP, NOON
from argon2 import PasswordHasher

from original_databases import (
    CHEAP_HASH,
    JOINED_SECONDS,
    add_original,
    django_hash,
    make_original,
)
from pytlas_wamp.accounts import moving
from pytlas_wamp.accounts.model import NameTaken, StoreBroken
from pytlas_wamp.accounts.moving import (
    NO_PASSWORD,
    BadSecret,
    check_secret,
    move_people,
    take_secret,
)
from pytlas_wamp.accounts.original import read_original
from pytlas_wamp.accounts.passwords import Passwords

SECRET = "a secret that nobody else has, really"


@pytest.fixture
def original(tmp_path):
    return make_original(tmp_path / "db.sqlite3")


@pytest.fixture
def move(store, original):
    """Moves everybody, and returns what became of them."""

    def run(**names):
        return list(move_people(store, read_original(original), language="fr", names=names))

    return run


class TestNewPerson:
    def test_comes_with_everything(self, store, original, move):
        add_original(
            original,
            "julien",
            language="fr-FR",
            superuser=True,
            first_name="Julien",
            last_name="Leicher",
            settings=[("WEATHER_API_KEY", "k1"), ("home", "Rouen")],
        )

        [moved] = move()

        account = store.find("julien")
        assert (account.id, account.original_id) == (1, 1)
        assert (account.language, account.admin, account.active) == ("fr-FR", True, True)
        assert (account.display_name, account.created_at) == ("Julien Leicher", JOINED_SECONDS)
        assert store.password_hash(account.id) == CHEAP_HASH
        assert store.settings(account.id) == {"WEATHER_API_KEY": "k1", "HOME": "Rouen"}
        assert (moved.outcome, moved.account.id, moved.complete) == ("added", 1, True)
        assert (moved.settings_added, moved.notes) == (("HOME", "WEATHER_API_KEY"), ())

    def test_signs_in_with_the_old_password(self, store, original, move):
        add_original(original, "ann", password=django_hash("correct horse battery", iterations=99))
        [moved] = move()

        passwords = Passwords(PasswordHasher(**CHEAP))

        kept = store.password_hash(moved.account.id)
        assert passwords.verify(kept, "correct horse battery")
        assert not passwords.verify(kept, "another")

    def test_stays_locked_out(self, store, original, move):
        add_original(original, "gone", active=False)

        move()

        assert not store.find("gone").active

    def test_keeps_the_id_as_long_as_nobody_had_it(self, store, original, move):
        store.add("eve", "hash", language="fr", admin=False)
        add_original(original, "ann", user_id=1)
        add_original(original, "bob", user_id=7)

        ann, bob = move()

        assert (ann.account.id != 1, bob.account.id) == (True, 7)
        assert ann.notes == (f"has the id {ann.account.id} here: 1 was given before",)
        assert ann.complete
        assert (store.find_original(1).name, store.find_original(7).name) == ("ann", "bob")

    def test_an_id_that_would_use_all_up_is_not_kept(self, store, original, move):
        add_original(original, "far", user_id=2**31)

        [moved] = move()

        assert moved.account.id < 2**31

    def test_a_name_in_another_form_is_told(self, original, move):
        add_original(original, "\uff46ull ")

        [moved] = move()

        assert (moved.account.name, moved.complete) == ("full", True)
        assert moved.notes == ("is named 'full' here",)


class TestPassword:
    @pytest.mark.parametrize("unusable", ["!", "!k8dT0sSx", ""])
    def test_none_stays_none(self, store, original, move, unusable):
        add_original(original, "ann", password=unusable)

        [moved] = move()

        assert store.password_hash(1) == NO_PASSWORD
        assert moved.complete
        assert "had no password there" in moved.notes[0]

    @pytest.mark.parametrize(
        ("unknown", "kind"),
        [
            ("argon2$argon2i$v=19$m=512,t=2,p=2$c29tZXNhbHQ$abc", "argon2"),
            ("bcrypt_sha256$$2b$12$abcdef", "bcrypt_sha256"),
            ("md5$salt$9e107d9d372bb6826bd81d3542a419d6", "md5"),
            (django_hash("x", iterations=1).replace("$1$", "$9000000$"), "pbkdf2_sha256"),
        ],
    )
    def test_one_of_an_unknown_kind_has_to_be_given_anew(
        self, store, original, move, unknown, kind
    ):
        add_original(original, "ann", password=unknown)

        [moved] = move()

        assert store.password_hash(1) == NO_PASSWORD
        assert (moved.outcome, moved.complete) == ("added", False)
        assert f"'{kind}'" in moved.notes[0]
        assert unknown not in moved.notes[0]

    def test_is_asked_for_again_until_there_is_one(self, store, original, move):
        add_original(original, "ann", password="!")
        move()

        assert move()[0].notes == ("has no password yet: give them one",)
        store.set_password_hash(1, "hash")
        assert move()[0].notes == ()


class TestLanguage:
    @pytest.mark.parametrize(
        ("written", "note"),
        [
            ("", "had no language there, and speaks fr here"),
            (" ", "had no language there, and speaks fr here"),
            (None, "had no language there, and speaks fr here"),
            ("klingon", "had the language 'klingon' there, and speaks fr here"),
        ],
    )
    def test_one_that_cannot_be_read_is_the_servers(self, store, original, move, written, note):
        add_original(original, "ann", language=written)

        [moved] = move()

        assert (store.find("ann").language, moved.notes) == ("fr", (note,))
        assert moved.complete

    def test_stays_as_it_was_typed(self, store, original, move):
        add_original(original, "ann", language="fr_FR")

        move()

        assert store.find("ann").language == "fr_FR"


class TestSettings:
    def test_those_that_cannot_be_kept_are_told(self, store, original, move):
        add_original(
            original,
            "ann",
            settings=[("uid", "7"), ("??", "x"), ("CITY", "Rouen"), ("LONG", "x" * 9000)],
        )

        [moved] = move()

        assert store.settings(1) == {"CITY": "Rouen"}
        assert [note.partition(" is left out: ")[0] for note in moved.notes] == [
            "the setting 'uid'",
            "the setting '??'",
            "the setting 'LONG'",
        ]
        assert (moved.outcome, moved.complete) == ("added", False)

    @pytest.mark.parametrize(
        ("settings", "kept"),
        [
            ([("WEATHER_KEY", "old"), ("weather.key", "new")], "WEATHER_KEY"),
            ([("weather.key", "new"), ("WEATHER_KEY", "old")], "WEATHER_KEY"),
            ([("weather key", "1"), ("weather.key", "2")], "weather.key"),
        ],
    )
    def test_of_two_that_are_one_here_the_exact_or_the_later_one_counts(
        self, store, original, move, settings, kept
    ):
        add_original(original, "ann", settings=settings)

        [moved] = move()

        assert store.settings(1) == {"WEATHER_KEY": dict(settings)[kept]}
        [note] = moved.notes
        assert note == (
            f"the settings {settings[0][0]!r} and {settings[1][0]!r} are both WEATHER_KEY here: "
            f"the value of {kept!r} is kept"
        )
        assert not moved.complete

    @pytest.mark.parametrize(
        "settings",
        [[("CITY", "Rouen"), ("CITY", "Paris")], [("city", "Paris"), ("CITY", "Paris")]],
    )
    def test_the_same_twice_is_no_news(self, store, original, move, settings):
        add_original(original, "ann", settings=settings)

        assert (move()[0].notes, store.settings(1)) == ((), {"CITY": "Paris"})


class TestNamesThatCannotBeUsed:
    def test_leave_one_person_out_and_the_others_go_on(self, store, original, move):
        add_original(original, "a\u200bnn")
        add_original(original, "bob")

        ann, bob = move()

        assert (ann.outcome, ann.account, ann.complete) == ("left out", None, False)
        assert "invisible characters" in ann.notes[0]
        assert (ann.suggestion, bob.outcome) == ("ann", "added")
        assert [account.name for account in store.all()] == ["bob"]

    @pytest.mark.parametrize("name", ["Bob", "\u0412ob"])
    def test_one_like_anothers_gets_a_number(self, store, original, move, name):
        store.add("bob", "hash", language="fr", admin=False)
        store.add(f"{name}-2", "hash", language="fr", admin=False)
        add_original(original, name)

        [moved] = move()

        assert (moved.outcome, moved.suggestion) == ("left out", f"{name}-3")

    @pytest.mark.parametrize(
        ("name", "suggestion"), [("\u200b", "user1"), ("  ", "user1"), ("ﷺ" * 100, None)]
    )
    def test_the_suggestion_can_be_used(self, store, original, move, name, suggestion):
        add_original(original, name)

        [moved] = move()

        assert suggestion in {None, moved.suggestion}
        assert store.add(moved.suggestion, "hash", language="fr", admin=False)

    def test_a_new_name_brings_them_in(self, store, original, move):
        add_original(original, "a\u200bnn", settings=[("CITY", "Rouen")])

        [moved] = move(**{"a\u200bnn": "anna"})

        assert (moved.outcome, moved.account.name) == ("added", "anna")
        assert store.find("anna").original_id == 1


class TestAgain:
    def test_changes_nothing_that_was_changed_here(self, store, original, move):
        add_original(original, "ann", settings=[("CITY", "Rouen"), ("STREET", "1")])
        move()
        store.change(1, name="anna", language="en", admin=True, active=False, display_name="A")
        store.set_password_hash(1, "hash")
        store.set_setting(1, "CITY", "Paris")
        before, newest = store.get(1), store.last_change()

        [moved] = move()

        assert (moved.outcome, moved.settings_added, moved.complete) == ("already here", (), True)
        assert moved.notes == ("is named 'anna' here",)
        assert (store.get(1), store.last_change()) == (before, newest)
        assert store.password_hash(1) == "hash"
        assert store.settings(1) == {"CITY": "Paris", "STREET": "1"}

    def test_adds_new_people_and_missing_settings(self, store, original, move):
        add_original(original, "ann", settings=[("CITY", "Rouen")])
        move()
        store.delete_setting(1, "CITY")
        add_original(original, "bob")

        ann, bob = move()

        assert (ann.outcome, ann.settings_added) == ("already here", ("CITY",))
        assert (bob.outcome, store.find("bob").original_id) == ("added", 2)

    def test_still_tells_of_settings_that_are_left_out(self, original, move):
        add_original(original, "ann", settings=[("uid", "7")])
        move()

        [moved] = move()

        assert (moved.outcome, moved.complete) == ("already here", False)

    @pytest.mark.parametrize(("joined", "same"), [("2020-02-02 00:00:00", False), ("?", True)])
    def test_another_servers_person_with_the_same_id_is_not_mistaken(
        self, store, original, move, tmp_path, joined, same
    ):
        add_original(original, "admin")
        move()
        other = make_original(tmp_path / "other.sqlite3")
        add_original(other, "admin", joined=joined, settings=[("CITY", "Rouen")])

        [moved] = move_people(store, read_original(other), language="fr", names={})

        assert moved.outcome == ("already here" if same else "left out")
        assert store.settings(1) == ({"CITY": "Rouen"} if same else {})
        assert same or "another pytlas-server" in moved.notes[0]

    def test_goes_on_where_it_failed(self, store, original, move, monkeypatch):
        for name in ("ann", "bob", "cid"):
            add_original(original, name, settings=[("CITY", name)])
        people = move_people(store, read_original(original), language="fr", names={})
        next(people)
        with monkeypatch.context() as patch:

            def fail(*_, **__):
                raise StoreBroken("gone")

            patch.setattr(type(store), "change_settings", fail)
            with pytest.raises(StoreBroken):
                next(people)

        assert [(m.original_name, m.outcome, m.settings_added) for m in move()] == [
            ("ann", "already here", ()),
            ("bob", "already here", ("CITY",)),
            ("cid", "added", ("CITY",)),
        ]


class TestSecret:
    def test_becomes_a_key_that_ends(self, store):
        assert take_secret(store, SECRET, now=NOON + 0.5, days=30)

        [key] = store.keys()
        assert (key.kid, key.secret, key.purpose) == ("pytlas-server", SECRET, "imported")
        assert (key.created_at, key.expires_at) == (NOON, NOON + 30 * 86_400)

    def test_is_taken_once(self, store):
        take_secret(store, SECRET, now=NOON, days=30)

        assert not take_secret(store, SECRET, now=NOON + 1, days=60)
        assert len(store.keys()) == 1

    def test_several_originals_have_several(self, store):
        for number in range(3):
            assert take_secret(store, f"{SECRET}{number}", now=NOON, days=30)

        kids = [key.kid for key in store.keys()]  # noqa: SIM118 - it is no dictionary
        assert sorted(kids) == ["pytlas-server", "pytlas-server-2", "pytlas-server-3"]

    def test_a_short_one_is_refused(self, store):
        with pytest.raises(BadSecret, match="has 15 characters"):
            take_secret(store, "x" * 15, now=NOON, days=30)
        assert store.keys() == []

    def test_a_published_one_is_refused(self, monkeypatch):
        monkeypatch.setattr(
            moving, "_PUBLISHED_SECRETS", {hashlib.sha256(SECRET.encode()).hexdigest()}
        )

        with pytest.raises(BadSecret, match="everybody can download"):
            check_secret(SECRET)

    def test_the_one_of_the_compose_file_is_published(self):
        with pytest.raises(BadSecret, match="everybody can download"):
            check_secret("generateAStrongSecretKeyHere")


def test_an_original_id_is_nobody_elses(store, original, move):
    add_original(original, "ann")
    move()

    with pytest.raises(NameTaken):
        store.add("eve", "hash", language="fr", admin=False, original_id=1)
