"""A paused case: nobody is reminded, it is late nowhere, and a referral in between does not end the pause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, accepted_on, by, county, joined, later, matrix, reading, stores

from monitor.digest import papers
from monitor.digest.study import burn_down
from monitor.errors import ForbiddenChange, InputError
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.model import Clock
from monitor.routing.handover import Open, hand_over
from monitor.store import Store, figures, incidents, outbox
from monitor.store.codec import incident_from
from monitor.store.incidents import Filter

CASE, OTHER = "QX-2026-0001", "QX-2026-0002"
LONG = {"days": 40}  # after every limit of a yellow or blue case


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return accepted_on(store)


def clocks(store: Store, incident: str = CASE) -> dict[str, dict[str, Any]]:
    with store.read() as c:
        return {one["name"]: one for one in incidents.clocks_of(c, incident)}


def row(store: Store) -> dict[str, Any]:
    with store.read() as c:
        found = incidents.one(c, CASE)
    assert found is not None
    return found


def told(store: Store, occasion: str) -> list[dict[str, Any]]:
    with store.read() as c:
        return [one for one in outbox.recent(c, 500) if one["occasion"] == occasion]


def running(store: Store) -> set[str]:
    """Clocks that will remind."""
    return {name for name, one in clocks(store).items() if one["next_step_at"] is not None and one["done_at"] is None}


def pause(ledger: Ledger, at: datetime, reason: str = "等待仲裁裁决书送达") -> None:
    ledger.record(by("zhou", "pause", CASE, at, reason=reason))


def refer(ledger: Ledger, at: datetime) -> None:
    ledger.record(
        by("zhou", "refer", CASE, at, reason="项目在邻县，用工地不在本县", to="邻县治欠办", kind="across")
    )  # fmt: skip


# ------------------------------------------------------------------ a referral in between
@pytest.mark.parametrize("outcome", ["refused", "back", "unanswered"])
def test_a_pause_that_stood_before_a_referral_stands_when_the_case_comes_back(
    store: Store, ledger: Ledger, outcome: str
) -> None:
    pause(ledger, later(hours=1))
    before = clocks(store)["resolve"]["due_at"]
    refer(ledger, later(hours=2))
    if outcome == "unanswered":
        ledger.escalate_due(later(days=8))
    else:
        ledger.record(by("zhou", "receipt", CASE, later(days=8), outcome=outcome, who="何志", reason="项目部在你县"))
    assert row(store)["state"] == "handling"
    with store.read() as c:
        [only] = incidents.pauses_of(c, CASE)
        assert (only["reason"], only["ended_at"]) == ("等待仲裁裁决书送达", None)
        assert verify(c).whole
    assert running(store) == set(), "nobody is reminded of a case that a person paused"
    assert clocks(store)["resolve"]["due_at"] == before
    assert any("转送前的暂停继续有效" in one["reason"] for one in told(store, "referred"))
    assert not any("时限恢复" in one["reason"] for one in told(store, "referred"))
    ledger.record(by("zhou", "resume", CASE, later(days=10), reason="裁决书已送达"))
    assert "resolve" in running(store)
    assert clocks(store)["resolve"]["due_at"] > before, "the whole time of the pause does not count"


def test_a_case_that_nobody_had_paused_goes_on_when_it_comes_back(store: Store, ledger: Ledger) -> None:
    refer(ledger, later(hours=2))
    ledger.record(by("zhou", "receipt", CASE, later(days=2), outcome="back", reason="项目部在你县"))
    assert "resolve" in running(store)
    assert any("时限恢复" in one["reason"] for one in told(store, "referred"))


def test_a_pause_that_a_person_ended_meanwhile_is_over(store: Store, ledger: Ledger) -> None:
    pause(ledger, later(hours=1))
    refer(ledger, later(hours=2))
    ledger.record(by("li", "reply", CASE, later(hours=3), url="https://bbs.qinghe.example/t/1"))
    taken = {"who": "何志", "day": "2026-01-22", "number": "5号"}
    ledger.record(by("zhou", "receipt", CASE, later(days=3), outcome="taken", **taken))
    ledger.record(by("li", "close", CASE, later(days=3), code="C7"))
    ledger.record(by("zhou", "resume", CASE, later(days=3, hours=1), reason="裁决书已送达"))
    ledger.record(by("wu", "approve", CASE, later(days=3, hours=2), reason="回执没有盖章", approved=False))
    ledger.record(by("zhou", "receipt", CASE, later(days=4), outcome="back", reason="退回"))
    assert "resolve" in running(store)
    with store.read() as c:
        assert all(one["ended_at"] for one in incidents.pauses_of(c, CASE))


# ------------------------------------------------------------------ late nowhere
def everywhere(store: Store, now: datetime) -> dict[str, set[str]]:
    """The late cases as each figure, list, note and paper has them."""
    with store.read() as c:
        held = figures.in_hand(c)
        open_ = [
            Open(
                incident_from(one),
                tuple(
                    Clock(**{key: clock[key] for key in ("name", "started_at", "due_at", "done_at", "basis")})
                    for clock in incidents.clocks_in(c, [one["id"]])[one["id"]]
                    if clock["runs"]
                ),
            )
            for one in held
        ]
        late = figures.overdue_ids(c, now)
        burn = burn_down([], held, late, now.date(), length=30, stop=None)
        return {
            "case page": {
                one["id"] for one in held if any(incidents.late(k, now) for k in incidents.clocks_of(c, one["id"]))
            },
            "board and digest": late,
            "longest": {one["id"] for one in figures.overdue(c, now)},
            "list": {one["id"] for one in incidents.listing(c, Filter(state="open", overdue=now))},
            "hand-over": set(hand_over(open_, began=now - timedelta(hours=12), now=now).overdue),
            "clearing": set(burn.blockers.get("late", ())),
            "on-time share": {
                id_ for id_, due in figures.due_of(c, [one["id"] for one in held], "resolve", running=True).items()
                if due < now
            },
        }  # fmt: skip


def papered(store: Store, incident: str, now: datetime) -> bool:
    """Whether a 督办单 can be written."""
    with store.read() as c:
        case = papers.case_file(c, incident, matrix=matrix(), county=county(), now=now)
    assert case is not None
    try:
        papers.paper(case, "supervise")
    except InputError:
        return False
    return True


@pytest.fixture
def two(ledger: Ledger) -> Ledger:
    """Another case of the same age beside it, which nobody pauses."""
    ledger.record(joined(reading("p2", "丙田食品厂欠我们12个人工资8万元，在柳溪镇", author="乙")))
    with ledger.store.read() as c:
        found = incidents.one(c, OTHER)
    assert found is not None
    ledger.record(by("li", "accept", OTHER, later(minutes=5), department=found["lead"]))
    return ledger


def test_what_a_person_paused_is_late_nowhere_and_what_runs_is_late_everywhere(store: Store, two: Ledger) -> None:
    now = later(**LONG)
    assert set(map(frozenset, everywhere(store, now).values())) == {frozenset({CASE, OTHER})}
    pause(two, later(hours=1))
    assert everywhere(store, now) == {name: {OTHER} for name in everywhere(store, now)}
    assert (papered(store, CASE, now), papered(store, OTHER, now)) == (False, True)
    with store.read() as c:
        assert [line[1:3] for line in figures.overdue_by_lead(c, now)] == [(len(clocks(store, OTHER)) - 1, 1)]
        share = figures.on_time(c, now - timedelta(days=90), now, now)
        assert (share["total"], share["on_time"]) == (1, 0)
        assert CASE not in {one["id"] for one in figures.due_between(c, later(), now)}
        listed = {one["id"]: (one["paused"], one["due_at"]) for one in incidents.listing(c)}
        assert listed[CASE] == (True, None)
        assert not listed[OTHER][0]
        burn = burn_down([], figures.in_hand(c), set(), now.date(), length=30, stop=None)
        assert burn.blockers["paused"] == [CASE], "it does not disappear: 卡在 says that somebody paused it"
    assert row(store)["due_at"] is None


def test_sent_away_and_asked_to_be_closed_a_case_is_not_late_either(store: Store, two: Ledger) -> None:
    refer(two, later(hours=1))
    two.record(by("li", "reply", CASE, later(hours=2), url="https://bbs.qinghe.example/t/1"))
    taken = {"who": "何志", "day": "2026-01-22", "number": "5号"}
    two.record(by("zhou", "receipt", CASE, later(days=3), outcome="taken", **taken))
    two.record(by("li", "close", CASE, later(days=3), code="C7"))
    now = later(**LONG)
    assert everywhere(store, now) == {name: {OTHER} for name in everywhere(store, now)}


def test_when_the_pause_ends_what_may_not_be_paused_is_late_again(store: Store, two: Ledger) -> None:
    """签收 is never paused: a case that nobody signed for was late before and is so after."""
    unsigned = two.record(joined(reading("p3", "东岸街道丁石家具厂欠我们5个人工资3万元", author="丙"))).incident
    assert unsigned
    two.record(by("zhou", "pause", unsigned, later(hours=1), reason="等待工人回话"))
    now = later(days=1)
    with store.read() as c:
        assert unsigned not in figures.overdue_ids(c, now)
    two.record(by("zhou", "resume", unsigned, now, reason="工人已回话"))
    with store.read() as c:
        assert [one["name"] for one in figures.overdue(c, now) if one["id"] == unsigned] == ["acknowledge"]


# ------------------------------------------------------------------ given to another while paused
def test_given_to_another_while_paused_it_reminds_nobody_before_the_pause_ends(store: Store, ledger: Ledger) -> None:
    pause(ledger, later(hours=1))
    ledger.record(by("zhou", "reassign", CASE, later(hours=2), reason="项目归交通局管", lead="transport"))
    assert told(store, "reassigned"), "the new lead hears of it at once"
    assert running(store) == set()
    assert ledger.escalate_due(later(days=3)) == 0
    assert not told(store, "unacknowledged")
    [given] = [one for one in told(store, "reassigned") if one["department"] == "transport"][:1]
    assert given["data"]["clocks"] == [], "the letter names no limit that stands still"
    within = clocks(store)["acknowledge"]["due_at"] - later(hours=2)
    ledger.record(by("zhou", "resume", CASE, later(days=3), reason="裁决书已送达"))
    acknowledge = clocks(store)["acknowledge"]
    assert acknowledge["due_at"] == later(days=3) + within, "the new lead has its whole time"
    ledger.escalate_due(acknowledge["due_at"] + timedelta(minutes=1))
    assert {one["department"] for one in told(store, "unacknowledged")} == {"transport"}


def test_a_return_while_paused_is_told_at_once_and_reminds_when_the_pause_ends(store: Store, ledger: Ledger) -> None:
    pause(ledger, later(hours=1))
    ledger.record(by("li", "return", CASE, later(hours=2), reason="不属我部门职责", department="housing", code="R1"))
    assert told(store, "returned")
    assert running(store) == set()
    ledger.record(by("zhou", "resume", CASE, later(hours=9), reason="裁决书已送达"))
    assert clocks(store)["arbitrate"]["due_at"] == later(hours=11)
    assert "arbitrate" in running(store)


def test_a_case_away_cannot_be_paused_a_second_time(ledger: Ledger) -> None:
    refer(ledger, later(hours=1))
    with pytest.raises(ForbiddenChange):
        pause(ledger, later(hours=2))
