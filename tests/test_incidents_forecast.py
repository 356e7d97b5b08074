"""What is said of the next hours comes true four times in five, and is nearer than what needs no thought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from monitor.incidents.cascades import KINDS, Seen, seen
from monitor.incidents.forecast import HORIZONS, forecast

START = datetime(2026, 1, 20, 0, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def log_linear(one: Seen, ahead: int) -> float:
    """The growth that a straight line through the logarithms foretells."""
    some = one.counts > 0
    if np.ptp(one.hours[some]) == 0:
        return 0.0
    slope, start = np.polyfit(one.hours[some], np.log(one.counts[some]), 1)
    return float(np.exp(min(start + slope * (one.now + ahead), 25.0)) - one.counts[-1])


def measured(each: int, seed: int) -> dict[str, np.ndarray]:
    """Of every kind: (inside the interval, error, error of no growth, of a log-linear fit) x horizons x cascades."""
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for kind in KINDS:
        rows = []
        for _ in range(each):
            one = seen(rng, kind, HORIZONS)
            points = [(at(float(hour)), float(count)) for hour, count in zip(one.hours, one.counts, strict=True)]
            told = forecast(points, at(one.now))
            if not told.enough_data:
                continue
            real = one.counts[-1] + one.growth
            rows.append([
                [h.lo <= r <= h.hi, abs(h.median - r), g, abs(log_linear(one, h.hours) - g)]
                for h, r, g in zip(told.horizons, real, one.growth, strict=True)
            ])  # fmt: skip
        found[kind] = np.array(rows, dtype=float).transpose(2, 1, 0)
    return found


def check(found: dict[str, np.ndarray], low: float, high: float) -> None:
    pooled = np.concatenate(list(found.values()), axis=2)
    covered, (error, still, line) = pooled[0].mean(axis=1), np.median(pooled[1:], axis=2)
    print("covered", covered.round(3), "error", error.round(2), "persistence", still, "log-linear", line.round(1))
    for kind, one in found.items():
        of_kind = one[0].mean(axis=1)
        print(f"{kind:10} covered {of_kind.round(3)} error {np.median(one[1], axis=1).round(2)}")
        slack = 2.5 * (0.16 / one.shape[2]) ** 0.5  # of a share of so many
        assert ((low - slack <= of_kind) & (of_kind <= high + slack)).all()
    assert ((low <= covered) & (covered <= high)).all()
    assert (error < still).all()
    assert (error < line).all()


def test_intervals_hold_and_the_median_is_nearer_than_simple_rules() -> None:
    check(measured(120, seed=5), 0.75, 0.85)


@pytest.mark.soak
def test_intervals_hold_on_many_cascades() -> None:
    check(measured(2500, seed=6), 0.75, 0.85)


def test_a_cascade_a_hundred_times_as_large_is_told_of_by_its_shape() -> None:
    counts = [900, 2400, 4000, 5200, 6100, 6900, 7500]
    small = forecast([(at(n), count) for n, count in enumerate(counts)], at(6))
    large = forecast([(at(n), count * 100) for n, count in enumerate(counts)], at(6))
    for one, other in zip(small.horizons, large.horizons, strict=True):
        assert other.median == pytest.approx(one.median * 100, rel=1e-3)


def test_what_was_seen_long_ago_foretells_nothing() -> None:
    points = [(at(n), 10.0 * n) for n in range(6)]
    assert forecast(points, at(10)).enough_data
    told = forecast(points, at(30))
    assert (told.enough_data, told.reason) == (False, "last seen 25 hours ago")


@pytest.mark.parametrize("top", [8, 1e6, 9e11])
def test_any_count_gives_ordered_finite_bounds(top: float) -> None:
    for shape in ([0, 0, 0, top], [top, top, top], [1, top / 2, top], list(np.linspace(0, top, 500))):
        told = forecast([(at(n / 4), count) for n, count in enumerate(shape)], at(len(shape) / 4))
        for one in told.horizons:
            assert top <= one.lo <= one.median <= one.hi < 1e15
