"""How far an incident will spread in the next hours. Pure: counts at moments in, a median and an 80 % interval out.

Quantile regression on the signs of the cascade so far, calibrated on invented self-exciting, power-law, bursting and
automatic ones (see `calibrate`), with bounds as wide as the kinds need that it may be; a cascade larger than those is
told of as a smaller one of the same shape. It knows nothing of what the posts say, and it never lowers a level.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from monitor.incidents.signs import LEAST_SIDE, Floats, chances, design, signs

HORIZONS = (1, 3, 6, 12, 24)  # hours
LEAST_POINTS, LEAST_COUNT = 3, 8  # observations, and reposts or posts seen, below which nothing is said
LEAST_SPAN = timedelta(minutes=30)
STALE = timedelta(hours=12)  # since the last observation: what happened since is not known
LARGE = 5000.0  # a count from which cascades are told of by their shape
LEAN = 0.2  # of the lower side of an interval, that the upper one is at least: fitted quantiles may nearly cross
MOST_TIMES = 30.0  # growth is never said to be more than so many times what was seen


@dataclass(frozen=True, slots=True)
class Horizon:
    """The total count `hours` from now; `lo`..`hi` holds it four times in five."""

    hours: int
    median: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`enough_data` False: no horizons, and the reason why."""

    enough_data: bool
    reason: str
    horizons: tuple[Horizon, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fitted:
    hours: Floats
    mean: Floats
    scale: Floats
    quantiles: tuple[Floats, Floats, Floats]  # lo, median, hi: a column per horizon
    kinds: Floats  # weights of the signs for each kind of cascade
    above: Floats  # logarithms of the stretches of either side: a row per kind, a column per horizon
    below: Floats


def forecast(observations: Sequence[tuple[datetime, float]], now: datetime) -> Forecast:
    """From (moment, cumulative count) in any order; counts that fall are taken as corrections and held."""
    points = _cumulative(observations, now)
    said = _too_little(points, now)
    if said:
        return Forecast(False, said)
    hours = np.array([(at - points[0][0]).total_seconds() / 3600 for at, _ in points])
    counts = np.array([count for _, count in points], dtype=float)
    since = (now - points[-1][0]).total_seconds() / 3600
    low, middle, high = _growth(hours, counts, np.array(HORIZONS) + since)
    found = tuple(
        Horizon(
            ahead,
            round(float(counts[-1] + m), 2),
            float(min(round(counts[-1] + a), math.floor(counts[-1] + m))),
            float(max(round(counts[-1] + b), math.ceil(counts[-1] + m))),
        )
        for ahead, a, m, b in zip(HORIZONS, low, middle, high, strict=True)
    )
    pace = (counts[-1] - counts[0]) / hours[-1]
    return Forecast(True, f"{len(points)} observations over {hours[-1]:.1f} h, {pace:.1f} an hour", found)


def _growth(hours: Floats, counts: Floats, ahead: Floats) -> tuple[Floats, Floats, Floats]:
    """Low, middle and high growth until each of the hours `ahead` of the last observation; none of them falls."""
    fitted, size = _fitted(), max(1.0, counts[-1] / LARGE)
    row = design((signs(hours, counts / size) - fitted.mean) / fitted.scale)
    most = math.log1p(MOST_TIMES * (counts[-1] / size + 10))
    told = [np.maximum.accumulate(np.clip(one, 0.0, most)) for one in _bounds(row, fitted)]
    low, middle, high = (np.expm1(np.interp(np.log(ahead), np.log(fitted.hours), one)) * size for one in told)
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    return low, middle, np.maximum(high, middle + LEAN * (middle - low))


def _bounds(row: Floats, fitted: _Fitted) -> tuple[Floats, Floats, Floats]:
    """Logarithms of low, middle and high growth at the fitted hours."""
    low, middle, high = ((row @ column)[0] for column in fitted.quantiles)
    likely = chances(row @ fitted.kinds)[0]
    down, up = np.maximum(middle - low, LEAST_SIDE), np.maximum(high - middle, LEAST_SIDE)
    return middle - np.exp(likely @ fitted.below) * down, middle, middle + np.exp(likely @ fitted.above) * up


@cache
def _fitted() -> _Fitted:
    read = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    hours, mean, scale, low, middle, high, kinds, above, below = (
        np.array(read[name]) for name in ("horizons", "mean", "scale", "lo", "median", "hi", "kinds", "above", "below")
    )
    return _Fitted(hours, mean, scale, (low, middle, high), kinds, above, below)


def _cumulative(observations: Sequence[tuple[datetime, float]], now: datetime) -> list[tuple[datetime, float]]:
    points: list[tuple[datetime, float]] = []
    for at, count in sorted(observations):
        if at > now:
            continue
        highest = max(count, points[-1][1] if points else 0.0)
        if points and points[-1][0] == at:
            points.pop()
        points.append((at, highest))
    return points


def _too_little(points: Sequence[tuple[datetime, float]], now: datetime) -> str:
    if len(points) < LEAST_POINTS:
        return f"only {len(points)} observations, {LEAST_POINTS} are needed"
    if points[-1][0] - points[0][0] < LEAST_SPAN:
        return f"observed for {(points[-1][0] - points[0][0]).total_seconds() / 60:.0f} minutes only"
    if points[-1][1] < LEAST_COUNT:
        return f"only {points[-1][1]:.0f} seen, {LEAST_COUNT} are needed"
    if now - points[-1][0] > STALE:
        return f"last seen {(now - points[-1][0]).total_seconds() / 3600:.0f} hours ago"
    return ""
