"""Where a request comes from: the address of the client, also behind proxies (spec 6.19).

What a proxy says in X-Forwarded-For is believed only of proxies the operator trusts:
everybody can write that header.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, Final

from attrs import frozen
from twisted.internet.address import UNIXAddress

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.transport.headers import header_value, header_values
from pytlas_wamp.transport.http import HttpRequest

_UNIX: Final = "unix"

_Address = IPv4Address | IPv6Address


@frozen
class Proxies:
    """The proxies whose word about addresses is taken.

    Args:
      networks: of their addresses.
      unix: whether whoever connects to a UNIX socket is one.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix: bool = False

    @classmethod
    def of(cls, texts: Iterable[str]) -> Proxies:
        """Returns those of the configuration: addresses, networks, and "unix"."""
        found = frozenset(texts)
        return cls(
            networks=tuple(ip_network(text) for text in sorted(found - {_UNIX})),
            unix=_UNIX in found,
        )

    def trust(self, address: _Address) -> bool:
        """Whether there is a trusted proxy at this address."""
        return any(address in network for network in self.networks)


def origin_of(request: HttpRequest, proxies: Proxies) -> Origin:
    """Returns where a request comes from: address, and how the client calls itself."""
    return Origin(
        address=client_address(request, proxies),
        client=header_value(request.requestHeaders, "User-Agent") or "",
    )


def client_address(request: HttpRequest, proxies: Proxies) -> str | None:
    """Returns the address of the client; None when only that of a proxy is known.

    A trusted proxy has put the address it was asked from at the end of X-Forwarded-For;
    what stands before that was there already, and may be an invention.
    """
    peer = request.getClientAddress()
    if isinstance(peer, UNIXAddress):
        return _forwarded(request, proxies) if proxies.unix else None
    address = _parsed(str(getattr(peer, "host", "")))
    if address is None or not proxies.trust(address):
        return None if address is None else str(address)
    return _forwarded(request, proxies)


def _forwarded(request: HttpRequest, proxies: Proxies) -> str | None:
    entries = ",".join(header_values(request.requestHeaders, "X-Forwarded-For")).split(",")
    for entry in reversed(entries):
        address = _parsed(_without_port(entry.strip()))
        if address is None:
            return None  # who says this is no client, and nobody before it can be believed
        if not proxies.trust(address):
            return str(address)
    return None


def _without_port(entry: str) -> str:
    if entry.startswith("["):  # [2001:db8::1]:443
        return entry[1:].partition("]")[0]
    host, colon, _ = entry.partition(":")
    return host if entry.count(":") == 1 and colon else entry


def _parsed(text: str) -> _Address | None:
    try:
        address: Any = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped: IPv4Address | None = getattr(address, "ipv4_mapped", None)
    return mapped or address
