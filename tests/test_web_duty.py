"""The pages of duty: swaps and silences on the roster, calls and look-backs on a case, each with its row in the log."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import webhouse
from webhouse import House

from monitor.model import Act, Change
from monitor.store import incidents, outbox, shifts
from monitor.store import ledger as rows

SHIFT = {
    "department": "qx_office", "name": "周静", "starts_at": "2026-11-25T08:00", "ends_at": "2026-11-26T08:00",
    "phone": "0999-6200110", "mail": "zhou@qinghe.example",
}  # fmt: skip
SWAP = {"shift": "1", "name": "吴越", "phone": "0999-6200111", "mail": "wu@qinghe.example", "reason": "家中有事"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def logged(house: House) -> list[tuple[str, str, str]]:
    """(act, actor, what) of the rows that no machine wrote."""
    with house.store.read() as c:
        return [
            (r["act"], r["actor"], r["data"]["input"].get("do", "")) for r in rows.rows(c) if r["actor"] != "machine"
        ]


def mails(house: House, incident: str, department: str = "qx_office") -> list[str]:
    with house.store.read() as c:
        return [row["recipient"] for row in outbox.of_incident(c, incident) if row["department"] == department]


def test_a_swap_is_asked_by_one_agreed_by_another_and_followed_at_once(house: House) -> None:
    zhou, wu = house.browser("zhou"), house.browser("wu")
    zhou.post("/roster", SHIFT)
    assert zhou.post("/roster/swaps", SWAP).status_code == 303
    assert "待对方同意" in wu.get("/roster").text
    assert zhou.post("/roster/swaps/1", {"do": "agree"}).status_code == 422
    assert mails(house, house.opens()) == ["zhou@qinghe.example"]
    assert wu.post("/roster/swaps/1", {"do": "agree", "reason": "本人同意"}).status_code == 303
    page = wu.get("/roster").text
    assert "换班：周静由吴越替班" in page
    other = {"project": "望江里二期", "employer": "丙木建工", "workers": 9, "amount_yuan": 50_000.0}
    second = house.opens("望江里二期的活干完了，我们九个人的工资五万块一分没给", **other)
    assert mails(house, second) == ["wu@qinghe.example"]
    assert logged(house) == [
        ("roster", "zhou", "enter"),
        ("roster", "zhou", "ask_swap"),
        ("roster", "wu", "agree_swap"),
    ]


def test_a_swap_is_undone_before_it_begins_and_not_after(house: House) -> None:
    zhou, wu = house.browser("zhou"), house.browser("wu")
    zhou.post("/roster", SHIFT)
    zhou.post("/roster/swaps", {**SWAP, "starts_at": "2026-11-25T12:00", "ends_at": "2026-11-25T18:00"})
    wu.post("/roster/swaps/1", {"do": "agree"})
    assert 'value="undo"' in zhou.get("/roster").text
    assert zhou.post("/roster/swaps/1", {"do": "undo"}).status_code == 303
    zhou.post("/roster/swaps", {**SWAP, "starts_at": "2026-11-25T12:00", "ends_at": "2026-11-25T18:00"})
    wu.post("/roster/swaps/2", {"do": "agree"})
    house.tick(hours=3)
    zhou = house.browser("zhou")
    assert 'value="undo"' not in zhou.get("/roster").text
    assert "已经开始" in zhou.post("/roster/swaps/2", {"do": "undo"}).text


def test_a_silence_is_shown_counts_what_it_kept_back_and_ends(house: House) -> None:
    office = house.browser("zhou")
    assert "该发的都会发" in office.get("/silences").text
    form = {"department": "housing", "until": "2026-11-25T18:00", "reason": "专班已在现场"}
    assert office.post("/silences", form).status_code == 303
    incident = house.opens(traits=(), workers=12, amount_yuan=90_000.0)
    page = office.get("/silences").text
    assert "专班已在现场" in page
    assert "1 条" in page
    assert "静默1号" in office.get("/outbox").text
    assert office.post("/silences/end", {"id": "1"}).status_code == 303
    assert office.post("/silences/end", {"id": "1"}).status_code == 422
    house.ledger.escalate_due(house.now + timedelta(seconds=1))
    with house.store.read() as c:
        assert {row["state"] for row in outbox.of_incident(c, incident)} == {"queued"}
    assert ("silence", "zhou", "begin") in logged(house)


@pytest.mark.parametrize("given", [{"until": ""}, {"until": "2026-12-25T18:00"}, {"reason": ""}, {"department": ""}])
def test_a_silence_without_end_reason_or_scope_is_refused(house: House, given: dict[str, Any]) -> None:
    form = {"department": "housing", "until": "2026-11-25T18:00", "reason": "专班已在现场", **given}
    assert house.browser("zhou").post("/silences", form).status_code in (400, 422)
    with house.store.read() as c:
        assert shifts.silences_at(c, house.now) == []


def test_who_only_looks_changes_nothing(house: House) -> None:
    house.browser("zhou").post("/roster", SHIFT)
    lin = house.browser("lin")
    assert "提出换班" not in lin.get("/roster").text
    for path in ("/roster/swaps", "/roster/swaps/1", "/silences", "/silences/end", "/roster/handover/1"):
        assert lin.post(path, {**SWAP, "do": "agree"}).status_code == 403


def test_a_filed_proof_is_in_the_log_with_its_hash(house: House) -> None:
    incident, jian = house.opens(), house.browser("jian")
    slip = {"file": ("回单.pdf", b"%PDF-1.4 paid", "application/pdf")}
    assert jian.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=slip).status_code == 303
    with house.store.read() as c:
        (kept,) = incidents.files_of(c, incident)
        (row,) = [one for one in incidents.history(c, incident) if one["act"] == "file"]
    assert (row["actor"], row["data"]["input"]["sha256"]) == ("jian", kept["sha256"])
    page = jian.get(f"/incidents/{incident}").text
    assert "回单.pdf" in page
    assert "回单.pdf" not in str(row)  # the log outlives the file


# ------------------------------------------------------------------ calls and look-backs
def test_a_call_is_registered_with_whom_and_what_came_of_it(house: House) -> None:
    incident = house.opens("塔吊上有人要跳，锦禾苑三期三十六个人一分没给", life_risk=True)
    office = house.browser("zhou")
    page = office.get(f"/incidents/{incident}").text
    assert "还没有打过" in page
    assert "电话报告”已完成" in page
    form = {
        "version": str(house.version(incident)), "whom": "police:", "name": "指挥中心", "outcome": "reached",
        "clock": "phone_report", "reason": "已派员到场",
    }  # fmt: skip
    assert office.post(f"/incidents/{incident}/acts/call", form).status_code == 303
    page = office.get(f"/incidents/{incident}").text
    assert "致电 指挥中心" in page
    assert "已接通并告知" in page
    with house.store.read() as c:
        done = {row["name"] for row in incidents.clocks_of(c, incident) if row["done_at"]}
    assert "phone_report" in done
    assert ("call", "zhou", "") in logged(house)
    jian = house.browser("jian").get(f"/incidents/{incident}").text
    assert "按顺序打" not in jian  # phone numbers of the office are the office's


def test_who_stands_in_on_the_phone_is_named_as_a_stand_in(house: House) -> None:
    office = house.browser("zhou")
    office.post("/roster", SHIFT)
    incident = house.opens()
    page = office.get(f"/incidents/{incident}").text
    assert "治欠办代接，请转告" in page  # for 住建局, which has no phone of its own
    assert page.count("0999-6200110") > page.count("代接，请转告")  # the office's own officer is nobody's stand-in
    assert "（治欠办代接）" in office.get(f"/incidents/{incident}/plan").text


def close(house: House, incident: str) -> None:
    """Closed as 不实 by the shortest lawful way, through the pages."""
    jian, zhou = house.browser("jian"), house.browser("zhou")
    steps = [
        (jian, "accept", {}), (jian, "verify", {"verification": "false"}), (zhou, "verify", {"verification": "false"}),
        (jian, "reply", {"url": "https://bbs.qinghe.example/thread-1.html"}),
        (jian, "close", {"code": "C8", "leader": "林副县长", "appeal": "治欠办窗口"}), (zhou, "approve", {}),
    ]  # fmt: skip
    for browser, act, given in steps:
        form = {"version": str(house.version(incident)), "reason": "按规定办理", **given}
        answer = browser.post(f"/incidents/{incident}/acts/{act}", form)
        assert answer.status_code == 303, (act, answer.text)


def test_a_look_back_that_is_due_stands_on_the_boards_of_office_and_lead_only(house: House) -> None:
    incident = house.opens()
    close(house, incident)
    assert "该回头看的" not in house.browser("jian").get("/board").text
    house.tick(days=7)
    for name, seen in (("zhou", True), ("jian", True), ("shui", False)):
        page = house.browser(name).get("/board").text
        assert ("该回头看的" in page) is seen, name
        assert "已逾期" not in page
    house.tick(days=6)
    jian = house.browser("jian")
    assert "已逾期" in jian.get("/board").text
    form = {"version": str(house.version(incident)), "day": "7", "recurred": "no", "reason": "走访确认全部到手"}
    assert jian.post(f"/incidents/{incident}/acts/look_back", form).status_code == 303
    assert "该回头看的" not in jian.get("/board").text


# ------------------------------------------------------------------ plans and drills
def test_the_plan_of_a_case_is_ticked_on_its_page(house: House) -> None:
    incident = house.opens("塔吊上有人要跳，锦禾苑三期三十六个人一分没给", life_risk=True)
    office = house.browser("zhou")
    page = office.get(f"/incidents/{incident}/plan").text
    assert "红级（特急）处置预案" in page
    assert page.count("登记</button>") >= 5
    form = {"version": str(house.version(incident)), "step": "life", "reason": "已拨110"}
    answer = office.post(f"/incidents/{incident}/acts/plan", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}/plan?done=recorded")
    assert "已拨110" in office.get(f"/incidents/{incident}/plan").text
    form = {"version": str(house.version(incident)), "step": "pay", "reason": "x"}
    assert "须在“办理”中登记" in office.post(f"/incidents/{incident}/acts/plan", form).text
    assert house.browser("shui").get(f"/incidents/{incident}/plan").status_code == 404


def test_an_after_action_note_waits_for_the_close(house: House) -> None:
    incident = house.opens()
    close(house, incident)
    office = house.browser("zhou")
    form = {"version": str(house.version(incident)), "after_action": "1", "reason": "首次反馈慢：换了联系人"}
    assert office.post(f"/incidents/{incident}/acts/plan", form).status_code == 303
    page = office.get(f"/incidents/{incident}/plan").text
    assert "首次反馈慢" in page
    assert "未做" in page


def test_a_drill_is_begun_walked_through_and_counted_nowhere(house: House) -> None:
    office = house.browser("zhou")
    board = re.sub(r"\d+ 秒前|\d{2}:\d{2}", "", office.get("/board").text)
    answer = office.post("/drills", {"scenario": "crane", "town": "柳溪镇", "reason": "季度演练"})
    assert answer.headers["location"] == "/incidents/YL-2026-0001/plan?done=recorded"
    page = office.get("/incidents/YL-2026-0001").text
    assert "这是演练" in page
    assert "【演练】" in page
    assert re.sub(r"\d+ 秒前|\d{2}:\d{2}", "", office.get("/board").text) == board
    assert "共 0 件" in office.get("/incidents?state=all").text
    assert "YL-" not in office.get("/incidents.csv?state=all").text
    assert "零报告" in office.get("/roster/handover").text
    form = {"version": str(house.version("YL-2026-0001")), "reason": "电话接通慢"}
    assert office.post("/incidents/YL-2026-0001/acts/drill", form).status_code == 303
    assert "复盘：电话接通慢" in office.get("/plans").text
    assert house.browser("jian").post("/drills", {"scenario": "crane"}).status_code == 403


def test_what_a_silence_kept_back_stands_on_the_case_with_its_reason(house: House) -> None:
    """Mails and calls alike, apart from what went out."""
    case = house.opens(traits=(), workers=12, amount_yuan=90_000.0)
    form = {"incident": case, "until": "2026-11-25T18:00", "reason": "专班已在现场"}
    office = house.browser("zhou")
    assert office.post("/silences", form).status_code == 303
    given = {"lead": "water", "co": ["housing"]}
    house.ledger.record(
        Change(act=Act.REASSIGN, at=house.now, reason="主管的是水利", actor="zhou", incident=case, data=given)
    )  # fmt: skip
    page = office.get(f"/incidents/{case}").text
    part = page[page.index('id="kept-back"') :]
    part = part[: part.index("</details>")]
    assert "没有单独发出的" in part
    assert ("zj@qinghe.example" in part, "须打电话" in part) == (True, True)
    assert "静默1号：zhou" in part
    assert "专班已在现场" in part
    before = page[page.index("发出的通知") : page.index('id="kept-back"')]
    assert "改派" not in before
