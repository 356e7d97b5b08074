"""A day in figures. Knows what is counted and over which local day; knows no wording and no layout.

Every figure carries the incidents it was counted from or the ledger filter that lists them, so that it can be opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.model import Feed, Level
from monitor.store import feeds as feed_rows
from monitor.store import figures as counts
from monitor.text import SHANGHAI, aware

Row = dict[str, Any]
HISTORY = 14  # days of the chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What could be seen. `blind`: feed name -> why; `share`: successful polls / polls, None without any."""

    feeds: int
    polls: int
    share: float | None
    blind: Mapping[str, str]

    @property
    def good(self) -> bool:
        """Only then may a digest say that there was no incident."""
        return self.share is not None and self.share >= 0.9 and not self.blind


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """日报: one local day, from `start` (inclusive) to `end` (exclusive), told at `now`."""

    day: date
    days: int
    start: datetime
    end: datetime
    now: datetime
    reading: Mapping[str, Any]
    opened: Sequence[Row]
    opened_before: int  # in the period of the same length before
    in_hand: Sequence[Row]
    overdue: Sequence[Row]
    due_next: Sequence[Row]
    closed: Mapping[str, Any]
    on_time: Mapping[str, Any]
    owed: Mapping[str, Any]
    by_town: Mapping[str, int]
    by_sector: Mapping[str, int]
    by_lead: Mapping[str, int]
    series: Sequence[tuple[date, Mapping[str, int], int]]  # day, opened per level, closed
    coverage: Coverage
    mails: Mapping[str, int]
    days_to_eve: int | None

    @property
    def opened_by_level(self) -> dict[str, int]:
        found = Counter(row["level"] for row in self.opened)
        return {level.value: found[level.value] for level in reversed(Level)}

    @property
    def in_hand_by_level(self) -> dict[str, int]:
        found = Counter(row["level"] for row in self.in_hand)
        return {level.value: found[level.value] for level in reversed(Level)}


def local_day(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, Asia/Shanghai, as aware UTC."""
    start = datetime.combine(day, time(), tzinfo=SHANGHAI)
    return aware(start), aware(datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI))


def figures(
    c: Connection, day: date, *, now: datetime, feeds: Sequence[Feed], days: int = 1, eve: date | None = None
) -> Figures:
    """The figures of `days` local days ending with `day`. `eve`: the next 除夕, where the calendar knows it."""
    start, end = local_day(day - timedelta(days=days - 1))[0], local_day(day)[1]
    before = start - (end - start)
    return Figures(
        day=day,
        days=days,
        start=start,
        end=end,
        now=aware(now),
        reading=counts.reading(c, start, end),
        opened=counts.opened_between(c, start, end),
        opened_before=len(counts.opened_per_day(c, before, start)),
        in_hand=counts.in_hand(c),
        overdue=counts.overdue(c, now),
        due_next=counts.due_between(c, now, now + timedelta(days=1)),
        closed=counts.closed(c, start, end),
        on_time=counts.on_time(c, start, end, now),
        owed=counts.open_money(c),
        by_town=counts.by(c, "town"),
        by_sector=counts.by(c, "sector"),
        by_lead=counts.by(c, "lead"),
        series=_series(c, day, max(days, HISTORY)),
        coverage=coverage(c, start, end, feeds, now),
        mails=counts.mails(c, start, end),
        days_to_eve=(eve - day).days if eve and eve >= day else None,
    )


def _series(c: Connection, day: date, length: int) -> list[tuple[date, Mapping[str, int], int]]:
    first = day - timedelta(days=length - 1)
    start, end = local_day(first)[0], local_day(day)[1]
    opened: dict[date, Counter[str]] = {}
    for moment, level in counts.opened_per_day(c, start, end):
        opened.setdefault(moment.astimezone(SHANGHAI).date(), Counter())[level] += 1
    closed = Counter(moment.astimezone(SHANGHAI).date() for moment in counts.closed_per_day(c, start, end))
    days = [first + timedelta(days=n) for n in range(length)]
    return [(d, dict(opened.get(d, {})), closed[d]) for d in days]


def coverage(c: Connection, start: datetime, end: datetime, feeds: Sequence[Feed], now: datetime) -> Coverage:
    """Which enabled feeds could not be read in a period. A feed that was never asked is as blind as one that failed."""
    watched = [feed for feed in feeds if feed.enabled]
    polled = counts.polled(c, start, end)
    states = feed_rows.states(c)
    blind: dict[str, str] = {}
    for feed in watched:
        seen, state = polled.get(feed.name), states.get(feed.name)
        if seen is None:
            blind[feed.name] = "not_polled"
        elif not seen["good"]:
            blind[feed.name] = (state.reason if state else None) or "failed"
    total = sum(row["polls"] for row in polled.values())
    good = sum(row["good"] for row in polled.values())
    return Coverage(feeds=len(watched), polls=total, share=good / total if total else None, blind=blind)
