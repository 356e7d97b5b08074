"""Lines for inline SVG: spread of an incident, burn-down to New Year's Eve. Pure: numbers in, coordinates out.

The SVG stands in the templates; nothing here is a colour or a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

FEWEST_DAYS = 3  # from which a pace may be told
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
class BurnDown:
    """限时清零: incidents in hand day by day, and where the line must go to be at zero at the hard stop.

    `finish`: the day on which the present pace reaches zero; None: at this pace never.
    """

    width: int
    height: int
    line: str
    ideal: str
    today: float
    top: int
    ticks: Sequence[tuple[float, date]]
    now: int
    stop: date
    finish: date | None
    pace: float | None  # net incidents closed a day over the last fortnight; None: too few days to tell


def burn_down(
    opened: Sequence[date], closed: Sequence[date], *, today: date, start: date, stop: date, in_hand: int,
    width: int = 640, height: int = 220,
) -> BurnDown | None:  # fmt: skip
    """From `start` to `stop` (the last day before the eve); None when the stop has passed or lies too far ahead."""
    if not start <= today <= stop:
        return None
    days = (stop - start).days or 1
    balance = _balance(opened, closed, start, today, in_hand)
    top = max(*balance, in_hand, 1)

    def x(day: date) -> float:
        return 34 + (day - start).days / days * (width - 44)

    def y(count: float) -> float:
        return 10 + (1 - count / top) * (height - 40)

    points = [f"{x(start + timedelta(n)):.1f},{y(count):.1f}" for n, count in enumerate(balance)]
    span = min(14, len(balance) - 1)
    pace = (balance[-1 - span] - balance[-1]) / span if span >= FEWEST_DAYS else None
    left = in_hand / pace if pace is not None and pace > 0 else None
    finish = today + timedelta(days=round(left)) if left is not None and left < 3650 else None
    return BurnDown(
        width=width,
        height=height,
        line=" ".join(points),
        ideal=f"{x(today):.1f},{y(in_hand):.1f} {x(stop):.1f},{y(0):.1f}",
        today=x(today),
        top=top,
        ticks=[(x(start + timedelta(n)), start + timedelta(n)) for n in range(0, days + 1, max(1, days // 6))],
        now=in_hand,
        stop=stop,
        finish=finish,
        pace=pace,
    )


def _balance(opened: Sequence[date], closed: Sequence[date], start: date, today: date, in_hand: int) -> list[int]:
    """Incidents in hand at the end of each day, reckoned back from what is in hand now."""
    counts = [in_hand]
    day = today
    while day > start:
        counts.append(counts[-1] - opened.count(day) + closed.count(day))
        day -= timedelta(days=1)
    return [max(0, count) for count in reversed(counts)]
