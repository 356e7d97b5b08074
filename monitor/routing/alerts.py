"""Alert decisions: who is told, when, on which channel and why. Pure: `now` and the duty list are arguments.

It knows departments, contacts, quiet hours, silences and budgets. It does not know mail, templates, the store or the
ledger: the ledger calls `due` inside its transaction and queues what comes back, one row a notification.

Grouping is in the key: within one window the same message has the same key, and the outbox queues a key once. While a
queued row has not left, a repeat of its key may replace `data`, so that a grouped mail tells the latest state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from monitor.model import Clock, County, Incident, Level, Notification, Occasion, Route, Span
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One post of the incident as a mail may show it: masked, with the spans the verdict rests on."""

    post: str
    text: str  # masked
    platform: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    reasons: tuple[Span, ...] = ()  # offsets into `text`
    views: int | None = None
    comments: int | None = None
    reposts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """静默: a person's written wish not to be told for a while. Never covers red; ends by itself."""

    author: str
    reason: str
    until: datetime
    incident: str | None = None  # None: every incident
    department: str | None = None  # None: every department
    occasions: tuple[Occasion, ...] = ()  # empty: every occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The county's settings for alerts. Times of day are Asia/Shanghai."""

    channel: str = "mail"
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)
    quiet_levels: tuple[Level, ...] = (Level.BLUE, Level.YELLOW)  # orange is due within minutes; red always goes
    group_window: timedelta = timedelta(minutes=30)
    repeat_every: timedelta = timedelta(hours=4)  # the same reminder not sooner than this
    budget: int = 30  # mails an officer and day; red does not count against it
    digest_at: time = time(8, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A message that does not go out now, and why; `to_digest`: it is told in the next digest instead."""

    notification: Notification
    reason: str
    to_digest: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes out and what does not: nothing is dropped without a reason."""

    send: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def due(
    incident: Incident,
    occasion: Occasion,
    *,
    route: Route,
    matrix: Matrix,
    county: County,
    now: datetime,
    reason: str = "",
    clocks: Sequence[Clock] = (),
    shifts: Sequence[Shift] = (),
    excerpts: Sequence[Excerpt] = (),
    evidence: Mapping[str, str] | None = None,
    silences: Sequence[Silence] = (),
    sent_today: Mapping[str, int] | None = None,
    policy: Policy | None = None,
    step: int = 0,
    previous_lead: str | None = None,
) -> list[Notification]:
    """The messages that are due because `occasion` happened to `incident` at `now` (aware).

    `reason`: what happened, in words (goes into the mail). `step`: how often a reminder has been given before
    (0 first): each step reaches further up the chain. `sent_today`: messages each recipient has had today.
    `evidence`: label -> address of stored evidence. `previous_lead`: the department an assignment moved from.
    """
    return list(
        decide(
            incident, occasion, route=route, matrix=matrix, county=county, now=now, reason=reason, clocks=clocks,
            shifts=shifts, excerpts=excerpts, evidence=evidence, silences=silences, sent_today=sent_today,
            policy=policy, step=step, previous_lead=previous_lead,
        ).send
    )  # fmt: skip
