"""The digest as periodic work: once a day at the configured hour, whatever restarts in between. Knows no wording."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.config import Config
from monitor.digest.figures import figures
from monitor.digest.make import Digest, make
from monitor.ledger_export import export_rows
from monitor.model import Level, Notification, Occasion
from monitor.outbox import queue
from monitor.routing import Matrix
from monitor.store import done
from monitor.store.base import Store
from monitor.text import SHANGHAI

DEPARTMENT = "qx_office"  # 治欠办 owns the digest; leaders are its contacts


def make_digest(
    store: Store,
    config: Config,
    matrix: Matrix,
    calendar: Calendar,
    day: date,
    now: datetime,
    folder: Path,
    days: int = 1,
) -> Digest:
    """The digest of `days` local days ending with `day`, as files in `folder`."""
    with store.read() as c:
        told = figures(c, day, now=now, feeds=config.feeds, days=days, eve=calendar.next_eve(day),
                       registered=_registered(config))  # fmt: skip
        ledger = export_rows(c, matrix=matrix)
    settings = config.settings
    return make(told, matrix, folder, county=config.county.name, base_url=settings.base_url, ledger=ledger)


def _registered(config: Config) -> set[str]:
    """Names of companies as the county's register knows them."""
    rows = [row for row in config.county.register if row.kind == "employer"]
    return {name for row in rows for name in (row.name, *row.aliases)}


def queue_digest(store: Store, config: Config, matrix: Matrix, calendar: Calendar, now: datetime) -> bool:
    """Makes and queues yesterday's digest if its hour has come and nobody did; True if this call did.

    Exactly one a department and day: the key of `done` and the keys of the messages are unique.
    """
    local = now.astimezone(SHANGHAI)
    day = local.date() - timedelta(days=1)
    key = f"digest:{day.isoformat()}"
    if local.hour < config.settings.digest_hour:
        return False
    with store.read() as c:
        if done.when(c, key):
            return False
    digest = make_digest(store, config, matrix, calendar, day, now, config.settings.home / "digests")

    def work(c: Connection) -> bool:
        if not done.once(c, key, now, digest.subject):
            return False
        queue(c, notifications(digest, config, key), now)
        return True

    return store.unit(work)


def notifications(digest: Digest, config: Config, key: str) -> list[Notification]:
    """One message for each contact of the office."""
    return [
        Notification(
            key=f"{key}:{contact.mail}",
            occasion=Occasion.DIGEST,
            channel="mail",
            recipient=contact.mail,
            reason=f"digest of {key.partition(':')[2]}",
            level=Level.BLUE,
            department=DEPARTMENT,
            data={
                "subject": digest.subject,
                "text": digest.text,
                "html": digest.html,
                "inline": dict(digest.inline),
                "attachments": list(digest.attachments),
            },
        )
        for contact in config.county.contacts.get(DEPARTMENT, ())
        if contact.mail
    ]
