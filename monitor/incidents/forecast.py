"""How far an incident will spread in the next hours. Pure: counts at moments in, a median and an 80 % interval out.

A self-exciting cascade with a power-law memory (Crane & Sornette 2008): the rate falls as (1 + age/c)^-(1+theta) since
the newest growth, so that what is still to come is a multiple of what came lately. Growth is over-dispersed, so the
interval is that of a negative binomial around the median, widened with the horizon. It never lowers a level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

HORIZONS = (1, 3, 6, 12, 24)  # hours
LEAST_POINTS, LEAST_COUNT = 3, 8  # observations, and reposts or posts seen, below which nothing is said
LEAST_SPAN = timedelta(minutes=30)
MEMORY_HOURS = 3.0  # c of the power law
DECAYS = (0.15, 0.35, 0.6, 0.9, 1.3)  # theta: slow burst to quick one; chosen by how well it tells the last growth
Z80 = 1.2816  # half width of an 80 % interval in standard deviations


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


def forecast(observations: Sequence[tuple[datetime, float]], now: datetime) -> Forecast:
    """From (moment, cumulative count) in any order; counts that fall are taken as corrections and held."""
    points = _cumulative(observations, now)
    said = _too_little(points)
    if said:
        return Forecast(False, said)
    hours = [(at - points[0][0]).total_seconds() / 3600 for at, _ in points]
    counts = [count for _, count in points]
    quiet = (now - points[-1][0]).total_seconds() / 3600
    theta = _decay(hours, counts)
    rate = _rate(hours, counts)
    spread = _dispersion(hours, counts)
    found = tuple(_horizon(ahead, counts[-1], rate, theta, quiet, spread) for ahead in HORIZONS)
    return Forecast(True, f"{len(points)} observations over {hours[-1]:.1f} h, {rate:.1f} an hour lately", found)


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


def _too_little(points: Sequence[tuple[datetime, float]]) -> str:
    if len(points) < LEAST_POINTS:
        return f"only {len(points)} observations, {LEAST_POINTS} are needed"
    if points[-1][0] - points[0][0] < LEAST_SPAN:
        return f"observed for {(points[-1][0] - points[0][0]).total_seconds() / 60:.0f} minutes only"
    if points[-1][1] < LEAST_COUNT:
        return f"only {points[-1][1]:.0f} seen, {LEAST_COUNT} are needed"
    return ""


def _rate(hours: Sequence[float], counts: Sequence[float]) -> float:
    """Growth an hour lately: recent intervals weigh more (half-life: a quarter of the time observed)."""
    half = max(hours[-1] / 4, 0.25)
    weights = growth = 0.0
    for (a, x), (b, y) in zip(zip(hours, counts, strict=True), zip(hours[1:], counts[1:], strict=True), strict=False):
        weight = 0.5 ** ((hours[-1] - b) / half)
        growth += weight * (y - x)
        weights += weight * (b - a)
    return growth / weights if weights > 0 else 0.0


def _decay(hours: Sequence[float], counts: Sequence[float]) -> float:
    """The theta that best foretells the second half of the growth from the first."""
    middle = max(2, len(hours) * 2 // 3)
    rate, real = _rate(hours[:middle], counts[:middle]), counts[-1] - counts[middle - 1]
    ahead = hours[-1] - hours[middle - 1]
    return min(DECAYS, key=lambda theta: (abs(_still_to_come(rate, theta, 0.0, ahead) - real), theta))


def _still_to_come(rate: float, theta: float, quiet: float, ahead: float) -> float:
    """The integral of rate * (1 + t/c)^-(1+theta) over quiet..quiet+ahead."""
    near, far = 1 + quiet / MEMORY_HOURS, 1 + (quiet + ahead) / MEMORY_HOURS
    return rate * MEMORY_HOURS / theta * (math.pow(near, -theta) - math.pow(far, -theta))


def _dispersion(hours: Sequence[float], counts: Sequence[float]) -> float:
    """Variance over mean of the growth between observations, at least Poisson's 1."""
    steps = [y - x for x, y in pairwise(counts)]
    mean = sum(steps) / len(steps)
    if mean <= 0:
        return 1.0
    variance: float = sum((step - mean) ** 2 for step in steps) / len(steps)
    return min(max(variance / mean, 1.0), 400.0)


def _horizon(ahead: int, count: float, rate: float, theta: float, quiet: float, spread: float) -> Horizon:
    median = _still_to_come(rate, theta, quiet, ahead)
    relative = 0.30 + 0.08 * math.log1p(ahead)  # what the model does not know of its own parameters
    deviation = math.sqrt(spread * max(median, 0.5) + (relative * median) ** 2)
    low = max(median - Z80 * deviation, 0.0)
    high = median + 1.25 * Z80 * deviation + (0.5 if median < 1 else 0.0)
    return Horizon(ahead, round(count + median, 2), round(count + low, 2), round(count + high, 2))
