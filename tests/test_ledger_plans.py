"""预案 and 演练: checklists that follow the case, invented incidents that no figure counts, what was learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, by, county, joined, later, ledger_on, matrix, reading, stores
from sqlalchemy import Connection

from monitor.channels.mail import compose
from monitor.digest.figures import figures
from monitor.errors import ForbiddenChange
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.ledger.export import export_rows
from monitor.ledger.plans import department_of, plan, role_name, scenarios, standing
from monitor.model import MACHINE, Act, Change, Level, Occasion
from monitor.store import Store, incidents, outbox
from monitor.store import figures as counts
from monitor.text import SHANGHAI

GATHER = "锦禾苑三期甲木建工欠我们120个工人46万元，我们要堵路"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return ledger_on(store)


def read(ledger: Ledger, what: Callable[[Connection], Any]) -> Any:
    with ledger.store.read() as c:
        return what(c)


def rule(act: Callable[[], Any]) -> str:
    with pytest.raises(ForbiddenChange) as caught:
        act()
    return caught.value.rule


def row(ledger: Ledger, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = read(ledger, lambda c: incidents.one(c, incident))
    return found


# ------------------------------------------------------------------ the checklists
@pytest.mark.parametrize("level", list(Level))
def test_every_level_has_a_plan_whose_roles_are_departments_of_the_matrix(level: Level) -> None:
    found = plan(level)
    assert found.steps
    assert len({step.id for step in found.steps}) == len(found.steps)
    for step in found.steps:
        assert role_name(step.role)
        assert department_of(step.role, matrix(), "housing") in matrix().departments
        assert step.within > timedelta(0)
        assert step.words


def test_a_step_that_is_a_clock_says_the_clock_s_own_limit() -> None:
    """Working days are not days, and a campaign has its own."""
    words = {(one, step.id): step.words for one in Level for step in plan(one).steps}
    assert words[Level.ORANGE, "pay"] == "5个工作日内（专项行动期3日内）"
    assert words[Level.YELLOW, "verify"] == "3个工作日内"
    assert words[Level.BLUE, "pay"] == "15个工作日内（专项行动期7日内）"
    assert words[Level.RED, "press"] == "24小时内"


@pytest.mark.parametrize("level", list(Level))
def test_a_step_that_is_a_clock_names_one_of_its_level(level: Level) -> None:
    from monitor.clocks import limits

    assert {step.clock for step in plan(level).steps if step.clock} <= set(limits(level))


def test_a_red_case_has_its_steps_ticked_with_who_and_when_and_a_clock_counts_as_done(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading(text=GATHER))).incident
    assert incident is not None
    ledger.record(by("zhou", "plan", incident, later(minutes=3), reason="已拨110", step="life"))
    ledger.record(by("zhou", "note", incident, later(minutes=15), reason="已报", clock="phone_report"))
    ledger.record(by("zhou", "plan", incident, later(hours=2), reason="局长到场", step="on_site"))
    clocks = read(ledger, lambda c: incidents.clocks_of(c, incident))
    stands = {one.step.id: one for one in standing(row(ledger, incident), clocks, matrix(), later(hours=3))}
    assert (stands["life"].by, stands["life"].note, stands["life"].late) == ("zhou", "已拨110", False)
    assert stands["phone_report"].done_at == later(minutes=15)
    assert (stands["on_site"].late, stands["on_site"].department) == (True, "housing")
    assert next(one for one in clocks if one["name"] == "on_site")["done_at"] == later(hours=2)
    assert (stands["order"].done_at, stands["order"].late) == (None, True)
    assert stands["pay"].late is False
    assert rule(lambda: ledger.record(by("zhou", "plan", incident, step="life"))) == "plan_done"
    assert rule(lambda: ledger.record(by("zhou", "plan", incident, step="interview"))) == "plan_step"
    assert rule(lambda: ledger.record(by("zhou", "plan", incident, step="pay"))) == "plan_by_act"
    yellow = ledger.record(joined(reading("q", text="望江里二期工地，丙木建工拖欠我们12个工人工资一共9万元"))).incident
    assert yellow is not None
    assert rule(lambda: ledger.record(by("li", "plan", yellow, step="verify"))) == "plan_by_act"
    assert rule(lambda: ledger.record(by("zhou", "plan", incident, after_action=True))) == "after_action_early"
    assert read(ledger, verify).whole


# ------------------------------------------------------------------ drills
def drilled(ledger: Ledger, scenario: str = "crane", **given: Any) -> str:
    data = {"scenario": scenario, **given}
    found = ledger.record(Change(act=Act.DRILL, at=NOON, reason="季度演练", actor="zhou", data=data)).incident
    assert found is not None
    return found


@pytest.mark.parametrize("name", list(scenarios()))
def test_a_drill_goes_the_way_of_a_real_case_and_every_message_says_so(ledger: Ledger, name: str) -> None:
    incident = drilled(ledger, name, town="青石镇")
    case = row(ledger, incident)
    assert incident == "YL-2026-0001"
    assert case["title"].startswith("【演练】")
    assert "虚构" in case["title"]
    assert (case["level"], case["state"]) == (scenarios()[name].level.value, "assigned")
    ledger.escalate_due(later(days=1))
    for message in read(ledger, lambda c: outbox.of_incident(c, incident)):
        if message["channel"] == "mail":
            mail = compose(message, sender="x@office.example", base_url="https://x.example")
            assert "【演练】" in str(mail["Subject"])
            body = mail.get_body(("plain",))
            assert body is not None
            assert "虚构" in body.get_content()
    first = [one for one in read(ledger, lambda c: outbox.of_incident(c, incident)) if one["occasion"] == "drill"]
    assert {one["department"] for one in first} >= {"qx_office", case["lead"]}
    assert any(one["data"].get("token") for one in first)


def everything(c: Connection) -> list[Any]:
    """Every figure, list and export the house makes."""
    day, now = NOON.astimezone(SHANGHAI).date(), later(days=2)
    told = [figures(c, day, now=now, feeds=(), days=days, eve=None) for days in (1, 7, 30)]
    found: list[Any] = [repr(one) for one in told]
    found += [
        counts.by(c, column, start=start) for column in ("level", "sector", "town", "lead") for start in (None, NOON)
    ]
    found += [counts.on_time(c, NOON, now, now), counts.lives(c), counts.open_money(c), counts.mails(c, NOON, now)]
    found += [incidents.count(c), incidents.listing(c), incidents.listing(c, sort="opened")]
    found += [
        export_rows(c, matrix=matrix()),
        incidents.closed_without_look_back(c, now),
        incidents.next_number(c, 2026),
    ]
    return [*found, outbox.sent_since(c, NOON), outbox.put_aside(c, NOON, now)]


def test_no_figure_counts_a_drill_at_any_point_of_its_life(ledger: Ledger) -> None:
    ledger.record(joined(reading()))
    before = read(ledger, everything)
    incident = drilled(ledger)
    assert read(ledger, everything) == before
    for act, given in (("accept", {"department": row(ledger, incident)["lead"]}), ("verify", {"verification": "true"}),
                       ("pay", {"yuan": 1_260_000, "workers": 36, "confirmed": 36})):  # fmt: skip
        ledger.record(by("li", act, incident, later(hours=1), **given))
        assert read(ledger, everything) == before
    ledger.record(by("zhou", "drill", incident, later(hours=2), reason="电话接通慢，改用值班手机"))
    assert read(ledger, everything) == before
    again = drilled(ledger)
    assert again == "YL-2026-0002"
    assert read(ledger, verify).whole


def test_a_real_post_never_joins_a_drill(ledger: Ledger) -> None:
    incident = drilled(ledger)
    text = (
        "演练工程一号（虚构）演练用人单位（虚构）塔吊上有人说不给钱就不下来，三十六个人四个月没发工资，一百二十六万。"
    )
    assert ledger.record(joined(reading(text=text))).incident == "QX-2026-0001"
    assert row(ledger, incident)["posts"] == 0


def test_the_end_of_a_drill_measures_it_and_keeps_what_people_say(ledger: Ledger) -> None:
    incident = drilled(ledger)
    ledger.record(by("zhou", "plan", incident, later(minutes=2), reason="已拨110", step="life"))
    call = {"department": "police", "name": "指挥中心", "outcome": "reached", "clock": "phone_report"}
    ledger.record(by("zhou", "call", incident, later(minutes=9), **call))
    ledger.record(by("zhou", "plan", incident, later(minutes=90), reason="到场", step="on_site"))
    ledger.record(by("zhou", "drill", incident, later(hours=2), reason="到场超时三十分钟：出车审批改为事后补"))
    note = row(ledger, incident)["closeout"]["after_action"]
    assert note["text"].startswith("到场超时")
    assert note["measured"]["in_time"] == ["life", "phone_report"]
    assert note["measured"]["late"] == ["on_site"]
    assert "pay" in note["measured"]["left_out"]
    assert (note["measured"]["calls"], note["measured"]["reached"]) == (1, 1)
    ended = [one for one in read(ledger, lambda c: outbox.of_incident(c, incident)) if "演练结束" in one["reason"]]
    assert ended
    assert ledger.escalate_due(later(days=3)) == 0
    assert rule(lambda: ledger.record(by("zhou", "drill", incident, reason="再来"))) == "state_forbids"


def test_only_a_person_begins_a_drill_and_only_a_drill_is_ended_as_one(ledger: Ledger) -> None:
    data = {"scenario": "crane"}
    machine = Change(act=Act.DRILL, at=NOON, reason="x", actor=MACHINE, data=data)
    assert rule(lambda: ledger.record(machine)) in ("machine_may_not", "unknown_incident")
    assert rule(lambda: drilled(ledger, "earthquake")) == "drill_unknown"
    incident = ledger.record(joined(reading())).incident
    assert incident is not None
    assert rule(lambda: ledger.record(by("zhou", "drill", incident))) == "not_a_drill"


# ------------------------------------------------------------------ a fact is corrected
def moved(ledger: Ledger, incident: str) -> list[tuple[str, str]]:
    messages = read(ledger, lambda c: outbox.of_incident(c, incident))
    return [(one["department"], one["reason"]) for one in messages if one["occasion"] == Occasion.REASSIGNED.value]


def test_a_corrected_fact_moves_the_case_and_both_desks_are_told(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading())).incident
    assert incident is not None
    ledger.record(by("li", "acknowledge", incident, department="housing"))
    ledger.record(
        by("zhou", "correct", incident, later(hours=1), reason="实为公路工程", facts={"sector": "highway_waterway"})
    )
    case = row(ledger, incident)
    assert (case["lead"], case["state"]) == ("transport", "assigned")
    told = moved(ledger, incident)
    assert {department for department, _ in told} >= {"transport", "housing", "qx_office"}
    assert all("实为公路工程" in reason for _, reason in told)
    given = read(ledger, lambda c: incidents.assignments_of(c, incident))
    assert [(one["department"], one["state"], one["hop"]) for one in given if one["role"] == "lead"] == [
        ("housing", "withdrawn", 0),
        ("transport", "sent", 1),
    ]
    clock = next(
        one for one in read(ledger, lambda c: incidents.clocks_of(c, incident)) if one["name"] == "acknowledge"
    )
    assert (clock["started_at"], clock["done_at"]) == (later(hours=1), None)


def test_a_correction_never_sends_a_case_in_a_circle(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading())).incident
    assert incident is not None
    ledger.record(by("li", "return", incident, department="housing", code="R6", reason="不是房建"))
    ledger.record(by("zhou", "arbitrate", incident, later(hours=1), lead="transport"))
    ledger.record(by("zhou", "correct", incident, later(hours=2), reason="又说是房建", facts={"workers": 24}))
    case = row(ledger, incident)
    assert case["lead"] == "transport"  # housing has returned it: a person decides
    told = [one["reason"] for one in read(ledger, lambda c: outbox.of_incident(c, incident))
            if one["occasion"] == "returned"]  # fmt: skip
    assert any("暂不自动改派" in reason for reason in told)


def test_a_case_that_has_moved_three_times_waits_for_a_last_word(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading())).incident
    assert incident is not None
    for hour, sector in enumerate(("highway_waterway", "water_works", "agri_works", "building_municipal"), 1):
        ledger.record(by("zhou", "correct", incident, later(hours=hour), reason="更正行业", facts={"sector": sector}))
    case = row(ledger, incident)
    assert max(one["hop"] for one in read(ledger, lambda c: incidents.assignments_of(c, incident))) == 3
    assert case["lead"] == "agri"
    assert rule(lambda: ledger.record(by("zhou", "reassign", incident, lead="housing"))) == "too_many_hops"
    ledger.record(by("zhou", "reassign", incident, later(hours=9), lead="housing", final=True))
    assert row(ledger, incident)["lead"] == "housing"
    assert county().name == "青禾县"
