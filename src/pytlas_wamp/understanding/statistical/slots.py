"""Which tokens of a sentence fill which slot: a conditional random field per intent."""

from __future__ import annotations

import math
import os
import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pycrfsuite
from attrs import frozen

from pytlas_wamp.understanding.statistical.clusters import clusters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.statistical.examples import Marked
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon

Features = list[list[str]]

# (first token, one past the last, slot)
Span = tuple[int, int, str]

_DIGITS_TOLD_APART = 4

# Weighing repeats costs the cube of their number; nobody names as many in earnest.
_MOST_WEIGHED = 8


def shape(raw: str) -> str:
    """How a token is written: "Xxx", "xxx", "XXX", digits by their number, or the sign itself."""
    if raw.isdigit():
        return f"d{min(len(raw), _DIGITS_TOLD_APART)}"
    if not raw[:1].isalpha():
        return raw[:1]
    if raw.islower():
        return "xxx"
    if raw.isupper():
        return "X" if len(raw) == 1 else "XXX"
    return "Xxx" if raw[0].isupper() and raw[1:].islower() else "xX"


def features(
    sentence: Sentence,
    hints: Sequence[Sequence[str]],
    common: frozenset[str],
    lexicon: Lexicon,
    *,
    lower: bool = False,
) -> Features:
    """What the model sees of each token.

    Args:
      sentence: the tokens; of one whose key is "" only its place and shape are seen.
      hints: names of what is known about each.
      common: keys that the intent's sentences share; the others count by their shape in
        pairs and triples, or each of those would be seen once.
      lexicon: gives stems and function words.
      lower: whether to overlook upper case.
    """
    keys = sentence.keys
    raws = [sentence.text[start:end] for start, end in sentence.spans]
    shapes = [shape(raw.lower() if lower else raw) for raw in raws]
    words = [key if key in common else "?" + s for key, s in zip(keys, shapes, strict=True)]
    known = _known(keys, hints, lexicon)
    found = _places(keys, words, shapes)
    between = _between(sentence)
    last = len(keys) - 1
    for place, (key, token) in enumerate(zip(keys, found, strict=True)):
        if key:
            token.extend(_spelling(key, lexicon.stem(key)))
        if key in lexicon.function_words:
            token.append("fw")
        if between[place]:
            token.append(f"g-{between[place]}")
        if between[place + 1]:
            token.append(f"g+{between[place + 1]}")
        token.extend(known[place])
        if place:
            token.extend(f"{name[0]}-{name[1:]}" for name in known[place - 1])
        if place < last:
            token.extend(f"{name[0]}+{name[1:]}" for name in known[place + 1])
    return found


def _known(
    keys: Sequence[str], hints: Sequence[Sequence[str]], lexicon: Lexicon
) -> list[list[str]]:
    """What is known of each word without the data: its groups, and its hints."""
    return [
        [*_groups(key, lexicon), *(f"h{hint}" for hint in of_token)]
        for key, of_token in zip(keys, hints, strict=True)
    ]


def _places(keys: Sequence[str], words: Sequence[str], shapes: Sequence[str]) -> Features:
    """What stands where: each token's neighbours, their shapes, and the ends of the sentence."""
    around = ["^^", "^", *words, "$", "$$"]
    exact = ["^", *keys, "$"]
    borders = ["^", *shapes, "$"]
    found: Features = []
    for place, form in enumerate(shapes):
        far_left, left, word, right, far_right = around[place : place + 5]
        form_left, form_right = borders[place], borders[place + 2]
        found.append(
            [
                "1",
                f"c{word}",
                f"w-{exact[place]}",
                f"w+{exact[place + 2]}",
                f"w--{far_left}",
                f"w++{far_right}",
                f"b-{left} {word}",
                f"b+{word} {right}",
                f"b--{far_left} {left}",
                f"b++{right} {far_right}",
                f"t-{far_left} {left} {word}",
                f"t+{word} {right} {far_right}",
                f"n{left} {right}",
                f"s{form}",
                f"s-{form_left}{form}",
                f"s+{form}{form_right}",
                f"s3{form_left}{form}{form_right}",
            ]
        )
    for name, token in zip(("first", "second"), found[:2], strict=False):
        token.append(name)
    for token in found[-1:]:
        token.append("last")
    return found


def _spelling(key: str, stem: str) -> tuple[str, ...]:
    """A word by itself, by its stem, and by how it begins and ends."""
    return (
        f"w{key}", f"m{stem}",
        f"p2{key[:2]}", f"p3{key[:3]}", f"p4{key[:4]}",
        f"e2{key[-2:]}", f"e3{key[-3:]}", f"e4{key[-4:]}",
    )  # fmt: skip


def _groups(key: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The groups of words that a word belongs to; that it belongs to none is told as well."""
    if not key:
        return ()
    return tuple(f"k{name}" for name in clusters(lexicon.language).of(key) or ("?",))


def _between(sentence: Sentence) -> list[str]:
    """The marks before each token, and those after the last one."""
    gaps = []
    before = 0
    for start, end in sentence.spans:
        gaps.append(_mark(sentence.text[before:start]))
        before = end
    gaps.append(_mark(sentence.text[before:]))
    return gaps


def _mark(text: str) -> str:
    # CRFsuite takes nothing that cannot be written in UTF-8, as lone surrogates.
    return "".join(sign for sign in text if sign.isprintable()).replace(" ", "")[:2]


def labels(count: int, marks: Iterable[Marked]) -> list[str]:
    """B-slot, I-slot or O for each of so many tokens."""
    found = ["O"] * count
    for mark in marks:
        for place in range(mark.start, mark.end):
            found[place] = ("B-" if place == mark.start else "I-") + mark.slot
    return found


def spans(found: Sequence[str]) -> list[Span]:
    """The slots that labels describe, from left to right."""
    spanned: list[Span] = []
    for place, label in enumerate(found):
        if label == "O":
            continue
        slot = label[2:]
        if label[0] == "I" and spanned and spanned[-1][1:] == (place, slot):
            spanned[-1] = (spanned[-1][0], place + 1, slot)
        else:
            spanned.append((place, place + 1, slot))
    return spanned


@frozen(kw_only=True)
class SlotModel:
    """A trained field.

    Args:
      crf: the model as CRFsuite writes it.
      common: keys that the intent's sentences share.
      once: slots that no sentence has twice.
    """

    crf: bytes
    common: frozenset[str]
    once: frozenset[str] = frozenset()

    def read(
        self, sentence: Sentence, hints: Sequence[Sequence[str]], lexicon: Lexicon
    ) -> list[Span]:
        """The slots of a sentence, from left to right."""
        tagger = self._tagger()
        found = tagger.tag(features(sentence, hints, self.common, lexicon))
        return spans(_without_repeats(tagger, found, self.once))

    def certainty(
        self, sentence: Sentence, hints: Sequence[Sequence[str]], lexicon: Lexicon
    ) -> float:
        """The logarithm of the probability of the slots that `read` gives; 0 is certain."""
        tagger = self._tagger()
        found = tagger.tag(features(sentence, hints, self.common, lexicon))
        return math.log(max(tagger.probability(found), 1e-12))

    def _tagger(self) -> pycrfsuite.Tagger:
        # A tagger remembers its sentence: one of our own makes this safe in any thread.
        tagger = pycrfsuite.Tagger()
        tagger.open_inmemory(self.crf)
        return tagger


def _repeated(spanned: Sequence[Span], once: frozenset[str]) -> list[Span]:
    """The spans of slots that stand more than once and should not."""
    counts = Counter(slot for _, _, slot in spanned)
    return [span for span in spanned if span[2] in once and counts[span[2]] > 1]


def _without_repeats(
    tagger: pycrfsuite.Tagger, found: list[str], once: frozenset[str]
) -> list[str]:
    """Labels in which no slot of `once` stands twice, the likeliest that are near.

    Each step gives one span of a repeated slot to another slot or to none, or joins it
    with its twin; so there is one span less each time, and an end.
    """
    found = _without_many_repeats(found, once)
    allowed = frozenset(tagger.labels())
    names = sorted({label[2:] for label in allowed if label != "O"})
    repeated = _repeated(spans(found), once)
    while repeated:
        taken = {slot for _, _, slot in spans(found)}
        free = ["", *(name for name in names if name not in once or name not in taken)]
        choices = [
            _relabelled(found, start, end, other)
            for start, end, slot in repeated
            for other in free
            if other != slot
        ]
        choices.extend(
            _relabelled(found, start, last, slot)
            for (start, _, slot), (_, last, other) in combinations(repeated, 2)
            if slot == other
        )
        possible = [choice for choice in choices if allowed.issuperset(choice)]
        if not possible:
            break
        found = max(possible, key=tagger.probability)
        repeated = _repeated(spans(found), once)
    return found


def _without_many_repeats(found: list[str], once: frozenset[str]) -> list[str]:
    """Labels with no more repeated spans than there is time to weigh."""
    repeated = _repeated(spans(found), once)
    if len(repeated) > _MOST_WEIGHED:
        seen: set[str] = set()
        for start, end, slot in repeated:
            if slot in seen:
                found = _relabelled(found, start, end, "")
            seen.add(slot)
    return found


def _relabelled(found: Sequence[str], start: int, end: int, slot: str) -> list[str]:
    """Labels with the tokens `start` to `end` (excluded) given to a slot, or to none."""
    inside = [f"B-{slot}", *[f"I-{slot}"] * (end - start - 1)] if slot else ["O"] * (end - start)
    return [*found[:start], *inside, *found[end:]]


def train(sequences: Iterable[tuple[Features, list[str]]], *, most_rounds: int) -> bytes:
    """A field from features and labels, as CRFsuite writes it.

    Args:
      sequences: per sentence the features and the label of each token.
      most_rounds: of the optimiser.
    """
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select("lbfgs")
    trainer.set_params(
        {
            "c1": 0.3,
            "c2": 0.1,
            "max_iterations": most_rounds,
            "feature.possible_transitions": True,
        }
    )
    for seen, wanted in sequences:
        trainer.append(seen, wanted)
    # CRFsuite writes models to a path and nowhere else.
    handle, name = tempfile.mkstemp(suffix=".crf")
    os.close(handle)
    path = Path(name)
    try:
        trainer.train(name)
        return path.read_bytes()
    finally:
        path.unlink()
