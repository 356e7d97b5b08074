"""Whether the timed jobs still come to their end: when each last did. Knows `done`, `feeds` and `outbox`; runs no job.

A service that hangs shows its pages and warns nobody, and a page without news looks like a quiet night. So each job
notes its end, and whoever asks learns which one is late: the pages, /health, `xinshao doctor`, the heartbeat.

A full disk under the database is the same silence: rounds come to their end, sites answer, and nothing is kept. Small
rows often still fit, so it is told by what the feeds' own rows say of their last polls. So is a mail server that takes
nothing: every round tries, puts off, and comes to its end (fault F30).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from monitor.store.done import put
from monitor.store.schema import done, feeds, outbox

BEGAN = "began"  # in `done`: when the last service or worker did
MARK = "alive:"  # in `done`, with the job's name; the detail is its interval in seconds
ROUNDS, PATIENCE = 3, timedelta(minutes=5)  # so many intervals without an end, at least so long, is late
RECORD = "record"  # the name under which it is late that posts were fetched and could not be kept
SEND = "send"  # the name under which it is late that messages are tried and none of their channel leaves
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


def server_time(c: Connection) -> datetime | None:
    """What the clock of the database's own machine says; None: the database is a file."""
    if c.dialect.name == "sqlite":
        return None
    there: datetime = c.execute(select(func.clock_timestamp())).scalar_one()
    return there


def ends(c: Connection) -> dict[str, tuple[datetime, timedelta]]:
    """Job -> its last end and its interval; empty before the first start."""
    rows = c.execute(select(done.c.key, done.c.at, done.c.detail).where(done.c.key.startswith(MARK, autoescape=True)))
    return {row.key.removeprefix(MARK): (row.at, timedelta(seconds=int(row.detail))) for row in rows}


def late(c: Connection, now: datetime) -> list[Late]:
    """The jobs that are late, the one that is so longest first.

    RECORD is among them where the database takes nothing, SEND where a channel does not.
    """
    found = [Late(job, at) for job, (at, every) in ends(c).items() if now - at > max(ROUNDS * every, PATIENCE)]
    if (since := _unrecorded(c, now)) is not None:
        found.append(Late(RECORD, since))
    if (since := _unsent(c, now)) is not None:
        found.append(Late(SEND, since))
    return sorted(found, key=lambda one: (one.since, one.job))


def _unrecorded(c: Connection, now: datetime) -> datetime | None:
    """Since when posts are fetched that the database does not take, two polls of a feed in a row; None: it takes them.

    Only feeds that were asked lately count: one that left feeds.yaml meanwhile keeps its last words for ever.
    """
    lost = [feeds.c.reason.startswith(UNRECORDED), feeds.c.failures >= TRIES, feeds.c.last_try_at > now - FRESH]
    query = select(feeds.c.last_success_at, feeds.c.last_try_at).where(*lost)
    return min((row.last_success_at or row.last_try_at for row in c.execute(query)), default=None)


def _unsent(c: Connection, now: datetime) -> datetime | None:
    """Since when messages wait that were tried in vain while nothing else of their channel left; None: all leave.

    One recipient whose server says "later" is not the channel: others are reached, and the phone tree asks on.
    """
    tried = [outbox.c.state == "queued", outbox.c.last_error.is_not(None), outbox.c.created_at <= now - PATIENCE]
    since = []
    for channel in c.scalars(select(outbox.c.channel).where(*tried).distinct()):
        of_it = outbox.c.channel == channel
        left = c.scalar(select(func.max(outbox.c.sent_at)).where(of_it, outbox.c.state == "sent"))
        newer = [] if left is None else [outbox.c.created_at > left]
        since.append(c.scalar(select(func.min(outbox.c.created_at)).where(of_it, *tried, *newer)))
    return min((one for one in since if one is not None), default=None)
