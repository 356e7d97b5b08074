"""Whether the timed jobs still come to their end: when each last did. Knows the tables `done` and `feeds`; runs no job.

A service that hangs shows its pages and warns nobody, and a page without news looks like a quiet night. So each job
notes its end, and whoever asks learns which one is late: the pages, /health, `xinshao doctor`, the heartbeat.

A full disk under the database is the same silence: rounds come to their end, sites answer, and nothing is kept. Small
rows often still fit, so it is told by what the feeds' own rows say of their last polls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from monitor.store.done import put
from monitor.store.schema import done, feeds

BEGAN = "began"  # in `done`: when the last service or worker did
MARK = "alive:"  # in `done`, with the job's name; the detail is its interval in seconds
ROUNDS, PATIENCE = 3, timedelta(minutes=5)  # so many intervals without an end, at least so long, is late
RECORD = "record"  # the name under which it is late that posts were fetched and could not be kept
UNRECORDED, TRIES, FRESH = "unrecorded:", 2, 3 * PATIENCE  # how such polls begin; in a row; asked so lately


@dataclass(frozen=True, slots=True)
class Late:
    """A job that should have come to its end again since. `since`: its last end."""

    job: str
    since: datetime


def begin(c: Connection, every: Mapping[str, float], now: datetime) -> None:
    """A service or worker starts with these jobs (name -> seconds): what ran before it no longer counts."""
    c.execute(delete(done).where(done.c.key.startswith(MARK, autoescape=True)))
    for job, seconds in every.items():
        note(c, job, seconds, now)
    put(c, BEGAN, now, "")


def note(c: Connection, job: str, seconds: float, now: datetime) -> None:
    """The job came to its end; it comes every so many seconds."""
    put(c, MARK + job, now, str(int(seconds)))


def ends(c: Connection) -> dict[str, tuple[datetime, timedelta]]:
    """Job -> its last end and its interval; empty before the first start."""
    rows = c.execute(select(done.c.key, done.c.at, done.c.detail).where(done.c.key.startswith(MARK, autoescape=True)))
    return {row.key.removeprefix(MARK): (row.at, timedelta(seconds=int(row.detail))) for row in rows}


def late(c: Connection, now: datetime) -> list[Late]:
    """The jobs that are late, the one that is so longest first; RECORD among them where the database takes nothing."""
    found = [Late(job, at) for job, (at, every) in ends(c).items() if now - at > max(ROUNDS * every, PATIENCE)]
    if (since := _unrecorded(c, now)) is not None:
        found.append(Late(RECORD, since))
    return sorted(found, key=lambda one: (one.since, one.job))


def _unrecorded(c: Connection, now: datetime) -> datetime | None:
    """Since when posts are fetched that the database does not take, two polls of a feed in a row; None: it takes them.

    Only feeds that were asked lately count: one that left feeds.yaml meanwhile keeps its last words for ever.
    """
    lost = [feeds.c.reason.startswith(UNRECORDED), feeds.c.failures >= TRIES, feeds.c.last_try_at > now - FRESH]
    query = select(feeds.c.last_success_at, feeds.c.last_try_at).where(*lost)
    return min((row.last_success_at or row.last_try_at for row in c.execute(query)), default=None)
