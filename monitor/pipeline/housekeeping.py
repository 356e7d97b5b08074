"""The hourly chores: forget what its time has come for, and tell the office of its own gaps. Knows no wording."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from monitor.clocks import Calendar
from monitor.collect.words import explain
from monitor.config import Config
from monitor.ledger.erase import erase
from monitor.ledger.standing import catalogue
from monitor.ledger.wishes import SOON
from monitor.model import MACHINE, Notification, Occasion
from monitor.outbox import queue
from monitor.pipeline.health import alarms
from monitor.pipeline.house import policy_of
from monitor.reasons import in_words
from monitor.routing import Matrix
from monitor.routing.duty import Duty
from monitor.routing.matters import Matter, notify
from monitor.routing.roster import gaps, shift_from, swap_from
from monitor.store import evidence, retention, shifts, wishes
from monitor.store.base import Store
from monitor.text import SHANGHAI, face

log = structlog.get_logger()
WEEK = timedelta(days=7)


def housekeep(store: Store, config: Config, matrix: Matrix, calendar: Calendar, now: datetime) -> dict[str, int]:
    """Everything that is due of it; safe to run at any time, any number of times. Returns counts for the log."""
    counts = store.unit(lambda c: retention.purge(c, now))
    counts["evidence"] = store.unit(lambda c: evidence.purge(c, now))
    counts["letters"] = forget_letters(config.settings.home / "mail", now)
    counts["files"] = _files_over(store, now)
    found = [*of_feeds(store, config, matrix, now), *of_roster(store, config, matrix, calendar, now)]
    found += of_wishes(store, config, matrix, now)
    if found:
        store.unit(lambda c: queue(c, found, now))
    counts["told"] = len(found)
    log.info("housekeeping", **counts)
    return counts


def _files_over(store: Store, now: datetime) -> int:
    """The files of cases that are over long enough: what posts and proofs said goes, the figures of the case stay."""
    proofs = store.unit(lambda c: retention.forget_proofs(c, now))
    with store.read() as c:
        found = retention.files_over(c, now)
    for post in found:
        erase(store, post, by=MACHINE, reason=retention.PURGE_REASON, now=now)
    return len(found) + proofs


def forget_letters(folder: Path, now: datetime) -> int:
    """Mails that were written into files for want of a mail server: kept as long as the contents of sent ones."""
    before, gone = (now - retention.MESSAGES).timestamp(), 0
    for letter in folder.glob("*.eml"):
        if letter.stat().st_mtime < before:
            letter.unlink(missing_ok=True)
            gone += 1
    return gone


def of_feeds(store: Store, config: Config, matrix: Matrix, now: datetime) -> list[Notification]:
    """监测源 that no longer tell us anything: the office hears of each once a day."""
    duty, policy = Duty(matrix=matrix, county=config.county, now=now), policy_of(config.settings)
    silent = [
        Matter(
            occasion=Occasion.FEED_SILENT,
            subject=alarm.feed,
            reason=f"{alarm.feed}：{in_words(explain(alarm.reason))}",
        )
        for alarm in alarms(config, now, store)
        if alarm.blind
    ]
    return [message for matter in silent for message in notify(matter, duty, policy)]


def of_wishes(store: Store, config: Config, matrix: Matrix, now: datetime) -> list[Notification]:
    """个人信息请求 whose time to answer is nearly over, or is over: the office hears of each once a day."""
    with store.read() as c:
        near = [row for row in wishes.waiting(c) if row["due_at"] - SOON <= now]
    duty, policy, say = Duty(matrix=matrix, county=config.county, now=now), policy_of(config.settings), catalogue()
    due = [
        Matter(
            occasion=Occasion.WISH_DUE,
            subject=str(row["id"]),
            reason=say["wishes"]["due"].format(
                number=row["id"], kind=say["wish_kinds"][row["kind"]], due=face(row["due_at"])
            ),
        )
        for row in near
    ]
    return [message for matter in due for message in notify(matter, duty, policy)]


def of_roster(store: Store, config: Config, matrix: Matrix, calendar: Calendar, now: datetime) -> list[Notification]:
    """Hours without anybody on duty in the next seven days; only where the county keeps a duty roster here."""
    with store.read() as c:
        rows = [shift_from(row) for row in shifts.between(c, now - WEEK, now + WEEK)]
        swaps = [swap_from(row) for row in shifts.swaps_at(c, now)]
    if not rows:
        return []
    days = [(now.astimezone(SHANGHAI) + timedelta(days=ahead)).date() for ahead in range(8)]
    off = {day: calendar.day(day).why for day in days if not calendar.is_workday(day)}
    duty = Duty(matrix=matrix, county=config.county, now=now, shifts=rows, swaps=swaps)
    unmanned = [
        Matter(
            occasion=Occasion.ROSTER_GAP,
            subject=f"{gap.department}:{gap.starts_at.isoformat()}",
            reason=gap.reason,
            departments=(gap.department,),
        )
        for gap in gaps(rows, {row.department for row in rows}, now, matrix=matrix, days_off=off)
    ]
    return [message for matter in unmanned for message in notify(matter, duty, policy_of(config.settings))]
