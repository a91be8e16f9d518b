"""Refuses passwords that others would guess, and says why (zxcvbn; spec 6.10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, cast

from zxcvbn import (  # type: ignore[import-untyped]
    feedback,
    matching,
    scoring,
    time_estimates,
)

from pytlas_wamp.accounts.model import WeakPassword
from pytlas_wamp.accounts.passwords import check_password

# 0 and 1 fall to a million guesses: a stranger who is slowed down by the throttle needs
# years for that, but who steals the database needs minutes (zxcvbn, scores).
LOWEST_SCORE = 2

# The time zxcvbn takes grows with the square of the length. A password is as strong as any
# piece of it, so it is looked at in pieces.
_PIECE_CHARACTERS = 32

# Further ones are not looked at: that would only be work which a request orders for nothing.
# A strong password shows it in 64 characters; whose first 64 are easy to guess has to change
# them, whatever comes after.
_MOST_PIECES = 2

# zxcvbn tries every way in which signs may stand for letters, such as 4 for a: 23 ways with
# five different signs, 736 with all twenty. Nobody remembers a word that is written with
# more, so signs beyond these stand for themselves.
_MOST_SIGNS = 5

_SIGNS = {sign for some in matching.L33T_TABLE.values() for sign in some}

# The same texts, but nothing in them stands for letters: moved to where Unicode has none.
_HIDDEN = {ord(sign): ord(sign) + 0xE000 for sign in _SIGNS}

# On everybody's mind who is asked for a password here.
_OURS = ("pytlas", "wamp", "assistant")

_Dictionaries = Mapping[str, Mapping[str, int]]


def check_strength(password: str, about: Iterable[str] = ()) -> None:
    """Refuses a new password that is easy to guess (spec 6.10).

    Takes some milliseconds, and no more than a tenth of a second, whatever is typed: who
    may set a password cannot keep the server busy with that (spec 6.19).

    Args:
      password: as typed.
      about: what a guesser knows of the person, such as the name.

    Raises:
      WeakPassword: the text says why, and what would be better.
      BadPassword: when nobody could have such a password at all.
    """
    check_password(password)
    # Not zxcvbn.zxcvbn(): that puts `about` into a dictionary which all threads share.
    known = [word.lower() for text in about for word in (text, *text.split())]
    dictionaries = {
        **matching.RANKED_DICTIONARIES,
        "user_inputs": matching.build_ranked_dict([*known, *_OURS]),
    }
    pieces = (
        password[start : start + _PIECE_CHARACTERS]
        for start in range(0, len(password), _PIECE_CHARACTERS)
    )
    faults = []
    for piece in islice(pieces, _MOST_PIECES):
        fault = _fault(piece, dictionaries)
        if fault is None:
            return
        faults.append(fault)
    raise WeakPassword(faults[0])


def _fault(piece: str, dictionaries: _Dictionaries) -> str | None:
    """What makes it weak, and what would be better; None when it is strong."""
    result = _guessed(piece, dictionaries)
    score = time_estimates.estimate_attack_times(result["guesses"])["score"]
    if score >= LOWEST_SCORE:
        return None
    found = feedback.get_feedback(score, result["sequence"])
    told = filter(None, [found["warning"], *found["suggestions"]])
    return " ".join(["The password is easy to guess.", *told])


def _guessed(text: str, dictionaries: _Dictionaries) -> dict[str, Any]:
    """The easiest way to guess it, as zxcvbn finds it with its `omnimatch`, but in bounded time."""
    different = [sign for sign in dict.fromkeys(text) if sign in _SIGNS]
    standing = set(different[:_MOST_SIGNS])
    table = {
        letter: [sign for sign in some if sign in standing]
        for letter, some in matching.L33T_TABLE.items()
    }
    matches = [
        *matching.dictionary_match(text, dictionaries),
        *matching.reverse_dictionary_match(text, dictionaries),
        *matching.l33t_match(text, dictionaries, table),
        *matching.spatial_match(text),
        *_repeats(text, dictionaries),
        *matching.sequence_match(text),
        *matching.regex_match(text),
        *matching.date_match(text),
    ]
    return cast("dict[str, Any]", scoring.most_guessable_match_sequence(text, matches))


def _repeats(text: str, dictionaries: _Dictionaries) -> list[dict[str, Any]]:
    """What is repeated: zxcvbn guesses that with all signs it sees, and so it sees none."""
    matches: list[dict[str, Any]] = matching.repeat_match(text.translate(_HIDDEN))
    for match in matches:
        once = text[match["i"] : match["i"] + len(match["base_token"])]
        match["base_guesses"] = _guessed(once, dictionaries)["guesses"]
    return matches
