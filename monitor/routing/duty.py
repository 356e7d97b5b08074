"""Whom a department can be reached through at a moment: its officer on duty, its contacts, who stands in. Pure.

It joins the matrix's stand-ins, the county's contacts and the duty roster; it knows no incident, no rule of who is told
and no mail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from monitor.model import County
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Reached, Shift, Swap, on_duty
from monitor.routing.wording import say
from monitor.text import SHANGHAI, aware

STAND_INS = 2  # of a phone tree, where a department has nobody of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Everybody an installation can reach at `now`. `days_off`: why a day is no working day, where it is none."""

    matrix: Matrix
    county: County
    now: datetime
    shifts: Sequence[Shift] = ()
    swaps: Sequence[Swap] = ()
    days_off: Mapping[date, str] = field(default_factory=dict)

    def of_town(self, town: str | None, saving: Collection[str] = ()) -> Duty:
        """As a case of that town calls on it; None: the town is not known. `saving`: see the function `of_town`."""
        there = tuple(one for one in self.shifts if one.contact.town in (None, town))
        return replace(self, county=of_town(self.county, town, saving), shifts=there)

    @property
    def off(self) -> str:
        """Why today is no working day; empty where it is one."""
        return self.days_off.get(aware(self.now).astimezone(SHANGHAI).date(), "")


def of_town(county: County, town: str | None, saving: Collection[str] = ()) -> County:
    """The county as a case of that town calls on it: its own people first, then who answers for the whole county.

    People of other towns are left out, a department that has nobody else is stood in for; only where the whole county
    has nobody else are they told. 属地管理 (保障农民工工资支付条例 4). `saving`: departments called because somebody is
    in danger; of these the police of the next town are better than nobody.
    """
    contacts = {}
    for department, listed in county.contacts.items():
        own = [one for one in listed if one.town is not None and one.town == town]
        here = (*own, *(one for one in listed if one.town is None))
        contacts[department] = here or (tuple(listed) if department in saving else ())
    return replace(county, contacts=contacts) if any(contacts.values()) else county


def chain(duty: Duty, department: str, *, barred: frozenset[str] = frozenset()) -> tuple[Reached, ...]:
    """Who is reached for a department, in order and each with its reason: shift, contacts, stand-ins, upward.

    `barred`: departments that may not see the case (conflict of interest). Empty only where the county has no contact.
    """
    found = dict[tuple[str | None, str | None, str], Reached]()
    for one in _everyone(duty, department, barred):
        found.setdefault((one.contact.mail, one.contact.phone, one.contact.name), one)
    return tuple(found.values())


def _everyone(duty: Duty, department: str, barred: frozenset[str]) -> Iterator[Reached]:
    reached, contacts, called = False, duty.county.contacts, duty.matrix.name_of
    for place, one in enumerate(_line(department, duty.matrix)):
        if one in barred:
            continue
        why = "" if place == 0 else say("roster", "for", department=called(department), by=called(one))
        there = on_duty(duty.shifts, duty.swaps, one, duty.now)
        yield from (Reached(each.contact, one, why + each.reason) for each in there)
        reached |= bool(there or contacts.get(one))
        for number, contact in enumerate(contacts.get(one, ()), 1):
            key = "second" if there else "contact_off" if duty.off else "contact"
            yield Reached(contact, one, why + say("roster", key, number=number, off=duty.off))
    for one, listed in contacts.items():  # only where nobody above can be reached
        if not reached and one not in barred:
            for contact in listed:
                yield Reached(contact, one, say("roster", "anyone", department=called(department)))


def _line(department: str, matrix: Matrix) -> list[str]:
    """The department, its stand-ins, then the chain upward."""
    line = [department]
    known = matrix.departments.get(department)
    while known is not None and known.stand_in and known.stand_in not in line:
        line.append(known.stand_in)
        known = matrix.departments.get(known.stand_in)
    return [*line, *(one for one in matrix.upward if one not in line)]


def phone_tree(duty: Duty, department: str) -> tuple[Reached, ...]:
    """Whom to call for a department, in order: its own people that have a phone, else two who stand in for it."""
    able = [one for one in chain(duty, department) if one.contact.phone]
    return tuple([one for one in able if one.department == department] or able[:STAND_INS])
