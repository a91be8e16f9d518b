"""Feasts whose day the moon decides: Hebrew, Islamic, Chinese and Hindu ones.

The Hebrew calendar is exact. The Islamic one is its arithmetic form, which may differ by a
day from what is announced, and so may the Hindu feasts, which are reckoned from the moon
itself. Conversions follow the arithmetic published by Reingold and Dershowitz, moon phases
the mean phases and largest corrections of Meeus, "Astronomical Algorithms", chapter 49.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

_SYNODIC_MONTH = 29.530588861
_FIRST_NEW_MOON = datetime(2000, 1, 6, 14, 20, 37, tzinfo=UTC)
_HEBREW_EPOCH = -1373427
_ISLAMIC_EPOCH = 227015
_FIRST_ISLAMIC_YEAR = 624
_NISAN = 7
_TISHRI = 1


def _days_before_tishri(year: int) -> int:
    """Days from the Hebrew epoch to the new year, with the postponements."""
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    days = 29 * months + parts // 25920
    return days + 1 if (3 * (days + 1)) % 7 < 3 else days  # noqa: PLR2004 - Su, We, Fr


def _hebrew_new_year(year: int) -> int:
    """The day number of 1 Tishri."""
    before, this, after = (_days_before_tishri(year + step) for step in (-1, 0, 1))
    too_long, too_short = 356, 382
    if after - this == too_long:
        return _HEBREW_EPOCH + this + 2
    return _HEBREW_EPOCH + this + (1 if this - before == too_short else 0)


def hebrew(year: int, anchor: int, offset: int) -> date:
    """A Hebrew feast in a year of the common calendar.

    Args:
      year: of the common calendar.
      anchor: 7 counts from the first of Nisan in spring, 1 from that of Tishri in autumn.
      offset: days after the first of that month.
    """
    new_year = _hebrew_new_year(year + 3761)
    # From Nisan to Tishri the months never vary: 30, 29, 30, 29, 30, 29.
    first = new_year - 177 if anchor == _NISAN else new_year
    return date.fromordinal(first + offset)


def _after_cheshvan(year: int) -> tuple[int, int]:
    """The first of Kislev of the Hebrew year that begins in a common year; days of Kislev."""
    new_year = _hebrew_new_year(year + 3761)
    length = _hebrew_new_year(year + 3762) - new_year
    # 353 to 355 days, 383 to 385 in leap years: the last digit says which month is short.
    return new_year + 59 + (length % 10 == 5), 29 + (length % 10 != 3)  # noqa: PLR2004


def hanukkah(year: int, offset: int) -> date:
    """The 25th of Kislev and some days."""
    return date.fromordinal(_after_cheshvan(year)[0] + 24 + offset)


def tu_bishvat(year: int) -> date:
    """The 15th of Shevat, which belongs to the Hebrew year begun in the autumn before."""
    kislev, length = _after_cheshvan(year - 1)
    return date.fromordinal(kislev + length + 29 + 14)


def tisha_bav(year: int) -> date:
    """The 9th of Av, a day later if that is a Sabbath."""
    day = hebrew(year, _NISAN, 126)
    return day + timedelta(days=day.weekday() == 5)  # noqa: PLR2004 - Saturday


def israel_independence(year: int, offset: int) -> date:
    """The 5th of Iyar, moved so that neither it nor its eve touches the Sabbath."""
    day = hebrew(year, _NISAN, 34)
    moved = {0: 1, 4: -1, 5: -2}.get(day.weekday(), 0)
    return day + timedelta(days=moved + offset)


def islamic(year: int, month: int, day: int) -> date | None:
    """A day of the arithmetic Islamic calendar in a common year; None if it has none."""
    if year < _FIRST_ISLAMIC_YEAR:
        return None
    about = (year - 622) * 33 // 32
    for hijri in range(about - 1, about + 3):
        number = day + math.ceil(29.5 * (month - 1)) + (hijri - 1) * 354
        number += (3 + 11 * hijri) // 30 + _ISLAMIC_EPOCH - 1
        if date.fromordinal(number).year == year:
            return date.fromordinal(number)
    return None


def _phase_after(day: date, half_months: int) -> datetime:
    """The first new moon (0) or full moon (1) after a midnight, exact to some minutes."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    passed = (midnight - _FIRST_NEW_MOON) / timedelta(days=1) / _SYNODIC_MONTH
    count = math.floor(passed) - 1 + half_months / 2
    while (found := _phase(count)) < midnight:
        count += 1
    return found


def _phase(count: float) -> datetime:
    centuries = count / 1236.85
    sun = math.radians(2.5534 + 29.10535670 * count - 0.0000014 * centuries**2)
    moon = math.radians(201.5643 + 385.81693528 * count + 0.0107582 * centuries**2)
    node = math.radians(160.7108 + 390.67050284 * count - 0.0016118 * centuries**2)
    correction = (
        -0.4072 * math.sin(moon)
        + 0.1734 * math.sin(sun)
        + 0.0161 * math.sin(2 * moon)
        + 0.0104 * math.sin(2 * node)
        + 0.0074 * math.sin(moon - sun)
        - 0.0051 * math.sin(moon + sun)
    )
    return _FIRST_NEW_MOON + timedelta(days=_SYNODIC_MONTH * count + correction - 0.0008)


def chinese_new_year(year: int) -> date:
    """The second new moon after the winter solstice, on the clocks of China."""
    found = _phase_after(date(year, 1, 20), 0) + timedelta(hours=8)
    return found.date()


def diwali(year: int) -> date:
    """The evening of India in which the dark moon of autumn falls."""
    new_moon = _phase_after(date(year, 10, 17), 0)
    return (new_moon - timedelta(hours=13)).date()


def holi(year: int) -> date:
    """The day after the evening in which the full moon of early spring falls."""
    full_moon = _phase_after(date(year, 2, 28), 1)
    return (full_moon - timedelta(hours=12, minutes=15)).date() + timedelta(days=1)
