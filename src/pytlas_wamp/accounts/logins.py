"""What tokens are good for: each belongs to a login, and ends with it (spec 6.11).

A login is made by a password, or is that of a device. Its refresh token is replaced at
each use; who comes with one that was replaced has a copy, and nobody can say who is the
thief: so the login ends, with all its tokens (spec 6.2).

Tokens of earlier versions and of the original server belong to no login. They are good
until the person ends all logins; refreshing one makes a login of it, under the id of
that token, so that a copy of it ends this login too (spec 6.18).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from pytlas_wamp.accounts.model import BadName, Login, StoreBroken, UnknownUser
from pytlas_wamp.errors import ClientError

if TYPE_CHECKING:
    from pytlas_wamp.accounts.model import Account
    from pytlas_wamp.accounts.store import AccountStore
    from pytlas_wamp.accounts.tokens import Claims, TokenPair, Tokens

# A table of a database holds these; nobody reads more on a page.
_CLIENT_CHARACTERS: Final = 200
_ADDRESS_CHARACTERS: Final = 64

# "Last seen" is told to the minute: a write for every request would be for nothing.
_SEEN_EVERY_SECONDS: Final = 60


def _shown(text: str) -> str:
    return "".join(filter(str.isprintable, text)).strip()[:_CLIENT_CHARACTERS]


def _kept_address(address: str | None) -> str | None:
    return None if address is None else _shown(address)[:_ADDRESS_CHARACTERS] or None


@frozen(kw_only=True)
class Origin:
    """Where a request came from.

    Args:
      address: the peer's, None when unknown.
      client: what the peer calls itself; cut to 200 characters that can be seen.
    """

    address: str | None = field(default=None, converter=_kept_address)
    client: str = field(default="", converter=_shown)


NOWHERE: Final = Origin()


@frozen(kw_only=True)
class Grant:
    """What an access token allows right now.

    Args:
      account: who it belongs to.
      token_id: by which the grant can be revoked, when there is no login.
      expires_at: seconds since the epoch, when it ends by itself: some time after the
        token does, as clocks differ (spec 6.18).
      token_expires_at: when the token itself ends.
      login_id: by which it can be revoked, None for tokens of earlier versions.
    """

    account: Account
    token_id: str
    expires_at: int
    token_expires_at: int
    login_id: str | None = None


@frozen
class Logins:
    """Opens, renews, checks and ends logins; blocks, may be called from any thread.

    Args:
      store: keeps them.
      tokens: issues their tokens.
    """

    _store: AccountStore
    _tokens: Tokens

    def open(self, user_id: int, origin: Origin, *, password_hash: str) -> TokenPair | None:
        """Returns a pair of a new login, None when the password is another one by now.

        Raises:
          UnknownUser: when the account was deleted meanwhile.
        """
        login_id = self._tokens.new_id()
        pair = self._tokens.issue(user_id, login_id)
        login = self._made(login_id, user_id, origin, pair)
        return pair if self._store.add_login(login, password_hash=password_hash) else None

    def renew(self, claims: Claims, origin: Origin) -> TokenPair:
        """Returns a new pair for a refresh token, which is good only once.

        Raises:
          ClientError: `token-revoked` (the login has ended by now, also when the token was
            used before), `token-invalid` or `account-disabled`.
        """
        account = self._account(claims)
        if claims.login_id is None:
            return self._adopted(claims, account, origin)
        pair = self._tokens.issue(account.id, claims.login_id)
        if not self._store.rotate_login(
            claims.login_id,
            old=claims.token_id,
            new=pair.refresh_id,
            seen_at=self._tokens.now(),
            expires_at=pair.expires_at,
            address=origin.address,
        ):
            self._store.end_login(account.id, claims.login_id)
            raise _revoked()
        return pair

    def grant(self, claims: Claims, origin: Origin) -> Grant:
        """Returns what a token allows, and remembers that its login was seen.

        Raises:
          ClientError: `token-revoked`, `token-invalid` (also when the account was deleted)
            or `account-disabled`.
        """
        account = self._account(claims)
        if claims.login_id is None:
            self._check_plain(claims, account)
        else:
            self._see(self._login(claims, account), origin)
        return Grant(
            account=account,
            token_id=claims.token_id,
            expires_at=self._tokens.accepted_until(claims),
            token_expires_at=claims.expires_at,
            login_id=claims.login_id,
        )

    def accepted(self, claims: Claims) -> Claims:
        """Returns the claims of a token of either kind that is good now, with our user's id.

        Raises:
          ClientError: as `grant`.
        """
        account = self._account(claims)
        if claims.login_id is None:
            self._check_plain(claims, account)
        else:
            login = self._login(claims, account)
            if claims.kind == "refresh" and login.refresh_id != claims.token_id:
                raise _revoked()
        return evolve(claims, user_id=account.id)

    def end(self, claims: Claims) -> None:
        """Ends the login of a token, or the token if it has none; again changes nothing."""
        account = self._owner(claims)
        if account is None:
            return  # the tokens of a deleted account are dead already
        if claims.login_id is not None:
            self._store.end_login(account.id, claims.login_id)
            return
        # One that nobody accepts any more would only fill the table.
        if self._tokens.accepted_until(claims) > self._tokens.now():
            self._revoke(claims, account.id)
        self._store.end_login(account.id, claims.token_id)

    def add_device(
        self, user_id: int, label: str, origin: Origin, by: Grant | None = None
    ) -> tuple[Login, str]:
        """Returns a new login with one long-lived access token; see `Accounts.add_device`."""
        client = _shown(label)
        if not client:
            raise BadName("The device has no name: give it 1 to 200 characters.")
        login_id = self._tokens.new_id()
        token, expires_at = self._tokens.issue_device(user_id, login_id)
        now = self._tokens.now()
        login = Login(
            id=login_id,
            user_id=user_id,
            kind="device",
            client=client,
            created_at=now,
            seen_at=now,
            address=origin.address,
            refresh_id=None,
            expires_at=expires_at,
        )
        made_by = None if by is None else by.login_id
        plain = by is not None and made_by is None
        if not self._store.add_login(login, plain=plain, made_by=made_by):
            if by is not None:
                raise _revoked()
            raise UnknownUser("The account is disabled: enable it first.")
        return login, token

    def _adopted(self, claims: Claims, account: Account, origin: Origin) -> TokenPair:
        """A pair of a login that is made of a refresh token without one."""
        if not self._revoke(claims, account.id):
            self._store.end_login(account.id, claims.token_id)
            raise _revoked()
        pair = self._tokens.issue(account.id, claims.token_id)
        login = self._made(claims.token_id, account.id, origin, pair)
        # Only who knows a secret could have chosen the id of a login that is there.
        if self._store.login(login.id) is not None:
            raise _revoked()
        try:
            if not self._store.add_login(login, plain=True):
                raise _revoked()
        except UnknownUser as error:
            raise _revoked() from error
        return pair

    def _made(self, login_id: str, user_id: int, origin: Origin, pair: TokenPair) -> Login:
        now = self._tokens.now()
        return Login(
            id=login_id,
            user_id=user_id,
            kind="password",
            client=origin.client,
            created_at=now,
            seen_at=now,
            address=origin.address,
            refresh_id=pair.refresh_id,
            expires_at=pair.expires_at,
        )

    def _owner(self, claims: Claims) -> Account | None:
        if claims.imported:
            return self._store.find_original(claims.user_id)
        return self._store.get(claims.user_id)

    def _account(self, claims: Claims) -> Account:
        account = self._owner(claims)
        if account is None:
            raise ClientError("token-invalid", "The account of this token does not exist.")
        if not account.active:
            raise ClientError(
                "account-disabled", "The account is disabled: ask who runs the server."
            )
        return account

    def _check_plain(self, claims: Claims, account: Account) -> None:
        if not account.plain_tokens or self._store.is_revoked(claims.token_id):
            raise _revoked()

    def _login(self, claims: Claims, account: Account) -> Login:
        login = None if claims.login_id is None else self._store.login(claims.login_id)
        if login is None or login.user_id != account.id:
            raise _revoked()
        return login

    def _see(self, login: Login, origin: Origin) -> None:
        now = self._tokens.now()
        if now - login.seen_at > _SEEN_EVERY_SECONDS:
            # When nothing can be written, say because the disk is full, people go on talking.
            with suppress(StoreBroken):
                self._store.touch_login(
                    login.id, seen_at=now, address=origin.address or login.address
                )

    def _revoke(self, claims: Claims, user_id: int) -> bool:
        try:
            return self._store.revoke_token(claims.token_id, user_id, claims.expires_at)
        except UnknownUser:  # deleted this very moment, and the tokens with it
            return False


def _revoked() -> ClientError:
    return ClientError("token-revoked", "The token was revoked or used before: sign in again.")
