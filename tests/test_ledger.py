"""The one door: placed, graded, routed, timed, told and written down together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, KEY, NOON, by, joined, later, ledger_on, reading, slip, stores

from monitor.errors import ForbiddenChange, StaleVersion
from monitor.ledger import Ledger
from monitor.ledger.tell import token_id
from monitor.model import Act, Change, Engagement, Reading, RegisterRow
from monitor.store import Store, incidents, outbox, posts
from monitor.store import ledger as rows


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return ledger_on(store)


def opened(ledger: Ledger, one: Reading | None = None) -> str:
    incident = ledger.record(joined(one or reading())).incident
    assert incident is not None
    return incident


def row_of(ledger: Ledger, incident: str) -> dict[str, Any]:
    with ledger.store.read() as c:
        row = incidents.one(c, incident)
    assert row is not None
    return row


def given(ledger: Ledger, incident: str) -> list[tuple[str, str, str]]:
    with ledger.store.read() as c:
        return [(row["department"], row["role"], row["state"]) for row in incidents.assignments_of(c, incident)]


def undone(ledger: Ledger, incident: str) -> set[str]:
    with ledger.store.read() as c:
        return {row["name"] for row in incidents.clocks_of(c, incident) if row["done_at"] is None}


def queued(ledger: Ledger, occasion: str | None = None) -> list[dict[str, Any]]:
    with ledger.store.read() as c:
        found = outbox.recent(c, 1000)
    return [row for row in found if row["state"] == "queued" and occasion in (None, row["occasion"])]


# ------------------------------------------------------------------ what the machine does
def test_an_alert_becomes_an_incident_with_everything_that_belongs_to_it(ledger: Ledger) -> None:
    done = ledger.record(joined(reading(), evidence="ab" * 32))
    assert (done.act, done.incident, done.version, done.opened) == (Act.OPEN, "QX-2026-0001", 1, "QX-2026-0001")
    row = row_of(ledger, "QX-2026-0001")
    assert (row["state"], row["verification"], row["level"], row["lead"]) == (
        "assigned",
        "unverified",
        "yellow",
        "housing",
    )
    assert row["title"].startswith("锦禾苑三期 · 甲木建工 · 23人 · 46万元")
    assert ("housing", "lead", "sent") in given(ledger, "QX-2026-0001")
    assert {"acknowledge", "contact_worker", "verify", "public_reply", "resolve"} <= undone(ledger, "QX-2026-0001")
    told = {message["recipient"] for message in queued(ledger, "first")}
    assert {"housing@qinghe.example", "hrss@qinghe.example"} <= told
    assert len(told) == done.notifications
    with ledger.store.read() as c:
        (entry,) = incidents.history(c, "QX-2026-0001")
        assert (entry["act"], entry["actor"], entry["version"]) == ("open", "machine", 1)


def test_who_posted_is_kept_as_a_code_and_what_is_shown_is_masked(ledger: Ledger) -> None:
    incident = opened(ledger)
    with ledger.store.read() as c:
        stored = posts.one(c, "p1")
        (shown,) = incidents.posts_of(c, incident)
    assert stored is not None
    assert stored["author_code"]
    assert "某网友" not in str(stored)
    for seen in (shown, *queued(ledger)):
        assert not [word for word in ("13812345678", "周小明", "某网友") if word in str(seen)]


def test_the_same_post_twice_changes_nothing(ledger: Ledger) -> None:
    incident = opened(ledger)
    before, mails = row_of(ledger, incident), len(queued(ledger))
    again = ledger.record(joined(reading()))
    twice = ledger.record_all([joined(reading("p2")), joined(reading("p2"))])
    assert (again.incident, again.new, again.notifications) == (incident, False, 0)
    assert [one.new for one in twice] == [True, False]
    after = row_of(ledger, incident)
    assert (before["posts"], after["posts"]) == (1, 2)
    assert len([row for row in queued(ledger) if row["occasion"] == "first"]) == mails


def test_a_second_post_joins_merges_and_raises(ledger: Ledger) -> None:
    incident = opened(ledger)
    more = reading("p2", "锦禾苑三期又没发工资，甲木建工欠了四十多人，大家正堵在项目部门口拉横幅", author="另一位")
    done = ledger.record(joined(more, at=later(minutes=5)))
    row = row_of(ledger, incident)
    assert (done.incident, done.act, row["posts"], row["level"]) == (incident, Act.JOIN, 2, "orange")
    assert row["facts"]["workers"] >= 40
    assert row["facts"]["amount_yuan"] == 460_000
    assert queued(ledger, "raised")
    with ledger.store.read() as c:
        acknowledge = next(one for one in incidents.clocks_of(c, incident) if one["name"] == "acknowledge")
    assert acknowledge["due_at"] == later(minutes=35)  # orange: 30 minutes from the raise, sooner than yellow's 2 hours


def test_two_debts_stay_two_incidents(ledger: Ledger) -> None:
    opened(ledger)
    other = opened(ledger, reading("p2", "青石镇的乙禾劳务欠我们8个人两个月工资5万元不给，在望月桥工地干的活"))
    assert other == "QX-2026-0002"


def test_the_year_of_a_number_is_the_year_here(ledger: Ledger) -> None:
    new_year = NOON.replace(year=2025, month=12, day=31, hour=17)  # 2026-01-01 01:00 in Shanghai
    assert ledger.record(joined(reading(at=new_year), at=new_year)).incident == "QX-2026-0001"


def test_unsure_posts_wait_and_passed_ones_leave_no_row(ledger: Ledger) -> None:
    held = Change(act=Act.HOLD, at=NOON, reason="unsure", readings=(reading("h1", flag="review"),))
    passed = Change(act=Act.PASS, at=NOON, reason="noise", readings=(reading("n1", flag="pass", kind="noise"),))
    audited = Change(
        act=Act.PASS, at=NOON, reason="noise", readings=(reading("n2", flag="pass"),), data={"audit": True}
    )
    ledger.record_all([held, passed, audited])
    with ledger.store.read() as c:
        assert {row["id"] for row in posts.review_queue(c)} == {"h1", "n2"}
        assert rows.length(c) == 0
        assert incidents.count(c) == 0
    assert not queued(ledger)


def test_a_post_that_says_they_were_paid_joins_and_raises_nothing(ledger: Ledger) -> None:
    incident = opened(ledger)
    ledger.record(joined(reading("p2", "锦禾苑三期甲木建工的工资结清了，谢谢大家", kind="resolved"), claims_paid=True))
    row = row_of(ledger, incident)
    assert (row["posts"], row["state"], row["level"]) == (2, "assigned", "yellow")
    assert row["closeout"]["claims_paid"] is True


def test_further_spread_raises_and_less_never_lowers(ledger: Ledger) -> None:
    incident = opened(ledger, reading(engagement=Engagement(views=100)))
    ledger.store.unit(lambda c: posts.observe(c, [("p1", later(hours=1), Engagement(views=300_000, reposts=900))]))
    assert [one.act for one in ledger.spread({"p1"}, later(hours=1))] == [Act.RAISE]
    assert row_of(ledger, incident)["level"] == "orange"
    ledger.store.unit(lambda c: posts.observe(c, [("p1", later(hours=2), Engagement(views=3))]))
    assert ledger.spread({"p1"}, later(hours=2)) == []
    assert row_of(ledger, incident)["level"] == "orange"


def test_a_change_that_fails_leaves_nothing_at_all(ledger: Ledger) -> None:
    """Fault F01: article, incident, row and message appear together or not at all."""

    def breaks_off(c: Any) -> Iterator[Change]:
        yield joined(reading("p1"))
        yield joined(reading("p2", "丙田食品厂欠我们12个人工资8万元，在柳溪镇"))
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        ledger.record_drawn(breaks_off)
    with ledger.store.read() as c:
        assert (incidents.count(c), rows.length(c), posts.review_count(c), outbox.depth(c)) == (0, 0, 0, {})
        assert posts.one(c, "p1") is None


def test_a_storm_is_told_once_an_incident_and_kept_within_the_budget(ledger: Ledger) -> None:
    """Fault F46, small: 60 debts, 240 posts in one minute."""
    names = [f"{a}{b}" for a in "东西南北金银铜铁山水" for b in "安平福寿康宁"]
    changes = [
        joined(
            reading(
                f"s{n}",
                f"{names[n % 60]}嘉园工地，{names[n % 60]}建工欠我们{n % 7 + 3}个人工资{n % 9 + 1}万元，第{n}次发帖",
            )
        )
        for n in range(240)
    ]
    done = [one for start in range(0, 240, 80) for one in ledger.record_all(changes[start : start + 80])]
    assert len({one.incident for one in done}) == 60
    per_officer: dict[str, int] = {}
    for message in queued(ledger):
        if message["level"] < 3:
            per_officer[message["recipient"]] = per_officer.get(message["recipient"], 0) + 1
    assert max(per_officer.values()) <= 30
    with ledger.store.read() as c:
        assert outbox.depth(c)["digest"] > 0  # the rest is told in the morning, none is dropped
        assert rows.length(c) == 240


# ------------------------------------------------------------------ people
def test_of_two_people_with_the_same_page_one_is_told_who_was_first(ledger: Ledger) -> None:
    incident = opened(ledger)
    first = by("zhou", "note", incident, reason="已电话核实")
    second = Change(act=Act.NOTE, at=NOON, reason="我也记一笔", actor="lin", incident=incident, version=1)
    ledger.record(first)
    with pytest.raises(StaleVersion) as caught:
        ledger.record(second)
    assert caught.value.by == "zhou"


def test_a_reviewer_confirms_and_the_post_opens_or_joins(ledger: Ledger) -> None:
    held = [reading("h1", flag="review"), reading("h2", flag="review", author="另一位")]
    ledger.record_all([Change(act=Act.HOLD, at=NOON, reason="unsure", readings=(one,)) for one in held])
    first = ledger.record(Change(act=Act.CONFIRM, at=NOON, reason="属实线索", actor="zhou", data={"post": "h1"}))
    second = ledger.record(Change(act=Act.CONFIRM, at=NOON, reason="同一件事", actor="zhou", data={"post": "h2"}))
    assert (first.opened, second.incident, second.opened) == ("QX-2026-0001", "QX-2026-0001", None)
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(Change(act=Act.DISMISS, at=NOON, reason="不是", actor="lin", data={"post": "h1"}))
    assert caught.value.rule == "already_decided"
    assert "zhou" in str(caught.value)


def test_a_decision_taken_back_puts_the_post_into_the_queue_again(ledger: Ledger) -> None:
    ledger.record(Change(act=Act.HOLD, at=NOON, reason="unsure", readings=(reading("h1", flag="review"),)))
    incident = ledger.record(Change(act=Act.CONFIRM, at=NOON, reason="是", actor="zhou", data={"post": "h1"})).incident
    ledger.record(Change(act=Act.HOLD, at=NOON, reason="按错了", actor="zhou", data={"post": "h1"}))
    assert row_of(ledger, str(incident))["state"] == "dismissed"
    with ledger.store.read() as c:
        assert [row["id"] for row in posts.review_queue(c)] == ["h1"]
        assert [row["act"] for row in incidents.history(c, str(incident))] == ["confirm", "hold"]


def test_a_held_route_waits_with_the_office_until_a_person_releases_it(ledger: Ledger) -> None:
    text = "锦禾苑三期甲木建工欠我们6个人工资9万元，还反映住建局工作人员推诿吃拿卡要不作为"
    incident = opened(ledger, reading(text=text))
    row = row_of(ledger, incident)
    assert (row["state"], row["route"]["hold"]) == ("held", True)
    assert given(ledger, incident) == [("qx_office", "lead", "sent")]
    assert {message["recipient"] for message in queued(ledger)} == {"qx_office@qinghe.example"}
    ledger.record(by("zhou", "confirm", incident))
    assert row_of(ledger, incident)["state"] == "assigned"
    assert (row["lead"], "lead", "sent") in given(ledger, incident)


def test_the_link_of_a_mail_acknowledges_once(ledger: Ledger) -> None:
    incident = opened(ledger)
    (mail,) = [row for row in queued(ledger, "first") if row["recipient"] == "housing@qinghe.example"]
    token = mail["data"]["token"]
    assert token == token_id(KEY, mail["key"])
    change = by("housing@qinghe.example", "acknowledge", incident, department="housing", token=token)
    ledger.record(change)
    assert row_of(ledger, incident)["state"] == "acknowledged"
    assert "acknowledge" not in undone(ledger, incident)
    with pytest.raises(ForbiddenChange):
        ledger.record(change)


def test_a_case_is_never_given_to_the_one_it_is_about_nor_to_nobody(ledger: Ledger) -> None:
    """信访工作条例 30(3), by a person's hand too; who always takes part stays in, whoever leads."""
    project = RegisterRow(kind="project", name="锦禾苑三期", owner_department="education")
    ledger.county = replace(ledger.county, register=(project,))
    incident = opened(ledger)
    for data, rule in (
        ({"lead": "education"}, "accused"),
        ({"lead": "transport", "co": ["education"]}, "accused"),
        ({"lead": "education", "final": True}, "accused"),
        ({"lead": "ministry_of_truth"}, "no_department"),
    ):
        with pytest.raises(ForbiddenChange) as caught:
            ledger.record(by("zhou", "reassign", incident, **data))
        assert caught.value.rule == rule
    ledger.record(by("zhou", "reassign", incident, lead="transport", co=["union"]))
    assert {"hrss", "qx_office", "union"} <= set(row_of(ledger, incident)["co"])


def test_a_returned_case_is_never_ownerless_and_never_goes_in_circles(ledger: Ledger) -> None:
    incident = opened(ledger)
    ledger.record(by("li", "return", incident, department="housing", code="R1", reason="不属本部门"))
    row = row_of(ledger, incident)
    assert row["lead"] == "housing"  # named until the office has decided
    assert "arbitrate" in undone(ledger, incident)
    assert queued(ledger, "returned")
    ledger.record(by("zhou", "arbitrate", incident, lead="transport", reason="属交通工程"))
    assert row_of(ledger, incident)["lead"] == "transport"
    assert {row["recipient"] for row in queued(ledger, "reassigned")} >= {
        "transport@qinghe.example",
        "housing@qinghe.example",
    }
    ledger.record(by("wu", "return", incident, department="transport", code="R1", reason="也不属本部门"))
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(by("zhou", "arbitrate", incident, lead="housing"))
    assert caught.value.rule == "loop"
    ledger.record(by("zhou", "arbitrate", incident, lead="housing", final=True))
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(by("li", "return", incident, department="housing", code="R1"))
    assert caught.value.rule == "return_once"
    hops = [one for one in given(ledger, incident) if one[1] == "lead"]
    assert hops == [("housing", "lead", "returned"), ("transport", "lead", "returned"), ("housing", "lead", "sent")]


def test_a_return_after_five_working_days_comes_too_late(ledger: Ledger) -> None:
    incident = opened(ledger)
    in_time, too_late = later(days=7), later(days=8)  # Tuesday to Tuesday are five working days
    change = {"department": "housing", "code": "R1"}
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(by("li", "return", incident, at=too_late, **change))
    assert caught.value.rule == "return_too_late"
    ledger.record(by("li", "return", incident, at=in_time, **change))


def test_a_corrected_fact_moves_the_case_and_both_desks_hear_of_it(ledger: Ledger) -> None:
    incident = opened(ledger)
    ledger.record(by("zhou", "correct", incident, facts={"sector": "transport_project"}))
    row = row_of(ledger, incident)
    if row["lead"] != "housing":
        told = {message["recipient"] for message in queued(ledger, "reassigned")}
        assert {f"{row['lead']}@qinghe.example", "housing@qinghe.example"} <= told
    assert row["facts"]["sector"] == "transport_project"


def test_a_pause_stops_the_reminders_and_its_time_does_not_count(ledger: Ledger) -> None:
    incident = opened(ledger)
    with ledger.store.read() as c:
        before = {row["name"]: row["due_at"] for row in incidents.clocks_of(c, incident)}
    ledger.record(by("zhou", "pause", incident, reason="等待仲裁裁决书送达"))
    assert ledger.escalate_due(later(days=3)) == 0
    ledger.record(by("zhou", "resume", incident, at=later(days=3)))
    with ledger.store.read() as c:
        after = {row["name"]: row["due_at"] for row in incidents.clocks_of(c, incident)}
    assert after["resolve"] >= before["resolve"]
    assert any(after[name] > before[name] for name in before)


def test_an_unacknowledged_case_climbs_until_someone_signs(ledger: Ledger) -> None:
    incident = opened(ledger)
    for hours in (1.6, 2.1, 4.1, 6.1):
        ledger.escalate_due(later(hours=hours))
    told = {row["recipient"] for row in queued(ledger, "unacknowledged")}
    assert {"housing@qinghe.example", "qx_office@qinghe.example"} <= told
    assert ledger.escalate_due(later(hours=6.1)) == 0  # the same moment again: nothing new
    version = row_of(ledger, incident)["version"]
    assert version == 1  # a reminder makes nobody's page stale
    ledger.record(by("li", "acknowledge", incident, at=later(hours=6.2), department="housing"))
    count = len(queued(ledger, "unacknowledged"))
    ledger.escalate_due(later(hours=9))
    assert len(queued(ledger, "unacknowledged")) == count


# ------------------------------------------------------------------ what belongs together
def test_a_merge_moves_everything_and_stays(ledger: Ledger) -> None:
    first = opened(ledger)
    second = opened(ledger, reading("p2", "甲木的活，老板跑了，15个人的钱没着落，在柳溪镇那个学校工地"))
    ledger.record(by("zhou", "merge", second, into=first, reason="同一个老板"))
    assert (row_of(ledger, second)["state"], row_of(ledger, second)["merged_into"]) == ("merged", first)
    assert row_of(ledger, first)["posts"] == 2
    third = ledger.record(
        joined(reading("p3", "甲木的活，老板跑了，15个人的钱没着落，在柳溪镇那个学校工地！", author="丙"))
    )
    assert third.incident == first
    late = ledger.record(Change(act=Act.JOIN, at=NOON, reason="x", incident=second, readings=(reading("p4", "补充"),)))
    assert late.incident == first


def test_a_split_keeps_the_two_apart(ledger: Ledger) -> None:
    first = opened(ledger)
    text = "锦禾苑三期甲木建工又欠了工资，这次是塔吊班组4个人2万元"
    ledger.record(joined(reading("p2", text, author="乙")))
    done = ledger.record(by("zhou", "split", first, posts=["p2"], reason="另一个班组"))
    assert done.opened == done.incident == "QX-2026-0002"
    assert (row_of(ledger, first)["posts"], row_of(ledger, "QX-2026-0002")["posts"]) == (1, 1)
    with ledger.store.read() as c:
        assert [row["id"] for row in incidents.posts_of(c, "QX-2026-0002")] == ["p2"]
        (link,) = incidents.links_of(c, ["p2"])
    assert link["must"] is False
    with pytest.raises(ForbiddenChange):
        ledger.record(by("zhou", "split", first, posts=["p1"]))


# ------------------------------------------------------------------ from alert to look-back
def test_the_life_of_an_incident(ledger: Ledger) -> None:
    """Issue 6, must show 5."""
    incident = opened(ledger)

    def act(who: str, name: str, at: Any = NOON, **data: Any) -> None:
        ledger.record(by(who, name, incident, at=at, **data))

    act("li", "accept", department="housing")
    act("li", "contact", means="public_reply")
    act("li", "verify", verification="true", workers=23, yuan=460_000)
    act("li", "pay", yuan=400_000, workers=20, proofs=[slip(ledger, incident)])
    refused = []
    for data in ({}, {"confirmed": 23}):
        with pytest.raises(ForbiddenChange) as caught:
            act("li", "close", code="C1", **data)
        refused.append(caught.value.rule)
    act("li", "pay", yuan=60_000, workers=3, proofs=[slip(ledger, incident)], confirmed=23)
    with pytest.raises(ForbiddenChange) as caught:
        act("li", "close", code="C1")
    refused.append(caught.value.rule)
    act("li", "reply", url="https://bbs.qinghe.example/t/1#2")
    act("li", "close", code="C1", at=later(hours=2))
    with pytest.raises(ForbiddenChange) as caught:
        act("li", "approve")
    refused.append(caught.value.rule)
    assert refused == ["close_unpaid_rest", "close_unpaid_rest", "close_no_public_reply", "second_person"]
    act("zhou", "approve", at=later(hours=5))
    row = row_of(ledger, incident)
    assert (row["state"], row["close_code"], row["paid_yuan"]) == ("closed", "C1", 460_000)
    assert undone(ledger, incident) == {"look_back_7", "look_back_30"}
    with ledger.store.read() as c:
        resolve = next(one for one in incidents.clocks_of(c, incident) if one["name"] == "resolve")
    assert resolve["done_at"] == later(hours=2)  # the second person's hours are not the handler's

    act("zhou", "look_back", at=later(days=8), day=7, recurred=False)
    again = reading(
        "p9", "锦禾苑三期甲木建工又拖欠我们23个工人工资了，说好结清又变卦", at=later(days=9), author="某网友"
    )
    ledger.record(joined(again, at=later(days=9)))
    row = row_of(ledger, incident)
    assert (row["state"], row["closed_at"], row["closeout"]["reopened"]) == ("assigned", None, 1)
    assert queued(ledger, "reopened")


def test_an_old_post_found_late_does_not_reopen(ledger: Ledger) -> None:
    incident = opened(ledger)
    ledger.record(by("li", "accept", incident, department="housing"))
    ledger.record(by("li", "reply", incident, url="https://bbs.qinghe.example/t/1#2"))
    ledger.record(by("li", "close", incident, code="C7", receipt="青转〔2026〕3号"))
    ledger.record(by("zhou", "approve", incident, at=later(hours=1)))
    ledger.record(joined(reading("p2", at=NOON - timedelta(days=3), author="乙"), at=later(hours=2)))
    assert row_of(ledger, incident)["state"] == "closed"
    assert row_of(ledger, incident)["posts"] == 2


def test_a_debt_that_came_back_at_the_look_back_is_open_again(ledger: Ledger) -> None:
    incident = opened(ledger)
    ledger.record(by("li", "accept", incident, department="housing"))
    ledger.record(by("li", "reply", incident))
    ledger.record(by("li", "close", incident, code="C5", case_number="（2026）青劳仲7号"))
    ledger.record(by("zhou", "approve", incident))
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(by("zhou", "look_back", incident, at=later(days=3), day=7, recurred=False))
    assert caught.value.rule == "look_back_early"
    ledger.record(by("zhou", "look_back", incident, at=later(days=7), day=7, recurred=True, reason="工人反映又未发"))
    assert row_of(ledger, incident)["state"] == "assigned"


def test_a_number_is_no_proof(ledger: Ledger) -> None:
    """Paid in full needs slips that were filed with this incident, not whatever number a form may hold."""
    incident, other = opened(ledger), opened(ledger, reading("p7", "己光电子厂拖欠我们一百多人两个月工资没发"))
    foreign = slip(ledger, other)
    for number in (999, foreign):
        with pytest.raises(ForbiddenChange) as caught:
            ledger.record(by("li", "pay", incident, yuan=460_000, workers=23, proofs=[number], confirmed=23))
        assert caught.value.rule == "proof_unknown"
    assert row_of(ledger, incident)["paid_yuan"] == 0
