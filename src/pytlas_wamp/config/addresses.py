"""Where the server can be reached, as far as the configuration tells."""

from __future__ import annotations

from pytlas_wamp.config.reading import Config


def urls(config: Config) -> list[str]:
    """The addresses of TCP and TLS endpoints as a browser takes them."""
    found = []
    for endpoint in config.listen:
        kind, _, rest = endpoint.partition(":")
        if kind in _SCHEMES:
            first, *others = rest.replace("\\:", "\0").split(":")
            parts = (first if "=" in first else f"port={first}", *others)
            named = dict(part.partition("=")[::2] for part in parts)
            host = named.get("interface", "").replace("\0", ":")
            found.append(f"{_SCHEMES[kind]}://{_reachable(host)}:{named['port']}")
    return found


def unix_paths(config: Config) -> list[str]:
    """The sockets in the file system on which the server listens."""
    found = []
    for endpoint in config.listen:
        kind, _, rest = endpoint.partition(":")
        if kind == "unix":
            first = rest.replace("\\:", "\0").split(":")[0].replace("\0", ":")
            found.append(first.removeprefix("address="))
    return found


_SCHEMES = {"tcp": "http", "tcp6": "http", "ssl": "https", "tls": "https"}


def _reachable(interface: str) -> str:
    """The address by which this machine itself reaches what listens on an interface."""
    if interface in {"", "0.0.0.0"}:  # noqa: S104 - read, not used
        return "127.0.0.1"
    if interface == "::":
        return "[::1]"
    return f"[{interface}]" if ":" in interface else interface
