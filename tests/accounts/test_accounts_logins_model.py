"""Exactly those tokens are good that a model says, whatever is done in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pytest
from account_people import DAY, HOUR, OLD_SECRET, PHONE, YEAR, People, code
from account_stores import NOON, CountedIds, HandClock
from attrs import define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pytlas_wamp.accounts.model import LoginBounds, SigningKey, TooManyDevices, UnknownUser
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.errors import ClientError
from strategies import share

PICKS = st.integers(0, 1000)
NAMES = st.sampled_from(["Ana", "Bob"])
ORIGINAL_IDS = {"Ana": 41, "Bob": 42}
IMPORTED_FOR = 2 * DAY
LEEWAY = 5
SEEN_EVERY = 60
BOUNDS = LoginBounds(passwords=3, devices=2)


@define(eq=False)
class Person:
    """What the model knows of a person."""

    name: str
    id: int
    password: int = 0
    active: bool = True
    plain: bool = True


@define(eq=False)
class Login:
    """What the model knows of a login; `refresh` is its only good refresh token."""

    id: str
    person: Person
    expires_at: int
    created_at: int
    seen_at: int
    kind: str = "password"
    refresh: Token | None = None
    ended: bool = False
    forgotten: bool = False


@define(eq=False)
class Token:
    """What the model knows of a token; `becomes` is what refreshing one without a login made."""

    text: str
    kind: str
    person: Person
    key: str
    expires_at: int
    login: Login | None = None
    revoked: bool = False
    becomes: Login | None = None


class LoginMachine(RuleBasedStateMachine):
    """Drives the accounts and a model side by side; `visited` counts what happened."""

    visited: ClassVar = Counter()

    @initialize()
    def begin(self):
        store = SqlAccountStore("sqlite://", bounds=BOUNDS)
        self.server = People(leeway=LEEWAY, store=store)
        self.accounts = evolve(self.server.accounts, check_strength=lambda *_: None)
        self.store, self.clock = self.server.store, self.server.clock
        self.people, self.logins, self.tokens = {}, [], []
        for name, original_id in ORIGINAL_IDS.items():
            made = self.accounts.create(name, "0")
            self.store.delete(made.id)
            moved = self.store.add(
                name,
                self.server.hasher.hash("0"),
                language="en",
                admin=False,
                original_id=original_id,
            )
            self.people[name] = Person(name, moved.id)
        self.keys = {"configured": None, "original": NOON + IMPORTED_FOR}
        self.signing = "configured"
        self.store.add_key(
            SigningKey(
                kid="original",
                secret=OLD_SECRET,
                purpose="imported",
                created_at=NOON,
                expires_at=NOON + IMPORTED_FOR,
            )
        )
        self.original_ids = CountedIds()
        # What chance alone would bring about too rarely: tokens without a login that become
        # one, a copy of such a token, and one login more than a person may have.
        self.token_of_the_original("Bob")
        self.refresh(0, "original")
        self.token_of_an_earlier_version("Bob")
        self.refresh(0, "earlier")
        self.refresh(0, "copy of earlier")
        for _ in range(BOUNDS.passwords + 1):
            self.sign_in("Ana", 1)
            self.clock.time += 1
            self.refresh(0, "present")

    def teardown(self):
        if hasattr(self, "server"):
            self.look_at(self.tokens)
            self.rotate_key(0)  # at once
            self.revoke(0, stale=True)
            self.look_at(self.tokens)
            self.store.close()

    def seen(self, what):
        self.visited[what] += 1

    # What the model thinks.

    def is_over(self, end):
        return end is not None and end <= self.clock.time - LEEWAY

    def verdict(self, token):
        """The code with which a token is refused, None when it is good."""
        if self.is_over(self.keys.get(token.key)):
            return "token-invalid"
        if self.is_over(token.expires_at):
            return "token-expired"
        if not token.person.active:
            return "account-disabled"
        if token.login is None:
            refused = token.revoked or not token.person.plain
        else:
            refused = token.login.ended or (
                token.kind == "refresh" and token.login.refresh is not token
            )
        return "token-revoked" if refused else None

    def watch(self, pair, person, login, key=None):
        """Remembers a pair of tokens."""
        key = key or self.signing
        access = Token(pair.access, "access", person, key, self.clock.time + HOUR, login)
        refresh = Token(pair.refresh, "refresh", person, key, self.clock.time + DAY, login)
        self.tokens += [access, refresh]
        if login:
            login.refresh, login.expires_at = refresh, refresh.expires_at

    def opened(self, pair, person):
        (login_id,) = {one.id for one in self.store.logins(person.id)} - {
            one.id for one in self.logins
        }
        present = self.kept(person, "password")
        if len(present) >= BOUNDS.passwords:
            self.seen("login ended for another")
            oldest = sorted(present, key=lambda one: one.id, reverse=True)
            min(oldest, key=lambda one: (one.seen_at, one.created_at)).ended = True
        login = Login(login_id, person, 0, self.clock.time, self.clock.time)
        self.logins.append(login)
        self.watch(pair, person, login)
        return login

    def kept(self, person, kind):
        """The logins that are in the store."""
        return [
            one
            for one in self.logins
            if one.person is person and one.kind == kind and not (one.ended or one.forgotten)
        ]

    def end_all(self, person, keep=None):
        person.plain = False
        for login in self.logins:
            if login.person is person and login is not keep:
                login.ended = True

    def allow_plain(self, person):
        """There would be nothing more to see of tokens without a login."""
        person.plain = True
        self.store.change(person.id, plain_tokens=True)

    def pick(self, pick, wanted, among=None):
        """One of those for which `wanted` is true; None without any."""
        found = [one for one in (self.tokens if among is None else among) if wanted(one)]
        return found[pick % len(found)] if found else None

    # What happens.

    @rule(name=NAMES, right=st.integers(0, 3))
    def sign_in(self, name, right):
        person = self.people[name]
        self.server.watch.time += HOUR
        password = str(person.password) if right else "wrong"
        if not right or not person.active:
            self.seen("sign-in refused")
            assert code(self.accounts.sign_in, name, password, PHONE) == "authentication-failed"
            return
        self.seen("signed in")
        self.opened(self.accounts.sign_in(name, password, PHONE), person)

    @rule(name=NAMES)
    def token_of_an_earlier_version(self, name):
        self.seen("token of an earlier version")
        person = self.people[name]
        self.allow_plain(person)
        self.watch(self.server.tokens.issue(person.id), person, None)

    @rule(name=NAMES)
    def token_of_the_original(self, name):
        self.seen("token of the original")
        theirs = Tokens(
            OLD_SECRET,
            HandClock(self.clock.time),
            lambda: "original" + self.original_ids(),
            HOUR,
            DAY,
        )
        self.allow_plain(self.people[name])
        pair = theirs.issue(ORIGINAL_IDS[name])
        self.watch(pair, self.people[name], None, "original")

    @rule(name=NAMES)
    def add_device(self, name):
        person = self.people[name]
        if not person.active:
            self.seen("device of a disabled account refused")
            with pytest.raises(UnknownUser, match="is disabled"):
                self.accounts.add_device(person.id, "Kitchen")
            return
        if len(self.kept(person, "device")) >= BOUNDS.devices:
            self.seen("device refused")
            with pytest.raises(TooManyDevices):
                self.accounts.add_device(person.id, "Kitchen")
            return
        self.seen("device")
        made, text = self.accounts.add_device(person.id, "Kitchen")
        now = self.clock.time
        login = Login(made.id, person, now + YEAR, now, now, "device")
        self.logins.append(login)
        self.tokens.append(Token(text, "access", person, self.signing, login.expires_at, login))

    def refresh(self, pick, wish):
        """Refreshes a token that is as wished, if there is one."""
        found = [one for one in self.tokens if one.kind == "refresh" and wish in self.traits(one)]
        token = self.pick(pick, lambda _: True, found)
        if token is None:
            return
        self.seen(f"refreshed: {wish}")
        verdict = self.verdict(token)
        if verdict is None and token.login:
            token.login.seen_at = self.clock.time
            self.watch(self.accounts.refresh(token.text, PHONE), token.person, token.login)
        elif verdict is None:
            pair = self.accounts.refresh(token.text, PHONE)
            token.revoked = True
            token.becomes = self.opened(pair, token.person)
        else:
            assert code(self.accounts.refresh, token.text, PHONE) == verdict
            if verdict == "token-revoked":
                # A copy ends the login; so does one of the token of which it was made.
                token.revoked = True
                for login in filter(None, (token.login, token.becomes)):
                    login.ended = True

    def traits(self, token):
        """What a refresh token is like."""
        if self.verdict(token) is None:
            login = "present" if token.login else "earlier"
            return {"original" if token.key == "original" else login}
        victim = token.login or token.becomes
        if self.verdict(token) == "token-revoked" and victim and not victim.ended:
            return {"copy" if token.login else "copy of earlier"}
        return {"refused"}

    @rule(pick=PICKS, wish=st.sampled_from(["present", "earlier", "original"]))
    def refresh_good(self, pick, wish):
        self.refresh(pick, wish)

    @rule(pick=PICKS, wish=st.sampled_from(["copy", "copy of earlier", "refused"]))
    def refresh_refused(self, pick, wish):
        self.refresh(pick, wish)

    @rule(pick=PICKS, name=NAMES)
    def refresh_and_copy(self, pick, name):
        if self.people[name].active:
            self.sign_in(name, 1)
            self.refresh(pick, "present")
            self.refresh(pick, "copy")

    @rule(pick=PICKS)
    def refresh_foreign(self, pick):
        self.seen("foreign")
        token = self.pick(pick, lambda one: one.kind == "access")
        foreign = Tokens("a secret of strangers, long enough", self.clock, CountedIds(), HOUR, DAY)
        nobody = Tokens(OLD_SECRET, self.clock, CountedIds(), HOUR, DAY).issue(43)
        texts = [foreign.issue(self.people["Ana"].id, "x").refresh, nobody.refresh, "x.y.z"]
        for text in [token.text, *texts] if token else texts:
            assert code(self.accounts.refresh, text, PHONE) == "token-invalid"

    @rule(pick=PICKS, own=st.booleans())
    def end_login(self, pick, own):
        login = self.pick(pick, lambda one: not one.ended, self.logins)
        if login:
            owner = login.person
            others = [one for one in self.people.values() if one is not owner]
            self.seen("login ended" if own else "login of others not ended")
            ended = self.store.end_login((owner if own else others[0]).id, login.id)
            # One that has expired may be forgotten.
            assert ended is own or self.is_over(login.expires_at)
            login.ended = own

    @rule(
        name=NAMES,
        pick=PICKS,
        keeps=st.sampled_from([True, True, False]),
        what=st.sampled_from(["logins ended", "own password changed", "password changed"]),
    )
    def end_logins(self, name, pick, keeps, what):
        person = self.people[name]
        kept = self.pick(
            pick,
            lambda one: keeps and one.person is person and not one.ended,
            [] if what == "password changed" else self.logins,
        )
        self.seen(f"{what}, one kept" if kept else what)
        keep = kept.id if kept else None
        if what == "logins ended":
            self.accounts.end_logins(person.id, keep=keep)
        else:
            old, person.password = str(person.password), person.password + 1
            if what == "password changed":
                self.accounts.change_password(name, str(person.password))
            else:
                self.server.watch.time += HOUR
                account = self.accounts.user(person.id)
                self.accounts.change_own_password(
                    account, old, str(person.password), PHONE, keep=keep
                )
        self.end_all(person, kept)

    @rule(name=NAMES, active=st.sampled_from([True, True, True, False]))
    def set_active(self, name, active):
        self.seen("enabled" if active else "disabled")
        person = self.people[name]
        self.accounts.change(person.id, active=active)
        if not active:
            self.end_all(person)
        person.active = active

    @precondition(lambda self: self.tokens)
    @rule(pick=PICKS, stale=st.sampled_from([True, True, False]))
    def revoke(self, pick, stale):
        token = self.pick(pick, lambda one: stale and self.is_over(self.keys.get(one.key)))
        token = token or self.pick(pick, lambda _: True)
        if self.is_over(self.keys.get(token.key)):
            self.seen("not revoked")
            assert code(self.accounts.revoke, token.text) == "token-invalid"
            return
        self.seen("revoked")
        self.accounts.revoke(token.text)
        token.revoked = True
        for login in filter(None, (token.login, token.becomes)):
            login.ended = True

    @rule(rarely=st.integers(0, 5))
    def rotate_key(self, rarely):
        at_once = rarely == 0
        self.seen("key replaced" if at_once else "key rotated")
        kid = self.accounts.rotate_key(at_once=at_once).kid
        ends = [one.expires_at for one in self.logins if not one.ended]
        until = self.clock.time - LEEWAY if at_once else max([self.clock.time + DAY, *ends])
        self.keys[self.signing], self.keys[kid], self.signing = until, None, kid
        if at_once:
            for person in self.people.values():
                self.end_all(person)

    @rule(
        seconds=st.sampled_from([1, 1, LEEWAY, HOUR - 1, HOUR, DAY // 2, DAY - 1, 3 * DAY, 8 * DAY])
    )
    def time_passes(self, seconds):
        self.seen("time passed")
        self.clock.time += seconds

    @rule()
    def clean_up(self):
        self.seen("cleaned up")
        self.accounts.forget_expired()
        for login in self.logins:
            login.forgotten = login.forgotten or self.is_over(login.expires_at)

    @invariant()
    def agree(self):
        if not hasattr(self, "server"):
            return
        self.tokens = self.tokens[-30:]
        self.look_at(self.tokens[-2:] + self.tokens[:1])

    @precondition(lambda self: self.tokens)
    @rule()
    def look_at_everything(self):
        self.look_at(self.tokens[::3])

    def look_at(self, tokens):
        for token in tokens:
            expected = self.verdict(token)
            assert self.outcome(self.accounts.verify, token) == expected
            if token.kind == "access":
                assert self.outcome(self.accounts.check, token) == expected
                login = token.login
                if expected is None and login and self.clock.time - login.seen_at > SEEN_EVERY:
                    login.seen_at = self.clock.time
            self.seen(f"{token.kind} {expected or 'good'}")

    def outcome(self, act, token):
        try:
            found = act(token.text)
        except ClientError as error:
            return error.code
        assert getattr(found, "user_id", token.person.id) == token.person.id
        assert found.login_id == (token.login.id if token.login else None)
        return None


HAPPENINGS = {
    *("signed in", "sign-in refused", "token of an earlier version", "token of the original"),
    *(
        "device",
        "device refused",
        "device of a disabled account refused",
        "login ended for another",
        "refreshed: present",
        "refreshed: earlier",
        "refreshed: original",
    ),
    *(
        "refreshed: copy",
        "refreshed: copy of earlier",
        "refreshed: refused",
        "foreign",
        "login ended",
        "login of others not ended",
    ),
    *("logins ended", "logins ended, one kept", "own password changed", "password changed"),
    *("own password changed, one kept", "enabled", "disabled", "revoked", "not revoked"),
    *("key rotated", "key replaced", "time passed", "cleaned up"),
    *(
        f"{kind} {outcome}"
        for kind in ("access", "refresh")
        for outcome in (
            "good",
            "token-invalid",
            "token-expired",
            "token-revoked",
            "account-disabled",
        )
    ),
}


# Everything once, in an order in which it can happen.
TOUR = (
    (LoginMachine.sign_in, "Bob", 0),
    (LoginMachine.refresh_and_copy, 0, "Bob"),
    (LoginMachine.refresh_refused, 0, "refused"),
    (LoginMachine.refresh_foreign, 0),
    *[(LoginMachine.add_device, "Ana")] * (BOUNDS.devices + 1),
    (LoginMachine.look_at_everything,),
    (LoginMachine.end_login, 0, False),
    (LoginMachine.end_login, 0, True),
    (LoginMachine.end_logins, "Ana", 0, True, "logins ended"),
    (LoginMachine.end_logins, "Ana", 0, True, "own password changed"),
    (LoginMachine.end_logins, "Ana", 0, False, "own password changed"),
    (LoginMachine.end_logins, "Ana", 0, False, "logins ended"),
    (LoginMachine.end_logins, "Ana", 0, False, "password changed"),
    (LoginMachine.sign_in, "Bob", 1),
    (LoginMachine.revoke, 0, False),
    (LoginMachine.set_active, "Bob", False),
    (LoginMachine.add_device, "Bob"),
    (LoginMachine.set_active, "Bob", True),
    (LoginMachine.rotate_key, 1),
    (LoginMachine.sign_in, "Bob", 1),
    (LoginMachine.time_passes, HOUR + LEEWAY),
    (LoginMachine.look_at_everything,),
    (LoginMachine.time_passes, DAY),
    (LoginMachine.clean_up,),
    (LoginMachine.sign_in, "Ana", 1),
    (LoginMachine.rotate_key, 0),
    (LoginMachine.revoke, 0, True),
)


class TestExactlyThoseTokensAreGood:
    def test_that_the_model_says_in_all_that_may_happen(self):
        LoginMachine.visited.clear()
        machine = LoginMachine()
        machine.begin()
        for happens, *how in TOUR:
            happens(machine, *how)
            machine.agree()
        machine.teardown()
        assert set(LoginMachine.visited) == HAPPENINGS

    def test_that_the_model_says_in_whatever_order(self):
        run_state_machine_as_test(
            LoginMachine, settings=settings(share(0.08), stateful_step_count=50)
        )
