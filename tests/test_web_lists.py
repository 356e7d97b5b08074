"""The page 对照清单 and the block on 态势: who sees them, what they tell, what a press does."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import webhouse
from webhouse import House

from monitor.ledger import lists as acts
from monitor.ledger.chain import verify
from monitor.listed import Listed
from monitor.store import lists
from monitor.web import lists as pages

TODAY = date(2026, 11, 25)
HEAD = ("日期", "投诉人", "单位", "项目", "属地", "人数", "金额")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def bring(house: House, *rows: Listed) -> None:
    days = {"first": TODAY - timedelta(days=20), "last": TODAY}
    told: dict[str, Any] = {
        "source": "12345热线",
        "file": "a.xlsx",
        "by": "zhou",
        "at": house.now,
        "reason": "十一月",
        **days,
    }
    acts.bring(house.ledger, list(enumerate(rows, 2)), **told)


def debt(back: int = 0, **told: Any) -> Listed:
    return Listed(day=TODAY - timedelta(days=back), **told)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def keys(house: House) -> list[str]:
    with house.store.read() as c:
        return [one.key for one in lists.rows_between(c, TODAY - timedelta(days=99), TODAY)]


def upload(house: House, *rows: tuple[Any, ...], **told: str) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    form = {"source": "12345热线", **told}
    return house.browser("zhou").post("/lists/files", form, files={"file": ("热线.xlsx", out.getvalue())})


# ------------------------------------------------------------------ 态势
def test_the_situation_says_that_there_is_no_list_yet_and_a_handler_sees_none_of_it(house: House) -> None:
    page = house.browser("lin").get("/situation").text
    assert "还没有其他渠道的欠薪清单" in page
    assert 'id="unseen"' not in house.browser("jian").get("/situation").text


def test_the_situation_tells_what_the_net_saw_and_why_there_is_no_estimate(house: House) -> None:
    house.opens()
    bring(house, debt(4, project="锦禾苑三期"), debt(2, employer="丁岳路桥"), debt(1, employer="甲木建工"))
    said = text(house.browser("lin").get("/situation").text)
    assert "登记的欠薪有 2 件，网上也看到 1 件（50%）；同期网上共看到 1 件。另有 1 件等人判断" in said
    assert "不估计总数：清单里还有1件等人判断，判完再估" in said
    assert "网上早于清单 0 件，同一天 0 件，晚于清单 1 件" in said


def test_the_situation_estimates_with_enough_on_both(house: House) -> None:
    names = [f"{word}木建工" for word in "甲乙丙丁戊己庚辛"]
    for number, name in enumerate(names):
        words = f"{name}的工地，我们{number + 5}个人的工资到现在一分没给"
        house.opens(words, employer=name, project=None, workers=number + 5, amount_yuan=10_000.0 + number * 977)
    bring(house, *(debt(n, employer=name, town="柳溪镇") for n, name in enumerate(names)), debt(employer="丁岳路桥"))
    said = text(house.browser("lin").get("/situation").text)
    assert "欠薪有 9 件，网上也看到 8 件（89%）；同期网上共看到 8 件" in said
    assert "据此估计，这些日子的欠薪约 9 件（95% 的把握在 9 到" in said


def test_what_was_worked_out_is_worked_out_again_only_when_the_ledger_moved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    plain = pages.compared
    monkeypatch.setattr(pages, "compared", lambda *given: made.append(given) or plain(*given))
    bring(house, debt(4, project="锦禾苑三期"))
    leader = house.browser("lin")
    assert [leader.get("/situation").status_code for _ in range(3)] == [200, 200, 200]
    assert house.browser("zhou").get("/lists").status_code == 200
    assert len(made) == 1, "both pages, every time, by one comparison"
    house.opens()
    assert "网上也看到 1 件" in text(leader.get("/situation").text)
    assert len(made) == 2
    house.tick(days=1)
    house.browser("lin").get("/situation")
    assert len(made) == 3


# ------------------------------------------------------------------ the page
def test_a_waiting_row_is_answered_and_the_answer_taken_back(house: House) -> None:
    incident = house.opens()
    bring(house, debt(1, employer="甲木建工"), debt(1, employer="甲木建工"))
    version, office = house.version(incident), house.browser("zhou")
    page = office.get("/lists").text
    assert "2 行" in page
    assert "只有单位甲木建工相同，地点、人数、金额都没有佐证" in page
    form = {"keys": ",".join(keys(house)), "incident": incident}
    assert office.post("/lists/judge", {**form, "do": "same"}).headers["location"] == "/lists?done=list_judged"
    assert "网上也看到1 件" in text(office.get("/lists").text)
    assert office.post("/lists/judge", {**form, "do": "other"}).status_code == 422
    assert office.post("/lists/judge", {**form, "do": "unjudge"}).status_code == 303
    assert "等人判断1 件" in text(office.get("/lists").text)
    assert house.version(incident) == version
    assert office.post("/lists/judge", {"do": "same"}).status_code == 400


def test_a_debt_the_net_never_saw_becomes_a_case_at_one_press(house: House) -> None:
    bring(
        house,
        debt(3, employer="丁岳路桥", workers=12, town="柳溪镇"),
        debt(3, employer="丁岳路桥", workers=12, town="柳溪镇"),
    )
    office = house.browser("zhou")
    taken = office.post("/lists/take", {"keys": ",".join(keys(house))})
    incident = taken.headers["location"].split("?")[0].removeprefix("/incidents/")
    assert house.row(incident)["facts"]["employer"] == "丁岳路桥"
    assert f"已立案 {incident}" in text(office.get("/lists").text)
    assert office.get(f"/incidents/{incident}").status_code == 200
    assert office.post("/lists/take", {"keys": keys(house)[0]}).status_code == 422
    with house.store.read() as c:
        assert not verify(c).breaks


def test_an_export_is_brought_on_the_page_and_undone(house: House) -> None:
    rows = (
        ("2026-11-20", "张建国", "甲木建工", "锦禾苑三期", "柳溪镇", 3, 5000),
        ("前天", "李四", "丁岳路桥", "", "", 1, ""),
    )
    page = upload(house, HEAD, *rows).text
    assert "清单 1：新增 1 行。有 1 行没有读成" in text(page)
    assert "这些栏是人的资料，不读不存：投诉人" in page
    assert "第3行：“前天”不是日期" in page
    assert "张建国" not in page
    assert "没有新内容：1 行先前都已导入" in text(upload(house, HEAD, *rows).text)
    office = house.browser("zhou")
    assert office.post("/lists/undo", {"id": "1"}).status_code == 303
    assert "还没有导入清单" in office.get("/lists").text
    assert office.post("/lists/undo", {"id": "1"}).status_code == 400


@pytest.mark.parametrize("told", [{"source": " "}, {"first": "2026-11-09", "last": "2026-11-01"}])
def test_an_upload_without_source_or_with_turned_days_is_refused(house: House, told: dict[str, str]) -> None:
    assert upload(house, HEAD, **told).status_code == 400


@pytest.mark.parametrize(
    ("name", "body"), [("a.exe", b"MZ"), ("a.xlsx", b"MZ"), ("a.csv", b"x,y\n1,2\n"), ("a.csv", b"")]
)
def test_what_is_no_list_is_refused_with_a_sentence(house: House, name: str, body: bytes) -> None:
    sent = house.browser("zhou").post("/lists/files", {"source": "热线"}, files={"file": (name, body)})
    assert sent.status_code == 400


@pytest.mark.parametrize(
    ("who", "looks", "changes"), [("zhou", 200, 303), ("lin", 200, 403), ("shen", 200, 403), ("jian", 403, 403)]
)
def test_the_office_decides_leaders_look_handlers_have_none_of_it(
    house: House, who: str, looks: int, changes: int
) -> None:
    bring(house, debt(employer="丁岳路桥"))
    browser = house.browser(who)
    page = browser.get("/lists")
    assert page.status_code == looks
    assert ("确定撤销" in page.text) == (changes == 303)
    assert browser.post("/lists/undo", {"id": "1"}).status_code == changes
