"""Whether a feed still tells us what happens, and where "no incident" may be said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import Outcome, Why
from monitor.collect.backoff import Ended, next_due
from monitor.collect.coverage import coverage, says_no_incident
from monitor.collect.health import Alarm, Ill, examine, examine_all, rhythm
from monitor.model import Feed

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = Feed(
    name="青禾论坛",
    kind="rss",
    url="https://x.example.cn/",
    source="论坛",
    every=15 * MINUTE,
    period=7 * DAY,
    area="990101",
)


@dataclass(frozen=True)
class State:
    due_at: datetime = NOW + 5 * MINUTE
    failures: int = 0
    reason: str | None = "fetched: 9 bytes"
    last_try_at: datetime | None = NOW - 10 * MINUTE
    last_success_at: datetime | None = NOW - 10 * MINUTE
    last_new_at: datetime | None = NOW - HOUR
    disabled_reason: str | None = None


def every(step: timedelta, count: int = 20, until: datetime = NOW - HOUR) -> list[datetime]:
    return [until - n * step for n in range(count)][::-1]


def ill(feed: Feed = FEED, new_at: list[datetime] | None = None, **values: Any) -> Ill | None:
    alarm = examine(feed, State(**values), new_at or [], NOW)
    return alarm.ill if alarm else None


def test_a_feed_that_brings_news_in_its_own_rhythm_is_well() -> None:
    assert ill() is None
    assert ill(new_at=every(2 * HOUR)) is None


@pytest.mark.parametrize(
    ("quiet", "pauses", "silent"),
    [
        (HOUR, every(HOUR), False), (2.9 * HOUR, every(2 * HOUR), False), (3.1 * HOUR, every(2 * HOUR), True),
        (9 * DAY, every(DAY, 20, NOW - 9 * DAY), True), (2 * DAY, [], False), (11 * DAY, [], True),
        (10 * DAY, every(HOUR, 5), False),
        (8 * HOUR, [*every(HOUR, 6, NOW - DAY), *every(HOUR, 6, NOW - 8 * HOUR)], False),
    ],
)  # fmt: skip
def test_silence_is_measured_against_the_feeds_own_rhythm(
    quiet: timedelta, pauses: list[datetime], silent: bool
) -> None:
    assert (ill(new_at=pauses, last_new_at=NOW - quiet) is Ill.SILENT) == silent


def test_a_night_in_the_record_is_part_of_the_rhythm() -> None:
    days = [NOW - n * DAY + h * HOUR for n in range(10, 0, -1) for h in range(0, 9)]
    assert rhythm(FEED, days)[0] == 16 * HOUR
    assert rhythm(FEED, days[:5])[0] == 7 * DAY, "too little is known: what its entry promises"
    assert rhythm(replace(FEED, period=10 * HOUR), days)[0] == 10 * HOUR


def test_a_feed_that_never_brought_anything_is_silent_counted_from_when_it_was_first_watched() -> None:
    state = State(last_new_at=None)
    assert examine(FEED, state, [], NOW, watched_since=NOW - 6 * DAY) is None
    alarm = examine(FEED, state, [], NOW, watched_since=NOW - 11 * DAY)
    assert alarm is not None
    assert (alarm.ill, alarm.blind, alarm.since) == (Ill.SILENT, True, NOW - 11 * DAY)
    assert "11.0 days" in alarm.reason


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"failures": 1, "reason": "timeout: x"}, None),
        ({"failures": 2, "reason": "timeout: x"}, Ill.FAILING),
        ({"failures": 1, "reason": "yield: 0 posts, at least 1 expected"}, None),
        ({"failures": 2, "reason": "yield: 0 posts, at least 1 expected"}, Ill.REDESIGNED),
        ({"failures": 1, "reason": "credential: refused"}, Ill.CREDENTIAL),
        ({"failures": 9, "reason": "gone: 404", "disabled_reason": "gone: 404 (6 times)"}, Ill.DISABLED),
        ({"due_at": NOW - 29 * MINUTE}, None),
        ({"due_at": NOW - 31 * MINUTE}, Ill.UNASKED),
        ({"failures": 3, "reason": "words of an older version"}, Ill.FAILING),
    ],
)
def test_a_feed_that_cannot_be_read_says_why(values: dict[str, Any], expected: Ill | None) -> None:
    assert ill(**values) is expected


def test_a_feed_nobody_ever_asked_is_an_alarm_and_a_switched_off_one_is_none() -> None:
    assert examine(FEED, None, [], NOW) == Alarm(FEED.name, Ill.UNASKED, "it has never been asked", None)
    assert examine(replace(FEED, enabled=False), None, [], NOW) is None
    assert examine(replace(FEED, kind="file"), None, [], NOW) is None


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("2026-03-01", None), ("2026-02-02", Ill.EXPIRING), (date(2026, 1, 20), Ill.EXPIRING),
        ("2026-01-19", Ill.CREDENTIAL), ("2025-01-01", Ill.CREDENTIAL), ("soon", None), (None, None),
    ],
)  # fmt: skip
def test_a_token_is_named_two_weeks_before_it_ends(expires: object, expected: Ill | None) -> None:
    assert ill(replace(FEED, options={"token_expires": expires})) is expected


def test_news_that_comes_late_is_said_but_is_not_blindness() -> None:
    alarm = examine(FEED, State(), [], NOW, lag=9 * HOUR)
    assert alarm is not None
    assert (alarm.ill, alarm.blind) == (Ill.LATE, False)
    assert examine(FEED, State(), [], NOW, lag=5 * HOUR) is None


def lived(feed: Feed, ends: list[Ended], start: datetime) -> tuple[datetime, State]:
    """A feed's state after polls that ended so, each at its own due time."""
    at, state = start, State(last_success_at=start, last_new_at=start)
    for what in ends:
        due = next_due(feed, state, what, at)
        state = replace(
            state,
            failures=state.failures + 1,
            reason=what.reason,
            last_try_at=at,
            due_at=due.at,
            disabled_reason=due.disabled,
        )
        at = due.at
    return state.last_try_at or start, state


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (Ended(outcome=Outcome.FAILED, reason="yield: 0 posts"), Ill.REDESIGNED),
        (Ended(outcome=Outcome.FAILED, reason="credential: expired", permanent=True), Ill.CREDENTIAL),
        (Ended(outcome=Outcome.FAILED, reason="timeout: x"), Ill.FAILING),
        (Ended(outcome=Outcome.FAILED, reason="gone: 404", permanent=True), Ill.FAILING),
    ],
)
def test_a_redesign_or_an_expired_token_is_named_within_two_periods(what: Ended, expected: Ill) -> None:
    """The fault begins right after a good poll; the next is one interval later, the one after that at most two."""
    polls = 1 if expected is Ill.CREDENTIAL else 2
    first = NOW + FEED.every
    at, state = lived(FEED, [what] * polls, first)
    alarm = examine(FEED, state, [], at)
    assert alarm is not None
    assert alarm.ill is expected
    assert at - NOW <= 2 * FEED.every * 1.05


def test_a_silent_feed_is_named_within_two_of_its_periods() -> None:
    for step in (HOUR, 5 * HOUR, DAY):
        pauses = every(step, 30, NOW)
        at = NOW + 2 * max(step, 3 * FEED.every)
        state = State(last_new_at=NOW, due_at=at + MINUTE)
        alarm = examine(FEED, state, pauses, at)
        assert alarm is not None
        assert alarm.ill is Ill.SILENT


def test_one_ill_feed_hides_no_other_and_the_worst_comes_first() -> None:
    feeds = [replace(FEED, name=name) for name in ("late", "well", "silent", "failing", "token")]
    states = {
        "well": State(), "silent": State(last_new_at=NOW - 30 * DAY), "failing": State(failures=5, reason="dns: x"),
        "token": State(failures=1, reason="credential: x"), "late": State(),
    }  # fmt: skip
    alarms = examine_all(feeds, states, {}, NOW, lags={"late": DAY})
    assert [(alarm.feed, alarm.ill) for alarm in alarms] == [
        ("token", Ill.CREDENTIAL), ("failing", Ill.FAILING), ("silent", Ill.SILENT), ("late", Ill.LATE),
    ]  # fmt: skip


@given(
    failures=st.integers(0, 99),
    quiet=st.timedeltas(timedelta(0), timedelta(days=400)),
    reason=st.sampled_from([f"{why}: x" for why in Why]) | st.none() | st.text(max_size=20),
)
def test_any_state_is_judged_and_an_alarm_has_a_reason(failures: int, quiet: timedelta, reason: str | None) -> None:
    alarm = examine(FEED, State(failures=failures, last_new_at=NOW - quiet, reason=reason), every(HOUR), NOW)
    assert alarm is None or alarm.reason
    assert failures < 2 or alarm is not None


# ------------------------------------------------------------------ coverage
@dataclass(frozen=True)
class Poll:
    feed: str
    at: datetime
    outcome: str = "ok"
    reason: str = ""


FEEDS = [
    replace(FEED, name="a"), replace(FEED, name="b"), replace(FEED, name="c", source="留言板", area=None),
    replace(FEED, name="off", enabled=False), replace(FEED, name="slow", source="日报", every=6 * HOUR),
]  # fmt: skip


def test_an_hour_is_covered_as_far_as_its_feeds_answered() -> None:
    polls = [
        Poll("a", NOW + 5 * MINUTE), Poll("b", NOW + 6 * MINUTE, "not_modified"),
        Poll("c", NOW, "failed", "timeout: x"),
        Poll("a", NOW + 65 * MINUTE), Poll("b", NOW + 66 * MINUTE, "failed", "busy: 503"), Poll("slow", NOW - 3 * HOUR),
        Poll("stranger", NOW),
    ]  # fmt: skip
    cells = {(cell.platform, cell.area, cell.hour): cell for cell in coverage(FEEDS, polls, NOW, NOW + 2 * HOUR)}
    assert len(cells) == 6
    first, second = cells["论坛", "990101", NOW], cells["论坛", "990101", NOW + HOUR]
    assert (first.feeds, first.answered, first.good, dict(first.blind)) == (2, 2, True, {})
    assert (second.share, second.good, dict(second.blind)) == (0.5, False, {"b": "busy: 503"})
    assert dict(cells["留言板", "000000", NOW].blind) == {"c": "timeout: x"}
    assert dict(cells["留言板", "000000", NOW + HOUR].blind) == {"c": "not asked"}
    assert cells["日报", "990101", NOW + 2 * HOUR - HOUR].good, "asked every six hours, read three hours ago"


def test_the_hour_under_way_is_covered_by_a_feed_that_is_not_due_for_long() -> None:
    def good(since: timedelta) -> bool:
        cells = coverage(FEEDS[:1], [Poll("a", NOW - MINUTE)], NOW - HOUR, NOW + since)
        return next(cell.good for cell in cells if cell.hour == NOW)

    assert FEEDS[0].every == 15 * MINUTE
    assert [good(since * MINUTE) for since in (1, 20, 30)] == [True, True, False]


def test_no_incident_is_only_said_where_we_could_see() -> None:
    good = [Poll(name, NOW) for name in ("a", "b", "c", "slow")]
    assert says_no_incident(coverage(FEEDS, good, NOW, NOW + HOUR)) == (True, "3 of 3 platform-hours covered")
    may, why = says_no_incident(coverage(FEEDS, good[:2], NOW, NOW + HOUR))
    assert not may
    assert why == "2 of 3 platform-hours not covered: 日报, 留言板"
    assert says_no_incident(coverage([], [], NOW, NOW + HOUR)) == (False, "nothing was watched")


# ------------------------------------------------------------------ less than it used to hold
@pytest.mark.parametrize(
    ("yields", "thin"),
    [
        ([20] * 9 + [4, 4, 4], True), ([20] * 9 + [4, 4, 5], False), ([20] * 9 + [4, 4], False),
        ([20] * 7 + [1, 1, 1], False), ([50, 20, 20, 20, 20, 20, 20, 20, 5, 4, 3], False),
        ([50, 20, 20, 20, 20, 20, 20, 20, 4, 4, 3], True), ([1] * 30, False), ([], False), ([0] * 30, False),
    ],
)  # fmt: skip
def test_a_page_that_lost_most_of_its_posts_is_named_though_it_keeps_its_minimum(yields: list[int], thin: bool) -> None:
    alarm = examine(FEED, State(), [], NOW, yields=yields)
    assert (alarm is not None and alarm.ill is Ill.THIN and alarm.blind) == thin


@pytest.mark.parametrize("kind", ["vendor", "mailbox", "push", "weibo", "douyin"])
def test_what_comes_in_bursts_is_not_measured_by_the_page(kind: str) -> None:
    assert examine(replace(FEED, kind=kind), State(), [], NOW, yields=[20] * 30 + [1, 1, 1]) is None
