"""Lines for inline SVG: spread of an incident, burn-down to New Year's Eve. Pure: numbers in, coordinates out.

The SVG stands in the templates; nothing here is a colour or a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.digest.study import BurnDown

FURTHEST = 120  # days ahead that a burn-down shows
LEFT = 48  # room for a count of four figures with its unit
COUNTED = ("views", "likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class Spark:
    """A line in a box of `width` x `height`; `counted`: what is counted, `last` and `first` its values."""

    width: int
    height: int
    line: str
    area: str
    counted: str
    first: float
    last: float
    start: datetime
    end: datetime


def spread(observed: Sequence[Mapping[str, Any]], now: datetime, width: int = 320, height: int = 64) -> Spark | None:
    """How far all posts of an incident had gone together, over time; None with fewer than two moments.

    At each moment the last known count of every post is summed; counted is the first of COUNTED that any platform told.
    """
    key = next((key for key in COUNTED if any(row[key] is not None for row in observed)), None)
    if key is None:
        return None
    latest: dict[str, int] = {}
    points: dict[datetime, float] = {}
    for row in observed:
        if row[key] is not None:
            latest[row["post"]] = row[key]
            points[row["at"]] = sum(latest.values())
    if len(points) < 2:
        return None
    moments = sorted(points)
    values = [points[moment] for moment in moments]
    line = _line([m.timestamp() for m in moments], values, width, height, top=max(values))
    area = f"0,{height} {line} {width},{height}"
    return Spark(width, height, line, area, key, values[0], values[-1], moments[0], moments[-1])


def _line(xs: Sequence[float], ys: Sequence[float], width: float, height: float, *, top: float) -> str:
    wide, high = (xs[-1] - xs[0]) or 1, top or 1
    return " ".join(
        f"{(x - xs[0]) / wide * width:.1f},{height - 4 - y / high * (height - 8):.1f}"
        for x, y in zip(xs, ys, strict=True)
    )


@dataclass(frozen=True, slots=True)
class BurnLines:
    """限时清零 as lines: in hand day by day, where the present pace leads, and where the line must go to be in time.

    `ideal` and `forecast` are empty where there is no stop ahead, or no pace.
    """

    width: int
    height: int
    line: str
    ideal: str
    forecast: str
    today: float
    top: int
    ticks: Sequence[tuple[float, date]]


def burn_lines(burn: BurnDown, width: int = 640, height: int = 220) -> BurnLines:
    """From the first day told to the stop, or to where the pace ends; at most FURTHEST days ahead."""
    (first, _), (today, now) = burn.in_hand[0], burn.in_hand[-1]
    ahead = [day for day in (burn.stop, burn.finish) if day is not None and day > today]
    last = min(max(ahead, default=today), today + timedelta(days=FURTHEST))
    days = (last - first).days or 1
    top = max(*(count for _, count in burn.in_hand), 1)

    def x(day: date) -> float:
        return LEFT + (day - first).days / days * (width - LEFT - 10)

    def y(count: float) -> float:
        return 10 + (1 - count / top) * (height - 40)

    def leads(to: date | None) -> str:
        """From today's count to zero on that day, cut off at the right edge."""
        if to is None or to <= today or not now:
            return ""
        end = min(to, last)
        left = now * (1 - (end - today).days / (to - today).days)
        return f"{x(today):.1f},{y(now):.1f} {x(end):.1f},{y(left):.1f}"

    return BurnLines(
        width=width,
        height=height,
        line=" ".join(f"{x(day):.1f},{y(count):.1f}" for day, count in burn.in_hand),
        ideal=leads(burn.stop),
        forecast=leads(burn.finish),
        today=x(today),
        top=top,
        ticks=[(x(first + timedelta(n)), first + timedelta(n)) for n in range(0, days + 1, max(1, days // 6))],
    )
