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

from monitor.model import Clock, County, Incident, Level, Notification, Occasion, Route
from monitor.routing.audience import Told, audience, people, phone_tree, ways
from monitor.routing.letter import Excerpt, tell
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Shift, Swap
from monitor.routing.wording import label, say
from monitor.text import SHANGHAI, aware, face

__all__ = ["Decision", "Excerpt", "Policy", "Silence", "Withheld", "decide", "due", "notice"]

ONCE = {Occasion.FIRST, Occasion.DRILL}  # once in the life of an incident and recipient
PER_STEP = {Occasion.LOOK_BACK, Occasion.DUE_SOON, Occasion.OVERDUE, Occasion.OVERDUE_TWICE, Occasion.UNACKNOWLEDGED}
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
    """What goes out and what does not: nothing is dropped without a reason. `unreachable`: departments to be called."""

    send: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unreachable: tuple[str, ...] = ()


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
    sent_today: Mapping[str, int] | None = None,
    policy: Policy | None = None,
    previous_lead: str | None = None,
) -> Decision:
    """What goes out, and what does not, because `occasion` happened to `incident` at `now` (aware).

    `reason`: what happened, in words (goes into the mail). `clock`, `step`: the clock a reminder is about and how often
    one was given before (0 first): each step reaches further up the chain. `sent_today`: messages each recipient had
    today. `evidence`: label -> address of stored evidence. `previous_lead`: the department an assignment moved from.
    """
    rules, counts = policy or Policy(), dict(sent_today or {})
    told = audience(
        incident, occasion, route=route, matrix=matrix, county=county, now=now, step=step, previous_lead=previous_lead,
        shifts=shifts, swaps=swaps, days_off=days_off,
    )  # fmt: skip
    phones = {
        one: phone_tree(one, now, matrix=matrix, county=county, shifts=shifts, swaps=swaps, days_off=days_off)
        for one in dict.fromkeys((*route.notify_by_phone, *told.unreachable))
    }
    send: list[Notification] = []
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
                data=values | _addressed(one, occasion, reason, clock, step),
            )
            sorted_out = _withhold(message, incident, one, silences, counts, now, rules)
            if sorted_out is not None:
                withheld.append(sorted_out)
            else:
                counts[recipient] = counts.get(recipient, 0) + 1
                send.append(_timed(message, incident, now, rules))
    return Decision(tuple(send), tuple(withheld), told.unreachable)


def _addressed(one: Told, occasion: Occasion, reason: str, clock: str, step: int) -> dict[str, Any]:
    return {
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


def _life(clocks: Sequence[Clock], name: str) -> str:
    """A clock's name and when it began: started again after a reopening, it is another one and reminds again."""
    found = next((clock for clock in clocks if clock.name == name), None)
    return name if found is None else f"{name}@{int(aware(found.started_at).timestamp())}"


def _key(
    incident: Incident, occasion: Occasion, channel: str, recipient: str, *, now: datetime, clock: str, step: int,
    rules: Policy,
) -> str:  # fmt: skip
    """Equal for what is one message: per life, step, window or version of the incident."""
    if occasion in ONCE:
        stamp = "1"
    elif occasion in PER_STEP and clock:
        stamp = f"{clock}.{step}"
    elif occasion in PER_STEP:
        stamp = f"w{_window(now, rules.repeat_every)}"
    elif occasion is Occasion.JOINED:
        stamp = f"w{_window(now, rules.group_window)}"
    else:
        stamp = f"v{incident.version}"
    return _short(f"{incident.id}:{occasion.value}:{stamp}:{channel}:{recipient}")


def _short(key: str) -> str:
    """Within the length of the column; a longer one keeps its beginning and a hash of the whole."""
    return (
        key if len(key) <= KEY_LENGTH else f"{key[: KEY_LENGTH - 33]}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    )


def _window(now: datetime, length: timedelta) -> int:
    return int(aware(now).timestamp() // length.total_seconds())


def _withhold(
    message: Notification,
    incident: Incident,
    one: Told,
    silences: Sequence[Silence],
    counts: Mapping[str, int],
    now: datetime,
    rules: Policy,
) -> Withheld | None:
    if urgent(incident):
        return None
    for silence in silences:
        if _covers(silence, incident, one, message.occasion, now):
            why = say(
                "alert", "silenced", number=silence.number, author=silence.author, until=face(silence.until),
                reason=silence.reason,
            )  # fmt: skip
            return Withheld(notification=message, reason=why, to_digest=False, silence=silence.number)
    sent = counts.get(message.recipient, 0)
    if sent >= rules.budget:
        why = say("alert", "budget", sent=sent, budget=rules.budget)
        return Withheld(notification=message, reason=why, to_digest=True)
    return None


def urgent(incident: Incident) -> bool:
    """Red, or a life at risk whatever the level: never quiet, silenced or over budget."""
    return incident.level is Level.RED or incident.life_risk


def _covers(silence: Silence, incident: Incident, one: Told, occasion: Occasion, now: datetime) -> bool:
    return (
        aware(now) < aware(silence.until)
        and silence.incident in (None, incident.id)
        and silence.department in (None, one.department)
        and (not silence.occasions or occasion in silence.occasions)
    )


def _timed(message: Notification, incident: Incident, now: datetime, rules: Policy) -> Notification:
    """When it may leave: at once, at the end of its group's window, or when the night is over."""
    if urgent(incident):
        return message
    moment, why = aware(now), []
    if message.occasion is Occasion.JOINED:
        length = rules.group_window
        moment = datetime.fromtimestamp((_window(now, length) + 1) * length.total_seconds(), tz=SHANGHAI)
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
                    key=_short(f"{matter.occasion.value}:{matter.subject}:{day}:{channel}:{recipient}"),
                    occasion=matter.occasion,
                    channel=channel,
                    recipient=recipient,
                    reason=matter.reason,
                    level=Level.YELLOW,
                    department=one.department,
                    not_before=quiet_until(now, rules),
                    data={**matter.data, **_addressed(one, matter.occasion, matter.reason, "", 0)},
                )
            )
    return found
