"""The sheet's 建设单位, 总包 and 分包/劳务: what register and lists say of a project, with its source, or nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import typer
from ledgerhouse import NOON, joined, ledger_on, matrix, reading
from sqlalchemy import event
from typer.testing import CliRunner

from monitor.backing import Deposit, Form, Funds, Line
from monitor.commands import ledgering
from monitor.funds import Book
from monitor.funds.firms import firms
from monitor.ledger import Ledger
from monitor.ledger.export import export_rows
from monitor.ledger.funds import load_list
from monitor.model import Facts, RegisterRow
from monitor.store import open_store

COLUMNS = ("建设单位", "总包", "分包/劳务")
AS_OF = date(2025, 11, 20)
EMPTY = ("", "", "")
DEBT = "锦禾苑三期工地，乙禾劳务拖欠我们23个工人工资46万元"


def site(name: str, *employers: str, aliases: Sequence[str] = (), **held: str | None) -> RegisterRow:
    told = Funds(**held, source="在建项目表.xlsx", as_of=AS_OF) if held else None  # type: ignore[arg-type]
    return RegisterRow(kind="project", name=name, aliases=tuple(aliases), employers=employers, funds=told)


FULL = site("锦禾苑三期", "丙川置业", "甲木建工", "乙禾劳务", owner="丙川置业", contractor="甲木建工")
BARE = site("锦禾苑三期", "丙川置业", "甲木建工", "乙禾劳务")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    yield ledger_on(store)
    store.close()


def cells(ledger: Ledger, *register: RegisterRow, text: str = DEBT) -> tuple[str, ...]:
    """The three cells of a case of these words."""
    ledger.record(joined(reading(text=text)))
    with ledger.store.read() as c:
        header, (row,) = export_rows(c, matrix=matrix(), register=register)
    assert len(header) == len(row) == 34
    told = dict(zip(header, row, strict=True))
    return tuple(told[column] for column in COLUMNS)


def test_the_firms_of_a_registered_project_stand_in_the_sheet_with_their_source(ledger: Ledger) -> None:
    assert cells(ledger, FULL) == (
        "丙川置业（项目登记册，2025-11-20）",
        "甲木建工（项目登记册，2025-11-20）",
        "乙禾劳务（项目登记册）",
    )


@pytest.mark.parametrize(
    "register",
    [
        (),
        (site("望江台", "丙川置业", "甲木建工", owner="丙川置业", contractor="甲木建工"),),
        (site("锦禾苑三期一标段", owner="丙川置业"), site("锦禾苑三期二标段", owner="丙川置业")),
        (site("锦禾苑三期"),),
        (site("锦禾苑三期", "丙川置业", "甲木建工"),),  # who of the two has it built, and who builds, is not said
        (RegisterRow(kind="employer", name="乙禾劳务"),),
    ],
    ids=["no register", "another project", "two lots", "no firms", "firms without a part", "a firm alone"],
)
def test_what_the_register_does_not_say_stays_empty(ledger: Ledger, register: tuple[RegisterRow, ...]) -> None:
    assert cells(ledger, *register) == EMPTY


def test_a_list_names_the_contractor_whom_the_register_does_not(ledger: Ledger) -> None:
    line = Line(project="锦禾苑三期", firm="甲木建工有限公司", deposit=Deposit(Form.CASH, 1.0), row=2)
    load_list(ledger, "deposits", [line], source="住建.xlsx", as_of=date(2026, 1, 5), by="zhou", at=NOON,
              reason="每月导入", register=(BARE,))  # fmt: skip
    assert cells(ledger, BARE) == ("", "甲木建工有限公司（保证金名册，2026-01-05）", "乙禾劳务（项目登记册）")


def test_a_project_that_is_called_otherwise_is_named_in_the_source(ledger: Ledger) -> None:
    longer = site("青禾县锦禾苑三期住宅工程", owner="丙川置业")
    assert cells(ledger, longer) == ("丙川置业（项目登记册“青禾县锦禾苑三期住宅工程”，2025-11-20）", "", "")


def test_no_person_stands_in_a_column_of_firms(ledger: Ledger) -> None:
    crew = site("锦禾苑三期", "张建国", "乙禾劳务", owner="丙川置业", contractor="李大伟")
    told = cells(ledger, crew, text="锦禾苑三期工地欠我们23个人工资46万元")
    assert told == ("丙川置业（项目登记册，2025-11-20）", "", "乙禾劳务（项目登记册）")


@pytest.mark.parametrize(
    ("employer", "employers", "told"),
    [
        (None, ("丙川置业", "甲木建工", "乙禾劳务", "申禾装饰"), ("乙禾劳务", "申禾装饰")),  # nobody is named: all
        ("申禾装饰有限公司", ("乙禾劳务", "申禾装饰"), ("申禾装饰",)),
        ("甲木建工", ("甲木建工", "乙禾劳务"), ()),  # its own workers
        ("甲木建工", ("甲木建工", "甲木建工劳务"), ()),  # two firms, although one name contains the other
        (None, ("甲木建工", "甲木建工劳务"), ("甲木建工劳务",)),
        ("己光电子厂", ("乙禾劳务",), ()),  # the register does not put it there
        ("乙禾劳务", ("乙禾劳务一公司", "乙禾劳务二公司"), ()),  # which of them, nobody says
        (None, ("卯正工程监理", "辰光建筑设计院", "青禾县住建局", "青禾城投"), ()),  # on the site, and no subcontractor
    ],
)
def test_a_subcontractor_is_who_the_register_and_the_case_say(
    employer: str | None, employers: tuple[str, ...], told: tuple[str, ...]
) -> None:
    register = (site("锦禾苑三期", *employers, owner="丙川置业", contractor="甲木建工"),)
    found = firms(Book(register), Facts(project="锦禾苑三期", employer=employer))
    assert tuple(one.name for one in found.subcontractors) == told


def test_however_many_cases_the_lists_are_read_once(ledger: Ledger) -> None:
    def asked() -> int:
        statements: list[str] = []
        register = (FULL,)
        with ledger.store.read() as c:
            event.listen(c.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
            export_rows(c, matrix=matrix(), register=register)
        return sum("FROM funds" in one for one in statements)

    ledger.record(joined(reading(text=DEBT)))
    one = asked()
    for number, place in enumerate(("望江台", "北渠标准厂房", "柳溪中学"), 2):
        ledger.record(
            joined(reading(f"p{number}", text=f"{place}工地，甲木建工拖欠我们{number}个工人工资{number}万元"))
        )
    assert asked() == one == 2  # which lists, and the lists


def test_an_export_takes_the_register_of_the_installation(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(joined(reading(text=DEBT)))
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yaml").write_text(
        'code: "990101"\nname: 青禾县\nregister: [{kind: project, name: 锦禾苑三期, funds: {contractor: 甲木建工}}]\n',
        encoding="utf-8",
    )
    app = typer.Typer()
    ledgering.register(app)
    assert CliRunner().invoke(app, ["export", "a.csv", "--reason", "月度核对"]).exit_code == 0
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["总包"] == "甲木建工（项目登记册）"
