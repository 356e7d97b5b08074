"""What another county.yaml, matrix, roster or night rest would have done with past cases. Records nothing.

Both sides are decided anew from the facts as they stand, by the same functions as in service, so that what differs
comes from the rules alone. Told are first warnings, at the moment each case was opened: reminders hang on what people
did then. Facts are not read again: a changed register moves towns and trades only as far as a route asks it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.incidents.level import grade
from monitor.model import County, Engagement, Incident, IncidentState, Occasion
from monitor.routing import Matrix
from monitor.routing.duty import Duty
from monitor.routing.letter import Happened, Known
from monitor.routing.notifications import Decision, decide
from monitor.routing.policy import Policy
from monitor.routing.replay import Move, Treatment, treat
from monitor.routing.roster import Shift, Swap, on_duty, shift_from, swap_from
from monitor.store import figures, posts, shifts
from monitor.store.base import Store
from monitor.store.codec import incident_from
from monitor.text import SHANGHAI

LARGEST = 50_000  # cases of one run
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One side. `roster`: shifts instead of those of the store; laid over the past by whole weeks, day by weekday."""

    matrix: Matrix
    county: County
    policy: Policy = field(default_factory=Policy)
    lead_policy: str | None = None
    roster: Sequence[Shift] | None = None


@dataclass(slots=True)
class Told:
    """First warnings of one side. `mails`, `morning`: by department, all and those that the night kept back."""

    mails: Counter[str] = field(default_factory=Counter)
    morning: Counter[str] = field(default_factory=Counter)
    to_call: Counter[str] = field(default_factory=Counter)  # department -> cases in which it has to be called
    levels: Counter[str] = field(default_factory=Counter)
    held: int = 0  # cases that wait for a person
    on_duty: int = 0  # cases whose lead had somebody on duty by the roster
    over_budget: int = 0  # mails beyond what one person is sent a day, red ones excepted
    busiest: int = 0  # mails of one person on one day
    _days: Counter[tuple[str, date]] = field(default_factory=Counter)

    def add(self, treatment: Treatment, decision: Decision, duty: Duty, limit: int) -> None:
        """Counts what one case would have caused."""
        level, route = treatment.grading.level, treatment.route
        self.levels[level.value] += 1
        self.held += route.hold
        self.on_duty += bool(on_duty(duty.shifts, duty.swaps, route.lead, duty.now))
        self.to_call.update(decision.unreachable)
        day = duty.now.astimezone(SHANGHAI).date()
        for message in decision.send:
            self.mails[str(message.department)] += 1
            self.morning[str(message.department)] += message.not_before is not None
            self._days[message.recipient, day] += 1
            crowded = self._days[message.recipient, day]
            self.busiest = max(self.busiest, crowded)
            self.over_budget += crowded > limit and level.value != "red"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`moves`: the cases that would be treated differently, of `looked_at`; `before`, `after`: who would be told."""

    old: Rules
    new: Rules
    first: date
    last: date
    looked_at: int
    moves: Sequence[Move]
    before: Told
    after: Told

    def changes(self) -> Counter[str]:
        """How many cases differ in lead, level, co, articles, phone, hold."""
        return Counter(change for move in self.moves for change in move.changes)

    def leads(self) -> list[tuple[tuple[str, str], int]]:
        """(lead now, lead then) -> cases, the most first."""
        pairs = ((one.before.route.lead, one.after.route.lead) for one in self.moves if "lead" in one.changes)
        return Counter(pairs).most_common()

    def levels(self) -> list[tuple[tuple[str, str], int]]:
        """(level now, level then) -> cases, the most first."""
        pairs = (
            (one.before.grading.level.value, one.after.grading.level.value)
            for one in self.moves
            if "level" in one.changes
        )
        return Counter(pairs).most_common()

    def desks(self) -> list[tuple[str, int, int]]:
        """(department, mails now, mails then), the largest difference first."""
        known = {*self.before.mails, *self.after.mails}
        rows = [(one, self.before.mails[one], self.after.mails[one]) for one in known]
        return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), -max(row[1:]), row[0]))

    def as_row(self) -> dict[str, Any]:
        """The whole as one JSON object: counts only."""
        return {
            "since": self.first.isoformat(), "until": self.last.isoformat(), "cases": self.looked_at,
            "matrix": {"before": self.old.matrix.version, "after": self.new.matrix.version},
            "moved": len(self.moves), "changes": dict(self.changes()),
            "lead": {f"{a}->{b}": count for (a, b), count in self.leads()},
            "level": {f"{a}->{b}": count for (a, b), count in self.levels()},
            "mails": {one: {"before": a, "after": b} for one, a, b in self.desks()},
            "before": _counts(self.before), "after": _counts(self.after),
        }  # fmt: skip


def _counts(told: Told) -> dict[str, Any]:
    return {
        "mails": told.mails.total(), "waits_for_morning": told.morning.total(), "levels": dict(told.levels),
        "held": told.held, "lead_on_duty": told.on_duty, "to_call": dict(told.to_call),
        "over_budget": told.over_budget, "busiest": told.busiest,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Past:
    """What the store says of the days: cases with how far they went, and who was on duty."""

    cases: Sequence[Incident]
    reach: dict[str, Engagement]
    accounts: dict[str, int]
    shifts: Sequence[Shift]
    swaps: Sequence[Swap]


def what_if(store: Store, old: Rules, new: Rules, first: date, last: date, *, calendar: Calendar) -> WhatIf:
    """What `new` would have done with the cases opened from `first` to `last`, both included, beside what `old` does.

    Merged and dismissed cases, and drills, are left out.
    """
    with store.read() as c:
        past = _past(c, first, last)
    before, after, moves = Told(), Told(), []
    laid = [_laid(rules, past, first) for rules in (old, new)]
    for incident in past.cases:
        sides = [_side(rules, incident, past, calendar) for rules in (old, new)]
        for rules, treated, told, roster in zip((old, new), sides, (before, after), laid, strict=True):
            duty = _duty(rules, incident, roster, past.swaps if rules.roster is None else (), calendar)
            told.add(treated, _first(incident, treated, duty, rules.policy), duty, rules.policy.budget)
        move = Move(incident, *sides)
        if move.changes:
            moves.append(move)
    return WhatIf(old, new, first, last, len(past.cases), moves, before, after)


def _past(c: Connection, first: date, last: date) -> _Past:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (first, last + timedelta(days=1)))
    rows = figures.opened_between(c, start, end, limit=LARGEST)
    cases = sorted((incident_from(row) for row in rows), key=lambda one: (one.opened_at, one.id))
    ids = [one.id for one in cases]
    swaps = [swap_from(row) for row in shifts.every(c, "swaps") if row["state"] == "agreed"]
    turns = [shift_from(row) for row in shifts.between(c, start, end)]
    return _Past(cases, posts.spread(c, ids), posts.accounts_of(c, ids), turns, swaps)


def _side(rules: Rules, incident: Incident, past: _Past, calendar: Calendar) -> Treatment:
    grading = grade(
        incident.facts,
        severity=rules.matrix.severity,
        life_risk=incident.life_risk,
        engagement=past.reach.get(incident.id, Engagement()),
        posts=past.accounts.get(incident.id, 1),
        campaign_days_left=calendar.campaign_days_left(incident.opened_at, rules.county.campaigns),
    )
    return treat(rules.matrix, incident, grading, rules.county, rules.lead_policy)


def _first(incident: Incident, treated: Treatment, duty: Duty, policy: Policy) -> Decision:
    """The first warning of a case, as it would be decided at the moment it was opened."""
    route, grading = treated.route, treated.grading
    state = IncidentState.HELD if route.hold else IncidentState.ASSIGNED
    then = replace(
        incident, lead=route.lead, co=route.co, level=grading.level, level_reasons=grading.reasons, state=state
    )  # fmt: skip
    return decide(Known(incident=then, route=route), Happened(occasion=Occasion.FIRST), duty, policy=policy)


def _duty(
    rules: Rules, incident: Incident, roster: dict[date, list[Shift]], swaps: Sequence[Swap], calendar: Calendar
) -> Duty:
    now = incident.opened_at
    today = now.astimezone(SHANGHAI).date()
    day = calendar.day(today)
    return Duty(
        matrix=rules.matrix, county=rules.county, now=now,
        shifts=tuple(one for one in roster.get(today, ()) if one.covers(now)),
        swaps=tuple(one for one in swaps if one.covers(now)),
        days_off={} if day.works else {today: day.why},
    )  # fmt: skip


def _laid(rules: Rules, past: _Past, first: date) -> dict[date, list[Shift]]:
    """Shifts by the local days they touch: of the store, or the proposed ones laid over the past by whole weeks."""
    if rules.roster is None:
        return _by_day(past.shifts)
    if not rules.roster or not past.cases:
        return {}
    begins = min(one.starts_at for one in rules.roster).astimezone(SHANGHAI).date()
    length = max(one.ends_at for one in rules.roster) - min(one.starts_at for one in rules.roster)
    back = (begins - first).days // 7 * WEEK  # the sheet's first week over the week of the first day
    last = max(one.opened_at for one in past.cases)
    step = max(-(-length // WEEK), 1) * WEEK
    return _by_day(_repeated(rules.roster, back, step, last))


def _repeated(roster: Sequence[Shift], back: timedelta, step: timedelta, last: datetime) -> Iterator[Shift]:
    """The sheet from its first week on, again and again until the last case."""
    offset = -back - step
    while min(one.starts_at for one in roster) + offset <= last:
        for one in roster:
            yield replace(one, starts_at=one.starts_at + offset, ends_at=one.ends_at + offset)
        offset += step


def _by_day(turns: Iterable[Shift]) -> dict[date, list[Shift]]:
    found: dict[date, list[Shift]] = defaultdict(list)
    for one in turns:
        day, end = one.starts_at.astimezone(SHANGHAI).date(), one.ends_at.astimezone(SHANGHAI).date()
        while day <= end:
            found[day].append(one)
            day += timedelta(days=1)
    return found
