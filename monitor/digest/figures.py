"""A day in figures. Knows what is counted and over which local day; knows no wording and no layout.

Every figure carries the incidents it was counted from or the ledger filter that lists them, so that it can be opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from monitor.clocks.calendar import start_of
from monitor.digest.study import BurnDown, Debtor, burn_down, debtors
from monitor.digest.words import words
from monitor.funds.signals import Hints
from monitor.funds.standing import Stand
from monitor.incidents.excess import Outlook
from monitor.incidents.recapture import Audit
from monitor.model import Feed, Level
from monitor.store import feeds as feed_rows
from monitor.store import figures as counts
from monitor.store import incidents, outbox, shifts
from monitor.text import SHANGHAI, aware

Row = dict[str, Any]
HISTORY = 14  # days of the chart
REPEAT = timedelta(days=365)  # two cases of one debtor within it are a repeat
GAP = timedelta(hours=3)  # a feed unread for longer than this, and than four intervals, was out of sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What could be seen. `blind`: feed name -> why; `share`: successful polls / polls, None without any."""

    feeds: int
    polls: int
    share: float | None
    blind: Mapping[str, str]
    gaps: Mapping[str, timedelta]  # feeds that were read, but not for this long at one stretch

    @property
    def good(self) -> bool:
        """Only then may a digest say that there was no incident."""
        return self.share is not None and self.share >= 0.9 and not self.blind and not self.gaps


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
    overdue: Sequence[Row]  # the longest; `late` are all
    late: Collection[str]
    late_by_lead: Sequence[tuple[str, int, int, datetime]]
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
    employers: Sequence[Debtor]
    projects: Sequence[Debtor]
    repeat: Sequence[Debtor]
    burn: BurnDown
    aside: Sequence[Row] = ()  # messages that a budget or a silence kept back
    silences: Sequence[Row] = ()
    look_backs: Sequence[Row] = ()  # due, and not recorded
    missed: Audit | None = None  # what other offices' lists say of the net (see digest.recapture)
    funds: Stand | None = None  # open debts by the money behind them, as of `now`; only of a week or a month
    hints: Hints | None = None  # firms that run short by other offices' lists, as of `now`
    above: Outlook | None = None  # areas and trades with more cases than usual, as of `now` (see digest.excess)

    @property
    def opened_by_level(self) -> dict[str, int]:
        found = Counter(row["level"] for row in self.opened)
        return {level.value: found[level.value] for level in reversed(Level)}


def local_day(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, Asia/Shanghai, as aware UTC."""
    return start_of(day), start_of(day + timedelta(days=1))


def figures(
    c: Connection,
    day: date,
    *,
    now: datetime,
    feeds: Sequence[Feed],
    days: int = 1,
    eve: date | None = None,
    registered: Collection[str] = (),
    above: Outlook | None = None,
    missed: Audit | None = None,
    funds: Stand | None = None,
    hints: Hints | None = None,
) -> Figures:
    """The figures of `days` local days ending with `day`; what is in hand and late is told as of `now`.

    `eve`: the next 除夕, where the calendar knows it. `registered`: names of the county's employers and projects.
    `above`: what `digest.excess.excess` found; `missed`: what `digest.recapture.recapture` did; `funds`: the money
    behind the open debts (monitor.funds.standing); `hints`: firms that run short (monitor.funds.signals).
    """
    start, end = local_day(day - timedelta(days=days - 1))[0], local_day(day)[1]
    before = start - (end - start)
    in_hand, late = counts.in_hand(c, brief=True), counts.overdue_ids(c, now)
    ending = words()["organisations"]
    year = counts.opened_between(c, min(start, end - REPEAT) if days > 1 else start, end, brief=True)
    opened = [row for row in year if row["opened_at"] >= start]
    return Figures(
        day=day,
        days=days,
        start=start,
        end=end,
        now=aware(now),
        reading=counts.reading(c, start, end),
        opened=opened,
        opened_before=len(counts.opened_per_day(c, before, start)),
        in_hand=in_hand,
        overdue=counts.overdue(c, now),
        late=late,
        late_by_lead=counts.overdue_by_lead(c, now),
        due_next=counts.due_between(c, now, now + timedelta(days=1), limit=10_000),
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
        employers=debtors(opened, "employer", registered, ending),
        projects=debtors(opened, "project", registered, ending),
        repeat=[one for one in debtors(year, "employer", registered, ending) if len(one.incidents) > 1],
        aside=outbox.put_aside(c, start, end),
        silences=shifts.silences_between(c, start, end),
        look_backs=incidents.closed_without_look_back(c, now, limit=10_000),
        burn=burn_down(
            counts.lives(c), in_hand, late, day, length=max(days, 30), stop=eve - timedelta(days=1) if eve else None
        ),
        above=above,
        missed=missed,
        funds=funds,
        hints=hints,
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
    gaps = _gaps(counts.read_at(c, start, end), [f for f in watched if f.name not in blind], start, min(end, now))
    total = sum(row["polls"] for row in polled.values())
    good = sum(row["good"] for row in polled.values())
    share = good / total if total else None
    return Coverage(feeds=len(watched), polls=total, share=share, blind=blind, gaps=gaps)


def _gaps(
    read: Mapping[str, Sequence[datetime]], feeds: Sequence[Feed], start: datetime, end: datetime
) -> dict[str, timedelta]:
    """Per feed its longest stretch without a successful reading, where that was too long."""
    found = {}
    for feed in feeds:
        moments = [start, *read.get(feed.name, ()), max(start, end)]
        longest = max(later - earlier for earlier, later in pairwise(moments))
        if longest > max(GAP, 4 * feed.every):
            found[feed.name] = longest
    return found
