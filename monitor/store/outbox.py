"""Queued notifications and their fate. Knows the table `outbox`; sends nothing.

A row is claimed by a conditional UPDATE with a lease; a worker that died leaves its rows to the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, not_, or_, select, update

from monitor.model import Notification
from monitor.store.incidents import real
from monitor.store.ledger import plain
from monitor.store.parts import parts
from monitor.store.schema import outbox
from monitor.text import storable

Row = dict[str, Any]


def queue(c: Connection, messages: Sequence[Notification], now: datetime) -> list[str]:
    """Queues messages; returns the keys that are new.

    A key that was queued before is one message: while it has not left, it takes over the latest state, later it stays.
    """
    return _put(c, [message_row(message, now) for message in messages])


def set_aside(c: Connection, messages: Sequence[tuple[Notification, str]], now: datetime) -> list[str]:
    """Keeps messages that budget or silence hold back, each with its reason; the digest and their case tell them.

    One that is kept back again, by another silence say, is noted with the latest reason and moment.
    """
    return _put(c, [{**message_row(message, now), "state": "digest", "last_error": why} for message, why in messages])


def _put(c: Connection, rows: Sequence[Row]) -> list[str]:
    known = {row["key"] for row in rows}
    query = select(outbox.c.key, outbox.c.state)
    states = {key: state for part in parts(known) for key, state in c.execute(query.where(outbox.c.key.in_(part)))}
    last = {row["key"]: row for row in rows}
    fresh = [row for key, row in last.items() if key not in states]
    if fresh:
        c.execute(insert(outbox), _distinct(c, fresh))
    for key, row in last.items():
        was, aside = states.get(key), row["state"] == "digest"
        if was == "digest" or (was == "queued" and not aside):
            names = ("reason", "data", "level", "state", "last_error", *(("created_at",) if aside else ()))
            still = outbox.c.state.in_(("digest",) if aside else ("queued", "digest"))
            c.execute(
                update(outbox).where(outbox.c.key == key, still).values(**{name: row[name] for name in names})
            )  # fmt: skip
    return [row["key"] for row in fresh]


def message_row(message: Notification, now: datetime) -> Row:
    """A notification as queued. Its Message-ID follows from what it says, so that a restored backup makes no other.

    What it says: recipient, occasion and debt. A debt is known by its first post (`data.about`), for numbers of
    incidents are given anew after a restore; without one, by its key.
    """
    name, about = message.key, message.data.get("about")
    if about and message.incident and name.startswith(f"{message.incident}:"):
        name = f"{about}:{name.removeprefix(f'{message.incident}:')}"
    return {
        "key": message.key,
        "occasion": message.occasion.value,
        "channel": message.channel,
        "recipient": message.recipient,
        "level": message.level.rank,
        "incident": message.incident,
        "department": message.department,
        "reason": storable(message.reason),
        "data": plain(message.data),
        "message_id": _message_id(name),
        "state": "queued",
        "created_at": now,
        "due_at": message.not_before or now,
        "claimed_until": None,
        "attempts": 0,
        "last_error": None,
        "sent_at": None,
    }


def _message_id(name: str) -> str:
    return f"<{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}@xinshao.local>"


def _distinct(c: Connection, rows: Sequence[Row]) -> list[Row]:
    """Rows whose Message-IDs are free. A split gives a debt's first post, and so its name, to another incident."""
    given = queued_at(c, [row["message_id"] for row in rows])
    taken, found = set(given), []
    for row in rows:
        free = row["message_id"] not in taken
        found.append(row if free else {**row, "message_id": _message_id(f"key\x00{row['key']}")})
        taken.add(row["message_id"])
    return found


def queued_at(c: Connection, message_ids: Collection[str]) -> dict[str, datetime]:
    """When the messages with these Message-IDs were queued; those that are unknown are left out."""
    query = select(outbox.c.message_id, outbox.c.created_at)
    return {id_: at for part in parts(message_ids) for id_, at in c.execute(query.where(outbox.c.message_id.in_(part)))}


def claimable(
    c: Connection,
    now: datetime,
    limit: int,
    channels: Collection[str] | None = None,
    *,
    without: Collection[str] | None = None,
) -> list[int]:
    """Messages due now, red first, then the oldest: queued ones, and ones whose sender's lease ran out.

    Of these channels only, or `without` those.
    """
    waiting = and_(outbox.c.state == "queued", outbox.c.due_at <= now)
    abandoned = and_(outbox.c.state == "sending", outbox.c.claimed_until <= now)
    query = select(outbox.c.id).where(or_(waiting, abandoned))
    if channels is not None:
        query = query.where(outbox.c.channel.in_(list(channels)))
    if without is not None:
        query = query.where(outbox.c.channel.not_in(list(without)))
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


def one(c: Connection, row: int) -> Row | None:
    """A message by the number of its row."""
    found = c.execute(select(outbox).where(outbox.c.id == row)).mappings().first()
    return dict(found) if found else None


def returned(c: Connection, row: int, reason: str) -> bool:
    """A server that had accepted a message gave it back for good; False when it had failed already, or is held."""
    gone = (outbox.c.id == row, outbox.c.state.in_(("sent", "queued", "sending")))
    values = {"state": "failed", "last_error": storable(reason), "claimed_until": None}
    return c.execute(update(outbox).where(*gone).values(**values)).rowcount == 1


def remark(c: Connection, row: int, remark: str) -> None:
    """Notes something about a message that changes nothing of its state."""
    c.execute(update(outbox).where(outbox.c.id == row).values(last_error=storable(remark)))


def hold(c: Connection, before: datetime, reason: str) -> int:
    """Holds everything queued before a moment (after a restore): a person releases or drops it."""
    query = update(outbox).where(outbox.c.state.in_(("queued", "sending")), outbox.c.created_at < before)
    return c.execute(query.values(state="held", last_error=reason, claimed_until=None)).rowcount


def release(c: Connection, ids: Collection[int], now: datetime) -> int:
    """Queues held or failed messages again, as a person asked."""
    query = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state.in_(("held", "failed")))
    return c.execute(query.values(state="queued", due_at=now, attempts=0)).rowcount


def settle(c: Connection, ids: Collection[int], how: str) -> int:
    """A person has told the recipient in another way: no longer undelivered. `how`: in which, who says so and when."""
    query = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state.in_(("failed", "held")))
    said = func.coalesce(outbox.c.last_error, "").concat("; " + storable(how))
    return c.execute(query.values(state="told", last_error=said)).rowcount


def called(c: Connection, incident: str, department: str, how: str) -> int:
    """A call about an incident reached a department: its messages that failed are settled."""
    query = select(outbox.c.id).where(
        outbox.c.incident == incident, outbox.c.department == department, outbox.c.state == "failed"
    )
    return settle(c, list(c.execute(query).scalars()), how)


def recent(c: Connection, limit: int = 100, *, before: int | None = None) -> list[Row]:
    """The newest messages, newest first; with `before` those whose number is smaller."""
    query = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(outbox.c.id < before)
    return [dict(row) for row in c.execute(query).mappings()]


def undelivered(c: Connection, limit: int = 100, *, states: Collection[str] = ()) -> list[Row]:
    """What a person must see: failed and held messages, those that failed at least once or are delayed; red first.

    `states`: of these only.
    """
    before = and_(outbox.c.state == "sent", outbox.c.sent_at < outbox.c.created_at)  # told before a restore
    stuck = or_(outbox.c.state.in_(("failed", "held")), and_(outbox.c.last_error.is_not(None), not_(before)))
    query = (
        select(outbox)
        .where(outbox.c.state.in_(list(states)) if states else stuck, outbox.c.state.not_in(("digest", "told")))
        .order_by(outbox.c.level.desc(), outbox.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in c.execute(query).mappings()]


def of_incident(c: Connection, incident: str) -> list[Row]:
    """Every message about an incident, oldest first."""
    query = select(outbox).where(outbox.c.incident == incident).order_by(outbox.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def depth(c: Connection) -> dict[str, int]:
    """How many messages stand in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in c.execute(query)}


def put_aside(c: Connection, start: datetime, end: datetime) -> list[Row]:
    """Messages that a budget or a silence kept back, queued from `start` to before `end` and not sent since: every one.

    One row a recipient and channel; `why` says what kept it back, `title` names the incident. Highest level first,
    then the oldest. The digest lists them one by one: nobody was written to about them.
    """
    kept = (
        outbox.c.state == "digest",
        real(outbox.c.incident),
        outbox.c.created_at >= start,
        outbox.c.created_at < end,
    )
    query = select(outbox).where(*kept).order_by(outbox.c.level.desc(), outbox.c.created_at, outbox.c.id)
    found = [dict(row) for row in c.execute(query).mappings()]
    return [{**row, "why": row["last_error"] or "", "title": row["data"].get("title", "")} for row in found]


def sent_since(c: Connection, since: datetime) -> dict[str, dict[int, int]]:
    """Messages queued or sent since a moment, per recipient and rank of the level: what budgets were spent on.

    Red (rank 3) is free and not counted; what was put aside, and what must be told by telephone, did not reach a box.
    """
    spent = (
        outbox.c.created_at >= since,
        real(outbox.c.incident),
        outbox.c.state != "digest",
        outbox.c.level < 3,
        outbox.c.channel != "phone",
    )
    query = select(outbox.c.recipient, outbox.c.level, func.count()).where(*spent)
    found: dict[str, dict[int, int]] = {}
    for recipient, level, count in c.execute(query.group_by(outbox.c.recipient, outbox.c.level)):
        found.setdefault(recipient, {})[level] = count
    return found


def known(c: Connection, keys: Collection[str]) -> set[str]:
    """Which keys stand for a message that was queued or has left already; one put aside is not among them."""
    query = select(outbox.c.key).where(outbox.c.state != "digest")
    return {
        key for part in parts(sorted(set(keys))) for key in c.execute(query.where(outbox.c.key.in_(part))).scalars()
    }


def waiting(c: Connection, recipients: Collection[str], since: datetime) -> list[Row]:
    """Messages below red queued since a moment that have not left: key, recipient, level; the newest first."""
    wanted = (outbox.c.state == "queued", outbox.c.level < 3, outbox.c.created_at >= since, outbox.c.attempts == 0)
    query = select(outbox.c.key, outbox.c.recipient, outbox.c.level).where(*wanted).order_by(outbox.c.id.desc())
    return [
        dict(row)
        for part in parts(sorted(set(recipients)))
        for row in c.execute(query.where(outbox.c.recipient.in_(part))).mappings()
    ]


def divert(c: Connection, keys: Mapping[str, str]) -> int:
    """Puts queued messages aside into the digest, each with its reason; those on their way stay. How many were."""
    count = 0
    for key, why in keys.items():
        still = (outbox.c.key == key, outbox.c.state == "queued")
        count += c.execute(update(outbox).where(*still).values(state="digest", last_error=why)).rowcount
    return count


def overtaken(c: Connection, before: datetime, limit: int = 500) -> list[str]:
    """Keys of queued news of further posts, older than a moment, that newer news of the same incident tells too."""
    newer = outbox.alias()
    same = [newer.c[name] == outbox.c[name] for name in ("incident", "channel", "recipient", "occasion", "state")]
    waits = (outbox.c.state == "queued", outbox.c.occasion == "joined", outbox.c.created_at < before)
    query = select(outbox.c.key).where(*waits, select(newer.c.id).where(*same, newer.c.id > outbox.c.id).exists())
    return list(c.execute(query.order_by(outbox.c.id).limit(limit)).scalars())


def postpone(c: Connection, channel: str, now: datetime, until: datetime, reason: str) -> int:
    """Puts everything of a channel that is due now off to `until`; attempts are not counted."""
    due = (outbox.c.channel == channel, outbox.c.state == "queued", outbox.c.due_at <= now)
    return c.execute(update(outbox).where(*due).values(due_at=until, last_error=reason)).rowcount
