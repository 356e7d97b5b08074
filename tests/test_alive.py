"""A service that stands still says so: on its pages, to a monitor, to the watcher on another machine, to systemd."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import webhouse
from ledgerhouse import BOTH
from listener import Handler, serving
from pipelinehouse import COUNTY, feeds_yaml
from sqlalchemy import Connection
from webhouse import House

from monitor import config, service, systemd
from monitor.model import Level, Notification, Occasion
from monitor.pipeline.heartbeat import beat
from monitor.pipeline.house import assemble
from monitor.store import Store, alive, done, open_store, outbox

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
JOBS = {"deliver": 5.0, "remind": 30.0, "housekeep": 3600.0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/x.db")) as opened:
        opened.unit(lambda c: alive.begin(c, JOBS, NOW))
        yield opened


@pytest.fixture(params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    built = webhouse.build(tmp_path, on=request.param)
    yield built
    built.store.close()


def late(store: Store, minutes: float) -> list[str]:
    with store.read() as c:
        return [one.job for one in alive.late(c, NOW + timedelta(minutes=minutes))]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, []),
        (5, []),
        (5.1, ["deliver", "remind"]),
        (180, ["deliver", "remind"]),
        (181, ["deliver", "housekeep", "remind"]),
    ],
)
def test_a_job_is_late_after_three_of_its_rounds_and_never_within_five_minutes(
    store: Store, minutes: float, told: list[str]
) -> None:
    assert late(store, minutes) == told


def test_a_job_that_came_to_its_end_again_is_late_no_more(store: Store) -> None:
    store.unit(lambda c: alive.note(c, "deliver", 5, NOW + timedelta(minutes=9)))
    assert late(store, 10) == ["remind"]


def test_a_new_start_begins_anew_and_knows_only_its_own_jobs(store: Store) -> None:
    store.unit(lambda c: alive.begin(c, {"schedule": 15}, NOW + timedelta(minutes=60)))
    assert late(store, 61) == []
    assert late(store, 70) == ["schedule"]


def test_before_the_first_start_nothing_is_late(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/new.db")) as empty:
        assert late(empty, 10_000) == []


# ------------------------------------------------------------------ messages that do not leave
def tried_in_vain(house: House, key: str, *, channel: str = "mail") -> None:
    """A message that was tried just now: its server takes nothing."""
    about = Notification(
        key=key, occasion=Occasion.FIRST, channel=channel, recipient=f"{key}@qinghe.example", reason="欠薪线索",
        level=Level.RED,
    )  # fmt: skip

    def put(c: Connection) -> None:
        outbox.queue(c, [about], house.now)
        outbox.postpone(c, channel, house.now, house.now + timedelta(minutes=1), "mail server: STARTTLS is refused")

    house.store.unit(put)


def sent(house: House, key: str) -> None:
    def leave(c: Connection) -> None:
        (row,) = [row for row in outbox.recent(c, 50) if row["key"] == key]
        claimed = outbox.claim(c, row["id"], house.now + timedelta(hours=1), house.now + timedelta(hours=2))
        assert claimed is not None
        outbox.finish(c, dict(claimed), state="sent", sent_at=house.now)

    house.store.unit(leave)


def test_a_mail_server_that_takes_nothing_is_said_though_every_round_comes_to_its_end(house: House) -> None:
    """Fault F30: STARTTLS refused, the rounds go on, and nobody is warned: health is red, every page says so."""
    office = house.browser("zhou")
    tried_in_vain(house, "red")
    assert office.get("/health").json()["late"] == []
    house.tick(minutes=6)
    answer = office.get("/health")
    assert (answer.status_code, answer.json()["late"]) == (503, ["send"])
    assert "停了：消息送出" in office.get("/board").text
    sent(house, "red")
    assert office.get("/health").status_code == 200


def test_one_recipient_whose_server_says_later_is_not_the_channel(house: House) -> None:
    tried_in_vain(house, "later")
    house.tick(minutes=10)
    tried_in_vain(house, "other")
    sent(house, "other")
    house.tick(minutes=10)
    assert house.browser("zhou").get("/health").json()["late"] == []
    tried_in_vain(house, "after")
    house.tick(minutes=6)
    assert house.browser("zhou").get("/health").json()["late"] == ["send"]


# ------------------------------------------------------------------ where it is said
def test_every_page_says_so_while_nothing_is_sent(house: House) -> None:
    office = house.browser("zhou")
    house.store.unit(lambda c: alive.begin(c, {"deliver": 5, "bounces": 300}, house.now))
    assert "系统从" not in office.get("/board").text
    assert office.get("/health").status_code == 200
    house.tick(minutes=6)
    for page in ("/board", "/queue", "/incidents"):
        told = office.get(page).text
        assert "停了：发信。没有新消息不等于没有事" in told
        assert "11-25" in told
    answer = office.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["late"]) == (503, "late", ["deliver"])
    assert 'xinshao_job_age_seconds{job="deliver"} 360.0' in office.get("/metrics").text
    assert "系统从" not in office.get("/about").text or office.get("/signin").status_code == 303


def test_a_job_nobody_waits_for_is_no_alarm_to_people(house: House) -> None:
    house.store.unit(lambda c: alive.begin(c, {"housekeep": 3600}, house.now))
    house.tick(hours=4)
    assert "系统从" not in house.browser("zhou").get("/board").text


# ------------------------------------------------------------------ the watcher
@contextmanager
def watcher(status: int) -> Iterator[tuple[str, list[str]]]:
    got: list[str] = []

    class Watcher(Handler):
        def answer(self) -> None:
            got.append(self.path)
            self.begin(status)
            self.end_headers()

    with serving(Watcher) as url:
        yield f"{url}/push/qinghe", got


def settings(url: str) -> config.Settings:
    return config.Settings(heartbeat_url=url)


def test_the_watcher_is_called_while_all_is_well_and_not_when_a_job_is_late(store: Store) -> None:
    with watcher(200) as (url, got):
        assert beat(store, settings(url), NOW) == ""
        assert beat(store, settings(url), NOW + timedelta(minutes=6)) == "late: deliver, remind"
    assert got == ["/push/qinghe"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_watcher_that_does_not_take_the_call_is_told_of_once(
    store: Store, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with watcher(status) as (url, got):
        for minute in range(3):
            assert beat(store, settings(url), NOW + timedelta(minutes=minute)) == f"the watcher answers {status}"
    assert len(got) == 3
    assert "".join(capsys.readouterr()).count("heartbeat stays out") == 1
    with watcher(200) as (url, _):
        beat(store, settings(url), NOW)
    assert "heartbeat is taken again" in "".join(capsys.readouterr())


def test_a_watcher_that_is_not_there_stops_nothing(store: Store) -> None:
    said = beat(store, settings("http://127.0.0.1:9/"), NOW)
    assert said is not None
    assert said.startswith("the watcher is not reached: ")
    with store.read() as c:
        assert done.detail(c, "heartbeat") == said


def test_nobody_is_called_where_no_watcher_is_named(store: Store) -> None:
    assert beat(store, settings(""), NOW) is None


@pytest.mark.parametrize("address", ["ftp://watch", "watch.example", "http://"])
def test_an_address_that_cannot_be_called_is_refused_at_start(address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        settings(address)


# ------------------------------------------------------------------ systemd
class Systemd:
    """The end of sd_notify(3) that listens."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.door.bind(str(path))
        self.door.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))

    def hears(self) -> str:
        return self.door.recv(100).decode()


def test_systemd_hears_what_is_said_and_its_absence_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.tell("READY=1")  # nobody there
    with closing((hearing := Systemd(tmp_path / "n", monkeypatch)).door):
        systemd.tell("READY=1")
        assert hearing.hears() == "READY=1"
    systemd.tell("READY=1")  # nobody there any more


@pytest.mark.parametrize(("given", "seconds"), [("180000000", 180.0), ("", None), ("0", None), ("soon", None)])
def test_how_often_systemd_wants_to_hear(given: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", given)
    assert systemd.watchdog_seconds() == seconds


async def test_a_job_that_hangs_silences_the_watchdog_so_that_systemd_starts_the_service_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": "http://127.0.0.1:9/a"}]), encoding="utf-8")
    loaded = config.load(
        feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=config.Settings(home=tmp_path / "var", quiet_hours="")
    )
    hearing = Systemd(tmp_path / "n", monkeypatch)
    with closing(assemble(loaded)) as rooms, closing(hearing.door):
        one = service.Service(rooms)
        released = asyncio.Event()

        def rounds(work: Any) -> service.Rounds:
            return service.Rounds("deliver", work, 1, before=lambda _: None, after=lambda _: None)

        one.rounds = [rounds(released.wait)]
        await one.reassure()
        assert hearing.hears() == "WATCHDOG=1"
        hanging = asyncio.create_task(one.rounds[0].run())
        await asyncio.sleep(0.05)
        monkeypatch.setattr(service, "ENDLESS_SECONDS", 0)
        time.sleep(0.01)
        await one.reassure()
        hearing.door.settimeout(0.1)
        with pytest.raises(TimeoutError):
            hearing.hears()
        released.set()
        await hanging


async def test_a_service_that_works_notes_the_end_of_its_jobs(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": "http://127.0.0.1:9/a"}]), encoding="utf-8")
    loaded = config.load(
        feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=config.Settings(home=tmp_path / "var", quiet_hours="")
    )
    with closing(assemble(loaded)) as rooms:
        one, before = service.Service(rooms), datetime.now(UTC)
        await one.start()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if {"deliver", "remind"} <= set(rooms.noted):
                break
        await one.stop()
        with rooms.store.read() as c:
            ends = alive.ends(c)
    assert set(ends) == set(one.jobs)
    assert all(at >= before for at, _ in ends.values())
    assert {"deliver", "remind"} <= set(rooms.noted)
