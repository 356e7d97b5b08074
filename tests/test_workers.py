"""Two workers on one PostgreSQL: a feed polled once an interval, a mail sent once, a dead worker's locks freed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from collect_site import Site, http
from ledgerhouse import postgres
from mailserver import MailServer, running
from pipelinehouse import COUNTY, feeds_yaml, json_feed, owed

from monitor import config, workers
from monitor.collect import Fetcher, Limits
from monitor.errors import ConfigError
from monitor.pipeline.house import House, assemble, now
from monitor.pipeline.jobs import JOBS, Job, deliver
from monitor.store import feeds as feed_rows
from monitor.store.schema import feeds as feed_table
from monitor.workers import Worker, address, cron, host_of, require

FEEDS = 5


@pytest.fixture
def url() -> str:
    return postgres()


@pytest.fixture
def open_house(tmp_path: Path, url: str) -> Iterator[Any]:
    houses: list[House] = []

    def open_(site: Site, mail_port: int = 0) -> House:
        entries = [{"name": f"feed{n}", "url": site.url(f"/{n}")} for n in range(FEEDS)]
        (tmp_path / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")
        mail = {"smtp_host": "127.0.0.1", "smtp_port": mail_port, "smtp_tls": "none"} if mail_port else {}
        settings = config.Settings(
            home=tmp_path / f"var{len(houses)}", database_url=url, secret="s" * 40, duty_mail="ok@qinghe.example",
            digest_hour=23, quiet_hours="", **mail,
        )  # fmt: skip
        houses.append(assemble(config.load(feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=settings)))
        return houses[-1]

    yield open_
    for house in houses:
        house.close()


def worker(house: House) -> Worker:
    return Worker(house, Fetcher(limits=Limits(deadline=5, robots_deadline=2, gap=0, patience=20, retries=0)))


def site() -> Site:
    feeds = {n: json_feed([{"id": f"{n}", "content_text": owed(n)}]) for n in range(FEEDS)}
    return Site({f"/{n}": http(body, content_type="application/feed+json") for n, body in feeds.items()})


def make_due(house: House) -> None:
    house.store.unit(lambda c: c.execute(feed_table.update().values(due_at=datetime.now(UTC))))


async def until_empty(*workers: Worker) -> None:
    """Lets the workers run until nothing is queued: one stops early while the rest waits for a locked host."""
    for _ in range(50):
        await asyncio.gather(*(each.work(wait=False) for each in workers))
        if not list(await workers[0].app.job_manager.list_jobs_async()):
            return
    raise AssertionError("jobs are left over")


async def test_two_workers_poll_each_feed_once_an_interval_and_send_each_mail_once(open_house: Any) -> None:
    async with site() as town, running(MailServer()) as mail:
        one, two = worker(open_house(town, mail.port)), worker(open_house(town, mail.port))
        async with one, two:
            await one.schedule()  # makes the feeds known
            make_due(one.house)
            added = await asyncio.gather(one.schedule(), two.schedule(), one.schedule())
            await until_empty(one, two)
            await asyncio.gather(deliver(one.house), deliver(two.house))
            assert await two.schedule() == 0  # nothing is due before the interval is over
            await until_empty(one, two)
            await asyncio.gather(deliver(one.house), deliver(two.house))
        asked = Counter(each.path for each in town.asked if each.path != "/robots.txt")
    assert sum(added) <= FEEDS
    assert asked == {f"/{n}": 1 for n in range(FEEDS)}
    with one.house.store.read() as c:
        polls = feed_rows.polls_between(c, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))
    assert Counter(poll.feed for poll in polls) == {f"feed{n}": 1 for n in range(FEEDS)}
    assert {poll.outcome for poll in polls} == {"ok"}
    sent = Counter(str(message["Message-ID"]) for _, message in mail.stored)
    assert len(sent) >= FEEDS
    assert set(sent.values()) == {1}


async def test_feeds_of_one_host_are_never_polled_at_once(open_house: Any) -> None:
    async with site() as town:
        one, two = worker(open_house(town)), worker(open_house(town))
        async with one, two:
            await one.schedule()
            make_due(one.house)
            await one.schedule()
            await until_empty(one, two)
        assert len(town.asks("/0")) == 1
        assert town.busiest == 1


async def test_what_a_dead_worker_was_doing_is_queued_again_and_frees_its_host(open_house: Any) -> None:
    import psycopg

    async with site() as town:
        one = worker(open_house(town))
        async with one:
            await one.schedule()
            make_due(one.house)
            await one.schedule()
            jobs = one.app.job_manager
            dead = await jobs.register_worker()
            job = await jobs.fetch_job(queues=["polls"], worker_id=dead)
            assert await jobs.fetch_job(queues=["polls"], worker_id=dead) is None  # the host is locked
            assert await one.rescue() == 0  # the worker is alive as far as anyone knows
            with psycopg.connect(address(one.house.config)) as c:
                c.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
            await one.schedule()  # the same feed waits a second time: rescuing must not trip over it
            assert await one.rescue() == 1
            assert job is not None
            await until_empty(one)
        asked = Counter(each.path for each in town.asked if each.path != "/robots.txt")
    assert asked == {f"/{n}": 1 for n in range(FEEDS)}


async def test_a_worker_outlives_its_database_and_ends_when_it_is_told_to(
    open_house: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restarted server closes every connection, the listener of the queue too: the library's worker ends then."""
    monkeypatch.setattr(workers, "AGAIN_SECONDS", 0.1)
    began: asyncio.Queue[str] = asyncio.Queue()
    async with site() as town:
        house = open_house(town)
        working = asyncio.create_task(workers.run_worker(house, began.put_nowait))
        assert (await asyncio.wait_for(began.get(), 30)).startswith("worker: ")
        await asyncio.sleep(0.5)  # until it listens
        name = urlsplit(url).path[1:]
        with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as c:
            c.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())  # as while a server starts
            c.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            await asyncio.sleep(1)
            c.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        assert (await asyncio.wait_for(began.get(), 60)).startswith("worker: ")
        assert not working.done()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(working, 60)


async def test_a_worker_that_has_just_begun_tells_of_no_feed_that_waited_for_it(open_house: Any) -> None:
    """As the service after a standstill: feeds that nobody could ask are no silent feeds."""
    async with site() as town:
        house, ran = open_house(town), []

        async def run(_: House) -> None:
            ran.append(now())

        new, old = worker(house), worker(house)
        old.began -= timedelta(minutes=11)
        for one in (new, old):
            await one._rested(Job("housekeep", 3600, run, rest=600))
            assert len(ran) == (one is old)
    assert any(job.name == "housekeep" and job.rest for job in JOBS)


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(1, "* * * * * */1"), (15, "* * * * * */15"), (60, "*/1 * * * *"), (300, "*/5 * * * *"), (3600, "0 * * * *")],
)
def test_an_interval_becomes_a_cron_line(seconds: int, line: str) -> None:
    assert cron(seconds) == line


def test_the_command_refuses_a_file_database_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        feeds_yaml([{"name": "a", "url": "https://bbs.qinghe.example/1"}]), encoding="utf-8"
    )
    env = {**os.environ, "XINSHAO_HOME": str(tmp_path / "var"), "XINSHAO_COUNTY": str(COUNTY)}
    env.pop("XINSHAO_DATABASE_URL", None)
    command = [sys.executable, "-m", "monitor", "worker"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    (sentence,) = done.stderr.strip().splitlines()
    assert "PostgreSQL" in sentence
    assert "xinshao run" in sentence
    assert not (tmp_path / "var" / "xinshao.db").exists()


def test_a_missing_extra_is_named_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feeds.yaml").write_text(
        feeds_yaml([{"name": "a", "url": "https://bbs.qinghe.example/1"}]), encoding="utf-8"
    )
    settings = config.Settings(home=tmp_path, database_url="postgresql+psycopg://u:p%40@db/x")
    loaded = config.load(feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=settings)
    assert address(loaded) == "postgresql://u:p%40@db/x"
    require(loaded)
    monkeypatch.setitem(sys.modules, "psycopg_pool", None)
    with pytest.raises(ConfigError, match=r"xinshao\[cluster\]"):
        require(loaded)


def test_feeds_of_one_host_share_a_lock(tmp_path: Path) -> None:
    entries = [
        {"name": "a", "url": "https://bbs.qinghe.example/1"},
        {"name": "b", "url": "https://BBS.qinghe.example/2"},
    ]
    (tmp_path / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")
    loaded = config.load(feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=config.Settings(home=tmp_path))
    assert {host_of(feed) for feed in loaded.feeds} == {"bbs.qinghe.example"}
