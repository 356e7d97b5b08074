"""Who checks the office finds what was done and what was only read: by officer, by case, by day."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import typer
import webhouse
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner
from webhouse import House

from monitor.commands import ledgering
from monitor.store import StoreError, looks, retention
from monitor.web import audit


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def registered(house: House) -> list[tuple[str, str, str, int]]:
    with house.store.read() as c:
        rows = looks.listed(c)
    return sorted((row["user"], row["what"], row["incident"], row["times"]) for row in rows)


def cells(page: str, label: str) -> list[str]:
    found = re.findall(rf'<td data-label="{label}"[^>]*>(.*?)</td>', page)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


def test_opening_a_case_a_paper_and_an_export_is_registered(house: House) -> None:
    incident = house.opens()
    browser = house.browser("zhou")
    browser.get(f"/incidents/{incident}")
    browser.get(f"/incidents/{incident}/plan")  # tells of the same case
    browser.get(f"/incidents/{incident}/papers/transfer.docx")
    browser.get("/incidents.csv")
    browser.get("/incidents")  # a list is no case
    expected = [
        ("zhou", "case", incident, 2), ("zhou", "export", "", 1), ("zhou", "paper", incident, 1),
    ]  # fmt: skip
    assert registered(house) == expected


def test_what_nobody_may_see_is_not_seen(house: House) -> None:
    incident = house.opens()
    assert house.browser("shui").get(f"/incidents/{incident}").status_code == 404
    assert house.browser().get(f"/incidents/{incident}").status_code == 303
    assert registered(house) == []


def test_each_day_has_its_row_in_the_countys_own_days(house: House) -> None:
    incident = house.opens()
    house.browser("zhou").get(f"/incidents/{incident}")
    house.tick(hours=15)  # one o'clock at night in Shanghai, the same day in Greenwich
    house.browser("zhou").get(f"/incidents/{incident}")
    page = house.browser("shen").get("/audit/looks").text
    assert cells(page, "日期") == ["2026-11-26", "2026-11-25"]
    assert cells(house.browser("shen").get("/audit/looks?until=2026-11-25").text, "日期") == ["2026-11-25"]
    assert cells(house.browser("shen").get("/audit/looks?since=2026-11-26").text, "日期") == ["2026-11-26"]


def test_an_auditor_narrows_by_officer_and_case(house: House) -> None:
    first, second = (
        house.opens(),
        house.opens("柳溪镇中学工地二十人的工资拖着", project="柳溪中学", employer="申禾劳务"),
    )
    for name, incident in (("zhou", first), ("wu", first), ("wu", second)):
        house.browser(name).get(f"/incidents/{incident}")
    auditor = house.browser("shen")
    assert len(cells(auditor.get("/audit/looks").text, "谁")) == 3
    assert cells(auditor.get(f"/audit/looks?case={second.lower()}").text, "谁") == ["wu同志 wu"]
    assert sorted(cells(auditor.get("/audit/looks?who=wu").text, "事件")) == sorted([first, second])
    nothing = auditor.get("/audit/looks?who=nobody").text
    assert "没有符合条件的登记" in nothing
    for strange in ("?since=x&until=2026-13-45", "?page=0", "?page=999999999999", "?who=%00%27"):
        assert auditor.get(f"/audit/looks{strange}").status_code == 200, strange
    assert house.browser("zhou").get("/audit/looks").status_code == 403


def test_the_log_shows_what_people_did_among_what_the_machine_did(house: House) -> None:
    for number in range(4):
        house.opens(f"工地{number}的工资一分没给", project=f"{number}号工程")
    incident = house.opens("己光电子厂一百六十人三个月没发钱", employer="己光电子厂", project=None)
    house.tick(days=1)
    house.browser("zhou").post(f"/incidents/{incident}/acts/note", {"reason": "已电话联系", "version": "1"})
    auditor = house.browser("shen")
    assert cells(auditor.get("/audit?people=1").text, "经办") == ["zhou同志"]
    assert set(cells(auditor.get("/audit?who=machine").text, "经办")) == {"系统"}
    assert set(cells(auditor.get(f"/audit?case={incident}").text, "事件")) == {incident}
    assert cells(auditor.get("/audit?since=2026-11-26").text, "变更") == ["备注"]
    assert "没有符合条件的记录" in auditor.get("/audit?who=wu").text


def test_leafing_keeps_what_was_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SHOWN", 2)
    for number in range(5):
        incident = house.opens(f"工地{number}的工资一分没给", project=f"{number}号工程")
        house.browser("zhou").get(f"/incidents/{incident}")
    auditor = house.browser("shen")
    for address, label, want in (("/audit?who=machine", "序号", 5), ("/audit/looks?who=zhou", "事件", 5)):
        seen: list[str] = []
        base = address.partition("?")[0]
        for _ in range(9):
            page = auditor.get(address).text
            seen += cells(page, label)
            onwards = re.search(r'href="(\?[^"]+)" rel="next"|rel="next" href="(\?[^"]+)"', page)
            if onwards is None:
                break
            address = base + (onwards[1] or onwards[2]).replace("&amp;", "&")
            assert "who=" in address
        assert len(set(seen)) == len(seen) == want


@pytest.mark.parametrize(
    "problem",
    [StoreError("the database stayed busy"), OperationalError("", {}, sqlite3.OperationalError("disk is full"))],
)
def test_a_database_that_takes_nothing_keeps_nobody_from_reading(
    house: House, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    incident = house.opens()
    browser = house.browser("zhou")

    def refused(*_: object) -> None:
        raise problem

    monkeypatch.setattr(looks, "note", refused)
    assert browser.get(f"/incidents/{incident}").status_code == 200


def test_the_register_is_kept_three_years_and_no_longer(house: House) -> None:
    incident = house.opens()
    house.store.unit(lambda c: looks.note(c, "zhou", looks.CASE, incident, house.now))
    for days, left in ((3 * 365 + 1, 1), (3 * 365 + 40, 0)):
        house.store.unit(lambda c, days=days: retention.purge(c, house.now + timedelta(days=days)))
        assert len(registered(house)) == left


def test_the_register_is_printed_as_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    house = webhouse.build(tmp_path)
    house.store.unit(lambda c: looks.note(c, "zhou", looks.CASE, "QX-2026-0001", house.now))
    house.store.unit(lambda c: looks.note(c, "wu", looks.EXPORT, "", house.now))
    monkeypatch.setenv("XINSHAO_DATABASE_URL", str(house.store.engine.url))
    app = typer.Typer()
    ledgering.register(app)
    run = CliRunner().invoke(app, ["ledger", "looks", "--user", "zhou"])
    [line] = [json.loads(one) for one in run.stdout.splitlines()]
    assert (line["user"], line["what"], line["incident"], line["times"]) == ("zhou", "case", "QX-2026-0001", 1)
    assert isinstance(CliRunner().invoke(app, ["ledger", "looks", "--since", "heute"]).exception, Exception)
