"""An installation of the first version, brought up to date: nothing lost, the chain whole, the work goes on.

tests/data/store/rows_0001.jsonl holds the rows that the program of the first tables (0001, 25 November 2026) wrote for
a few invented cases; its tables are made by the oldest migration, so this test follows every migration to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, by, joined, later, ledger_on, postgres, reading
from sqlalchemy import JSON, Boolean, Connection, DateTime, LargeBinary, MetaData, Table, select, text
from webhouse import build

from monitor.ledger.anew import write_keys_anew
from monitor.ledger.chain import verify
from monitor.store import Store, base, decided, incidents, migrate, open_store, outbox
from monitor.store.copies import backup, restore

ROWS = Path(__file__).parent / "data" / "store" / "rows_0001.jsonl"
PAGES = (
    "/board",
    "/queue",
    "/incidents",
    "/outbox",
    "/situation",
    "/feeds",
    "/roster",
    "/plans",
    "/silences",
)


def at_first(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Makes a database as the first version left it; returns its rows, table by table."""
    store = Store(base._engine(base.address_of(url)))
    store.unit(lambda c: migrate.upgrade(c, "0001"))
    store.unit(_fill)
    with store.read() as c:
        found = rows_of(c, _tables(c))
    store.close()
    return found


def _tables(c: Connection) -> dict[str, Table]:
    known = MetaData()
    known.reflect(c)
    return {table.name: table for table in known.sorted_tables if table.name != "alembic_version"}


def _fill(c: Connection) -> None:
    tables = _tables(c)
    entries = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    order = list(tables)  # a row after what it refers to
    for entry in sorted(entries, key=lambda entry: order.index(entry["table"])):
        table = tables[entry["table"]]
        row = {name: _fitting(c, table, name, value) for name, value in entry["row"].items()}
        if c.dialect.name == "sqlite":  # byte for byte as they stood in the file
            names = ", ".join(f'"{name}"' for name in row)
            c.execute(text(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
        else:
            c.execute(table.insert(), row)
    if c.dialect.name == "postgresql":
        for table in tables.values():
            for column in table.primary_key:
                if column.autoincrement is True or "nextval" in str(
                    column.server_default and column.server_default.arg
                ):
                    c.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                                   f"(SELECT coalesce(max({column.name}), 1) FROM {table.name}))"))  # fmt: skip


def _fitting(c: Connection, table: Table, name: str, value: Any) -> Any:
    """A value as SQLite wrote it, for this database."""
    kind = table.c[name].type
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if c.dialect.name == "sqlite" or value is None:
        return value
    if isinstance(kind, JSON):
        return json.loads(value)
    if isinstance(kind, Boolean):
        return bool(value)
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(kind, DateTime) else value


def rows_of(c: Connection, tables: dict[str, Table]) -> dict[str, list[tuple[Any, ...]]]:
    """The columns these tables had, of every row."""
    found = {}
    for name, table in tables.items():
        query = select(*(column for column in table.c if not isinstance(column.type, LargeBinary)))
        found[name] = sorted((tuple(row) for row in c.execute(query)), key=repr)
    return found


@pytest.fixture(params=BOTH)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else postgres()


@pytest.fixture
def upgraded(old: str) -> Iterator[Store]:
    at_first(old)
    store = open_store(old)
    yield store
    store.close()


def test_an_upgrade_keeps_every_row_as_it_was(old: str) -> None:
    before = at_first(old)
    probe = Store(base._engine(base.address_of(old)))
    with probe.read() as c:
        tables = _tables(c)
    probe.close()
    store = open_store(old)
    with store.read() as c:
        assert rows_of(c, tables) == before
        assert sum(map(len, before.values())) == len(ROWS.read_text(encoding="utf-8").splitlines())
        assert verify(c).whole
    store.close()


def test_after_an_upgrade_every_page_opens_and_the_old_account_signs_in(upgraded: Store, tmp_path: Path) -> None:
    house = build(tmp_path, store=upgraded)
    house.now = later(days=2)
    browser = house.browser("zhou")
    with upgraded.read() as c:
        cases = [row["id"] for row in incidents.listing(c)]
    assert len(cases) == 3
    for page in (*PAGES, *(f"/incidents/{case}" for case in cases), *(f"/incidents/{case}/plan" for case in cases)):
        answer = browser.get(page)
        assert answer.status_code == 200, (page, answer.text[:400])


def test_after_an_upgrade_the_work_goes_on_where_it_was(upgraded: Store, tmp_path: Path) -> None:
    assert write_keys_anew(upgraded, later(days=1)) == 3  # as every start does
    assert write_keys_anew(upgraded, later(days=1)) == 0
    ledger = ledger_on(upgraded)
    again = ledger.record(joined(reading("p9", url="https://bbs.qinghe.example/t/9"), later(days=1)))
    assert again.incident == "QX-2026-0001"  # the debt of the first version's first case
    ledger.record(by("jian", "pay", "QX-2026-0001", later(days=1, hours=1), yuan=260000.0, workers=13))
    ledger.record(by("zhou", "dismiss", None, later(days=1, hours=2), post="p5", label="noise"))
    ledger.escalate_due(later(days=3))
    with upgraded.read() as c:
        assert verify(c).whole
        assert {row["id"]: row["label"] for row in decided.decisions(c)} == {"p5": "noise", "p6": "noise"}


def test_a_backup_of_the_first_version_is_restored_by_this_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    before = at_first(url)
    first = Store(base._engine(base.address_of(url)))
    backup(first, tmp_path / "backup.db", later(days=1))
    first.close()
    place = tmp_path / "var" / "x.db"
    open_store(f"sqlite:///{place}").close()
    restore(tmp_path / "backup.db", place, later(days=2))
    store = open_store(f"sqlite:///{place}")
    with store.read() as c:
        assert verify(c).whole
        assert {row["id"] for row in incidents.listing(c, incidents.Filter(state="open"))} == {
            row[0] for row in before["incidents"]
        }
        assert not outbox.depth(c).get("queued")  # what waited then may have left since: a person looks
    store.close()
