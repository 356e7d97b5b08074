"""Clocks: hand-counted cases, years without a notice, pauses, hard stop, outer limits, escalation across jumps."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clocks import (
    Calendar,
    Next,
    daily_report,
    first_step,
    limits,
    next_step,
    on_time_share,
    outer_limits,
    start_clocks,
    step_at,
)
from monitor.model import Clock, Level, Occasion
from monitor.routing import load_matrix
from monitor.text import SHANGHAI

CALENDAR = Calendar()
HOUR = timedelta(hours=1)
OPENED = datetime(2026, 1, 12, 9, 0, tzinfo=SHANGHAI)  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def started(level: str, opened: str, **given_: Any) -> dict[str, Clock]:
    clocks = start_clocks(Level(level), at(opened), calendar=CALENDAR, **given_)
    return {clock.name: clock for clock in clocks}


def due(level: str, opened: str, name: str, **given_: Any) -> str:
    return started(level, opened, **given_)[name].due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


# ------------------------------------------------------------------ counted by hand
@pytest.mark.parametrize(
    ("level", "opened", "name", "campaign", "expected"),
    [
        ("red", "2026-02-16T23:55", "acknowledge", False, "2026-02-17 00:05"),  # over midnight of 除夕: no day off
        ("yellow", "2026-01-12T09:00", "verify", False, "2026-01-15 23:59"),
        ("yellow", "2026-01-09T09:00", "verify", False, "2026-01-14 23:59"),  # a Friday
        ("yellow", "2026-01-10T09:00", "verify", False, "2026-01-14 23:59"),  # a Saturday: Monday is the first day
        ("blue", "2026-02-13T09:00", "contact_worker", False, "2026-02-24 23:59"),  # Saturday 14th is worked, then 春节
        ("blue", "2024-02-28T09:00", "contact_worker", False, "2024-03-01 23:59"),  # over the leap day
        ("blue", "2023-02-27T09:00", "contact_worker", False, "2023-03-01 23:59"),
        ("orange", "2025-09-30T18:00", "resolve", False, "2025-10-14 23:59"),  # 8 days off, Saturday 11th worked
        ("orange", "2025-09-30T18:00", "resolve", True, "2025-10-03 23:59"),
        ("blue", "2026-02-01T09:00", "resolve", True, "2026-02-08 23:59"),
        ("blue", "2026-02-12T09:00", "resolve", True, "2026-02-15 23:59"),  # hard stop
        ("blue", "2026-02-15T09:00", "resolve", True, "2026-02-15 23:59"),
        ("red", "2026-02-15T09:00", "resolve", True, "2026-02-15 23:59"),
        ("blue", "2026-02-16T09:00", "resolve", True, "2026-02-23 23:59"),  # the stop is past
        ("blue", "2026-02-12T09:00", "resolve", False, "2026-03-11 23:59"),
    ],
)
def test_due(level: str, opened: str, name: str, campaign: bool, expected: str) -> None:
    assert due(level, opened, name, campaign=campaign) == expected


def test_a_hard_stop_is_named_and_no_pause_moves_it() -> None:
    pause = (at("2026-02-10T10:00"), at("2026-02-20T10:00"), "等银行回单")
    clock = started("yellow", "2026-02-09T09:00", campaign=True, pauses=[pause])["resolve"]
    assert clock.due_at == at("2026-02-15T23:59:59")
    assert "硬停" in clock.basis


def test_every_skipped_day_has_its_reason() -> None:
    clock = started("blue", "2026-02-13T09:00")["contact_worker"]
    assert len(clock.skipped) == 9
    assert clock.skipped[0] == "2026-02-15 春节放假"


# ------------------------------------------------------------------ years without a notice
def test_an_unpublished_year_is_estimated_and_says_so() -> None:
    kinds = {day: CALENDAR.day(date.fromisoformat(day)) for day in ("2031-01-22", "2031-01-27", "2031-01-28")}
    assert [kind.works for kind in kinds.values()] == [False, True, True]
    assert all("尚未公布" in kind.why and not kind.published for kind in kinds.values())
    clock = started("blue", "2030-12-30T09:00")["verify"]
    assert "2030年放假安排尚未公布" in clock.basis
    assert "2031年放假安排尚未公布" in clock.basis


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2027-02-05", "春节"), ("2027-02-06", "春节"), ("2027-02-08", "春节"), ("2027-04-05", "清明节"),
        ("2027-05-02", "劳动节"), ("2027-06-09", "端午节"), ("2027-09-15", "中秋节"), ("2027-10-03", "国庆节"),
        ("2030-02-02", "春节"),
    ],
)  # fmt: skip
def test_statutory_days_of_years_to_come(day: str, name: str) -> None:
    if CALENDAR.published(int(day[:4])):
        pytest.skip("a notice has been published since")
    kind = CALENDAR.day(date.fromisoformat(day))
    assert not kind.works
    assert kind.why.startswith(name)


def test_a_newer_notice_can_be_added() -> None:
    own = Calendar(off=[date(2031, 1, 29)], on=[date(2031, 1, 25)], years=[2031])
    assert not own.is_workday(date(2031, 1, 29))
    assert own.is_workday(date(2031, 1, 25))
    assert own.published(2031)
    with pytest.raises(ValueError, match="both off and on"):
        Calendar(off=[date(2031, 1, 29)], on=[date(2031, 1, 29)])


def test_beyond_the_table_of_festivals_nothing_is_invented() -> None:
    assert CALENDAR.next_eve(date(2045, 1, 1)) is None
    assert CALENDAR.hard_stop(date(2045, 1, 1)) is None
    assert CALENDAR.is_workday(date(2045, 1, 3))


# ------------------------------------------------------------------ campaign
@pytest.mark.parametrize(
    ("period", "moment", "runs"),
    [
        (("2025-11-01", "2026-02-17"), "2026-11-26", True),  # last winter's line says nothing of this winter
        (("2026-07-22", "2026-08-27"), "2026-08-01", True),  # a summer action is one
        (("2026-07-22", "2026-08-27"), "2026-09-01", False),
        (("2026-07-22", "2026-08-27"), "2026-12-01", True),  # and does not end the winter's
        (("2026-12-01", "2027-02-06"), "2026-11-26", False),  # this winter is named: it begins when the county says
        (("2026-12-01", "2027-02-06"), "2026-12-01", True),
    ],
)
def test_a_winter_that_is_not_named_has_the_yearly_campaign(period: tuple[str, str], moment: str, runs: bool) -> None:
    start, end = (at(f"{day}T00:00") for day in period)
    assert (CALENDAR.campaign(at(f"{moment}T12:00"), [(start, end)]) is not None) is runs


def test_the_yearly_campaign_runs_from_november_to_the_eve() -> None:
    assert CALENDAR.campaign(at("2025-10-31T23:59")) is None
    assert CALENDAR.campaign_days_left(at("2025-11-01T00:00")) == 107
    assert CALENDAR.campaign_days_left(at("2026-02-05T07:55")) == 11
    assert CALENDAR.campaign_days_left(at("2026-02-16T23:59")) == 0
    assert CALENDAR.campaign_days_left(at("2026-02-17T00:00")) is None


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        start_clocks(Level.RED, datetime(2026, 1, 1), calendar=CALENDAR)  # noqa: DTZ001


# ------------------------------------------------------------------ pauses
def test_only_some_clocks_pause() -> None:
    pause = (at("2026-01-12T09:01"), at("2026-01-14T09:01"), "工人外出，已约定时间")
    paused, plain = (started("yellow", "2026-01-12T09:00", pauses=one) for one in ([pause], []))
    assert paused["acknowledge"] == plain["acknowledge"]
    assert paused["contact_worker"].due_at - plain["contact_worker"].due_at == 48 * HOUR
    assert due("yellow", "2026-01-12T09:00", "verify", pauses=[pause]) == "2026-01-19 23:59"
    assert any("暂停" in one for one in paused["verify"].skipped)


def test_overlapping_pauses_count_once() -> None:
    one = (at("2026-01-12T10:00"), at("2026-01-12T14:00"), "甲")
    other = (at("2026-01-12T12:00"), at("2026-01-12T16:00"), "乙")
    clock = started("yellow", "2026-01-12T09:00", pauses=[other, one])["contact_worker"]
    assert clock.due_at == at("2026-01-13T15:00")


def test_a_pause_that_has_not_ended_moves_nothing_yet() -> None:
    clock = started("yellow", "2026-01-12T09:00", pauses=[(at("2026-01-12T10:00"), None, "等裁决")])["contact_worker"]
    assert clock.due_at == at("2026-01-13T09:00")
    assert "未结束" in clock.skipped[0]


@pytest.mark.parametrize(
    "pause",
    [
        (at("2026-01-12T10:00"), at("2026-01-12T14:00"), "  "),
        (at("2026-01-12T14:00"), at("2026-01-12T10:00"), "倒着"),
    ],
)
def test_a_pause_needs_a_reason_and_an_order(pause: Any) -> None:
    with pytest.raises(ValueError, match="暂停"):
        start_clocks(Level.YELLOW, OPENED, calendar=CALENDAR, pauses=[pause])


# ------------------------------------------------------------------ limits
MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2026, 10, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.tuples(st.integers(0, 20_000), st.integers(1, 8_000))


@given(st.sampled_from(list(Level)), MOMENTS, st.booleans(), st.lists(SPANS, max_size=3))
def test_due_times_follow_the_opening_and_pauses_only_delay(
    level: Level, opened: datetime, campaign: bool, spans: list[tuple[int, int]]
) -> None:
    pauses = [
        (opened + timedelta(minutes=start), opened + timedelta(minutes=start + length), "理由")
        for start, length in spans
    ]
    plain = start_clocks(level, opened, calendar=CALENDAR, campaign=campaign)
    later = start_clocks(level, opened, calendar=CALENDAR, campaign=campaign, pauses=pauses)
    for one, other in zip(plain, later, strict=True):
        assert opened < one.due_at <= other.due_at
    again = start_clocks(level, opened, calendar=Calendar(), campaign=campaign, pauses=list(reversed(pauses)))
    assert [one.due_at for one in again] == [one.due_at for one in later]


@given(st.sampled_from(list(Level)), MOMENTS)
def test_a_campaign_never_gives_more_time(level: Level, opened: datetime) -> None:
    plain = start_clocks(level, opened, calendar=CALENDAR)
    quick = start_clocks(level, opened, calendar=CALENDAR, campaign=True)
    assert all(one.due_at <= other.due_at for one, other in zip(quick, plain, strict=True) if one.name != "resolve")
    eve = CALENDAR.hard_stop(opened)
    resolve = next(one for one in quick if one.name == "resolve")
    assert eve is None or resolve.due_at <= eve


@given(st.sampled_from(list(Level)), MOMENTS)
def test_what_the_county_promises_lies_within_the_law(level: Level, opened: datetime) -> None:
    promised = {clock.name: clock.due_at for clock in start_clocks(level, opened, calendar=CALENDAR)}
    for outer in outer_limits(level, opened, calendar=CALENDAR):
        assert promised.get(outer.name, opened) <= outer.due_at, outer.name
    law = {clock.name: clock.due_at for clock in outer_limits(level, opened, calendar=CALENDAR)}
    assert promised["acknowledge"] < law["inspection_accept"]
    assert promised["resolve"] <= law["inspection_close"]


@pytest.mark.parametrize("level", list(Level))
def test_matrix_and_clocks_agree_on_acknowledging(level: Level) -> None:
    assert limits(level)["acknowledge"].span == load_matrix().severity.acknowledge[level]


# ------------------------------------------------------------------ escalation
RESOLVE = Clock(name="resolve", started_at=OPENED, due_at=OPENED + 40 * HOUR)
ACK = Clock(name="acknowledge", started_at=OPENED, due_at=OPENED + timedelta(minutes=10))


def test_the_ladder_of_a_duty() -> None:
    taken, told = 0, []
    now: datetime | None = first_step(RESOLVE)
    while now is not None and len(told) < 5:
        answer = next_step(RESOLVE, now, taken=taken)
        assert answer.step is not None
        told.append(((answer.step.at - OPENED) / HOUR, answer.step.occasion))
        taken, now = answer.taken, answer.at
    assert told == [
        (30, Occasion.DUE_SOON),
        (40, Occasion.OVERDUE),
        (80, Occasion.OVERDUE_TWICE),
        (120, Occasion.OVERDUE_TWICE),
        (160, Occasion.OVERDUE_TWICE),
    ]


def test_nobody_acknowledges_and_it_goes_on() -> None:
    ladder = [next_step(ACK, step_at(ACK, number), taken=number - 1).step for number in range(1, 7)]
    assert [step.occasion for step in ladder if step] == [Occasion.DUE_SOON] + 5 * [Occasion.UNACKNOWLEDGED]
    assert [step.at for step in ladder if step][1:] == [
        OPENED + number * timedelta(minutes=10) for number in range(1, 6)
    ]


def test_a_done_clock_is_quiet() -> None:
    done = replace(RESOLVE, done_at=OPENED + HOUR)
    assert next_step(done, OPENED + 1000 * HOUR, taken=1) == Next(None, 1, None)
    assert first_step(done) is None


class Host:
    """A service that keeps (taken, next) as JSON, as a row does, and may die at any moment."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.told = clock, list[int]()
        first = first_step(clock)
        assert first is not None
        self.row = json.dumps({"taken": 0, "at": first.isoformat()})

    def tick(self, now: datetime) -> None:
        row = json.loads(self.row)
        if datetime.fromisoformat(row["at"]) <= now:
            answer = next_step(self.clock, now, taken=row["taken"])
            if answer.step is not None:
                self.told.append(answer.step.number)
            self.row = json.dumps({"taken": answer.taken, "at": answer.at.isoformat() if answer.at else None})


def test_restart_and_jumps_of_the_host_repeat_and_lose_nothing() -> None:
    clock = Clock(name="verify", started_at=OPENED, due_at=OPENED + 8 * HOUR)
    host, now = Host(clock), OPENED
    for minute in range(0, 360, 5):
        host.tick(now + timedelta(minutes=minute))
    assert host.told == []
    host.tick(OPENED + 6 * HOUR)  # a quarter before
    assert host.told == [1]
    kept = host.row
    host = Host(clock)
    host.row, host.told = kept, [1]  # restarted
    for minute in range(0, 120, 5):  # the clock of the host jumps back two hours
        host.tick(OPENED + 4 * HOUR + timedelta(minutes=minute))
    assert host.told == [1]
    host.tick(OPENED + 9 * HOUR)  # and then three hours ahead, over the limit
    assert host.told == [1, 2]
    host.tick(OPENED + 9 * HOUR)
    assert host.told == [1, 2]


def test_a_long_silence_gives_one_reminder_that_says_how_many_were_missed() -> None:
    answer = next_step(RESOLVE, OPENED + 81 * HOUR, taken=0)
    assert answer.step is not None
    assert answer.step.number == answer.taken == 3
    assert "2次" in answer.step.reason


@given(st.integers(-100, 5000), st.integers(0, 6), st.integers(-180, 180))
def test_steps_never_go_back(minutes: int, taken: int, jump: int) -> None:
    now = OPENED + timedelta(minutes=minutes)
    one = next_step(ACK, now, taken=taken)
    other = next_step(ACK, now + timedelta(minutes=jump), taken=one.taken)
    assert taken <= one.taken <= other.taken
    assert one.at is not None
    assert one.at > now
    assert next_step(ACK, now, taken=one.taken).step is None


# ------------------------------------------------------------------ the last week, and the share on time
def test_the_last_week_before_the_eve_is_reported_daily() -> None:
    days = [daily_report(CALENDAR, at(f"2026-02-{day:02d}T08:00")) for day in (8, 9, 15, 16, 17)]
    assert [day is not None for day in days] == [False, True, True, True, False]


def test_nobody_is_called_to_acknowledge_every_ten_minutes_for_ever() -> None:
    """A red case: each time the ten minutes pass for a day, then every four hours, and never not at all."""
    clock = Clock(name="acknowledge", started_at=OPENED, due_at=OPENED + timedelta(minutes=10))
    at = [step_at(clock, number) for number in range(1, 400)]
    gaps = [later - sooner for sooner, later in pairwise(at)]
    assert at == sorted(at)
    assert set(gaps[2:146]) == {timedelta(minutes=10)}
    assert set(gaps[146:]) == {timedelta(hours=4)}
    assert sum(moment < OPENED + timedelta(days=7) for moment in at) < 200  # it was 1,008


def test_what_is_left_undone_counts_against_the_share() -> None:
    on_time = replace(RESOLVE, done_at=OPENED + HOUR)
    late = replace(RESOLVE, done_at=OPENED + 41 * HOUR)
    assert on_time_share([on_time, late, RESOLVE], OPENED + 50 * HOUR) == pytest.approx(1 / 3)
    assert on_time_share([on_time, RESOLVE], OPENED + 2 * HOUR) == 1
    assert on_time_share([RESOLVE], OPENED + 2 * HOUR) is None
