"""Where a server is: one address typed by a person, and all that follows from it."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from pytlas_wamp.chat.problems import ChatProblem

DEFAULT_URL: Final = "http://127.0.0.1:8000"

_SECURE: Final = {"http": False, "ws": False, "https": True, "wss": True}
_CONVERSATION: Final = "/ws/assistant"


@frozen(kw_only=True)
class Address:
    """The addresses of one server (spec 2.1, 6).

    Args:
      host: name or IP address, IPv6 without brackets.
      port: TCP port.
      secure: whether TLS is spoken.
      prefix: path under which a proxy offers the server, without a last slash.
    """

    host: str
    port: int
    secure: bool
    prefix: str = ""

    @property
    def http(self) -> str:
        """The server's own address, as a person would write it."""
        return f"http{'s' if self.secure else ''}://{self._authority}{self.prefix}"

    @property
    def websocket(self) -> str:
        """Where conversations are (spec 2.1)."""
        scheme = "wss" if self.secure else "ws"
        return f"{scheme}://{self._authority}{self.prefix}{_CONVERSATION}/"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.secure else 80
        return host if self.port == default else f"{host}:{self.port}"


def parse_address(url: str) -> Address:
    """Reads an address: http, https, ws or wss, with a path before it or without.

    The scheme may be left out (http), and the path of the conversation may be there.

    Raises:
      ChatProblem: it is none.
    """
    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise ChatProblem("bad-address", url=url) from None
    if not _is_acceptable(parts):
        raise ChatProblem("bad-address", url=url)
    secure = _SECURE[parts.scheme]
    return Address(
        host=parts.hostname or "",
        port=port or (443 if secure else 80),
        secure=secure,
        prefix=parts.path.rstrip("/").removesuffix(_CONVERSATION).rstrip("/"),
    )


def _is_acceptable(parts: SplitResult) -> bool:
    extra = parts.username or parts.password or parts.query or parts.fragment
    printable = parts.geturl().isprintable() and " " not in parts.geturl()
    return parts.scheme in _SECURE and bool(parts.hostname) and not extra and printable
