"""When a feed is asked again: grades, bounds, rest and return."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import Fetch, Outcome, Trouble, Why
from monitor.collect.backoff import (
    AGAIN_AFTER,
    Due,
    Ended,
    Grade,
    ended,
    ended_in,
    first_due,
    grade,
    interval,
    next_due,
)
from monitor.model import Feed

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = Feed(name="a", kind="rss", url="https://x.example.cn/", source="x", every=15 * MINUTE)
GOOD = Ended(outcome=Outcome.OK, reason="fetched: 9 bytes")


@dataclass(frozen=True)
class State:
    failures: int = 0
    last_success_at: datetime | None = NOW - HOUR


def bad(why: Why, **values: Any) -> Ended:
    return Ended(outcome=Outcome.FAILED, reason=f"{why}: x", **values)


def steps(why: Why, count: int, **values: Any) -> list[Due]:
    return [next_due(FEED, State(n), bad(why, **values), NOW) for n in range(count)]


def about(due: Due, step: timedelta) -> bool:
    return abs((due.at - NOW) - step) <= step * 0.05


def test_a_feed_that_answers_is_asked_again_after_its_interval() -> None:
    for what in (GOOD, Ended(outcome=Outcome.NOT_MODIFIED, reason="unchanged: x")):
        due = next_due(FEED, State(7), what, NOW)
        assert about(due, 15 * MINUTE)
        assert (due.grade, due.disabled) == (None, None)


@pytest.mark.parametrize(
    ("why", "how", "minutes"),
    [
        (Why.TIMEOUT, Grade.SOFT, [15, 22.5, 33.75, 50.6, 75.9, 113.9, 120, 120]),
        (Why.BUSY, Grade.SOFT, [15, 22.5, 33.75, 50.6]),
        (Why.YIELD, Grade.TEMPORARY, [15, 30, 60, 120, 240, 360, 360]),
        (Why.DNS, Grade.TEMPORARY, [15, 30, 60]),
        (Why.BLOCKED, Grade.TEMPORARY, [15, 30, 60]),
        (Why.GONE, Grade.HARD, [15, 60, 240, 960, 1440]),
        (Why.CREDENTIAL, Grade.HARD, [15, 60, 240, 960, 1440]),
    ],
)
def test_each_grade_has_its_own_back_off(why: Why, how: Grade, minutes: list[float]) -> None:
    for due, expected in zip(steps(why, len(minutes)), minutes, strict=True):
        assert due.grade is how
        assert about(due, expected * MINUTE), due


@pytest.mark.parametrize("why", [why for why in Why if why not in (Why.FETCHED, Why.UNCHANGED)])
def test_every_reason_has_a_grade_and_a_permanent_one_is_hard(why: Why) -> None:
    assert grade(bad(why)) in Grade
    assert (grade(bad(why, permanent=True)) is Grade.HARD) == (why not in (Why.YIELD, Why.UNRECORDED))


def test_a_hard_failure_rests_after_six_and_is_tried_again_in_a_week() -> None:
    due = steps(Why.GONE, 7)
    assert [each.disabled is not None for each in due] == [False] * 5 + [True, True]
    assert about(due[5], AGAIN_AFTER)
    assert "6 times" in (due[5].disabled or "")


def test_a_busy_site_is_never_given_up() -> None:
    long_ago = State(500, NOW - 300 * DAY)
    assert next_due(FEED, long_ago, bad(Why.TIMEOUT), NOW).disabled is None
    assert next_due(FEED, State(500, None), bad(Why.BUSY), NOW).disabled is None


def test_a_useless_answer_rests_only_after_a_week_in_vain() -> None:
    assert next_due(FEED, State(30, NOW - DAY), bad(Why.YIELD), NOW).disabled is None
    due = next_due(FEED, State(30, NOW - 8 * DAY), bad(Why.YIELD), NOW)
    assert due.disabled == "yield: x (no success for a week)"
    assert about(due, AGAIN_AFTER)


def test_one_success_puts_a_resting_feed_back() -> None:
    assert next_due(FEED, State(30, None), GOOD, NOW).disabled is None


@pytest.mark.parametrize("rest", [0, 7, 60, 3_600, 86_400])
def test_the_site_is_never_asked_before_it_asked_to_be(rest: float) -> None:
    due = next_due(FEED, State(), bad(Why.RATE, retry_after=rest), NOW)
    assert due.at >= NOW + timedelta(seconds=rest)
    assert (f"asked for {rest:.0f} s" in due.reason) == (rest > 900)


@pytest.mark.parametrize(
    ("rate", "delay", "options", "expected"),
    [
        (None, None, {}, 15 * MINUTE), (0.0, None, {}, 15 * MINUTE), (4.0, None, {}, 15 * MINUTE),
        (8.0, None, {}, 7.5 * MINUTE), (1000.0, None, {}, 3.75 * MINUTE), (0.1, None, {}, 15 * MINUTE),
        (0.5, None, {"slowest": "1h"}, HOUR), (0.0, None, {"slowest": "2h"}, 2 * HOUR),
        (1000.0, None, {"fastest": "60s"}, MINUTE), (1000.0, 600.0, {"fastest": "60s"}, 10 * MINUTE),
        (None, 3600.0, {}, HOUR), (1000.0, None, {"fastest": "nonsense"}, 3.75 * MINUTE),
        (1000.0, None, {"fastest": "9h"}, 15 * MINUTE), (0.0, None, {"slowest": "1m"}, 15 * MINUTE),
    ],
)  # fmt: skip
def test_the_interval_follows_the_news_between_bounds(
    rate: float | None, delay: float | None, options: dict[str, str], expected: timedelta
) -> None:
    assert interval(replace(FEED, options=options), rate, delay)[0] == expected


@given(
    every=st.integers(1, 7 * 86_400),
    rate=st.none() | st.floats(0, 1e6),
    delay=st.none() | st.floats(0, 86_400),
    failures=st.integers(0, 10_000),
    why=st.sampled_from([None, *(why for why in Why if why not in (Why.FETCHED, Why.UNCHANGED))]),
    rest=st.none() | st.floats(0, 86_400),
)
def test_whatever_happens_the_next_time_lies_ahead_within_bounds_and_keeps_the_crawl_delay(
    every: int, rate: float | None, delay: float | None, failures: int, why: Why | None, rest: float | None
) -> None:
    feed = replace(FEED, every=timedelta(seconds=every))
    what = GOOD if why is None else bad(why, retry_after=rest)
    due = next_due(feed, State(failures, None), replace(what, crawl_delay=delay, rate=rate), NOW)
    wait = due.at - NOW
    assert wait > timedelta(0)
    assert wait <= max(feed.every, DAY, AGAIN_AFTER) * 1.05
    assert wait.total_seconds() >= (delay or 0) * 0.95
    assert due.reason


def test_the_same_question_has_the_same_answer_and_many_feeds_do_not_meet() -> None:
    dues = [next_due(replace(FEED, name=f"feed {n}"), State(), GOOD, NOW).at for n in range(200)]
    assert dues == [next_due(replace(FEED, name=f"feed {n}"), State(), GOOD, NOW).at for n in range(200)]
    assert len(set(dues)) == 200


def test_new_feeds_are_asked_at_once_when_few_and_spread_when_many() -> None:
    assert first_due(FEED, NOW, 20) == NOW
    spread = sorted(first_due(replace(FEED, name=f"feed {n}"), NOW, 5_000) - NOW for n in range(5_000))
    assert spread[0] >= timedelta(0)
    assert 250 < spread[-1].total_seconds() <= 300
    busiest = max(sum(1 for each in spread if n <= each.total_seconds() < n + 1) for n in range(300))
    assert busiest < 40


def test_a_fetch_and_a_trouble_are_taken_alike() -> None:
    fetch = Fetch(url="x", outcome=Outcome.FAILED, reason="rate: 429", retry_after=9.0, crawl_delay=2.0)
    assert ended(fetch, rate=1.0) == bad(Why.RATE, retry_after=9.0, crawl_delay=2.0, rate=1.0).__class__(
        outcome=Outcome.FAILED, reason="rate: 429", retry_after=9.0, crawl_delay=2.0, rate=1.0
    )
    trouble = Trouble(Why.CREDENTIAL, "x", permanent=True, refused=True)
    assert ended_in(trouble) == Ended(outcome=Outcome.REFUSED, reason="credential: x", permanent=True)


# ------------------------------------------------------------------ quotas of platforms
@pytest.mark.parametrize(("sharing", "calls"), [(1, 100), (2, 50), (5, 20)])
@pytest.mark.parametrize("every", [MINUTE, 15 * MINUTE])
def test_a_platforms_daily_quota_is_never_exceeded_however_much_comes(
    sharing: int, calls: int, every: timedelta
) -> None:
    feed = replace(FEED, kind="weibo", every=every)
    at, asked = NOW, 0
    while at < NOW + DAY:
        asked += 1
        at = next_due(feed, State(), replace(GOOD, rate=60.0, sharing=sharing), at).at
    assert asked <= calls


def test_a_failure_counts_against_the_quota_too() -> None:
    feed = replace(FEED, kind="weibo", every=MINUTE)
    assert next_due(feed, State(), bad(Why.RATE), NOW).at >= NOW + 14 * MINUTE
