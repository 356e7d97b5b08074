"""A post that tells of danger to life reaches a person at once, whatever the machine thought of it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, by, later, ledger_on, reading, stores

from monitor.channels.mail import compose
from monitor.channels.robots import lines
from monitor.ledger import Ledger
from monitor.model import Act, Change, Reading
from monitor.store import Store, incidents, outbox, posts
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


# ------------------------------------------------------------------ 人身安全？请先看
DOUBT = "他把门窗都关好了，说工钱要不回来就不用等他，电话13912345678"


def perhaps(name: str = "u1", text: str = DOUBT, **given: Any) -> Reading:
    return reading(name, text, flag="review", kind="general", perhaps=True, **given)


def test_what_is_perhaps_danger_calls_nobody_and_after_half_an_hour_one_officer_is_reminded_once(
    ledger: Ledger,
) -> None:
    hold(ledger, perhaps(at=NIGHT))
    for minutes in (1, 15, 29):
        ledger.escalate_due(NIGHT + timedelta(minutes=minutes))
    assert told(ledger) == []
    for minutes in range(30, 600, 10):
        ledger.escalate_due(NIGHT + timedelta(minutes=minutes))
    (row,) = told(ledger)
    assert (row["occasion"], row["recipient"], row["incident"]) == ("look_first", "qx_office@qinghe.example", None)
    assert row["level"] < 3
    assert row["due_at"] == NIGHT + timedelta(minutes=30), "quiet hours do not hold it"
    mail = compose(row, sender="xinshao@qinghe.example", base_url="http://xinshao.example")
    body = mail.get_body(("plain",))
    assert body is not None
    assert mail["Subject"].startswith("【人身安全？请先看】")
    assert mail["Importance"] is None
    assert "门窗都关好" in body.get_content()
    assert "http://xinshao.example/queue" in body.get_content()
    assert "13912345678" not in mail.as_string()
    assert "门窗" not in lines(row, "http://x.example")


def test_what_somebody_has_read_in_time_reminds_nobody(ledger: Ledger) -> None:
    hold(ledger, perhaps(at=NIGHT))
    ledger.record(Change(act=Act.DISMISS, at=NIGHT + timedelta(minutes=13), reason="歌词", actor="值班员",
                         data={"post": "u1", "label": "noise"}))  # fmt: skip
    ledger.escalate_due(NIGHT + timedelta(minutes=40))
    assert told(ledger) == []


def test_what_is_hardly_about_wages_and_perhaps_danger_is_told_together_and_by_day(ledger: Ledger) -> None:
    posts = [perhaps(f"n{number}", f"第{number}条，河边夜跑有人喊不想活", at=NIGHT) for number in range(20)]
    hold(ledger, *[replace(one, assessment=replace(one.assessment, score=0.001)) for one in posts])
    ledger.escalate_due(NIGHT + timedelta(minutes=31))
    (row,) = told(ledger)
    assert "20条" in row["reason"]
    assert row["due_at"].astimezone(SHANGHAI).hour == 7


def test_a_crowd_of_them_is_bounded(ledger: Ledger) -> None:
    hold(ledger, *[perhaps(f"d{number}", f"第{number}位，{DOUBT}", at=NIGHT) for number in range(60)])
    ledger.escalate_due(NIGHT + timedelta(minutes=31))
    rows = told(ledger)
    assert len(rows) == 11
    assert sum("另有50条" in row["reason"] for row in rows) == 1


def opened(ledger: Ledger, **given: Any) -> str:
    one = reading("u2", f"工资一分没给。{DOUBT}", **given)
    incident = ledger.record(Change(act=Act.OPEN, at=NOON, reason="alert", readings=(one,))).incident
    assert incident is not None
    return incident


def reminders(ledger: Ledger) -> list[dict[str, Any]]:
    return [row for row in told(ledger) if row["occasion"] == "look_first"]


def test_in_a_case_it_raises_no_level_and_is_told_if_nobody_touches_the_case(ledger: Ledger) -> None:
    incident = opened(ledger, perhaps=True)
    with ledger.store.read() as c:
        row = incidents.one(c, incident)
    assert row is not None
    assert row["level"] != "red"
    assert not row["life_risk"]
    ledger.escalate_due(later(minutes=31))
    (reminder,) = reminders(ledger)
    assert incident in reminder["reason"]


def test_a_case_that_a_person_has_touched_since_reminds_nobody(ledger: Ledger) -> None:
    incident = opened(ledger, perhaps=True)
    ledger.record(by("周主任", "note", incident, later(minutes=10), reason="看过了，没有危险"))
    ledger.escalate_due(later(minutes=31))
    assert reminders(ledger) == []
    joins = reading("u3", f"又来说一遍，{DOUBT}", perhaps=True, at=later(minutes=40))
    change = Change(act=Act.JOIN, at=later(minutes=40), reason="alert", readings=(joins,), incident=incident)
    ledger.record(change)
    ledger.escalate_due(later(minutes=71))
    assert len(reminders(ledger)) == 1, "what came after the person looked has been read by nobody"


def test_a_person_says_that_it_is_danger_the_case_is_red_and_undone_it_is_a_doubt_again(ledger: Ledger) -> None:
    hold(ledger, perhaps(at=NOON), at=NOON)
    data = {"post": "u1", "label": "open", "life_risk": True}
    done = ledger.record(Change(act=Act.CONFIRM, at=later(minutes=5), reason="确有危险", actor="值班员", data=data))
    with ledger.store.read() as c:
        row, post = incidents.one(c, str(done.incident)), posts.one(c, "u1")
    assert row is not None
    assert post is not None
    assert (row["level"], row["life_risk"], post["life_risk"]) == ("red", True, True)
    assert [one["level"] for one in told(ledger)].count(3) > 0
    ledger.record(Change(act=Act.HOLD, at=later(minutes=6), reason="按错了", actor="值班员", data={"post": "u1"}))
    with ledger.store.read() as c:
        post = posts.one(c, "u1")
    assert post is not None
    assert (post["life_risk"], post["perhaps_life_risk"], post["review"]) == (False, True, "pending")
