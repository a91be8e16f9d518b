"""Signs people in, checks their tokens, and lets administrators manage them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING

from attrs import field, frozen

from pytlas_wamp.accounts.administration import Administration, CheckStrength
from pytlas_wamp.accounts.logins import NOWHERE, Grant, Logins, Origin
from pytlas_wamp.accounts.model import (
    BadSetting,
    UnknownLogin,
    setting_key,
    setting_value,
)
from pytlas_wamp.accounts.sign_ins import SignIns
from pytlas_wamp.accounts.strength import check_strength
from pytlas_wamp.accounts.throttle import Throttle

if TYPE_CHECKING:
    from pytlas_wamp.accounts.model import Account, Login, SigningKey
    from pytlas_wamp.accounts.passwords import Passwords
    from pytlas_wamp.accounts.store import AccountStore
    from pytlas_wamp.accounts.tokens import Claims, TokenPair, Tokens

__all__ = ["Accounts", "Grant", "Origin"]


@frozen
class Accounts:
    """Everything that is done with people and their tokens.

    Blocks (database, hashing), and may be called from any thread. What a peer did
    wrong is a ClientError, what an administrator did wrong an OperatorError.

    Args:
      store: keeps everything.
      passwords: hashes and checks.
      tokens: issues and reads, and knows the time.
      throttle: slows down who guesses.
      check_strength: refuses new passwords that are easy to guess.
      make_secret: returns a new key for signing that nobody can guess.
    """

    _store: AccountStore
    _passwords: Passwords
    _tokens: Tokens
    _throttle: Throttle = field(factory=Throttle)
    _check_strength: CheckStrength = field(default=check_strength, kw_only=True)
    _make_secret: Callable[[], str] = field(default=token_hex, kw_only=True)
    _logins: Logins = field(init=False, repr=False)
    _administration: Administration = field(init=False, repr=False)
    _sign_ins: SignIns = field(init=False, repr=False)

    @_logins.default
    def _their_logins(self) -> Logins:
        return Logins(self._store, self._tokens)

    @_administration.default
    def _their_administration(self) -> Administration:
        return Administration(
            self._store, self._passwords, self._tokens, self._check_strength, self._make_secret
        )

    @_sign_ins.default
    def _their_sign_ins(self) -> SignIns:
        return SignIns(
            store=self._store,
            passwords=self._passwords,
            throttle=self._throttle,
            logins=self._logins,
            administration=self._administration,
        )

    # For people who have a password or a token.

    def sign_in(self, name: str, password: str, origin: Origin = NOWHERE) -> TokenPair:
        """Returns the tokens of a new login for a name (spaces around do not count).

        Raises:
          ClientError: `authentication-failed`; neither text nor time tell whether the
            person exists, is disabled, or has another password. `rate-limited`, also
            for names that nobody has.
        """
        return self._sign_ins.sign_in(name, password, origin)

    def refresh(self, refresh_token: object, origin: Origin = NOWHERE) -> TokenPair:
        """Returns a new pair for a refresh token, which is good only once.

        Raises:
          ClientError: `token-invalid`, `token-expired`, `account-disabled` or
            `token-revoked`: also when it was used before, which ends the login.
        """
        return self._logins.renew(self._tokens.read(refresh_token, "refresh"), origin)

    def check(self, access_token: object, origin: Origin | None = None) -> Grant:
        """Returns what the access token allows.

        Raises:
          ClientError: `token-invalid` (also when the account was deleted), `token-expired`,
            `token-revoked` (also when the login has ended) or `account-disabled`.
        """
        with self._store.together():
            return self._logins.grant(self._tokens.read(access_token, "access"), origin or NOWHERE)

    def verify(self, token: object) -> Claims:
        """Returns what a token of either kind says, if it is accepted right now.

        Raises:
          ClientError: as `check`.
        """
        return self._logins.accepted(self._tokens.read(token, None))

    def revoke(self, token: object) -> None:
        """Ends the login of a token of either kind, expired ones too; again changes nothing.

        Raises:
          ClientError: `token-invalid` when it never was a token of ours.
        """
        self._logins.end(self._tokens.read(token, None, expired_too=True))

    def change_own_password(
        self, account: Account, old: str, new: str, origin: Origin = NOWHERE, *, keep: str | None
    ) -> None:
        """Gives people another password who know theirs, and ends their other logins.

        Args:
          account: of whom.
          old: the present password.
          new: the next one.
          origin: where the request came from.
          keep: the login that goes on; None ends all.

        Raises:
          ClientError: `wrong-password` or `rate-limited`.
          BadPassword, WeakPassword: the new one will not do.
        """
        self._sign_ins.change_password(account, old, new, origin, keep=keep)

    # Logins, also those of others.

    def logins(self, user_id: int) -> list[Login]:
        """Returns the logins of a person that are good now, newest first."""
        now = self._tokens.accepted_after()
        return [login for login in self._store.logins(user_id) if login.expires_at > now]

    def end_login(self, user_id: int, login_id: str, *, by: int | None = None) -> None:
        """Ends a login of this person (`by`: see `change`); raises UnknownLogin."""
        if not self._store.end_login(user_id, login_id, by=by):
            raise UnknownLogin("There is no such login: list the logins to see their ids.")

    def end_logins(self, user_id: int, *, keep: str | None = None, by: int | None = None) -> int:
        """Ends all logins but `keep`, and tokens without one; returns how many logins.

        `by`: see `change`.

        Raises:
          UnknownUser: when there is no such account.
        """
        return self._store.end_logins(user_id, keep=keep, by=by)

    def add_device(
        self, user_id: int, label: str, origin: Origin = NOWHERE, *, by: Grant | None = None
    ) -> tuple[Login, str]:
        """Returns a new login with one long-lived access token, which is told only now.

        Args:
          user_id: whose.
          label: what it is called.
          origin: where the request came from.
          by: what allowed the request, which must not have ended meanwhile; None for who
            runs the server.

        Raises:
          ClientError: `token-revoked` when that has ended.
          BadName: when the label is empty.
          TooManyDevices: when there may be no more.
          UnknownUser: when there is no such account.
        """
        return self._logins.add_device(user_id, label, origin, by)

    # Operators and keys.

    def issue_operator(self) -> str:
        """Returns a token for a minute, by which the command line asks the running server."""
        return self._tokens.issue_operator()

    def check_operator(self, token: object) -> None:
        """Accepts what `issue_operator` has made.

        Raises:
          ClientError: `token-invalid` or `token-expired`.
        """
        self._tokens.read(token, "operator")

    def keys(self) -> list[SigningKey]:
        """Returns the signing keys, newest first; none while the configured secret signs."""
        return self._store.keys()

    def rotate_key(self, *, at_once: bool = False) -> SigningKey:
        """Signs with a new key from now on, and returns it.

        Args:
          at_once: whether all logins end now, because a key got into wrong hands;
            otherwise each token is good until it expires.
        """
        return self._administration.rotate_key(at_once=at_once)

    def forget_expired(self) -> None:
        """Forgets what has expired; to be called now and then."""
        self._store.forget_expired(self._tokens.accepted_after())

    # Accounts by id, for the API.

    def create(
        self,
        name: str,
        password: str,
        *,
        language: str = "en-US",
        admin: bool = False,
        display_name: str = "",
        by: int | None = None,
    ) -> Account:
        """Adds a person who may sign in (`by`: see `change`).

        Raises:
          BadName, BadPassword, WeakPassword, BadLanguage, NameTaken: the text says what is
            wrong.
        """
        return self._administration.create(
            name, password, language=language, admin=admin, display_name=display_name, by=by
        )

    def create_first(self, name: str, password: str, *, language: str = "en-US") -> Account:
        """Adds the very first person, an administrator; raises as `create`, or SetupDone."""
        return self._administration.create(
            name, password, language=language, admin=True, first=True
        )

    def people(self) -> list[Account]:
        """Returns all accounts, oldest first."""
        return self._store.all()

    def user(self, user_id: int) -> Account:
        """Returns the account with this id; raises UnknownUser."""
        return self._administration.user(user_id)

    def change(
        self,
        user_id: int,
        *,
        if_revision: int | None = None,
        name: str | None = None,
        language: str | None = None,
        display_name: str | None = None,
        active: bool | None = None,
        admin: bool | None = None,
        password: str | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> Account:
        """Changes what is not None, all or nothing, and returns the account as it is now.

        A new password ends all logins of the person.

        Args:
          user_id: whose.
          if_revision: the revision that the account must still have.
          name: as in `Account`, as the others that are not named here.
          language: see there.
          display_name: see there.
          active: see there.
          admin: see there.
          password: that the person has from now on.
          guard_admin: whether to refuse what would leave no active administrator.
          by: the administrator who asked for it, and has to be one still; None for who runs
            the server, and for people who change what is theirs.

        Raises:
          ClientError: `forbidden` when `by` is no active administrator any more.
          UnknownUser, Outdated, LastAdmin, BadName, BadDisplayName, BadLanguage, NameTaken,
            BadPassword, WeakPassword: the text says what is wrong.
        """
        return self._administration.change(
            user_id,
            if_revision=if_revision,
            name=name,
            language=language,
            display_name=display_name,
            active=active,
            admin=admin,
            password=password,
            guard_admin=guard_admin,
            by=by,
        )

    def remove(
        self,
        user_id: int,
        *,
        if_revision: int | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> None:
        """Deletes an account with all that is kept about it.

        Raises:
          ClientError, UnknownUser, Outdated, LastAdmin: as `change`.
        """
        self._store.delete(user_id, if_revision=if_revision, guard_admin=guard_admin, by=by)

    def settings_of(self, user_id: int) -> dict[str, str]:
        """Returns the settings by key (environment form); empty also for nobody."""
        return self._store.settings(user_id)

    def change_settings(
        self,
        user_id: int,
        values: Mapping[str, str | None],
        *,
        if_revision: int | None = None,
        by: int | None = None,
    ) -> int:
        """Adds, replaces or (None) deletes settings, all or none; returns the new revision.

        Args:
          user_id: whose.
          values: by key, in either form.
          if_revision: the settings revision that the account must still have.
          by: see `change`.

        Raises:
          ClientError: as `change`.
          UnknownUser, Outdated, BadSetting (also when there would be too many): the text
            says what is wrong.
        """
        return self._administration.change_settings(user_id, values, if_revision=if_revision, by=by)

    # Accounts by name, for the command line.

    def find(self, name: str) -> Account:
        """Returns the account with this name; raises UnknownUser or BadName."""
        return self._administration.find(name)

    def change_password(self, name: str, password: str) -> None:
        """Gives a person a new password, and ends all their logins.

        Raises:
          UnknownUser, BadPassword, WeakPassword: the text says what is wrong.
        """
        self.change(self.find(name).id, password=password)

    def enable(self, name: str) -> None:
        """Lets a person sign in again; raises UnknownUser, as those below."""
        self.change(self.find(name).id, active=True)

    def disable(self, name: str) -> None:
        """Locks a person out, also where they are signed in; raises UnknownUser."""
        self.change(self.find(name).id, active=False)

    def delete(self, name: str) -> None:
        """Deletes a person with their settings; raises UnknownUser."""
        self.remove(self.find(name).id)

    def set_language(self, name: str, language: str) -> None:
        """Changes the language of a person; raises UnknownUser or BadLanguage."""
        self.change(self.find(name).id, language=language)

    def settings(self, name: str) -> dict[str, str]:
        """Returns a person's settings by key (environment form); raises UnknownUser."""
        return self._store.settings(self.find(name).id)

    def setting(self, name: str, key: str) -> str | None:
        """Returns the value of a setting, None when not set; raises UnknownUser or BadSetting.

        Here and below the key is given as `weather.api_key` or `WEATHER_API_KEY`.
        """
        return self.settings(name).get(setting_key(key))

    def set_setting(self, name: str, key: str, value: str) -> None:
        """Adds or replaces a setting of a person; raises UnknownUser or BadSetting."""
        self._store.set_setting(self.find(name).id, setting_key(key), setting_value(value))

    def delete_setting(self, name: str, key: str) -> None:
        """Deletes a setting; raises UnknownUser, or BadSetting when it is not set."""
        cleaned = setting_key(key)
        if not self._store.delete_setting(self.find(name).id, cleaned):
            raise BadSetting(
                f"{name.strip()!r} has no setting {cleaned}: there is nothing to delete."
            )
