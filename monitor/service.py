"""Scheduler, outbox and web in one process. Knows how the timed jobs are run; each only asks the store what is due.

State never lives in the scheduler: after a restart, a job asks again and the store answers what is still to do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import structlog

from monitor import systemd
from monitor.collect import Fetcher
from monitor.config import Config
from monitor.model import Document, Feed
from monitor.pipeline.bring import bring
from monitor.pipeline.house import House, assemble, now, open_threads
from monitor.pipeline.jobs import JOBS
from monitor.pipeline.poll import Poller
from monitor.pipeline.recognise import recognise
from monitor.store import alive
from monitor.store.base import outside
from monitor.web.accounts import first_account
from monitor.web.app import create_app
from monitor.web.patience import Patient, open_files

log = structlog.get_logger()

POLL_ROUNDS = 8  # at once: a site that hangs must not hold up the next round; feeds are claimed, so none is asked twice
ENDLESS_SECONDS = 600  # after which a round that still works is told of, once
PUT_BACK = (
    "this database was put back by hand: queued messages wait for a person, numbers that may be taken are passed over"
)
GRACE_SECONDS = 600  # a job that is late still runs; the default of one second would drop it


class Service:
    """The timed jobs of one installation. `start` and `stop` inside a running event loop."""

    def __init__(self, house: House, fetcher: Fetcher | None = None) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self.house = house
        self.scheduler: Any = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_SECONDS},
        )
        settings = house.config.settings
        self.fetcher = fetcher or Fetcher.from_settings(settings)
        self.poller = Poller(house.store, house.intake, self.fetcher, house.config)
        house.told.append(lambda config, _: self.poller.watch(config))
        self.rounds: list[Rounds] = []
        self.jobs: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
            "poll": (settings.poll_seconds, self.poll),
            **{job.name: (job.seconds, partial(job.run, house)) for job in JOBS},
        }

    async def start(self) -> None:
        """Adds every job and runs it once at once, or after its rest: what was due while it was down is done now."""
        rests = {job.name: job.rest for job in JOBS}
        await self.fetcher.__aenter__()
        every = {name: seconds for name, (seconds, _) in self.jobs.items()}
        await asyncio.to_thread(self.house.store.unit, lambda c: alive.begin(c, every, now()))
        for name, (seconds, job) in self.jobs.items():
            most, ended = POLL_ROUNDS if name == "poll" else 1, partial(self.house.ended, name, seconds)
            rounds = Rounds(name, job, most, before=self.house.look_again, after=ended)
            first = now() + timedelta(seconds=rests.get(name, 0))
            self.scheduler.add_job(
                rounds.run, "interval", seconds=seconds, id=name, max_instances=rounds.most + 1, next_run_time=first
            )
            self.rounds.append(rounds)
        if patience := systemd.watchdog_seconds():
            self.scheduler.add_job(self.reassure, "interval", seconds=patience / 3, id="watchdog")
        self.scheduler.start()

    async def stop(self) -> None:
        """Ends the jobs; what they were doing is finished or will be claimed again."""
        self.scheduler.shutdown(wait=False)
        await self.fetcher.__aexit__(None, None, None)

    async def reassure(self) -> None:
        """Tells systemd that this loop turns and no job hangs; else it starts the service anew (WatchdogSec=)."""
        if not any(rounds.hang() for rounds in self.rounds):
            systemd.tell("WATCHDOG=1")

    async def poll(self) -> None:
        await self.poller.poll_due(now())


class Rounds:
    """Runs of one timed job, `most` at once. A failing one is logged and the next one comes all the same.

    A round that comes while the ones before it still work has nothing to do: they, or the round after, ask the store
    for what is due. That is not worth a line in the log; a round without end is. `before`: what is looked at first;
    `after`: who is told that a round came to its end.
    """

    def __init__(
        self, name: str, job: Callable[[], Awaitable[object]], most: int, *, before: Callable[[datetime], None],
        after: Callable[[datetime], None],
    ) -> None:  # fmt: skip
        self.name, self.job, self.most, self.before, self.after = name, job, most, before, after
        self.running: dict[object, float] = {}  # monotonic time at which each began
        self.told: set[object] = set()

    async def run(self) -> None:
        if len(self.running) >= self.most:
            self._tell_of_the_endless()
            return
        mine = object()
        self.running[mine] = time.monotonic()
        try:
            await asyncio.to_thread(self.before, now())
            await self.job()
            await asyncio.to_thread(self.after, now())
        except asyncio.CancelledError:  # the service stops: what was claimed is given back or claimed again
            log.info("job stopped", job=self.name)
        except Exception as problem:
            if reason := outside(problem):  # a full disk, a database away: a line a round, no trace
                log.error("job failed", job=self.name, reason=reason)
            else:
                log.exception("job failed", job=self.name)
        finally:
            del self.running[mine]
            self.told.discard(mine)

    def hang(self) -> bool:
        """Every round of the job has been at work for longer than any work takes."""
        oldest = time.monotonic() - ENDLESS_SECONDS
        return len(self.running) >= self.most and all(began < oldest for began in self.running.values())

    def _tell_of_the_endless(self) -> None:
        for one, began in self.running.items():
            if time.monotonic() - began > ENDLESS_SECONDS and one not in self.told:
                self.told.add(one)
                log.warning("job still at work", job=self.name, minutes=ENDLESS_SECONDS // 60)


# ------------------------------------------------------------------ one process
async def run_service(config: Config, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM: scheduler, outbox and web. OSError where it cannot listen: then nothing began."""
    open_threads()
    open_files()
    with closing(listening(host, port)) as door, closing(assemble(config)) as house:
        for warning in config.warnings:
            say(f"note: {warning}")
        if recognise(house.store, config.settings.home, now()):
            say(PUT_BACK)
        password = first_account(house.store)
        server = _server(house, host, port)
        service = Service(house)
        await service.start()
        try:
            say(f"薪哨: {config.settings.base_url}")
            if urlsplit(config.settings.base_url).port not in (None, port):  # None: a proxy stands before it
                say(f"  it listens on {host}:{port}; links in mails begin as above: XINSHAO_BASE_URL")
            if password:
                say(f"  sign in as admin, password {password} (shown once; change it under the account page)")
            systemd.tell("READY=1")
            await server.serve(sockets=[door])
        finally:
            await service.stop()


def listening(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything is begun that would have to be undone."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(128)
    except OSError as problem:
        door.close()
        raise OSError(problem.errno, os.strerror(problem.errno or 0), f"{host}:{port}") from problem
    return door


def _server(house: House, host: str, port: int) -> Any:
    import uvicorn

    def take(feed: Feed, document: Document) -> int:
        return bring(house.store, house.intake, feed, document, now()).posts

    class Server(uvicorn.Server):
        """Ends by itself when told to: uvicorn's own would raise the signal again and cut off what stops after it."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    app = create_app(house.store, house.ledger, house.config, now=now, take=take)
    house.told.append(app.state.desk.watch)
    options: dict[str, Any] = {"log_level": "warning", "server_header": False, "timeout_graceful_shutdown": 5}
    return Server(uvicorn.Config(app, host=host, port=port, http=Patient, **options))
