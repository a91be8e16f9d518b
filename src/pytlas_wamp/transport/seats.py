"""What there may be only so many of for each address, or each person (spec 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address, ip_network

from attrs import define, field

# What a provider gives to one household, which may use every address in it (spec 6.19).
_IPV6_CUSTOMER_BITS = 64


@define(eq=False)
class Seats:
    """So many places for everybody, whoever that is.

    Args:
      max_each: how many.
    """

    _max_each: int
    _taken: dict[Hashable, int] = field(init=False, factory=dict)

    def take(self, whose: Hashable) -> Callable[[], None] | None:
        """Take a place.

        Args:
          whose: an address or a person; None for somebody unknown, who has room always.

        Returns:
          what gives the place back, and may be called more than once; None when all of
          them are taken.
        """
        if whose is None:
            return lambda: None
        taken = self.taken(whose)
        if taken >= self._max_each:
            return None
        self._taken[whose] = taken + 1
        return _Seat(self, whose).give_back

    def taken(self, whose: Hashable) -> int:
        """Returns how many places somebody has."""
        return self._taken.get(whose, 0)

    def free(self, whose: Hashable) -> None:
        """Take a place back."""
        left = self._taken[whose] - 1
        if left:
            self._taken[whose] = left
        else:
            # Nobody who is gone takes up memory.
            del self._taken[whose]

    def __len__(self) -> int:
        """Returns how many have a place."""
        return len(self._taken)


@define(eq=False)
class _Seat:
    """One place; there is one for each connection, so it is small."""

    _seats: Seats | None
    _whose: Hashable

    def give_back(self) -> None:
        seats, self._seats = self._seats, None
        if seats is not None:
            seats.free(self._whose)


def neighbourhood(address: str | None) -> str | None:
    """Returns what counts as one address: itself, or the network of an IPv6 customer.

    Args:
      address: as `client_address` determines it; None when it is not known.
    """
    if address is None or not isinstance(ip_address(address), IPv6Address):
        return address
    return str(ip_network((address, _IPV6_CUSTOMER_BITS), strict=False))
