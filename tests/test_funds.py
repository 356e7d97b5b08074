"""可动用的钱: names that match and names that do not, what a deposit pays on which day, and what nobody has told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.backing import Account, AccountState, Deposit, Form, Funds, Line, Loaded
from monitor.clocks import Calendar
from monitor.funds import Behind, Book, Cover, Debt, behind
from monitor.funds.behind import Day, Held, cover, silent_months, standing
from monitor.funds.names import same_firm
from monitor.funds.wording import matched, seen_to_by, told
from monitor.model import Facts, RegisterRow
from monitor.routing import load_matrix
from monitor.sheet.cells import FOREVER

TODAY, AS_OF = date(2026, 11, 26), date(2026, 11, 20)
CALENDAR = Calendar()
FROM = {"source": "项目.xlsx", "as_of": AS_OF}
BY = ["住建局", "人社局"]


def project(
    name: str = "锦禾苑三期", *aliases: str, employers: Sequence[str] = (), held: Funds | None = None
) -> RegisterRow:
    return RegisterRow(kind="project", name=name, aliases=aliases, employers=tuple(employers), funds=held)


def loaded(kind: str, *lines: Line) -> dict[str, Loaded]:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return {kind: Loaded(kind=kind, lines=lines, source="名册.xlsx", sha256="", as_of=AS_OF, at=at, by="zhou")}


def day(today: date = TODAY) -> Day:
    return Day(today=today, works=CALENDAR.is_workday, eve=CALENDAR.next_eve(today))


OWED = Debt(460_000.0)


def asked(book: Book, debt: Debt = OWED, today: date = TODAY, others: Sequence[Debt] = (), **facts: object) -> Behind:
    known = {"project": "锦禾苑三期", "employer": "乙禾劳务", "sector": "building_municipal", **facts}
    return behind(book, Facts(**known), debt, day(today), others)  # type: ignore[arg-type]


def keys(found: Behind) -> list[str]:
    return [fact.key for fact in found.facts if not fact.key.startswith("emergency")]


# ------------------------------------------------------------------ names
REGISTER = (
    project("锦禾苑三期", "锦禾苑3期", "锦禾苑", employers=("丙川置业", "甲木建工", "乙禾劳务")),
    project("望江台", "望江台小区", "望江台二期"),
    project("县道X207改建二标段"),
    project("石鼓岭高标准农田", "石鼓岭农田改造"),
    project("石鼓岭高标准农田灌溉渠"),
    project("北渠标准厂房", employers=("青禾城投", "未央建设")),
    RegisterRow(kind="employer", name="己光电子厂"),
    RegisterRow(kind="place", name="老棉纺厂"),
)


@pytest.mark.parametrize(
    ("written", "row", "how"),
    [
        ("锦禾苑三期", "锦禾苑三期", "exact"),
        ("锦禾苑 3 期", "锦禾苑三期", "exact"),
        ("锦禾苑", "锦禾苑三期", "exact"),  # the register says that it is called so
        ("望舟市锦禾苑三期项目部", "锦禾苑三期", "contained"),
        ("青禾县北渠标准厂房工程", "北渠标准厂房", "contained"),
        ("标准厂房", "北渠标准厂房", "contained"),
        ("厂房", None, "none"),  # too short to mean one
        ("锦禾苑四期", None, "none"),
        ("望江台小区一期", None, "part"),
        ("北渠标准厂房二标段", None, "part"),
        ("县道X207改建", None, "part"),  # the register has the second lot only
        ("石鼓岭高标准农田", "石鼓岭高标准农田", "exact"),  # although another one begins with it
        ("高标准农田", None, "several"),
        ("己光电子厂", None, "none"),  # a firm is no project
        ("老棉纺厂", None, "none"),
        ("", None, "none"),
    ],
)
def test_a_name_means_one_project_or_none(written: str, row: str | None, how: str) -> None:
    found = Book(REGISTER).named(written)
    assert ((found.row.name if found.row else None), found.how) == (row, how)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("甲木建工", "望舟甲木建工有限公司", True),
        ("未央建设", "未央建设集团有限公司", True),
        ("未央建设", "未央劳务", False),
        ("甲木", "甲木建工", False),  # two characters are anybody's
        ("甲木建工", "乙禾劳务", False),
        ("甲木建工（青禾）有限公司", "甲木建工", True),
    ],
)
def test_a_firm_is_the_same_by_its_name(one: str, other: str, same: bool) -> None:
    assert same_firm(one, other) is same_firm(other, one) is same


def test_lines_that_do_not_match_are_named_with_their_reason() -> None:
    lines = (
        Line(project="锦禾苑三期工程", firm="甲木建工有限公司", row=2),
        Line(project="锦禾苑三期", firm="丁岳路桥", row=3),
        Line(project="凤凰里", firm="甲木建工", row=4),
        Line(project="高标准农田", row=5),
        Line(project="望江台小区一期", row=6),
    )
    book = Book(REGISTER, loaded("deposits", *lines))
    assert [line.row for line in book.lines("deposits", REGISTER[0])] == [2]
    assert [(line.row, why.how) for line, why in book.unmatched("deposits")] == [
        (3, "firm"), (4, "none"), (5, "several"), (6, "part"),
    ]  # fmt: skip
    said = [matched(why) for _, why in book.unmatched("deposits")]
    assert said[0] == "名称对上“锦禾苑三期”，但登记册里它的参建单位是丙川置业、甲木建工、乙禾劳务"
    assert "石鼓岭高标准农田、石鼓岭高标准农田灌溉渠" in said[2]


def test_without_a_register_nothing_matches_and_that_is_said() -> None:
    book = Book((), loaded("deposits", Line(project="锦禾苑三期")))
    assert [why.how for _, why in book.unmatched("deposits")] == ["unregistered"]
    found = asked(book)
    assert (found.cover, found.match.how, keys(found), found.unknown) == (Cover.UNKNOWN, "unregistered", [], ())


def test_a_firm_alone_names_no_project() -> None:
    found = asked(Book(REGISTER), project=None)
    assert (found.match.row, found.cover) == (None, Cover.UNKNOWN)
    assert told(found, BY)["match"] == "帖文没有说是哪个项目；该单位在登记册里有：锦禾苑三期。核实是哪一个后即可对上"


# ------------------------------------------------------------------ what a deposit pays, and when
GUARANTEE = Deposit(Form.GUARANTEE, 800_000.0, date(2027, 1, 2), "青禾农商行")


def bond(yuan: float, year: int, month: int, day_: int) -> Deposit:
    return Deposit(Form.GUARANTEE, yuan, date(year, month, day_))


def cash(yuan: float) -> Deposit:
    return Deposit(Form.CASH, yuan)


@pytest.mark.parametrize(
    ("one", "today", "key", "text"),
    [
        (GUARANTEE, date(2026, 11, 26), "deposit_before_eve", "2027-01-02到期，在除夕（2027-02-05）之前"),
        (GUARANTEE, date(2026, 12, 20), "deposit_ends", "还有13天到期（2027-01-02），最后一个工作日是2026-12-31"),
        (GUARANTEE, date(2026, 12, 31), "deposit_ends", "还有2天到期（2027-01-02），最后一个工作日是2026-12-31"),
        (GUARANTEE, date(2027, 1, 1), "deposit_no_day", "2027-01-02到期，到期前已没有工作日"),
        (GUARANTEE, date(2027, 1, 2), "deposit_no_day", "到期前已没有工作日"),
        (GUARANTEE, date(2027, 1, 3), "deposit_over", "已于2027-01-02过期，未见续保"),
        (Deposit(Form.INSURANCE, 1.0, date(2026, 11, 26)), TODAY, "deposit_ends_today", "今天到期"),
        (bond(1.0, 2027, 5, 1), TODAY, "deposit_dated", "有效期至2027-05-01"),
        (Deposit(Form.GUARANTEE, 1.0, FOREVER), TODAY, "deposit_lasting", "长期有效"),
        (Deposit(Form.GUARANTEE, 1.0), TODAY, "deposit_undated", "没有写有效期，能否动用须核实"),
        (cash(500_000.0), TODAY, "deposit_lasting", "工资保证金50万元（现金）"),
        (Deposit(Form.CASH, 1.0, date(2026, 1, 1)), TODAY, "deposit_past", "是否还在须核实"),
        (Deposit(None, 1.0), TODAY, "deposit_undated", "形式未写"),
        (Deposit(Form.NONE), TODAY, "deposit_none", "名册写明没有存储工资保证金"),
        (Deposit(Form.EXEMPT), TODAY, "deposit_exempt", "依法免存工资保证金，没有这笔钱"),
        # 2026-10-10, a Saturday, is worked for the National Day: a guarantee can still be drawn on that day
        (bond(1.0, 2026, 10, 11), date(2026, 10, 9), "deposit_ends", "最后一个工作日是2026-10-10"),
        (bond(1.0, 2026, 10, 10), date(2026, 10, 9), "deposit_ends", "还有1天到期（2026-10-10）"),
        # and the days before it are off although two of them are a Monday and a Tuesday
        (bond(1.0, 2026, 10, 7), date(2026, 10, 1), "deposit_no_day", "到期前已没有工作日"),
    ],
)  # fmt: skip
def test_a_deposit_on_its_day(one: Deposit, today: date, key: str, text: str) -> None:
    book = Book((project(held=Funds(deposit=one, **FROM)),))  # type: ignore[arg-type]
    found = asked(book, today=today)
    assert key in keys(found)
    line = next(line for line in told(found, BY)["facts"] if line["key"] == key)
    assert text in line["text"]
    assert (line["source"], line["articles"]) == ("项目.xlsx，2026-11-20", ["第三十二条"])


@pytest.mark.parametrize(
    ("lodged", "left", "others", "answer"),
    [
        ([cash(500_000.0)], 460_000.0, [], Cover.COVERED),
        ([cash(460_000.0)], 460_000.0, [], Cover.COVERED),
        ([cash(459_999.0)], 460_000.0, [], Cover.PARTLY),
        ([cash(500_000.0)], 460_000.0, [50_000.0], Cover.PARTLY),  # one deposit for both
        ([cash(500_000.0)], 460_000.0, [None], Cover.COVERED),  # said: of what is stated
        ([cash(500_000.0)], None, [], Cover.UNKNOWN),
        ([cash(100_000.0), bond(400_000.0, 2027, 3, 1)], 460_000.0, [], Cover.COVERED),
        ([cash(100_000.0), bond(400_000.0, 2026, 3, 1)], 460_000.0, [], Cover.PARTLY),
        ([bond(800_000.0, 2026, 11, 25)], 460_000.0, [], Cover.NONE),
        ([Deposit(Form.GUARANTEE, 800_000.0)], 460_000.0, [], Cover.UNKNOWN),
        ([Deposit(Form.CASH)], 460_000.0, [], Cover.UNKNOWN),
        ([Deposit(Form.NONE)], 460_000.0, [], Cover.NONE),
        ([Deposit(Form.NONE)], None, [], Cover.NONE),
        ([Deposit(Form.EXEMPT)], 460_000.0, [], Cover.NONE),
        ([], 460_000.0, [], Cover.UNKNOWN),
    ],
)  # fmt: skip
def test_covered_partly_none_or_unknown(
    lodged: list[Deposit], left: float | None, others: list[float | None], answer: Cover
) -> None:
    held = Held(lodged=tuple(lodged))
    assert cover(held, Debt(left), [Debt(one) for one in others], TODAY) is answer


def test_what_was_paid_is_owed_no_more() -> None:
    assert Debt(460_000.0, 60_000.0).left == 400_000.0
    assert Debt(460_000.0, 500_000.0).left == 0
    assert Debt(None, 5.0).left is None


def test_a_list_comes_before_the_register_and_the_difference_is_shown() -> None:
    held = Funds(deposit=cash(300_000.0), **FROM)  # type: ignore[arg-type]
    line = Line(project="锦禾苑三期", deposit=cash(500_000.0))
    found = asked(Book((project(held=held),), loaded("deposits", line)))
    assert "differs" in keys(found)
    said = {line["key"]: line["text"] for line in told(found, BY)["facts"]}
    assert said["differs"] == "项目登记册写的是30万元，名册.xlsx写的是50万元，这里按名册，请核对"
    assert said["suffices_covered"] == "保证金可动用50万元，本案未付46万元，足够"  # never 80


# ------------------------------------------------------------------ not told is not a no
def test_nothing_loaded_is_unknown_and_no_finding() -> None:
    found = asked(Book((project(),)))
    assert found.cover is Cover.UNKNOWN
    assert [fact.key for fact in found.unknown] == [
        "deposit_not_loaded", "account_not_loaded", "no_contractor", "no_real_name", "no_board",
    ]  # fmt: skip
    assert found.findings == ()


def test_a_list_without_the_project_is_unknown_too() -> None:
    found = asked(Book((project(),), loaded("deposits", Line(project="望江台", deposit=GUARANTEE))))
    assert (found.cover, found.findings) == (Cover.UNKNOWN, ())
    assert told(found, BY)["unknown"][0] == {
        "key": "deposit_not_listed", "tone": "plain", "articles": [], "source": "名册.xlsx，2026-11-20",
        "list": "名册.xlsx", "day": "2026-11-20",
        "text": "已导入的保证金名册里没有对上这个项目，不等于没有存",
    }  # fmt: skip


def test_a_plain_no_is_a_finding_with_article_and_department() -> None:
    held = Funds(
        deposit=Deposit(Form.NONE), account=Account(AccountState.NONE), real_name=False, board=False, **FROM,  # type: ignore[arg-type]
    )  # fmt: skip
    found = asked(Book((project(held=held),)))
    block = told(found, BY)
    assert [one["text"] for one in block["findings"]] == [
        "没有存储工资保证金（第三十二条，第五十五条第（二）项）",
        "没有开设工资专用账户（第二十六条，第五十五条第（一）项）",
        "没有实行用工实名制（第二十八条，第五十五条第（三）项）",
        "没有设立维权信息告示牌（第三十四条，第五十六条第（四）项）",
    ]
    assert block["seen_to"] == "核实后由住建局、人社局按职责责令限期改正"


def test_a_lapsed_guarantee_is_a_finding_and_an_exemption_none() -> None:
    over = asked(Book((project(held=Funds(deposit=bond(1.0, 2026, 1, 1))),)))
    assert [one.key for one in over.findings] == ["deposit_over"]
    free = asked(Book((project(held=Funds(deposit=Deposit(Form.EXEMPT))),)))
    assert (free.cover, free.findings) == (Cover.NONE, ())


def test_findings_go_to_the_departments_of_the_matrix() -> None:
    matrix = load_matrix()
    leads = {id_: sector.lead for id_, sector in matrix.sectors.items()}
    assert seen_to_by("water_works", leads, matrix.name_of) == ["水利局", "人力资源和社会保障局（劳动保障监察）"]
    assert seen_to_by("energy_power", leads, matrix.name_of)[0].startswith("发改局")
    assert seen_to_by("manufacturing", leads, matrix.name_of) == ["人力资源和社会保障局（劳动保障监察）"]


def test_outside_the_building_trade_no_deposit_is_missed() -> None:
    found = asked(Book(REGISTER), project=None, employer="己光电子厂", sector="manufacturing")
    assert (found.cover, found.findings, found.unknown) == (Cover.OUTSIDE, (), ())
    assert told(found, BY)["match"] == "不属于工程建设领域，不要求存储工资保证金"
    assert asked(Book(REGISTER), project=None, sector="unknown").cover is Cover.UNKNOWN


# ------------------------------------------------------------------ who pays, and the special account
@pytest.mark.parametrize(
    ("employer", "traits", "text", "article"),
    [
        ("乙禾劳务", (), "先由施工总承包单位甲木建工清偿，再向分包追偿", "第三十条第三款"),
        (None, (), "先由施工总承包单位甲木建工清偿，再向分包追偿", "第三十条第三款"),
        ("乙禾劳务", ("illegal_subcontract",), "先由施工总承包单位甲木建工清偿，再向分包追偿", "第三十条第四款"),
        ("甲木建工有限公司", (), "被反映的甲木建工就是施工总承包单位，由它自己清偿", "第十六条"),
    ],
)
def test_the_general_contractor_pays_first(
    employer: str | None, traits: tuple[str, ...], text: str, article: str
) -> None:
    book = Book((project(held=Funds(contractor="甲木建工", owner="丙川置业", **FROM)),))  # type: ignore[arg-type]
    first = told(asked(book, employer=employer, traits=traits), BY)["facts"][0]
    assert (first["text"], first["articles"]) == (text, [article])


def test_the_owner_advances_where_he_is_said_to_owe() -> None:
    book = Book((project(held=Funds(owner="丙川置业", **FROM)),))  # type: ignore[arg-type]
    assert "owner_advances" not in keys(asked(book))
    assert "owner_advances" in keys(asked(book, traits=("owner_arrears",)))


def test_whoever_lodged_the_deposit_is_the_contractor_where_the_register_names_none() -> None:
    line = Line(project="锦禾苑三期", firm="甲木建工", deposit=GUARANTEE)
    assert keys(asked(Book((project(),), loaded("deposits", line))))[0] == "contractor_first"
    other = Line(project="锦禾苑三期", firm="未央建设", deposit=cash(1.0))
    assert "contractor_first" not in keys(asked(Book((project(),), loaded("deposits", line, other))))


@pytest.mark.parametrize(
    ("paid", "as_of", "months"),
    [
        (date(2026, 11, 1), date(2026, 11, 20), 0),
        (date(2026, 10, 1), date(2026, 11, 20), 0),  # November is not over
        (date(2026, 9, 1), date(2026, 11, 1), 1),
        (date(2026, 11, 1), date(2027, 1, 5), 1),  # over the end of the year
        (date(2025, 12, 1), date(2026, 2, 1), 1),
        (date(2026, 12, 1), date(2026, 11, 1), 0),
        (date(2026, 6, 1), None, 0),  # nobody knows of which day the list speaks
    ],
)
def test_months_without_a_payment_are_counted_to_the_day_of_the_list(
    paid: date, as_of: date | None, months: int
) -> None:
    assert silent_months(paid, as_of) == months


def test_a_silent_account_is_a_sign_and_an_old_list_claims_nothing_later() -> None:
    line = Line(project="锦禾苑三期", account=Account(AccountState.OPEN, "青禾农商行", "0123", date(2026, 8, 1)))
    book = Book((project(),), loaded("accounts", line))
    found = told(asked(book, today=date(2027, 6, 1)), BY)
    assert found["facts"][0]["text"] == "工资专用账户（青禾农商行，尾号0123）自2026年9月起没有发放，是欠薪的迹象"
    assert found["facts"][0]["source"] == "名册.xlsx，2026-11-20"


@pytest.mark.parametrize(
    ("traits", "wanted"),
    [((), ["emergency_check"]), (("employer_fled",), ["emergency_fled"]),
     (("employer_fled", "hardship"), ["emergency_fled", "emergency_hardship"])],
)  # fmt: skip
def test_the_test_of_the_emergency_fund(traits: tuple[str, ...], wanted: list[str]) -> None:
    found = asked(Book((project(),)), traits=traits)
    assert [fact.key for fact in found.facts if fact.articles == ("TL63",)] == wanted


# ------------------------------------------------------------------ properties
YUAN = st.none() | st.integers(0, 2_000_000).map(float)
DEPOSITS = st.builds(
    Deposit, st.none() | st.sampled_from(Form), st.none() | st.integers(1, 2_000_000).map(float),
    st.none() | st.dates(date(2026, 1, 1), date(2028, 12, 31)),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(DEPOSITS, max_size=4), YUAN, st.lists(YUAN, max_size=4), st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_what_holds_never_exceeds_what_was_lodged_and_unknown_is_never_a_no(
    lodged: list[Deposit], left: float | None, others: list[float | None], today: date
) -> None:
    held = Held(lodged=tuple(lodged))
    yuan = standing(held, today)
    assert yuan is None or yuan <= sum(one.yuan or 0 for one in lodged)
    answer = cover(held, Debt(left), [Debt(one) for one in others], today)
    if answer is Cover.COVERED:
        assert yuan is not None
        assert left is not None
        assert yuan >= left + sum(one or 0 for one in others)
    if answer is Cover.NONE:
        assert lodged
        assert all(
            one.form in (Form.NONE, Form.EXEMPT) or (one.until is not None and one.until < today) for one in lodged
        )
    if not lodged:
        assert answer is Cover.UNKNOWN


@settings(max_examples=150, deadline=None)
@given(DEPOSITS, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_time_only_ever_takes_a_guarantee_away(one: Deposit, today: date) -> None:
    before, after = standing(Held(lodged=(one,)), today), standing(Held(lodged=(one,)), today + timedelta(days=1))
    assert not (after and not before)


@settings(max_examples=150, deadline=None)
@given(st.none() | DEPOSITS, st.booleans(), st.dates(date(2026, 1, 1), date(2027, 12, 31)), YUAN)
def test_everything_that_a_list_says_carries_its_source(
    one: Deposit | None, listed: bool, today: date, left: float | None
) -> None:
    held = Funds(contractor="甲木建工", deposit=one, **FROM)  # type: ignore[arg-type]
    lists = loaded("deposits", Line(project="锦禾苑三期", deposit=one)) if listed and one else {}
    found = told(asked(Book((project(held=held),), lists), Debt(left), today), BY)
    for line in found["facts"]:
        assert "{" not in line["text"]
        if not line["key"].startswith(("emergency", "suffices")):
            assert line["source"]
    assert found["findings"] == [] or (one is not None)
