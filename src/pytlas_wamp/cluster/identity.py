"""Who a node is: its name, its id, and the key by which a router knows it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pytlas_wamp.errors import OperatorError

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SUFFIX: Final = re.compile(r"[0-9a-f]{8}")
_SUFFIX_BYTES: Final = 4

_KEY_BYTES: Final = 32
_CHALLENGE_BYTES: Final = 32
_HEX: Final = re.compile(r"[0-9a-fA-F]*")

# What others may do with a file that they must not read.
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyUnusable(OperatorError):
    """The key of a node is missing, damaged, or others can read it."""


def make_node_id(name: str, random: Callable[[int], bytes] = os.urandom) -> str:
    """Makes the id of a node for this start of it, such as `kitchen-1f0c9a2b`.

    Args:
      name: what the operator calls it.
      random: so many bytes that nobody can guess.

    Raises:
      OperatorError: the name is none.
    """
    if not NAME.fullmatch(name):
        raise OperatorError(
            f"a node cannot be called {name!r}: a name has up to 32 of a-z, 0-9 and _, "
            "the first a letter"
        )
    return f"{name}-{random(_SUFFIX_BYTES).hex()}"


def split_node_id(node_id: str) -> tuple[str, str]:
    """Returns the name of a node and what its other starts have not.

    Raises:
      ValueError: it is no id of a node.
    """
    name, _, suffix = node_id.rpartition("-")
    if not NAME.fullmatch(name) or not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"{node_id!r} is not the id of a node")
    return name, suffix


class Uris(NamedTuple):
    """What a node is called at a router."""

    ask: str
    watch: str
    told: str


@lru_cache(maxsize=4096)
def uris(node_id: str) -> Uris:
    """Returns the addresses of a node.

    Raises:
      ValueError: it is no id of a node.
    """
    place = ".".join(split_node_id(node_id))
    worker = f"pytlas.worker.{place}"
    return Uris(f"{worker}.ask", f"{worker}.watch", f"pytlas.gateway.{place}.told")


@frozen
class NodeKey:
    """An ed25519 key.

    Args:
      seed: 32 secret bytes.
    """

    seed: bytes = field(repr=False)

    @property
    def public(self) -> str:
        """What a router has to know of it: 64 hexadecimal characters."""
        return self._private().public_key().public_bytes_raw().hex()

    def sign(self, challenge: object) -> str:
        """Answers what a router asks for by WAMP's cryptosign.

        Args:
          challenge: 64 hexadecimal characters.

        Returns:
          the signature and the challenge, as hexadecimal characters.

        Raises:
          ValueError: it is no such challenge; it is not signed, as it might be something else.
        """
        if not isinstance(challenge, str) or not _HEX.fullmatch(challenge):
            raise ValueError("the challenge is not hexadecimal")
        if len(challenge) != 2 * _CHALLENGE_BYTES:
            raise ValueError(f"the challenge has not {_CHALLENGE_BYTES} bytes")
        signature = self._private().sign(bytes.fromhex(challenge))
        return signature.hex() + challenge

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def make_key(random: Callable[[int], bytes] = os.urandom) -> NodeKey:
    """Makes a new key."""
    return NodeKey(random(_KEY_BYTES))


def write_key(key: NodeKey, path: Path) -> None:
    """Writes a key, for the owner alone to read; one that is there stays.

    Raises:
      KeyUnusable: there is such a file, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeyUnusable(
            f"there is a key in {path} already; delete it to make a new one"
        ) from None
    except OSError as error:
        raise KeyUnusable(f"the key cannot be written to {path}: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.seed.hex()}\n")


def read_key(path: Path) -> NodeKey:
    """Reads a key.

    Raises:
      KeyUnusable: it is not there, others may read it, or it is none.
    """
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(1024).strip()
    except FileNotFoundError:
        raise KeyUnusable(
            f"there is no key in {path}; `pytlas-wamp cluster key` makes one"
        ) from None
    except OSError as error:
        raise KeyUnusable(f"the key in {path} cannot be read: {error.strerror}") from None
    if mode & _OTHERS:
        raise KeyUnusable(
            f"others than its owner may use the key in {path} (mode {mode:04o}); "
            f"`chmod 600 {path}` ends that"
        )
    if not _HEX.fullmatch(text):
        raise KeyUnusable(f"what is in {path} is no key: it has other characters than 0-9 and a-f")
    if len(text) != 2 * _KEY_BYTES:
        raise KeyUnusable(
            f"what is in {path} is no key: it has {len(text)} characters, not {2 * _KEY_BYTES}"
        )
    return NodeKey(bytes.fromhex(text))
