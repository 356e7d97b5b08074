"""属地: who is confined to towns or a department sees, counts, exports and does nothing beyond them, on any page."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import typer
import webhouse
from structlog.testing import capture_logs
from typer.testing import CliRunner
from webhouse import House, addresses

from monitor.backing import Deposit, Form, Line
from monitor.commands import ledgering, recording
from monitor.commands import users as accounts
from monitor.ledger.accounts import set_scope
from monitor.ledger.chain import verify
from monitor.ledger.funds import load_list
from monitor.model import Act, Change, Place
from monitor.store import incidents, tokens, users
from monitor.store import ledger as rows

SECRET = "丑牛砖厂"  # the debtor of the town that must not be seen
SHOWN = "甲木建工"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def place(town: str) -> Place:
    return Place(town, "999901", "青禾县", "town", True, town)


@pytest.fixture
def cases(house: House) -> tuple[str, str]:
    """One case of 柳溪镇, and one of 东岸街道 that must stay hidden; both have the towns beside the lead."""
    seen = house.opens()
    hidden = house.opens(
        f"{SECRET}拖着我们四个月的工资一分没给", employer=SECRET, project=None, place=place("东岸街道"),
        sector="manufacturing",
    )  # fmt: skip
    return seen, hidden


def confine(house: House, name: str, department: str | None, *towns: str) -> None:
    assert set_scope(
        house.ledger, name, department=department, towns=towns, by="ruan", at=house.now, reason="限定属地"
    )  # fmt: skip


@pytest.mark.parametrize(("name", "department"), [("jian", "town"), ("jian", None), ("lin", None), ("lin", "town")])
def test_no_page_tells_who_is_confined_of_another_town(
    house: House, cases: tuple[str, str], name: str, department: str | None
) -> None:
    seen, hidden = cases
    confine(house, name, department, "柳溪镇")
    browser = house.browser(name)
    for _, address in addresses(house, "GET", hidden):
        answer = browser.get(address)
        assert SECRET not in answer.text, address
        assert hidden not in answer.text.replace(f"/incidents/{hidden}", ""), address
    for path in (f"/incidents/{hidden}", f"/incidents/{hidden}/plan", f"/incidents/{hidden}/papers/report.docx"):
        assert browser.get(path).status_code == 404, path
    page = browser.get("/incidents?state=all")
    assert "共 1 件" in page.text
    assert SHOWN in page.text
    assert browser.get(f"/incidents/{seen}").status_code == 200
    for query in (f"q={SECRET}", "town=东岸街道", "sector=manufacturing", f"set=debtor:{SECRET}", "set=late"):
        answer = browser.get(f"/incidents?state=all&{query}").text
        assert f"/incidents/{hidden}" not in answer, query
    for set_ in re.findall(r'href="(/incidents\?[^"]*)"', browser.get("/board").text):
        assert f"/incidents/{hidden}" not in browser.get(set_.replace("&amp;", "&")).text, set_
    table = browser.get("/incidents.csv?state=all").content.decode("utf-8-sig")
    assert [row[0] for row in list(csv.reader(io.StringIO(table)))[2:]] == [seen]
    path = re.search(r'href="(/subscribe/[^"]+)"', browser.get("/account").text)
    assert path
    assert [item["id"].partition("#")[0] for item in house.browser().get(path[1]).json()["items"]] == [seen]


@pytest.mark.parametrize("name", ["jian", "lin"])
def test_who_is_confined_does_nothing_to_a_case_of_another_town(
    house: House, cases: tuple[str, str], name: str
) -> None:
    confine(house, name, "town", "柳溪镇")
    browser, before = house.browser(name), house.row(cases[1])
    for act in Act:
        form = {"version": "1", "reason": "让我来", "department": "town", "lead": "town", "level": "red"}
        assert browser.post(f"/incidents/{cases[1]}/acts/{act.value}", form).status_code == 404, act
    assert browser.post(f"/incidents/{cases[1]}/unmask", {"post": "x", "reason": "要看原文"}).status_code in (403, 404)
    good = {"file": ("x.pdf", b"%PDF-1.7", "application/pdf")}
    filed = browser.post(f"/incidents/{cases[1]}/files", {"purpose": "payment"}, files=good)
    assert filed.status_code in (403, 404)
    assert house.row(cases[1]) == before
    note = {"version": house.version(cases[0]), "reason": "已到场"}
    assert browser.post(f"/incidents/{cases[0]}/acts/note", note).status_code == 303


def test_a_case_goes_out_of_sight_with_its_town_and_comes_into_it(house: House, cases: tuple[str, str]) -> None:
    confine(house, "jian", "town", "柳溪镇")
    browser = house.browser("jian")
    for town, status in (("石鼓岭镇", 404), ("柳溪镇", 200)):
        house.ledger.record(
            Change(act=Act.CORRECT, at=house.now, reason="查清属地", actor="zhou", incident=cases[1],
                   version=house.version(cases[1]), data={"facts": {"town": town}})
        )  # fmt: skip
        assert browser.get(f"/incidents/{cases[1]}").status_code == status, town
    nowhere = house.opens("不知道在哪的活，工资一分没给", employer="寅木门窗", project=None, place=None)
    assert browser.get(f"/incidents/{nowhere}").status_code == 404, "a case without a town is the office's to place"


def test_a_confined_leader_has_no_page_that_tells_of_every_case(house: House, cases: tuple[str, str]) -> None:
    house.browser("lin").get("/audit")
    confine(house, "lin", None, "柳溪镇", "石鼓岭镇")
    browser = house.browser("lin")
    county_wide = ("/audit", "/outbox", "/feeds", "/roster", "/silences", "/lists", "/funds", "/signals")
    for path in (*county_wide, "/roster/handover"):
        assert browser.get(path).status_code == 403, path
    assert "网上没看到" not in browser.get("/situation").text or SECRET not in browser.get("/situation").text


def test_not_even_a_count_tells_of_a_case_about_the_own_side(house: House) -> None:
    """信访工作条例 30(3)."""
    house.opens()
    confine(house, "shui", "hrss")
    browser = house.browser("shui")
    assert "共 1 件" in browser.get("/incidents").text
    own = house.opens("县人社局大楼保洁的工资没发", employer="青禾县人社局", project=None, place=None)
    given = {"id": None, "department": "hrss", "role": "co", "state": "sent", "at": house.now, "hop": 0, "note": ""}
    house.store.unit(lambda c: incidents.put_assignments(c, own, [given]))  # by mistake
    with house.store.read() as c:
        assert incidents.count(c, incidents.Filter(department="hrss")) == 2
    for address in ("/incidents", "/incidents?state=all"):
        text = browser.get(address).text
        assert "共 1 件" in text
        assert "青禾县人社局" not in text


def test_a_department_that_gets_fact_sheets_cannot_search_in_posts(house: House) -> None:
    sheets = [one.id for one in house.ledger.matrix.departments.values() if one.sees == "fact_sheet"]
    incident = house.opens()
    given = {"id": None, "department": sheets[0], "role": "co", "state": "sent", "at": house.now, "hop": 0, "note": ""}
    house.store.unit(lambda c: incidents.put_assignments(c, incident, [given]))
    confine(house, "shui", sheets[0])
    assert "共 1 件" in house.browser("shui").get("/incidents?q=锦禾苑").text
    assert "共 0 件" in house.browser("shui").get("/incidents?q=七月就干完了").text


def test_a_department_that_gets_fact_sheets_gets_no_proof_by_its_address(house: House) -> None:
    sheets = [one.id for one in house.ledger.matrix.departments.values() if one.sees == "fact_sheet"]
    incident = house.opens()
    given = {"id": None, "department": sheets[0], "role": "co", "state": "sent", "at": house.now, "hop": 0, "note": ""}
    house.store.unit(lambda c: incidents.put_assignments(c, incident, [given]))
    slip = {"file": ("工资表.pdf", b"%PDF-1.7", "application/pdf")}
    filed = house.browser("zhou").post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=slip)
    assert filed.status_code == 303
    confine(house, "shui", sheets[0])
    assert house.browser("zhou").get(f"/incidents/{incident}/files/1").status_code == 200
    assert house.browser("shui").get(f"/incidents/{incident}").status_code == 200
    assert house.browser("shui").get(f"/incidents/{incident}/files/1").status_code == 404
    for number in ("0", "-1", "9" * 30):
        assert house.browser("zhou").get(f"/incidents/{incident}/files/{number}").status_code == 404, number


# ------------------------------------------------------------------ who decides it, and that it is told
def test_the_administrator_confines_an_account_at_once_and_the_chain_tells_it(
    house: House, cases: tuple[str, str]
) -> None:
    jian, admin = house.browser("jian"), house.browser("ruan")
    assert jian.get(f"/incidents/{cases[0]}").status_code == 200
    asked = {"department": "town", "towns": ["东岸街道"], "reason": "调岗"}
    assert admin.post("/users/jian/scope", asked).status_code == 303
    assert jian.get(f"/incidents/{cases[0]}").status_code == 404
    assert jian.get(f"/incidents/{cases[1]}").status_code == 200
    with house.store.read() as c:
        [told] = [row for row in rows.recent(c, 50) if row["act"] == "account"]
        assert verify(c).whole
    assert (told["actor"], told["reason"]) == ("ruan", "调岗")
    assert told["data"]["input"] == {"do": "scope", "name": "jian", "department": "town", "towns": ["东岸街道"]}
    assert "东岸街道" in admin.get("/users").text
    house.store.unit(lambda c: users.change_user(c, "jian", {"towns": None}))
    with house.store.read() as c:
        assert [one.problem for one in verify(c).breaks] == ["the account jian differs from its history in towns"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("zhou", {"towns": "柳溪镇"}),  # the office sees the whole county
        ("shen", {"towns": "柳溪镇"}),
        ("jian", {}),  # a handler without any
        ("jian", {"department": "nowhere"}),
        ("jian", {"department": "town", "towns": "隔壁镇"}),
        ("nobody", {"department": "town"}),
    ],
)
def test_a_scope_that_cannot_be_is_refused(house: House, name: str, form: dict[str, Any]) -> None:
    assert house.browser("ruan").post(f"/users/{name}/scope", form).status_code == 400
    assert house.browser("zhou").post(f"/users/{name}/scope", form).status_code == 403


def test_a_town_s_handler_without_a_town_is_pointed_out(house: House) -> None:
    admin = house.browser("ruan")
    assert "没有限定属地" not in admin.get("/users").text
    confine(house, "jian", "town")
    assert "jian属乡镇街道，但没有限定属地" in admin.get("/users").text


def test_who_opened_which_case_is_logged(house: House, cases: tuple[str, str]) -> None:
    browser = house.browser("jian")
    with capture_logs() as told:
        browser.get(f"/incidents/{cases[0]}")
    read = [line for line in told if line["event"] == "incident read"]
    assert [(line["user"], line["incident"]) for line in read] == [("jian", cases[0])]


# ------------------------------------------------------------------ the link in a mail
def test_a_link_in_a_mail_tells_nothing_more_once_the_case_is_another_town_s(house: House) -> None:
    from dataclasses import replace

    from monitor.model import Contact

    liuxi = Contact("柳溪镇值班", "liuxi@towns.example", town="柳溪镇")
    county = replace(webhouse.COUNTY, contacts={**webhouse.COUNTY.contacts, "town": (liuxi,)})
    house.ledger.county = county
    desk = house.app.state.desk
    desk.watch(replace(desk.config, county=county), desk.unheeded)
    incident = house.opens()
    with house.store.read() as c:
        sent = [row["data"] for row in _outbox(c) if row["recipient"] == "liuxi@towns.example"]
        assert tokens.one(c, sent[0]["token"])
    link = f"/ack/{sent[0]['token']}"
    page = house.browser().get(link)
    assert SHOWN in page.text
    seal = re.search(r'name="seal" value="([^"]+)"', page.text)
    assert seal
    house.ledger.record(
        Change(act=Act.CORRECT, at=house.now, reason="查清属地", actor="zhou", incident=incident,
               version=house.version(incident), data={"facts": {"town": "石鼓岭镇"}})
    )  # fmt: skip
    assert SHOWN not in house.browser().get(link).text
    answer = house.browser().client.post(link, data={"seal": seal[1], "do": "acknowledge"})
    assert answer.status_code == 409
    assert SHOWN not in answer.text


def _outbox(c: Any) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from monitor.store.schema import outbox

    return [dict(row) for row in c.execute(select(outbox)).mappings()]


# ------------------------------------------------------------------ the command line
@pytest.fixture
def run(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("XINSHAO_DATABASE_URL", str(house.store.engine.url))
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.setenv("XINSHAO_SECRET", "s" * 40)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yaml").write_text(
        "code: '999901'\nname: 青禾县\ntowns: [柳溪镇, 石鼓岭镇, 东岸街道]\n", encoding="utf-8"
    )
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n  - {name: 论坛, kind: rss, url: 'https://bbs.qinghe.example/r', source: 青禾论坛, purpose: 线索,"
        " legal_basis: 条例 9}\n", encoding="utf-8"
    )  # fmt: skip
    app = typer.Typer()
    ledgering.register(app)
    recording.register(app)
    accounts.register(app)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_a_command_in_an_account_s_name_does_no_more_than_the_account_may(
    house: House, cases: tuple[str, str], run: Any, tmp_path: Path
) -> None:
    seen, hidden = cases
    assert run("user", "scope", "jian", "--department", "town", "--town", "柳溪镇", "--by", "ruan").exit_code == 0
    out = tmp_path / "out.jsonl"
    assert run("export", str(out), "--reason", "核对", "--by", "jian").exit_code == 0
    assert seen in out.read_text("utf-8")
    assert SECRET not in out.read_text("utf-8")
    assert run("export", str(out), "--reason", "核对", "--by", "operator").exit_code == 0
    assert SECRET in out.read_text("utf-8")
    assert run("export", str(out), "--reason", "核对", "--town", "石鼓岭镇").exit_code == 0
    assert out.read_text("utf-8") == ""
    assert run("export", str(out), "--reason", "核对", "--by", "shen").exit_code == 1, "an auditor exports nothing"
    common = ("--reason", "已知悉", "--by", "jian")
    assert run("record", seen, "acknowledge", "department=town", *common).exit_code == 0
    assert run("record", hidden, "acknowledge", "department=town", *common).exit_code == 1
    assert run("record", seen, "acknowledge", "department=hrss", *common).exit_code == 1
    assert run("record", seen, "regrade", "level=red", *common).exit_code == 1
    assert run("user", "disable", "jian").exit_code == 0
    assert run("record", seen, "note", *common).exit_code == 1
    assert "柳溪镇" in run("user", "list").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "x", "--role", "duty", "--town", "柳溪镇"), "sees the whole county"),
        (("add", "x", "--role", "handler", "--town", "隔壁镇"), "no town"),
        (("scope", "jian",), "add --department or --town"),
        (("scope", "nobody", "--town", "柳溪镇"), "no account"),
    ],
)  # fmt: skip
def test_a_scope_that_cannot_be_is_said_in_one_sentence(run: Any, words: tuple[str, ...], says: str) -> None:
    answer = run("user", *words)
    assert answer.exit_code in (1, 2)
    assert says in answer.stderr


def test_a_town_s_handler_added_without_a_town_is_warned_of(run: Any) -> None:
    assert "every town" in run("user", "add", "x", "--role", "handler", "--department", "town").stderr
    answer = run("user", "add", "y", "--role", "handler", "--department", "town", "--town", "柳溪镇")
    assert "every town" not in answer.stderr


# ------------------------------------------------------------------ acting, and links
def test_a_handler_of_towns_alone_signs_for_the_towns_and_for_nobody_else(
    house: House, cases: tuple[str, str], run: Any
) -> None:
    confine(house, "jian", None, "柳溪镇")
    browser = house.browser("jian")
    assert "代哪个部门" not in browser.get(f"/incidents/{cases[0]}").text
    for act in ("acknowledge", "accept"):
        form = {"version": house.version(cases[0]), "department": "housing"}
        assert browser.post(f"/incidents/{cases[0]}/acts/{act}", form).status_code == 303, act
    with house.store.read() as c:
        given = {one["department"]: one["state"] for one in incidents.assignments_of(c, cases[0])}
    assert (given["town"], given["housing"]) == ("accepted", "sent")


def test_a_link_tells_nothing_more_once_a_returned_case_is_led_by_another(house: House) -> None:
    incident = house.opens()
    with house.store.read() as c:
        [token] = {
            row["data"]["token"] for row in _outbox(c) if row["department"] == "housing" and "token" in row["data"]
        }

    def acts(kind: Act, by: str, **data: Any) -> None:
        house.ledger.record(
            Change(act=kind, at=house.now, reason="不属我部门职责", actor=by, incident=incident, data=data)
        )

    acts(Act.RETURN, "jian", department="housing", code="R1")
    assert SHOWN in house.browser().get(f"/ack/{token}").text, "it waits for the decision with who returned it"
    acts(Act.ARBITRATE, "zhou", lead="water")
    assert house.browser("jian").get(f"/incidents/{incident}").status_code == 404
    assert SHOWN not in house.browser().get(f"/ack/{token}").text


# ------------------------------------------------------------------ 可动用的钱
@pytest.mark.parametrize(("beside", "more"), [(90_000.0, "共9万元"), (700_000.0, "共70万元")])
def test_the_money_behind_a_case_tells_who_is_confined_of_no_debt_of_another_town(
    house: House, beside: float, more: str
) -> None:
    """The deposit serves all debts of its project: neither how many others there are, nor their sum, nor whether it
    suffices for all of them, from which a sum could be reckoned."""
    deposit = Line(project="锦禾苑三期", deposit=Deposit(form=Form.CASH, yuan=800_000.0))
    load_list(
        house.ledger, "deposits", [deposit], source="保证金名册.xlsx", as_of=house.now.date(), by="zhou",
        at=house.now, reason="月报",
    )  # fmt: skip
    case = house.opens(amount_yuan=100_000.0)
    own = house.opens(f"{SECRET}的塔吊班组五万没给", employer="乙土劳务", amount_yuan=50_000.0)
    house.opens(f"{SECRET}的木工没给", employer=SECRET, amount_yuan=beside, place=place("东岸街道"))
    assert own != case
    county = block(house.browser("zhou").get(f"/incidents/{case}").text)
    total = f"{(beside + 50_000) / 10_000:g}万元"
    assert f"同项目另有2件未结共{total}" in county
    confine(house, "jian", "housing", "柳溪镇")
    browser = house.browser("jian")
    told = block(browser.get(f"/incidents/{case}").text)
    assert "同项目另有1件未结共5万元；您看不到的案件没有计入，够不够请问治欠办" in told
    assert not {"同项目另有2件", more, total, "保证金不足", "保证金足够", "不足"} & set(re.split(r"[<>，；。]", told))
    own_only = "只算您看得到的事件"
    assert (own_only in browser.get("/situation").text, own_only in house.browser("zhou").get("/situation").text) == (
        True, False,
    )  # fmt: skip
    paper = browser.get(f"/incidents/{case}/papers/report.docx")
    assert paper.status_code == 200
    with zipfile.ZipFile(io.BytesIO(paper.content)) as files:
        text = files.read("word/document.xml").decode()
    assert "够不够请问治欠办" in text
    assert total not in text


def test_what_a_confined_reader_sees_himself_may_be_too_much_for_a_deposit(house: House) -> None:
    deposit = Line(project="锦禾苑三期", deposit=Deposit(form=Form.CASH, yuan=120_000.0))
    load_list(
        house.ledger, "deposits", [deposit], source="保证金名册.xlsx", as_of=house.now.date(), by="zhou",
        at=house.now, reason="月报",
    )  # fmt: skip
    case = house.opens(amount_yuan=100_000.0)
    house.opens("塔吊班组五万没给", employer="乙土劳务", amount_yuan=50_000.0)
    confine(house, "jian", "housing", "柳溪镇")
    told = block(house.browser("jian").get(f"/incidents/{case}").text)
    assert "本案未付10万元，同项目另有1件未结共5万元，不足" in told
    assert "保证金不足" in told


def block(page: str) -> str:
    """可动用的钱 of a case's page."""
    part = page[page.index('id="funds"') :]
    return part[: part.index("</section>")]
