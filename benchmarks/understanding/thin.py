"""Many skills with a handful of sentences each: cross-validated over sentences of chatl."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from snips import Asked, Split

from pytlas_wamp import compat  # noqa: F401 - pychatl does not import without it
from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY
from pytlas_wamp.assistant.training import merged_training

import pychatl  # isort: skip
import pychatl.adapters  # isort: skip

HERE = Path(__file__).parent
FOLDS = 4
# With three sentences left, one that is held out is not asked for what nobody taught.
FEWEST_SENTENCES = 4

# The guessing game declares this entity in its code.
_GUESS = "@[guess](type=number)\n  5\n  12\n"


def assistants(language: str) -> dict[str, dict[str, Any]]:
    """The parsed chatl of each assistant, by its name.

    Those in folders of this one were written by one hand each; "bundled" is what the
    server comes with.
    """
    texts = {
        path.parent.name: [path.read_text(encoding="utf-8")]
        for path in sorted(HERE.glob(f"*/{language}.chatl"))
    }
    bundled = sorted(BUNDLED_DIRECTORY.glob(f"*/{language}.chatl"))
    texts["bundled"] = [_GUESS, *(path.read_text(encoding="utf-8") for path in bundled)]
    return {name: _merged(found, language) for name, found in texts.items()}


def strangers(name: str, language: str) -> list[str]:
    """Sentences that belong to none of an assistant's skills."""
    path = HERE / name / f"ood_{language}.txt"
    # The server's own skills have none of their own kind; any that ask for other things will do.
    path = path if path.exists() else HERE / "tuned" / path.name
    return path.read_text(encoding="utf-8").splitlines()


def _merged(texts: list[str], language: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    checked: dict[str, Any] = {}
    for text in texts:
        # The check writes out options, after which one sentence would be many.
        checked, unread = merged_training(checked, text, language=language)
        if unread is not None:
            raise ValueError(unread)
        tree = pychatl.merge(tree, pychatl.parse(text))
    return tree


def folds(tree: Mapping[str, Any], language: str, seed: int) -> Iterator[Split]:
    """Each sentence of chatl is held out once, with all its options and synonyms."""
    random = Random(seed)  # noqa: S311 - a fixed seed is what is wanted
    fold_of = _dealt(tree, random)
    for fold in range(FOLDS):
        held: dict[str, list[Any]] = defaultdict(list)
        kept: dict[str, Any] = {}
        for intent, content in tree["intents"].items():
            sentences = []
            for place, sentence in enumerate(content["data"]):
                (held[intent] if fold_of[intent, place] == fold else sentences).append(sentence)
            kept[intent] = {**content, "data": sentences}
        tests = [
            _said(tree, intent, sentence, language, random)
            for intent in sorted(held)
            for sentence in held[intent]
        ]
        data = pychatl.adapters.snips({**tree, "intents": kept}, language=language)
        yield Split(data=data, tests=tuple(tests))


def _dealt(tree: Mapping[str, Any], random: Random) -> dict[tuple[str, int], int]:
    """The fold of each sentence; -1 for those of intents that have too few to be tested."""
    dealt = {}
    for intent in sorted(tree["intents"]):
        count = len(tree["intents"][intent]["data"])
        order = list(range(count))
        random.shuffle(order)
        offset = random.randrange(FOLDS)
        for rank, place in enumerate(order):
            dealt[intent, place] = (rank + offset) % FOLDS if count >= FEWEST_SENTENCES else -1
    return dealt


def _said(
    tree: Mapping[str, Any], intent: str, sentence: Any, language: str, random: Random
) -> Asked:
    """One of the ways to say a sentence of chatl."""
    alone = {**tree, "intents": {intent: {**tree["intents"][intent], "data": [sentence]}}}
    made = pychatl.adapters.snips(alone, language=language)
    parts = random.choice(made["intents"][intent]["utterances"])["data"]
    return Asked(
        text="".join(part["text"] for part in parts),
        intent=intent,
        slots=tuple((part["slot_name"], part["text"]) for part in parts if "entity" in part),
    )
