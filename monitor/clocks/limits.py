"""Clocks: when each duty of a level is due, counted from the opening, with every day that did not count.

Due times are absolute and depend only on what is passed in, so a restart or a jump of the host's clock changes nothing.
It knows limits and pauses; it does not know who is told (see steps) nor where clocks are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from monitor.clocks.calendar import DAY, MOST_DAYS, Calendar, end_of, local_day
from monitor.clocks.wording import say
from monitor.model import Clock, Level
from monitor.text import aware, face

DEADLINES = Path(__file__).with_name("deadlines.yaml")
Pause = tuple[datetime, datetime | None, str]  # from, to (None: still paused), reason


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as written: `count` of `unit` (minutes, hours, days, working_days)."""

    unit: str
    count: int

    @property
    def words(self) -> str:
        return say("clock", self.unit, count=self.count)

    @property
    def span(self) -> timedelta | None:
        """The length of a limit that runs day and night; None for whole days."""
        return timedelta(**{self.unit: self.count}) if self.unit in ("minutes", "hours") else None


@lru_cache(maxsize=1)
def _deadlines() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DEADLINES.read_text("utf-8"))
    return loaded


def _limit(written: Mapping[str, Any]) -> Limit:
    unit, count = next((unit, count) for unit, count in written.items() if unit != "campaign")
    return Limit(unit, int(count))


def limits(level: Level, *, campaign: bool = False) -> dict[str, Limit]:
    """What a level promises: clock name -> limit."""
    return {
        name: _limit(written["campaign"] if campaign and "campaign" in written else written)
        for name, written in _deadlines()["levels"][level.value].items()
    }


def start_clocks(
    level: Level,
    opened_at: datetime,
    *,
    calendar: Calendar,
    campaign: bool = False,
    pauses: Iterable[Pause] = (),
) -> tuple[Clock, ...]:
    """Every clock of the level from `opened_at` (aware), soonest first as written.

    A pause stops only the clocks that may pause, needs a reason (ValueError), and never moves a hard stop. A pause that
    has not ended moves nothing yet; it is named in `skipped`.
    """
    opened, stops = aware(opened_at), settled(pauses)
    return tuple(
        _clock(name, limit, level, opened, calendar=calendar, campaign=campaign, pauses=stops)
        for name, limit in limits(level, campaign=campaign).items()
    )


def outer_limits(level: Level, opened_at: datetime, *, calendar: Calendar) -> tuple[Clock, ...]:
    """The limits of law and State Council documents, beside the county's own. They are never paused."""
    opened = aware(opened_at)
    found = []
    for entry in _deadlines()["statutory"]:
        if level.value in entry.get("levels", (level.value,)):
            due, skipped = _due(_limit(entry["limit"]), opened, calendar, ())
            if _limit(entry["limit"]).unit == "days":  # 民法典 art. 203: a last day off moves to the next working day
                due = end_of(calendar.next_workday(local_day(due)))
            found.append(
                Clock(name=entry["name"], started_at=opened, due_at=due, basis=entry["basis"], skipped=tuple(skipped))
            )
    return tuple(found)


def stopped(clock: Clock, stop: datetime | None) -> Clock:
    """The clock, due no later than a hard stop where it is one of those that have one."""
    if stop is None or clock.name not in _deadlines()["hard_stop"] or clock.due_at <= stop:
        return clock
    basis = f"{clock.basis}；{say('clock', 'hard_stop', day=local_day(stop))}"
    return replace(clock, due_at=stop, basis=basis)


def receipt_clock(at: datetime, *, calendar: Calendar) -> Clock:
    """转送回执: five working days after a case was sent to another county or handed up, as for an objection."""
    return _elsewhere("receipt", at, calendar)


def answer_clock(at: datetime, *, calendar: Calendar) -> Clock:
    """上级答复: fifteen days after the receipt for what comes of a case that was handed up."""
    return _elsewhere("answer", at, calendar)


def enforcement_clock(at: datetime, *, calendar: Calendar) -> Clock:
    """执行跟踪: thirty days after a close-out as C5, or after the last word on it."""
    return _elsewhere("enforcement", at, calendar)


def hung_clock(at: datetime, *, calendar: Calendar) -> Clock:
    """挂起: thirty days after a close-out as C9, when the case comes back."""
    return _elsewhere("hung", at, calendar)


def _elsewhere(name: str, at: datetime, calendar: Calendar) -> Clock:
    limit, begun = _limit(_deadlines()["elsewhere"][name]), aware(at)
    due, skipped = _due(limit, begun, calendar, ())
    return Clock(
        name=name, started_at=begun, due_at=due, basis=say("clock", name, limit=limit.words), skipped=tuple(skipped)
    )  # fmt: skip


def after_close(closed_at: datetime, *, calendar: Calendar) -> tuple[Clock, ...]:
    """回头看: from when each is asked for after close-out at `closed_at` (aware), and by when it must be answered."""
    found = []
    for name, rule in _deadlines()["after_close"].items():
        asked, within = aware(closed_at) + rule["after"] * DAY, _limit(rule["within"])
        due, skipped = _due(within, asked, calendar, ())
        basis = say("clock", "after_close", days=rule["after"], limit=within.words)
        found.append(Clock(name=name, started_at=asked, due_at=due, basis=basis, skipped=tuple(skipped)))
    return tuple(found)


def _clock(
    name: str,
    limit: Limit,
    level: Level,
    opened: datetime,
    *,
    calendar: Calendar,
    campaign: bool,
    pauses: Sequence[Pause],
) -> Clock:
    stops = pauses if name in _deadlines()["pausable"] else ()
    due, skipped = _due(limit, opened, calendar, stops)
    key = "campaign" if campaign and limits(level)[name] != limit else "limit"
    basis = [say("clock", key, level=say("levels", level.value), limit=limit.words)]
    stop = calendar.hard_stop(opened) if campaign and name in _deadlines()["hard_stop"] else None
    if stop is not None and stop < due:
        due = stop
        basis.append(say("clock", "hard_stop", day=local_day(stop)))
    if limit.unit == "working_days":
        basis += _estimates(calendar, local_day(opened), local_day(due))
    return Clock(name=name, started_at=opened, due_at=due, basis="；".join(basis), skipped=tuple(skipped))


def _estimates(calendar: Calendar, first: date, last: date) -> list[str]:
    years = range((first + DAY).year, last.year + 1)
    return [say("clock", "estimated", year=year) for year in years if not calendar.published(year)]


def _due(limit: Limit, opened: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> tuple[datetime, list[str]]:
    if limit.span is not None:
        return _running(opened, opened + limit.span, pauses)
    return _whole_days(opened, limit, calendar, pauses)


def _running(opened: datetime, due: datetime, pauses: Sequence[Pause]) -> tuple[datetime, list[str]]:
    """A limit that runs day and night: what was paused before it was due is added."""
    skipped = []
    for start, end, reason in pauses:
        begins = max(start, opened)
        if begins >= due:
            break
        if end is None:
            skipped.append(say("clock", "paused_open", start=face(start), reason=reason))
        elif end > begins:
            due += end - begins
            skipped.append(say("clock", "paused", start=face(begins), end=face(end), reason=reason))
    return due, skipped


def _whole_days(
    opened: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]
) -> tuple[datetime, list[str]]:
    """Whole days after the day of opening: every midnight spent in a pause costs one, and what the calendar skips."""
    day, counted, skipped = local_day(opened), 0, list[str]()
    first = _paused_at(end_of(day), pauses)
    if first is not None and (limit.unit == "days" or calendar.is_workday(day)):
        skipped.append(say("clock", "paused_day", day=day, reason=first))
        counted = -1
    for _ in range(MOST_DAYS):
        day += DAY
        paused = _paused_at(end_of(day), pauses)
        kind = calendar.day(day)
        if limit.unit == "working_days" and not kind.works:
            skipped.append(say("clock", "skipped_day", day=day, why=kind.why))
        elif paused is not None:
            skipped.append(say("clock", "paused_day", day=day, reason=paused))
        else:
            counted += 1
            if counted == limit.count:
                return end_of(day), skipped
    raise ValueError(f"paused for more than {MOST_DAYS} days")


def _paused_at(moment: datetime, pauses: Sequence[Pause]) -> str | None:
    return next((reason for start, end, reason in pauses if end is not None and start <= moment < end), None)


def settled(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Pauses in order, cut so that no moment counts twice. ValueError: no reason, or the end before the start."""
    ordered = sorted(((aware(start), end and aware(end), reason) for start, end, reason in pauses), key=_begins)
    found: list[Pause] = []
    reached: datetime | None = None
    for start, end, reason in ordered:
        if not reason or not reason.strip():
            raise ValueError(say("clock", "pause_reason"))
        if end is not None and end < start:
            raise ValueError(say("clock", "pause_order"))
        begins = start if reached is None else max(start, reached)
        if end is None or begins < end:
            found.append((begins, end, reason))
        reached = end if reached is None else max(reached, end or reached)
    return tuple(found)


def _begins(pause: Pause) -> datetime:
    return pause[0]
