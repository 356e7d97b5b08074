"""The working calendar of mainland China: which days count, why, and how far 除夕 is.

Published years come from the yearly notices of the State Council's office (the chinesecalendar package, with 调休). A
year without a notice falls back to Monday to Friday, the statutory days off and the lunar festivals, and every answer
says so. A notice that is newer than the package can be added. Days are Asia/Shanghai days; it knows no deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from monitor.clocks.wording import say, weekday
from monitor.text import SHANGHAI, aware

FESTIVALS = Path(__file__).with_name("festivals.yaml")
DAY = timedelta(days=1)
MOST_DAYS = 4000  # no limit of this house reaches further


@dataclass(frozen=True, slots=True)
class Day:
    """Whether a day counts as a working day, and why. `published`: by a notice, not by estimate."""

    works: bool
    why: str
    published: bool = True


@dataclass(frozen=True, slots=True)
class Campaign:
    """专项行动: runs from `start` to before `end`; `eve` is the 除夕 it works towards."""

    start: datetime
    end: datetime
    eve: date


@lru_cache(maxsize=1)
def _festivals() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FESTIVALS.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _published() -> tuple[Mapping[date, str], Mapping[date, str], frozenset[int]]:
    """Days off, days worked instead (both with the holiday's name), and the years that have a notice."""
    from chinese_calendar import constants

    names = _festivals()["names"]
    off = {day: names.get(name, name) for day, name in constants.holidays.items()}
    on = {day: names.get(name, name) for day, name in constants.workdays.items()}
    years = {day.year for day in off if (day.month, day.day) == (10, 1)}  # a whole year's notice holds a 国庆节
    return off, on, frozenset(years)


@lru_cache(maxsize=64)
def _estimated(year: int) -> Mapping[date, str]:
    """Days off by law in a year without a notice; lunar ones only where the table reaches."""
    table = _festivals()
    known = table["festivals"].get(year, {})
    return {
        day: name for name, rules in table["statutory"].items() for rule in rules if (day := _ruled(year, rule, known))
    }


def _ruled(year: int, rule: str, known: Mapping[str, date]) -> date | None:
    if rule[0].isdigit():
        return date.fromisoformat(f"{year}-{rule}")
    sign = "+" if "+" in rule else "-"
    festival, offset = rule.rsplit(sign, 1)
    day = known.get(festival)
    return None if day is None else day + timedelta(days=int(sign + offset))


def local_day(moment: datetime | date) -> date:
    """The day in Asia/Shanghai, whatever zone the host stands in; ValueError for a naive moment."""
    return aware(moment).astimezone(SHANGHAI).date() if isinstance(moment, datetime) else moment


def end_of(day: date) -> datetime:
    """The last second of a day: what "ends at 24:00" is written as."""
    return aware(datetime.combine(day, time(23, 59, 59), SHANGHAI))


def start_of(day: date) -> datetime:
    """Midnight at which a day begins."""
    return aware(datetime.combine(day, time(0), SHANGHAI))


class Calendar:
    """Working days and festivals. `off`, `on`: days of a notice that is newer than the package; they win over it."""

    def __init__(self, *, off: Iterable[date] = (), on: Iterable[date] = (), years: Iterable[int] = ()) -> None:
        self._off, self._on, self._years = frozenset(off), frozenset(on), frozenset(years)
        if self._off & self._on:
            raise ValueError(f"both off and on: {sorted(self._off & self._on)}")

    def published(self, year: int) -> bool:
        """Whether the year's notice is known."""
        return year in self._years or year in _published()[2]

    def day(self, day: date) -> Day:
        """Whether the day counts, and why."""
        if day in self._off or day in self._on:
            return Day(day in self._on, say("day", "notice"))
        off, on, _ = _published()
        if day in off:
            return Day(False, say("day", "holiday", name=off[day]))
        if day in on:
            return Day(True, say("day", "makeup", name=on[day]))
        return _plain(day) if self.published(day.year) else _unpublished(day)

    def is_workday(self, day: date) -> bool:
        return self.day(day).works

    def next_workday(self, day: date) -> date:
        """The day itself if it counts, else the first that does."""
        for ahead in range(MOST_DAYS):
            if self.is_workday(day + ahead * DAY):
                return day + ahead * DAY
        raise ValueError(f"no working day after {day}")

    def next_eve(self, day: datetime | date) -> date | None:
        """除夕 on or after the day; None beyond the table of festivals."""
        today = local_day(day)
        for year in (today.year, today.year + 1):
            spring = _festivals()["festivals"].get(year, {}).get("spring")
            if spring is not None and spring - DAY >= today:
                return date.fromisoformat(str(spring - DAY))
        return None

    def days_to_eve(self, moment: datetime | date) -> int | None:
        """Days to the next 除夕, 0 on the day itself; None beyond the table of festivals."""
        eve = self.next_eve(moment)
        return None if eve is None else (eve - local_day(moment)).days

    def hard_stop(self, moment: datetime | date) -> datetime | None:
        """24:00 of the day before the next 除夕 that is still ahead; None when there is none ahead this winter."""
        eve = self.next_eve(moment)
        if eve is None or eve == local_day(moment):
            return None
        return end_of(eve - DAY)

    def campaign(self, moment: datetime, periods: Iterable[tuple[datetime, datetime]] = ()) -> Campaign | None:
        """The 专项行动 that runs at `moment`: one of the county's `periods`, or the yearly one of the winter.

        A winter for which the county names none has the yearly one: last winter's line in county.yaml, or a summer's,
        must not end the hard stop unseen.
        """
        eve = self.next_eve(moment)
        if eve is None:
            return None
        named, yearly = tuple(periods), _yearly(eve)
        this_winter = any(aware(start) < yearly[1] and yearly[0] < aware(end) for start, end in named)
        for start, end in named if this_winter else (*named, yearly):
            if aware(start) <= aware(moment) < aware(end):
                return Campaign(aware(start), aware(end), eve)
        return None

    def campaign_days_left(self, moment: datetime, periods: Iterable[tuple[datetime, datetime]] = ()) -> int | None:
        """Days to 除夕 while a campaign runs, else None."""
        return None if self.campaign(moment, periods) is None else self.days_to_eve(moment)


def _yearly(eve: date) -> tuple[datetime, datetime]:
    month, day = (int(part) for part in _festivals()["campaign"]["start"].split("-"))
    return start_of(date(eve.year - 1, month, day)), start_of(eve + DAY)


def _plain(day: date) -> Day:
    name = weekday(day.weekday())
    return Day(True, say("day", "workday", weekday=name)) if day.weekday() < 5 else Day(False, name)


def _unpublished(day: date) -> Day:
    name, year = weekday(day.weekday()), day.year
    statutory = _estimated(year).get(day)
    if statutory:
        return Day(False, say("day", "statutory", name=statutory, year=year), published=False)
    if day.weekday() >= 5:
        return Day(False, say("day", "unpublished_weekend", weekday=name, year=year), published=False)
    return Day(True, say("day", "unpublished_workday", weekday=name, year=year), published=False)
