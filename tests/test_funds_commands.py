"""`xinshao funds`: a list is loaded whole or not at all, in the ledger, and what does not match is printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import typer
from click.testing import Result
from ledgerhouse import BOTH, NOON, ledger_on, stores
from sqlalchemy import update
from test_funds_sheets import sheet
from typer.testing import CliRunner

from monitor.backing import Account, AccountState, Deposit, Form, Line
from monitor.commands import funds as commands
from monitor.errors import ConfigError
from monitor.ledger.behind import book
from monitor.ledger.chain import verify
from monitor.ledger.funds import drop_list, load_list
from monitor.model import RegisterRow
from monitor.sheet.cells import FOREVER
from monitor.store import Store, funds, open_store
from monitor.store import ledger as rows
from monitor.store.schema import funds as table

Run = Callable[..., Result]
HEAD = ("项目名称", "总承包单位", "形式", "金额", "有效期至")
GOOD = (
    HEAD,
    ("锦禾苑三期工程", "甲木建工有限公司", "保函", "80万元", "2027-01-31"),
    ("凤凰里", "甲木建工", "现金", 5, ""),
)
COUNTY = """
code: "990101"
name: 青禾县
register:
  - {kind: project, name: 锦禾苑三期, employers: [丙川置业, 甲木建工]}
  - {kind: project, name: 望江台}
"""
LINES = (
    Line(project="锦禾苑三期", firm="甲木建工", deposit=Deposit(Form.GUARANTEE, 800_000.0, date(2027, 1, 31)), row=2),
    Line(project="望江台", deposit=Deposit(Form.NONE), row=3),
    Line(project="柳溪中学", deposit=Deposit(None, 1.5, FOREVER, "青禾农商行"), file="a.xlsx", row=4),
    Line(project="望江台", account=Account(AccountState.OPEN, None, "0123", date(2026, 8, 1)), row=5),
    Line(project="望江台", account=Account(AccountState.NONE), row=6),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yaml").write_text(COUNTY, encoding="utf-8")
    app = typer.Typer()
    commands.register(app)
    return lambda *words: CliRunner().invoke(app, ["funds", *words])


def bring(folder: Path, name: str, *lines: tuple[object, ...]) -> str:
    (folder / name).write_bytes(sheet(*lines))
    return str(folder / name)


def kept(folder: Path) -> dict[str, int]:
    store = open_store(f"sqlite:///{folder / 'xinshao.db'}")
    with store.read() as c:
        found = {kind: len(loaded.lines) for kind, loaded in funds.lists(c).items()}
    store.close()
    return found


def test_what_does_not_match_is_printed_with_its_row_and_why(tmp_path: Path, run: Run) -> None:
    done = run("load", "deposits", bring(tmp_path, "保证金.xlsx", *GOOD), "--as-of", "2026-11-20", "--by", "zhou")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "保证金.xlsx:3\t凤凰里（甲木建工）\t登记册里没有叫这个名字的项目，没有取用任何名册",
        "2 lines: 1 matched, 1 not",
    ]
    shown = run("show").stdout.splitlines()
    assert shown[0].startswith("保证金名册\t保证金.xlsx\t2026-11-20\t")
    assert shown[0].endswith("\tzhou")
    assert "accounts: not loaded" in shown


def test_one_wrong_row_keeps_the_whole_list_out_and_the_old_one_in(tmp_path: Path, run: Run) -> None:
    assert run("load", "deposits", bring(tmp_path, "a.xlsx", *GOOD)).exit_code == 0
    wrong = run("load", "deposits", bring(tmp_path, "b.xlsx", HEAD, ("望江台", "", "借条", "八万", "")))
    assert isinstance(wrong.exception, ConfigError)
    assert [fault.path for fault in wrong.exception.faults] == ["b.xlsx: 第2行 形式", "b.xlsx: 第2行 金额"]
    assert kept(tmp_path) == {"deposits": 2}


def test_several_offices_are_loaded_together_and_a_new_load_replaces_all(tmp_path: Path, run: Run) -> None:
    one = bring(tmp_path, "住建.xlsx", HEAD, ("锦禾苑三期", "甲木建工", "现金", 5, ""))
    two = bring(tmp_path, "交通.xlsx", HEAD, ("望江台", "", "现金", 6, ""))
    assert run("load", "deposits", one, two).exit_code == 0
    assert kept(tmp_path) == {"deposits": 2}
    assert run("load", "deposits", two).exit_code == 0
    assert kept(tmp_path) == {"deposits": 1}
    twice = run("load", "deposits", two, bring(tmp_path, "c.xlsx", HEAD, ("望江台", "", "现金", 6, "")))
    assert isinstance(twice.exception, ConfigError)  # the same money in two files
    assert "交通.xlsx第2行" in str(twice.exception)


def test_a_dry_run_keeps_nothing_and_an_unknown_day_is_refused(tmp_path: Path, run: Run) -> None:
    file = bring(tmp_path, "a.xlsx", *GOOD)
    assert "1 matched, 1 not" in run("load", "deposits", file, "--dry-run").stdout
    assert not (tmp_path / "xinshao.db").exists()
    assert run("load", "deposits", file, "--as-of", "昨天").exit_code == 2
    assert run("load", "deposits", file, "--as-of", "2999-01-01").exit_code == 2


def test_a_dropped_list_is_not_loaded_any_more(tmp_path: Path, run: Run) -> None:
    run("load", "deposits", bring(tmp_path, "a.xlsx", *GOOD))
    assert run("drop", "deposits", "--reason", "名册有误", "--by", "zhou").exit_code == 0
    assert kept(tmp_path) == {}
    assert run("drop", "deposits", "--reason", "名册有误").exit_code == 1
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    with store.read() as c:
        told = [(row["act"], row["data"]["input"]["do"], row["actor"], row["reason"]) for row in rows.rows(c)]
        assert verify(c).whole
    store.close()
    assert told == [("funds", "load", "operator", "a.xlsx"), ("funds", "drop", "zhou", "名册有误")]


def test_a_person_in_a_firms_place_is_never_kept_or_printed(tmp_path: Path, run: Run) -> None:
    file = bring(
        tmp_path, "a.xlsx", HEAD, ("锦禾苑三期", "张建国", "现金", 5, ""), ("凤凰里", "包工头刘三", "现金", 6, "")
    )
    done = run("load", "deposits", file)
    assert done.exit_code == 0
    assert "刘三" not in done.output
    assert "建国" not in (tmp_path / "xinshao.db").read_bytes().decode("utf-8", "replace")
    assert "1 matched, 1 not" in done.stdout  # the project is found by its name all the same


# ------------------------------------------------------------------ on both databases
@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    yield from stores(request.param, tmp_path)


def _load(store: Store, kind: str, lines: tuple[Line, ...]) -> None:
    load_list(
        ledger_on(store), kind, lines, source="名册.xlsx", as_of=date(2026, 1, 19), by="zhou", at=NOON, reason="导入"
    )  # fmt: skip


def test_a_list_comes_back_as_it_was_loaded(store: Store) -> None:
    _load(store, "deposits", LINES[:3])
    _load(store, "accounts", LINES[3:])
    with store.read() as c:
        found = funds.lists(c)
        assert verify(c).whole
    assert tuple(found["deposits"].lines) == LINES[:3]
    assert tuple(found["accounts"].lines) == LINES[3:]
    assert (found["deposits"].as_of, found["deposits"].at, found["deposits"].by) == (date(2026, 1, 19), NOON, "zhou")


def test_a_sum_that_is_changed_behind_the_ledger_is_found(store: Store) -> None:
    _load(store, "deposits", LINES[:3])
    changed = [{"project": "锦禾苑三期", "deposit": {"form": "cash", "yuan": 9_999_999.0}, "file": "", "row": 2}]
    store.unit(lambda c: c.execute(update(table).values(lines=changed)))
    with store.read() as c:
        assert [one.problem for one in verify(c).breaks] == ["the list of deposits is not as it was loaded"]


def test_the_book_is_made_anew_when_a_list_or_the_register_changes(store: Store) -> None:
    register = (RegisterRow(kind="project", name="锦禾苑三期"),)
    _load(store, "deposits", LINES[:1])
    with store.read() as c:
        first = book(c, register)
        assert book(c, register) is first
    drop_list(ledger_on(store), "deposits", by="zhou", at=NOON, reason="重报")
    with store.read() as c:
        assert book(c, register).lists == {}
        assert book(c, (*register,)) is not first
