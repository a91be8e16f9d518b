"""Finds the builtin entities of a text: dates, lengths of time, money, numbers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.builtins import chart, language, resolution, tokens, written
from pytlas_wamp.understanding.builtins.values import Amount, Context, Duration

from pytlas.understanding import UnitValue  # isort: skip - compat comes first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pytlas_wamp.understanding.builtins.language import Language
    from pytlas_wamp.understanding.builtins.resolution import Resolved

DATETIME = "snips/datetime"
DATE = "snips/date"
TIME = "snips/time"
DATE_PERIOD = "snips/datePeriod"
TIME_PERIOD = "snips/timePeriod"
DURATION = "snips/duration"
MONEY = "snips/amountOfMoney"
TEMPERATURE = "snips/temperature"
PERCENTAGE = "snips/percentage"
NUMBER = "snips/number"
ORDINAL = "snips/ordinal"

_Charted = tuple[tokens.Tokens, list[chart.Cell], Context]

_YEARS = range(1000, 3000)
# Other numbers are years only where something says so ("in 1204").
_RECENT_YEARS = range(1900, 2100)

# In the order in which one is preferred where several are wanted and fit the same words.
_CATEGORIES = {
    DATETIME: "time",
    DATE: "time",
    TIME: "time",
    DATE_PERIOD: "time",
    TIME_PERIOD: "time",
    DURATION: "duration",
    MONEY: "money",
    TEMPERATURE: "temperature",
    PERCENTAGE: "percentage",
    NUMBER: "plain",
    ORDINAL: "ord",
}
ENTITIES = tuple(_CATEGORIES)
SUPPORTED = dict.fromkeys(language.LANGUAGES, frozenset(ENTITIES))


@frozen(kw_only=True)
class Match:
    """A builtin entity in a text.

    Args:
      entity: its name, "snips/datetime" and so on.
      start: its first character.
      end: one past its last.
      text: as it was written.
      value: `datetime` with its zone; a pair of them for an interval, None for an open end;
        `relativedelta`; `UnitValue`; a fraction for percentages; a float for numbers; an
        int for ordinals.
      grain: of times, the unit it is exact to; else "".
      precision: "exact", or "approximate" for "about ten".
    """

    entity: str
    start: int
    end: int
    text: str
    value: Any
    grain: str = ""
    precision: str = "exact"


@frozen
class _Candidate:
    """A constituent that may be a wanted entity: its tokens and what it means."""

    entity: str
    start: int
    end: int
    said: Any


@frozen
class BuiltinParser:
    """Understands the builtin entities of one language; keeps nothing between texts.

    Args:
      language: "en", "fr", "de", "es", "it" or "pt", also with a region ("en_GB").

    Raises:
      ValueError: there are no tables for the language.
    """

    language: str
    _loaded: Language = field(init=False, repr=False, eq=False)

    @_loaded.default
    def _(self) -> Language:
        code = self.language[:2].lower()
        if code not in SUPPORTED:
            known = ", ".join(language.LANGUAGES)
            raise ValueError(f"no builtin entities for the language {self.language!r}; has {known}")
        return language.load(code)

    def find(
        self, text: str, entities: Collection[str] | None = None, *, now: datetime
    ) -> list[Match]:
        """The builtin entities of a text, longest first where they overlap, in text order.

        Args:
          text: any text; what stands behind the first 256 words is not read.
          entities: those that are wanted, all by default. Of several that fit the same
            words the most general is taken: `snips/datetime` before `snips/date`.
          now: the reference time, aware of the zone in which the person lives.
        """
        return self._found(self._chart(text, now), entities)

    def _found(self, charted: _Charted, entities: Collection[str] | None) -> list[Match]:
        read, cells, context = charted
        wanted = [name for name in ENTITIES if entities is None or name in entities]
        candidates = [each for name in wanted for each in _candidates(cells, name, "time")]
        candidates.sort(key=lambda each: (each.start - each.end, each.start))
        found: list[Match] = []
        free = [True] * len(read.keys)
        for each in candidates:
            if not all(free[each.start : each.end]) or self._is_article(each, read):
                continue
            match = _match(read, context, each)
            if match is not None:
                free[each.start : each.end] = [False] * (each.end - each.start)
                found.append(match)
        return sorted(found, key=lambda match: match.start)

    def find_each(
        self, text: str, entities: Collection[str] | None = None, *, now: datetime
    ) -> list[Match]:
        """As `find`, but entities of different names may overlap: "5" in "5 minutes"."""
        wanted = [name for name in ENTITIES if entities is None or name in entities]
        read, cells, context = self._chart(text, now)
        found: list[Match] = []
        for name in wanted:
            reached = 0
            candidates = list(_candidates(cells, name, "time"))
            candidates.sort(key=lambda each: (each.start, -each.end))
            for each in candidates:
                if each.start < reached or self._is_article(each, read):
                    continue
                match = _match(read, context, each)
                if match is not None:
                    found.append(match)
                    reached = each.end
        return found

    def find_all(self, text: str, entity: str, *, now: datetime) -> list[Match]:
        """Every part of a text that may be an entity, overlapping ones too, in text order.

        For whoever knows from elsewhere where one should stand: between the words of a
        training sentence, "un" is a number.

        Args:
          text: any text; what stands behind the first 256 words is not read.
          entity: which one.
          now: the reference time, aware of the zone in which the person lives.
        """
        if entity not in _CATEGORIES or (entity == NUMBER and not self._has_number(text)):
            return []
        read, cells, context = self._chart(text, now)
        matches = (_match(read, context, each) for each in _candidates(cells, entity, "time"))
        return [match for match in matches if match is not None]

    def parse_reply(self, text: str, entity: str, *, now: datetime) -> list[Match]:
        """The entities of an answer: all of it if that is one, else those that stand in it.

        Args:
          text: what was said when the entity was asked for.
          entity: what was asked for.
          now: the reference time, aware of the zone in which the person lives.
        """
        charted = self._chart(text, now)
        whole = self._whole(charted, entity)
        return [whole] if whole is not None else self._found(charted, {entity})

    def parse_whole(self, text: str, entity: str, *, now: datetime) -> Match | None:
        """The entity that a whole text is, or None.

        More is understood than in running text: "8" is a time if a time was asked for.

        Args:
          text: the text of a slot.
          entity: what it should be.
          now: the reference time, aware of the zone in which the person lives.
        """
        return self._whole(self._chart(text, now), entity)

    def _whole(self, charted: _Charted, entity: str) -> Match | None:
        read, cells, context = charted
        first, last = self._bounds(read.keys)
        if entity not in _CATEGORIES or len(read.keys) == tokens.MAX_TOKENS:
            return None
        for times in ("time", "latent"):
            for each in _candidates(cells[: first + 1], entity, times):
                if each.start in (0, first) and each.end in (len(read.keys), last):
                    match = _match(read, context, each)
                    if match is not None:
                        return match
        return None

    def _has_number(self, text: str) -> bool:
        """Whether there is a number at all: most texts have none, and a chart costs more."""
        read = tokens.read(text, self._loaded.abbreviations)
        found_at = self._loaded.numerals.found_at
        return any(True for index in range(len(read.keys)) for _ in found_at(read, index))

    def _is_article(self, found: _Candidate, read: tokens.Tokens) -> bool:
        return found.entity == NUMBER and (
            found.end == found.start + 1 and read.keys[found.start] in self._loaded.indefinite
        )

    def _bounds(self, keys: tuple[str, ...]) -> tuple[int, int]:
        """Where the text begins and ends without punctuation and words that add nothing."""
        first, last = 0, len(keys)
        while first < last and self._adds_nothing(keys[first]):
            first += 1
        while last > first and self._adds_nothing(keys[last - 1]):
            last -= 1
        return first, last

    def _adds_nothing(self, key: str) -> bool:
        return (key,) in self._loaded.around or not (key[0].isalnum() or key in "%$€£¥°")

    def _chart(self, text: str, now: datetime) -> _Charted:
        if now.tzinfo is None:
            raise ValueError("the reference time has no time zone; give an aware datetime")
        loaded = self._loaded
        read = tokens.read(text, loaded.abbreviations)
        context = Context(now.replace(microsecond=0), loaded.twelve)
        seeds = {index: list(self._seeds(read, index, context)) for index in range(len(read.keys))}
        return read, chart.fill(loaded.root, read.keys, seeds, context), context

    def _seeds(
        self, read: tokens.Tokens, index: int, context: Context
    ) -> Iterator[tuple[str, int, Any]]:
        if read.is_digits(index):
            yield from written.seeds(read, index, context, month_first=self._loaded.month_first)
        for number in self._loaded.numerals.found_at(read, index):
            if number.ordinal:
                yield "ord", number.end, number.value
                continue
            yield "num", number.end, number.value
            if isinstance(number.value, int) and number.value >= 0:
                yield "int", number.end, number.value
                if number.digits in (0, 4) and number.value in _YEARS:
                    yield "year", number.end, number.value
                if number.digits in (0, 4) and number.value in _RECENT_YEARS:
                    yield "recent_year", number.end, number.value


def _candidates(cells: Iterable[chart.Cell], name: str, times: str) -> Iterator[_Candidate]:
    """What of an entity the chart holds; times are of the category `times`."""
    category = _CATEGORIES[name]
    category = times if category == "time" else category
    for start, cell in enumerate(cells):
        for end, said in cell.get(category, ()):
            yield _Candidate(name, start, end, said)


def _handed_out(context: Context, found: _Candidate) -> tuple[Any, str, bool]:
    """The value of an entity, its grain, whether it is approximate; the value may be None."""
    name, said = found.entity, found.said
    if _CATEGORIES[name] == "time":
        resolved = _resolved(context, said)
        return (
            (_time_value(name, resolved), resolved.grain, False) if resolved else (None, "", False)
        )
    if name == DURATION:
        return _delta(said), "", said.rough
    if name == ORDINAL:
        return int(said), "", False
    amount = said if isinstance(said, Amount) else Amount(said)
    return _amount_value(name, amount), "", amount.rough


def _resolved(context: Context, value: Any) -> Resolved | None:
    try:
        return resolution.resolved(context, value)
    except (ArithmeticError, ValueError):
        return None


def _delta(value: Duration) -> Any:
    try:
        return value.delta()
    except (ArithmeticError, ValueError):
        return None


def _amount_value(name: str, amount: Amount) -> Any:
    if name == NUMBER:
        return float(amount.value)
    if name == PERCENTAGE:
        return amount.value / 100.0
    return UnitValue(float(amount.value), amount.unit)


def _time_value(name: str, found: Resolved) -> Any:
    """What an entity of time hands out, None if it is of another kind."""
    interval = (found.start, found.end)
    whole = found.interval or found.grain not in ("day", "hour", "minute", "second")
    if name == DATETIME:
        return interval if found.interval else found.start
    if name in (DATE, TIME):
        fits = found.is_clock == (name == TIME)
        return found.start if fits and not whole else None
    fits = found.is_clock == (name == TIME_PERIOD)
    return interval if fits and whole else None


def _match(read: tokens.Tokens, context: Context, found: _Candidate) -> Match | None:
    value, grain, rough = _handed_out(context, found)
    if value is None:
        return None
    start, end = read.starts[found.start], read.ends[found.end - 1]
    return Match(
        entity=found.entity,
        start=start,
        end=end,
        text=read.text[start:end],
        value=value,
        grain=grain,
        precision="approximate" if rough else "exact",
    )
