"""What is queued is sent: claim, send, write the result. Nothing is lost, and no message holds up another.

The row says `sending` before anything leaves and gets its result after; a worker that dies leaves a lease that runs
out, and the next attempt carries the same Message-ID. Knows rows and channels; decides nobody's messages.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.channels import Channel, ChannelDown, Channels
from monitor.channels.journal import Journal
from monitor.channels.wording import words
from monitor.errors import DeliveryError
from monitor.model import Level, Notification, Occasion
from monitor.store import Store
from monitor.store import outbox as rows
from monitor.store.outbox import queue
from monitor.text import face

__all__ = ["Delivered", "deliver_due", "queue"]

Row = Mapping[str, Any]
log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than any channel's total deadline
FIRST_WAIT, LONGEST_WAIT, LONGEST_WAIT_RED = 30.0, 3600.0, 300.0  # seconds between attempts, doubling
AGE_LIMIT = timedelta(hours=24)  # after this a message is given up and a person told
STALE = timedelta(hours=2)  # news of further posts that has waited longer gives way to newer
AT_ONCE = 4  # messages of one channel on the way together


@dataclass(slots=True)
class Delivered:
    """What one pass did."""

    sent: int = 0
    retried: int = 0  # put back for a later attempt
    failed: int = 0  # given up; a person is told
    told_before: int = 0  # not sent again: it had left, though the database did not know (a crash, a restore)
    lost_lease: int = 0  # another worker had taken the row over
    reasons: list[str] = field(default_factory=list)


async def deliver_due(store: Store, channels: Channels, now: datetime, limit: int = 200) -> Delivered:
    """One pass over what is due at `now` (aware): red first, then the oldest, every channel on its own."""
    done, began = Delivered(), time.monotonic()

    def moment() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    if channels.journal is not None:
        await asyncio.to_thread(_recall, store, channels.journal, now)
    await asyncio.to_thread(_gather_up, store, now)
    await asyncio.to_thread(_cannot, store, channels, now, limit, done)
    await asyncio.gather(
        *(_channel(store, name, channel, channels, moment, limit, done) for name, channel in _named(channels))
    )
    return done


def _named(channels: Channels) -> list[tuple[str, Channel]]:
    return list(channels.by_name.items())


async def _channel(
    store: Store, name: str, channel: Channel, channels: Channels, moment: Any, limit: int, done: Delivered
) -> None:
    with store.read() as c:
        waiting = rows.claimable(c, moment(), limit, [name])
    line, down, gate = iter(waiting), list[ChannelDown](), asyncio.Lock()

    async def worker() -> None:
        for id_ in line:  # one iterator for all workers: the order is kept
            if down:
                return
            await _one(store, channel, channels, id_, moment, done, down, gate)

    for id_ in line:  # the first goes alone: a refused login must not be tried four times at once
        await _one(store, channel, channels, id_, moment, done, down, gate)
        break
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    if down:
        await asyncio.to_thread(_leave_alone, store, name, moment(), down[0])
        done.reasons.append(f"{name}: {down[0].reason}")
        log.warning("messages by %s wait: %s", name, down[0].reason)


async def _one(
    store: Store,
    channel: Channel,
    channels: Channels,
    id_: int,
    moment: Any,
    done: Delivered,
    down: list[ChannelDown],
    gate: asyncio.Lock,
) -> None:
    async with gate:  # claimed one after another, so that they leave in order
        at = moment()
        row = await asyncio.to_thread(store.unit, lambda c: rows.claim(c, id_, at, at + LEASE))
    if row is None:
        return
    fate = _left_before(channels.journal, row)
    if fate:
        await asyncio.to_thread(store.unit, lambda c: rows.finish(c, dict(row), **fate))
        done.told_before += 1
        return
    problem = await _handed_over(channel, row)
    if isinstance(problem, ChannelDown):
        down.append(problem)
    if problem is None and channels.journal is not None:
        await asyncio.to_thread(channels.journal.note, row, moment())
    kept = await asyncio.to_thread(store.unit, lambda c: _finish(c, row, problem, moment(), channels.fallback))
    _count(done, kept, problem)


async def _handed_over(channel: Channel, row: Row) -> DeliveryError | None:
    """Sends one message; what went wrong, or None."""
    try:
        await channel.send(row)
    except DeliveryError as refused:
        return refused
    except Exception as unexpected:  # one message must not stop the others
        log.exception("message %s could not be sent", row["key"])
        return DeliveryError(f"{type(unexpected).__name__}: {unexpected}")
    return None


def _gather_up(store: Store, now: datetime) -> None:
    """After hours without a mail server, news of further posts is told once an incident; the rest is for the digest."""
    with store.read() as c:
        keys = rows.overtaken(c, now - STALE)
    if keys:
        store.unit(lambda c: rows.divert(c, dict.fromkeys(keys, words()["overtaken"])))


def _recall(store: Store, journal: Journal, now: datetime) -> None:
    """Once a process: which messages left and are unknown here. Some are, when the database came from a backup."""
    if journal.recalled:
        return
    entries = journal.entries(now)
    with store.read() as c:
        queued_at = rows.queued_at(c, [one.message_id for one in entries])
    forgotten = journal.recall(entries, queued_at)
    if forgotten:
        log.warning("%d messages were sent that this database does not know: it was restored", forgotten)


def _left_before(journal: Journal | None, row: Row) -> dict[str, Any]:
    """What a row becomes that must not be sent again, because the journal knows better than the database; else {}."""
    if journal is None:
        return {}
    at, said = journal.handed_over(row), None
    if at is None:
        at = journal.told_before(row)
        said = words()["told_before"].format(at=face(at)) if at else None
    return {"state": "sent", "sent_at": at, "last_error": said} if at else {}


def _count(done: Delivered, kept: str, problem: DeliveryError | None) -> None:
    setattr(done, kept, getattr(done, kept) + 1)
    if problem is not None and kept != "sent":
        done.reasons.append(problem.reason)


def _finish(c: Connection, row: Row, problem: DeliveryError | None, now: datetime, fallback: str) -> str:
    """Writes what came of an attempt: the name of the counter it belongs to."""
    claimed = dict(row)
    if problem is None:
        mine = rows.finish(c, claimed, state="sent", sent_at=now, last_error=None)
        return "sent" if mine else "lost_lease"
    if not problem.permanent and now - row["created_at"] < AGE_LIMIT:
        later = now + wait(row["attempts"], row["level"], problem)
        mine = rows.finish(c, claimed, state="queued", due_at=later, last_error=problem.reason)
        return "retried" if mine else "lost_lease"
    if not rows.finish(c, claimed, state="failed", last_error=problem.reason):
        return "lost_lease"
    escalate(c, row, problem.reason, fallback, now)
    return "failed"


def wait(attempts: int, level: int, problem: DeliveryError) -> timedelta:
    """How long until the next attempt: doubling, spread by chance so that a thousand do not return together."""
    longest = LONGEST_WAIT_RED if level >= Level.RED.rank else LONGEST_WAIT
    seconds = min(FIRST_WAIT * 2 ** min(attempts - 1, 12), longest)
    if isinstance(problem, ChannelDown):
        seconds = max(seconds, problem.wait)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311  spreads attempts, no secret


def escalate(c: Connection, row: Row, reason: str, fallback: str, now: datetime) -> None:
    """What could not be delivered goes to the next of the phone tree, else to the fallback; it stays shown as failed.

    The tree came with the message (`data.next`); nobody is tried twice, so the chain ends. Where a stand-in was told
    with the message itself (`data.stood_in`) nobody else has to be.
    """
    data = row["data"]
    tried = [*data.get("tried", ()), row["recipient"]]
    line = [one for one in data.get("next", ()) if one["recipient"] not in tried]
    if not line and fallback and fallback not in tried:
        line = [{"channel": "mail", "recipient": fallback, "name": "", "why": words()["fallback"]}]
    if not line or data.get("stood_in"):
        return
    told, name, phone = line[0], data.get("recipient_name", ""), data.get("recipient_phone", "")
    data = {
        **data, "occasion": Occasion.UNDELIVERED.value, "token": None, "tried": tried, "next": line[1:],
        "failed": {"recipient": row["recipient"], "error": reason, "name": name, "phone": phone},
        "recipient_name": told["name"], "recipient_phone": "", "why_you": told["why"], "once": None,
    }  # fmt: skip
    message = Notification(
        key=f"undelivered:{row['data'].get('once') or row['message_id']}"[:200],
        occasion=Occasion.UNDELIVERED,
        channel=told["channel"],
        recipient=told["recipient"],
        reason=row["reason"],
        level=list(Level)[row["level"]],
        incident=row["incident"],
        department=row["department"],
        data=data,
    )
    queue(c, [message], now)


def _cannot(store: Store, channels: Channels, now: datetime, limit: int, done: Delivered) -> None:
    """Messages of channels that nothing serves (`phone`: no address is known) are failed at once, and told on."""
    with store.read() as c:
        waiting = rows.claimable(c, now, limit, without=channels.by_name)
    for id_ in waiting:
        kept = store.unit(lambda c, id_=id_: _give_up(c, id_, channels.fallback, now))  # type: ignore[misc]
        done.failed += kept


def _give_up(c: Connection, id_: int, fallback: str, now: datetime) -> bool:
    row = rows.claim(c, id_, now, now + LEASE)
    if row is None:
        return False
    reason = row["data"].get("call") or words()["no_channel"].format(channel=row["channel"])
    rows.finish(c, row, state="failed", last_error=reason)
    escalate(c, row, reason, fallback, now)
    return True


def _leave_alone(store: Store, name: str, now: datetime, down: ChannelDown) -> None:
    """The rest of a channel that is down waits too, without an attempt counted: no tight loop, no locked account."""
    until = now + timedelta(seconds=down.wait)
    store.unit(lambda c: rows.postpone(c, name, now, until, down.reason))
