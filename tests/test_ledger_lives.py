"""A post that tells of danger to life reaches a person at once, whatever the machine thought of it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, later, ledger_on, reading, stores

from monitor.channels.mail import compose
from monitor.channels.robots import lines
from monitor.ledger import Ledger
from monitor.model import Act, Change, Reading
from monitor.store import Store, outbox
from monitor.text import SHANGHAI

CRANE = "我爸在塔吊上说不给工钱就不下来，电话13912345678，谁能来劝劝"
NIGHT = NOON + timedelta(hours=11)  # 23:00 in Shanghai


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return ledger_on(store)


def in_danger(name: str = "d1", text: str = CRANE, **given: Any) -> Reading:
    return reading(name, text, flag="review", kind="general", life_risk=True, **given)


def hold(ledger: Ledger, *readings: Reading, at: Any = NIGHT) -> None:
    ledger.record_all([Change(act=Act.HOLD, at=at, reason="review", readings=(one,)) for one in readings])


def told(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.store.read() as c:
        return outbox.recent(c, 1000)[::-1]


def test_the_duty_desk_is_mailed_at_once_also_at_night_though_no_incident_was_opened(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT))
    (row,) = told(ledger)
    assert (row["occasion"], row["recipient"], row["level"], row["incident"]) == (
        "life_risk", "qx_office@qinghe.example", 3, None,
    )  # fmt: skip
    assert row["due_at"] == NIGHT, "quiet hours do not hold it"


def test_the_mail_says_what_was_posted_what_to_do_first_and_where_to_look(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT))
    (row,) = told(ledger)
    mail = compose(row, sender="xinshao@qinghe.example", base_url="http://xinshao.example")
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert mail["Subject"] == "【人身安全】一条帖文涉及人身安全，机器未立为事件，请立即看帖并核实"
    assert mail["Importance"] == "high"
    assert "塔吊" in text
    assert "110" in text
    assert "http://xinshao.example/queue" in text
    assert "13912345678" not in mail.as_string()
    assert "13912345678" not in text
    assert "塔吊" not in lines(row, "http://x.example")
    assert "http://x.example/queue" in lines(row, "http://x.example")


def test_an_ordinary_post_in_the_queue_calls_nobody(ledger: Ledger) -> None:
    hold(ledger, reading("q1", "工地上有人欠薪吗", flag="review", kind="general"))
    assert told(ledger) == []


def test_read_again_it_is_one_mail_and_so_is_the_same_text_spread_by_many(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT))
    hold(ledger, in_danger(at=NIGHT))
    hold(ledger, *[in_danger(f"copy{number}", at=NIGHT) for number in range(30)], at=NIGHT + timedelta(minutes=1))
    assert len(told(ledger)) == 1


def test_nobody_looks_the_next_and_then_the_leader_hear_of_it_until_somebody_decides(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT))
    for minutes in (5, 11, 12):
        ledger.escalate_due(NIGHT + timedelta(minutes=minutes))
    after_ten = told(ledger)
    assert len({row["recipient"] for row in after_ten}) > 1, "somebody else was told"
    assert all(row["due_at"] <= NIGHT + timedelta(minutes=11) for row in after_ten)
    ledger.record(Change(act=Act.DISMISS, at=NIGHT + timedelta(minutes=13), reason="小说", actor="值班员",
                         data={"post": "d1", "label": "noise"}))  # fmt: skip
    ledger.escalate_due(NIGHT + timedelta(minutes=40))
    assert len(told(ledger)) == len(after_ten)


def test_reminders_of_a_post_nobody_looks_at_come_to_an_end(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT))
    for minutes in range(0, 600, 5):
        ledger.escalate_due(NIGHT + timedelta(minutes=minutes))
    counts: dict[str, int] = {}
    for row in told(ledger):
        counts[row["recipient"]] = counts.get(row["recipient"], 0) + 1
    assert counts
    assert max(counts.values()) <= 4


def test_a_story_of_last_month_waits_in_the_queue_without_calling_anybody_out(ledger: Ledger) -> None:
    hold(ledger, in_danger(at=NIGHT - timedelta(days=30)))
    assert told(ledger) == []


def test_a_crowd_of_different_posts_is_bounded_and_the_last_message_counts_the_rest(ledger: Ledger) -> None:
    hold(ledger, *[in_danger(f"d{number}", f"第{number}位，{CRANE}", at=NIGHT) for number in range(60)])
    rows = told(ledger)
    assert len(rows) == 11
    assert sum("另有50条" in row["reason"] for row in rows) == 1


def test_a_post_that_became_an_incident_is_told_as_one_and_not_twice(ledger: Ledger) -> None:
    one = reading("d2", CRANE, life_risk=True)
    ledger.record(Change(act=Act.OPEN, at=NOON, reason="alert", readings=(one,)))
    ledger.escalate_due(later(minutes=30))
    assert {row["occasion"] for row in told(ledger)}.isdisjoint({"life_risk"})


def test_danger_in_a_post_that_is_hardly_about_wages_is_told_too_together_and_by_day(ledger: Ledger) -> None:
    posts = [in_danger(f"n{number}", f"第{number}位邻居吵架拿刀，赔钱", at=NIGHT) for number in range(20)]
    hold(ledger, *[replace(one, assessment=replace(one.assessment, score=0.001)) for one in posts])
    (row,) = told(ledger)
    assert "20条" in row["reason"]
    assert row["level"] < 3
    assert row["due_at"].astimezone(SHANGHAI).hour == 7


def test_a_shout_from_a_building_site_calls_at_night_though_it_says_nothing_of_wages(ledger: Ledger) -> None:
    one = in_danger("n1", "塔吊上有人要跳，消防来了", at=NIGHT)
    hold(ledger, replace(one, assessment=replace(one.assessment, score=0.0005)))
    (row,) = told(ledger)
    assert (row["level"], row["due_at"]) == (3, NIGHT)
