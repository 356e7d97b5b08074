"""Bounces taken: what a mail server reports later about a message that it had accepted.

A permanent bounce makes the row failed and goes the way of everything undeliverable; a delay is only noted. Knows rows,
tokens and the bounce mailbox; believes a report only for the message whose unguessable token it carries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from monitor.channels.bounces import Bounces, Report, Token, read_report
from monitor.channels.wording import words
from monitor.collect.mailbox import Mail, read_mailbox
from monitor.config import Settings
from monitor.model import Feed
from monitor.outbox import escalate
from monitor.store import Store, done
from monitor.store import outbox as rows

Outcome = Literal["failed", "delayed", "delivered", "unclear", "none", "earlier", "again", "refused"]
log = logging.getLogger(__name__)

OLD = timedelta(days=30)  # a token is no longer believed; servers give up after five days (RFC 5321 4.5.4.1)
CURSOR = "bounces:cursor"
VISITS = 20  # of the mailbox in one round
ANYWHERE = ("0.0.0.0/0", "::/0")  # the operator's own mail server may stand in the intranet


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one letter. `earlier`: about an attempt before the last one; `again`: this one was read before."""

    outcome: Outcome
    reason: str = ""
    recipient: str = ""
    incident: str | None = None


def take_bounce(store: Store, bounces: Bounces, letter: bytes, now: datetime, fallback: str = "") -> Taken:
    """Reads one returned letter and writes what it means, once. `refused`: no token of ours, or one too old."""
    report = read_report(letter)
    if report.fate == "none":
        return Taken("none", "no report of a delivery")
    claimed = list(bounces.tokens(report.addresses))
    if not claimed:
        return Taken("refused", "it names no message of ours")
    return store.unit(lambda c: _take(c, bounces, claimed[:5], report, now, fallback))


def _take(c: Connection, bounces: Bounces, claimed: list[Token], report: Report, now: datetime, fallback: str) -> Taken:
    for token in claimed:
        row = rows.one(c, token.row)
        if row is not None and bounces.genuine(token, row["message_id"]):
            break
    else:
        return Taken("refused", "its token is not one that was given out")
    about = (str(row["recipient"]), row["incident"])
    if now - token.at > OLD:
        return Taken("refused", f"its token is older than {OLD.days} days", *about)
    if not done.once(c, f"bounce:{token}:{report.fate}", now, report.reason):
        return Taken("again", report.reason, *about)
    again = max(row["sent_at"] or row["due_at"], row["due_at"])
    if again > token.at:  # a token is stamped with the end of its attempt's lease: this one was before the last
        return Taken("earlier", report.reason, *about)
    _write(c, row, report, now, fallback)
    return Taken(report.fate, report.reason, *about)


def _write(c: Connection, row: rows.Row, report: Report, now: datetime, fallback: str) -> None:
    say = words()
    if report.fate == "failed" and rows.returned(c, row["id"], report.reason):
        escalate(c, row, report.reason, fallback, now)
    elif report.fate == "delayed":
        rows.remark(c, row["id"], say["bounce_delayed"].format(said=report.reason))
    elif report.fate == "unclear":
        rows.remark(c, row["id"], say["bounce_unclear"].format(said=report.reason))


# ------------------------------------------------------------------ the mailbox
def visit_mailbox(store: Store, settings: Settings, now: datetime) -> list[Taken]:
    """What came into the configured bounce mailbox; nothing where none is configured."""
    if not settings.bounce_mailbox or not settings.bounce_address:
        return []
    password = settings.bounce_password.get_secret_value() if settings.bounce_password else None
    bounces = Bounces(settings.bounce_address, settings.key())
    box = partial(read_mailbox, certificates=settings.certificates)
    return read_bounces(store, bounces, settings.bounce_mailbox, password, now, settings.duty_mail, read=box)


def read_bounces(
    store: Store,
    bounces: Bounces,
    mailbox: str,
    password: str | None,
    now: datetime,
    fallback: str = "",
    *,
    read: Callable[..., Mail] = read_mailbox,
) -> list[Taken]:
    """Everything that came into the bounce mailbox since the last visit. Blocks; collect.answer.Trouble: why not.

    `mailbox`: `imaps://user@host/FOLDER`. Letters stay in it, unmarked; how far it was read is kept in the store.
    """
    feed = Feed(name="bounces", kind="mailbox", url=mailbox, source="bounces", allow=ANYWHERE)
    found: list[Taken] = []
    for _ in range(VISITS):
        with store.read() as c:
            cursor = done.detail(c, CURSOR)
        mail = read(feed, password, cursor, now)
        found += [_guarded(store, bounces, document.body, now, fallback) for document in mail.documents]
        if mail.cursor != cursor:
            store.unit(lambda c, until=mail.cursor: done.put(c, CURSOR, now, until))  # type: ignore[misc]
        if not mail.documents:
            break
    return found


def _guarded(store: Store, bounces: Bounces, letter: bytes, now: datetime, fallback: str) -> Taken:
    """One letter must not keep the next from being read."""
    try:
        taken = take_bounce(store, bounces, letter, now, fallback)
    except Exception as problem:
        log.exception("a bounce could not be read")
        return Taken("unclear", f"{type(problem).__name__}: {problem}")
    if taken.outcome in ("failed", "refused", "unclear"):
        log.warning("bounce %s: %s (%s)", taken.outcome, taken.reason, taken.incident or "-")
    return taken
