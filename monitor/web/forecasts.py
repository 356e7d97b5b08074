"""传播预测: what an incident's page shows of the hours ahead. Numbers and coordinates; the words stand in the template.

The forecast raises no level and lowers none; it tells a person how soon to look again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.incidents.forecast import Forecast, forecast
from monitor.incidents.reach import Seen, voices

Points = Sequence[tuple[datetime, float]]
LEFT, RIGHT, TOP, BOTTOM = 44.0, 14.0, 12.0, 26.0  # margins of the plot
TICKS_EVERY = (1, 2, 3, 6, 12, 24, 48, 96, 168)  # hours
SHOWN = timedelta(days=3)  # of the past, before the last observation


@dataclass(frozen=True, slots=True)
class Fan:
    """A plot of `width` x `height`: `line` so far, `band` and `middle` ahead, from `now` on; ticks as (x, moment)."""

    width: int
    height: int
    line: str
    band: str
    middle: str
    now: float
    end: tuple[float, float]  # where the line of the past ends
    base: float  # y of zero
    rules: Sequence[tuple[float, float]]  # y, count
    ticks: Sequence[tuple[float, datetime]]


@dataclass(frozen=True, slots=True)
class Told:
    """What is forecast, what was seen, and the plot; no plot where nothing is forecast."""

    forecast: Forecast
    count: float
    fan: Fan | None


def of_incident(appeared: Iterable[tuple[str, datetime]], observed: Iterable[Mapping[str, Any]], now: datetime) -> Told:
    """From the posts of an incident with the moment each appeared, and the rows of what their platforms told."""
    seen = [Seen(row["post"], row["at"], row["reposts"], row["comments"]) for row in observed]
    points = [point for point in voices(appeared, seen) if point[0] <= now]
    told = forecast(points, now)
    return Told(told, points[-1][1] if points else 0.0, fan(points, told, now) if told.enough_data else None)


def fan(points: Points, told: Forecast, now: datetime, width: int = 640, height: int = 240) -> Fan:
    """The plot of a forecast with horizons; the past is shown for `SHOWN`."""
    past = [one for one in points if one[0] >= points[-1][0] - SHOWN]
    last = past[-1][1]
    start, stop = past[0][0], now + timedelta(hours=told.horizons[-1].hours)
    most = _round_up(max(one.hi for one in told.horizons))
    span = max((stop - start).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return round(LEFT + (moment - start).total_seconds() / span * (width - LEFT - RIGHT), 1)

    def y(count: float) -> float:
        return round(TOP + (1 - count / most) * (height - TOP - BOTTOM), 1)

    ahead = [(x(now + timedelta(hours=one.hours)), one) for one in told.horizons]
    origin = f"{x(past[-1][0])},{y(last)}"
    upper = [f"{at},{y(one.hi)}" for at, one in ahead]
    lower = [f"{at},{y(one.lo)}" for at, one in reversed(ahead)]
    return Fan(
        width=width,
        height=height,
        line=" ".join(f"{x(at)},{y(count)}" for at, count in past),
        band=" ".join([origin, *upper, *lower]),
        middle=" ".join([origin, *(f"{at},{y(one.median)}" for at, one in ahead)]),
        now=x(now),
        end=(x(past[-1][0]), y(last)),
        base=y(0),
        rules=[(y(most * part / 2), most * part / 2) for part in range(3)],
        ticks=[(x(moment), moment) for moment in _ticks(start, stop)],
    )


def _round_up(count: float) -> float:
    """The next even round number: 2, 4, 6, 10, 20, 40, 60, 100 ..."""
    unit = 1.0
    while True:
        for step in (2, 4, 6, 10):
            if count <= step * unit:
                return step * unit
        unit *= 10


def _ticks(start: datetime, stop: datetime) -> list[datetime]:
    """Full hours, at most seven of them; whole days of Shanghai begin at 16:00 UTC."""
    hours = (stop - start).total_seconds() / 3600
    every = next((step for step in TICKS_EVERY if hours / step <= 6), TICKS_EVERY[-1])
    first = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    first += timedelta(hours=-(first.hour + 8) % every if every <= 24 else 0)
    found = [first]
    while found[-1] + timedelta(hours=every) <= stop:
        found.append(found[-1] + timedelta(hours=every))
    return found
