"""A database that was put back by hand is known at the next start: nothing goes out twice, no number is given twice."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from ledgerhouse import BOTH, NOON, joined, later, ledger_on, postgres, reading
from sqlalchemy import make_url
from structlog.testing import capture_logs

from monitor.pipeline.recognise import NAME, note, recognise
from monitor.store import Store, open_store, outbox
from monitor.store.copies import put_back


@pytest.fixture(params=BOTH)
def url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else postgres()


def copied(url: str, folder: Path) -> str:
    """The same rows in another database, as cp, or pg_dump and pg_restore, would make it."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return postgres(address.database or "")
    shutil.copy(str(address.database), folder / "copy.db")
    return f"sqlite:///{folder / 'copy.db'}"


def opens(store: Store, number: int) -> str:
    texts = (
        "甲木建工在锦禾苑欠我们23个人工资46万元",
        "丙田食品厂欠我们12个人工资8万元",
        "丁岳路桥欠我们31个人工资90万元",
    )
    at = NOON + timedelta(hours=number)
    incident = ledger_on(store).record(joined(reading(f"p{number}", texts[number], at=at), at)).incident
    assert incident is not None
    return incident


def depth(store: Store) -> dict[str, int]:
    with store.read() as c:
        return outbox.depth(c)


def test_a_copy_from_before_is_treated_as_restored_once(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    opens(store, 0)
    note(store, tmp_path, NOON)
    store.close()
    monday = copied(url, tmp_path)
    store = open_store(url)
    opens(store, 1)
    note(store, tmp_path, later(hours=1))
    store.close()
    store = open_store(monday)
    queued = depth(store)["queued"]
    with capture_logs() as log:
        told = recognise(store, tmp_path, later(hours=5))
        assert recognise(store, tmp_path, later(hours=6)) is None  # once
    assert told is not None
    assert (told["held"], depth(store)) == (queued, {"held": queued})
    assert [line["log_level"] for line in log] == ["error"]
    assert opens(store, 2) == "QX-2026-0102"  # 0002 lies in somebody's file
    store.close()


def test_the_database_it_knows_is_left_alone_however_far_it_has_come(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    assert recognise(store, tmp_path, NOON) is None  # an empty one, at the first start
    opens(store, 0)
    note(store, tmp_path, NOON)
    opens(store, 1)
    assert recognise(store, tmp_path, later(hours=2)) is None
    assert set(depth(store)) == {"queued"}
    store.close()


def test_what_another_machine_has_put_right_is_not_done_again(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    opens(store, 0)
    (tmp_path / NAME).write_text('{"seq": 40, "hash": "x", "at": "2026-01-20T05:00:00+00:00"}')
    put_back(store, later(hours=3))
    opens(store, 1)
    assert recognise(store, tmp_path, later(hours=4)) is None
    assert depth(store)["queued"] > 0
    store.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seq": 1}', '{"seq": "a", "hash": 1, "at": "b"}'])
def test_half_a_note_is_none(tmp_path: Path, text: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    opens(store, 0)
    (tmp_path / NAME).write_text(text)
    assert recognise(store, tmp_path, later(hours=2)) is None
    assert set(depth(store)) == {"queued"}
    store.close()
