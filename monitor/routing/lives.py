"""人身安全: a post that tells of danger to life and waits for a person is told to the duty desk at once, at any hour.

The score decides what the machine may do by itself; it never decides whether a person hears of somebody in danger.
Pure: the waiting posts and who is on duty are arguments. Asked again and again it gives the same messages: the
outbox queues a key once, so nothing has to remember what was told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.model import Level, Notification, Occasion
from monitor.routing.audience import Told, people, ways
from monitor.routing.duty import Duty
from monitor.routing.letter import Excerpt, excerpt_told
from monitor.routing.notifications import short_key
from monitor.routing.policy import Policy, quiet_until, window
from monitor.routing.wording import say
from monitor.text import SHANGHAI, aware

PATIENCE = timedelta(minutes=30)  # what perhaps tells of danger, and nobody has looked at, is told once
CHASE = timedelta(minutes=10)  # nobody has looked: the next in the phone tree is told
STEPS = 4  # then the queue and the digest go on saying it
OLD = timedelta(days=7)  # a story published longer ago is read in the queue's first place, but calls nobody out
ABOUT_WAGES = 0.01  # less than this and it is hardly about wages; the least of 156 own sentences has 0.022
SITE = re.compile("塔吊|吊塔|塔机|工地|项目部|脚手架|施工")
A_SHOUT = 150  # characters
CROWD = 10  # texts told one by one; what waits beyond them goes into one message a `CHASE`


@dataclass(frozen=True, slots=True)
class Waiting:
    """One post that waits for a person, as a message may show it, since when, and how likely it is about wages."""

    excerpt: Excerpt
    since: datetime
    score: float = 1.0
    incident: str | None = None  # the case it went into, if any


def notify(waiting: Sequence[Waiting], duty: Duty, policy: Policy | None = None) -> list[Notification]:
    """What the duty desk is to be told now about posts that wait; the same words spread by many are told once a day.

    Every `CHASE` without a decision reaches one place further: the next of the office's phone tree, from the second
    step on also 分管领导. No quiet hours, no silence and no budget apply. Posts that are hardly about wages (a quarrel
    of neighbours, a court report) are told too, together, and not at night: a desk called out for nothing stops coming.
    """
    rules, now, found = policy or Policy(), duty.now, list[Notification]()
    fresh = _distinct([one for one in waiting if _recent(one, now)])
    likely, unlikely = _parted(fresh)

    def told(one: Waiting, name: str, step: int, reason: str) -> list[Notification]:
        line = [(duty.matrix.office, "life"), *([(duty.matrix.upward[-1], "upward")] if step else [])]
        reached = people(duty, line, reach=step + 1)
        pairs = [(person, way) for person in reached.people for way in ways(person.contact, rules.channels)]
        return [_message(one, person, f"{name}:{step}", way, reason) for person, way in pairs]

    for one in likely[:CROWD]:
        found += told(one, _same(one), _step(one, now), say("life", "one"))
    if rest := likely[CROWD:]:
        found += told(rest[0], f"many:{window(now, CHASE)}", _step(rest[0], now), say("life", "many", count=len(rest)))
    if unlikely:
        name = f"unlikely:{window(unlikely[-1].since, rules.repeat_every)}"
        later = told(unlikely[-1], name, 0, say("life", "unlikely", count=len(unlikely)))
        found += [replace(one, level=Level.YELLOW, not_before=quiet_until(now, rules)) for one in later]
    return found


def notify_perhaps(waiting: Sequence[Waiting], duty: Duty, policy: Policy | None = None) -> list[Notification]:
    """What the officer on duty is to be reminded of: posts that perhaps tell of danger, `PATIENCE` after they came.

    Mild: one message a text, to the first of the office's line, once; nobody else and no phone. At night only what may
    be about wages, for a life may hang on it; the rest is told together and by day, as with what is sure.
    """
    rules, now, found = policy or Policy(), duty.now, list[Notification]()
    ripe = [one for one in waiting if _recent(one, now) and aware(now) - aware(one.since) >= PATIENCE]
    likely, unlikely = _parted(_distinct(ripe))
    reached = people(duty, [(duty.matrix.office, "perhaps")]).people[:1]

    def told(one: Waiting, name: str, reason: str) -> list[Notification]:
        pairs = [(person, way) for person in reached for way in ways(person.contact, rules.channels)]
        sent = [_message(one, person, f"perhaps:{name}", way, reason) for person, way in pairs]
        return [_mild(each) for each in sent]

    minutes = PATIENCE // timedelta(minutes=1)
    for one in likely[:CROWD]:
        kind = "perhaps_case" if one.incident else "perhaps"
        found += told(one, _same(one), say("life", kind, minutes=minutes, incident=one.incident))
    if rest := likely[CROWD:]:
        found += told(rest[0], f"many:{window(now, PATIENCE)}", say("life", "perhaps_many", count=len(rest)))
    if unlikely:
        name = f"unlikely:{window(unlikely[-1].since, rules.repeat_every)}"
        later = told(unlikely[-1], name, say("life", "perhaps_unlikely", count=len(unlikely)))
        found += [replace(one, not_before=quiet_until(now, rules)) for one in later]
    return found


def _mild(message: Notification) -> Notification:
    data = {**message.data, "level": Level.YELLOW.value}
    return replace(message, occasion=Occasion.LOOK_FIRST, level=Level.YELLOW, data=data)


def _parted(waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Those that may be about wages, and the others."""
    return [one for one in waiting if _may_be_ours(one)], [one for one in waiting if not _may_be_ours(one)]


def _may_be_ours(one: Waiting) -> bool:
    """About wages by its score; or a few words of somebody on a building site, who shouts and does not explain."""
    text = one.excerpt.text
    return one.score >= ABOUT_WAGES or (len(text) <= A_SHOUT and SITE.search(text) is not None)


def _step(one: Waiting, now: datetime) -> int:
    return min(max(int((aware(now) - aware(one.since)) / CHASE), 0), STEPS - 1)


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


def _message(one: Waiting, person: Told, name: str, way: tuple[str, str], reason: str) -> Notification:
    channel, recipient = way
    return Notification(
        key=short_key(f"{Occasion.LIFE_RISK.value}:{name}:{channel}:{recipient}"),
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
