"""Which messages were accepted before, in as little memory as that takes (spec 5.3)."""

from __future__ import annotations

import hashlib
import json
import struct
from hashlib import blake2b
from json.encoder import encode_basestring_ascii as _quoted

from attrs import define, field

from pytlas_wamp.journal.model import Remembered
from pytlas_wamp.wire.messages import Message

DIGEST_LENGTH = 24
_KEY_LENGTH = 16
# `json.dumps` would make one for each message.
_SORTED = json.JSONEncoder(sort_keys=True)
# The digest, the number. Objects took six times as much, and every conversation at hand has
# some hundred of them.
_ROW = struct.Struct(f"<{DIGEST_LENGTH}sq")


@define(eq=False)
class Recollection:
    """The newest accepted messages of a user, by id.

    Args:
      most: how many.
    """

    _most: int
    # One behind the other, in the same order.
    _keys: bytearray = field(init=False, factory=bytearray, repr=False)
    _rows: bytearray = field(init=False, factory=bytearray, repr=False)

    def add(self, known: Remembered) -> None:
        """Remember one more, and forget the oldest when there are too many."""
        digest = known.digest.encode("ascii", "replace")
        self._keys += _key(known.id)
        self._rows += _ROW.pack(digest, known.seq)
        if len(self) > self._most:
            del self._keys[:_KEY_LENGTH], self._rows[: _ROW.size]

    def find(self, id_: str) -> Remembered | None:
        """Returns the newest message of this id."""
        key = _key(id_)
        at = self._keys.rfind(key)
        while at > 0 and at % _KEY_LENGTH:
            # The end of one key, and the beginning of the next.
            at = self._keys.rfind(key, 0, at + _KEY_LENGTH - 1)
        if at < 0:
            return None
        digest, seq = _ROW.unpack_from(self._rows, at // _KEY_LENGTH * _ROW.size)
        return Remembered(id=id_, digest=digest.decode("ascii"), seq=seq)

    def clear(self) -> None:
        """Know none any more."""
        self._keys.clear()
        self._rows.clear()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._keys) // _KEY_LENGTH


def _key(id_: str) -> bytes:
    # Half of a surrogate pair may be in it. Who finds two ids that look the same here fools
    # only their own conversation.
    return blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=_KEY_LENGTH).digest()


def digest(message: Message) -> str:
    """What tells a message from another under the same id (spec 5.3)."""
    if message.answers is None and not message.meta:
        # To the letter what the general way makes of it: digests outlive the process.
        body = f"[{_quoted(message.message)}, null, {{}}]"
    else:
        body = _SORTED.encode([message.message, message.answers, message.meta or {}])
    # 96 bits: nobody gains anything by two messages of their own that look the same.
    return hashlib.sha256(body.encode("ascii")).hexdigest()[:DIGEST_LENGTH]
