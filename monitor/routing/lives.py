"""人身安全: a post that tells of danger to life and waits for a person is told to the duty desk at once, at any hour.

The score decides what the machine may do by itself; it never decides whether a person hears of somebody in danger.
Pure: the waiting posts, `now` and the duty list are arguments. Asked again and again it gives the same messages: the
outbox queues a key once, so nothing has to remember what was told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.model import County, Level, Notification, Occasion
from monitor.routing.alerts import Policy
from monitor.routing.audience import Told, people, ways
from monitor.routing.letter import Excerpt, excerpt_told
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Shift, Swap
from monitor.routing.wording import say
from monitor.text import SHANGHAI, aware

CHASE = timedelta(minutes=10)  # nobody has looked: the next in the phone tree is told
STEPS = 4  # then the queue and the digest go on saying it
OLD = timedelta(days=7)  # a story published longer ago is read in the queue's first place, but calls nobody out
CROWD = 10  # texts told one by one; what waits beyond them goes into one message a `CHASE`


@dataclass(frozen=True, slots=True)
class Waiting:
    """One post that waits for a person, as a message may show it, and since when."""

    excerpt: Excerpt
    since: datetime


def life_notices(
    waiting: Sequence[Waiting],
    *,
    matrix: Matrix,
    county: County,
    now: datetime,
    shifts: Sequence[Shift] = (),
    swaps: Sequence[Swap] = (),
    days_off: Mapping[date, str] | None = None,
    policy: Policy | None = None,
) -> list[Notification]:
    """What the duty desk is to be told now about posts that wait; the same words spread by many are told once a day.

    Every `CHASE` without a decision reaches one place further: the next of the office's phone tree, from the second
    step on also 分管领导. No quiet hours, no silence and no budget apply.
    """
    channels, found = (policy or Policy()).channels, []
    fresh = _distinct([one for one in waiting if _recent(one, now)])
    for place, one in enumerate(fresh[: CROWD + 1]):
        step = min(max(int((aware(now) - aware(one.since)) / CHASE), 0), STEPS - 1)
        more = len(fresh) - CROWD if place == CROWD else 0
        window = int(aware(now).timestamp() // CHASE.total_seconds())
        name = f"many:{window}" if more else _same(one)
        line = [(matrix.office, "life"), *([(matrix.upward[-1], "upward")] if step else [])]
        told = people(
            line, now, matrix=matrix, county=county, shifts=shifts, swaps=swaps, days_off=days_off, reach=step + 1
        )
        for person in told.people:
            found += [_message(one, person, f"{name}:{step}", way, more) for way in ways(person.contact, channels)]
    return found


def _recent(one: Waiting, now: datetime) -> bool:
    published = one.excerpt.published_at
    return published is None or aware(now) - aware(published) < OLD


def _distinct(waiting: Sequence[Waiting]) -> list[Waiting]:
    """The first of every text, in the order in which they came."""
    first: dict[str, Waiting] = {}
    for one in sorted(waiting, key=lambda one: (one.since, one.excerpt.post)):
        first.setdefault(_same(one), one)
    return list(first.values())


def _same(one: Waiting) -> str:
    words = "".join(one.excerpt.text.split()).encode("utf-8", "surrogatepass")
    return f"{aware(one.since).astimezone(SHANGHAI).date()}:{hashlib.sha256(words).hexdigest()[:24]}"


def _message(one: Waiting, person: Told, name: str, way: tuple[str, str], more: int) -> Notification:
    channel, recipient = way
    reason = say("life", "many", count=more) if more else say("life", "one")
    return Notification(
        key=f"{Occasion.LIFE_RISK.value}:{name}:{channel}:{recipient}"[:200],
        occasion=Occasion.LIFE_RISK,
        channel=channel,
        recipient=recipient,
        reason=reason,
        level=Level.RED,
        department=person.department,
        data={
            "level": Level.RED.value,
            "title": reason,
            "post": one.excerpt.post,
            "excerpts": [excerpt_told(one.excerpt)],
            "why_you": person.reason,
            "recipient_name": person.contact.name,
            "department_name": person.department_name,
        },
    )
