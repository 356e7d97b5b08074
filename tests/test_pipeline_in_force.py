"""While the service runs: changed files are taken up, wrong ones are not, a matrix comes into force on its day."""

from __future__ import annotations

import json
import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ledgerhouse import joined, reading
from pipelinehouse import COUNTY, feeds_yaml, owed
from sqlalchemy import select
from structlog.testing import capture_logs

from classifiers import registry
from monitor import config
from monitor import service as service_room
from monitor.errors import ConfigError
from monitor.ledger import Recorded
from monitor.pipeline.house import House, assemble
from monitor.pipeline.in_force import EnvFile, InForce
from monitor.service import Rounds
from monitor.store import feeds as feed_rows
from monitor.store import schema
from monitor.text import SHANGHAI

NOON = datetime(2026, 12, 31, 12, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def version(file: Path, name: str, *, start: str = "2026-01-01", end: str | None = None, lead: str = "hrss") -> None:
    """A county's matrix that differs from the packaged one in who leads where nothing says otherwise."""
    own = {"extends": "builtin", "version": name, "effective_from": start, "effective_to": end, "default_lead": lead}
    file.write_text(json.dumps(own), encoding="utf-8")


def later(of: InForce, moment: datetime) -> str:
    """The version in force a while after a change: the first look sees it, the second finds the file at rest."""
    of.look(moment)
    return of.look(moment + 5 * SECOND).version


def test_a_changed_file_is_taken_up_once_it_rests(tmp_path: Path) -> None:
    file = tmp_path / "matrix.yaml"
    version(file, "one")
    watched = InForce(file, NOON)
    assert watched.look(NOON).version == "one"
    version(file, "number two")
    assert watched.look(NOON + SECOND).version == "one"  # somebody may still be saving it
    assert watched.look(NOON + 2 * SECOND).version == "one"
    assert watched.look(NOON + 5 * SECOND).version == "number two"


@pytest.mark.parametrize("wrong", ["extends: [", "extends: builtin\nlead_policy: whim\n", "", "version: 2026-02-31\n"])
def test_a_wrong_file_keeps_the_matrix_before_it_and_says_so_once(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "matrix.yaml"
    version(file, "one")
    watched = InForce(file, NOON)
    file.write_text(wrong, encoding="utf-8")
    with capture_logs() as log:
        for each in range(0, 40, 5):
            assert watched.look(NOON + each * SECOND).version == "one"
    assert [line["log_level"] for line in log] == ["error"]
    assert "matrix.yaml" in watched.fault
    version(file, "repaired")
    assert later(watched, NOON + 60 * SECOND) == "repaired"
    assert watched.fault == ""


def test_a_file_that_is_gone_is_no_reason_to_route_by_another(tmp_path: Path) -> None:
    file = tmp_path / "matrix.yaml"
    version(file, "one")
    watched = InForce(file, NOON)
    file.unlink()
    assert later(watched, NOON) == "one"
    assert "cannot be read" in watched.fault


def test_a_version_comes_into_force_at_midnight_in_shanghai(tmp_path: Path) -> None:
    version(tmp_path / "2026.yaml", "2026", end="2027-01-01")
    version(tmp_path / "2027.yaml", "2027", start="2027-01-01")
    watched = InForce(tmp_path, NOON)
    midnight = datetime(2027, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    assert watched.look(midnight - SECOND).version == "2026"
    assert watched.look(midnight).version == "2027"


def test_a_new_version_laid_into_the_folder_is_seen(tmp_path: Path) -> None:
    version(tmp_path / "2026.yaml", "2026")
    watched = InForce(tmp_path, NOON)
    version(tmp_path / "2027.yaml", "2027", start="2027-01-01")
    assert later(watched, NOON) == "2026"
    assert "2026" in watched.fault  # both would hold on New Year's Day: the first has no end yet
    version(tmp_path / "2026.yaml", "2026", end="2027-01-01")
    assert later(watched, NOON + timedelta(hours=1)) == "2026"
    assert watched.fault == ""


def test_an_installation_does_not_start_with_a_wrong_matrix(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        InForce(tmp_path / "gone.yaml", NOON)


@pytest.fixture
def house(tmp_path: Path) -> House:
    version(tmp_path / "matrix.yaml", "one")
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": "http://a.example/"}]), encoding="utf-8")
    (tmp_path / "county.yaml").write_bytes(COUNTY.read_bytes())
    settings = config.Settings(home=tmp_path / "var", matrix=tmp_path / "matrix.yaml", quiet_hours="")
    return assemble(config.load(feeds=tmp_path / "feeds.yaml", county=tmp_path / "county.yaml", settings=settings))


def test_the_next_case_is_routed_by_the_new_matrix_and_the_old_one_stays_as_it_was(
    house: House, tmp_path: Path
) -> None:
    def opened(number: int) -> str | None:
        done: Recorded = house.ledger.record(joined(reading(f"p{number}", text=owed(number)), NOON))
        return done.incident

    def by_which(incident: str | None) -> str:
        from monitor.store import incidents

        with house.store.read() as c:
            row = incidents.one(c, incident or "")
        assert row is not None
        return str(row["route"]["matrix"])

    first = opened(1)
    version(tmp_path / "matrix.yaml", "number two")
    house.look_again(NOON)
    house.look_again(NOON + 5 * SECOND)
    second = opened(2)
    assert (by_which(first), by_which(second)) == ("one", "number two")
    assert house.matrix.version == "number two"  # digest and housekeeping see the same
    house.close()


# ------------------------------------------------------------------ feeds.yaml and county.yaml
def watched(of: House, moment: datetime) -> list[str]:
    """The feeds of the house a while after a change, as in `later`."""
    of.look_again(moment)
    of.look_again(moment + 5 * SECOND)
    return [feed.name for feed in of.config.feeds]


def write_feeds(folder: Path, *names: str) -> None:
    entries = [{"name": name, "url": f"http://{name}.example/", "area": "990421"} for name in names]
    (folder / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")


async def test_a_feed_written_into_the_file_is_asked_without_a_restart(house: House, tmp_path: Path) -> None:
    service = service_room.Service(house)
    assert list(service.poller.feeds) == ["a"]
    write_feeds(tmp_path, "b", "c")
    assert watched(house, NOON) == ["b", "c"]
    assert list(service.poller.feeds) == ["b", "c"]
    assert house.intake.areas == {"b": "990421", "c": "990421"}
    service.poller.sync(NOON)
    with house.store.read() as c:
        assert {"b", "c"} <= set(feed_rows.states(c))
    house.close()


def test_a_contact_s_new_address_gets_the_next_mail(house: House, tmp_path: Path) -> None:
    def told(number: int) -> set[str]:
        done: Recorded = house.ledger.record(joined(reading(f"p{number}", text=owed(number)), NOON))
        with house.store.read() as c:
            rows = c.execute(select(schema.outbox.c.recipient).where(schema.outbox.c.incident == done.incident))
            return {row.recipient for row in rows if "@" in row.recipient}

    first = told(1)
    assert first
    text = (tmp_path / "county.yaml").read_text(encoding="utf-8")
    (tmp_path / "county.yaml").write_text(text.replace("@", "@new."), encoding="utf-8")
    watched(house, NOON)
    assert told(2) == {address.replace("@", "@new.") for address in first}
    house.close()


@pytest.mark.parametrize("wrong", ["feeds: [", "feeds: []", "", "feeds:\n- {name: a, url: 7}\n"])
def test_a_wrong_feeds_yaml_stops_no_feed_and_is_named_until_it_is_right(
    house: House, tmp_path: Path, wrong: str
) -> None:
    told: list[str] = []
    house.told.append(lambda _, unheeded: told.append(unheeded.files))
    (tmp_path / "feeds.yaml").write_text(wrong, encoding="utf-8")
    with capture_logs() as log:
        assert watched(house, NOON) == ["a"]
        assert watched(house, NOON + 60 * SECOND) == ["a"]
    assert [line["log_level"] for line in log] == ["error"]
    assert len(told) == 1
    assert "feeds.yaml" in told[0]
    write_feeds(tmp_path, "mended")
    assert watched(house, NOON + 120 * SECOND) == ["mended"]
    assert told[1:] == [""]
    house.close()


def test_a_county_yaml_that_is_gone_takes_no_contact_with_it(house: House, tmp_path: Path) -> None:
    (tmp_path / "county.yaml").unlink()
    before = house.config.county
    watched(house, NOON)
    assert house.ledger.county is before
    assert "county.yaml" in house.watched.fault
    house.close()


async def test_a_round_that_finds_the_last_one_at_work_is_no_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import asyncio

    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    free, began = asyncio.Event(), list[int]()
    looked: list[datetime] = []

    async def job() -> None:
        began.append(1)
        await free.wait()

    rounds = Rounds("slow", job, 1, before=looked.append, after=lambda now: None)
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": 600})
    with caplog.at_level(logging.WARNING), capture_logs() as log:
        scheduler.add_job(rounds.run, "interval", seconds=0.02, max_instances=rounds.most + 1)
        scheduler.start()
        await asyncio.sleep(0.3)
        assert (began, len(looked), log) == ([1], 1, [])
        monkeypatch.setattr(service_room, "ENDLESS_SECONDS", 0)
        await asyncio.sleep(0.2)
        assert [line["event"] for line in log] == ["job still at work"]  # once, however many rounds find it so
        free.set()
        await asyncio.sleep(0.1)
        assert len(began) > 1  # the next round comes
        scheduler.shutdown(wait=False)
    assert not [record for record in caplog.records if "maximum number of running instances" in record.message]


async def test_a_failing_round_is_logged_and_frees_its_place() -> None:
    async def job() -> None:
        raise ValueError("broken")

    rounds = Rounds("bad", job, 1, before=lambda now: None, after=lambda now: None)
    with capture_logs() as log:
        await rounds.run()
        await rounds.run()
    assert [line["event"] for line in log] == ["job failed"] * 2


async def test_a_full_disk_is_a_line_a_round_and_no_trace() -> None:
    """Fault F13: a log full of traces would fill what is left."""

    async def job() -> None:
        raise OSError(28, "No space left on device", "var/x")

    with capture_logs() as log:
        await Rounds("poll", job, 1, before=lambda now: None, after=lambda now: None).run()
    assert [(line["reason"], "exc_info" in line) for line in log] == [
        ("[Errno 28] No space left on device: 'var/x'", False)
    ]


# ------------------------------------------------------------------ the model
def trained(home: Path, name: str) -> None:
    """A model beside the shipped one, as `xinshao model train` leaves it."""
    folder = home / "models" / name
    shutil.copytree(registry.SHIPPED, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": name}), encoding="utf-8")


def test_a_promoted_model_judges_without_a_restart_and_a_broken_one_changes_nothing(
    house: House, tmp_path: Path
) -> None:
    told: list[str] = []
    house.told.append(lambda _, unheeded: told.append(unheeded.model))
    home = house.config.settings.home
    shipped = house.intake.classifier.version
    trained(home, "grammar-of-here")
    registry.promote(home, "grammar-of-here", at=NOON, reason="r")
    watched(house, NOON)
    assert house.intake.classifier.version == "grammar-of-here"
    trained(home, "grammar-broken")
    (home / "models" / "grammar-broken" / "weights.npz").write_bytes(b"PK")
    registry.promote(home, "grammar-broken", at=NOON, reason="r")
    watched(house, NOON + 60 * SECOND)
    assert house.intake.classifier.version == "grammar-of-here"
    assert len(told) == 1
    assert told[0]
    registry.rollback(home, at=NOON)
    registry.promote(home, "shipped", at=NOON, reason="r")
    watched(house, NOON + 120 * SECOND)
    assert house.intake.classifier.version == shipped
    assert told[1:] == [""]
    house.close()


# ------------------------------------------------------------------ .env
def test_a_changed_env_file_is_named_until_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINSHAO_SMTP_PORT", "25")
    file = tmp_path / ".env"
    file.write_text("XINSHAO_SMTP_HOST=a.example\nXINSHAO_SMTP_PORT=25\nOTHER=1\n")
    env = EnvFile(file)

    def look(after: int) -> tuple[str, ...]:
        env.look(NOON + after * SECOND)
        return env.look(NOON + (after + 5) * SECOND)

    assert look(0) == ()
    file.write_text("XINSHAO_SMTP_HOST=b.example\nXINSHAO_SMTP_PORT=26\nXINSHAO_CONTACT=it\nOTHER=22\n")
    with capture_logs() as log:
        assert look(60) == ("XINSHAO_CONTACT", "XINSHAO_SMTP_HOST")  # the environment overrides the port
    assert "b.example" not in str(log)  # it may be a password
    file.write_text("XINSHAO_SMTP_HOST=a.example\n")
    assert look(120) == ()
    file.unlink()
    assert look(180) == ("XINSHAO_SMTP_HOST",)
