"""值班表: who has the shift of a department at a moment, and the hours nobody has. Pure; officials only.

It knows shifts and swaps. It does not know who is reached when nobody is on duty (duty.py), calendars (days off are
passed in), spreadsheets or mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from monitor.model import Contact
from monitor.routing.matrix import Matrix
from monitor.routing.wording import say
from monitor.text import SHANGHAI, aware, face

WARN_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One turn of duty: from `starts_at` to before `ends_at`, aware. `note`: leader on duty, place, second number."""

    department: str
    starts_at: datetime
    ends_at: datetime
    contact: Contact
    note: str = ""

    def __post_init__(self) -> None:
        if aware(self.ends_at) <= aware(self.starts_at):
            raise ValueError(say("roster", "backwards", name=self.contact.name, start=face(self.starts_at)))

    def covers(self, moment: datetime) -> bool:
        return aware(self.starts_at) <= aware(moment) < aware(self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """换班: `absent` is replaced by `contact` between two moments, with a reason; the shift itself stays as planned."""

    department: str
    starts_at: datetime
    ends_at: datetime
    absent: str
    contact: Contact
    reason: str

    def covers(self, moment: datetime) -> bool:
        return aware(self.starts_at) <= aware(moment) < aware(self.ends_at)


@dataclass(frozen=True, slots=True)
class Reached:
    """One person to reach for a department, in order, and why it is this one."""

    contact: Contact
    department: str  # whose person it is: a stand-in's own where it is one
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours nobody is on duty for a department, and why that is worth a message."""

    department: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def shift_from(row: Mapping[str, Any]) -> Shift:
    """A row of the store's table `shifts` as a shift."""
    contact = Contact(name=row["name"], mail=row["mail"], phone=row["phone"], town=row.get("town"))
    return Shift(
        department=row["department"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        contact=contact,
        note=row["note"],
    )


def swap_from(row: Mapping[str, Any]) -> Swap:
    """A row of the store's table `swaps` as a swap."""
    return Swap(
        department=row["department"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        absent=row["absent"],
        contact=Contact(name=row["name"], mail=row["mail"], phone=row["phone"]),
        reason=row["reason"],
    )


def on_duty(shifts: Iterable[Shift], swaps: Iterable[Swap], department: str, moment: datetime) -> list[Reached]:
    """Who has the shift now, swaps applied. Where shifts overlap, one of a town comes first, then the latest begun."""
    replaced = [swap for swap in swaps if swap.department == department and swap.covers(moment)]
    ordered = sorted(
        (one for one in shifts if one.department == department),
        key=lambda one: (one.contact.town is not None, aware(one.starts_at)),
        reverse=True,
    )
    return [_on_shift(shift, replaced) for shift in ordered if shift.covers(moment)]


def _on_shift(shift: Shift, swaps: Sequence[Swap]) -> Reached:
    """The one who stands there now: whoever took the turn may have swapped it on."""
    holder, left = shift.contact, list(swaps)
    why = say("roster", "shift", start=face(shift.starts_at), end=face(shift.ends_at))
    while (taken := next((swap for swap in left if swap.absent == holder.name), None)) is not None:
        left.remove(taken)
        holder = replace(taken.contact, town=holder.town)
        why = say("roster", "swap", absent=taken.absent, name=holder.name, reason=taken.reason)
    return Reached(holder, shift.department, why)


def gaps(
    shifts: Sequence[Shift],
    departments: Iterable[str],
    now: datetime,
    *,
    matrix: Matrix,
    ahead: timedelta = WARN_AHEAD,
    days_off: Mapping[date, str] | None = None,
) -> list[Gap]:
    """Hours without anybody between `now` and `ahead` later, per department, soonest first."""
    found = [
        gap
        for department in dict.fromkeys(departments)
        for gap in _uncovered(shifts, department, aware(now), aware(now) + ahead, matrix, days_off or {})
    ]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.department))


def _uncovered(
    shifts: Sequence[Shift], department: str, begin: datetime, end: datetime, matrix: Matrix, off: Mapping[date, str]
) -> Iterator[Gap]:
    covered = sorted((aware(one.starts_at), aware(one.ends_at)) for one in shifts if one.department == department)
    reached = begin
    for start, finish in [*covered, (end, end)]:
        if reached < min(start, end):
            yield _gap(department, reached, min(start, end), matrix, off)
        reached = max(reached, finish)
        if reached >= end:
            return


def _gap(department: str, start: datetime, end: datetime, matrix: Matrix, off: Mapping[date, str]) -> Gap:
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (start, end))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    holiday = next((off[day] for day in days if day in off), "")
    key = "gap_off" if holiday else "gap"
    name = matrix.name_of(department)
    return Gap(department, start, end, say("roster", key, name=name, start=face(start), end=face(end), off=holiday))


def doubled(shifts: Sequence[Shift]) -> list[tuple[Shift, Shift]]:
    """Pairs of shifts that put one person (same name and phone) in two departments at once."""
    ordered = sorted(shifts, key=lambda one: aware(one.starts_at))
    return [
        (one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if aware(other.starts_at) < aware(one.ends_at)
        and one.department != other.department
        and (one.contact.name, one.contact.phone) == (other.contact.name, other.contact.phone)
    ]
