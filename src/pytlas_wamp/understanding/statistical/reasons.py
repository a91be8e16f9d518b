"""Says in English why a sentence was taken or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytlas_wamp.understanding.normalisation import MAX_TOKENS
from pytlas_wamp.understanding.templates import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytlas_wamp.understanding.matching import Match
    from pytlas_wamp.understanding.statistical.evidence import Vocabulary
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon
    from pytlas_wamp.understanding.templates import Template

# Of more words than these, the rest is not named.
_MOST_NAMED = 5

_LONGEST_QUOTE = 40

# The next intent is close if its odds are not below a seventh (a logarithm).
_CLOSE = 2.0

EMPTY = ("refused: there is nothing to read",)
TOO_LONG = (f"refused: it has more than {MAX_TOKENS} words",)
ASKS_NOTHING = ("refused: it has only words that go with a request",)
NO_INTENT = ("refused: no intent may be answered here",)


def written(template: Template) -> str:
    """A template as a sentence: "turn on the @room"."""
    elements = template.elements
    return " ".join(f"@{e.name}" if isinstance(e, Slot) else " ".join(e) for e in elements)


def of_template(match: Match) -> tuple[str, ...]:
    """Why a sentence that fits a template was taken."""
    sentence = f'taken: fits the sentence "{written(match.template)}" word for word'
    unknown = [
        match.sentence.raw(one.start, one.end) for one in match.fillings if one.known is None
    ]
    return (sentence, f"no value is known like {_quoted(unknown)}") if unknown else (sentence,)


def of_statistics(
    keys: Sequence[str],
    in_value: Sequence[bool],
    best: int,
    ranking: Sequence[tuple[str, float]],
    nearest: tuple[float, float],
    confidence: float,
    vocabulary: Vocabulary,
    lexicon: Lexicon,
) -> tuple[str, ...]:
    """Why the best intent was taken or refused.

    Args:
      keys: the words of the sentence, without politeness.
      in_value: whether each may be the value of a slot.
      best: the class of the best intent.
      ranking: intents and their scores, best first.
      nearest: how near the most similar sentence of the intent is, in words and in meaning.
      confidence: below 0 the sentence was refused.
      vocabulary: the words of each intent.
      lexicon: the words of the language.
    """
    name = ranking[0][0]
    known, unknown = _sorted(keys, in_value, best, vocabulary, lexicon)
    word = "refused" if confidence < 0 else "taken"
    found = [f'{word}: "{name}" comes nearest, with a confidence of {confidence:.1f}']
    if known:
        found.append(f'the sentences of "{name}" have {_named(known)}')
    if unknown:
        found.append(f'none of the sentences of "{name}" has {_named(unknown)}')
    if not known and not unknown:
        found.append("it has only words that carry little meaning")
    found.append(
        f'the most similar sentence of "{name}" shares {_percent(nearest[0])} of its words'
        f" and {_percent(nearest[1])} of its meaning"
    )
    if len(ranking) > 1 and ranking[0][1] - ranking[1][1] < _CLOSE:
        found.append(f'the next intent "{ranking[1][0]}" is close')
    if len(set(keys)) * 2 <= len(keys):
        found.append("it repeats the same words")
    return tuple(found)


def _sorted(
    keys: Sequence[str],
    in_value: Sequence[bool],
    best: int,
    vocabulary: Vocabulary,
    lexicon: Lexicon,
) -> tuple[list[str], list[str]]:
    """The words that carry meaning: those that an intent knows, and those that it does not."""
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for key, valued in zip(keys, in_value, strict=True):
        if key not in lexicon.function_words:
            is_known = valued or vocabulary.knows(key, best, lexicon)
            (known if is_known else unknown)[key] = None
    return list(known), list(unknown)


def _named(words: Sequence[str]) -> str:
    named = _quoted(words[:_MOST_NAMED])
    more = " and others" if len(words) > _MOST_NAMED else ""
    return f"the word{'s' if len(words) > 1 else ''} {named}{more}"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{shorten(word)}"' for word in words)


def shorten(text: str) -> str:
    """A text that fits into a line, with its beginning."""
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def _percent(share: float) -> str:
    return f"{max(0, round(share * 100))} %"
