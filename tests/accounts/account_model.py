"""What every store has to do, in dicts and by hand: the model that stores are tried against."""

from __future__ import annotations

from contextlib import nullcontext

from attrs import define, evolve, field

from pytlas_wamp.accounts.model import (
    Account,
    BadSetting,
    Change,
    LastAdmin,
    LoginBounds,
    NameTaken,
    Outdated,
    SetupDone,
    SigningKey,
    TooManyDevices,
    UnknownUser,
)
from pytlas_wamp.errors import ClientError

# Each name with what it shares with those that differ by case, with those that look like
# it, and what it contains beyond ASCII. Some of the letters are Cyrillic, one is Turkish.
LOOKS = {
    "Ana": ("ana", "ana", ""),
    "ANA": ("ana", "ana", ""),
    "\u0410na": ("\u0430na", "ana", "\u0430"),
    "bill": ("bill", "bill", ""),
    "b1ll": ("b1ll", "bill", ""),
    "b\u0131ll": ("b\u0131ll", "bill", "\u0131"),
    "Stra\u00dfe": ("strasse", "strasse", ""),
    "STRASSE": ("strasse", "strasse", ""),
}


@define
class ModelStore:
    """An `AccountStore` as far as the machine needs one; errors have no text."""

    accounts: dict = field(factory=dict)
    hashes: dict = field(factory=dict)
    values: dict = field(factory=dict)
    login_by_id: dict = field(factory=dict)
    revoked: dict = field(factory=dict)
    key_by_kid: dict = field(factory=dict)
    notes: list = field(factory=list)
    highest_id: int = 0
    bounds: LoginBounds = field(factory=LoginBounds)
    settings_bound: int = 500

    def note(self, user_id, kind, token_id=None):
        number = len(self.notes) + 1
        self.notes.append(Change(id=number, user_id=user_id, kind=kind, token_id=token_id))

    def add(self, name, password_hash, *, first, user_id, by, **others):
        self._require_admin(by)
        if first and self.ever_had_accounts():
            raise SetupDone
        self._refuse_name(name, None)
        original_id = others["original_id"]
        if original_id is not None and self.find_original(original_id):
            raise NameTaken
        kept = user_id if user_id is not None and user_id > self.highest_id else None
        self.highest_id = kept or self.highest_id + 1
        plain = original_id is not None
        made = Account(id=self.highest_id, name=name, plain_tokens=plain, **others)
        self.accounts[made.id], self.hashes[made.id] = made, password_hash
        self.values[made.id] = {}
        self.note(made.id, "account")
        return made

    def get(self, user_id):
        return self.accounts.get(user_id)

    def find(self, name):
        return next((one for one in self.accounts.values() if one.name == name), None)

    def find_original(self, original_id):
        found = (one for one in self.accounts.values() if one.original_id == original_id)
        return next(found, None)

    def all(self):
        return [self.accounts[user_id] for user_id in sorted(self.accounts)]

    def count(self):
        return len(self.accounts)

    def ever_had_accounts(self):
        return self.highest_id > 0

    def password_hash(self, user_id):
        self._present(user_id)
        return self.hashes[user_id]

    def set_password_hash(self, user_id, password_hash, *, replacing, end_logins, keep):
        self._present(user_id)
        if replacing not in {None, self.hashes[user_id]}:
            return False
        self.hashes[user_id] = password_hash
        self._write(user_id, **({"plain_tokens": False} if end_logins else {}))
        if end_logins:
            self.end_logins(user_id, keep=keep)
        return True

    def change(self, user_id, *, if_revision, guard_admin, by, password_hash=None, **fields):
        self._require_admin(by)
        present = self._expected(user_id, if_revision)
        given = {name: value for name, value in fields.items() if value is not None}
        if guard_admin and False in {given.get("active"), given.get("admin")}:
            self._refuse_last_admin(present)
        if "name" in given:
            self._refuse_name(given["name"], user_id)
        if password_hash is not None:
            self.hashes[user_id] = password_hash
        ends_logins = password_hash is not None or given.get("active") is False
        if ends_logins:
            given["plain_tokens"] = False
        if given:
            self._write(user_id, **given)
        if ends_logins:
            self.end_logins(user_id, keep=None)
        return self.accounts[user_id]

    def delete(self, user_id, *, if_revision, guard_admin, by):
        self._require_admin(by)
        present = self._expected(user_id, if_revision)
        if guard_admin:
            self._refuse_last_admin(present)
        for kept in (self.accounts, self.hashes, self.values):
            del kept[user_id]
        self.login_by_id = {
            login.id: login for login in self.login_by_id.values() if login.user_id != user_id
        }
        self.revoked = {key: value for key, value in self.revoked.items() if value[0] != user_id}
        self.note(user_id, "account")

    def settings(self, user_id):
        return self.values.get(user_id, {})

    def set_setting(self, user_id, key, value):
        self.change_settings(user_id, {key: value}, if_revision=None)

    def delete_setting(self, user_id, key):
        self._present(user_id)
        there = key in self.values[user_id]
        self.change_settings(user_id, {key: None}, if_revision=None)
        return there

    def change_settings(self, user_id, values, *, if_revision, by=None):
        self._require_admin(by)
        present = self._present(user_id)
        if if_revision not in {None, present.settings_revision}:
            raise Outdated
        mine = self.values[user_id]
        after = {key for key in mine if values.get(key, "") is not None}
        after |= {key for key, value in values.items() if value is not None}
        if len(after) > max(len(mine), self.settings_bound):
            raise BadSetting
        written = any(value is not None or key in mine for key, value in values.items())
        for key, value in values.items():
            mine.pop(key, None)
            if value is not None:
                mine[key] = value
        if written:
            risen = present.settings_revision + 1
            self.accounts[user_id] = evolve(present, settings_revision=risen)
            self.note(user_id, "settings")
        return self.accounts[user_id].settings_revision

    def add_login(self, login, *, password_hash, plain, made_by):
        account = self._present(login.user_id)
        if not account.active or (plain and not account.plain_tokens):
            return False
        if password_hash not in {None, self.hashes[login.user_id]}:
            return False
        if made_by is not None and made_by not in {one.id for one in self.logins(login.user_id)}:
            return False
        others = [one for one in self.logins(login.user_id) if one.kind == login.kind]
        if login.kind == "password":
            unseen_first = sorted(others, key=lambda one: (one.seen_at, -others.index(one)))
            while len(unseen_first) >= self.bounds.passwords:
                self.end_login(login.user_id, unseen_first.pop(0).id)
        elif len([one for one in others if one.expires_at > login.created_at]) >= (
            self.bounds.devices
        ):
            raise TooManyDevices
        self.login_by_id[login.id] = login
        return True

    def login(self, login_id):
        return self.login_by_id.get(login_id)

    def logins(self, user_id):
        mine = [login for login in self.login_by_id.values() if login.user_id == user_id]
        return sorted(mine, key=lambda login: (-login.created_at, login.id))

    def rotate_login(self, login_id, *, old, new, **seen):
        login = self.login(login_id)
        if login is None or login.refresh_id != old:
            return False
        self.login_by_id[login_id] = evolve(login, refresh_id=new, **seen)
        return True

    def touch_login(self, login_id, **seen):
        if login_id in self.login_by_id:
            self.login_by_id[login_id] = evolve(self.login_by_id[login_id], **seen)

    def end_login(self, user_id, login_id, *, by=None):
        self._require_admin(by)
        login = self.login(login_id)
        if login is None or login.user_id != user_id:
            return False
        del self.login_by_id[login_id]
        self.note(user_id, "login", login_id)
        return True

    def end_logins(self, user_id, *, keep, by=None):
        self._require_admin(by)
        present = self._present(user_id)
        mine = {login.id for login in self.logins(user_id)}
        for login_id in mine - {keep}:
            del self.login_by_id[login_id]
        if present.plain_tokens:
            self.accounts[user_id] = evolve(
                present, plain_tokens=False, revision=present.revision + 1
            )
        self.note(user_id, "logins", keep if keep in mine else None)
        return len(mine - {keep})

    def keys(self):
        return sorted(
            self.key_by_kid.values(),
            key=lambda key: (key.created_at, key.expires_at is None, key.kid),
            reverse=True,
        )

    def rotate_key(self, new, *, old_expires_at):
        own = [key for key in self.key_by_kid.values() if key.purpose == "own"]
        if not own:
            self.key_by_kid["configured"] = SigningKey(
                kid="configured",
                secret=None,
                purpose="own",
                created_at=new.created_at,
                expires_at=old_expires_at,
            )
        for key in own:
            if key.expires_at is None:
                self.key_by_kid[key.kid] = evolve(key, expires_at=old_expires_at)
        self.key_by_kid[new.kid] = new
        self.note(0, "keys")

    def add_key(self, key):
        secrets = {known.secret for known in self.key_by_kid.values()}
        if key.kid in self.key_by_kid or key.secret in secrets:
            return False
        self.key_by_kid[key.kid] = key
        self.note(0, "keys")
        return True

    def note_skills(self):
        self.note(0, "skills")

    def revoke_token(self, token_id, user_id, expires_at):
        self._present(user_id)
        if token_id in self.revoked:
            return False
        self.revoked[token_id] = (user_id, expires_at)
        self.note(user_id, "token", token_id)
        return True

    def is_revoked(self, token_id):
        return token_id in self.revoked

    def forget_expired(self, now):
        self.revoked = {key: value for key, value in self.revoked.items() if value[1] > now}
        self.login_by_id = {
            login.id: login for login in self.login_by_id.values() if login.expires_at > now
        }
        self.key_by_kid = {
            key.kid: key
            for key in self.key_by_kid.values()
            if key.expires_at is None or key.expires_at > now
        }

    def last_change(self):
        return len(self.notes)

    def changes(self, after):
        return self.notes[after:]

    def together(self):
        return nullcontext()

    def _require_admin(self, by):
        account = self.accounts.get(by)
        if by is not None and not (account and account.admin and account.active):
            raise ClientError("forbidden", "")

    def _present(self, user_id):
        if user_id not in self.accounts:
            raise UnknownUser
        return self.accounts[user_id]

    def _expected(self, user_id, revision):
        present = self._present(user_id)
        if revision not in {None, present.revision}:
            raise Outdated
        return present

    def _write(self, user_id, **fields):
        present = self.accounts[user_id]
        self.accounts[user_id] = evolve(present, revision=present.revision + 1, **fields)
        self.note(user_id, "account")

    def _refuse_name(self, name, user_id):
        key, look, beyond = LOOKS[name]
        for other in self.accounts.values():
            other_key, other_look, other_beyond = LOOKS[other.name]
            alike = look == other_look and beyond != other_beyond
            if other.id != user_id and (key == other_key or alike):
                raise NameTaken

    def _refuse_last_admin(self, account):
        others = (one for one in self.accounts.values() if one.id != account.id)
        needed = account.active and account.admin
        if needed and not any(other.active and other.admin for other in others):
            raise LastAdmin
