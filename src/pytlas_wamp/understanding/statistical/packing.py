"""Training data as small as it gets, to be unpacked as a whole or a piece at a time.

Unpacked, the data of a large assistant is more than all that is made of it: who only
reads it once does well to have no more than some sentences of it in memory.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SENTENCES_AT_ONCE = 100
_BYTES_AT_ONCE = 16_384


@frozen
class PackedIntents:
    """Intents by name, nearly as a mapping has them; each is unpacked when its turn comes.

    An intent of many sentences has several turns, each with some of them.
    """

    _packed: bytes

    def items(self) -> Iterator[tuple[str, Any]]:
        """The names and contents in the order of the data."""
        lines = _lines(self._packed)
        next(lines)
        for line in lines:
            name, content = json.loads(line)
            yield name, content

    def values(self) -> Iterator[Any]:
        """The contents in the order of the data."""
        return (content for _, content in self.items())


def pack(data: Mapping[str, Any]) -> bytes:
    """Pack Snips-format training data: lines for each intent, and first one for the rest."""
    lines: list[Any] = [{**data, "intents": {}}]
    for name, content in data.get("intents", {}).items():
        lines.extend([name, piece] for piece in _pieces(content))
    return zlib.compress("\n".join(map(json.dumps, lines)).encode())


def _pieces(content: Any) -> Iterator[Any]:
    """An intent, in pieces if it has many sentences."""
    sentences = content.get("utterances") if isinstance(content, dict) else None
    if not isinstance(sentences, list) or len(sentences) <= _SENTENCES_AT_ONCE:
        yield content
        return
    for first in range(0, len(sentences), _SENTENCES_AT_ONCE):
        yield {**content, "utterances": sentences[first : first + _SENTENCES_AT_ONCE]}


def unpack(packed: bytes) -> dict[str, Any]:
    """The data that was packed."""
    data = unpack_lazily(packed)
    intents: dict[str, Any] = {}
    for name, piece in data["intents"].items():
        if name in intents:
            intents[name]["utterances"] += piece["utterances"]
        else:
            intents[name] = piece
    return {**data, "intents": intents}


def unpack_lazily(packed: bytes) -> dict[str, Any]:
    """The data that was packed, where `intents` is a `PackedIntents`."""
    data: dict[str, Any] = json.loads(next(_lines(packed)))
    data["intents"] = PackedIntents(packed)
    return data


def _lines(packed: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    rest = b""
    for first in range(0, len(packed), _BYTES_AT_ONCE):
        rest += stream.decompress(packed[first : first + _BYTES_AT_ONCE])
        *lines, rest = rest.split(b"\n")
        yield from lines
    yield rest + stream.flush()
