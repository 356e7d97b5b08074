"""More cases than usual of one area and trade: which days stand out. Pure: daily counts in, alarms with reasons out.

What is usual follows Farrington et al. (1996) with the changes of Noufaily et al. (2013): a level from the eight weeks
before (the last two left out, past outbreaks weighed down), times weekday, times season; over-dispersion is estimated.
The sums of three, seven and ten days are held against a negative binomial, those of three days by a higher bar. The
season here is the Spring Festival's, whose day moves: it starts from a rule of thumb and learns from the years seen.
It knows no posts and no calendar; the days of the festivals are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEARN, GUARD = 56, 14  # days a level is taken from, and days before the judged one that are left out
LEAST_DAYS = 28  # of history, below which no day is judged
WINDOWS = ((3, 4.0), (7, 1.0), (10, 1.0))  # days whose sum is judged, and how many tests more it counts for
CHANCE = 4.6e-3  # upper tail below which a sum stands out; set for at most one false alarm in a series and year
LEAST_CASES = 3
REST = timedelta(days=14)  # a day that stands out so soon after another belongs to the same alarm
OUTBREAK = 2.58  # Anscombe residual from which a past day is weighed down
# Days to (negative: since) the Spring Festival, from which a factor holds; what it is before anything was learnt.
SEASON = ((60, 1.0), (45, 1.15), (30, 1.4), (15, 1.7), (7, 1.7), (0, 1.0), (-7, 0.7), (-15, 0.9))
SEASON_BELIEF = 25.0  # cases that the rule of thumb is worth
WEEKDAY_BELIEF = 20.0  # cases of even weekdays


@dataclass(frozen=True, slots=True)
class Usual:
    """What was to be expected of a sum of days. `chance`: of so many or more, times the tests a window counts for."""

    days: int
    seen: float
    expected: float
    chance: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """The first day that stands out, with the most telling sum."""

    day: date
    usual: Usual

    @property
    def reason(self) -> str:
        """E.g. `11 in 3 days, 3.2 expected, chance 0.0001`."""
        one = self.usual
        return f"{one.seen:.0f} in {one.days} days, {one.expected:.1f} expected, chance {one.chance:.1g}"


def alarms(
    first: date, counts: Sequence[int], festivals: Sequence[date] = (), *, chance: float = CHANCE
) -> list[Alarm]:
    """The alarms of daily counts from `first` on; `festivals`: first days of the Spring Festival."""
    found: list[Alarm] = []
    last: date | None = None
    for index in range(LEAST_DAYS, len(counts)):
        usual = judge(first, counts[: index + 1], festivals)
        if usual is not None and usual.chance < chance and usual.seen >= LEAST_CASES:
            day = first + timedelta(days=index)
            if last is None or day - last > REST:
                found.append(Alarm(day, usual))
            last = day
    return found


def judge(first: date, counts: Sequence[int], festivals: Sequence[date] = ()) -> Usual | None:
    """How unusual the last day is, by the most telling sum that ends with it; None where history is too short."""
    if len(counts) <= LEAST_DAYS:
        return None
    days = np.array(counts, dtype=float)
    shape = _weekdays(first, days) * _season(first, days, festivals)
    end = len(days) - GUARD
    past, usual = days[max(end - LEARN, 0) : end], shape[max(end - LEARN, 0) : end]
    level, spread = _level(past, usual)
    doubt = spread / max(level * usual.sum(), 1.0)  # relative variance of the level itself
    tried = [_sum(days[-window:], shape[-window:], level, spread, doubt, tests) for window, tests in WINDOWS]
    return min(tried, key=lambda one: one.chance)


def _sum(seen: Floats, shape: Floats, level: float, spread: float, doubt: float, tests: float) -> Usual:
    total, expected = float(seen.sum()), level * float(shape.sum())
    variance = spread * expected + doubt * expected**2
    return Usual(len(seen), total, expected, min(tests * tail(total, expected, variance), 1.0))


def tail(seen: float, mean: float, variance: float) -> float:
    """P(X >= seen) for a negative binomial of that mean and variance; Poisson where it is not over-dispersed."""
    if seen <= 0:
        return 1.0
    size = mean**2 / max(variance - mean, 1e-6 * mean)
    share = size / (size + mean)
    below = log_first = size * math.log(share)
    total, term = math.exp(below), log_first
    for k in range(1, math.ceil(seen)):
        term += math.log((k - 1 + size) / k) + math.log1p(-share)
        total += math.exp(term)
    return max(1.0 - total, 1e-12)


# ------------------------------------------------------------------ what is usual
def _level(past: Floats, shape: Floats) -> tuple[float, float]:
    """Cases a day of shape 1, and variance over mean; days of past outbreaks count for less."""
    weights = np.ones(len(past))
    for _ in range(3):
        level = float((weights * past).sum() + 0.5) / float((weights * shape).sum() + 1.0)
        expected = np.maximum(level * shape, 1e-3)
        spread = max(float((weights * (past - expected) ** 2 / expected).sum() / max(weights.sum() - 1, 1.0)), 1.0)
        residual = 1.5 * (past ** (2 / 3) - expected ** (2 / 3)) / (expected ** (1 / 6) * math.sqrt(spread))
        weights = np.where(residual > OUTBREAK, np.maximum(residual, OUTBREAK) ** -2.0, 1.0)
    return level, spread


def _weekdays(first: date, days: Floats) -> Floats:
    """A factor a day, by weekday, from the last year; days far above the rest are cut."""
    which = (np.arange(len(days)) + first.weekday()) % 7
    known = slice(max(len(days) - 365 - GUARD, 0), len(days) - GUARD)
    cut = np.minimum(days[known], _high(days[known]))
    mean = max(float(cut.mean()), 1e-3)
    sums = np.bincount(which[known], weights=cut, minlength=7)
    times = np.bincount(which[known], minlength=7)
    factors = (sums + WEEKDAY_BELIEF) / (times * mean + WEEKDAY_BELIEF)
    return np.asarray((factors / factors.mean())[which], float)


def _high(days: Floats) -> float:
    return float(np.quantile(days, 0.98)) if len(days) else 0.0


def _season(first: date, days: Floats, festivals: Sequence[date]) -> Floats:
    """A factor a day by its distance from the festival: the rule of thumb, drawn to what earlier years showed."""
    bins = _bins(first, len(days), tuple(festivals))
    factors = np.array([factor for _, factor in SEASON] + [1.0])
    known = slice(0, max(len(days) - LEARN, 0))
    plain = bins[known] == len(SEASON)
    if not plain.any():
        return np.asarray(factors[bins], float)
    cut = np.minimum(days[known], _high(days[known]))
    mean = max(float(cut[plain].mean()), 1e-3)
    for number, (_, thumb) in enumerate(SEASON):
        here = bins[known] == number
        factors[number] = (cut[here].sum() + SEASON_BELIEF * thumb) / (mean * here.sum() + SEASON_BELIEF)
    return np.asarray(factors[bins], float)


def _bins(first: date, length: int, festivals: tuple[date, ...]) -> NDArray[np.int64]:
    """Per day the number of its part of the season; the one after the last for the rest of the year."""
    bins = np.full(length, len(SEASON))
    edges = [start for start, _ in SEASON]
    for festival in festivals:
        away = (festival - first).days - np.arange(length)
        for number, start in enumerate(edges):
            after = edges[number + 1] if number + 1 < len(edges) else edges[-1] - 8
            bins[(away <= start) & (away > after)] = number
    return bins
