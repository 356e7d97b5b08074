"""Lists of deposits and special accounts, and the register's columns on money: read in the words that offices use."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import sheet

from monitor.backing import Account, AccountState, Deposit, Form, Funds, Line
from monitor.config import CountyEntry
from monitor.errors import ConfigError
from monitor.facts.register_sheet import as_yaml, read_register, write_register
from monitor.model import RegisterRow
from monitor.sheet import cells
from monitor.sheet.cells import FOREVER, Unreadable
from monitor.sheet.funds import read_list

TODAY = date(2026, 11, 26)


def faults(kind: str, *rows: tuple[Any, ...]) -> list[str]:
    with pytest.raises(ConfigError) as told:
        read_list(kind, sheet(*rows), name="a.xlsx", today=TODAY)
    return [fault.path for fault in told.value.faults]


# ------------------------------------------------------------------ cells
@pytest.mark.parametrize(
    ("written", "unit", "yuan"),
    [
        ("800000", 1, 800_000), ("800,000.50", 1, 800_000.5), ("80万元", 1, 800_000), ("80", 10_000, 800_000),
        ("80万", 10_000, 800_000), ("800000元", 10_000, 800_000), ("￥800000", 1, 800_000), ("１２", 1, 12),
        ("0.5亿", 1, 50_000_000), ("", 1, None), ("不详", 1, None), ("—", 1, None), ("待核", 10_000, None),
    ],
)  # fmt: skip
def test_money_is_read_in_its_unit_and_silence_stays_silence(written: str, unit: int, yuan: float | None) -> None:
    assert cells.yuan(written, unit) == yuan


@pytest.mark.parametrize("written", ["约八十万", "-5", "80万美元", "8e5", "80 - 90万", "是"])
def test_what_is_no_money_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="不是金额"):
        cells.yuan(written)


def test_a_wrong_unit_is_noticed() -> None:
    with pytest.raises(Unreadable, match="核对单位"):
        cells.yuan("800000", 10_000)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-01-31", date(2027, 1, 31)), ("2027/1/31", date(2027, 1, 31)), ("2027年1月31日", date(2027, 1, 31)),
        ("2027.1.31", date(2027, 1, 31)), ("20270131", date(2027, 1, 31)), ("2027-01-31 00:00:00", date(2027, 1, 31)),
        ("２０２７-01-31", date(2027, 1, 31)), ("长期", FOREVER), ("长期有效", FOREVER), ("", None), ("未知", None),
        ("2028-02-29", date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(written: str, day: date | None) -> None:
    assert cells.day(written) == day


@pytest.mark.parametrize("written", ["2027-02-29", "2027-13-01", "明年春节", "46000", "2027-01", "0000-01-01"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        cells.day(written)


@pytest.mark.parametrize(
    "written", ["2026-09", "2026年9月", "2026年9月份", "2026/9", "2026.09", "202609", "2026-09-15"]
)
def test_months_are_read_as_people_write_them(written: str) -> None:
    assert cells.month(written) == date(2026, 9, 1)


@pytest.mark.parametrize("written", ["2026-13", "九月", "2026", "长期"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        cells.month(written)


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("是", True),
        ("已设立", True),
        ("√", True),
        ("否", False),
        ("未实行", False),
        ("", None),
        ("不详", None),
        ("?", None),
    ],
)
def test_yes_no_and_nobody_said(written: str, answer: bool | None) -> None:
    assert cells.yes_no(written) is answer


def test_of_an_account_only_four_digits_are_kept() -> None:
    assert cells.tail("6228 4800 1234 5670123") == "0123"
    assert cells.tail("****0123") == "0123"
    for wrong in ("123", "尾号八八", "6.22848E+18"):
        with pytest.raises(Unreadable):
            cells.tail(wrong)


def test_a_number_that_the_sheet_has_rounded_is_no_account() -> None:
    body = sheet(("项目名称", "账号"), ("锦禾苑三期", 6228480012345670123))
    with pytest.raises(ConfigError) as told:
        read_list("accounts", body, name="a.xlsx", today=TODAY)
    assert "单元格设为文本" in str(told.value)


# ------------------------------------------------------------------ lists
def test_a_list_of_deposits_in_the_words_of_a_district() -> None:
    body = sheet(
        ("序号", "工程名称", "施工单位", "存储形式", "金额（万元）", "有效期至", "出具机构", "联系人"),
        (1, "锦禾苑三期", "甲木建工有限公司", "银行保函", 80, date(2027, 1, 31), "青禾农商行", "周某"),
        (2, "北渠标准厂房", "未央建设", "现金", "1,200,000元", None, "青禾建行", ""),
        (3, "西岭光伏电站", "", "免存", None, None, None, None),
        (4, "望江台", "甲木建工", "未缴", "", "", "", ""),
        (5, "柳溪中学", "甲木建工", "", 30.5, "长期", "", ""),
        (None, None, None, None, None, None, None, None),
    )
    found = read_list("deposits", body, name="保证金.xlsx", today=TODAY)
    assert [line.deposit for line in found.lines] == [
        Deposit(Form.GUARANTEE, 800_000, date(2027, 1, 31), "青禾农商行"),
        Deposit(Form.CASH, 1_200_000, None, "青禾建行"),
        Deposit(Form.EXEMPT),
        Deposit(Form.NONE),
        Deposit(None, 305_000, FOREVER),
    ]
    assert found.lines[0] == Line(
        project="锦禾苑三期", firm="甲木建工有限公司", deposit=found.lines[0].deposit, file="保证金.xlsx", row=2
    )
    assert found.ignored == ("序号", "联系人")  # a person is never taken up


def test_a_list_of_accounts_keeps_four_digits_and_the_last_month() -> None:
    body = sheet(
        ("项目", "总包单位", "开户银行", "账号", "最近代发月份", "状态"),
        ("锦禾苑三期", "甲木建工", "青禾农商行", "6228480012345670123", "2026年8月", ""),
        ("望江台", "甲木建工", "", "", "", "未开立"),
        ("柳溪中学", "甲木建工", "青禾建行", "", "202610", "已销户"),
    )
    found = read_list("accounts", body, name="专户.xlsx", today=TODAY)
    assert [line.account for line in found.lines] == [
        Account(AccountState.OPEN, "青禾农商行", "0123", date(2026, 8, 1)),
        Account(AccountState.NONE),
        Account(AccountState.CLOSED, "青禾建行", None, date(2026, 10, 1)),
    ]
    assert "6228" not in repr(found)


def test_every_fault_is_told_with_its_row_and_column() -> None:
    paths = faults(
        "deposits",
        ("项目名称", "形式", "金额", "有效期至"),
        ("", "现金", "5万元", ""),
        ("甲项目", "借条", "八万", "春节"),
        ("乙项目", "", "", "2027-01-31"),
        ("丙项目", "未存", "5万元", ""),
        ("丁项目", "", "", ""),
    )
    assert paths == [
        "a.xlsx: 第2行 项目名称",
        "a.xlsx: 第3行 形式",
        "a.xlsx: 第3行 金额",
        "a.xlsx: 第3行 有效期至",
        "a.xlsx: 第5行 形式",
        "a.xlsx: 第6行 金额",
    ]


def test_a_payment_of_the_future_is_a_fault() -> None:
    assert faults("accounts", ("项目", "最近发放月份"), ("甲项目", "2026-12")) == ["a.xlsx: 第2行 最近发放月份"]


def test_the_same_money_twice_is_a_fault() -> None:
    line = ("锦禾苑三期", "现金", "5万元")
    assert faults("deposits", ("项目", "形式", "金额"), line, line) == ["a.xlsx: 第3行"]
    two = sheet(("项目", "形式", "金额"), line, ("锦禾苑三期", "现金", "6万元"))
    assert len(read_list("deposits", two, name="a.xlsx", today=TODAY).lines) == 2


@pytest.mark.parametrize("body", [b"", b"PK", sheet(("甲", "乙"), ("丙", "丁")), sheet(("项目名称", "金额"))])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ConfigError):
        read_list("deposits", body, name="a.xlsx", today=TODAY)


# ------------------------------------------------------------------ the register
def test_a_register_may_tell_of_money_or_not() -> None:
    body = sheet(
        ("类别", "名称", "状态", "总承包单位", "建设单位", "保证金形式", "保证金金额（万元）", "有效期至", "工资专户",
         "专户账号", "最近发放月份", "实名制", "维权告示牌"),
        ("项目", "锦禾苑三期", "在建", "甲木建工", "丙川置业", "保函", 80, "2027-01-31", "已开立",
         "6228480012345670123", "2026-08", "是", "否"),
        ("项目", "望江台", "在建", "", "", "", "", "", "", "", "", "", ""),
    )  # fmt: skip
    first, second = read_register(body, name="项目.xlsx", as_of=TODAY)
    assert first.funds == Funds(
        contractor="甲木建工",
        owner="丙川置业",
        deposit=Deposit(Form.GUARANTEE, 800_000),  # a bare 有效期至 may be anything of a project
        account=Account(AccountState.OPEN, None, "0123", date(2026, 8, 1)),
        real_name=True,
        board=False,
        source="项目.xlsx",
        as_of=TODAY,
    )
    assert second.funds is None  # not loaded is not a no


def test_faults_of_money_stand_beside_those_of_the_register() -> None:
    body = sheet(("类别", "名称", "保证金形式", "实名制"), ("工程", "青云里", "借条", "也许"))
    with pytest.raises(ConfigError) as told:
        read_register(body, name="a.xlsx")
    assert [fault.path for fault in told.value.faults] == [
        "a.xlsx: 第2行 类别",
        "a.xlsx: 第2行 保证金形式",
        "a.xlsx: 第2行 实名制",
    ]


NAMES = st.text("甲乙丙丁木禾川岳", min_size=1, max_size=6)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MONEY = st.integers(1, 900_000_000).map(float)
LODGED = st.one_of(
    st.builds(Deposit, st.sampled_from([Form.CASH, Form.GUARANTEE, Form.INSURANCE]), MONEY, st.none() | DAYS,
              st.none() | NAMES),
    st.builds(Deposit, st.sampled_from([Form.NONE, Form.EXEMPT])),
)  # fmt: skip
ACCOUNTS = st.builds(
    Account, st.sampled_from(AccountState), st.none() | NAMES, st.none() | st.integers(0, 9999).map("{:04}".format),
    st.none() | DAYS.map(lambda day: day.replace(day=1)),
)  # fmt: skip
ANSWERS = st.none() | st.booleans()
FIRMS = NAMES.map("{}建工有限公司".format)
HELD = st.builds(
    Funds, contractor=FIRMS, owner=st.none() | FIRMS, deposit=st.none() | LODGED, account=st.none() | ACCOUNTS,
    real_name=ANSWERS, board=ANSWERS, source=NAMES, as_of=DAYS,
)  # fmt: skip


def test_a_person_is_no_company_of_a_project() -> None:
    body = sheet(("类别", "名称", "总承包单位", "建设单位"), ("项目", "青云里", "张建国", "丙川置业"))
    (row,) = read_register(body)
    assert row.funds == Funds(owner="丙川置业")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | HELD, min_size=1, max_size=4))
def test_what_a_register_knows_of_money_survives_sheet_and_file(held: list[Funds | None]) -> None:
    """An unknown never comes back as a no, and a no never as unknown."""
    rows = tuple(RegisterRow(kind="project", name=f"项目{n}", funds=one) for n, one in enumerate(held))
    assert read_register(write_register(rows)) == rows
    entries = yaml.safe_load(as_yaml(rows))
    assert CountyEntry.model_validate({"code": "990101", "name": "青禾县", **entries}).county().register == rows


@pytest.mark.parametrize(
    "wrong",
    [{"deposit": {"form": "借条"}}, {"deposit": {"yuan": -1}}, {"account": {"state": "open", "tail": 123}},
     {"account": {"state": "open", "tail": "62284800"}}, {"account": {"state": "open", "paid": "2026-13"}},
     {"board": "也许"}, {"cash": 1}],
)  # fmt: skip
def test_a_wrong_value_in_the_file_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    from monitor.config import read_county

    row = {"kind": "project", "name": "甲", "funds": wrong}
    (tmp_path / "county.yaml").write_text(yaml.safe_dump({"code": "990101", "name": "青禾县", "register": [row]}))
    with pytest.raises(ConfigError) as told:
        read_county(tmp_path / "county.yaml")
    assert "funds" in str(told.value)
