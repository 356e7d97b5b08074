"""The operator's commands over the records: exported with a trace, saved and put back, erased, verified; retention."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from ledgerhouse import NOON, by, joined, later, ledger_on, postgres, reading
from sqlalchemy import make_url
from typer.testing import CliRunner

from monitor.commands import ledgering
from monitor.model import Act, Change
from monitor.store import Store, StoreError, incidents, open_store, outbox, posts, retention
from monitor.store import ledger as rows
from monitor.store.copies import backup, restore
from monitor.store.holding import Held
from monitor.store.papers import take_number
from monitor.text import inert

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one incident, one mail queued a recipient, one passed and one dismissed post."""
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    ledger = ledger_on(store)
    ledger.record(joined(reading(text="=HYPERLINK(1) 锦禾苑三期甲木建工欠我们23个人工资46万元")))
    ledger.record(by("li", "accept", "QX-2026-0001", department="housing"))
    held, passed = reading("h1", flag="review"), reading("n1", flag="pass", kind="noise")
    ledger.record(Change(act=Act.HOLD, at=NOON, reason="unsure", readings=(held,)))
    ledger.record(Change(act=Act.PASS, at=NOON, reason="noise", readings=(passed,)))
    ledger.record(Change(act=Act.DISMISS, at=NOON, reason="不是", actor="zhou", data={"post": "h1"}))
    store.close()
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    app = typer.Typer()
    ledgering.register(app)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_an_export_is_inert_marked_limited_and_written_down(home: Path, run: Run) -> None:
    for name in ("a.csv", "a.jsonl", "a.xlsx"):
        assert run("export", str(home / name), "--reason", "月度核对", "--by", "zhou").exit_code == 0
    text = (home / "a.csv").read_text("utf-8-sig")
    assert "QX-2026-0001" in text
    assert "zhou" in text.splitlines()[-1]
    (line,) = (home / "a.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["线索编号"] == "QX-2026-0001"
    assert (home / "a.xlsx").read_bytes()[:2] == b"PK"
    assert run("export", str(home / "a.doc"), "--reason", "x").exit_code == 2
    assert run("export", str(home / "a.csv")).exit_code == 2  # no reason, no export
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    with store.read() as c:
        logged = [row for row in rows.rows(c) if "export" in row["data"].get("input", {})]
    store.close()
    assert [(row["actor"], row["data"]["input"]["rows"]) for row in logged[:3]] == [("zhou", 1)] * 3


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1", "\n=1", "＝1", "＠x", "\u200b=1"])
def test_a_formula_in_a_cell_is_text(value: str) -> None:
    assert inert(value) == f"'{value}"
    assert inert(f"甲{value}") == f"甲{value}"
    assert inert(3.5) == 3.5


def test_the_chain_is_verified_and_a_touched_row_ends_in_1(home: Path, run: Run) -> None:
    whole = run("ledger", "verify")
    assert whole.exit_code == 0
    head = json.loads(whole.stdout)["head"]
    assert run("ledger", "verify", "--head", head).exit_code == 0
    assert run("ledger", "verify", "--head", f"2:{'0' * 64}").exit_code == 1
    with sqlite3.connect(home / "xinshao.db") as plain:
        plain.execute("update ledger set reason = 'x' where seq = 2")
    plain.close()
    broken = run("ledger", "verify")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["breaks"][0]["seq"] == 2


def test_an_incident_is_shown_as_it_was(run: Run) -> None:
    now, then = run("ledger", "show", "QX-2026-0001"), run("ledger", "show", "QX-2026-0001", "--at", "2026-01-20T11:00")
    assert json.loads(now.stdout)["incident"]["state"] == "handling"
    assert json.loads(then.stdout) == {}
    assert run("ledger", "show", "QX-1999-0001").exit_code == 1


def test_erasing_by_command(run: Run) -> None:
    done = run("erase", "p1", "nothing", "--reason", "发帖人请求", "--by", "zhou")
    assert done.exit_code == 1  # one of the two is not there
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["erased"], first["incident"], second["erased"]) == (True, "QX-2026-0001", False)
    assert run("ledger", "verify").exit_code == 0


# ------------------------------------------------------------------ backup and restore
@pytest.mark.parametrize(
    "words",
    [
        ("backup", "saved.zip"),
        ("ledger", "verify"),
        ("ledger", "show", "QX-2026-0001"),
        ("export", "a.csv", "--reason", "月度核对"),
        ("erase", "p1", "--reason", "发帖人请求"),
    ],
)
def test_in_the_wrong_folder_nothing_is_called_saved_or_whole(
    words: tuple[str, ...], run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere, `backup` saved an empty database it had just made, and `ledger verify` called it whole."""
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("XINSHAO_HOME", str(elsewhere / "var"))
    said = run(*words)
    assert said.exit_code == 2
    assert "there is no database at" in said.stderr
    assert "XINSHAO_HOME" in said.stderr  # and what to do
    assert not list(elsewhere.iterdir())


def test_what_was_saved_comes_back_and_yesterday_s_queue_waits(home: Path, run: Run) -> None:
    """Fault F54."""
    saved = home / "backups" / "monday.zip"
    assert run("backup", str(saved)).exit_code == 0
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    ledger_on(store).record(joined(reading("p2", "丙田食品厂欠我们12个人工资8万元，在柳溪镇"), at=later(hours=5)))
    queued = outbox_depth(store)["queued"]
    store.close()
    done = run("restore", str(saved), "--yes")
    assert done.exit_code == 0
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    with store.read() as c:
        assert incidents.one(c, "QX-2026-0002") is None
        assert set(outbox.depth(c)) == {"held"}
        assert outbox.depth(c)["held"] == json.loads(done.stdout)["held"] < queued
    again = ledger_on(store).record(joined(reading()))
    assert (again.new, again.notifications) == (False, 0)
    store.close()
    assert len(list(home.glob("xinshao.db.before-*"))) >= 1
    assert run("ledger", "verify").exit_code == 0


@pytest.mark.parametrize("present", ["at hand", "lost", "damaged", "restored twice"])
def test_a_number_given_since_the_backup_is_not_given_again(home: Path, present: str) -> None:
    """The case opened and the paper numbered since are forgotten, and lie in somebody's file all the same."""
    saved, database = home / "monday.zip", home / "xinshao.db"
    store = open_store(f"sqlite:///{database}")
    backup(store, saved, NOON)
    for which in range(140):
        take(store, f"case {which}")
    store.close()
    if present == "lost":
        database.unlink()
    elif present == "damaged":
        database.write_bytes(b"no database at all" * 400)
    elif present == "restored twice":
        restore(saved, database, later(hours=1))
    done = restore(saved, database, later(hours=2))
    assert "passed over" in done["reason"]
    store = open_store(f"sqlite:///{database}")
    legible = present in ("at hand", "restored twice")
    assert take(store, "a new one") == done["ahead"]["transfer 2026"] == (141 if legible else 101)
    new = ledger_on(store).record(joined(reading("p9", "丙田食品厂欠我们12个人工资8万元，在柳溪镇"), at=later(hours=9)))
    assert (new.incident, done["ahead"]["QX-2026"]) == ("QX-2026-0102", 102)  # the backup's last is 0001
    store.close()


def copied(url: str) -> str:
    """Another database with the same rows, as pg_dump and pg_restore would make it."""
    return postgres(make_url(url).database or "")


@pytest.mark.parametrize("aside", [True, False])
def test_after_pg_restore_the_queue_waits_and_no_number_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aside: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    present = postgres()
    store = open_store(present)
    ledger_on(store).record(joined(reading()))
    queued = outbox_depth(store)["queued"]
    store.close()
    dumped = copied(present)
    store = open_store(present)
    for which in range(140):
        take(store, f"case {which}")
    store.close()
    monkeypatch.setenv("XINSHAO_DATABASE_URL", dumped)
    app = typer.Typer()
    ledgering.register(app)
    words = ["restore", "--yes", *(("--before", present) if aside else ())]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["held"] == queued
    store = open_store(dumped)
    assert set(outbox_depth(store)) == {"held"}
    assert take(store, "a new one") == told["ahead"]["transfer 2026"] == (141 if aside else 101)
    new = ledger_on(store).record(joined(reading("p9", "丙田食品厂欠我们12个人工资8万元，在柳溪镇"), at=later(hours=9)))
    assert (new.incident, told["ahead"]["QX-2026"]) == ("QX-2026-0102", 102)
    store.close()
    assert CliRunner().invoke(app, ["ledger", "verify"]).exit_code == 0


def test_a_backup_file_is_no_way_to_restore_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    app = typer.Typer()
    ledgering.register(app)
    refused = CliRunner().invoke(app, ["restore", "a.zip", "--yes"])
    assert (refused.exit_code, "pg_restore" in refused.output) == (2, True)


@pytest.mark.parametrize("words", [["restore", "--yes"], ["restore", "gone.zip", "--yes"]])
def test_a_restore_without_its_file_is_wrong_usage(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_nothing_is_restored_under_a_service_at_rest_and_a_killed_one_is_none(home: Path, run: Run) -> None:
    """SQLite in WAL mode holds no lock between transactions: a service would go on writing into the file set aside."""
    saved, database = home / "a.zip", home / "xinshao.db"
    assert run("backup", str(saved)).exit_code == 0
    held = Held(database)
    refused = run("restore", str(saved), "--yes")
    assert isinstance(refused.exception, StoreError)
    assert "the service is running" in str(refused.exception)
    assert not list(home.glob("xinshao.db.before-*"))
    held.release()
    assert run("restore", str(saved), "--yes").exit_code == 0
    script = f"from monitor.store.holding import *; import os; Held(Path({str(database)!r})); os.abort()"
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1], check=False, capture_output=True)
    assert run("restore", str(saved), "--yes").exit_code == 0


def take(store: Store, subject: str) -> int:
    return store.unit(lambda c: take_number(c, "transfer", subject, year=2026, now=NOON, by="zhou")).number


def outbox_depth(store: Any) -> dict[str, int]:
    with store.read() as c:
        return outbox.depth(c)


@pytest.mark.parametrize("damage", ["text", "cut", "changed"])
def test_a_damaged_backup_changes_nothing(home: Path, damage: str) -> None:
    saved = home / "a.zip"
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    backup(store, saved, NOON)
    store.close()
    before = (home / "xinshao.db").read_bytes()
    body = saved.read_bytes()
    if damage == "text":
        saved.write_text("no zip")
    elif damage == "cut":
        saved.write_bytes(body[: len(body) // 2])
    else:
        import zipfile

        with zipfile.ZipFile(saved) as packed:
            manifest = packed.read("manifest.json")
        with zipfile.ZipFile(saved, "w") as packed:
            packed.writestr("manifest.json", manifest)
            packed.writestr("xinshao.db", b"something else")
    with pytest.raises(StoreError):
        restore(saved, home / "xinshao.db", NOON)
    assert (home / "xinshao.db").read_bytes() == before


# ------------------------------------------------------------------ retention
def test_what_has_no_purpose_any_more_is_forgotten_and_nothing_else(home: Path) -> None:
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")

    def left(after: timedelta) -> set[str]:
        store.unit(lambda c: retention.purge(c, NOON + after))
        with store.read() as c:
            return {name for name in ("p1", "h1", "n1") if posts.one(c, name)}

    assert left(timedelta(days=6)) == {"p1", "h1", "n1"}
    assert left(timedelta(days=8)) == {"p1", "h1"}  # passed: seven days
    assert left(timedelta(days=31)) == {"p1"}  # rejected: thirty
    assert left(timedelta(days=800)) == {"p1"}  # a case keeps what it rests on
    store.close()
