"""SQLite, PostgreSQL and a model of dicts agree in every answer, in whatever order."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import ClassVar

import pytest
from account_model import LOOKS, ModelStore
from account_stores import ONE_BY_ONE
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pytlas_wamp.accounts.model import Account, Login, LoginBounds, SigningKey
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.errors import PytlasWampError
from strategies import share

NAMES = st.sampled_from(sorted(LOOKS))
KEYS = st.sampled_from(["A", "A_B", "AB"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
NEW = {"active": True, "created_at": 0, "display_name": "", "original_id": None}
TOKEN_IDS = st.sampled_from([f"token-{number}" for number in range(3)])
HASHES = st.sampled_from(["hash-1", "hash-2"])
ADDRESSES = st.sampled_from([None, "192.0.2.1", "2001:db8::1"])
SECONDS = st.integers(0, 20)
PICKS = st.integers(0, 9)
FLAGS = st.booleans()
BOSSES = st.sampled_from([None, None, None, 0, 1, 2, 9])


STORES_IN_REACH = {
    "sqlite": lambda: SqlAccountStore("sqlite://"),
    "postgresql": lambda: ONE_BY_ONE["postgresql"](None),
}
HAPPENINGS = {
    *("add: done", "add: NameTaken", "add: SetupDone"),
    *("change: done", "change: UnknownUser", "change: Outdated"),
    *("change: NameTaken", "change: LastAdmin"),
    *("delete: done", "delete: UnknownUser", "delete: Outdated", "delete: LastAdmin"),
    *("set_password_hash: True", "set_password_hash: False", "set_password_hash: UnknownUser"),
    *("change_settings: done", "change_settings: UnknownUser", "change_settings: Outdated"),
    *("change_settings: BadSetting", "set_setting: BadSetting"),
    *("add: ClientError", "change: ClientError", "delete: ClientError"),
    *("change_settings: ClientError", "end_login: ClientError", "end_logins: ClientError"),
    *("delete_setting: True", "delete_setting: False", "delete_setting: UnknownUser"),
    *("add_login: True", "add_login: False", "add_login: UnknownUser"),
    *("add_login: TooManyDevices", "add_login: another one ended"),
    *("rotate_login: True", "rotate_login: False"),
    *("end_login: True", "end_login: False"),
    *("end_logins: done", "end_logins: UnknownUser"),
    *("revoke_token: True", "revoke_token: False", "revoke_token: UnknownUser"),
    *("is_revoked: True", "is_revoked: False"),
    *("add_key: True", "add_key: False"),
    *("set_setting: done", "set_setting: UnknownUser"),
    *("password_hash: done", "password_hash: UnknownUser"),
    *("rotate_key: done", "touch_login: done", "forget_expired: done", "note_skills: done"),
    *("all: done", "count: done", "ever_had_accounts: True", "ever_had_accounts: False"),
    *("get: done", "find: done", "find_original: done"),
    *("settings: done", "login: done", "logins: done", "keys: done"),
    *("changes: done", "last_change: done"),
}


class StoreMachine(RuleBasedStateMachine):
    """Does the same to a model and to stores; `visited` counts what happened."""

    visited: ClassVar = Counter()

    def __init__(self, kinds):
        super().__init__()
        bounds = LoginBounds(passwords=3, devices=2)
        self.model = ModelStore(bounds=bounds)
        self.stores = [STORES_IN_REACH[kind]() for kind in kinds]
        for store in (self.model, *self.stores):
            store.bounds, store.settings_bound = bounds, 2
        self.kids = self.logins = 0

    def teardown(self):
        self.look_at_everything()
        for store in self.stores:
            store.close()

    def same(self, method, *args, **how):
        """Calls the method of all, and returns the answer in which they agree."""
        first, *others = [_outcome(store, method, args, how) for store in self.stores]
        assert others == [first] * len(others)
        answer, error, _ = _outcome(self.model, method, args, how)
        assert first[:2] == (answer, error)
        said = answer if isinstance(answer, bool) else "done"
        self.visited[f"{method}: {error or said}"] += 1
        return answer

    def somebody(self, pick):
        """The id of an account; now and then one that nobody has."""
        known = sorted(self.model.accounts)
        return known[pick % len(known)] if known and pick < 9 else self.model.highest_id + 1

    def some_login(self, pick):
        """The id of a login; now and then one that does not exist."""
        known = sorted(self.model.login_by_id)
        return known[pick % len(known)] if known and pick < 9 else "login-9"

    def boss(self, pick):
        """Nobody in particular, or somebody who may be an administrator or not."""
        return None if pick is None else self.somebody(pick)

    def revision(self, user_id, field, offset):
        """None, the present revision, or one too many."""
        if offset is None:
            return None
        present = self.model.get(user_id) or Account(
            id=1, name="", language="", active=True, admin=True
        )
        return getattr(present, field) + offset

    @initialize()
    def begin(self):
        """An administrator, another person, and a login of that one."""
        self.same("ever_had_accounts")
        self.add("Ana", admin=True, user_id=None, first=True, **NEW)
        self.add("bill", admin=False, user_id=None, first=False, **NEW)
        self.add_login(1, "password", (0, 20), "192.0.2.1", "refresh-1", "hash-1", plain=False)

    @rule(
        name=NAMES,
        admin=FLAGS,
        active=FLAGS,
        created_at=st.none() | SECONDS,
        display_name=TEXTS,
        original_id=st.sampled_from([None, None, 7, 8]),
        user_id=st.sampled_from([None, None, 1, 3, 12]),
        first=st.sampled_from([False, False, False, True]),
        by_pick=BOSSES,
    )
    def add(self, name, by_pick=None, **others):
        by = self.boss(by_pick)
        self.same("add", name, "hash-1", language="fr", by=by, **others)

    @rule(
        pick=PICKS,
        offset=st.sampled_from([None, None, 0, 0, 1]),
        fields=st.fixed_dictionaries(
            {},
            optional={
                "name": NAMES,
                "display_name": TEXTS,
                "language": st.sampled_from(["en", "fr"]),
                "active": FLAGS,
                "admin": FLAGS,
                "plain_tokens": FLAGS,
                "password_hash": HASHES,
            },
        ),
        guard_admin=FLAGS,
        by_pick=BOSSES,
    )
    def change(self, pick, offset, fields, guard_admin, by_pick):
        user_id = self.somebody(pick)
        how = {
            "if_revision": self.revision(user_id, "revision", offset),
            "guard_admin": guard_admin,
            "by": self.boss(by_pick),
        }
        self.same("change", user_id, **how, **fields)

    @rule(
        pick=PICKS,
        new=HASHES,
        replacing=st.none() | HASHES,
        end_logins=FLAGS,
        keep_pick=PICKS,
    )
    def set_password_hash(self, pick, new, keep_pick, **how):
        keep = self.some_login(keep_pick)
        self.same("set_password_hash", self.somebody(pick), new, keep=keep, **how)

    @rule(pick=PICKS, offset=st.sampled_from([None, 0, 1]), guard_admin=FLAGS, by_pick=BOSSES)
    def delete(self, pick, offset, guard_admin, by_pick=None):
        user_id = self.somebody(pick)
        revision = self.revision(user_id, "revision", offset)
        by = self.boss(by_pick)
        self.same("delete", user_id, if_revision=revision, guard_admin=guard_admin, by=by)

    @rule(pick=PICKS, key=KEYS, value=TEXTS)
    def set_setting(self, pick, key, value):
        self.same("set_setting", self.somebody(pick), key, value)

    @rule(pick=PICKS, key=KEYS)
    def delete_setting(self, pick, key):
        self.same("delete_setting", self.somebody(pick), key)

    @rule(
        pick=PICKS,
        values=st.dictionaries(KEYS, st.none() | TEXTS),
        offset=st.sampled_from([None, 0, 1]),
        by_pick=BOSSES,
    )
    def change_settings(self, pick, values, offset, by_pick=None):
        user_id = self.somebody(pick)
        revision = self.revision(user_id, "settings_revision", offset)
        by = self.boss(by_pick)
        self.same("change_settings", user_id, values, if_revision=revision, by=by)

    @rule(
        pick=PICKS,
        kind=st.sampled_from(["password", "device"]),
        times=st.tuples(SECONDS, SECONDS),
        address=ADDRESSES,
        refresh_id=st.sampled_from([None, "refresh-1", "refresh-2"]),
        password_hash=st.sampled_from([None, None, "hash-1", "hash-2"]),
        plain=FLAGS,
        maker_pick=st.none() | PICKS,
    )
    def add_login(
        self, pick, kind, times, address, refresh_id, password_hash, plain, maker_pick=None
    ):
        self.logins += 1
        login = Login(
            id=f"login-{self.logins % 9}",
            user_id=self.somebody(pick),
            client="Ana's phone",
            created_at=times[0],
            seen_at=times[0],
            expires_at=times[1],
            kind=kind,
            address=address,
            refresh_id=refresh_id,
        )
        if self.model.login(login.id) is None:
            before = set(self.model.login_by_id)
            made_by = None if maker_pick is None else self.some_login(maker_pick)
            how = {"password_hash": password_hash, "plain": plain, "made_by": made_by}
            self.same("add_login", login, **how)
            if before - set(self.model.login_by_id):
                self.visited["add_login: another one ended"] += 1

    @rule(
        login_pick=PICKS,
        new=st.sampled_from(["refresh-1", "refresh-2"]),
        replayed=FLAGS,
        seen_at=SECONDS,
        expires_at=SECONDS,
        address=ADDRESSES,
    )
    def rotate_login(self, login_pick, new, replayed, **seen):
        login_id = self.some_login(login_pick)
        login = self.model.login(login_id)
        good = login.refresh_id if login and not replayed else None
        self.same("rotate_login", login_id, old=good or "replayed", new=new, **seen)

    @rule(login_pick=PICKS, seen_at=SECONDS, address=ADDRESSES)
    def touch_login(self, login_pick, **seen):
        self.same("touch_login", self.some_login(login_pick), **seen)

    @rule(pick=PICKS, login_pick=PICKS, own=FLAGS, by_pick=BOSSES)
    def end_login(self, pick, login_pick, own, by_pick=None):
        login_id = self.some_login(login_pick)
        login = self.model.login(login_id)
        user_id = login.user_id if login and own else self.somebody(pick)
        self.same("end_login", user_id, login_id, by=self.boss(by_pick))

    @rule(pick=PICKS, keep_pick=st.none() | PICKS, by_pick=BOSSES)
    def end_logins(self, pick, keep_pick, by_pick):
        keep = None if keep_pick is None else self.some_login(keep_pick)
        self.same("end_logins", self.somebody(pick), keep=keep, by=self.boss(by_pick))

    @rule(created_at=SECONDS, old_expires_at=SECONDS)
    def rotate_key(self, created_at, old_expires_at):
        self.kids += 1
        new = SigningKey(
            kid=f"key-{self.kids}",
            secret=f"secret-{self.kids}",
            purpose="own",
            created_at=created_at,
            expires_at=None,
        )
        self.same("rotate_key", new, old_expires_at=old_expires_at)

    @rule(
        kid=st.sampled_from(["theirs", "key-1"]),
        secret=st.sampled_from(["their-secret", "secret-1"]),
        created_at=SECONDS,
        expires_at=st.none() | SECONDS,
    )
    def add_key(self, **values):
        if values["kid"] == "key-1" and not self.kids:
            return  # later it is ours, and ours are made once
        self.same("add_key", SigningKey(purpose="imported", **values))

    @rule()
    def note_skills(self):
        self.same("note_skills")

    @rule(pick=PICKS, token_id=TOKEN_IDS, expires_at=SECONDS)
    def revoke_token(self, pick, token_id, expires_at):
        self.same("revoke_token", token_id, self.somebody(pick), expires_at)

    @rule(now=SECONDS)
    def forget_expired(self, now):
        self.same("forget_expired", now)

    def look_at_everything(self):
        """Each of them at one state, which is the same."""
        with ExitStack() as looking:
            for store in (self.model, *self.stores):
                looking.enter_context(store.together())
            self.look_at_all_parts()

    def look_at_all_parts(self):
        self.same("count")
        self.same("ever_had_accounts")
        self.same("keys")
        self.same("last_change")
        self.same("changes", 0)
        for user_id in {*self.model.accounts, 99}:
            for method in ("get", "settings", "logins", "password_hash"):
                self.same(method, user_id)
        for name in LOOKS:
            self.same("find", name)
        for original_id in (7, 8):
            self.same("find_original", original_id)
        for number in range(10):
            self.same("login", f"login-{number}")
        for number in range(3):
            self.same("is_revoked", f"token-{number}")

    @invariant()
    def agree(self):
        self.same("all")
        self.same("changes", max(0, self.model.last_change() - 3))


def _outcome(store, method, args, how):
    """Returns the answer, the name of the error, and its text; the model's have none."""
    try:
        return getattr(store, method)(*args, **how), None, ""
    except PytlasWampError as error:
        return None, type(error).__name__, str(error)


def accounts_happen(machine):
    ana, bill = sorted(machine.model.accounts)
    guarded = {"guard_admin": True, "by": None}
    machine.same("change", ana, if_revision=None, **guarded, admin=False)
    machine.same("delete", ana, if_revision=1, **guarded)
    machine.same("delete", ana, if_revision=2, **guarded)
    machine.same("change", ana, if_revision=2, **guarded, language="en")
    machine.same("change", bill, if_revision=None, **guarded, name="\u0410na")
    machine.same("change", bill, if_revision=None, **guarded, active=True)
    machine.same("change", 9, if_revision=None, **guarded, admin=True)
    machine.same("delete", bill, if_revision=None, guard_admin=False, by=bill)
    machine.same("change", bill, if_revision=None, guard_admin=False, by=bill, admin=True)
    machine.add("b1ll", 1, admin=True, user_id=None, first=False, **NEW)
    machine.add("ANA", admin=True, user_id=None, first=False, **NEW)
    machine.add("STRASSE", admin=True, user_id=None, first=True, **NEW)
    machine.add("STRASSE", admin=True, user_id=None, first=False, **NEW)
    machine.delete(2, None, guard_admin=True)
    machine.delete(9, None, guard_admin=False)
    for pick, replacing in ((1, "hash-1"), (1, "hash-1"), (9, None)):
        machine.set_password_hash(pick, "hash-2", 9, replacing=replacing, end_logins=False)


def settings_happen(machine):
    ana, bill = sorted(machine.model.accounts)
    for by in (ana, bill):
        machine.same("change_settings", bill, {"A": "1"}, if_revision=None, by=by)
    machine.change_settings(1, {"A": "2"}, 1)
    machine.change_settings(9, {"A": "1"}, None)
    machine.change_settings(1, {"A": "1", "AB": "2", "A_B": "3"}, None)
    machine.change_settings(1, {"A": "1", "AB": "2"}, None)
    machine.set_setting(1, "A_B", "3")
    machine.set_setting(9, "A", "1")
    for pick in (1, 1, 9):
        machine.delete_setting(pick, "A")
    machine.set_setting(1, "A", "1")


def logins_happen(machine):
    ana, bill = sorted(machine.model.accounts)
    for by in (ana, bill):
        machine.same("end_login", bill, "login-9", by=by)
        machine.same("end_logins", 9, keep=None, by=by)
    for replayed in (False, True):
        machine.rotate_login(
            0, "refresh-2", replayed=replayed, seen_at=1, expires_at=20, address=None
        )
    machine.touch_login(0, seen_at=2, address="192.0.2.1")
    machine.end_login(1, 0, own=True)
    machine.add_login(9, "password", (0, 20), None, None, None, plain=False)
    machine.add_login(1, "password", (0, 20), None, None, "hash-1", plain=False)
    for kind in ("password", "password", "device", "device", "device", "password", "password"):
        machine.add_login(1, kind, (0, 20), None, None, None, plain=False)
    machine.end_logins(1, None, None)


def keys_happen(machine):
    machine.rotate_key(1, 10)
    for _ in range(2):
        machine.add_key(kid="theirs", secret="their-secret", created_at=1, expires_at=None)
    for pick, token in ((0, "token-0"), (0, "token-0"), (9, "token-1"), (0, "token-2")):
        machine.revoke_token(pick, token, 5 if token == "token-0" else 9)
    machine.forget_expired(7)
    machine.note_skills()


class TestStores:
    def test_agree_with_the_model_in_all_that_may_happen(self):
        StoreMachine.visited.clear()
        machine = StoreMachine(STORES_IN_REACH)
        machine.begin()
        for happens in (accounts_happen, settings_happen, logins_happen, keys_happen):
            happens(machine)
            machine.agree()
        machine.teardown()
        assert set(StoreMachine.visited) == HAPPENINGS

    # What PostgreSQL is asked costs more, and it is asked by the same lines of ours.
    @pytest.mark.parametrize(("kind", "part"), [("sqlite", 0.25), ("postgresql", 0.08)])
    def test_agree_with_the_model_in_whatever_order(self, kind, part):
        run_state_machine_as_test(
            lambda: StoreMachine([kind]), settings=settings(share(part), stateful_step_count=40)
        )
