"""Alert decisions: who is told, when, on which channel and why. Pure: `now` and the duty list are arguments.

It knows occasions, quiet hours, silences and budgets. It does not know mail, templates, the store or the ledger: the
ledger calls `due` inside its transaction and queues what comes back, one row a notification.

Grouping is in the key: within one window the same message has the same key, and the outbox queues a key once. While a
queued row has not left, a repeat of its key may replace `data`, so that a grouped mail tells the latest state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from monitor.model import Clock, Contact, County, Incident, Level, Notification, Occasion, Route
from monitor.routing.alerts_budget import Spent, ration
from monitor.routing.audience import Audience, Told, audience, people, phone_tree, ways
from monitor.routing.decide import town_of
from monitor.routing.letter import Excerpt, tell
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Shift, Swap, of_town
from monitor.routing.wording import label, say
from monitor.text import SHANGHAI, aware, face

__all__ = ["Decision", "Excerpt", "Policy", "Silence", "Withheld", "decide", "due", "notice"]

ONCE = {Occasion.FIRST}  # once in the life of an incident and recipient
PER_STEP = {Occasion.LOOK_BACK, Occasion.DUE_SOON, Occasion.OVERDUE, Occasion.OVERDUE_TWICE, Occasion.UNACKNOWLEDGED}
CALLS = {  # a department that can only be telephoned is put before a person for these
    Occasion.FIRST, Occasion.RAISED, Occasion.REOPENED, Occasion.REASSIGNED, Occasion.RETURNED, Occasion.UNACKNOWLEDGED,
    Occasion.OVERDUE, Occasion.OVERDUE_TWICE,
}  # fmt: skip
PHONE = "phone"  # a channel no machine serves
KEY_LENGTH = 200  # of outbox.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """静默: a person's written wish not to be told for a while. Never covers red; ends by itself."""

    author: str
    reason: str
    until: datetime
    number: int = 0  # as stored; what it kept back names it
    incident: str | None = None  # None: every incident
    department: str | None = None  # None: every department
    occasions: tuple[Occasion, ...] = ()  # empty: every occasion

    def __post_init__(self) -> None:
        aware(self.until)
        if not self.author.strip() or not self.reason.strip():
            raise ValueError("a silence needs an author and a reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The county's settings for alerts. Times of day are Asia/Shanghai."""

    channels: tuple[str, ...] = ("mail", "robot")  # every way of a contact that it has
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)
    quiet_levels: tuple[Level, ...] = (Level.BLUE, Level.YELLOW)  # orange is due within minutes; red always goes
    group_window: timedelta = timedelta(minutes=30)
    repeat_every: timedelta = timedelta(hours=4)  # a reminder that names no step: not sooner than this
    budget: int = 30  # messages an officer and day; red goes out above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A message that does not go out, and why; `to_digest`: it is told in the next digest instead."""

    notification: Notification
    reason: str
    to_digest: bool
    silence: int | None = None  # the silence that kept it back


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes out and what does not: nothing is dropped without a reason.

    `unreachable`: departments to be called; `calls`: one message for each, which no machine can deliver (channel
    `phone`): the outbox shows it to a person, and tells the fallback where nobody stood in.
    """

    send: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unreachable: tuple[str, ...] = ()
    calls: tuple[Notification, ...] = ()


def due(incident: Incident, occasion: Occasion, **given: Any) -> list[Notification]:
    """The messages that are due because `occasion` happened to `incident`; arguments as for `decide`."""
    return list(decide(incident, occasion, **given).send)


def decide(
    incident: Incident,
    occasion: Occasion,
    *,
    route: Route,
    matrix: Matrix,
    county: County,
    now: datetime,
    reason: str = "",
    clocks: Sequence[Clock] = (),
    clock: str = "",
    step: int = 0,
    shifts: Sequence[Shift] = (),
    swaps: Sequence[Swap] = (),
    days_off: Mapping[date, str] | None = None,
    excerpts: Sequence[Excerpt] = (),
    evidence: Mapping[str, str] | None = None,
    silences: Sequence[Silence] = (),
    sent_today: Spent | None = None,
    policy: Policy | None = None,
    previous_lead: str | None = None,
) -> Decision:
    """What goes out, and what does not, because `occasion` happened to `incident` at `now` (aware).

    `reason`: what happened, in words (goes into the mail). `clock`, `step`: the clock a reminder is about and how often
    one was given before (0 first): each step reaches further up the chain. `sent_today`: messages each recipient had
    today, by level; None: the budget is shared out later, over the whole round (alerts_budget.ration). `evidence`:
    label -> address of stored evidence. `previous_lead`: the department an assignment moved from.
    """
    rules, county = policy or Policy(), of_town(county, town_of(incident.facts))
    told = audience(
        incident, occasion, route=route, matrix=matrix, county=county, now=now, step=step, previous_lead=previous_lead,
        shifts=shifts, swaps=swaps, days_off=days_off,
    )  # fmt: skip
    phones = {
        one: phone_tree(one, now, matrix=matrix, county=county, shifts=shifts, swaps=swaps, days_off=days_off)
        for one in dict.fromkeys((*route.notify_by_phone, *told.unreachable))
    }
    wanted: list[Notification] = []
    withheld: list[Withheld] = []
    for one in told.people:
        values = tell(
            incident, route=route, matrix=matrix, clocks=clocks, excerpts=excerpts, evidence=evidence,
            fact_sheet=one.fact_sheet, phones=phones, unreachable=told.unreachable,
        )  # fmt: skip
        for channel, recipient in ways(one.contact, rules.channels):
            message = Notification(
                key=_key(
                    incident, occasion, channel, recipient, now=now, clock=_life(clocks, clock), step=step, rules=rules
                ),
                occasion=occasion,
                channel=channel,
                recipient=recipient,
                reason=reason or one.reason,
                level=incident.level,
                incident=incident.id,
                department=one.department,
                data=values | _addressed(one, occasion, reason, clock, step, rules),
            )
            silenced = _silenced(message, incident, one.department, silences, now)
            if silenced is not None:
                withheld.append(silenced)
            else:
                wanted.append(message)
    if sent_today is not None:
        shared = ration(wanted, spent=sent_today, budget=rules.budget)
        wanted = list(shared.send)
        withheld += [Withheld(notification=one.notification, reason=one.reason, to_digest=True) for one in shared.aside]
    calls = [
        message
        for message in _calls(incident, occasion, told, route=route, matrix=matrix, clocks=clocks, phones=phones,
                              stamp=_stamp(incident, occasion, now, _life(clocks, clock), step, rules), reason=reason)
        if _silenced(message, incident, message.department, silences, now) is None
    ]  # fmt: skip
    return Decision(
        tuple(_timed(message, incident, now, rules) for message in wanted), tuple(withheld), told.unreachable,
        tuple(_timed(message, incident, now, rules) for message in calls),
    )  # fmt: skip


def _calls(
    incident: Incident,
    occasion: Occasion,
    told: Audience,
    *,
    route: Route,
    matrix: Matrix,
    clocks: Sequence[Clock],
    phones: Mapping[str, Sequence[Contact]],
    stamp: str,
    reason: str,
) -> list[Notification]:
    """What nobody at the department can be written to about: who is to be called, under which number, and why."""
    found = []
    for department in told.unreachable if occasion in CALLS else ():
        numbers = "、".join(f"{one.name} {one.phone}" for one in phones.get(department, ())) or say(
            "alert", "no_number"
        )
        key = "nobody" if department in told.lost else "stood_in"
        name = matrix.name_of(department)
        call = say("alert", key, department=name, numbers=numbers)
        values = tell(
            incident, route=route, matrix=matrix, clocks=clocks, fact_sheet=True, phones=phones,
            unreachable=told.unreachable,
        )  # fmt: skip
        found.append(
            Notification(
                key=short_key(f"{incident.id}:{occasion.value}:{stamp}:{PHONE}:{department}"),
                occasion=occasion,
                channel=PHONE,
                recipient=name,
                reason=reason or call,
                level=incident.level,
                incident=incident.id,
                department=department,
                data={
                    **values, "occasion": occasion.value, "what": reason, "department": department,
                    "department_name": name, "call": call, "stood_in": key == "stood_in",
                    "once": short_key(f"{incident.id}:{occasion.value}:{stamp}"),
                },
            )
        )  # fmt: skip
    return found


def _addressed(
    one: Told, occasion: Occasion, reason: str, clock: str, step: int, rules: Policy
) -> dict[str, Any]:  # fmt: skip
    return {
        "next": _further(one, rules),
        "recipient_phone": one.contact.phone,
        "occasion": occasion.value,
        "what": reason,
        "why_you": one.reason,
        "role": one.role,
        "recipient_name": one.contact.name,
        "department": one.department,
        "department_name": one.department_name,
        "clock": clock,
        "step": step,
    }


def _further(one: Told, rules: Policy) -> list[dict[str, str]]:
    """Who is told instead if this person cannot be: one way each, in order, with the reason it is them."""
    found = []
    for reached in one.further:
        way = next(ways(reached.contact, rules.channels), None)
        if way is not None:
            why = say("alert", "next", name=one.contact.name, why=reached.reason)
            found.append({"channel": way[0], "recipient": way[1], "name": reached.contact.name, "why": why})
    return found


def _life(clocks: Sequence[Clock], name: str) -> str:
    """A clock's name and when it began: started again after a reopening, it is another one and reminds again."""
    found = next((clock for clock in clocks if clock.name == name), None)
    return name if found is None else f"{name}@{int(aware(found.started_at).timestamp())}"


def _key(
    incident: Incident, occasion: Occasion, channel: str, recipient: str, *, now: datetime, clock: str, step: int,
    rules: Policy,
) -> str:  # fmt: skip
    """Equal for what is one message: per life, step, window or version of the incident."""
    stamp = _stamp(incident, occasion, now, clock, step, rules)
    return short_key(f"{incident.id}:{occasion.value}:{stamp}:{channel}:{recipient}")


def _stamp(incident: Incident, occasion: Occasion, now: datetime, clock: str, step: int, rules: Policy) -> str:
    if occasion in ONCE:
        return "1"
    if occasion in PER_STEP and clock:
        return f"{clock}.{step}"
    if occasion in PER_STEP:
        return f"w{window(now, rules.repeat_every)}"
    if occasion is Occasion.JOINED:
        return f"w{window(now, rules.group_window)}"
    return f"v{incident.version}"


def short_key(key: str) -> str:
    """Within the length of the column; a longer one keeps its beginning and a hash of the whole."""
    return (
        key if len(key) <= KEY_LENGTH else f"{key[: KEY_LENGTH - 33]}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    )


def window(now: datetime, length: timedelta) -> int:
    """The number of the stretch of `length` that a moment falls into: what happens within one is one message."""
    return int(aware(now).timestamp() // length.total_seconds())


def _silenced(
    message: Notification, incident: Incident, department: str | None, silences: Sequence[Silence], now: datetime
) -> Withheld | None:
    """The silence that keeps a message back; None where none does."""
    if urgent(incident):
        return None
    for silence in silences:
        if _covers(silence, incident, department, message.occasion, now):
            why = say(
                "alert", "silenced", number=silence.number, author=silence.author, until=face(silence.until),
                reason=silence.reason,
            )  # fmt: skip
            return Withheld(notification=message, reason=why, to_digest=False, silence=silence.number)
    return None


def urgent(incident: Incident) -> bool:
    """Red, or a life at risk whatever the level: never quiet, silenced or over budget."""
    return incident.level is Level.RED or incident.life_risk


def _covers(silence: Silence, incident: Incident, department: str | None, occasion: Occasion, now: datetime) -> bool:
    return (
        aware(now) < aware(silence.until)
        and silence.incident in (None, incident.id)
        and silence.department in (None, department)
        and (not silence.occasions or occasion in silence.occasions)
    )


def _timed(message: Notification, incident: Incident, now: datetime, rules: Policy) -> Notification:
    """When it may leave: at once, at the end of its group's window, or when the night is over."""
    if urgent(incident):
        return message
    moment, why = aware(now), []
    if message.occasion is Occasion.JOINED:
        length = rules.group_window
        moment = datetime.fromtimestamp((window(now, length) + 1) * length.total_seconds(), tz=SHANGHAI)
        why.append(say("alert", "grouped", minutes=int(length.total_seconds() // 60)))
    morning = quiet_until(moment, rules) if message.level in rules.quiet_levels else None
    if morning is not None:
        moment = morning
        why.append(
            say(
                "alert", "quiet", start=f"{rules.quiet_from:%H:%M}", end=f"{rules.quiet_to:%H:%M}",
                level=label("levels", message.level.value), until=face(morning),
            )
        )  # fmt: skip
    if not why:
        return message
    return replace(message, not_before=aware(moment), data={**message.data, "delayed": why})


def quiet_until(moment: datetime, rules: Policy) -> datetime | None:
    """The end of the quiet hours `moment` falls into; None outside them. They may run over midnight."""
    here = aware(moment).astimezone(SHANGHAI)
    start, end, clock = rules.quiet_from, rules.quiet_to, here.time().replace(tzinfo=None)
    if start == end:
        return None
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if start > end and clock >= start else 0)
    return datetime.combine(day, end, SHANGHAI)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something about the service itself that is worth a message: `subject` names it (a feed, a department)."""

    occasion: Occasion  # ROSTER_GAP, FEED_SILENT, UNDELIVERED
    subject: str
    reason: str
    departments: tuple[str, ...] = ()  # beside 治欠办
    data: Mapping[str, Any] = field(default_factory=dict)


def notice(
    matter: Matter,
    *,
    matrix: Matrix,
    county: County,
    now: datetime,
    shifts: Sequence[Shift] = (),
    swaps: Sequence[Swap] = (),
    policy: Policy | None = None,
) -> list[Notification]:
    """Messages about the service itself, at most once a day, subject and recipient; never in quiet hours."""
    rules = policy or Policy()
    day = aware(now).astimezone(SHANGHAI).date()
    found = []
    wanted = [(department, "office") for department in dict.fromkeys((matrix.office, *matter.departments))]
    for one in people(wanted, now, matrix=matrix, county=county, shifts=shifts, swaps=swaps).people:
        for channel, recipient in ways(one.contact, rules.channels):
            found.append(
                Notification(
                    key=short_key(f"{matter.occasion.value}:{matter.subject}:{day}:{channel}:{recipient}"),
                    occasion=matter.occasion,
                    channel=channel,
                    recipient=recipient,
                    reason=matter.reason,
                    level=Level.YELLOW,
                    department=one.department,
                    not_before=quiet_until(now, rules),
                    data={**matter.data, **_addressed(one, matter.occasion, matter.reason, "", 0, rules)},
                )
            )
    return found
