"""Which key signs, and which keys a token may have been signed with (spec 6.18)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import field, frozen

from pytlas_wamp.accounts.model import CONFIGURED_KEY, SigningKey


@frozen
class Keyring:
    """The keys of one moment.

    Args:
      configured: the secret of the configuration, which signs until another key does.
      keys: those that the store keeps.
      accepted_after: the second since the epoch until which a key has to be good.
    """

    _configured: str = field(repr=False)
    _keys: Sequence[SigningKey]
    _accepted_after: int

    def signing(self) -> tuple[str | None, str]:
        """Returns the name (None: none) and the secret of what signs now."""
        newest = self._newest()
        if newest is None or newest.secret is None:
            return None, self._configured
        return newest.kid, newest.secret

    def named(self, kid: str) -> str | None:
        """Returns the secret of our key with this name, None when it is not good."""
        for key in self._good("own"):
            if key.kid == kid:
                return key.secret or None
        return None

    def unnamed(self) -> Iterator[tuple[str, bool]]:
        """Returns what a token without the name of a key may be signed with.

        Each time a secret, and whether it is imported. Those come first: where both
        servers have the same secret, the ids in such tokens are the original's.
        """
        for key in self._good("imported"):
            if key.secret:
                yield key.secret, True
        if self._newest() is None or any(key.kid == CONFIGURED_KEY for key in self._good("own")):
            yield self._configured, False

    def _newest(self) -> SigningKey | None:
        endless = [key for key in self._good("own") if key.expires_at is None]
        return max(endless, key=lambda key: key.created_at, default=None)

    def _good(self, purpose: str) -> list[SigningKey]:
        return [
            key
            for key in self._keys
            if key.purpose == purpose
            and (key.expires_at is None or key.expires_at > self._accepted_after)
        ]
