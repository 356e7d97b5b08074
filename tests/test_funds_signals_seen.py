"""工资支付隐患 as people see it: acts of the ledger, pages, mails, papers, commands; who is told, and what stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import typer
import webhouse
from click.testing import Result
from docx import Document
from ledgerhouse import BOTH, NOON, ledger_on, stores
from sqlalchemy import select, update
from test_funds_sheets import sheet
from test_funds_signals import AS_OF, REGISTER, TODAY, owes
from test_funds_standing import card, send
from typer.testing import CliRunner
from webhouse import House

from monitor.backing import Found, Line, Sign, Signal, Trend
from monitor.commands import funds as commands
from monitor.errors import ForbiddenChange
from monitor.ledger.behind import outlook
from monitor.ledger.chain import verify
from monitor.ledger.funds import load_list, note_visit, without_persons
from monitor.store import Store, figures, funds, schema, users
from monitor.store import ledger as chain


# ------------------------------------------------------------------ kept in the ledger
@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def test_a_list_comes_back_as_it_was_loaded_and_the_chain_holds(store: Store) -> None:
    ledger = ledger_on(store)
    given_ = [owes("己光电子厂", 3, 86_400.0, since=date(2026, 8, 1)), owes("亥星制衣"), owes("张建国", 9)]
    for as_of in (AS_OF, TODAY):
        load_list(ledger, "power", given_, source="供电.xlsx", as_of=as_of, by="zhou", at=NOON, reason="月报",
                  register=REGISTER)  # fmt: skip
    with store.read() as c:
        kept = funds.lists(c)["power"].lines
        assert verify(c).whole
        assert "张建国" not in str(list(c.execute(select(schema.funds.c.lines))))
    assert [(line.firm, line.signal) for line in kept] == [
        ("己光电子厂", Signal(3, 86_400.0, date(2026, 8, 1), Trend.SAME)), ("亥星制衣", Signal(trend=Trend.SAME)),
    ]  # fmt: skip


def test_what_came_of_a_visit_is_an_act_of_the_ledger_and_only_firms_of_a_list_have_any(store: Store) -> None:
    ledger = ledger_on(store)
    load_list(ledger, "idle", [owes("己光电子厂")], source="停产.xlsx", as_of=AS_OF, by="zhou", at=NOON, reason="月报",
              register=REGISTER)  # fmt: skip
    for name in ("张建国", "己光", ""):
        with pytest.raises(ForbiddenChange, match="名册里没有"):
            note_visit(ledger, name, Found.SOUND, note="看过", by="zhou", at=NOON)
    given_ = note_visit(ledger, "己光电子厂", Found.WARNED, note="看了工资表，约谈", by="zhou", at=NOON)
    with store.read() as c:
        assert list(funds.visits(c).values()) == [given_]
        assert verify(c).whole
    store.unit(lambda c: c.execute(update(schema.visits).values(found="sound")))
    with store.read() as c:
        assert "visit 1 differs from its history in found" in str(verify(c))


def test_what_no_database_holds_is_left_out_of_a_note_and_the_name_of_a_file(store: Store) -> None:
    ledger = ledger_on(store)
    load_list(ledger, "idle", [owes("己光电子厂")], source="停产\x00\udc80.xlsx", as_of=AS_OF, by="zhou", at=NOON,
              reason="月报", register=REGISTER)  # fmt: skip
    given_ = note_visit(ledger, "己光电子厂", Found.WARNED, note="看了\x00\udc80工资表", by="zhou", at=NOON)
    with store.read() as c:
        assert funds.lists(c)["idle"].source == "停产?.xlsx"
        assert [one.note for one in funds.visits(c).values()] == [given_.note] == ["看了?工资表"]
        assert verify(c).whole


def test_a_name_broken_into_lines_is_one_name_that_a_visit_can_be_entered_for(house: House) -> None:
    send(house, "zhou", "idle", sheet(("单位名称",), ("亥星制衣\n有限公司",)))
    with house.store.read() as c:
        assert [line.firm for line in funds.lists(c)["idle"].lines] == ["亥星制衣 有限公司"]


# ------------------------------------------------------------------ where people see it
@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def bring(house: House, kind: str, *told_: Line, as_of: date = AS_OF) -> None:
    load_list(house.ledger, kind, told_, source=f"{kind}.xlsx", as_of=as_of, by="zhou", at=house.now, reason="月报")


def test_signals_never_change_a_level_nor_open_a_case(house: House) -> None:
    before = house.row(house.opens(workers=3, amount_yuan=9_000.0))
    for sign in Sign:
        bring(house, sign.value, owes("甲木建工", 12, 900_000.0))
    second = house.opens("这是另一个工地的事，三个人九千块没给", workers=3, amount_yuan=9_000.0, project="望江台")
    after = house.row(second)
    assert (after["level"], after["level_reasons"]) == (before["level"], before["level_reasons"])
    with house.store.read() as c:
        assert len(figures.in_hand(c)) == 2


def test_the_case_page_tells_the_office_the_lead_and_the_inspectors_and_nobody_else(house: House) -> None:
    incident = house.opens()
    assert "工资支付隐患" not in house.browser("zhou").get(f"/incidents/{incident}").text  # no list, no card
    bring(house, "tax", owes("甲木建工有限公司", yuan=530_000.0))
    row = house.row(incident)
    assert (row["lead"], {"hrss", "town"} <= {*row["co"]}) == ("housing", True)
    house.store.unit(lambda c: users.change_user(c, "shui", {"department": "town"}))
    told_ = card(house.browser("zhou").get(f"/incidents/{incident}").text, "signals")
    assert "甲木建工（用人单位，名册写作甲木建工有限公司）欠税53万元" in told_
    assert "不等于欠薪，也不改变等级" in told_
    pages = {who: house.browser(who).get(f"/incidents/{incident}") for who in ("jian", "ren", "shui")}
    assert [answer.status_code for answer in pages.values()] == [200, 200, 200]
    assert {who: "欠税53万元" in answer.text for who, answer in pages.items()} == {
        "jian": True, "ren": True, "shui": False,
    }  # fmt: skip


def test_the_warning_tells_it_to_who_must_look_into_the_firm_only(house: House) -> None:
    bring(house, "tax", owes("甲木建工", yuan=530_000.0))
    incident = house.opens()
    lead = house.row(incident)["lead"]
    with house.store.read() as c:
        mails = list(c.execute(select(schema.outbox).where(schema.outbox.c.incident == incident)))
    told_ = {row.department for row in mails if row.data.get("signals")}
    assert lead in told_
    assert told_ <= {lead, "hrss", "qx_office"}
    assert {row.department for row in mails} - told_


def test_the_page_lists_firms_and_takes_lists(house: House) -> None:
    good = sheet(("单位名称", "欠费金额", "欠缴月数"), ("亥星制衣", "3万元", 4), ("甲木建工", 800, 1))
    answer = send(house, "zhou", "power", good)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signals?done=funds")
    incident = house.opens()
    page = house.browser("lin").get("/signals").text
    told_ = card(page, "firms")
    assert told_.index("亥星制衣") < told_.index("甲木建工")
    assert re.search(r"亥星制衣 宜先核查 欠电费4个月3万元 — 没有", told_)
    assert f"甲木建工 欠电费1个月800元 — {incident}" in told_
    assert 'action="/funds/files"' not in page  # a leader looks
    assert "power" not in house.browser("zhou").get("/funds").text
    bad = send(house, "zhou", "power", sheet(("单位名称", "欠费金额"), ("", "八")))
    assert bad.status_code == 422
    assert "名册没有存入" in bad.text
    assert "亥星制衣" in card(bad.text, "firms")
    house.browser("zhou").post("/funds/drop", {"kind": "power", "reason": "重报"})
    assert "还没有导入水电燃气" in house.browser("zhou").get("/signals").text


def test_the_note_of_a_visit_keeps_no_telephone_and_no_name(store: Store) -> None:
    ledger = ledger_on(store)
    load_list(ledger, "idle", [owes("己光电子厂")], source="停产.xlsx", as_of=AS_OF, by="zhou", at=NOON, reason="月报",
              register=REGISTER)  # fmt: skip
    note = "问了工人，我叫张建国，电话13800001234，说只发到八月"
    kept = note_visit(ledger, "己光电子厂", Found.OWING, note=note, by="zhou", at=NOON)
    with store.read() as c:
        written = str(list(chain.rows(c)))
    for private in ("13800001234", "张建国"):
        assert private not in kept.note + written
    assert "说只发到八月" in kept.note


def test_a_visit_is_registered_on_the_page(house: House) -> None:
    bring(house, "idle", owes("亥星制衣"))
    given_ = {"firm": "亥星制衣", "found": "warned", "note": "看了十月工资表，约谈"}
    for who in ("lin", "jian", "shen"):
        assert house.browser(who).post("/signals/visit", given_).status_code in (403, 404)
    browser = house.browser("zhou")
    assert browser.post("/signals/visit", {**given_, "note": ""}).status_code == 400
    assert browser.post("/signals/visit", {**given_, "found": "x"}).status_code == 400
    assert browser.post("/signals/visit", {**given_, "firm": "张建国"}).status_code == 422
    assert "宜先核查" in card(browser.get("/signals").text, "firms")
    assert browser.post("/signals/visit", given_).headers["location"] == "/signals?done=visit"
    told_ = card(browser.get("/signals").text, "firms")
    assert "宜先核查" not in told_
    assert "2026-11-25 核查时尚未拖欠，已约谈：看了十月工资表，约谈（zhou）" in told_


def test_a_person_in_the_place_of_a_firm_is_left_out(house: House) -> None:
    send(house, "zhou", "power", sheet(("单位名称", "欠费金额"), ("张建国", 900), ("亥星制衣", 900)))
    page = house.browser("zhou").get("/signals").text
    assert "亥星制衣" in page
    assert "张建国" not in page


@pytest.mark.parametrize(
    "person",
    [
        "张 建国", "张　伟", "张*", "张**", "*建国", "张×伟", "阿依古丽·买买提", "402室张建国", "张建国402",
        "户主张建国", "个体工商户张建国", "张建国等3户", "王芳女士", "身份证330102199001011234", "张建国（业主）",
        "张建国/李建军",
    ],
)  # fmt: skip
def test_no_spelling_of_a_person_comes_into_a_list_of_firms(person: str) -> None:
    assert without_persons([owes(person, 3)], REGISTER) == []
    kept = without_persons([Line(project="锦禾苑三期", firm=person)], REGISTER)
    assert [line.firm for line in kept] == [None]  # the line of a project stays, without the name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("亥星制衣有限公司（张建国）", "亥星制衣有限公司"), ("亥星制衣有限公司 张建国 13812345678", "亥星制衣有限公司"),
        ("亥星制衣有限公司 13812345678", "亥星制衣有限公司"), ("（望舟）亥星制衣有限公司", "（望舟）亥星制衣有限公司"),
        ("××电子厂", "××电子厂"), ("某某公司", "某某公司"), ("7天酒店", "7天酒店"), ("张记面馆", "张记面馆"),
        ("3号楼物业", "3号楼物业"), ("甲·乙电子厂", "甲·乙电子厂"), ("己光", "己光"),
    ],
)  # fmt: skip
def test_a_firm_stays_without_who_stands_beside_it(written: str, kept: str) -> None:
    assert [line.firm for line in without_persons([owes(written, 3)], REGISTER)] == [kept]


def test_who_is_confined_to_a_town_sees_them_only_where_the_town_leads(house: House) -> None:
    incident = house.opens()
    bring(house, "tax", owes("甲木建工有限公司", yuan=530_000.0))
    house.store.unit(lambda c: users.change_user(c, "shui", {"department": None, "towns": ["柳溪镇"]}))
    house.store.unit(
        lambda c: c.execute(update(schema.incidents).where(schema.incidents.c.id == incident).values(town="柳溪镇"))
    )
    answer = house.browser("shui").get(f"/incidents/{incident}")
    assert answer.status_code == 200
    assert "欠税53万元" not in answer.text


def test_the_situation_shows_them_to_who_sees_the_county(house: House) -> None:
    bring(house, "social", owes("亥星制衣", 5))
    assert "亥星制衣 欠社保费5个月" in card(house.browser("lin").get("/situation").text, "signals")
    assert "亥星制衣" not in house.browser("jian").get("/situation").text


def test_the_papers_tell_it_briefly(house: House) -> None:
    incident = house.opens()
    bring(house, "social", owes("甲木建工", 5))
    body = house.browser("zhou").get(f"/incidents/{incident}/papers/transfer.docx").content
    found = [cell.text for table in Document(BytesIO(body)).tables for row in table.rows for cell in row.cells]
    assert "工资支付隐患（其他单位的名册，须核实）" in found
    assert any("甲木建工（用人单位）欠社保费5个月" in text and ".xlsx" not in text for text in found)


def test_the_outlook_is_kept_until_a_list_or_the_day_changes(house: House) -> None:
    bring(house, "social", owes("亥星制衣", 5))
    register = house.ledger.county.register
    with house.store.read() as c:
        first = outlook(c, [], register=register, now=house.now)
        later = outlook(c, [], register=register, now=house.now + timedelta(days=90))
    assert not first.stale
    assert later.stale
    bring(house, "social", owes("亥星制衣", 6), as_of=TODAY)
    with house.store.read() as c:
        again = outlook(c, [], register=register, now=house.now)
    assert again.hints[0].seen[0].signal == Signal(6, trend=Trend.MORE)


# ------------------------------------------------------------------ the command line
@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yaml").write_text('code: "990101"\nname: 青禾县\n', encoding="utf-8")
    app = typer.Typer()
    commands.register(app)
    return lambda *words: CliRunner().invoke(app, ["funds", *words])


def test_a_list_is_loaded_and_told_on_the_command_line(tmp_path: Path, run: Callable[..., Result]) -> None:
    body = sheet(("户名", "欠费金额", "欠费月数"), ("亥星制衣", "3万", 4), ("张建国", 5, 1))
    (tmp_path / "电.xlsx").write_bytes(body)
    done = run("load", "power", str(tmp_path / "电.xlsx"), "--as-of", "2026-11-20", "--by", "zhou")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == ["1 lines: 1 firms", "1 lines about persons left out"]
    assert any(line.startswith("欠电费名册\t电.xlsx\t2026-11-20\t") for line in run("show").stdout.splitlines())
    hints = run("hints")
    assert hints.exit_code == 0, hints.output
    told_ = hints.stdout.splitlines()
    assert told_[-1] == "亥星制衣\t欠电费4个月3万元\t3万元\t\t0\t\t电.xlsx 2026-11-20"
    assert run("visit", "亥星制衣", "owing", "--reason", "欠两个月", "--by", "zhou").stdout == "亥星制衣: registered\n"
    assert "核查发现已有欠薪：欠两个月（zhou）" in run("hints").stdout
    assert run("drop", "power", "--reason", "重报").stdout == "power: dropped\n"
    assert run("hints").stdout.startswith("还没有导入")
