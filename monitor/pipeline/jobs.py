"""The timed jobs of one installation and how often each comes. Knows what they ask the store; not who runs them.

The service runs them in one process, the workers from a queue: both from this list, so that neither can forget one.
Polling is not among them, since each shares out its feeds in its own way. A job that runs twice, late or never changes
nothing: what is to do is asked of the store, messages are claimed, and each has a key that is queued once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitor.outbox import deliver_due
from monitor.outbox_bounces import visit_mailbox
from monitor.pipeline.daily import queue_digest
from monitor.pipeline.duty import go_round
from monitor.pipeline.heartbeat import beat
from monitor.pipeline.house import House, now
from monitor.pipeline.housekeeping import housekeep
from monitor.pipeline.recognise import note


@dataclass(frozen=True, slots=True)
class Job:
    """What is done every so many seconds (1 to 3600); where jobs wait in a queue, a higher urgency goes first.

    `rest`: seconds after the start of a service before it is done for the first time.
    """

    name: str
    seconds: int
    run: Callable[[House], Awaitable[object]]
    urgency: int = 0
    rest: int = 0


async def deliver(house: House) -> None:
    """Sends the messages that are due."""
    await deliver_due(house.store, house.channels, now())


async def read_bounces(house: House) -> None:
    """Reads the mailbox to which undeliverable mail comes back, if there is one."""
    await asyncio.to_thread(visit_mailbox, house.store, house.config.settings, now())


async def remind(house: House) -> None:
    """Warns, calls the next step and escalates where a clock of a case has run; notes how far the ledger has come."""
    await asyncio.to_thread(house.ledger.escalate_due, now())
    await asyncio.to_thread(note, house.store, house.config.settings.home, now())


async def go_on_duty(house: House) -> None:
    """Hand-over notes at the change of a shift, waiting dangers, the daily report before 除夕."""
    await asyncio.to_thread(go_round, house.store, house.config, house.ledger, now())


async def make_digest(house: House) -> None:
    """The digest of the day, once, when its hour has come."""
    await asyncio.to_thread(queue_digest, house.store, house.config, house.matrix, house.calendar, now())


async def tell_watcher(house: House) -> None:
    """Calls the watcher on another machine, if there is one, while no job is late."""
    await asyncio.to_thread(beat, house.store, house.config.settings, now())


async def clean(house: House) -> None:
    """Forgets what its time has come for, and tells the office of gaps in feeds and roster."""
    await asyncio.to_thread(housekeep, house.store, house.config, house.matrix, house.calendar, now())


JOBS = (
    Job("deliver", 5, deliver, urgency=10),  # a red mail waits for no poll
    Job("remind", 30, remind, urgency=10),
    Job("duty", 60, go_on_duty),
    Job("digest", 60, make_digest),
    Job("bounces", 300, read_bounces),
    Job("heartbeat", 60, tell_watcher),
    Job("housekeep", 3600, clean, rest=600),  # feeds that waited for the service to come back are no silent feeds
)
