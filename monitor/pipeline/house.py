"""Every room of one installation, put together from its configuration. Knows the rooms; runs nothing.

The service and the workers do the same jobs (jobs.py) in the same rooms: what both need stands here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from monitor import logs
from monitor.channels import Channels
from monitor.clocks import Calendar
from monitor.config import Config, Settings, Unheeded
from monitor.ledger import Ledger
from monitor.ledger.anew import write_keys_anew
from monitor.pipeline.clock import CLOCK
from monitor.pipeline.in_force import Chosen, EnvFile, InForce, Watched
from monitor.pipeline.take import Intake
from monitor.routing import Matrix
from monitor.routing.policy import Policy
from monitor.store import alive
from monitor.store.base import Store, open_store
from monitor.store.copies import file_of
from monitor.store.holding import Held

log = structlog.get_logger()
NOTED = timedelta(minutes=1)
THREADS = 24  # for what waits: the database, mailboxes, the watcher


@dataclass(slots=True)
class House:
    """The rooms, open. `close` gives the database back. `told`: who else is told of another configuration."""

    config: Config
    store: Store
    in_force: InForce
    watched: Watched
    chosen: Chosen
    calendar: Calendar
    ledger: Ledger
    intake: Intake
    channels: Channels
    held: Held
    env: EnvFile = field(default_factory=EnvFile)
    unheeded: Unheeded = field(default_factory=Unheeded)
    told: list[Callable[[Config, Unheeded], None]] = field(default_factory=list)
    noted: dict[str, datetime] = field(default_factory=dict)
    looking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def matrix(self) -> Matrix:
        """The one the ledger decides by."""
        return self.ledger.matrix

    def look_again(self, now: datetime) -> None:
        """Before a piece of work: takes up feeds, county, matrix and model where another is in force, unless wrong.

        Reads files, so not for an event loop; where another thread looks already, the work goes on with what holds.
        """
        if not self.looking.acquire(blocking=False):
            return
        try:
            self.ledger.matrix = self.in_force.look(now)
            self.ledger.matrix_fault = self.in_force.fault
            self.intake.classifier = self.chosen.look(now)
            was = self.config, self.unheeded
            self.config = self.watched.look(now)
            self.unheeded = Unheeded(self.watched.fault, self.chosen.fault, self.env.look(now))
            if self.config is not was[0] or self.unheeded != was[1]:
                self._tell()
        finally:
            self.looking.release()

    def ended(self, job: str, seconds: float, now: datetime) -> None:
        """A timed job came to its end. Noted once a minute at most: what waits for it waits for minutes."""
        noted = self.noted.get(job)
        if noted is None or now - noted >= NOTED:
            CLOCK.follow(self.store)
            self.store.unit(lambda c: alive.note(c, job, seconds, now))
            self.noted[job] = now

    def _tell(self) -> None:
        self.ledger.county = self.config.county
        self.intake.watch(self.config.county, self.config.feeds)
        for tell in self.told:
            tell(self.config, self.unheeded)

    def close(self) -> None:
        self.store.close()
        self.held.release()


def assemble(config: Config) -> House:
    """Opens the store and puts the rooms together; StoreError or ConfigError says what is wrong."""
    logs.plain()
    settings = config.settings
    settings.make_home()
    held = Held(file_of(settings.database))
    store = open_store(settings.database)
    store.check()
    CLOCK.follow(store)
    write_keys_anew(store, now())
    in_force, calendar = InForce(settings.matrix, now()), Calendar()
    chosen = Chosen(settings.home)
    ledger = Ledger(store, config.county, in_force.matrix, calendar, settings.key(), policy_of(settings))
    return House(
        config=config,
        store=store,
        in_force=in_force,
        watched=Watched(config),
        chosen=chosen,
        calendar=calendar,
        ledger=ledger,
        intake=Intake(store, ledger, chosen.classifier, config.county, config.feeds),
        channels=Channels.from_settings(settings),
        held=held,
    )


def open_threads() -> None:
    """Gives the running loop threads enough: two cores have six by default, and six mailboxes that hang held them all.

    A red mail then waited for as long as a mailbox may take.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="work"))


def policy_of(settings: Settings) -> Policy:
    """When and how much the county wants to be told."""
    start, end = settings.quiet
    return Policy(quiet_from=start, quiet_to=end)


def now() -> datetime:
    """The only clock of the service and its workers: on several machines the database's."""
    return CLOCK.now()
