"""The accounts as the reactor's side asks for them: every call in a thread (spec 6.18)."""

from __future__ import annotations

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from pytlas_wamp.accounts.accounts import Accounts, Grant
from pytlas_wamp.accounts.model import Account, Change
from pytlas_wamp.accounts.store import AccountStore
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import ClientError

_log = Logger()


@frozen(kw_only=True)
class Admission:
    """What a connection has to know about who comes with a token.

    Args:
      grant: what the token allows.
      person: what the assistant knows about whose it is.
    """

    grant: Grant
    person: Person


@define(kw_only=True, eq=False)
class People:
    """What connections and the change feed ask about people.

    Args:
      accounts: signs in and checks; blocks.
      store: keeps the accounts; blocks.
      workers: where both are asked.
    """

    _accounts: Accounts
    _store: AccountStore
    _workers: Workers

    def admit(self, token: str) -> Deferred[Admission]:
        """Whose access token this is; asked once for a connection (spec 6.18).

        Fails with ClientError as `Accounts.check` does.
        """
        return self._workers.run(self._in_worker_admit, token)

    def find(self, user_id: int) -> Deferred[Person]:
        """What the assistant knows about a user; ClientError if disabled or gone."""
        return self._workers.run(self._in_worker_find, user_id)

    def last_change(self) -> Deferred[int]:
        """The number of the newest change."""
        return self._workers.run(self._store.last_change)

    def changes(self, after: int) -> Deferred[list[Change]]:
        """What changed after a number."""
        return self._workers.run(self._store.changes, after)

    def languages(self) -> Deferred[set[str]]:
        """The two-letter languages people use."""
        return self._workers.run(
            lambda: {account.language[:2].lower() for account in self._store.all()}
        )

    def forget_expired(self) -> Deferred[None]:
        """Forget revoked tokens nobody accepts any more; never fails."""
        return self._workers.run(self._accounts.forget_expired).addErrback(
            lambda failure: _log.failure("could not clean up", failure=failure)
        )

    def _in_worker_admit(self, token: str) -> Admission:
        # To ask a thread, and to begin a transaction, costs more than what is read.
        with self._store.together():
            grant = self._accounts.check(token)
            return Admission(grant=grant, person=self._person(grant.account))

    def _in_worker_find(self, user_id: int) -> Person:
        with self._store.together():
            account = self._store.get(user_id)
            if account is None or not account.active:
                raise ClientError("account-disabled", "the account is disabled or deleted")
            return self._person(account)

    def _person(self, account: Account) -> Person:
        settings = self._store.settings(account.id)
        return Person(id=account.id, language=account.language, settings=settings)
