"""How well an interpreter understands sentences that it was not trained with.

Cross-validation: each sentence of an intent is held back once, everything else of the
whole assistant is learnt, and the one held back is asked. What is held back is a
sentence as its author wrote it, with all that follows from its synonyms: otherwise
"please stop" would be asked of somebody who has learnt "could you stop".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Literal

from attrs import frozen

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding import normalisation

from pychatl import adapters  # isort: skip - compat comes first
from pytlas.conversing.agent import STATE_CANCEL, build_scopes, is_builtin  # isort: skip

Kind = Literal["right", "slots", "refused", "wrong"]
Slots = tuple[tuple[str, str], ...]
Tell = Callable[[str, int, int], None]

# The worst first: whoever is misunderstood is worse off than who is not understood.
_BY_HARM: tuple[Kind, ...] = ("wrong", "refused", "slots", "right")


@frozen(kw_only=True)
class Outcome:
    """What became of one sentence that was held back.

    Args:
      intent: whose it is.
      text: the sentence, one of those that its synonyms allow.
      slots: its slots with their texts, in the order of the sentence.
      taken_for: the intent that was understood, None where the sentence was refused.
      found: the slots that were understood with their texts.
    """

    intent: str
    text: str
    slots: Slots
    taken_for: str | None
    found: Slots

    @property
    def kind(self) -> Kind:
        """Whether it was understood; "slots" is the right intent with other slots."""
        if self.taken_for is None:
            return "refused"
        if self.taken_for != self.intent:
            return "wrong"
        return "right" if _alike(self.slots, self.found) else "slots"


@frozen(kw_only=True)
class Report:
    """What became of all sentences.

    Args:
      outcomes: one for each sentence, in the order of the intents.
      untestable: intents with too few sentences to hold one back.
    """

    outcomes: tuple[Outcome, ...]
    untestable: tuple[str, ...]

    @property
    def counts(self) -> Counter[Kind]:
        """How many sentences came to what."""
        return Counter(outcome.kind for outcome in self.outcomes)

    @property
    def by_intent(self) -> dict[str, Counter[Kind]]:
        """The same for each intent."""
        counts: dict[str, Counter[Kind]] = {}
        for outcome in self.outcomes:
            counts.setdefault(outcome.intent, Counter())[outcome.kind] += 1
        return counts

    @property
    def accuracy(self) -> float:
        """The share of sentences whose intent was understood, from 0 to 1; 0 without sentences."""
        understood = self.counts["right"] + self.counts["slots"]
        return understood / len(self.outcomes) if self.outcomes else 0.0

    @property
    def confusions(self) -> list[tuple[str, str, int]]:
        """Intent, what it was taken for, and how often; the most frequent first."""
        pairs = Counter(
            (one.intent, one.taken_for)
            for one in self.outcomes
            if one.kind == "wrong" and one.taken_for is not None
        )
        return [(intent, other, count) for (intent, other), count in pairs.most_common()]

    @property
    def failures(self) -> list[Outcome]:
        """The sentences that were not understood right, the worst kind first."""
        failed = [one for one in self.outcomes if one.kind != "right"]
        return sorted(failed, key=lambda one: _BY_HARM.index(one.kind))


def scopes_of(intents: Sequence[str]) -> dict[str | None, list[str]]:
    """What pytlas understands in which context; None is the start of a conversation.

    Args:
      intents: all that were trained, such as "play" and "playing/stop".
    """
    asked = [name for name in intents if not is_builtin(name)]
    scopes: dict[str | None, list[str]] = build_scopes(asked, STATE_CANCEL in intents)
    return scopes


def evaluate(
    tree: Mapping[str, Any],
    tested: Sequence[str],
    *,
    language: str,
    make: Callable[[], Any],
    folds: int = 4,
    seed: int = 7,
    tell: Tell | None = None,
) -> Report:
    """Train `folds` interpreters, and ask each the sentences that it did not learn.

    Args:
      tree: the training data of the whole assistant, as `pychatl.parse` and `merge` make it.
      tested: the intents whose sentences are asked; the others only compete.
      language: of two letters.
      make: makes a pytlas interpreter that has learnt nothing.
      folds: into how many parts the sentences are divided, 2 at least.
      seed: the same one divides alike.
      tell: is called with the step, how many trainings are done, and of how many.
    """
    told = tell or (lambda _step, _done, _total: None)
    testable = [name for name in tested if len(tree["intents"][name]["data"]) > 1]
    dealt = _deal(tree, testable, folds, Random(seed))  # noqa: S311 - fair, not secret
    numbers = sorted(set(dealt.values()))
    outcomes: dict[tuple[str, int], Outcome] = {}
    for done, number in enumerate(numbers):
        told("held back in turn", done, len(numbers))
        held = [place for place, fold in dealt.items() if fold == number]
        interpreter = make()
        interpreter.fit(adapters.snips(_without(tree, set(held)), language=language))
        scopes = scopes_of(interpreter.intents)
        for place in held:
            for parts in _said(tree, place, language, Random(f"{seed} {place}")):  # noqa: S311 - the same
                outcomes[place] = _ask(interpreter, place[0], parts, scopes)
    told("held back in turn", len(numbers), len(numbers))
    return Report(
        outcomes=tuple(outcomes[place] for place in dealt if place in outcomes),
        untestable=tuple(name for name in tested if name not in testable),
    )


def _deal(
    tree: Mapping[str, Any], testable: Sequence[str], folds: int, random: Random
) -> dict[tuple[str, int], int]:
    """The part in which each sentence (intent and number) is held back."""
    dealt: dict[tuple[str, int], int] = {}
    for name in testable:
        numbers = list(range(len(tree["intents"][name]["data"])))
        parts = numbers[:]
        random.shuffle(parts)
        first = random.randrange(folds)
        for number, part in zip(numbers, parts, strict=True):
            dealt[name, number] = (part + first) % folds
    return dealt


def _without(tree: Mapping[str, Any], held: set[tuple[str, int]]) -> dict[str, Any]:
    intents = {
        name: {
            **content,
            "data": [
                sentence
                for number, sentence in enumerate(content["data"])
                if (name, number) not in held
            ],
        }
        for name, content in tree["intents"].items()
    }
    return {**tree, "intents": intents}


def _said(
    tree: Mapping[str, Any], place: tuple[str, int], language: str, random: Random
) -> Iterator[Sequence[Mapping[str, str]]]:
    """One way to say a sentence, by chance; none where a synonym without values leaves none."""
    name, number = place
    content = tree["intents"][name]
    alone = {
        **tree,
        "intents": {name: {**content, "data": [content["data"][number]]}},
        "entities": {key: _turned(value, random) for key, value in tree["entities"].items()},
    }
    ways = adapters.snips(alone, language=language)["intents"][name]["utterances"]
    if ways:
        yield random.choice(ways)["data"]


def _turned(entity: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """An entity that begins with another value: the first one is what sentences get."""
    values = entity["data"]
    first = random.randrange(len(values)) if values else 0
    return {**entity, "data": [*values[first:], *values[:first]]}


def _ask(
    interpreter: Any,
    intent: str,
    parts: Sequence[Mapping[str, str]],
    scopes: Mapping[str | None, list[str]],
) -> Outcome:
    text = "".join(part["text"] for part in parts).strip()
    context = intent.rpartition("/")[0] or None
    understood = interpreter.parse(text, scopes.get(context))
    return Outcome(
        intent=intent,
        text=text,
        slots=tuple(
            (part["slot_name"], part["text"].strip()) for part in parts if "entity" in part
        ),
        taken_for=understood[0].name if understood else None,
        found=_slots_of(understood[0]) if understood else (),
    )


def _slots_of(intent: Any) -> Slots:
    return tuple(
        (name, str(value.meta.get("rawValue", value)))
        for name, values in intent.slots.items()
        for value in values
    )


def _alike(some: Slots, others: Slots) -> bool:
    """Whether slots are the same, but for their order, case, accents and punctuation."""
    return sorted(map(_folded, some)) == sorted(map(_folded, others))


def _folded(slot: tuple[str, str]) -> tuple[str, tuple[str, ...]]:
    name, text = slot
    return name, normalisation.keys(text) or (text.casefold(),)
