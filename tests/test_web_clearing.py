"""限时清零 by department and town: the weeks as they were, an honest pace, and nobody's cases but one's own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import webhouse
from webhouse import House

from monitor.digest.study import parts
from monitor.model import Act, Change
from monitor.store import outbox

DAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
STOP = date(2027, 2, 4)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def case(number: int, lead: str, opened: int, closed: int | None = None, **facts: Any) -> dict[str, Any]:
    """A case opened and closed so many days ago."""
    ended = None if closed is None else NOW - timedelta(days=closed)
    return {
        "id": f"QX-2026-{number:04d}", "lead": lead, "town": None, "state": "handling" if closed is None else "closed",
        "opened_at": NOW - timedelta(days=opened), "closed_at": ended,
        "facts": {"employer": "甲木建工", "traits": [], **facts},
    }  # fmt: skip


def test_each_department_has_its_own_weeks_pace_and_end() -> None:
    quick = [case(n, "housing", 40, closed=n) for n in range(14)]
    held = [case(100 + n, "housing", 40) for n in range(7)] + [case(200, "hrss", 40, traits=["employer_fled"])]
    housing, hrss = parts(held, quick, set(), DAY, key="lead", weeks=9, stop=STOP)
    assert (housing.key, hrss.key) == ("housing", "hrss")
    assert [count for _, count in housing.weeks] == [0, 0, 0, 21, 21, 21, 21, 14, 7]
    assert housing.weeks[-1][0] == DAY
    assert housing.weeks[0][0] == DAY - timedelta(days=56)
    assert housing.burn.pace == 1
    assert housing.burn.finish == DAY + timedelta(days=7)
    assert housing.burn.in_time
    assert hrss.burn.finish is None
    assert dict(hrss.burn.blockers) == {"fled": ["QX-2026-0200"]}


def test_who_is_done_is_shown_as_done_and_comes_last() -> None:
    found = parts([case(1, "hrss", 20)], [case(2, "water", 30, closed=2)], set(), DAY, key="lead", weeks=9, stop=None)
    assert [(part.key, part.burn.in_hand[-1][1]) for part in found] == [("hrss", 1), ("water", 0)]
    assert parts([], [], set(), DAY, key="lead", weeks=9, stop=None) == []


@pytest.mark.parametrize(("opened", "young"), [(0, True), (2, True), (3, False), (30, False)])
def test_three_days_give_no_pace(opened: int, young: bool) -> None:
    [part] = parts([case(1, "hrss", opened)], [], set(), DAY, key="lead", weeks=9, stop=STOP)
    assert part.burn.young is young


def test_the_page_names_departments_and_towns_and_opens_to_their_cases(house: House) -> None:
    house.opens()
    nowhere = house.opens("不知道在哪的活，工资一分没给", employer="寅木门窗", project=None, place=None)
    house.tick(days=5)
    page = house.browser("lin").get("/clearing").text
    assert 'href="/incidents?state=open&amp;department=housing"' in page
    assert re.search(r'town=[^"]+">柳溪镇</a>', page)
    assert "属地待核" in page
    assert "按现速不能" in page
    assert nowhere not in page
    assert "2027 年 02 月 04 日（除夕前一日）" in page
    assert "/clearing" in house.browser("lin").get("/board").text


def test_a_young_house_is_told_that_no_pace_can_be_seen(house: House) -> None:
    assert "近九周没有在办事件" in house.browser("zhou").get("/clearing").text
    house.opens()
    page = house.browser("zhou").get("/clearing").text
    assert "看不出速度" in page
    assert "按现速不能" not in page


def test_a_handler_sees_the_own_departments_part_only(house: House) -> None:
    house.opens()
    house.opens("石鼓岭泵站的二十个人没发钱", project="石鼓岭泵站除险加固", employer="戊泉水务", sector="water_works")
    page = house.browser("jian").get("/clearing").text
    assert "您可见的事件" in page
    assert "水利局" not in page
    assert "住建局" in page


# ------------------------------------------------------------------ what a person paused
def test_a_paused_case_is_late_on_no_page_and_its_pause_is_named(house: House) -> None:
    case = house.opens()
    house.ledger.record(
        Change(act=Act.PAUSE, at=house.now, reason="等待仲裁裁决书送达", actor="zhou", incident=case)
    )  # fmt: skip
    house.tick(days=40)
    browser = house.browser("lin")
    board = browser.get("/board").text
    assert "没有超期" in board
    assert re.search(r"<b[^>]*>0<small>件</small></b><span>有时限已超", board)
    assert ">在办逾期 0</a>" in board
    clearing = browser.get("/clearing").text
    assert "计时由人暂停 1" in clearing
    assert "有事项超期" not in clearing
    assert case in browser.get("/incidents?state=open&set=blocker_paused").text
    assert case not in browser.get("/incidents?state=open&overdue=1").text
    listed = browser.get("/incidents").text
    assert re.search(r'data-label="时限"[^>]*><span class="faint">停</span>', listed)
    page = browser.get(f"/incidents/{case}").text
    clocks = page[page.index('id="clocks"') : page.index('id="limits"')]
    assert ("计时已暂停" in clocks, "已超" in clocks, clocks.count(">停<") > 2) == (True, False, True)
    note = house.browser("zhou").get("/roster/handover").text
    assert case in note, "unsigned it still stands there"
    assert "已超期" not in note


def test_what_was_sent_elsewhere_is_listed_where_its_number_leads(house: House) -> None:
    case = house.opens()
    given = {"to": "邻县治欠办", "kind": "across"}
    house.ledger.record(
        Change(act=Act.REFER, at=house.now, reason="用工地在邻县", actor="zhou", incident=case, data=given)
    )  # fmt: skip
    browser = house.browser("lin")
    assert "set=blocker_referred" in browser.get("/board").text
    page = browser.get("/incidents?state=open&set=blocker_referred").text
    assert "已转送外地或提级" in page
    assert case in page


def test_the_link_of_a_mail_says_that_the_time_stands_still(house: House) -> None:
    case = house.opens()
    with house.store.read() as c:
        token = next(row["data"]["token"] for row in outbox.of_incident(c, case) if row["data"].get("token"))
    assert "时限已暂停" not in house.browser().get(f"/ack/{token}").text
    house.ledger.record(
        Change(act=Act.PAUSE, at=house.now, reason="等待仲裁裁决书送达", actor="zhou", incident=case)
    )  # fmt: skip
    house.tick(days=2)
    page = house.browser().get(f"/ack/{token}").text
    assert ("时限已暂停" in page, "已超" in page, ">停<" in page) == (True, False, True)
