"""Which messages an occasion of an incident makes due: to whom, when, on which channel and why. Pure.

It knows occasions, quiet hours and silences. It does not know mail, templates, the store or the ledger, which calls
`decide` inside its transaction, shares out the budget of the day over all of it (budget.py), and queues what is left.

Grouping is in the key: within one window the same message has the same key, and the outbox queues a key once. While a
queued row has not left, a repeat of its key may replace `data`, so that a grouped mail tells the latest state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor.model import Contact, Level, Notification, Occasion
from monitor.routing.audience import Audience, Told, audience, ways
from monitor.routing.decide import town_of
from monitor.routing.duty import Duty, phone_tree
from monitor.routing.letter import Happened, Known, Phones, tell
from monitor.routing.policy import Policy, Silence, quiet_until, urgent, window
from monitor.routing.wording import label, say
from monitor.text import SHANGHAI, aware, face

ONCE = {Occasion.FIRST}  # once in the life of an incident and recipient
PER_STEP = {Occasion.LOOK_BACK, Occasion.DUE_SOON, Occasion.OVERDUE, Occasion.OVERDUE_TWICE, Occasion.UNACKNOWLEDGED}
CALLS = {  # a department that can only be telephoned is put before a person for these
    Occasion.FIRST, Occasion.RAISED, Occasion.REOPENED, Occasion.REASSIGNED, Occasion.RETURNED, Occasion.UNACKNOWLEDGED,
    Occasion.OVERDUE, Occasion.OVERDUE_TWICE, Occasion.CALLED_IN,
}  # fmt: skip
PHONE = "phone"  # a channel no machine serves
KEY_LENGTH = 200  # of outbox.key


@dataclass(frozen=True, slots=True)
class Withheld:
    """A message, or a call for a person to make, that is kept back: why, and the number of the silence."""

    notification: Notification
    reason: str
    silence: int


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


def decide(
    known: Known, happened: Happened, duty: Duty, *, policy: Policy | None = None, silences: Sequence[Silence] = ()
) -> Decision:
    """What goes out, and what does not, because something happened to an incident at `duty.now`."""
    rules, saving = policy or Policy(), known.route.notify_by_phone if known.incident.life_risk else ()
    duty = duty.of_town(town_of(known.incident.facts), saving)
    told = audience(duty, known, happened)
    wanted = (*known.route.notify_by_phone, *told.unreachable)
    phones = {one: [each.contact for each in phone_tree(duty, one)] for one in dict.fromkeys(wanted)}
    stamp = f"{known.incident.id}:{happened.occasion.value}:{_stamp(known, happened, duty.now, rules)}"
    send, calls, withheld = list[Notification](), list[Notification](), list[Withheld]()
    letters = _letters(known, happened, duty, told, phones, stamp=stamp, rules=rules)
    for messages, out in ((letters, send), (_calls(known, happened, duty, told, phones, stamp=stamp), calls)):
        for message in messages:
            silence = _silenced(message, known, silences, duty.now)
            if silence is None:
                out.append(_timed(message, known, duty.now, rules))
            else:
                withheld.append(Withheld(message, _said(silence), silence.number))
    return Decision(tuple(send), tuple(withheld), told.unreachable, tuple(calls))


def _letters(
    known: Known, happened: Happened, duty: Duty, told: Audience, phones: Phones, *, stamp: str, rules: Policy
) -> Iterator[Notification]:
    """One message a person and way."""
    incident = known.incident
    for one in told.people:
        values = tell(known, duty.matrix, phones=phones, unreachable=told.unreachable, fact_sheet=one.fact_sheet)
        for channel, recipient in ways(one.contact, rules.channels):
            yield Notification(
                key=short_key(f"{stamp}:{channel}:{recipient}"),
                occasion=happened.occasion,
                channel=channel,
                recipient=recipient,
                reason=happened.reason or one.reason,
                level=incident.level,
                incident=incident.id,
                department=one.department,
                data=values | addressed(one, happened, rules),
            )


def _calls(
    known: Known, happened: Happened, duty: Duty, told: Audience, phones: Phones, *, stamp: str
) -> Iterator[Notification]:
    """What nobody at the department can be written to about: who is to be called, under which number, and why."""
    incident, occasion = known.incident, happened.occasion
    for department in told.unreachable if occasion in CALLS else ():
        nobody, name = department in told.lost, duty.matrix.name_of(department)
        call = say("told", "nobody" if nobody else "stood_in", department=name, numbers=_numbers(phones[department]))
        values = tell(known, duty.matrix, phones=phones, unreachable=told.unreachable, fact_sheet=True)
        yield Notification(
            key=short_key(f"{stamp}:{PHONE}:{department}"),
            occasion=occasion,
            channel=PHONE,
            recipient=name,
            reason=happened.reason or call,
            level=incident.level,
            incident=incident.id,
            department=department,
            data={
                **values, "occasion": occasion.value, "what": happened.reason, "department": department,
                "department_name": name, "call": call, "stood_in": not nobody, "once": short_key(stamp),
            },
        )  # fmt: skip


def _numbers(people: Sequence[Contact]) -> str:
    return "、".join(f"{one.name} {one.phone}" for one in people) or say("told", "no_number")


def addressed(one: Told, happened: Happened, rules: Policy) -> dict[str, Any]:
    """What a message says of its recipient: who, why, and who is told next if nothing arrives."""
    return {
        "next": _further(one, rules),
        "recipient_phone": one.contact.phone,
        "occasion": happened.occasion.value,
        "what": happened.reason,
        "why_you": one.reason,
        "role": one.role,
        "recipient_name": one.contact.name,
        "department": one.department,
        "department_name": one.department_name,
        "clock": happened.clock,
        "step": happened.step,
    }


def _further(one: Told, rules: Policy) -> list[dict[str, str]]:
    """Who is told instead if this person cannot be: one way each, in order, with the reason it is them."""
    found = []
    for reached in one.further:
        way = next(ways(reached.contact, rules.channels), None)
        if way is not None:
            why = say("told", "next", name=one.contact.name, why=reached.reason)
            found.append({"channel": way[0], "recipient": way[1], "name": reached.contact.name, "why": why})
    return found


# ------------------------------------------------------------------ what is one message
def _stamp(known: Known, happened: Happened, now: datetime, rules: Policy) -> str:
    """Equal for what is one message: per life, step, window or version of the incident."""
    if happened.occasion in ONCE:
        return "1"
    if happened.occasion in PER_STEP and happened.clock:
        return f"{_life(known, happened.clock)}.{happened.step}"
    if happened.occasion in PER_STEP:
        return f"w{window(now, rules.repeat_every)}"
    if happened.occasion is Occasion.JOINED:
        return f"w{window(now, rules.group_window)}"
    if happened.occasion is Occasion.CALLED_IN:
        return f"v{known.incident.version}:{happened.called}"
    return f"v{known.incident.version}"


def _life(known: Known, name: str) -> str:
    """A clock's name and when it began: started again after a reopening, it is another one and reminds again."""
    found = next((clock for clock in known.clocks if clock.name == name), None)
    return name if found is None else f"{name}@{int(aware(found.started_at).timestamp())}"


def short_key(key: str) -> str:
    """Within the length of the column; a longer one keeps its beginning and a hash of the whole."""
    return (
        key if len(key) <= KEY_LENGTH else f"{key[: KEY_LENGTH - 33]}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    )


# ------------------------------------------------------------------ whether, and when
def _silenced(message: Notification, known: Known, silences: Sequence[Silence], now: datetime) -> Silence | None:
    """The silence that keeps a message back; None where none does."""
    if urgent(known.incident):
        return None
    wanted = known.incident.id, message.department, message.occasion
    return next((silence for silence in silences if silence.covers(*wanted, now)), None)


def _said(silence: Silence) -> str:
    return say(
        "told", "silenced", number=silence.number, author=silence.author, until=face(silence.until),
        reason=silence.reason,
    )  # fmt: skip


def _timed(message: Notification, known: Known, now: datetime, rules: Policy) -> Notification:
    """When it may leave: at once, at the end of its group's window, or when the night is over."""
    if urgent(known.incident):
        return message
    moment, why = aware(now), []
    if message.occasion is Occasion.JOINED:
        length = rules.group_window
        moment = datetime.fromtimestamp((window(now, length) + 1) * length.total_seconds(), tz=SHANGHAI)
        why.append(say("told", "grouped", minutes=int(length.total_seconds() // 60)))
    morning = quiet_until(moment, rules) if message.level in rules.quiet_levels else None
    if morning is not None:
        moment = morning
        why.append(_until_morning(message.level, morning, rules))
    if not why:
        return message
    return replace(message, not_before=aware(moment), data={**message.data, "delayed": why})


def _until_morning(level: Level, morning: datetime, rules: Policy) -> str:
    return say(
        "told", "quiet", start=f"{rules.quiet_from:%H:%M}", end=f"{rules.quiet_to:%H:%M}",
        level=label("levels", level.value), until=face(morning),
    )  # fmt: skip
