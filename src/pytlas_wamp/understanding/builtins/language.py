"""What a language's tables say, ready for the chart: built on first use and then kept."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from pytlas_wamp.understanding.builtins import amounts, clocks, dates, spans
from pytlas_wamp.understanding.builtins.chart import Node, Production
from pytlas_wamp.understanding.builtins.numerals import Numerals
from pytlas_wamp.understanding.builtins.tokens import fold, phrase
from pytlas_wamp.understanding.builtins.values import Clock, Cycle, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from babel import Locale

LANGUAGES = ("de", "en", "es", "fr", "it", "pt")
_ACTIONS = {**amounts.ACTIONS, **clocks.ACTIONS, **dates.ACTIONS, **spans.ACTIONS}
_FORMS = (("format", "wide"), ("format", "abbreviated"), ("stand-alone", "wide"))
_CLDR_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
# Names that the tables of a language give its own word for, or that mean other things.
_MIN_CURRENCY_NAME = 3
_SIGNS = {"EUR": "€", "GBP": "£", "JPY": "¥"}


@frozen(kw_only=True)
class Language:
    """The grammar of a language.

    Args:
      code: as in `LANGUAGES`.
      root: the grammar's first step.
      numerals: reads the numbers.
      abbreviations: words whose full stop ends no sentence.
      twelve: whether hours are counted to twelve.
      month_first: whether "4/10" is the tenth of April.
      decimal: "." or ",".
      indefinite: number words that are mostly articles ("un").
      around: words that add nothing before or after a value ("um", "please").
    """

    code: str
    root: Node
    numerals: Numerals
    abbreviations: frozenset[str]
    twelve: bool
    month_first: bool
    decimal: str
    around: frozenset[tuple[str, ...]]
    indefinite: frozenset[str]


def _table(name: str) -> dict[str, Any]:
    data = files("pytlas_wamp.understanding.builtins") / "data" / f"{name}.json"
    table: dict[str, Any] = json.loads(data.read_text("utf-8"))
    return table


@lru_cache(maxsize=len(LANGUAGES))
def load(code: str) -> Language:
    """The grammar of a language; the first call takes some tens of milliseconds."""
    from babel import Locale  # noqa: PLC0415 - takes longer than the rest of the package

    table = _table(code)
    locale = Locale(code)
    root = Node()
    building = _Building(root=root, marks=frozenset(table["marks"]), weak=_keys(table["weak"]))
    for text in (*_table("grammar")["rules"], *table.get("rules", ())):
        building.rule(text)
    for mark, phrases in table["marks"].items():
        for text in phrases:
            building.words(text, "{" + mark + "}", "")
    building.values(table)
    building.calendar(locale)
    if table.get("glued"):
        building.glued(locale, table)
    building.currencies(locale, table)
    return Language(
        code=code,
        root=root,
        numerals=Numerals(table["numbers"], table["decimal"]),
        abbreviations=frozenset(building.abbreviations) | frozenset(table["abbreviations"]),
        twelve=table["twelve"],
        month_first=table["month_first"],
        decimal=table["decimal"],
        around=_keys(table["around"]),
        indefinite=frozenset(table["numbers"].get("indefinite", ())),
    )


def _keys(phrases: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(phrase(text) for text in phrases)


def expanded(text: str) -> Iterator[tuple[str, ...]]:
    """The symbol sequences of a rule's left part: `a?` may be missing, `<a|b>` is either."""
    choices: list[list[str | None]] = []
    for symbol in text.split():
        bare = symbol.removesuffix("?")
        if bare[0] in "<{":
            options: list[str | None] = [
                f"{bare[0]}{name}{bare[-1]}" for name in bare[1:-1].split("|")
            ]
        else:
            options = [fold(word) for word in bare.split("|")]
        choices.append([None, *options] if bare != symbol else options)
    for chosen in product(*choices):
        yield tuple(symbol for symbol in chosen if symbol is not None)


@frozen(kw_only=True)
class _Building:
    """A grammar while it is being put together."""

    root: Node
    marks: frozenset[str]
    weak: frozenset[tuple[str, ...]]
    abbreviations: set[str] = field(factory=set)

    def rule(self, text: str) -> None:
        """Add "category: symbols -> action argument"; marks the language lacks drop it."""
        category, _, rest = text.partition(": ")
        symbols, _, action = rest.partition(" -> ")
        name, _, argument = action.partition(" ")
        production = Production(category=category, action=_ACTIONS[name], argument=argument)
        for sequence in expanded(symbols):
            if all(symbol[0] != "{" or symbol[1:-1] in self.marks for symbol in sequence):
                self.root.add(sequence, production)

    def words(self, text: str, category: str, value: Any) -> None:
        """Add a phrase of the tables."""
        keys = phrase(text)
        if not keys:
            return
        if isinstance(value, Cycle) and keys in self.weak:
            value = evolve(value, weak=True)
        self.root.add(keys, Production(category=category, action=_giving(value)))
        if text.endswith("."):
            self.abbreviations.add(keys[-1])
        if "'s" in text:
            self.words(text.replace("'s", "s"), category, value)

    def values(self, table: Mapping[str, Any]) -> None:
        """Add what the language's own table gives meaning to."""
        for category, meanings in table["values"].items():
            read = _READERS.get(category, _as_it_is)
            for meaning, phrases in meanings.items():
                for text in phrases:
                    self.words(text, category, read(meaning))
        for name, (start, end, *phrases) in table["parts"].items():
            part = Part(round(start * 60), round(end * 60))
            for text in phrases:
                category = name if name in ("tonight", "this_morning", "this_night") else "part"
                self.words(text, category, part)

    def calendar(self, locale: Locale) -> None:
        """Add the months, weekdays and units of CLDR."""
        for context, width in _FORMS:
            for number, name in locale.months[context][width].items():
                self.words(name, "month", Cycle("month", (number,)))
                self.abbreviations.update(phrase(name)[-1:])
            for number, name in locale.days[context][width].items():
                self.words(name, "weekday", Cycle("weekday", (number,)))
                self.abbreviations.update(phrase(name)[-1:])
        for unit in _CLDR_UNITS:
            for width in ("long", "short"):
                for pattern in locale._data["unit_patterns"][f"duration-{unit}"][width].values():  # noqa: SLF001 - not public in 2.7
                    if pattern.startswith("{0}"):
                        self.words(pattern.removeprefix("{0}").strip(), "unit", unit)

    def glued(self, locale: Locale, table: Mapping[str, Any]) -> None:
        """Add the words that are a weekday and a part of the day: "Montagabend"."""
        for number, name in locale.days["format"]["wide"].items():
            for start, end, *phrases in table["parts"].values():
                part = Part(round(start * 60), round(end * 60))
                for text in phrases:
                    self.words(name + text, "glued", (Cycle("weekday", (number,)), part))

    def currencies(self, locale: Locale, table: Mapping[str, Any]) -> None:
        """Add the currencies of CLDR by code and by name."""
        own = _keys(text for texts in table["values"]["currency"].values() for text in texts)
        for code, name in locale.currencies.items():
            plurals = locale._data["currency_names_plural"].get(code, {})  # noqa: SLF001 - not public in 2.7
            for text in {name: 0, **dict.fromkeys(plurals.values())}:
                if len(text) > _MIN_CURRENCY_NAME and phrase(text) not in own:
                    self.words(text, "currency", _SIGNS.get(code, code))
            if code not in table["not_currencies"]:
                self.words(code, "currency", _SIGNS.get(code, code))


def _giving(value: Any) -> Callable[..., Any]:
    return lambda *_: value


def _as_it_is(meaning: str) -> Any:
    return meaning


def _clock(meaning: str) -> Clock:
    hour, minute = meaning.split(":")
    return Clock(int(hour), int(minute))


_READERS: Mapping[str, Callable[[str], Any]] = {
    "holiday": lambda meaning: Cycle("holiday", (meaning,)),
    "season": lambda meaning: Cycle("season", (meaning,)),
    "weekend": lambda _: Cycle("weekend"),
    "month": lambda meaning: Cycle("month", (int(meaning),)),
    "weekday": lambda meaning: Cycle("weekday", (int(meaning),)),
    "relday": int,
    "big": int,
    "decade": int,
    "clockword": _clock,
}
