"""The very first account: made by whoever can read what the server printed at its start."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final, Protocol

from attrs import field, frozen

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.accounts.model import Account, SetupDone
from pytlas_wamp.accounts.tokens import TokenPair
from pytlas_wamp.errors import ClientError

# Those that are told apart on every screen and paper: no 0 and o, no 1, i and l.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"

_GROUPS: Final = 3
# Twelve of 31 characters are 59 bits: with a throttle in front, nobody guesses them.
_GROUP_CHARACTERS: Final = 4

# There is one code for everybody, and so one name under which attempts are counted.
_COUNTED: Final = "setup"


@frozen
class SetupCode:
    """What proves that somebody runs the server; a new one at every start.

    Args:
      text: as it is shown, such as `k7mp-x3qd-9rtw`.
    """

    text: str = field(repr=False)

    def fits(self, typed: str) -> bool:
        """Says whether somebody typed this code; only letters and digits count, not their case.

        It takes the same time wherever the first difference is.
        """
        return hmac.compare_digest(_bare(typed), _bare(self.text))


class FirstAccounts(Protocol):
    """What is asked of the accounts; every method blocks."""

    def create_first(self, name: str, password: str, *, language: str) -> Account:
        """Adds an administrator; raises SetupDone unless there never was an account."""

    def sign_in(self, name: str, password: str, origin: Origin) -> TokenPair:
        """Returns a new pair of tokens."""


class Attempts(Protocol):
    """Counts attempts to guess something."""

    def attempt(self, name: str, address: str | None, *, what: str) -> None:
        """Counts one; raises ClientError when there were too many."""

    def forgive(self, name: str, address: str | None, *, what: str) -> None:
        """Forgets them, because one was right."""


@frozen(kw_only=True)
class Setup:
    """Makes the first account; every method blocks, and may be called from any thread.

    Args:
      code: the one that was shown at the start.
      ever_had_accounts: says whether there is an account, or was one; blocks.
      accounts: makes it.
      throttle: slows down who guesses the code.
      language: that of the server, for who does not say one.
    """

    code: SetupCode
    ever_had_accounts: Callable[[], bool]
    accounts: FirstAccounts
    throttle: Attempts
    language: str

    def needed(self) -> bool:
        """Says whether there is no account yet, and never was one (spec 6.17)."""
        return not self.ever_had_accounts()

    def begin(
        self, typed: str, name: str, password: str, *, language: str | None, origin: Origin
    ) -> TokenPair:
        """Makes the first account, an administrator, and signs in.

        Args:
          typed: the code as the person typed it.
          name: of the person.
          password: the new one.
          language: None takes that of the server.
          origin: where the request comes from.

        Raises:
          SetupDone: there is an account already, or was one, whatever the code.
          ClientError: `wrong-code`, or `rate-limited` after too many of these.
          OperatorError: what is wrong with name, password or language.
        """
        if not self.needed():
            raise SetupDone(
                "The first account was made already: sign in, or ask who runs the server for one."
            )
        # Counted before it is looked at, so that a hundred at once are not all looked at.
        self.throttle.attempt(_COUNTED, origin.address, what=_COUNTED)
        if not self.code.fits(typed):
            raise ClientError(
                "wrong-code",
                "This is not the setup code: the server shows it when it starts.",
                field="code",
            )
        self.throttle.forgive(_COUNTED, origin.address, what=_COUNTED)
        account = self.accounts.create_first(name, password, language=language or self.language)
        return self.accounts.sign_in(account.name, password, origin)


def make_code(choose: Callable[[str], str]) -> SetupCode:
    """Returns a new code.

    Args:
      choose: picks one of the characters of a text, such as `secrets.choice`.
    """
    groups = ("".join(choose(ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS))
    return SetupCode("-".join(groups))


def _bare(text: str) -> bytes:
    return "".join(filter(str.isalnum, text.casefold())).encode()
