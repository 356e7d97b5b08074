"""工资支付隐患: what lists of arrears tell of firms, and what they are kept from: no level, no case, no person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_funds_sheets import sheet

from monitor.backing import SIGNS, Found, Line, Loaded, Signal, Trend, Visit
from monitor.errors import ConfigError
from monitor.funds import Book
from monitor.funds.hinting import lines, rows, summary, told
from monitor.funds.names import Directory, stem
from monitor.funds.signals import Hint, Named, Signals, compared
from monitor.model import Facts, RegisterRow
from monitor.sheet import cells
from monitor.sheet.cells import Unreadable
from monitor.sheet.funds import read_list, read_lists

TODAY, AS_OF = date(2026, 11, 26), date(2026, 11, 20)
AT = datetime(2026, 11, 21, tzinfo=UTC)
REGISTER = (
    RegisterRow(kind="project", name="锦禾苑三期", employers=("甲木建工", "乙禾劳务")),
    RegisterRow(kind="employer", name="己光电子厂", aliases=("己光", "己光厂")),
    RegisterRow(kind="employer", name="亥星制衣"),
)


def owes(firm: str, months: int | None = None, yuan: float | None = None, **more: Any) -> Line:
    return Line(firm=firm, signal=Signal(months, yuan, **more))


def loaded(kind: str, *told_: Line, as_of: date = AS_OF) -> Loaded:
    return Loaded(kind=kind, lines=told_, source=f"{kind}.xlsx", sha256="", as_of=as_of, at=AT, by="zhou")


def known(*lists: Loaded, register: tuple[RegisterRow, ...] = REGISTER, today: date = TODAY) -> Signals:
    return Signals(Book(register, {one.kind: one for one in lists}), today)


def named(found: Signals, employer: str | None, project: str | None = None) -> list[Named]:
    return list(found.of_case(Facts(employer=employer, project=project)).firms)


# ------------------------------------------------------------------ which firm is meant
@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("甲木建工", "甲木建工有限公司"), ("甲木建工有限公司", "望舟甲木建工集团有限责任公司"),
        ("望舟市甲木建工", "甲木建工"), ("己光电子", "己光电子厂"), ("甲木建工", "甲木建工有限公司第三分公司"),
        ("亥星制衣厂", "（望舟）亥星制衣有限公司"), ("ＡＢ电子厂", "ab电子"),
    ],
)  # fmt: skip
def test_one_firm_under_two_names_is_found_either_way(asked: str, listed: str) -> None:
    assert Directory.of([listed]).find(asked) == (listed,)
    assert Directory.of([asked]).find(listed) == (asked,)


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("甲木建工", "甲木建工劳务有限公司"), ("甲木建工", "甲木物业管理有限公司"), ("服装厂", "望舟亥星服装厂"),
        ("建筑劳务", "望舟建筑劳务有限公司"), ("甲木", "甲木建工有限公司"), ("电子厂", "己光电子厂"), ("", "甲木建工"),
        ("乙禾劳务", "甲木建工"), ("甲木建工", "甲木建工装饰有限公司"), ("甲木建工", "丙川建设甲木建工"),
        ("新东方超市", "东方超市"), ("三河建筑", "大三河建筑有限公司"), ("小龙人火锅", "龙人火锅"),
    ],
)  # fmt: skip
def test_another_firm_or_a_bare_trade_is_never_taken_for_it(asked: str, listed: str) -> None:
    assert Directory.of([listed]).find(asked) == ()


NAMES = st.text("甲乙丙丁戊己庚辛望舟县市建工劳务服装厂有限公司集团", max_size=12)


@given(st.lists(NAMES, max_size=8), NAMES | st.text(max_size=30))
@settings(max_examples=300)
def test_whatever_a_name_finds_was_listed_and_it_always_finds_itself(names: list[str], asked: str) -> None:
    firms = Directory.of(names)
    assert set(firms.find(asked)) <= set(names)
    for name in names:
        found = firms.find(name)
        assert not stem(name) or (len(found) == 1 and stem(found[0]) == stem(name))


def test_two_firms_of_one_list_that_a_name_could_mean_are_both_left_alone() -> None:
    found = known(loaded("power", owes("望舟甲木建工", 3), owes("青禾甲木建工", 5)))
    (firm,) = named(found, "甲木建工")
    assert not firm.seen
    assert firm.others == ("望舟甲木建工", "青禾甲木建工")
    assert "不知道是哪一家，没有取用" in told(found.of_case(Facts(employer="甲木建工")))["ambiguous"][0]


# ------------------------------------------------------------------ a case
def test_a_case_is_told_what_each_list_says_of_its_employer() -> None:
    found = known(
        loaded("power", owes("望舟己光电子厂", 3, 86_400.0, since=date(2026, 8, 1), trend=Trend.MORE)),
        loaded("tax", owes("己光电子厂有限公司", yuan=530_000.0)),
        loaded("social", owes("亥星制衣", 5)),
    )  # fmt: skip
    block = told(found.of_case(Facts(employer="己光厂")))  # by the register's other name
    assert [one["text"] for one in block["lines"]] == [
        "己光厂（用人单位，名册写作望舟己光电子厂）欠电费3个月8.64万元，自2026年8月起（比上份增加）",
        "己光厂（用人单位，名册写作己光电子厂有限公司）欠税53万元",
    ]
    assert [one["source"] for one in block["lines"]] == ["power.xlsx，2026-11-20", "tax.xlsx，2026-11-20"]
    assert block["pressing"]
    assert block["unknown"] == [
        "欠社保费名册没有这些单位，不等于没有欠",
        "欠水费名册、欠燃气费名册、欠物业费租金名册、贷款逾期名册、停工停产名册没有导入，不知道",
    ]
    assert block["article"] == "第三十八条第二款"


def test_the_firms_of_its_project_count_with_the_part_they_have() -> None:
    found = known(loaded("social", owes("甲木建工有限公司", 4), owes("乙禾劳务", 2)))
    assert [(one.name, one.part, bool(one.seen)) for one in named(found, "乙禾劳务", "锦禾苑三期")] == [
        ("乙禾劳务", "employer", True),
    ]  # the register does not say who is the general contractor
    whole = (replace(REGISTER[0], funds=None), *REGISTER[1:])
    assert named(known(loaded("social"), register=whole), None, "锦禾苑三期") == [
        Named(name="乙禾劳务", part="subcontractor")
    ]


def test_without_a_firm_there_is_nothing_to_look_for_and_that_is_said() -> None:
    found = known(loaded("power", owes("己光电子厂", 3)))
    block = told(found.of_case(Facts(project="望江台")))
    assert not block["lines"]
    assert block["unknown"][0] == "本案还没有写明单位，无从对照名册"
    assert lines(block) == []


@pytest.mark.parametrize(
    ("lists", "presses"),
    [
        ((loaded("power", owes("己光电子厂", 1)),), False),
        ((loaded("power", owes("己光电子厂", 2, 90_000.0)),), False),
        ((loaded("power", owes("己光电子厂", 3)),), True),
        ((loaded("power", owes("己光电子厂", since=date(2026, 9, 1))),), False),  # September, October: two months
        ((loaded("power", owes("己光电子厂", since=date(2026, 8, 1))),), True),
        ((loaded("power", owes("己光电子厂", 1, since=date(2026, 6, 1))),), True),
        ((loaded("idle", owes("己光电子厂")),), True),
        ((loaded("power", owes("己光电子厂", 1)), loaded("tax", owes("己光电子厂"))), True),
        ((loaded("power", owes("己光电子厂", 1), owes("己光电子厂", 2)),), False),  # two meters are one sign
    ],
)
def test_several_kinds_a_standstill_or_a_quarter_unpaid_press(lists: tuple[Loaded, ...], presses: bool) -> None:
    found = known(*lists)
    assert found.of_case(Facts(employer="己光电子厂")).pressing is presses
    assert [one.pressing for one in found.outlook().hints] == [presses]


def test_an_old_list_is_told_with_its_age() -> None:
    found = known(loaded("power", owes("己光电子厂", 3), as_of=TODAY - timedelta(days=61)))
    block = told(found.of_case(Facts(employer="己光电子厂")))
    assert block["lines"][0]["stale"] == 61
    assert "名册是61天前的" in block["lines"][0]["source"]
    assert any("欠电费名册是61天前的" in line for line in summary(found.outlook()))


# ------------------------------------------------------------------ the county
def test_firms_that_press_and_that_no_case_names_come_first() -> None:
    found = known(
        loaded("power", owes("己光电子厂", 3), owes("庚味火锅", 1), owes("亥星制衣有限公司", 1)),
        loaded("social", owes("亥星制衣", 5, 142_000.0)),
        loaded("tax", owes("甲木建工", yuan=5.0)),
    ).outlook([("QX-1", Facts(employer="己光厂")), ("QX-2", Facts(employer="不相干"))])
    assert [(one.name, one.pressing, one.ids, one.projects) for one in found.hints] == [
        ("亥星制衣有限公司", True, (), ()),  # two lists, two names, one firm
        ("己光电子厂", True, ("QX-1",), ()),
        ("庚味火锅", False, (), ()),
        ("甲木建工", False, (), ("锦禾苑三期",)),
    ]
    assert [one.name for one in found.ahead] == ["亥星制衣有限公司"]
    first, second = summary(found)
    assert "有欠费、逾期、停产等信号的单位4家，其中几项同时出现或者拖得较久的2家，还没有立案、要去核查的1家" in first
    assert second == "宜先核查：亥星制衣有限公司（欠电费1个月、欠社保费5个月14.2万元）"
    assert rows(found)[1][0] == "己光电子厂"


FIRMS = st.sampled_from(
    ["甲木建工", "望舟甲木建工有限公司", "青禾甲木建工", "己光电子厂", "己光", "亥星制衣", "庚味火锅"]
)
ROWS = st.lists(st.builds(owes, FIRMS, st.none() | st.integers(1, 9), st.none() | st.floats(1, 1e6)), max_size=6)


@given(st.dictionaries(st.sampled_from(SIGNS), ROWS, max_size=4))
@settings(max_examples=200)
def test_no_line_is_lost_and_none_is_told_of_two_firms(lists: dict[str, list[Line]]) -> None:
    hints: tuple[Hint, ...] = known(*(loaded(kind, *told_) for kind, told_ in lists.items())).outlook().hints
    shown = [(seen.sign.value, seen.name) for one in hints for seen in one.seen]
    listed = {(kind, line.firm) for kind, told_ in lists.items() for line in told_}
    assert len(shown) == len(set(shown))
    assert set(shown) == listed
    assert all(len({seen.sign for seen in one.seen}) == len(one.seen) for one in hints)


def test_no_list_is_said_to_be_no_list() -> None:
    assert summary(known().outlook()) == ["还没有导入水电燃气、物业、信贷、税收、社保等名册，看不到工资支付隐患"]


# ------------------------------------------------------------------ looked into
def visit(firm: str, day: date, found: Found = Found.SOUND) -> Visit:
    return Visit(
        firm=firm, found=found, note="看了工资表", by="zhou", at=datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("looked", "trend", "due"),
    [
        (None, None, True), (TODAY, None, False), (AS_OF, Trend.MORE, False),  # the list is no newer than the visit
        (AS_OF - timedelta(days=1), Trend.MORE, True), (AS_OF - timedelta(days=1), Trend.NEW, True),
        (AS_OF - timedelta(days=1), Trend.SAME, False), (AS_OF - timedelta(days=1), Trend.LESS, False),
        (TODAY - timedelta(days=61), Trend.SAME, True),
        (AS_OF - timedelta(days=1), None, True),  # the first list of its kind
    ],
)  # fmt: skip
def test_a_firm_looked_into_is_due_again_when_a_list_tells_of_more_or_two_months_went_by(
    looked: date | None, trend: Trend | None, due: bool
) -> None:
    tax = owes("望舟己光电子厂", yuan=5.0, trend=Trend.SAME)
    found = known(loaded("power", owes("己光电子厂", 3, trend=trend)), loaded("tax", tax))
    visits = [visit("望舟己光电子厂", looked)] if looked else []  # by the name of one of its lists
    (one,) = found.outlook((), visits).hints
    assert (one.due, one.visited) == (due, visits[0] if visits else None)


def test_a_visit_stays_with_its_firm_when_the_list_writes_its_name_otherwise() -> None:
    given_ = visit("亥星制衣", AS_OF)
    (one,) = known(loaded("idle", owes("望舟亥星制衣有限公司"))).outlook((), [given_]).hints
    assert (one.visited, one.due) == (given_, False)
    two = known(loaded("idle", owes("望舟亥星制衣有限公司"), owes("青禾亥星制衣厂"))).outlook((), [given_])
    assert [hint.visited for hint in two.hints] == [None, None]  # nobody can tell which


def test_a_firm_that_a_case_names_is_in_hand_already() -> None:
    found = known(loaded("idle", owes("己光电子厂")))
    assert not found.outlook([("QX-1", Facts(employer="己光电子厂"))]).ahead
    assert found.outlook().ahead


# ------------------------------------------------------------------ beside the list before
def trends(now: list[Line], before: Loaded | None, as_of: date = TODAY) -> list[Trend | None]:
    return [line.signal.trend for line in compared(now, before, as_of) if line.signal]


def test_a_list_is_told_beside_the_one_before() -> None:
    before = loaded("power", owes("甲", 2, 100.0), owes("乙", 2, 100.0), owes("丙", 2), owes("丁", 2, 50.0))
    now = [owes("甲", 3, 90.0), owes("乙", 2, 120.0), owes("丙", 2), owes("戊", 1), owes("丁", 3)]
    assert trends(now, before) == [Trend.LESS, Trend.MORE, Trend.SAME, Trend.NEW, Trend.MORE]


def test_the_first_list_has_nothing_beside_it_and_a_corrected_one_keeps_what_it_had() -> None:
    first = [owes("甲", 2)]
    assert trends(first, None) == [None]
    second = compared([owes("甲", 3)], loaded("power", *first), TODAY)
    again = trends([owes("甲", 3), owes("乙", 1)], loaded("power", *second, as_of=TODAY))
    assert again == [Trend.MORE, Trend.NEW]
    assert trends([owes("甲", 5)], loaded("power", *first), AS_OF) == [None]


# ------------------------------------------------------------------ sheets
def test_a_list_is_read_in_the_words_of_its_office() -> None:
    body = sheet(
        ("用电户名", "法定代表人", "联系电话", "欠费金额（万元）", "欠费月数", "起始月份"),
        ("己光电子厂", "张建国", "13800001234", 8.64, "三个月", "2026年8月"),
        ("亥星制衣", "", "", "", "", ""),  # standing in the list says enough
        ("庚味火锅", "", "", 0, 0, ""),  # paid in the meantime
        ("合计", "", "", 8.64, "", ""),
    )
    found = read_list("power", body, name="供电.xlsx", today=TODAY)
    assert [(line.firm, line.signal) for line in found.lines] == [
        ("己光电子厂", Signal(3, 86_400.0, date(2026, 8, 1))), ("亥星制衣", Signal()),
    ]  # fmt: skip
    assert found.ignored == ("法定代表人", "联系电话")
    assert "张建国" not in repr(found.lines)


@pytest.mark.parametrize(
    "aside",
    [
        "合　计", "合 计：", "合计：", "总计（元）", "合计3户", "合计（共3户）", "本页小计", "制表人：张建国",
        "填表人:张建国  审核：李四", "备注：以上为居民欠费", "联系电话：13812345678",
    ],
)  # fmt: skip
def test_sums_and_notes_of_a_list_are_no_firm(aside: str) -> None:
    body = sheet(("单位名称", "欠费金额"), ("亥星制衣", 500), (aside, 9_000_000))
    assert [line.firm for line in read_list("power", body, name="电.xlsx", today=TODAY).lines] == ["亥星制衣"]


@pytest.mark.parametrize(
    ("heading", "yuan"),
    [
        ("欠费金额（单位：万元）", 80_000), ("欠费金额（含滞纳金，万元）", 80_000), ("欠费金额(人民币万元)", 80_000),
        ("欠费金额\n(万元)", 80_000), ("欠费金额（千元）", 8_000), ("欠费金额（亿元）", 800_000_000),
        ("欠费金额（元）", 8), ("欠费金额/万元", 80_000), ("欠费金额", 8),
    ],
)  # fmt: skip
def test_money_is_read_in_the_unit_of_its_heading(heading: str, yuan: float) -> None:
    body = sheet(("单位名称", heading), ("亥星制衣", 8))
    (line,) = read_list("power", body, name="电.xlsx", today=TODAY).lines
    assert line.signal == Signal(yuan=yuan)


def test_work_that_stands_still_for_no_whole_month_stands_still() -> None:
    body = sheet(("企业名称", "停产月数"), ("亥星制衣", 0))
    assert [line.firm for line in read_list("idle", body, name="停.xlsx", today=TODAY).lines] == ["亥星制衣"]


def test_two_meters_at_the_same_sum_are_no_fault() -> None:
    body = sheet(("单位名称", "金额"), ("己光电子厂", 500), ("己光电子厂", 500))
    found = read_lists("water", [("水.xlsx", body)], today=TODAY)
    assert known(loaded("water", *found.lines)).outlook().hints[0].yuan == 1000.0


@pytest.mark.parametrize(
    ("row", "where", "why"),
    [
        (("", "8万", "", ""), "第2行 单位名称", "没有写单位名称"),
        (("甲木建工", "八", "", ""), "第2行 欠费金额", "不是金额"),
        (("甲木建工", "", "很久", ""), "第2行 欠缴月数", "不是月数"),
        (("甲木建工", "", "300", ""), "第2行 欠缴月数", "不是月数"),
        (("甲木建工", "", "", "2027-03"), "第2行 起始月份", "在今天之后"),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_row_and_column(row: tuple[str, ...], where: str, why: str) -> None:
    body = sheet(("单位名称", "欠费金额", "欠缴月数", "起始月份"), row)
    with pytest.raises(ConfigError) as told_:
        read_list("tax", body, name="税.xlsx", today=TODAY)
    assert [(fault.path, why in fault.problem) for fault in told_.value.faults] == [(f"税.xlsx: {where}", True)]


def test_a_sheet_without_firms_is_refused() -> None:
    with pytest.raises(ConfigError, match="单位名称"):
        read_list("tax", sheet(("项目名称", "金额"), ("望江台", 5)), name="税.xlsx", today=TODAY)


@pytest.mark.parametrize(
    ("written", "months"),
    [
        ("3", 3), ("3个月", 3), ("3.0", 3), ("三个月", 3), ("两个月", 2), ("十二期", 12), ("2年", 24), ("", None),
        ("不详", None),
    ],
)  # fmt: skip
def test_months_are_read_as_people_write_them(written: str, months: int | None) -> None:
    assert cells.months(written) == months


@pytest.mark.parametrize("written", ["半", "-3", "3-5个月", "十三", "1000"])
def test_what_is_no_number_of_months_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="不是月数"):
        cells.months(written)
