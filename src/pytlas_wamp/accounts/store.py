"""What the accounts need from a place that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from pytlas_wamp.accounts.model import Account, Change, Login, SigningKey

MAX_SETTINGS = 500  # of a person; skills ask for a few each, only a program writes more
KEPT_CHANGES = 1000  # some hours of busy administration; a daemon polls every second


class AccountStore(Protocol):
    """Keeps accounts, settings, logins, revoked tokens, keys, and the list of changes.

    Every method may be called from any thread, also at the same time; each is one
    transaction, unless it reads inside `together`. A store is opened after a process has
    forked, never before. Every method may raise StoreBroken. Passwords never come here,
    only their hashes.

    Every write that a running server has to notice adds a `Change` in the same
    transaction, so that other processes see both or none of them.

    Some writes are done in the name of somebody: where `by` is the id of an account,
    that has to be active and an administrator's in the same transaction. Otherwise
    nothing is written, and ClientError `forbidden` is raised. None stands for who runs
    the server, and for people who write about themselves.
    """

    def add(
        self,
        name: str,
        password_hash: str,
        *,
        language: str,
        admin: bool,
        display_name: str = "",
        active: bool = True,
        created_at: int | None = None,
        original_id: int | None = None,
        user_id: int | None = None,
        first: bool = False,
        by: int | None = None,
    ) -> Account:
        """Adds an account.

        Args:
          name: 1 to 150 characters.
          password_hash: of the password.
          language: as in `Account`, as the others that are not named here.
          admin: whether the person may manage others.
          display_name: how the person wants to be called.
          active: whether the person may sign in.
          created_at: seconds since the epoch.
          original_id: that no other account has.
          user_id: the id to give it, if that is free; otherwise a new one.
          first: whether it has to be the first one that ever was (spec 6.17).
          by: in whose name.

        Raises:
          BadName: when the name cannot be used.
          NameTaken: when an account has this name, one that differs only by case, or one
            that it could be mistaken for; also when `user_id` or `original_id` is taken.
          SetupDone: when it has to be the first one, and `ever_had_accounts`.
        """

    def get(self, user_id: int) -> Account | None:
        """Returns the account with this id, if there is one."""

    def find(self, name: str) -> Account | None:
        """Returns the account with exactly this name, after trimming and NFKC.

        "Ana" does not find "ana", as in the original server, although nobody can
        have both. A name that cannot be used finds nothing.
        """

    def find_original(self, original_id: int) -> Account | None:
        """Returns the account of the person who had this id in the original server."""

    def all(self) -> list[Account]:
        """Returns all accounts, ordered by id."""

    def count(self) -> int:
        """Returns how many accounts there are."""

    def ever_had_accounts(self) -> bool:
        """Says whether there is an account, or was one that has been deleted."""

    def password_hash(self, user_id: int) -> str:
        """Returns the hash to check a password against.

        Raises:
          UnknownUser: when there is no such account.
        """

    def imported_hashes(self) -> list[str]:
        """Returns how the hashes begin that came from the original server, each once.

        That is algorithm and rounds ("pbkdf2_sha256$260000$"), which is what they cost.
        """

    def set_password_hash(
        self,
        user_id: int,
        password_hash: str,
        *,
        replacing: str | None = None,
        end_logins: bool = False,
        keep: str | None = None,
    ) -> bool:
        """Keeps a new hash and says whether it did.

        Args:
          user_id: whose.
          password_hash: the new one.
          replacing: if given, nothing is written unless this is the present hash.
          end_logins: whether to end the logins as well, as the method of this name does.
          keep: the login that does not end.

        Raises:
          UnknownUser: when there is no such account.
        """

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
        plain_tokens: bool | None = None,
        password_hash: str | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> Account:
        """Changes what is not None, all or nothing, and returns the account as it is now.

        The revision rises by one whenever anything is given, also the present value.
        A new password ends all logins, as `end_logins` does.

        Args:
          user_id: whose.
          if_revision: the revision that the account must still have.
          name: as in `Account`, as the others up to `plain_tokens`.
          language: see there.
          display_name: see there.
          active: see there.
          admin: see there.
          plain_tokens: see there.
          password_hash: of the new password.
          guard_admin: whether to refuse what would leave no active administrator.
          by: in whose name.

        Raises:
          UnknownUser: when there is no such account.
          Outdated: when it has another revision by now.
          BadName, NameTaken: as `add`.
          LastAdmin: when it is guarded, and nobody else is an active administrator.
        """

    def delete(
        self,
        user_id: int,
        *,
        if_revision: int | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> None:
        """Deletes an account with its settings, logins and revoked tokens.

        The id is never given to another account: tokens for it may still be about.

        Args:
          user_id: whose.
          if_revision: as `change`.
          guard_admin: as `change`.
          by: as `change`.

        Raises:
          UnknownUser: when there is no such account.
          Outdated, LastAdmin: as `change`.
        """

    def settings(self, user_id: int) -> dict[str, str]:
        """Returns the values by key; empty also when there is no such account."""

    def set_setting(self, user_id: int, key: str, value: str) -> None:
        """Adds or replaces a setting (`key` is in the environment form).

        Raises:
          UnknownUser, BadSetting: as `change_settings`.
        """

    def delete_setting(self, user_id: int, key: str) -> bool:
        """Deletes a setting and says whether there was one; raises UnknownUser."""

    def change_settings(
        self,
        user_id: int,
        values: Mapping[str, str | None],
        *,
        if_revision: int | None = None,
        by: int | None = None,
    ) -> int:
        """Adds, replaces or (None) deletes settings, all or none; returns the new revision.

        There is one change to take notice of, and none when there is nothing to write:
        no values, or only deletions of what is not set.

        Args:
          user_id: whose.
          values: by key in the environment form.
          if_revision: the settings revision that the account must still have.
          by: in whose name.

        Raises:
          UnknownUser: when there is no such account.
          Outdated: when the settings have another revision by now.
          BadSetting: when some are added, and there would be more than `MAX_SETTINGS`.
        """

    def add_login(
        self,
        login: Login,
        *,
        password_hash: str | None = None,
        plain: bool = False,
        made_by: str | None = None,
    ) -> bool:
        """Keeps a new login and says whether it did.

        A person has as many as `LoginBounds` says: of those with a password, the ones end
        that were unseen for longest; they are told as `end_login` does.

        Args:
          login: with an id that no other has.
          password_hash: if given, nothing is written unless this is the present hash: who
            signed in with the old password must not stay after it was changed.
          plain: if set, nothing is written unless tokens without a login are still good.
          made_by: if given, nothing is written unless the person still has the login with
            this id: no token may leave another one behind when its login ends.

        Raises:
          UnknownUser: when there is no such account.
          TooManyDevices: when there may be no more.
        """

    def login(self, login_id: str) -> Login | None:
        """Returns the login with this id, if there is one."""

    def logins(self, user_id: int) -> list[Login]:
        """Returns the logins of a person, newest first; empty also for nobody."""

    def rotate_login(
        self,
        login_id: str,
        *,
        old: str,
        new: str,
        seen_at: int,
        expires_at: int,
        address: str | None,
    ) -> bool:
        """Replaces the refresh token that is good, and says whether it did.

        Of several calls with the same `old`, also at the same time, exactly one gets True.

        Args:
          login_id: which; nothing is written when there is none.
          old: what must be the present `refresh_id`; otherwise nothing is written.
          new: the next one.
          seen_at: seconds since the epoch, as `expires_at`.
          expires_at: when the login now ends by itself.
          address: where it was used from.
        """

    def touch_login(self, login_id: str, *, seen_at: int, address: str | None) -> None:
        """Remembers when and where a login was used; nothing happens when it is gone."""

    def end_login(self, user_id: int, login_id: str, *, by: int | None = None) -> bool:
        """Ends a login, in the name of `by`; False when this person has no such login."""

    def end_logins(self, user_id: int, *, keep: str | None = None, by: int | None = None) -> int:
        """Ends all logins of a person but `keep`, and refuses tokens without one from now on.

        There is one change to take notice of, however many they are.

        Args:
          user_id: whose.
          keep: the login that does not end; one that this person does not have is none.
          by: in whose name.

        Returns:
          How many logins ended.

        Raises:
          UnknownUser: when there is no such account.
        """

    def keys(self) -> list[SigningKey]:
        """Returns the signing keys, newest first; empty while only the configured one is used."""

    def rotate_key(self, new: SigningKey, *, old_expires_at: int) -> None:
        """Adds a key to sign with, and lets those end that did until now.

        Args:
          new: an own key without end.
          old_expires_at: seconds since the epoch, when the own keys end that have no end
            yet; if there was no own key, this is written down for the configured secret.
        """

    def add_key(self, key: SigningKey) -> bool:
        """Adds a key; False, and nothing is written, when its kid or secret is there."""

    def note_skills(self) -> None:
        """Tells running servers that the skills have changed."""

    def revoke_token(self, token_id: str, user_id: int, expires_at: int) -> bool:
        """Revokes a token and says whether this call did it.

        Of several calls for one token, also at the same time, exactly one gets True.

        Args:
          token_id: which.
          user_id: whose; UnknownUser is raised when there is no such account.
          expires_at: seconds since the epoch, after which it may be forgotten.
        """

    def is_revoked(self, token_id: str) -> bool:
        """Says whether the token was revoked (and not yet forgotten)."""

    def forget_expired(self, now: int) -> None:
        """Forgets what expires at `now` or before: revoked tokens, logins and keys.

        Args:
          now: seconds since the epoch.
        """

    def last_change(self) -> int:
        """Returns the id of the newest change, 0 when there was none."""

    def changes(self, after: int) -> list[Change]:
        """Returns the changes with a higher id than `after`, oldest first.

        Only the newest 1000 are kept: when the first one's id is not `after + 1`,
        some were missed and everything may have changed.
        """

    def together(self) -> AbstractContextManager[None]:
        """Lets all that this thread reads in the body see one state, and share what that costs.

        What it writes in the body is written at once, and seen by what it reads from then on.
        """

    def close(self) -> None:
        """Lets go of all connections and files."""
