"""Reads and writes lengths of time in words: "5 minutes", "une heure et demie".

Plain functions without pytlas, so that they are easy to test and to reuse.
"""

from re import compile as pattern
from unicodedata import combining, normalize

HOUR, MINUTE, SECOND = 3600, 60, 1
SMALLER = {HOUR: MINUTE, MINUTE: SECOND}
"""What a last bare number counts: "1 h 30" are minutes, "2 minutes 30" are seconds."""

UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "heure", "heures"), HOUR),
    **dict.fromkeys(("m", "mn", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "seconde", "secondes"), SECOND),
}
ONES = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}
TENS = {
    "en": {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50},
    "fr": {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50},
}
OTHERS = {
    "en": {"a": 1, "an": 1, "ten": 10, "twelve": 12, "fifteen": 15, "sixty": 60, "ninety": 90},
    "fr": {"une": 1, "dix": 10, "douze": 12, "quinze": 15, "soixante": 60},
}
FRACTIONS = {
    **dict.fromkeys(("half", "demi", "demie"), 1 / 2),
    **dict.fromkeys(("quarter", "quarters", "quart", "quarts"), 1 / 4),
}
FILLERS = {"about", "and", "for", "in", "of", "d", "de", "dans", "et", "pendant", "pour", "environ"}

LONGEST_TEXT_CHARS = 80
ADDED = pattern(r"\b(?:and a|and|et) (half|quarter|demie?|quart)\b")
"""Two and a half, une heure et quart: more, where "half an hour" is less."""
POLITE = pattern(r"\bplease\b|\bs.il (?:te|vous) plait\b")
PART_OF_ONE = pattern(r"\b(half|quarters?)(?: of)? an?\b")
WORDS = pattern(r"[0-9]+(?:[.,][0-9]+)?|\+?[^\W\d_]+")
UNREADABLE = pattern(r"-\s*[0-9]|[/:]|(?![0-9])\d")
"""Minus signs, ranges, clock times and other scripts: better asked again than guessed."""


def words_in(text):
    """The words of a text without case and accents, or none when it cannot be read safely."""
    if len(text) > LONGEST_TEXT_CHARS or UNREADABLE.search(text):
        return []
    letters = (letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    # A typed apostrophe is not ASCII, and still stands between two words.
    plain = "".join(letter if letter.isascii() or letter.isalpha() else " " for letter in letters)
    plain = PART_OF_ONE.sub(r"\1", ADDED.sub(r"+\1", POLITE.sub("", plain)))
    return [word for word in WORDS.findall(plain) if word not in FILLERS]


def seconds_in(text, lang):
    """The whole seconds that `text` means, or None when it is not a length of time.

    Every word has to be understood: "5 minutes to midnight" is not 5 minutes.
    """
    total = 0
    number = unit = None
    for word in words_in(text):
        added = FRACTIONS.get(word[1:]) if word.startswith("+") else None
        if number is not None and word in UNITS:
            unit = UNITS[word]
            total += number * unit
            number = None
        elif added and number is None and unit:
            total += added * unit
        else:
            number = number + added if added and number else continued(number, word, lang)
            if number is None:
                return None
    if number is not None:
        if unit not in SMALLER or number < 1:
            return None
        total += number * SMALLER[unit]
    return round(total) or None


def continued(number, word, lang):
    """`number` with one more word ("twenty" "five"), or None when that makes no number."""
    lang = lang if lang in ONES else "en"
    if word in FRACTIONS:
        return (number or 1) * FRACTIONS[word]
    one = ONES[lang].index(word) + 1 if word in ONES[lang] else None
    if number is not None:
        return number + one if one and number in TENS[lang].values() else None
    if word[0].isdecimal():
        return float(word.replace(",", "."))
    return one or (TENS[lang] | OTHERS[lang]).get(word)


def in_words(seconds, translate):
    """`seconds` as "1 hour 30 minutes", in the language of `translate`."""
    hours, rest = divmod(seconds, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = []
    if hours:
        parts.append((hours, translate("hour") if hours == 1 else translate("hours")))
    if minutes:
        parts.append((minutes, translate("minute") if minutes == 1 else translate("minutes")))
    if rest or not parts:
        parts.append((rest, translate("second") if rest == 1 else translate("seconds")))
    return " ".join(f"{count} {unit}" for count, unit in parts)
