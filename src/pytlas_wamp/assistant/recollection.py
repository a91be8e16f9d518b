"""Which messages were accepted before, in as little memory as that takes (spec 5.3)."""

from __future__ import annotations

import struct
from hashlib import blake2b

from attrs import define, field

from pytlas_wamp.journal.model import Remembered

DIGEST_LENGTH = 24
# Of each: what stands for the id, the digest, the number. Objects took six times as much, and
# every conversation at hand has some hundred of them.
_ROW = struct.Struct(f"<16s{DIGEST_LENGTH}sq")


@define(eq=False)
class Recollection:
    """The newest accepted messages of a user, by id.

    Args:
      most: how many.
    """

    _most: int
    _rows: bytearray = field(init=False, factory=bytearray, repr=False)

    def add(self, known: Remembered) -> None:
        """Remember one more, and forget the oldest when there are too many."""
        digest = known.digest.encode("ascii", "replace")
        self._rows += _ROW.pack(_stands_for(known.id), digest, known.seq)
        if len(self._rows) > self._most * _ROW.size:
            del self._rows[: _ROW.size]

    def find(self, id_: str) -> Remembered | None:
        """Returns the newest message of this id."""
        key = _stands_for(id_)
        at = self._rows.rfind(key)
        while at > 0 and at % _ROW.size:
            # These bytes are in the middle of another row.
            at = self._rows.rfind(key, 0, at + len(key) - 1)
        if at < 0:
            return None
        _, digest, seq = _ROW.unpack_from(self._rows, at)
        return Remembered(id=id_, digest=digest.decode("ascii"), seq=seq)

    def clear(self) -> None:
        """Know none any more."""
        self._rows.clear()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows) // _ROW.size


def _stands_for(id_: str) -> bytes:
    # Half of a surrogate pair may be in it. Who finds two ids that look the same here fools
    # only their own conversation.
    return blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=16).digest()
