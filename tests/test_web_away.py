"""转送 on the pages: sent, waiting, received, closed; the letter to take away; enforcement after a close-out as C5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import webhouse
from webhouse import Browser, House

from monitor.web.access import Person
from monitor.web.incidents import allowed


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def act(house: House, browser: Browser, incident: str, name: str, **form: Any) -> None:
    sent = {"version": house.version(incident), "reason": "项目在邻县，不归本县", **form}
    answer = browser.post(f"/incidents/{incident}/acts/{name}", sent)
    assert answer.status_code == 303, answer.text


def test_a_case_is_sent_waits_with_its_letter_and_closes_on_the_receipt(house: House) -> None:
    incident, office = house.opens(), house.browser("zhou")
    assert office.get(f"/incidents/{incident}/papers/referral.docx").status_code != 200
    act(house, office, incident, "refer", to="邻县治欠办", kind="across", contact="何志 0000-7000001")
    page = office.get(f"/incidents/{incident}").text
    for words in (
        "转送外地（用工地不在本县）：邻县治欠办",
        "等待回执",
        "自动退回本县办理",
        "转送回执",
        'id="act-receipt" open',
    ):
        assert words in page, words
    assert 'id="act-close"' not in page
    assert "已转送待结果" in office.get("/incidents").text
    assert "等待回执或结果" in office.get("/board").text
    assert office.get(f"/incidents/{incident}/papers/referral.docx").status_code == 200
    assert office.post(f"/incidents/{incident}/papers/referral").status_code == 200
    house.tick(days=1)
    office = house.browser("zhou")
    given = {"outcome": "taken", "who": "何志", "day": "2026-11-26", "number": "邻治欠函〔2026〕5号"}
    act(house, office, incident, "receipt", **given)
    page = office.get(f"/incidents/{incident}").text
    assert "已收到回执" in page
    assert "可以 C7 申请销号" in page
    act(house, office, incident, "reply", url="https://bbs.qinghe.example/thread-1.html")
    act(house, office, incident, "close", code="C7")
    act(house, house.browser("wu"), incident, "approve", approved="yes")
    page = office.get(f"/incidents/{incident}").text
    assert "已销号" in page
    assert "计时已暂停" not in page


def test_a_refused_letter_is_told_on_the_page_that_is_ours_again(house: House) -> None:
    incident, office = house.opens(), house.browser("zhou")
    act(house, office, incident, "refer", to="望舟市治欠办", kind="up")
    act(house, office, incident, "receipt", outcome="refused", who="何志")
    page = office.get(f"/incidents/{incident}").text
    assert "望舟市治欠办不予接收" in page
    assert 'id="referred"' not in page
    assert 'id="act-refer"' in page


def test_after_a_close_out_as_c5_the_page_asks_for_the_enforcement(house: House) -> None:
    incident, office = house.opens(), house.browser("zhou")
    act(house, office, incident, "accept", department="housing")
    act(house, office, incident, "reply", url="https://bbs.qinghe.example/thread-1.html")
    act(house, office, incident, "close", code="C5", case_number="（2026）青0101执7号")
    act(house, house.browser("wu"), incident, "approve", approved="yes")
    page = office.get(f"/incidents/{incident}").text
    assert "执行跟踪" in page
    assert 'id="act-enforce" open' in page
    assert 'id="act-look_back"' not in page
    house.tick(days=25)
    office = house.browser("zhou")
    assert "执行跟踪" in office.get("/board").text
    act(house, office, incident, "enforce", outcome="pending")
    assert "仍在进行" in office.get(f"/incidents/{incident}").text


def test_the_outer_limits_of_law_stand_beside_the_county_s_clocks(house: House) -> None:
    incident, office = house.opens(), house.browser("zhou")
    act(house, office, incident, "regrade", level="red")
    page = office.get(f"/incidents/{incident}").text
    for words in (
        "新闻发布会",
        "国办发〔2016〕61号",
        "国办发〔2016〕80号",
        "劳动监察受理立案",
        "劳动监察调查终结",
        "信访转送或告知",
    ):
        assert words in page, words
    act(house, office, incident, "reply", url="https://bbs.qinghe.example/thread-1.html")
    limits = office.get(f"/incidents/{incident}").text.partition('id="limits"')[2].partition("</details>")[0]
    assert limits.count("已在期限内") == 2  # told in time; handed on to the departments at once


def test_what_a_proof_was_called_is_not_in_the_log_that_outlives_it(house: House) -> None:
    from monitor.store import ledger as rows

    incident, office = house.opens(), house.browser("zhou")
    good = {"file": ("王小二工资回单.pdf", b"%PDF-1.7 slip", "application/pdf")}
    assert office.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=good).status_code == 303
    assert "王小二工资回单" in office.get(f"/incidents/{incident}").text
    with house.store.read() as c:
        assert "王小二" not in str(list(rows.rows(c)))


def test_a_look_back_that_runs_already_can_be_answered_whatever_the_code() -> None:
    """Cases closed as C5 or C9 by an earlier version have look-backs, and no clock of their code's own."""
    office = Person(name="zhou", display="", role="duty", department=None, session="", csrf="")
    for code in ("C5", "C9"):
        row = {"state": "closed", "close_code": code, "closeout": {}}
        assert "look_back" not in allowed(office, row)
        assert "look_back" in allowed(office, row, [{"name": "look_back_7", "done_at": None}])
