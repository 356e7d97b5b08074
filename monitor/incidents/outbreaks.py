"""Invented daily counts with outbreaks, and the EARS rules to be measured against. Knows no real count.

Outbreaks are sized as in Noufaily et al. (2013) and Bedubourg & Le Strat (2017), whose series are of weeks: the number
of cases is Poisson with a mean of `size` standard deviations of a week's count at the start, sizes 2 to 10, and each
case comes a lognormal (0, 0.5) number of weeks after it. Unkel et al. (2012) review methods and size none themselves.
EARS C1 to C3: Hutwagner et al. (2003), early aberration reporting from the seven days before, the last two left out in
C2 and C3. `known` judges like `alarm`, but by the very means the counts were drawn from: no rule does better for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.alarm import WINDOWS, tail

Floats = NDArray[np.float64]
FIRST = date(2024, 1, 1)
FESTIVALS = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17))
DAYS = 731
QUIET, APART = 70, 60  # days at the start without outbreaks, and between the starts of two
SIZES = (2.0, 3.0, 5.0, 7.0, 10.0)  # standard deviations of a week's count


@dataclass(frozen=True, slots=True)
class Outbreak:
    """First and last day as indices, and its size in standard deviations of a week."""

    first: int
    last: int
    size: float


@dataclass(frozen=True, slots=True)
class Series:
    """Two years of counts, what their means were, and how far they clump: variance = mean + clump * mean^2."""

    counts: list[int]
    outbreaks: list[Outbreak]
    means: Floats
    clump: float


def series(rng: np.random.Generator, outbreaks: int = 4, sizes: Sequence[float] = SIZES) -> Series:
    """One area and trade: its own level, weekdays, season, trend and clumping."""
    means, clump = rng.lognormal(0.5, 0.8) * _shape(rng), rng.uniform(0.02, 0.25)
    counts = rng.poisson(means * rng.gamma(1 / clump, clump, DAYS))
    spans: list[Outbreak] = []
    while len(spans) < outbreaks:
        start, size = int(rng.integers(QUIET, DAYS - 30)), float(rng.choice(sizes))
        week = means[start : start + 7]
        cases = rng.poisson(size * np.sqrt((week + clump * week**2).sum()))
        if cases and all(abs(start - one.first) > APART for one in spans):
            when = (7 * rng.lognormal(0.0, 0.5, cases)).astype(int)
            when = start + when[start + when < DAYS]
            counts += np.bincount(when, minlength=DAYS)
            spans.append(Outbreak(start, int(when.max(initial=start)), size))
    return Series([int(count) for count in counts], sorted(spans, key=lambda one: one.first), means, clump)


def _shape(rng: np.random.Generator) -> Floats:
    days = np.arange(DAYS)
    weekend = np.where((days + FIRST.weekday()) % 7 >= 5, rng.uniform(0.4, 1.0), 1.0)
    rise, fall, season = rng.uniform(0.2, 1.6), rng.uniform(0.1, 0.7), np.ones(DAYS)
    for festival in FESTIVALS:
        away = (festival - FIRST).days - days
        season *= np.where((away > 0) & (away < 55), 1 + rise * np.clip((55 - away) / 40, 0, 1), 1.0)
        season *= np.where((away <= 0) & (away > -12), fall, 1.0)
    year = 1 + rng.uniform(0, 0.25) * np.sin(2 * np.pi * days / 365.25 + rng.uniform(0, 6.28))
    return np.asarray(weekend * season * year * np.exp(rng.normal(0, 0.25) * days / 365.25), float)


def ears(counts: list[int]) -> dict[str, Floats]:
    """The statistics C1, C2, C3 of every day; an alarm where they exceed 3, 3 and 2."""
    days = np.array(counts, dtype=float)
    found = {name: np.zeros(len(days)) for name in ("C1", "C2", "C3")}
    for day in range(10, len(days)):
        for name, gap in (("C1", 0), ("C2", 2)):
            window = days[day - 7 - gap : day - gap]
            found[name][day] = (days[day] - window.mean()) / max(float(window.std(ddof=1)), 0.5)
        found["C3"][day] = np.maximum(found["C2"][day - 2 : day + 1] - 1, 0).sum()
    return found


def known(one: Series) -> Floats:
    """Of every day the chance of the most telling sum, if the means and the clumping were known."""
    days, variances = np.array(one.counts, dtype=float), one.means + one.clump * one.means**2
    found = np.ones(len(days))
    for day in range(QUIET, len(days)):
        for window, tests in WINDOWS:
            part = slice(day - window + 1, day + 1)
            chance = tests * tail(days[part].sum(), float(one.means[part].sum()), float(variances[part].sum()))
            found[day] = min(found[day], chance)
    return found
