"""What the words of a sentence mean before they are handed out.

Days of the calendar are plain dates here; the time zone comes in with `Context`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from collections.abc import Mapping

HOURS_OF_HALF_A_DAY = 12
MINUTES_OF_A_DAY = 24 * 60
# From the longest to the shortest; of each, how many of the next shorter ones it has.
UNITS: Mapping[str, tuple[str, int]] = {
    "century": ("year", 100),
    "decade": ("year", 10),
    "year": ("month", 12),
    "quarter": ("month", 3),
    "month": ("day", 30),
    "week": ("day", 7),
    "day": ("hour", 24),
    "hour": ("minute", 60),
    "minute": ("second", 60),
    "second": ("second", 1),
}
ORDER: Mapping[str, int] = {unit: number for number, unit in enumerate(UNITS)}
SECONDS: Mapping[str, int] = {"hour": 3600, "minute": 60, "second": 1}
CLOCK_GRAINS = frozenset(SECONDS)


@frozen
class Clock:
    """A time of day.

    Args:
      hour: 0 to 24.
      minute: 0 to 59.
      second: 0 to 59.
      twelve: whether it may mean the same time twelve hours later too.
      grain: the smallest unit that was said.
    """

    hour: int
    minute: int = 0
    second: int = 0
    twelve: bool = False
    grain: str = "hour"

    @property
    def minutes(self) -> float:
        """Minutes since midnight."""
        return self.hour * 60 + self.minute + self.second / 60

    def later(self) -> Clock:
        """The other reading of a clock with twelve hours."""
        return evolve(self, hour=(self.hour + HOURS_OF_HALF_A_DAY) % 24, twelve=False)


@frozen
class Part:
    """A part of the day, in minutes since its midnight; nights end on the next day."""

    start: int
    end: int


@frozen
class Period:
    """Whole days: the first, the one after the last, and the unit they are.

    Args:
      start: the first day.
      end: the day after the last.
      grain: a unit; an interval that is no unit says "days".
    """

    start: date
    end: date
    grain: str = "day"


@frozen
class Cycle:
    """Days or longer that come again: a weekday, a month, a feast.

    Args:
      kind: which function of `days` finds them.
      args: what it needs.
      weak: whether the word means something else in most sentences ("may", "sun").
    """

    kind: str
    args: tuple[int | str, ...] = ()
    weak: bool = False


@frozen
class Moment:
    """A point in time, aware of its zone, and the unit it is exact to."""

    when: datetime
    grain: str = "second"


@frozen
class Range:
    """From a point in time to another; None leaves a side open.

    Args:
      start: the first moment.
      end: the moment after the last.
      grain: a unit of the clock, or "day" for whole days.
      part: the part of the day that it is, in which a clock still has a choice.
      day: the day of that part.
    """

    start: datetime | None
    end: datetime | None
    grain: str = "second"
    part: Part | None = None
    day: date | None = None


@frozen
class Clocks:
    """From a time of the day to another, on a day that is not yet known."""

    start: Clock
    end: Clock


@frozen
class Amount:
    """So many of a unit.

    Args:
      value: how many.
      unit: what, "" for a plain number.
      rough: whether it was said to be approximate.
    """

    value: float
    unit: str = ""
    rough: bool = False


@frozen
class Duration:
    """A length of time: units, longest first, with how many of each."""

    parts: tuple[tuple[str, float], ...]
    rough: bool = False

    @property
    def grain(self) -> str:
        """The smallest unit; half an hour is exact to the minute."""
        unit, count = self.parts[-1]
        return unit if count == int(count) else UNITS[unit][0]

    def delta(self) -> relativedelta:
        """The length in whole years to seconds; half a year is six months."""
        sums = dict.fromkeys(UNITS, 0)
        for said, value in self.parts:
            unit, rest = said, float(value)
            while unit != "second":
                whole = int(rest)
                sums[unit] += whole
                unit, factor = UNITS[unit]
                rest = (rest - whole) * factor
            sums["second"] += round(rest)
        return relativedelta(
            years=sums["year"] + 10 * sums["decade"] + 100 * sums["century"],
            months=sums["month"] + 3 * sums["quarter"],
            weeks=sums["week"],
            days=sums["day"],
            hours=sums["hour"],
            minutes=sums["minute"],
            seconds=sums["second"],
        )


@frozen
class Context:
    """What the meaning of words depends on.

    Args:
      now: the reference time with its zone, without fractions of a second.
      twelve: whether people of the language count the hours to twelve.
    """

    now: datetime
    twelve: bool
    today: date = field(init=False)

    @today.default
    def _(self) -> date:
        return self.now.date()

    def at(self, day: date, clock: Clock | None = None) -> datetime:
        """The moment at which clocks of the zone show a time on a day, else its midnight."""
        clock = clock or Clock(0)
        if clock.hour == 24:  # noqa: PLR2004 - the midnight at the end of the day
            day, clock = day + timedelta(days=1), evolve(clock, hour=0)
        return self.real(
            datetime(
                day.year,
                day.month,
                day.day,
                clock.hour,
                clock.minute,
                clock.second,
                tzinfo=self.now.tzinfo,
            )
        )

    def real(self, moment: datetime) -> datetime:
        """The same moment, or the one an hour later if clocks skip it in spring."""
        return moment.astimezone(UTC).astimezone(self.now.tzinfo)

    def minutes_in(self, day: date, minutes: float) -> datetime:
        """The moment so many minutes after the midnight of a day, on its clocks."""
        days, rest = divmod(int(minutes), MINUTES_OF_A_DAY)
        return self.at(day + timedelta(days=days), Clock(rest // 60, rest % 60))

    def shifted(self, moment: datetime, duration: Duration, sign: int = 1) -> datetime:
        """The moment so much later; days keep the time of day, hours are real hours."""
        clock = Duration(tuple(p for p in duration.parts if p[0] in CLOCK_GRAINS))
        whole = Duration(tuple(p for p in duration.parts if p[0] not in CLOCK_GRAINS))
        seconds = sum(value * SECONDS[unit] for unit, value in clock.parts)
        later = self.real(moment + whole.delta() * sign).astimezone(UTC)
        return (later + sign * timedelta(seconds=round(seconds))).astimezone(self.now.tzinfo)

    def in_offset(self, day: date, clock: Clock, offset: str) -> datetime:
        """The moment of a time that was written with its offset from UTC."""
        text = f"{day.isoformat()}T{clock.hour:02}:{clock.minute:02}:{clock.second:02}{offset}"
        return datetime.fromisoformat(text).astimezone(self.now.tzinfo)
