"""Queued notifications and their fate. Knows the table `outbox`; sends nothing.

A row is claimed by a conditional UPDATE with a lease; a worker that died leaves its rows to the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from monitor.store.schema import outbox

Row = dict[str, Any]


def keys_known(c: Connection, keys: Collection[str]) -> set[str]:
    """Which of these messages were queued before, whatever became of them."""
    wanted, found = list(keys), set()
    for start in range(0, len(wanted), 400):
        found |= set(c.execute(select(outbox.c.key).where(outbox.c.key.in_(wanted[start : start + 400]))).scalars())
    return found


def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Queues messages; a key that was queued before is left out. Returns those that are new."""
    known = keys_known(c, [row["key"] for row in rows])
    fresh = {row["key"]: row for row in reversed(rows) if row["key"] not in known}
    new = [row for row in rows if fresh.get(row["key"]) is row]
    if new:
        c.execute(insert(outbox), new)
    return new


def claimable(c: Connection, now: datetime, limit: int, channels: Collection[str] | None = None) -> list[int]:
    """Messages due now, red first, then the oldest: queued ones, and ones whose sender's lease ran out."""
    waiting = and_(outbox.c.state == "queued", outbox.c.due_at <= now)
    abandoned = and_(outbox.c.state == "sending", outbox.c.claimed_until <= now)
    query = select(outbox.c.id).where(or_(waiting, abandoned))
    if channels is not None:
        query = query.where(outbox.c.channel.in_(list(channels)))
    query = query.order_by(outbox.c.level.desc(), outbox.c.created_at, outbox.c.id).limit(limit)
    return list(c.execute(query).scalars())


def claim(c: Connection, row: int, now: datetime, until: datetime) -> Row | None:
    """Takes one message for sending, attempt counted before it is made; None when somebody else was first."""
    free = or_(outbox.c.state == "queued", and_(outbox.c.state == "sending", outbox.c.claimed_until <= now))
    query = update(outbox).where(outbox.c.id == row, free)
    values = {"state": "sending", "claimed_until": until, "attempts": outbox.c.attempts + 1}
    if c.execute(query.values(**values)).rowcount != 1:
        return None
    return dict(c.execute(select(outbox).where(outbox.c.id == row)).mappings().one())


def finish(c: Connection, row: Row, **values: Any) -> bool:
    """Writes the result of the attempt `row` was claimed for; False when the lease was lost to another worker."""
    mine = (outbox.c.id == row["id"], outbox.c.state == "sending", outbox.c.attempts == row["attempts"])
    return c.execute(update(outbox).where(*mine).values(claimed_until=None, **values)).rowcount == 1


def hold(c: Connection, before: datetime, reason: str) -> int:
    """Holds everything queued before a moment (after a restore): a person releases or drops it."""
    query = update(outbox).where(outbox.c.state.in_(("queued", "sending")), outbox.c.created_at < before)
    return c.execute(query.values(state="held", last_error=reason, claimed_until=None)).rowcount


def release(c: Connection, ids: Collection[int], now: datetime) -> int:
    """Queues held or failed messages again, as a person asked."""
    query = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state.in_(("held", "failed")))
    return c.execute(query.values(state="queued", due_at=now, attempts=0)).rowcount


def recent(c: Connection, limit: int = 100) -> list[Row]:
    """The newest messages, newest first."""
    query = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    return [dict(row) for row in c.execute(query).mappings()]


def undelivered(c: Connection, limit: int = 100) -> list[Row]:
    """What a person must see: failed and held messages, and those that failed at least once; red first."""
    stuck = or_(
        outbox.c.state.in_(("failed", "held")), and_(outbox.c.state != "sent", outbox.c.last_error.is_not(None))
    )
    query = select(outbox).where(stuck).order_by(outbox.c.level.desc(), outbox.c.id.desc()).limit(limit)
    return [dict(row) for row in c.execute(query).mappings()]


def of_incident(c: Connection, incident: str) -> list[Row]:
    """Every message about an incident, oldest first."""
    query = select(outbox).where(outbox.c.incident == incident).order_by(outbox.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def depth(c: Connection) -> dict[str, int]:
    """How many messages stand in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in c.execute(query)}


def sent_since(c: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """Messages queued since a moment per (channel, recipient): what an officer's alert budget is spent on."""
    query = select(outbox.c.channel, outbox.c.recipient, func.count()).where(outbox.c.created_at >= since)
    return {(channel, who): n for channel, who, n in c.execute(query.group_by(outbox.c.channel, outbox.c.recipient))}
