"""Cases that go on elsewhere: another county, the city, a court; and those in which nobody could be reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, accepted_on, by, county, later, matrix, slip, stores

from monitor.digest import papers
from monitor.errors import ForbiddenChange, InputError
from monitor.ledger import Ledger
from monitor.ledger.chain import state_at, verify
from monitor.store import Store, figures, incidents, outbox
from monitor.store.papers import number_of
from monitor.text import SHANGHAI

CASE = "QX-2026-0001"
GIVEN = {"who": "邻县治欠办 何志", "day": "2026-01-22", "number": "邻治欠函〔2026〕5号"}


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return accepted_on(store)


def row(store: Store) -> dict[str, Any]:
    with store.read() as c:
        found = incidents.one(c, CASE)
    assert found is not None
    return found


def clock(store: Store, name: str) -> dict[str, Any]:
    with store.read() as c:
        return next(one for one in incidents.clocks_of(c, CASE) if one["name"] == name)


def told(store: Store, occasion: str) -> list[dict[str, Any]]:
    with store.read() as c:
        return [one for one in outbox.recent(c, 500) if one["occasion"] == occasion]


def refer(ledger: Ledger, at: datetime | None = None, **data: Any) -> None:
    given = {"to": "邻县治欠办", "kind": "across", **data}
    ledger.record(by("zhou", "refer", CASE, at or later(hours=1), reason="项目在邻县，用工地不在本县", **given))


# ------------------------------------------------------------------ 转送
def test_a_case_sent_to_another_county_waits_visibly_for_its_receipt(store: Store, ledger: Ledger) -> None:
    before = clock(store, "resolve")["due_at"]
    refer(ledger)
    found, receipt = row(store), clock(store, "receipt")
    assert found["state"] == "referred"
    assert found["state"] in incidents.OPEN_STATES
    due = receipt["due_at"].astimezone(SHANGHAI)
    assert due.isoformat(timespec="minutes") == "2026-01-27T23:59+08:00"  # five working days
    assert "信访工作条例" in receipt["basis"]
    assert found["due_at"] == receipt["due_at"], "the county's own clocks do not count meanwhile"
    assert {one["department"] for one in told(store, "referred")} >= {"housing", "qx_office"}
    with store.read() as c:
        assert CASE not in figures.overdue_ids(c, later(days=4))
        assert clock(store, "resolve")["due_at"] == before
        assert verify(c).whole
    ledger.escalate_due(later(days=1))
    assert not told(store, "overdue"), "nobody is reminded of what stands still"


def test_with_the_receipt_it_closes_as_c7_and_not_before(store: Store, ledger: Ledger) -> None:
    refer(ledger)
    ledger.record(by("li", "reply", CASE, later(hours=2), url="https://bbs.qinghe.example/t/1"))
    with pytest.raises(ForbiddenChange, match="没有回执"):
        ledger.record(by("li", "close", CASE, later(hours=3), code="C7", receipt="口头答应"))
    ledger.record(by("zhou", "receipt", CASE, later(days=3), outcome="taken", **GIVEN))
    assert row(store)["closeout"]["referred"]["receipt"]["number"] == GIVEN["number"]
    assert clock(store, "receipt")["done_at"] is not None
    with pytest.raises(ForbiddenChange, match="只能以 C7"):
        ledger.record(by("li", "close", CASE, later(days=3), code="C4", procedure="诉讼"))
    ledger.record(by("li", "close", CASE, later(days=3), code="C7"))
    ledger.record(by("wu", "approve", CASE, later(days=3, hours=1)))
    found = row(store)
    assert (found["state"], found["close_code"]) == ("closed", "C7")
    assert found["closeout"]["given"]["receipt"] == GIVEN["number"]
    with store.read() as c:
        assert all(one["ended_at"] for one in incidents.pauses_of(c, CASE))
        assert verify(c).whole


def test_sent_back_by_the_second_person_it_is_away_again_and_nothing_here_runs(store: Store, ledger: Ledger) -> None:
    refer(ledger)
    ledger.record(by("li", "reply", CASE, later(hours=2), url="https://bbs.qinghe.example/t/1"))
    ledger.record(by("zhou", "receipt", CASE, later(days=3), outcome="taken", **GIVEN))
    ledger.record(by("li", "close", CASE, later(days=3), code="C7"))
    ledger.record(by("zhou", "resume", CASE, later(days=3, hours=1)))
    ledger.record(by("wu", "approve", CASE, later(days=3, hours=2), reason="回执没有盖章", approved=False))
    assert row(store)["state"] == "referred"
    with store.read() as c:
        assert [one["ended_at"] is None for one in incidents.pauses_of(c, CASE)] == [False, True]
        assert not [one["name"] for one in incidents.clocks_of(c, CASE) if one["next_step_at"]]
        case = papers.case_file(c, CASE, matrix=matrix(), county=county(), now=later(days=30))
        assert verify(c).whole
    assert case is not None
    with pytest.raises(InputError, match="没有超期"):
        papers.paper(case, "supervise")
    ledger.record(by("zhou", "receipt", CASE, later(days=4), outcome="back"))
    assert clock(store, "resolve")["next_step_at"] is not None


@pytest.mark.parametrize("outcome", ["refused", "back"])
def test_refused_or_handed_back_it_is_ours_again_and_the_clocks_go_on(
    store: Store, ledger: Ledger, outcome: str
) -> None:
    before = clock(store, "verify")["due_at"]
    refer(ledger)
    ledger.record(by("zhou", "receipt", CASE, later(days=2), outcome=outcome, who="何志", reason="项目部在你县"))
    found = row(store)
    assert found["state"] == "handling"
    assert "referred" not in found["closeout"]
    [ended] = found["closeout"]["referred_before"]
    assert (ended["to"], ended["outcome"]) == ("邻县治欠办", outcome)
    assert clock(store, "verify")["due_at"] > before, "the time away does not count"
    assert clock(store, "verify")["next_step_at"] is not None
    with store.read() as c:
        history = incidents.history(c, CASE)
        assert state_at(history)["incident"]["state"] == "handling"
        assert verify(c).whole
    refer(ledger, later(days=3))
    assert row(store)["closeout"]["referred"]["letter"] == 2


def test_without_an_answer_in_five_working_days_it_returns_by_itself(store: Store, ledger: Ledger) -> None:
    refer(ledger)
    due = clock(store, "receipt")["due_at"]
    ledger.escalate_due(later(days=7))
    [asked] = {one["reason"] for one in told(store, "due_soon") if "回执" in one["reason"]}
    assert "转送回执" in asked
    assert {one["department"] for one in told(store, "due_soon") if "回执" in one["reason"]} == {"qx_office"}
    assert row(store)["state"] == "referred"
    ledger.escalate_due(due)
    ledger.escalate_due(due)
    found = row(store)
    assert found["state"] == "handling"
    assert found["closeout"]["referred_before"][0]["outcome"] == "unanswered"
    with store.read() as c:
        last = [one for one in incidents.history(c, CASE) if one["act"] == "receipt"]
        assert [one["actor"] for one in last] == ["machine"]
        assert verify(c).whole
    assert any("没有收到回执" in one["reason"] for one in told(store, "referred"))


def test_a_case_handed_up_waits_for_the_answer_and_is_not_closed_in_the_city_s_name(
    store: Store, ledger: Ledger
) -> None:
    refer(ledger, to="望舟市治欠办", kind="up")
    ledger.record(by("zhou", "receipt", CASE, later(days=2), outcome="taken", **GIVEN))
    assert clock(store, "answer")["done_at"] is None
    assert "第二十二条" in clock(store, "answer")["basis"]
    with pytest.raises(ForbiddenChange, match="交回本县"):
        ledger.record(by("li", "close", CASE, later(days=3), code="C7"))
    ledger.record(by("zhou", "receipt", CASE, later(days=9), outcome="back", reason="市里已督促付清，交县里核凭证"))
    assert row(store)["state"] == "handling"
    assert clock(store, "answer")["done_at"] is not None


@pytest.mark.parametrize(
    ("act", "data", "match"),
    [
        ("refer", {"to": "邻县治欠办"}, "kind"),
        ("refer", {"to": "邻县治欠办", "kind": "sideways"}, "不对"),
        ("receipt", {"outcome": "taken", **GIVEN}, "不能办理"),
        ("enforce", {"outcome": "pending"}, "不能办理"),
    ],
)
def test_what_cannot_be_sent_or_answered_is_refused(ledger: Ledger, act: str, data: dict[str, Any], match: str) -> None:
    with pytest.raises(ForbiddenChange, match=match):
        ledger.record(by("zhou", act, CASE, later(hours=1), **data))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        ({"outcome": "taken", **GIVEN, "who": ""}, "收件单位经办人"),
        ({"outcome": "taken", **GIVEN, "number": " "}, "回执文号"),
        ({"outcome": "taken", **GIVEN, "day": "2026-01-19"}, "回执日期"),
        ({"outcome": "taken", **GIVEN, "day": "2026-02-19"}, "回执日期"),
        ({"outcome": "taken", **GIVEN, "day": "昨天"}, "回执日期"),
        ({"outcome": "unanswered"}, "不对"),
        ({"outcome": "refused"}, "收件单位经办人"),
    ],
)
def test_a_receipt_says_who_when_and_under_which_number(ledger: Ledger, data: dict[str, Any], match: str) -> None:
    refer(ledger)
    with pytest.raises(ForbiddenChange, match=match):
        ledger.record(by("zhou", "receipt", CASE, later(days=3), **data))


@pytest.mark.parametrize("act", ["reassign", "correct", "verify", "pay", "pause", "resume", "merge", "acknowledge"])
def test_what_is_away_is_not_worked_on_here(ledger: Ledger, act: str) -> None:
    refer(ledger)
    with pytest.raises(ForbiddenChange, match="已转送"):
        ledger.record(by("zhou", act, CASE, later(hours=2), department="housing", lead="hrss", facts={"workers": 3}))


def test_more_spread_raises_what_is_away_and_no_clock_of_ours_begins_to_call(store: Store, ledger: Ledger) -> None:
    refer(ledger)
    ledger.record(by("zhou", "regrade", CASE, later(hours=2), level="red", reason="工人上了塔吊"))
    with store.read() as c:
        running = [one["name"] for one in incidents.clocks_of(c, CASE) if one["next_step_at"] and not one["done_at"]]
    assert running == ["receipt"]


def test_the_letter_names_law_facts_and_receipt_and_has_a_number_each_time(store: Store, ledger: Ledger) -> None:
    with store.read() as c:
        case = papers.case_file(c, CASE, matrix=matrix(), county=county(), now=later(hours=1))
    assert case is not None
    with pytest.raises(InputError, match="没有转送"):
        papers.paper(case, "referral")
    for number, (to, kind) in enumerate((("邻县治欠办", "across"), ("望舟市治欠办", "up")), 1):
        refer(ledger, later(hours=2 * number), to=to, kind=kind)
        with store.read() as c:
            case = papers.case_file(c, CASE, matrix=matrix(), county=county(), now=later(hours=3))
        assert case is not None
        given = papers.numbered(store, case, "referral", "zhou")
        assert given is not None
        assert given.number == number
        assert papers.numbered(store, case, "referral", "zhou") == given
        text = words_of(papers.paper(case, "referral", given))
        assert f"转送〔2026〕{number}号" in text
        assert f"{to}：" in text
        assert "项目在邻县" in text
        assert ("第十三条" in text) is (kind == "across")
        assert "13812345678" not in text
        assert "某网友" not in text
        assert "回执" in text
        ledger.record(by("zhou", "receipt", CASE, later(hours=2 * number + 1), outcome="back"))
    with store.read() as c:
        assert number_of(c, "referral", f"{CASE}:2") is not None


def words_of(body: bytes) -> str:
    import io

    import docx

    document = docx.Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for line in table.rows for cell in line.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


# ------------------------------------------------------------------ C5: until it is enforced
def closed_as(ledger: Ledger, code: str, **data: Any) -> None:
    ledger.record(by("li", "reply", CASE, later(hours=1), url="https://bbs.qinghe.example/t/1"))
    ledger.record(by("li", "close", CASE, later(hours=2), code=code, **data))
    ledger.record(by("wu", "approve", CASE, later(hours=3)))


def test_a_case_before_the_court_is_asked_after_every_thirty_days_until_it_is_enforced(
    store: Store, ledger: Ledger
) -> None:
    closed_as(ledger, "C5", case_number="（2026）青0101执7号")
    with store.read() as c:
        names = {one["name"] for one in incidents.clocks_of(c, CASE) if one["done_at"] is None}
        assert names == {"enforcement"}
        assert not incidents.closed_without_look_back(c, later(days=20))
        [due] = incidents.closed_without_look_back(c, later(days=25))
    assert (due["clock"], due["day"], due["late"]) == ("enforcement", None, False)
    ledger.escalate_due(later(days=25))
    assert any("执行跟踪" in one["reason"] for one in told(store, "due_soon"))
    first = clock(store, "enforcement")["due_at"]
    ledger.record(by("li", "enforce", CASE, later(days=28), outcome="pending", reason="法院已冻结账户"))
    assert clock(store, "enforcement")["due_at"] > first
    with pytest.raises(ForbiddenChange, match="凭证"):
        ledger.record(by("li", "enforce", CASE, later(days=40), outcome="enforced", yuan=460000, workers=23))
    with pytest.raises(ForbiddenChange, match="大于零"):
        ledger.record(by("li", "enforce", CASE, later(days=40), outcome="enforced", proofs=[1]))
    proofs = [slip(ledger, CASE)]
    ledger.record(
        by("li", "enforce", CASE, later(days=40), outcome="enforced", yuan=460000.0, workers=23, proofs=proofs)
    )  # fmt: skip
    found = row(store)
    assert (found["state"], found["paid_yuan"], found["paid_workers"]) == ("closed", 460000.0, 23)
    with store.read() as c:
        names = {one["name"] for one in incidents.clocks_of(c, CASE) if one["done_at"] is None}
        assert verify(c).whole
    assert names == {"look_back_7", "look_back_30"}
    with pytest.raises(ForbiddenChange, match="执行到位"):
        ledger.record(by("li", "enforce", CASE, later(days=41), outcome="pending"))


def test_what_cannot_be_enforced_is_in_hand_again(store: Store, ledger: Ledger) -> None:
    closed_as(ledger, "C5", case_number="（2026）青0101执7号")
    ledger.record(by("li", "enforce", CASE, later(days=28), outcome="failed", reason="终结本次执行，无财产可供执行"))
    found = row(store)
    assert (found["state"], found["closed_at"]) == ("assigned", None)
    assert found["closeout"]["enforcement"][0]["outcome"] == "failed"


def test_only_a_case_before_the_court_is_followed_up_so(ledger: Ledger) -> None:
    closed_as(ledger, "C4", procedure="工程款纠纷，已告知起诉")
    with pytest.raises(ForbiddenChange, match="C5"):
        ledger.record(by("li", "enforce", CASE, later(days=28), outcome="pending"))


# ------------------------------------------------------------------ C9: thirty days, then again
def test_a_case_in_which_nobody_could_be_reached_comes_back_after_thirty_days(store: Store, ledger: Ledger) -> None:
    for hours in (1, 2):
        ledger.record(by("li", "contact", CASE, later(hours=hours), means="account", reached=False))
    closed_as(ledger, "C9")
    ledger.escalate_due(later(days=29))
    assert row(store)["state"] == "closed"
    ledger.escalate_due(later(days=31, hours=12))
    found = row(store)
    assert (found["state"], found["close_code"]) == ("assigned", None)
    assert any("满30日" in one["reason"] for one in told(store, "reopened"))
    with store.read() as c:
        [back] = [one for one in incidents.history(c, CASE) if one["act"] == "reopen"]
        assert back["actor"] == "machine"
        assert verify(c).whole
    ledger.record(by("li", "accept", CASE, later(days=32), department="housing"))
    ledger.record(by("li", "reply", CASE, later(days=32), url="https://bbs.qinghe.example/t/1"))
    with pytest.raises(ForbiddenChange, match="联系记录"):
        ledger.record(by("li", "close", CASE, later(days=32), code="C9"))


@pytest.mark.parametrize(
    ("stops", "goes_on"), [(("pause", {}), ("resume", {})), (("refer", {"to": "邻县治欠办", "kind": "across"}),
                                                            ("receipt", {"outcome": "refused", "who": "何志"}))],
)  # fmt: skip
def test_a_return_that_waits_is_told_of_again_after_a_standstill(
    store: Store, ledger: Ledger, stops: tuple[str, dict[str, Any]], goes_on: tuple[str, dict[str, Any]]
) -> None:
    """The arbitration's clock belongs to no level: it had stayed silent for good."""
    ledger.record(by("li", "return", CASE, later(hours=1), reason="不属我部门职责", department="housing", code="R1"))
    before = clock(store, "arbitrate")
    ledger.record(by("zhou", stops[0], CASE, later(hours=2), reason="等邻县核对", **stops[1]))
    assert clock(store, "arbitrate")["next_step_at"] is None
    ledger.record(by("zhou", goes_on[0], CASE, later(hours=27), reason="邻县已经回话", **goes_on[1]))
    after = clock(store, "arbitrate")
    assert after["due_at"] == before["due_at"] + (later(hours=27) - later(hours=2))
    assert later(hours=27) < after["next_step_at"] <= after["due_at"]
    with store.read() as c:
        assert verify(c).whole
