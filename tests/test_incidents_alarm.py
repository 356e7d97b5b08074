"""What stands out is told, and what comes every week or every winter is not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from monitor.incidents.alarm import LEAST_DAYS, alarms, judge, tail
from monitor.incidents.outbreaks import DAYS, FESTIVALS, FIRST, QUIET, Series, ears, series

AFTER = 14  # days after an outbreak in which an alarm is neither found nor false


def score(days: list[int], one: Series) -> tuple[int, int]:
    """Outbreaks found while they ran, and false alarms: runs of days that stand out, two weeks apart."""
    found = sum(any(begin <= day <= end for day in days) for begin, end in one.outbreaks)
    false, last = 0, -99
    for day in days:
        if day >= QUIET and not any(begin <= day <= end + AFTER for begin, end in one.outbreaks):
            false += day - last > AFTER
            last = day
    return found, false


def ours(one: Series) -> list[int]:
    return [(alarm.day - FIRST).days for alarm in alarms(FIRST, one.counts, FESTIVALS)]


def compare(number: int, seed: int, size: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """(sensitivity, false alarms in a series and year) of ours, of EARS as published, and of EARS as rarely false."""
    rng = np.random.default_rng(seed)
    many = [series(rng, size=size) for _ in range(number)]
    outbreaks, years = sum(len(one.outbreaks) for one in many), number * (DAYS - QUIET) / 365.25
    statistics = [ears(one.counts) for one in many]

    def rated(flagged: list[list[int]]) -> tuple[float, float]:
        found, false = np.array([score(days, one) for days, one in zip(flagged, many, strict=True)]).sum(0)
        return round(float(found / outbreaks), 3), round(float(false / years), 2)

    told = {"ours": rated([ours(one) for one in many])}
    for name, published in (("C1", 3.0), ("C2", 3.0), ("C3", 2.0)):
        above = {
            limit: rated([list(np.nonzero(one[name] > limit)[0]) for one in statistics])
            for limit in (published, *np.arange(2.0, 20.0, 0.5))
        }
        told[name] = above[published]
        told[f"{name} at <= 1"] = max((one for one in above.values() if one[1] <= 1.0), default=(0.0, 0.0))
    return told


def test_outbreaks_are_found_with_few_false_alarms_and_better_than_by_ears() -> None:
    told = compare(8, seed=21, size=(10, 24))
    sensitivity, false = told["ours"]
    assert sensitivity >= 0.75
    assert false <= 1.5
    assert all(sensitivity > told[f"{name} at <= 1"][0] for name in ("C1", "C2", "C3"))


@pytest.mark.soak
def test_two_years_of_many_series() -> None:
    for size in ((4, 10), (10, 24), (24, 40)):
        told = compare(100, seed=23, size=size)
        print(f"outbreaks of {size} standard deviations: {told}")
        if size[0] >= 10:
            assert told["ours"][0] >= 0.85
        assert told["ours"][1] <= 1.0


def test_a_quiet_year_with_weekends_and_a_winter_rise_is_no_alarm() -> None:
    counts = []
    for index in range(500):
        day = FIRST + timedelta(days=index)
        winter = any(0 < (festival - day).days <= 45 for festival in FESTIVALS)
        counts.append((1 if day.weekday() >= 5 else 5) + (2 if winter else 0))
    assert alarms(FIRST, counts, FESTIVALS) == []


def test_an_alarm_says_what_was_seen_and_expected_and_is_raised_once() -> None:
    counts = [2, 1, 3, 2, 2, 1, 2] * 12 + [2, 7, 9, 8, 6, 2, 2]
    (alarm,) = alarms(date(2026, 4, 6), counts)
    assert alarm.day in {date(2026, 6, 30), date(2026, 7, 1)}
    assert alarm.reason.endswith(f"expected, chance {alarm.usual.chance:.1g}")
    assert alarm.usual.seen > 2 * alarm.usual.expected


def test_without_history_nothing_is_judged() -> None:
    assert judge(FIRST, [1] * LEAST_DAYS) is None
    assert alarms(FIRST, [0] * 20 + [50] * 5) == []
    assert alarms(FIRST, []) == []


def test_the_tail_is_that_of_a_poisson_where_nothing_clumps() -> None:
    assert tail(0, 2.0, 2.0) == 1.0
    assert tail(1, 2.0, 2.0) == pytest.approx(1 - np.exp(-2), abs=1e-4)
    assert tail(5, 2.0, 2.0) == pytest.approx(0.05265, abs=1e-4)
    assert tail(5, 2.0, 6.0) > tail(5, 2.0, 2.0)
    assert tail(100_000, 3.0, 5.0) > 0
