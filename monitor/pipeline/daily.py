"""The digests as periodic work: day, week, month, each once, whatever restarts in between. Knows no wording."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.config import Config
from monitor.digest.excess import excess
from monitor.digest.figures import figures, local_day
from monitor.digest.make import Digest, make
from monitor.digest.recapture import SEASON, recapture
from monitor.digest.told import period
from monitor.incidents.recapture import Audit
from monitor.ledger.behind import book, day_of, outlook, stand_of
from monitor.ledger.export import export_rows
from monitor.model import MACHINE, Level, Notification, Occasion
from monitor.outbox import queue
from monitor.routing import Matrix
from monitor.store import done
from monitor.store.base import Store
from monitor.store.figures import in_hand, polled
from monitor.store.papers import Number, take_number
from monitor.text import SHANGHAI

ONE, LATE = timedelta(days=1), timedelta(days=3)
LEDGER_ROWS = 20_000  # of the sheet that goes with a digest
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
        register, open_ = config.county.register, in_hand(c, brief=True)
        funds = stand_of(open_, book(c, register), day_of(now, calendar)) if days > 1 else None
        told = figures(c, day, now=now, feeds=config.feeds, days=days, eve=calendar.next_eve(day),
                       registered=_registered(config), above=excess(c, now, calendar),
                       missed=_missed(c, config, day) if period(days) == "month" else None, funds=funds,
                       hints=outlook(c, open_, register=register, now=now))  # fmt: skip
        ledger = export_rows(c, matrix=matrix, register=config.county.register, limit=LEDGER_ROWS)
    number = _number(store, day, days, now)
    settings = config.settings
    return make(told, matrix, folder, county=config.county.name, base_url=settings.base_url, ledger=ledger,
                number=number)  # fmt: skip


def _missed(c: Connection, config: Config, day: date) -> Audit | None:
    """A month's lists come after its end: the report tells of the season's, and of which days they speak."""
    return recapture(c, config.county, day - SEASON + ONE, day)


def _number(store: Store, day: date, days: int, now: datetime) -> Number | None:
    """第N期 of its kind and year, the same whenever that period is told again; other periods have none."""
    kind = period(days)
    if kind == "other":
        return None
    subject = f"{day.isoformat()}:{days}"
    return store.unit(lambda c: take_number(c, kind, subject, year=day.year, now=now, by=MACHINE))


def _registered(config: Config) -> set[str]:
    """Names of companies as the county's register knows them."""
    rows = [row for row in config.county.register if row.kind == "employer"]
    return {name for row in rows for name in (row.name, *row.aliases)}


def periods_due(today: date) -> list[tuple[str, date, int]]:
    """(key, last day, days) of what is due on a local day: yesterday, on Monday the week, on the 1st the month.

    A week or month is still made up for two days later, where the service stood still on its day.
    """
    yesterday = today - ONE
    due = [(f"digest:{yesterday.isoformat()}", yesterday, 1)]
    sunday = today - timedelta(days=today.isoweekday())
    if (today - sunday) <= LATE:
        due.append((f"digest-week:{sunday.isoformat()}", sunday, 7))
    end_of_month = today.replace(day=1) - ONE
    if (today - end_of_month) <= LATE:
        due.append((f"digest-month:{end_of_month.isoformat()}", end_of_month, end_of_month.day))
    return due


def queue_digest(store: Store, config: Config, matrix: Matrix, calendar: Calendar, now: datetime) -> bool:
    """Makes and queues every digest whose hour has come and that nobody made; True if this call queued one.

    Exactly one a period and contact: the key of `done` and the keys of the messages are unique.
    """
    local = now.astimezone(SHANGHAI)
    if local.hour < config.settings.digest_hour:
        return False
    queued = [
        _queue_one(store, config, matrix, calendar, now, key, day, days) for key, day, days in periods_due(local.date())
    ]
    return any(queued)


def _queue_one(
    store: Store, config: Config, matrix: Matrix, calendar: Calendar, now: datetime, key: str, day: date, days: int
) -> bool:
    with store.read() as c:
        if done.when(c, key) or (days > 1 and not _watched(c, day, days)):
            return False
    digest = make_digest(store, config, matrix, calendar, day, now, config.settings.home / "digests", days)

    def work(c: Connection) -> bool:
        if not done.once(c, key, now, digest.subject):
            return False
        queue(c, notifications(digest, config, key), now)
        return True

    return store.unit(work)


def _watched(c: Connection, day: date, days: int) -> bool:
    """Whether anything was polled: an installation of today has no last month to tell of."""
    return bool(polled(c, local_day(day - (days - 1) * ONE)[0], local_day(day)[1]))


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
