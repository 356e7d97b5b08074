"""The money behind open debts as people see it: case page, mails, papers, situation, reports, the page of lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import webhouse
from digesthouse import DAY, MORNING, case, watch
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgerhouse import county as plain_county
from ledgerhouse import matrix
from openpyxl import load_workbook
from sqlalchemy import select
from test_funds import bond, cash, day, loaded, project
from test_funds_sheets import sheet
from webhouse import House

from monitor.backing import Account, AccountState, Deposit, Form, Funds, Line
from monitor.clocks import Calendar
from monitor.config import Config, Settings
from monitor.demo.lists import lines as demo_lines
from monitor.digest.words import words as digest_words
from monitor.funds import Book, Cover, Debt, behind
from monitor.funds.standing import Case, Stand, stand
from monitor.funds.wording import summary
from monitor.ledger.funds import drop_list, load_list
from monitor.model import County, Facts, RegisterRow
from monitor.pipeline.daily import make_digest
from monitor.store import Store, funds, incidents, open_store, schema, users
from monitor.store import ledger as rows

TODAY = date(2026, 11, 26)
NAMES = ("锦禾苑三期", "北渠标准厂房", "西岭光伏电站", "柳溪中学教学楼")
REGISTER = tuple(project(name) for name in NAMES)


def owing(
    number: int, name: str | None, yuan: float | None, paid: float = 0.0, sector: str = "building_municipal"
) -> Case:
    return Case(id=f"QX-{number}", facts=Facts(project=name, sector=sector), debt=Debt(yuan, paid))


def stood(cases: list[Case], *lines: Line, today: date = TODAY) -> Stand:
    return stand(cases, Book(REGISTER, loaded("deposits", *lines) if lines else {}), day(today))


# ------------------------------------------------------------------ old lists
@pytest.mark.parametrize(("age", "said"), [(0, False), (60, False), (61, True), (400, True)])
def test_a_list_two_months_old_is_shown_with_a_warning(age: int, said: bool) -> None:
    """In the block of a case and in the county's summary; what it says is told all the same."""
    line = Line(project="锦禾苑三期", deposit=bond(800_000.0, 2028, 4, 10))
    lists = loaded("deposits", line)
    today = lists["deposits"].as_of + timedelta(days=age)
    held = Book(REGISTER, lists)
    keys = [one.key for one in behind(held, Facts(project="锦禾苑三期"), Debt(1000.0), day(today)).facts]
    assert ("stale" in keys) is said
    assert keys[0] != "stale"
    found = stand([owing(1, "锦禾苑三期", 1000.0)], held, day(today))
    assert [(kind, days) for kind, _, days in found.stale] == ([("deposits", age)] if said else [])
    assert any(f"保证金名册是{age}天前的" in one for one in summary(found)) is said


# ------------------------------------------------------------------ piles
def test_a_deposit_is_counted_once_for_all_debts_of_its_project() -> None:
    cases = [
        owing(1, "锦禾苑三期", 300_000.0),
        owing(2, "锦禾苑三期", 300_000.0, paid=100_000.0),
        owing(3, "锦禾苑三期", None),
        owing(4, "北渠标准厂房", 50_000.0),
        owing(5, "西岭光伏电站", 50_000.0),
        owing(6, "柳溪中学教学楼", 50_000.0),
        owing(7, "凤凰里", 50_000.0),
        owing(8, None, 9_000.0, sector="catering_hotel"),
    ]
    found = stood(
        cases,
        Line(project="锦禾苑三期", deposit=cash(400_000.0)),
        Line(project="北渠标准厂房", deposit=cash(60_000.0)),
        Line(project="柳溪中学教学楼", deposit=Deposit(Form.NONE)),
    )
    ids = {kind.value: pile.ids for kind, pile in found.piles.items()}
    assert ids == {
        "partly": ("QX-1", "QX-2"), "covered": ("QX-4",), "none": ("QX-6",), "unknown": ("QX-7", "QX-3", "QX-5"),
        "outside": ("QX-8",),
    }  # fmt: skip
    assert (found.piles[Cover.PARTLY].owed, round(found.piles[Cover.PARTLY].backed)) == (500_000.0, 400_000)
    assert found.piles[Cover.UNKNOWN].unstated == 1
    assert next((one.project, one.held, one.backed) for one in found.sites) == ("锦禾苑三期", 400_000.0, 400_000.0)


def test_guarantees_that_end_before_the_eve_are_listed_the_next_first() -> None:
    cases = [owing(1, "锦禾苑三期", 300_000.0), owing(2, "北渠标准厂房", None)]
    lines = [
        Line(project="锦禾苑三期", deposit=bond(800_000.0, 2027, 2, 5)),  # 除夕 itself
        Line(project="锦禾苑三期", deposit=bond(1.0, 2027, 2, 6)),  # 春节: after it
        Line(project="锦禾苑三期", deposit=bond(2.0, 2026, 11, 25)),  # gone already
        Line(project="北渠标准厂房", deposit=bond(9_000.0, 2026, 12, 31)),
        Line(project="北渠标准厂房", deposit=cash(9_000.0)),
        Line(project="西岭光伏电站", deposit=bond(9_000.0, 2026, 12, 31)),  # owes nobody
    ]
    found = stood(cases, *lines)
    assert [(one.project, one.deposit.until, one.days) for one in found.ending] == [
        ("北渠标准厂房", date(2026, 12, 31), 35), ("锦禾苑三期", date(2027, 2, 5), 71),
    ]  # fmt: skip
    assert summary(found)[1] == (
        "除夕（2027-02-05）前到期、项目上还有未结欠薪的保函、保险2份：北渠标准厂房（工资保证金9,000元（银行保函），2026-12-31到期，"
        "涉1件、写明0元）、锦禾苑三期（工资保证金80万元（银行保函），2027-02-05到期，涉1件、写明30万元）"
    )


def test_without_lists_a_summary_says_that_it_does_not_know() -> None:
    told = summary(stood([owing(1, "锦禾苑三期", 300_000.0)]))
    assert told == [
        "在办1件：保证金足够0件、不足0件、没有0件、不明1件，不属工程建设0件。属工程建设的写明欠薪30万元，其中保证金可以支付0元",
        "没有导入保证金名册，欠薪背后有没有钱多数说不出来",
    ]


OWING = st.lists(
    st.tuples(
        st.none() | st.sampled_from((*NAMES, "凤凰里")), st.none() | st.integers(0, 900_000), st.integers(0, 900_000)
    ),
    max_size=8,
)
LINES = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.none() | st.sampled_from(Form), st.none() | st.integers(1, 900_000),
        st.none() | st.dates(date(2026, 10, 1), date(2027, 6, 1)),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(OWING, LINES, st.dates(date(2026, 10, 1), date(2027, 6, 1)))
def test_every_case_is_in_one_pile_and_no_sum_exceeds_what_is_owed_or_lodged(
    owed: list[tuple[Any, ...]], given_lines: list[tuple[Any, ...]], today: date
) -> None:
    cases = [owing(n, name, yuan, paid) for n, (name, yuan, paid) in enumerate(owed)]
    lines = [Line(project=name, deposit=Deposit(form, yuan, until)) for name, form, yuan, until in given_lines]
    found = stood(cases, *lines, today=today)
    assert sorted(id_ for pile in found.piles.values() for id_ in pile.ids) == sorted(one.id for one in cases)
    for pile in found.piles.values():
        assert 0 <= pile.backed <= pile.owed + 1e-6
    for name in NAMES:
        lodged = sum(line.deposit.yuan or 0 for line in lines if line.project == name and line.deposit)
        site = next((one for one in found.sites if one.project == name), None)
        assert site is None or site.backed <= min(lodged, site.owed) + 1e-6
    told = {line.project for line in lines}
    for case_ in cases:  # what no list tells is never a no
        if case_.facts.project not in told:
            assert case_.id not in found.piles[Cover.NONE].ids
    assert all("{" not in line for line in summary(found))


# ------------------------------------------------------------------ pages and mails
@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = webhouse.build(tmp_path)
    yield built
    built.store.close()


def bring(house: House, *lines: Line, kind: str = "deposits") -> None:
    load_list(
        house.ledger, kind, lines, source="名册.xlsx", as_of=date(2026, 11, 20), by="zhou", at=house.now, reason="导入"
    )  # fmt: skip


def card(page: str, id_: str = "funds") -> str:
    """The text of the block."""
    found = re.search(rf'<section class="card" id="{id_}">(.*?)</section>', page, re.S)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1]))


def test_the_case_page_tells_what_can_be_drawn_on_and_where_that_stands(house: House) -> None:
    incident = house.opens()
    told = card(house.browser("zhou").get(f"/incidents/{incident}").text)
    assert "保证金不明" in told
    assert "未导入保证金名册，不知道有没有保证金" in told
    bring(house, Line(project="锦禾苑三期", firm="甲木建工", deposit=bond(800_000.0, 2026, 12, 31)))
    told = card(house.browser("zhou").get(f"/incidents/{incident}").text)
    assert "保证金不足" in told
    assert "被反映的甲木建工就是施工总承包单位，由它自己清偿" in told
    assert "工资保证金80万元（银行保函），2026-12-31到期，在除夕（2027-02-05）之前" in told
    assert "第三十二条 · 名册.xlsx 2026-11-20" in told
    assert "保证金可动用80万元，本案未付126万元，不足" in told
    drop_list(house.ledger, "deposits", by="zhou", at=house.now, reason="重报")
    assert "保证金不明" in card(house.browser("zhou").get(f"/incidents/{incident}").text)


def test_findings_are_told_to_who_sees_to_them_and_not_to_a_party(house: House) -> None:
    incident = house.opens()
    bring(house, Line(project="锦禾苑三期", deposit=Deposit(Form.NONE)))
    told = card(house.browser("jian").get(f"/incidents/{incident}").text)
    assert "没有存储工资保证金（第三十二条，第五十五条第（二）项）" in told
    assert "核实后由住建局、人社局按职责责令限期改正" in told
    party = {"id": None, "department": "owner", "role": "co", "state": "sent", "at": house.now, "hop": 0, "note": ""}
    house.store.unit(lambda c: incidents.put_assignments(c, incident, [party]))
    house.store.unit(lambda c: users.change_user(c, "shui", {"department": "owner"}))
    page = house.browser("shui").get(f"/incidents/{incident}")
    assert page.status_code == 200
    assert 'id="funds"' not in page.text


def test_a_closed_case_has_no_block(house: House) -> None:
    incident = house.opens()
    house.ledger.record(
        webhouse.Change(
            act=webhouse.Act.DISMISS, at=house.now, reason="核实不属欠薪，已问清", actor="zhou", incident=incident,
            version=house.version(incident),
        )
    )  # fmt: skip
    assert 'id="funds"' not in house.browser("zhou").get(f"/incidents/{incident}").text


def test_the_situation_counts_and_each_figure_opens_to_its_cases(house: House) -> None:
    first, second = house.opens(), house.opens(project=None, employer="己光电子厂", sector="manufacturing")
    bring(house, Line(project="锦禾苑三期", deposit=bond(2_000_000.0, 2026, 12, 31)))
    browser = house.browser("lin")
    told = card(browser.get("/situation").text)
    assert re.search(r"足够 1 126 万元 126 万元 —", told)
    assert re.search(r"锦禾苑三期 2026-12-31 36 天 200 万元 1 126 万元", told)
    for kind, there, gone in (("covered", first, second), ("outside", second, first)):
        listed = browser.get(f"/incidents?state=open&set=funds_{kind}").text
        assert there in listed
        assert gone not in listed
    assert "张建国" not in told


def test_the_warning_mail_tells_the_money_without_a_verdict_on_other_debts(house: House) -> None:
    bring(house, Line(project="锦禾苑三期", deposit=cash(2_000_000.0)))
    incident = house.opens()
    with house.store.read() as c:
        rows = [row.data for row in c.execute(select(schema.outbox).where(schema.outbox.c.incident == incident))]
    told = [row["funds"] for row in rows if row.get("funds")]
    assert told
    assert "保证金可动用200万元，本案未付126万元（同项目其他欠薪没有计入，见事件页面）（第三十二条）" in told[0]
    assert not [row for row in rows if row.get("fact_sheet") and row.get("funds")]


def test_the_papers_tell_it_briefly(house: House) -> None:
    incident = house.opens()
    bring(house, Line(project="锦禾苑三期", deposit=Deposit(Form.NONE)))
    body = house.browser("zhou").get(f"/incidents/{incident}/papers/transfer.docx").content
    cells = [cell.text for table in Document(BytesIO(body)).tables for row in table.rows for cell in row.cells]
    assert "可动用的钱（按本县名册，须核实）" in cells
    assert any("须查：没有存储工资保证金" in text and ".xlsx" not in text for text in cells)


# ------------------------------------------------------------------ the page of lists
def send(house: House, who: str, kind: str, *sheets: bytes, as_of: str = "2026-11-20") -> Any:
    browser = house.browser(who)
    sent = [("file", (f"名册{n}.xlsx", body)) for n, body in enumerate(sheets)]
    return browser.client.post("/funds/files", data={"csrf": browser.token(), "kind": kind, "as_of": as_of}, files=sent)


HEAD = ("项目名称", "总包单位", "形式", "金额（万元）", "有效期至")


def test_lists_are_brought_through_the_page_and_what_does_not_match_is_shown(house: House) -> None:
    assert "还没有导入" in house.browser("zhou").get("/funds").text
    one = sheet(HEAD, ("锦禾苑三期工程", "甲木建工", "保函", 200, "2026-12-31"))
    two = sheet(HEAD, ("凤凰里", "未央建设", "现金", 20, ""))
    answer = send(house, "zhou", "deposits", one, two)
    assert (answer.status_code, answer.headers["location"]) == (303, "/funds?done=funds")
    page = house.browser("lin").get("/funds").text
    assert "名册0.xlsx、名册1.xlsx" in page
    assert "2 行，对上 1 行" in page
    assert "登记册里没有叫这个名字的项目" in page
    assert 'action="/funds/files"' not in page  # a leader looks
    assert "保证金足够" in card(house.browser("zhou").get(f"/incidents/{house.opens()}").text)


def test_a_wrong_sheet_changes_nothing_and_every_fault_is_shown(house: House) -> None:
    send(house, "zhou", "deposits", sheet(HEAD, ("锦禾苑三期", "", "现金", 20, "")))
    answer = send(
        house, "zhou", "deposits", sheet(HEAD, ("", "", "借条", "八", "")), sheet(HEAD, ("甲", "", "", "", ""))
    )
    assert answer.status_code == 422
    for told in ("名册0.xlsx: 第2行 项目名称", "名册0.xlsx: 第2行 形式", "名册1.xlsx: 第2行 金额", "名册没有存入"):
        assert told in answer.text
    with house.store.read() as c:
        assert [line.project for line in funds.lists(c)["deposits"].lines] == ["锦禾苑三期"]


@pytest.mark.parametrize(
    ("kind", "body", "as_of"),
    [("deposits", b"no sheet", "2026-11-20"), ("debts", b"", ""), ("deposits", b"", "2026-11-20"),
     ("deposits", None, "2999-01-01"), ("deposits", None, "x")],
)  # fmt: skip
def test_what_is_no_list_is_refused(house: House, kind: str, body: bytes | None, as_of: str) -> None:
    good = sheet(HEAD, ("锦禾苑三期", "", "现金", 20, ""))
    assert send(house, "zhou", kind, good if body is None else body, as_of=as_of).status_code in (400, 422)


def test_only_the_office_brings_and_drops_lists(house: House) -> None:
    good = sheet(HEAD, ("锦禾苑三期", "", "现金", 20, ""))
    for who in ("jian", "lin", "shen"):
        assert send(house, who, "deposits", good).status_code in (403, 404)
        assert house.browser(who).post("/funds/drop", {"kind": "deposits", "reason": "重报"}).status_code in (403, 404)
    send(house, "zhou", "deposits", good)
    assert house.browser("zhou").post("/funds/drop", {"kind": "deposits", "reason": "重报"}).status_code == 303
    with house.store.read() as c:
        assert funds.lists(c) == {}
        assert [row["actor"] for row in rows.rows(c) if row["act"] == "funds"] == ["zhou", "zhou"]


# ------------------------------------------------------------------ reports
@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    yield opened
    opened.close()


def _county() -> County:
    values = {name: getattr(plain_county(), name) for name in County.__slots__}
    held = Funds(deposit=bond(30_000.0, 2027, 1, 31), source="项目.xlsx", as_of=date(2027, 1, 4))
    return County(**{**values, "register": (RegisterRow(kind="project", name="锦禾苑三期", funds=held),)})


@pytest.mark.parametrize(("days", "told"), [(1, False), (7, True), (31, True)])
def test_the_reports_of_a_week_and_a_month_tell_it(store: Store, tmp_path: Path, days: int, told: bool) -> None:
    watch(store)
    case(store, 1, MORNING - timedelta(days=2))
    case(store, 2, MORNING - timedelta(days=2), facts={"project": None}, sector="manufacturing")
    config = Config(Settings.model_construct(home=tmp_path), (), _county())
    made = make_digest(store, config, matrix(), Calendar(), DAY, MORNING, tmp_path, days)
    assert ("保证金足够0件、不足1件、没有0件、不明0件，不属工程建设1件" in made.text) is told
    assert ("锦禾苑三期（工资保证金3万元（银行保函），2027-01-31到期，涉1件、写明5万元）" in made.text) is told
    book = load_workbook(made.attachments[1])
    name = digest_words()["sheet"]["funds"]
    assert (name in book.sheetnames) is told
    if told:
        row = [cell.value for cell in list(book[name].rows)[1]]
        assert row[:8] == ["锦禾苑三期", None, "不足", 30_000, "2027-01-31", 1, 50_000, 30_000]


# ------------------------------------------------------------------ the demo
@pytest.mark.parametrize("today", [date(2026, 11, 26), date(2027, 1, 1), date(2028, 2, 29)])
def test_the_demo_always_has_one_guarantee_that_ends_soon_and_one_that_is_over(today: date) -> None:
    lodged = [line.deposit for line in demo_lines("deposits", today) if line.deposit]
    ends = [(one.until - today).days for one in lodged if one.until]
    assert min(ends) < 0 < sorted(ends)[1] <= 30
    accounts = [line.account for line in demo_lines("accounts", today) if line.account]
    assert Account(AccountState.NONE) in accounts
    assert all(one.paid is None or one.paid <= today for one in accounts)
