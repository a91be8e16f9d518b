"""Slows down who guesses passwords, without letting strangers lock somebody out (spec 6.19)."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import islice
from typing import Final

from attrs import define, field, frozen
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from pytlas_wamp.accounts.model import MAX_TYPED_NAME_CHARACTERS, name_key
from pytlas_wamp.errors import ClientError

# A person who mistypes does so three or four times; after that a minute is bearable.
PER_ADDRESS_AND_MINUTE: Final = 5
# In a year these are 260,000 guesses; `strength` refuses what falls to a million.
PER_ADDRESS_AND_HOUR: Final = 30
# Guessers with many addresses. It is well above the one before, so that strangers at one
# address, or in one network, cannot use it up and lock the person out.
PER_HOUR: Final = 100

# Counts that are kept at the same time, some 400 bytes each: so many of accounts, and as many
# of accounts and addresses. To make a new one of either takes an attempt that is let through,
# and that costs a hash: to have one forgotten takes so many hashes (a third of them for
# addresses) that there are more guesses to be had by waiting. What is refused makes none.
MAX_COUNTS: Final = 50_000

# Addresses that are known of one account: those where it signed in last.
MAX_KNOWN: Final = 10

# What a provider gives to one household, which may use every address in it.
_IPV6_CUSTOMER_BITS = 64
# What a provider gives to one who asks for more: 65,536 of the former. Several households may
# be in one, so it counts only where an account is not known.
_IPV6_SITE_BITS = 48


class BoundedWindows(Storage, MovingWindowSupport):
    """Moving windows in memory for the library `limits`: not too many, and by our clock.

    The library's own memory storage reads the clock of the computer, starts threads to
    clean up, and keeps as many windows as strangers care to name. A storage of one's own
    is its documented way to be extended.

    May be used from any thread without a lock: every step is one operation of a list or a
    dict, which is atomic. An attempt is put down first and looked at then, so that of any
    number at the same time no more than the limit find room.

    Args:
      now: returns seconds, by a clock that never goes back.
      max_windows: how many; beyond, the one unused for longest is forgotten.
    """

    STORAGE_SCHEME = ["pytlas-bounded"]  # noqa: RUF012 - as the library declares it

    def __init__(self, now: Callable[[], float], max_windows: int) -> None:
        super().__init__()
        self._now = now
        self._max_windows = max_windows
        self._windows: OrderedDict[str, list[_Attempt]] = OrderedDict()

    def __len__(self) -> int:
        """Returns how many windows there are."""
        return len(self._windows)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Returns none: memory does not fail."""
        return ()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:  # noqa: ARG002 - an attempt is one
        """Counts an attempt if fewer than `limit` came before, and says whether it did.

        Args:
          key: what is counted.
          limit: how many attempts there may be.
          expiry: seconds in which there may be so many.
          amount: always 1.
        """
        attempt = _Attempt(at=self._now())
        window = self._window(key)
        window.append(attempt)
        before = 0
        for other in window[:]:
            if other is attempt:
                break
            if other.at > attempt.at - expiry:
                before += 1
            else:
                _drop(other, window)
        if before >= limit:
            _drop(attempt, window)
        return before < limit

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the library's signature
        """Returns when the oldest attempt was that still counts, and how many do."""
        now = self._now()
        times = [one.at for one in self._windows.get(key, ())[:] if one.at > now - expiry]
        return min(times, default=now), len(times)

    def clear(self, key: str) -> None:
        """Forgets the attempts."""
        self._windows.pop(key, None)

    def check(self) -> bool:
        """Says that memory works."""
        return True

    def reset(self) -> int:
        """Forgets everything, and returns how many windows that was."""
        number = len(self._windows)
        self._windows.clear()
        return number

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Is for fixed windows, and not supported."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Is for fixed windows, and not supported."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Is for fixed windows, and not supported."""
        raise NotImplementedError

    def _window(self, key: str) -> list[_Attempt]:
        window = self._windows.setdefault(key, [])
        with suppress(KeyError):  # another thread may be first
            self._windows.move_to_end(key)
            while len(self._windows) > self._max_windows:
                self._windows.popitem(last=False)
        return window


@define(eq=False, kw_only=True)
class _Attempt:
    at: float


def _drop(attempt: _Attempt, window: list[_Attempt]) -> None:
    with suppress(ValueError):  # another thread was first
        window.remove(attempt)


@frozen
class _Count:
    """One of the counts to which an attempt belongs."""

    _limiter: MovingWindowRateLimiter
    _item: RateLimitItem
    _identifiers: tuple[str, ...]

    def has_room(self) -> bool:
        return self._limiter.test(self._item, *self._identifiers)

    def hit(self) -> bool:
        return self._limiter.hit(self._item, *self._identifiers)

    def clear(self) -> None:
        self._limiter.clear(self._item, *self._identifiers)

    def over(self) -> float:
        return self._limiter.get_window_stats(self._item, *self._identifiers).reset_time


@define(eq=False)
class Throttle:
    """Counts attempts per account and address, and per account from anywhere (spec 6.19).

    Count each attempt before it is looked at, so that a hundred at once are not all
    looked at, and `forgive` when it was right. Names that nobody has count like others.
    Nothing is counted per address alone: it may be that of a proxy or a whole office.

    Whoever has enough addresses can use up what an account has from anywhere. That does
    not lock the person out at an address where an attempt was right before: there, only
    the attempts at this address count.

    All this is kept in memory, and forgotten at a restart: the attempts, and the
    addresses that are known, until the next time that an attempt there is right.

    Args:
      now: returns seconds, by a clock that never goes back.
      max_counts: bounds the memory: counts of accounts, counts of accounts and addresses,
        and accounts with addresses that are known.
    """

    _now: Callable[[], float] = time.monotonic
    _max_counts: int = MAX_COUNTS
    _near: MovingWindowRateLimiter = field(init=False)
    _anywhere: MovingWindowRateLimiter = field(init=False)
    # By account: the networks that were right last, the last one first.
    _known: OrderedDict[tuple[str, str], tuple[str, ...]] = field(init=False, factory=OrderedDict)

    @_near.default
    def _counts_near(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(BoundedWindows(self._now, self._max_counts))

    # Apart from the others, which are many for one account.
    @_anywhere.default
    def _counts_anywhere(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(BoundedWindows(self._now, self._max_counts))

    def attempt(self, name: str, address: str | None, *, what: str = "password") -> None:
        """Counts an attempt, unless there were too many: that one is not counted (spec 6.19).

        Args:
          name: of the account, as typed.
          address: of who tries; None when unknown, which then counts for no address.
          what: is tried; each has counts of its own, and addresses that are known.

        Raises:
          ClientError: `rate-limited`, with the whole seconds until it makes sense again.
        """
        account, network = (what, _account(name)), _network(address)
        counts = self._counts_where_known(account, network)
        if network is None or network not in self._known.get(account, ()):
            counts += self._counts_of_strangers(account, _site(address))
        # All are looked at before the first one counts, so that a refusal leaves nothing.
        full = [count for count in counts if not count.has_room()]
        # Others may take the room at the same time. Those near come first: who is refused
        # there does not use up what all have.
        full = full or [*islice((count for count in counts if not count.hit()), 1)]
        if full:
            over = max(count.over() for count in full)
            raise _rate_limited(max(1, math.ceil(over - self._now())))

    def forgive(self, name: str, address: str | None, *, what: str = "password") -> None:
        """Forgets the attempts, because one was right, and knows the address (spec 6.19)."""
        account, network = (what, _account(name)), _network(address)
        for count in (
            *self._counts_where_known(account, network),
            *self._counts_of_strangers(account, _site(address)),
        ):
            count.clear()
        if network is not None:
            self._know(account, network)

    def _know(self, account: tuple[str, str], network: str) -> None:
        others = (other for other in self._known.get(account, ()) if other != network)
        self._known[account] = (network, *islice(others, MAX_KNOWN - 1))
        with suppress(KeyError):  # another thread may be first
            self._known.move_to_end(account)
            while len(self._known) > self._max_counts:
                self._known.popitem(last=False)

    def _counts_where_known(self, account: tuple[str, str], network: str | None) -> list[_Count]:
        """Those that hold everywhere."""
        if network is None:
            return []
        key = (*account, network)
        return [_Count(self._near, _MINUTE, key), _Count(self._near, _HOUR, key)]

    def _counts_of_strangers(self, account: tuple[str, str], site: str | None) -> list[_Count]:
        """Those that others can use up."""
        near = [] if site is None else [_Count(self._near, _HOUR, (*account, site))]
        return [*near, _Count(self._anywhere, _HOUR_FROM_ANYWHERE, account)]


_MINUTE = RateLimitItemPerMinute(PER_ADDRESS_AND_MINUTE)
_HOUR = RateLimitItemPerHour(PER_ADDRESS_AND_HOUR)
_HOUR_FROM_ANYWHERE = RateLimitItemPerHour(PER_HOUR)


def _account(name: str) -> str:
    # No name that an account has is typed longer, and to look at more of it takes too long.
    return _digest(name_key(name.strip()[:MAX_TYPED_NAME_CHARACTERS]).strip())


def _network(address: str | None) -> str | None:
    """What belongs to one household: an IPv4 address, or an IPv6 network."""
    if address is None:
        return None
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return _digest(_around(parsed, _IPV6_CUSTOMER_BITS))
    return _digest(address if parsed is None else str(parsed))


def _site(address: str | None) -> str | None:
    """The larger IPv6 network; None for others, which are not to be had in such numbers."""
    parsed = None if address is None else _parsed(address)
    return _digest(_around(parsed, _IPV6_SITE_BITS)) if isinstance(parsed, IPv6Address) else None


def _around(address: IPv6Address, bits: int) -> str:
    return str(ip_network((int(address), bits), strict=False))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _digest(text: str) -> str:
    """Short, however long the text is, and without the signs that the library joins with."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _rate_limited(seconds: int) -> ClientError:
    unit = "second" if seconds == 1 else "seconds"
    return ClientError(
        "rate-limited",
        f"There were too many attempts: try again in {seconds} {unit}.",
        retry_after=seconds,
    )
