"""What a Crossbar router of a cluster is told: who its nodes are, and what each may do.

docs/reference/cluster-protocol.md has the names. Whatever is not allowed here is refused: a node
that was taken over can speak for itself and for nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from pytlas_wamp.errors import OperatorError

REALM: Final = "pytlas"
CONFIG_NAME: Final = "config.json"
CERTIFICATE_NAME: Final = "router.crt"
CERTIFICATE_KEY_NAME: Final = "router.key"

# What has died, or hangs, or is behind a cut cable is noticed within four seconds.
_PING_MILLISECONDS: Final = 2_000
# The largest body is 8 MiB (`cluster.bus.MAX_BODY_BYTES`); the rest is for what is around it.
_MOST_BYTES: Final = 16 * 1024 * 1024
# A node that cannot say who it is within this time is none.
_HANDSHAKE_MILLISECONDS: Final = 5_000

_OPTIONS: Final = {
    "auto_ping_interval": _PING_MILLISECONDS,
    "auto_ping_timeout": _PING_MILLISECONDS,
    "max_message_size": _MOST_BYTES,
    "max_frame_size": _MOST_BYTES,
    "open_handshake_timeout": _HANDSHAKE_MILLISECONDS,
    "enable_webstatus": False,
    "show_server_version": False,
    "tcp_nodelay": True,
}


@frozen(kw_only=True)
class Principal:
    """A node, as routers know it.

    Args:
      name: of the node.
      role: "gateway" or "worker".
      public_key: 64 hexadecimal characters, ed25519.
    """

    name: str
    role: str
    public_key: str

    @property
    def wamp_role(self) -> str:
        """Its WAMP role: one for each node, since that is what rights are given to."""
        return f"{self.role}_{self.name}"

    def entry(self) -> dict[str, Any]:
        """What belongs under its name among the principals."""
        return {"realm": REALM, "role": self.wamp_role, "authorized_keys": [self.public_key]}

    def rights(self) -> dict[str, Any]:
        """What belongs to the roles of the realm."""
        own = f"pytlas.{self.role}.{self.name}."
        if self.role == "worker":
            allowed = [_rule(own, "register"), _rule("pytlas.gateway.", "publish")]
        else:
            allowed = [_rule(own, "subscribe"), _rule("pytlas.worker.", "call")]
        return {"name": self.wamp_role, "permissions": allowed}


def _rule(uri: str, action: str) -> dict[str, Any]:
    actions = ("call", "register", "publish", "subscribe")
    return {
        "uri": uri,
        "match": "prefix",
        "allow": {each: each == action for each in actions},
        # Who asks or tells is what the router knows of them, and not only what they say.
        "disclose": {"caller": True, "publisher": True},
        "cache": True,
    }


def endpoint(port: int, *, tls: bool) -> dict[str, Any]:
    """Where a router listens: on this machine only, or everywhere and then with TLS."""
    if not tls:
        return {"type": "tcp", "port": port, "interface": "127.0.0.1"}
    return {
        "type": "tcp",
        "port": port,
        "tls": {"certificate": CERTIFICATE_NAME, "key": CERTIFICATE_KEY_NAME},
    }


@frozen
class RouterConfig:
    """A router, as its configuration has it.

    Args:
      path: of the configuration.
      document: what is in it.
    """

    path: Path
    document: dict[str, Any]

    @classmethod
    def at(cls, folder: Path, place: dict[str, Any]) -> RouterConfig:
        """A router that knows no nodes yet.

        Args:
          folder: where its configuration will be.
          place: the endpoint at which it listens.
        """
        transport = {
            "type": "websocket",
            "id": "nodes",
            "endpoint": place,
            "serializers": ["cbor"],
            "options": _OPTIONS,
            # Crossbar lets anybody in where this is missing.
            "auth": {"cryptosign": {"type": "static", "principals": {}}},
        }
        worker = {
            "type": "router",
            "id": "router",
            "realms": [{"name": REALM, "roles": []}],
            "transports": [transport],
        }
        document = {"version": 2, "controller": {}, "workers": [worker]}
        return cls(folder / CONFIG_NAME, deepcopy(document))

    @classmethod
    def read(cls, folder: Path) -> RouterConfig:
        """The router in a folder.

        Raises:
          OperatorError: when its configuration cannot be read.
        """
        path = folder / CONFIG_NAME
        try:
            return cls(path, json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise OperatorError(f"{path} is no JSON: {error}") from error

    def copy(self, folder: Path, place: dict[str, Any]) -> RouterConfig:
        """Another router that knows the same nodes, and listens elsewhere."""
        document = deepcopy(self.document)
        for transport in _parts(self.path, document).transports:
            transport["endpoint"] = place
        return RouterConfig(folder / CONFIG_NAME, document)

    def check_new(self, name: str) -> None:
        """See to it that a name is free.

        Raises:
          OperatorError: when it is not.
        """
        if any(name in door for door in _parts(self.path, self.document).doors()):
            raise OperatorError(f"{self.path} knows a node {name} already")

    def add(self, principal: Principal) -> None:
        """Let a node in; what else somebody has written there stays."""
        parts = _parts(self.path, self.document)
        parts.roles.append(principal.rights())
        for door in parts.doors():
            door[principal.name] = principal.entry()

    def ports(self) -> list[int]:
        """Where it listens, as far as that is told by numbers."""
        parts = _parts(self.path, self.document)
        found = [one.get("endpoint", {}).get("port") for one in parts.transports]
        return [port for port in found if isinstance(port, int)]

    def text(self) -> str:
        """What belongs into the file."""
        return json.dumps(self.document, indent=2) + "\n"


@frozen
class _Parts:
    """Where nodes are written down in a configuration."""

    roles: list[Any]
    transports: list[Any]

    def doors(self) -> Iterator[dict[str, Any]]:
        for transport in self.transports:
            yield transport["auth"]["cryptosign"]["principals"]


def _parts(path: Path, document: Any) -> _Parts:
    try:
        [router] = [one for one in document["workers"] if one["type"] == "router"]
        [realm] = [one for one in router["realms"] if one["name"] == REALM]
        parts = _Parts(realm["roles"], router["transports"])
        list(parts.doors())
    except (KeyError, TypeError, ValueError) as error:
        raise OperatorError(
            f"{path} is not as `pytlas-wamp cluster init` writes it, with one worker of type "
            f"router, a realm {REALM}, and principals of cryptosign at each transport"
        ) from error
    return parts
