"""Escalation: which reminder of a clock is due now, and when to look again. Pure; `taken` is what was already done.

Steps are numbered: 1 a quarter of the time before the limit, 2 at the limit, 3 after as long again, then once more each
time the limit passes (acknowledging, a day long; from then on every four hours) or each day. Asking again with the same
`taken` gives the same answer; a host that jumps back repeats nothing, one that jumps ahead gives the latest step once
instead of all that were missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.clocks.calendar import Calendar, local_day
from monitor.clocks.wording import clock_name, say
from monitor.model import Clock, Occasion
from monitor.text import aware, face

DAY = timedelta(days=1)
ACKNOWLEDGE = "acknowledge"
LOOK_BACK = "look_back_"  # its first step is the asking itself, when the clock begins
DAILY_BEFORE_EVE = 7  # days before 除夕 in which every open case is reported daily
MOST_STEPS = 1000
LATER_PACE = timedelta(
    hours=4
)  # of calls to acknowledge after a day of them; a red case's came every ten minutes for ever


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder: its number, when it fell due, what kind of message it is and why it goes out."""

    number: int
    at: datetime
    occasion: Occasion
    reason: str


@dataclass(frozen=True, slots=True)
class Next:
    """`step`: the reminder due now, if any. `taken`: what to store as done. `at`: when to ask again; None: never."""

    step: Step | None
    taken: int
    at: datetime | None


def step_at(clock: Clock, number: int) -> datetime:
    """When step `number` (1 is the first) of a clock falls due."""
    limit = clock.due_at - clock.started_at
    if number <= 1:
        return clock.started_at if clock.name.startswith(LOOK_BACK) else clock.due_at - limit / 4
    if number <= 3:
        return clock.due_at + limit * (number - 2)
    if clock.name != ACKNOWLEDGE:
        return clock.due_at + limit + max(limit, DAY) * (number - 3)
    often = min(number - 3, DAY // limit) if limit else 0
    return clock.due_at + limit + limit * often + max(limit, LATER_PACE) * (number - 3 - often)


def first_step(clock: Clock) -> datetime | None:
    """When a new clock is first to be looked at; None when it is done."""
    return None if clock.done_at is not None else step_at(clock, 1)


def next_step(clock: Clock, now: datetime, *, taken: int = 0) -> Next:
    """The reminder that is due at `now` (aware) after `taken` steps, and when to ask again."""
    if clock.done_at is not None:
        return Next(None, taken, None)
    number = taken
    while number < taken + MOST_STEPS and step_at(clock, number + 1) <= aware(now):
        number += 1
    if number == taken:
        return Next(None, taken, step_at(clock, taken + 1))
    step = Step(number, step_at(clock, number), _occasion(clock, number), _reason(clock, number, number - taken - 1))
    return Next(step, number, step_at(clock, number + 1))


def _occasion(clock: Clock, number: int) -> Occasion:
    if number == 1:
        return Occasion.LOOK_BACK if clock.name.startswith(LOOK_BACK) else Occasion.DUE_SOON
    if clock.name == ACKNOWLEDGE:
        return Occasion.UNACKNOWLEDGED
    return Occasion.OVERDUE if number == 2 else Occasion.OVERDUE_TWICE


def _reason(clock: Clock, number: int, missed: int) -> str:
    key = _occasion(clock, number).value if number <= 3 else "again"
    text = say("step", key, clock=clock_name(clock.name), due=face(clock.due_at), count=number)
    return text + (say("step", "missed", count=missed) if missed else "")


def daily_report(calendar: Calendar, now: datetime) -> tuple[date, str] | None:
    """除夕前7日: the day and the reason why every open case is reported today; None outside those days."""
    left = calendar.days_to_eve(now)
    if left is None or left > DAILY_BEFORE_EVE:
        return None
    return local_day(now), say("step", "daily", days=left)


def on_time_share(clocks: Iterable[Clock], now: datetime) -> float | None:
    """Closed on time / (closed + open and overdue), so that what is left undone counts; None without any."""
    closed = overdue = on_time = 0
    for clock in clocks:
        if clock.done_at is not None:
            closed += 1
            on_time += clock.done_at <= clock.due_at
        else:
            overdue += clock.due_at < aware(now)
    return on_time / (closed + overdue) if closed + overdue else None
