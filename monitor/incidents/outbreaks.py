"""Invented daily counts with outbreaks, and the EARS rules to be measured against. Knows no real count.

EARS C1 to C3: Hutwagner et al. (2003), early aberration reporting from the seven days before, the last two left out in
C2 and C3. Outbreaks as in Noufaily et al. (2013): a number of cases in standard deviations, spread over days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FIRST = date(2024, 1, 1)
FESTIVALS = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17))
DAYS = 731
QUIET = 70  # days at the start without outbreaks


@dataclass(frozen=True, slots=True)
class Series:
    """Two years of counts; `outbreaks`: first and last day of each, as indices."""

    counts: list[int]
    outbreaks: list[tuple[int, int]]


def series(rng: np.random.Generator, outbreaks: int = 4, size: tuple[float, float] = (10.0, 24.0)) -> Series:
    """One area and trade: its own level, weekdays, season, trend and clumping."""
    mean = rng.lognormal(0.5, 0.8) * _shape(rng)
    clump = rng.uniform(0.02, 0.25)  # variance = mean + clump * mean^2
    counts = rng.poisson(mean * rng.gamma(1 / clump, clump, DAYS))
    spans: list[tuple[int, int]] = []
    while len(spans) < outbreaks:
        start, length = int(rng.integers(QUIET, DAYS - 15)), int(rng.integers(4, 15))
        if all(start - 30 > last or start + length + 30 < begin for begin, last in spans):
            deviation = float(np.sqrt(mean[start] + clump * mean[start] ** 2))
            cases = max(6, round(rng.uniform(*size) * deviation))
            when = start + np.minimum((rng.beta(1.6, 2.6, cases) * length).astype(int), length - 1)
            counts += np.bincount(when, minlength=DAYS)
            spans.append((start, start + length - 1))
    return Series([int(count) for count in counts], sorted(spans))


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
