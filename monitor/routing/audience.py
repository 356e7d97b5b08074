"""Who is told about what happened, by role, and through which person. Pure; knows no times and no texts.

Who is complained of is never among them, except on the phone list while a life is at risk. One person who would be told
twice is told once, in the first role.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.model import Contact, IncidentState, Occasion
from monitor.routing.duty import Duty, chain
from monitor.routing.interest import complained_of
from monitor.routing.letter import Happened, Known
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Reached
from monitor.routing.wording import say

Wanted = tuple[str, str]  # department, role: a key of sentences.yaml under `told`
FURTHER = 4  # people of a phone tree that a message names beyond those it goes to
AWAY = ("receipt", "answer")  # clocks of what was sent elsewhere
ROBOTS = ("wecom", "dingtalk", "feishu")


@dataclass(frozen=True, slots=True)
class Told:
    """One person to tell, for which department and why."""

    contact: Contact
    department: str
    department_name: str
    role: str
    reason: str
    fact_sheet: bool = False
    further: tuple[Reached, ...] = ()  # who comes next in the department's phone tree, if this person gets nothing


@dataclass(frozen=True, slots=True)
class Audience:
    """People to write to, and departments none of whose own people can be written to: those must be called.

    `lost`: those of them for which nobody else could be written to either.
    """

    people: tuple[Told, ...]
    unreachable: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def audience(duty: Duty, known: Known, happened: Happened) -> Audience:
    """The people of the departments this concerns; reminders reach one place further with every step."""
    incident, occasion = known.incident, happened.occasion
    accused = frozenset(complained_of(duty.matrix, incident.facts, duty.county))
    phone = frozenset(known.route.notify_by_phone) if incident.life_risk else frozenset[str]()
    roles: dict[str, str] = {}
    for department, role in _wanted(known, happened, duty.matrix):
        if department not in accused or department in phone:
            roles.setdefault(department, role)
    reach = happened.step + 1 if occasion in (Occasion.UNACKNOWLEDGED, Occasion.OVERDUE_TWICE) else 1
    return people(duty, list(roles.items()), barred=accused - phone, reach=reach)


def _wanted(known: Known, happened: Happened, matrix: Matrix) -> Iterator[Wanted]:
    """Departments in the order of their claim on the message."""
    incident, occasion, step = known.incident, happened.occasion, happened.step
    office, last = matrix.office, matrix.upward[-1]
    lead, co = (incident.lead, "lead"), [(one, "co") for one in incident.co if one != office]
    if incident.state is IncidentState.HELD:
        yield office, "review"
        if incident.life_risk:
            yield from ((one, "phone") for one in known.route.notify_by_phone)
        return
    if happened.clock in AWAY:  # the office has written the letter, and asks after it
        yield office, "office"
        if step > 0:
            yield last, "upward"
        return
    match occasion:
        case Occasion.FIRST | Occasion.REOPENED | Occasion.RAISED | Occasion.DRILL:
            yield lead
            yield from ((one, "phone") for one in known.route.notify_by_phone)
            yield from co
            yield office, "office"
        case Occasion.RESOLVED:
            yield lead
            yield from co
            yield office, "office"
        case Occasion.UNACKNOWLEDGED | Occasion.OVERDUE | Occasion.OVERDUE_TWICE:
            yield lead
            if step > 0 or occasion is not Occasion.UNACKNOWLEDGED:
                yield office, "office"
            if step > 1 or occasion is Occasion.OVERDUE_TWICE:
                yield last, "upward"
        case Occasion.REASSIGNED:
            yield lead
            if happened.previous_lead:
                yield happened.previous_lead, "previous"
            yield office, "office"
        case Occasion.CALLED_IN:
            yield happened.called, "co"
        case Occasion.DUE_SOON | Occasion.LOOK_BACK:
            yield lead
        case Occasion.JOINED | Occasion.REFERRED:
            yield lead
            yield office, "office"
        case _:
            yield office, "office"


def people(duty: Duty, wanted: Sequence[Wanted], *, barred: frozenset[str] = frozenset(), reach: int = 1) -> Audience:
    """The first `reach` persons of every wanted department who can be written to."""
    found: dict[tuple[str | None, str | None], Told] = {}
    stands_in: dict[tuple[str | None, str | None], bool] = {}  # told only for want of the department's own people
    unreachable, lost = [], []
    for department, role in wanted:
        line = chain(duty, department, barred=barred - {department})
        writable = [one for one in line if one.contact.mail or one.contact.robot]
        if not any(one.department == department for one in writable):
            unreachable.append(department)
        if not writable:
            lost.append(department)
        tree = _own_first(writable, department)
        for place, one in enumerate(tree[:reach]):
            told, key = _told(one, department, role, duty.matrix, place), (one.contact.mail, one.contact.robot)
            passed = [other.contact.name for other in line[: line.index(one)] if other not in writable]
            if passed:
                told = replace(told, reason=told.reason + say("told", "passed", names="、".join(passed)))
            told = replace(told, further=tuple(tree[reach : reach + FURTHER]))
            if key not in found or (one.department == department and stands_in[key]):
                found.pop(key, None)
                found[key], stands_in[key] = told, one.department != department
    return Audience(tuple(found.values()), tuple(unreachable), tuple(lost))


def _own_first(line: Sequence[Reached], department: str) -> list[Reached]:
    """A department's own people before those who stand in for it; a stable order otherwise."""
    return sorted(line, key=lambda one: one.department != department)


def _told(one: Reached, department: str, role: str, matrix: Matrix, place: int) -> Told:
    known = matrix.departments.get(department)
    reason = f"{say('told', role)}：{one.reason}"
    if place:
        reason += "；" + say("told", "step", step=place + 1, reach=place + 1)
    sheet = known is not None and known.sees == "fact_sheet" and one.department == department
    return Told(one.contact, department, matrix.name_of(department), role, reason, sheet)


def ways(contact: Contact, channels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(channel, recipient) for every way the contact can be written to and the policy uses."""
    if contact.mail and "mail" in channels:
        yield "mail", contact.mail
    if contact.robot and "robot" in channels:
        kind = next((one for one in ROBOTS if contact.robot.lower().startswith(one)), "webhook")
        yield kind, contact.robot
