"""The database has no room, is read-only, or away: nothing is lost, no feed is blamed, it is said where one looks.

Real faults of real databases: the pages SQLite may use are counted (SQLITE_FULL, fault F13), PostgreSQL is switched to
read-only (a stand-by, a full volume), its server ends every connection (F17).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import webhouse
from collect_site import Site, http
from ledgerhouse import BOTH, postgres
from pipelinehouse import COUNTY, NOW, feeds_yaml, installation, json_feed, owed, poll
from sqlalchemy import event, text
from structlog.testing import capture_logs

from monitor import config, workers
from monitor.collect.words import explain, remedy
from monitor.pipeline import clock
from monitor.pipeline.house import House, assemble
from monitor.store import StoreError, alive, open_store
from monitor.store import feeds as feed_rows
from monitor.store.copies import put_back

MINUTE = timedelta(minutes=1)
LONG = "青石镇的工友们都来看一看，" * 6000  # more than the room that is left


@contextmanager
def full(house: House, pages: int = 4) -> Iterator[None]:
    """The disk under SQLite has room for so few more pages: small rows fit, posts and their evidence do not."""
    engine = house.store.engine

    def cap(connection: Any, *_: Any) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + pages}")

    engine.dispose()
    event.listen(engine, "connect", cap)
    try:
        yield
    finally:
        event.remove(engine, "connect", cap)
        engine.dispose()


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """As a server that has become a stand-by: every transaction may read and none may write."""
    name = urlsplit(url).path[1:]

    def switch(how: str) -> None:
        with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as c:
            c.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {how}".encode())
            c.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    switch("on")
    try:
        yield
    finally:
        switch("off")


async def test_what_a_full_disk_did_not_take_is_asked_for_again_within_five_minutes_and_kept(tmp_path: Path) -> None:
    """Fault F13: the site is not to blame, so no back-off of hours; after there is room nothing is missing."""
    items = [{"id": str(n), "content_text": owed(n) + LONG} for n in range(3)]
    async with Site({"/feed": http(json_feed(items), content_type="application/feed+json")}) as site:
        house = installation(tmp_path, [{"name": "随拍", "url": site.url("/feed"), "every": "2h"}])
        with full(house):
            for round_ in range(6):
                at = NOW + 5 * MINUTE * round_
                polled = (await poll(house, now=at))["随拍"]
                assert polled.outcome == "failed"
                assert polled.reason.startswith("unrecorded: "), polled.reason
                assert polled.due_at is not None
                assert polled.due_at - at <= 5.5 * MINUTE
            assert "数据库或磁盘" in explain(polled.reason)
            assert "doctor" in remedy(polled.reason)
            with house.store.read() as c:
                assert [one.job for one in alive.late(c, at)] == [alive.RECORD]
        polled = (await poll(house, now=NOW + 30 * MINUTE))["随拍"]
        assert (polled.outcome, polled.taken.new) == ("ok", 3)
        with house.store.read() as c:
            assert alive.late(c, NOW + 30 * MINUTE) == []
        house.close()


def unrecorded(c: Any, at: datetime, failures: int, name: str = "论坛") -> None:
    feed_rows.sync(c, {name: at})
    c.execute(
        text("UPDATE feeds SET failures = :n, reason = 'unrecorded: disk full', last_try_at = :at,"
             " last_success_at = :ok WHERE name = :name"),
        {"n": failures, "at": at.replace(tzinfo=None), "ok": (at - 5 * MINUTE).replace(tzinfo=None), "name": name},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("failures", "minutes", "late"),
    [(1, 0, []), (2, 0, ["record"]), (9, 14, ["record"]), (9, 16, [])],  # one blow is none; nobody asks it any more
)
def test_that_nothing_is_kept_is_late_from_the_second_poll_on(
    tmp_path: Path, failures: int, minutes: int, late: list[str]
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    store.unit(lambda c: unrecorded(c, NOW, failures))
    with store.read() as c:
        assert [one.job for one in alive.late(c, NOW + minutes * MINUTE)] == late
    store.close()


@pytest.mark.parametrize("kind", BOTH)
def test_pages_and_health_say_that_posts_are_fetched_and_not_kept(tmp_path: Path, kind: str) -> None:
    """`/health` had answered 200 and the heartbeat had gone on for as long as PostgreSQL's disk was full."""
    house = webhouse.build(tmp_path, on=kind)
    house.store.unit(lambda c: unrecorded(c, house.now, 3))
    office = house.browser("zhou")
    assert "停了：写入数据库" in office.get("/board").text
    answer = office.get("/health")
    assert (answer.status_code, answer.json()["late"]) == (503, ["record"])
    house.store.close()


# ------------------------------------------------------------------ workers, commands
async def test_a_worker_outlives_a_database_that_became_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F17: it had ended with a traceback, and nobody collected after the server had taken writes again."""
    monkeypatch.setattr(workers, "AGAIN_SECONDS", 0.1)
    url, began = postgres(), asyncio.Queue[str]()
    async with Site({"/0": http(json_feed([]), content_type="application/feed+json")}) as site:
        (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": site.url("/0")}]), encoding="utf-8")
        settings = config.Settings(home=tmp_path / "var", database_url=url, secret="s" * 40)
        house = assemble(config.load(feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=settings))
        working = asyncio.create_task(workers.run_worker(house, began.put_nowait))
        await asyncio.wait_for(began.get(), 30)
        with read_only(url):
            await asyncio.sleep(1.5)
            assert not working.done()
        assert (await asyncio.wait_for(began.get(), 60)).startswith("worker: ")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(working, 60)
        house.close()


async def said(folder: Path, url: str, *arguments: str) -> tuple[int, str]:
    env = {**os.environ, "XINSHAO_HOME": "var", "XINSHAO_DATABASE_URL": url, "XINSHAO_COUNTY": str(COUNTY),
           "PYTHONPATH": str(Path(__file__).parents[1])}  # fmt: skip
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", *arguments, cwd=folder, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(command.communicate(), 100)
    return command.returncode or 0, out.decode()


async def test_commands_on_a_read_only_server_say_so_in_one_sentence(tmp_path: Path) -> None:
    url = postgres()
    open_store(url).close()
    entry = {"name": "a", "url": "https://bbs.qinghe.example/1"}
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([entry]), encoding="utf-8")
    with read_only(url):
        for arguments in (["poll", "--all"], ["user", "add", "zhou", "--role", "duty"]):
            status, told = await said(tmp_path, url, *arguments)
            lines = [line for line in told.splitlines() if not line.startswith("note: ")]
            assert (status, len(lines)) == (1, 1), told
            assert "read-only" in lines[0]


async def test_doctor_says_once_that_the_database_is_away(tmp_path: Path) -> None:
    """It had said the same for each part that stands on it: four of five findings were one."""
    entry = {"name": "a", "url": "https://bbs.qinghe.example/1"}
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([entry]), encoding="utf-8")
    status, told = await said(tmp_path, "postgresql://u@127.0.0.1:1/none?connect_timeout=2", "doctor")
    assert status == 1
    assert told.count("127.0.0.1:1/none") == 1
    assert "mails become files" in told  # the other parts are looked at all the same


async def test_doctor_blames_the_database_and_not_the_feeds(tmp_path: Path) -> None:
    entry = {"name": "论坛", "url": "https://bbs.qinghe.example/1"}
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([entry]), encoding="utf-8")
    url = f"sqlite:///{tmp_path}/x.db"
    store = open_store(url)
    store.unit(lambda c: unrecorded(c, datetime.now(UTC), 3))
    store.close()
    _, told = await said(tmp_path, url, "doctor")
    assert "1 feeds answer, but the database or its disk takes nothing: unrecorded: disk full" in told
    assert "xinshao feed test" not in told


# ------------------------------------------------------------------ half a restore
HALF = {
    "a key": ("ALTER TABLE done DROP CONSTRAINT pk_done", "done: key"),
    "what keeps a message from going twice": (
        "ALTER TABLE outbox DROP CONSTRAINT uq_outbox_key",
        "outbox: once of key",
    ),
    "a table": ("DROP TABLE papers CASCADE", "papers: all of it"),
    "an index": ("DROP INDEX ix_polls_feed_at", "polls: index of at, feed"),
    "a reference": ("ALTER TABLE clocks DROP CONSTRAINT fk_clocks_incident", "clocks: reference of incident"),
}


@pytest.mark.parametrize("what", HALF)
def test_half_a_restore_is_recognised_and_nothing_starts_on_it(what: str) -> None:
    """pg_restore writes keys last: `doctor` had called a database without one sound, and a start was a traceback."""
    url, (statement, lack) = postgres(), HALF[what]
    store = open_store(url)
    store.check()
    store.unit(lambda c: c.execute(text(statement)))
    with pytest.raises(StoreError, match=f"not whole .{lack}.*restore the dump again"):
        store.check()
    with pytest.raises(StoreError, match="not whole"):
        put_back(store, NOW)
    store.close()


@pytest.mark.parametrize("version", ["", "0002"])
def test_half_a_dump_of_an_older_version_is_not_brought_up_to_date(version: str) -> None:
    """It had been blamed on the server, which should be up, and on the address, which should be right."""
    url = postgres()
    store = open_store(url)
    store.unit(lambda c: c.execute(text("ALTER TABLE done DROP CONSTRAINT pk_done")))
    store.unit(lambda c: c.execute(text("DELETE FROM alembic_version")))
    if version:
        store.unit(lambda c: c.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')")))
    store.close()
    with pytest.raises(StoreError, match=r"not whole .done: key.: a restore broke off"):
        open_store(url)


# ------------------------------------------------------------------ clocks of several machines
@pytest.mark.parametrize("minutes", [5, -5, 120, 0])
def test_a_machine_whose_clock_is_wrong_goes_by_that_of_the_database(
    minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F41 on several machines: five minutes ahead, every lease is over, and what another sends is sent again."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + minutes * MINUTE

    store, own = open_store(postgres()), clock.Clock()
    monkeypatch.setattr(clock, "datetime", Wrong)
    assert abs(own.now() - datetime.now(UTC) - minutes * MINUTE) < MINUTE / 6
    with capture_logs() as log:
        for _ in range(3):
            off = own.follow(store)
    assert abs(off + minutes * MINUTE) < MINUTE / 6
    assert abs(own.now() - datetime.now(UTC)) < MINUTE / 6
    assert len(log) == (minutes != 0)  # told once, not every minute
    store.close()


def test_a_file_has_no_clock_of_its_own(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    assert clock.Clock().follow(store) == timedelta()
    store.close()
