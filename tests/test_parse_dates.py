"""When a post was published, as sites write it. The clock stands at noon of 10 January 2025, Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.parse.dates import EARLIEST, SLACK, dated, read_date, understood
from monitor.text import SHANGHAI

NOW = datetime(2025, 1, 10, 12, 0, tzinfo=SHANGHAI)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


WRITTEN = [
    ("刚刚", "2025-01-10 12:00"), ("刚才", "2025-01-10 12:00"), ("30秒前", "2025-01-10 11:59:30"),
    ("5分钟前", "2025-01-10 11:55"), ("5 分钟前", "2025-01-10 11:55"), ("１５分钟前", "2025-01-10 11:45"),
    ("半小时前", "2025-01-10 11:30"), ("3小时前", "2025-01-10 09:00"), ("1.5小时前", "2025-01-10 10:30"),
    ("两小时前", "2025-01-10 10:00"), ("十二小时前", "2025-01-10 00:00"), ("2天前", "2025-01-08 12:00"),
    ("3 天前", "2025-01-07 12:00"), ("1周前", "2025-01-03 12:00"), ("5分钟前 来自 手机", "2025-01-10 11:55"),
    ("昨天 12:30", "2025-01-09 12:30"), ("昨天12:30", "2025-01-09 12:30"), ("昨天\u00a008:05", "2025-01-09 08:05"),
    ("昨天", "2025-01-09 00:00"), ("昨日 23:59", "2025-01-09 23:59"), ("昨晚9点", "2025-01-09 21:00"),
    ("前天 07:00", "2025-01-08 07:00"), ("前天 下午3点", "2025-01-08 15:00"), ("大前天 10:00", "2025-01-07 10:00"),
    ("今天 08:15", "2025-01-10 08:15"), ("今天 上午9:05", "2025-01-10 09:05"), ("今早7点", "2025-01-10 07:00"),
    ("2025年1月3日", "2025-01-03 00:00"), ("2025年01月03日 08:30", "2025-01-03 08:30"),
    ("2025年1月3日 下午3:05", "2025-01-03 15:05"), ("2025年1月3日15时20分", "2025-01-03 15:20"),
    ("2025年1月3日 晚上8点", "2025-01-03 20:00"), ("2025年1月3日 中午12:10", "2025-01-03 12:10"),
    ("2025年1月3日 凌晨1:10", "2025-01-03 01:10"), ("二〇二五年一月三日", "2025-01-03 00:00"),
    ("二○二四年十二月二十三日", "2024-12-23 00:00"), ("二零二四年十月十日", "2024-10-10 00:00"),
    ("2025-01-03", "2025-01-03 00:00"), ("2025-1-3 8:5", "2025-01-03 08:05"), ("2025.01.03", "2025-01-03 00:00"),
    ("2025/1/3 08:05:09", "2025-01-03 08:05:09"), ("2025-01-03 08:30:15", "2025-01-03 08:30:15"),
    ("2025-1-3 24:00", "2025-01-04 00:00"),
    ("发布时间：2025-01-03 08:30 来源：青禾日报", "2025-01-03 08:30"), ("[2025-01-03]", "2025-01-03 00:00"),
    ("发表于 2025-1-3 17:20", "2025-01-03 17:20"), ("来源：青禾网  2025-01-03", "2025-01-03 00:00"),
    ("01-03", "2025-01-03 00:00"), ("1月3日", "2025-01-03 00:00"), ("01-03 08:30", "2025-01-03 08:30"),
    ("12-30", "2024-12-30 00:00"), ("12月30日 18:00", "2024-12-30 18:00"), ("1/3", "2025-01-03 00:00"),
    ("02-29", "2024-02-29 00:00"), ("25-1-3 12:30", "2025-01-03 12:30"), ("17:20", "2025-01-09 17:20"),
    ("08:30", "2025-01-10 08:30"), ("20250103", "2025-01-03 00:00"), ("20250103083015", "2025-01-03 08:30:15"),
    ("2025-01-03T08:30:00+08:00", "2025-01-03 08:30"), ("2025-01-03T00:30:00Z", "2025-01-03 08:30"),
    ("2025-01-03T00:30:00.123Z", "2025-01-03 08:30:00.123"), ("2025-01-03T08:30:00", "2025-01-03 08:30"),
    ("2025-01-03 08:30:00 +0800", "2025-01-03 08:30"),
    ("Fri, 03 Jan 2025 08:30:00 +0800", "2025-01-03 08:30"), ("Fri, 03 Jan 2025 00:30:00 GMT", "2025-01-03 08:30"),
    ("Fri, 3 Jan 2025 08:30 +0800", "2025-01-03 08:30"), ("03 Jan 2025 08:30:00 +0800", "2025-01-03 08:30"),
    ("Fri, 03 Jan 2025 08:30:00 CST", "2025-01-03 08:30"), ("Fri, 03 Jan 2025 08:30:00", "2025-01-03 08:30"),
    ("Fri Jan 03 12:28:47 +0800 2025", "2025-01-03 12:28:47"),
    ("Tue Feb 23 12:28:47 +0800 2021", "2021-02-23 12:28:47"),
    (1735864200, "2025-01-03 08:30"), ("1735864200", "2025-01-03 08:30"), (1735864200000, "2025-01-03 08:30"),
    ("1735864200000", "2025-01-03 08:30"), (1735864200.5, "2025-01-03 08:30:00.500"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), WRITTEN)
def test_a_date_is_read_as_a_person_here_means_it(text: str | float, moment: str) -> None:
    assert read_date(text, now=NOW) == local(moment)


UNKNOWN = [
    (None, "no date"), ("", "no date"), ("  ", "no date"), (True, "no date"), ("明天", "not understood"),
    ("来源：青禾网", "not understood"), ("2024年13月45日", "not understood"), ("abc", "not understood"),
    ("去年12月", "not understood"), ("2025-01", "not understood"), ("<script>", "not understood"),
    ("0", "too old"), ("1970-01-01", "too old"), (0, "too old"), ("1988-07-01 12:00", "too old"), (-5, "too old"),
    ("2030-01-01", "in the future"), ("2025-01-10 13:00", "in the future"), ("2099年1月1日", "in the future"),
    (9999999999, "in the future"), ("99999999999999999999", "not understood"), ("x" * 100_000, "not understood"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), UNKNOWN, ids=[str(text)[:20] for text, _ in UNKNOWN])
def test_what_cannot_be_known_is_none_with_a_reason(text: str | float | None, reason: str) -> None:
    found = dated(text, now=NOW)
    assert found.moment is None
    assert reason in found.reason


def test_local_time_labelled_as_greenwich_is_local_time() -> None:
    """Forums print local time and call it GMT: eight hours in the future is the tell."""
    found = dated("Fri, 10 Jan 2025 11:50:00 GMT", now=NOW)
    assert found.moment == local("2025-01-10 11:50")
    assert "GMT" in found.reason


def test_a_clock_slightly_ahead_is_held_to_now() -> None:
    assert read_date("2025-01-10 12:05", now=NOW) == NOW


@pytest.mark.parametrize(
    ("written", "utc_hour"),
    [
        ("1986-07-01 12:00", 3),
        ("1988-07-01 12:00", 3),
        ("1991-08-01 12:00", 3),
        ("1991-12-01 12:00", 4),
        ("1992-07-01 12:00", 4),
    ],
)
def test_summers_until_1991_are_nine_hours_ahead(written: str, utc_hour: int) -> None:
    moment, _ = understood(written, now=NOW)
    assert moment is not None
    assert moment.hour == utc_hour


def test_yesterday_is_counted_by_the_calendar_here_not_by_utc() -> None:
    early = datetime(2025, 1, 10, 1, 0, tzinfo=SHANGHAI)  # still the 9th in UTC
    assert read_date("昨天 23:00", now=early) == local("2025-01-09 23:00")
    assert read_date("今天 00:30", now=early) == local("2025-01-10 00:30")


def test_the_turn_of_the_year_is_crossed_backwards() -> None:
    first = datetime(2025, 1, 1, 0, 30, tzinfo=SHANGHAI)
    assert read_date("12-31 23:50", now=first) == local("2024-12-31 23:50")
    assert read_date("昨天 23:50", now=first) == local("2024-12-31 23:50")


def test_a_naive_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        read_date("刚刚", now=datetime(2025, 1, 10))  # noqa: DTZ001


MOMENTS = st.datetimes(datetime(1994, 2, 1), datetime(2025, 1, 9, 23, 59)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, second=0, tzinfo=SHANGHAI)
)


@settings(max_examples=200, deadline=None)
@given(
    MOMENTS,
    st.sampled_from(
        ["%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+0800", "%Y%m%d%H%M%S"]
    ),
)
def test_any_moment_written_in_full_is_read_back(moment: datetime, form: str) -> None:
    assert read_date(moment.strftime(form), now=NOW) == moment


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60) | st.text("0123456789年月日时分秒前昨今天-/:. T+Z", max_size=30) | st.integers() | st.floats()
)
def test_nothing_raises_and_nothing_lies_outside_the_plausible(text: str | float) -> None:
    moment = read_date(text, now=NOW)
    assert moment is None or (EARLIEST <= moment <= NOW + SLACK and moment.utcoffset() == timedelta(0))


def test_what_is_understood_is_utc() -> None:
    moment = read_date("2025-01-03 08:30", now=NOW)
    assert moment is not None
    assert moment.tzinfo is UTC
