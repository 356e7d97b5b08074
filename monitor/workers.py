"""The work of the service from a queue in PostgreSQL, by any number of machines. Knows jobs, locks and their hours.

Jobs are coarse: one feed to poll, one pass over the outbox. The queue only says who works now; what is still to do is
asked of the store, as in service.py, so a job that runs twice, late or never changes nothing. procrastinate gives
at-least-once; the rooms below make it once.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog

from monitor.collect import Fetcher
from monitor.config import Config
from monitor.errors import ConfigError, Fault
from monitor.model import Feed
from monitor.pipeline.house import House, now, open_threads
from monitor.pipeline.jobs import JOBS, Job
from monitor.pipeline.poll import Poller
from monitor.pipeline.recognise import recognise
from monitor.store import alive
from monitor.store import feeds as feed_rows
from monitor.store.base import outside

log = structlog.get_logger()

JOBS_AT_ONCE = 8  # per worker
RESCUE_SECONDS = 30
STALLED_SECONDS = 60.0  # without a heartbeat (they come every ten seconds) a worker counts as dead
GRACE_SECONDS = 30.0  # for running jobs when the worker is asked to stop
AGAIN_SECONDS = 2.0  # after the database went away, before the worker begins again; doubled each time up to
AGAIN_AT_MOST = 30.0
SCHEMA_LOCK = 7_420_118  # advisory lock under which one of many starting workers makes the queue's tables


def require(config: Config) -> None:
    """ConfigError in one sentence where the queue cannot run: a file database, or the extra `cluster` is missing."""
    if not config.settings.database.startswith("postgres"):
        problem = "`xinshao worker` needs PostgreSQL, which several machines can share; this is SQLite"
        remedy = "set a postgresql:// address, or use `xinshao run` on one machine"
        raise ConfigError([Fault("XINSHAO_DATABASE_URL", problem, remedy)])
    try:
        import procrastinate  # noqa: F401
        import psycopg_pool  # noqa: F401
    except ImportError as problem:
        fault = Fault(
            "installation", f"the distributed queue is not installed ({problem.name})", "add xinshao[cluster]"
        )
        raise ConfigError([fault]) from problem


def host_of(feed: Feed) -> str:
    """The machine a feed's poll asks: two feeds of one host are never polled at once, by whatever worker."""
    return urlsplit(feed.url).hostname or feed.name


def cron(seconds: int) -> str:
    """A cron line of about every so many seconds (1 to 3600), the sixth field being seconds."""
    if seconds < 60:
        return f"* * * * * */{seconds}"
    minutes = seconds // 60
    return "0 * * * *" if minutes >= 60 else f"*/{minutes} * * * *"


class Worker:
    """One worker of one installation. `async with Worker(house) as worker: await worker.work()`."""

    def __init__(self, house: House, fetcher: Fetcher | None = None) -> None:
        import procrastinate

        self.house, self.began = house, now()
        self.fetcher = fetcher or Fetcher.from_settings(house.config.settings)
        self.poller = Poller(house.store, house.intake, self.fetcher, house.config)
        house.told.append(lambda config, _: self.poller.watch(config))
        self.app: Any = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address(house.config)))
        self.every: dict[str, float] = {}  # job -> seconds
        self.poll_job: Any = self.app.task(name="poll", queue="polls")(self.poll)
        self._every(house.config.settings.poll_seconds, "schedule", self.schedule)
        for job in JOBS:
            self._every(job.seconds, job.name, partial(self._rested, job), priority=job.urgency)
        self._every(RESCUE_SECONDS, "rescue", self.rescue, priority=20)

    async def _rested(self, job: Job) -> None:
        """Does a timed job, but not sooner after the beginning than it says: an hour is left out rather."""
        if now() - self.began >= timedelta(seconds=job.rest):
            await job.run(self.house)

    def _every(self, seconds: int, name: str, work: Callable[[], Awaitable[object]], priority: int = 0) -> None:
        """A periodic job: each hour of it is queued once by all workers together, and never twice in waiting."""

        async def run(timestamp: int) -> None:
            with _telling(name):
                await asyncio.to_thread(self.house.look_again, now())  # each for itself: a job may fall to any worker
                await work()
                await asyncio.to_thread(self.house.ended, name, seconds, now())

        self.every[name] = seconds
        task = self.app.task(name=name, queueing_lock=name, priority=priority)(run)
        self.app.periodic(cron=cron(seconds))(task)

    async def __aenter__(self) -> Worker:
        await asyncio.to_thread(prepare, self.house.config)
        await asyncio.to_thread(self.house.store.unit, lambda c: alive.begin(c, self.every, now()))
        await self.app.open_async()
        await self.fetcher.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.fetcher.__aexit__(None, None, None)
        await self.app.close_async()

    async def work(self, *, wait: bool = True) -> None:
        """Works until it is cancelled, or the database goes away; `wait` False: until nothing free is queued."""
        await self.app.run_worker_async(
            wait=wait,
            concurrency=JOBS_AT_ONCE,
            delete_jobs="always",  # what was done stands in the store, what failed in the log
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            install_signal_handlers=False,
        )

    # -------------------------------------------------------------- jobs
    async def schedule(self, at: datetime | None = None) -> int:
        """Queues one job for every feed that is due and not queued already; returns how many were added."""
        from procrastinate.exceptions import AlreadyEnqueued

        moment, added = at or now(), 0
        await asyncio.to_thread(self.poller.sync, moment)
        feeds = self.poller.feeds
        for name in await asyncio.to_thread(self._due, feeds, moment):
            locks = {"lock": f"host:{host_of(feeds[name])}", "queueing_lock": f"poll:{name}"}
            try:
                await self.poll_job.configure(**locks).defer_async(feed=name)
                added += 1
            except AlreadyEnqueued:
                continue
        return added

    def _due(self, feeds: Collection[str], now: datetime) -> list[str]:
        with self.house.store.read() as c:
            return [state.name for state in feed_rows.due(c, now, among=set(feeds))]

    async def poll(self, feed: str) -> None:
        """Polls the feed if it is still due and nobody holds it."""
        with _telling("poll"):
            await asyncio.to_thread(self.house.look_again, now())
            if feed not in self.poller.feeds:
                log.warning("a feed that this machine's feeds.yaml does not have", feed=feed)
                return
            await self.poller.poll_due(now(), among={feed})

    async def rescue(self) -> int:
        """Queues again what dead workers were doing, so that their host locks are free; returns how many jobs."""
        from procrastinate.exceptions import ConnectorException, UniqueViolation
        from procrastinate.jobs import Status

        jobs, rescued = self.app.job_manager, 0
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            try:
                await jobs.retry_job(job)
            except UniqueViolation:  # the same work waits already
                await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
            except ConnectorException as problem:  # another worker was first
                log.info("job not rescued", job=job.id, reason=str(problem))
                continue
            rescued += 1
            log.warning("job of a dead worker queued again", job=job.id, task=job.task_name)
        return rescued


def address(config: Config) -> str:
    """The database address as libpq reads it: without the name of a driver."""
    scheme, rest = config.settings.database.split("://", 1)
    return f"{scheme.partition('+')[0]}://{rest}"


def prepare(config: Config) -> None:
    """Makes the queue's tables where they are missing; many workers may start at once."""
    import psycopg
    from procrastinate.schema import SchemaManager

    with psycopg.connect(address(config)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
        there = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if there is None or there[0] is None:
            connection.execute(SchemaManager.get_schema())


@contextmanager
def _telling(job: str) -> Iterator[None]:
    """A job that fails is told of in the log and its next hour comes all the same; a database away is one line."""
    try:
        yield
    except Exception as problem:
        if reason := outside(problem):
            log.error("job failed", job=job, reason=reason)
        else:
            log.exception("job failed", job=job)


async def run_worker(house: House, say: Callable[[str], None]) -> None:
    """Works for an installation until SIGTERM or Ctrl-C; where the database went away, again once it is back."""
    open_threads()
    recognise(house.store, house.config.settings.home, now())
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # one line a try to connect; ours says it
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, asked.set)
    pause = AGAIN_SECONDS
    while True:
        began = loop.time()
        reason = await _work_until(asked, house, say)
        if asked.is_set():
            return
        pause = AGAIN_SECONDS if loop.time() - began > STALLED_SECONDS else min(2 * pause, AGAIN_AT_MOST)
        log.error("the database is away, this worker begins again", seconds=round(pause), reason=reason)
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), pause)
            return


async def _work_until(asked: asyncio.Event, house: House, say: Callable[[str], None]) -> str:
    """Works until asked to stop, or until the database cannot be reached: then what was said of it."""
    from procrastinate.exceptions import ConnectorException
    from psycopg import Error

    try:
        async with Worker(house) as worker:
            say(f"worker: {len(worker.poller.feeds)} feeds, {JOBS_AT_ONCE} jobs at once")
            work, stop = asyncio.create_task(worker.work()), asyncio.create_task(asked.wait())
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            for task in (work, stop):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await work  # jobs in hand are finished, or given back after GRACE_SECONDS
    except (ConnectorException, Error) as problem:
        return " ".join(str(problem.__cause__ or problem).split())
    except Exception as problem:  # the store's own: a server that is read-only, full, without a place
        if (reason := outside(problem)) is None:
            raise
        return reason
    return "the queue's connection was lost, or it could not be written: see the line before"
