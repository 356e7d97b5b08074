"""Charts of a digest as PNG bytes: days, shares, burn-down. Knows what is drawn where; knows no store and no fonts.

Colours of the levels are those of the pages; every bar carries its number and every axis its unit, so that colour is
never the only sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from monitor.digest.canvas import GRID, INK, SOFT, Canvas, shortened, width_of
from monitor.digest.words import word, words

LEVEL_COLOURS = {"red": "#b3261e", "orange": "#d9730d", "yellow": "#c9a100", "blue": "#2f6db5"}
BAR = "#4a6fa5"
WIDE, HIGH, NARROW = 430, 175, 340  # points: 152 x 62 mm and 120 mm, as a document shows them
LABELLED = 12  # days named below a chart at most
NUMBERED = 16  # bars whose totals are written above them at most


@dataclass(frozen=True, slots=True)
class _Plot:
    """A field with a unit, whole numbers on its left and something for each step across."""

    canvas: Canvas
    steps: int
    top: int
    left: float = 34
    up: float = 40
    right: float = WIDE - 10
    down: float = HIGH - 22

    def x(self, step: float) -> float:
        """The middle of a step, counted from 0."""
        return self.left + (step + 0.5) * (self.right - self.left) / self.steps

    def y(self, count: float) -> float:
        return self.down - count / self.top * (self.down - self.up)

    def frame(self, title: str, unit: str) -> None:
        draw = self.canvas
        draw.text(6, 11, title, size=10)
        draw.text(self.left - 4, self.up - 12, unit, size=7.5, colour=SOFT, anchor="rm")
        for count in _ticks(self.top):
            draw.line([(self.left, self.y(count)), (self.right, self.y(count))], GRID, 0.6)
            draw.text(self.left - 4, self.y(count), str(count), size=7.5, anchor="rm")

    def days(self, days: Sequence[date]) -> None:
        for number in range(0, len(days), max(1, ceil(len(days) / LABELLED))):
            self.canvas.text(self.x(number), self.down + 10, days[number].strftime("%m-%d"), size=7.5, anchor="mm")


def days_chart(series: Sequence[tuple[date, Mapping[str, int], int]]) -> bytes:
    """Opened incidents per day, stacked by level, with closed ones as a line."""
    draw = Canvas(WIDE, HIGH)
    totals = [sum(opened.values()) for _, opened, _ in series]
    plot = _Plot(draw, len(series), _ceiling(max([*totals, *(closed for _, _, closed in series)])))
    plot.frame(words()["charts"]["last_days"].format(days=len(series)), words()["charts"]["count"])
    half = (plot.x(1) - plot.x(0)) * 0.31
    for number, (_, opened, _) in enumerate(series):
        base = 0
        for level in ("blue", "yellow", "orange", "red"):
            if count := opened.get(level, 0):
                draw.rect(plot.x(number) - half, plot.y(base + count), plot.x(number) + half, plot.y(base),
                          LEVEL_COLOURS[level])  # fmt: skip
                base += count
        if base and len(series) <= NUMBERED:
            draw.text(plot.x(number), plot.y(base) - 6, str(base), size=7.5, anchor="mm")
    points = [(plot.x(number), plot.y(closed)) for number, (_, _, closed) in enumerate(series)]
    draw.line(points, INK, 1.4)
    for x, y in points:
        draw.dot(x, y, 2, INK)
    plot.days([day for day, _, _ in series])
    levels = [(word("levels", level), LEVEL_COLOURS[level], None) for level in ("blue", "yellow", "orange", "red")]
    _legend(draw, [*levels, (words()["charts"]["closed"], INK, (99.0, 0.0))])
    return draw.png()


def shares_chart(counts: Mapping[str, int], title: str, limit: int = 8) -> bytes:
    """Horizontal bars, largest first; what is beyond `limit` is summed up in the last one."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) > limit:
        rest = sum(count for _, count in ordered[limit - 1 :])
        ordered = [*ordered[: limit - 1], (words()["charts"]["others"], rest)]
    draw = Canvas(NARROW, 30 + 20 * max(len(ordered), 1))
    draw.text(6, 11, title, size=10)
    names = [shortened(name or words()["unknown"], 130) for name, _ in ordered]
    left = 12 + max([width_of(name) for name in names], default=0)
    most, unit = max([count for _, count in ordered], default=1) or 1, words()["charts"]["count"]
    for number, (name, (_, count)) in enumerate(zip(names, ordered, strict=True)):
        y = 34 + 20 * number
        draw.text(left - 5, y, name, anchor="rm")
        draw.rect(left, y - 6, left + count / most * (NARROW - 44 - left), y + 6, BAR)
        draw.text(left + count / most * (NARROW - 44 - left) + 4, y, f"{count}{unit}")
    return draw.png()


def burn_chart(in_hand: Sequence[tuple[date, int]], *, stop: date | None, finish: date | None) -> bytes:
    """限时清零: cases in hand at each day's end; dashed where today's pace leads (`finish`), dotted to the `stop`.

    A forecast far beyond the past drawn here is named in the legend and leaves the field at its right edge.
    """
    draw, charts = Canvas(WIDE, HIGH), words()["charts"]
    last, now = in_hand[-1]
    past = (last - in_hand[0][0]).days
    ahead = [(end - last).days for end in (stop, finish) if end is not None and end > last and now]
    shown = past + min(max(ahead, default=0), 2 * past)
    plot = _Plot(draw, shown + 1, _ceiling(max(count for _, count in in_hand)))
    plot.frame(charts["burn"], charts["count"])
    plot.days([date.fromordinal(in_hand[0][0].toordinal() + number) for number in range(shown + 1)])
    legend: list[tuple[str, str, tuple[float, float] | None]] = [(charts["in_hand"], INK, (99.0, 0.0))]
    for end, dash, key in ((stop, (1.5, 2.5), "needed"), (finish, (6.0, 4.0), "forecast")):
        if end is not None and end > last and now:
            colour, days = LEVEL_COLOURS["red" if key == "needed" else "blue"], (end - last).days
            seen = min(days, shown - past)
            draw.line([(plot.x(past), plot.y(now)), (plot.x(past + seen), plot.y(now * (1 - seen / days)))], colour,
                      1.6, dash)  # fmt: skip
            legend.append((charts[key].format(day=end.strftime("%m-%d")), colour, dash))
    points = [(plot.x((day - in_hand[0][0]).days), plot.y(count)) for day, count in in_hand]
    draw.line(points, INK, 1.8)
    draw.text(points[-1][0] + 4, points[-1][1] - 7, f"{now}{charts['count']}", size=8)
    _legend(draw, legend)
    return draw.png()


def _legend(draw: Canvas, entries: Sequence[tuple[str, str, tuple[float, float] | None]]) -> None:
    """At the upper right, read from left to right; an entry with a dash is a line, the others are fields."""
    x = draw.width - 8 - sum(width_of(name) + 34 for name, _, _ in entries)
    for name, colour, dash in entries:
        if dash is None:
            draw.rect(x + 10, 7, x + 22, 15, colour)
        else:
            draw.line([(x + 6, 11), (x + 24, 11)], colour, 1.6, dash)
        draw.text(x + 28, 11, name)
        x += width_of(name) + 34


def _ceiling(most: int) -> int:
    """The end of an axis: room above the highest bar, at least one."""
    return max(1, ceil(most * 1.12))


def _ticks(top: int) -> list[int]:
    """Whole numbers from 0, at most six, in steps of 1, 2 or 5."""
    step = next(
        step * ten for ten in (1, 10, 100, 1_000, 10_000, 100_000) for step in (1, 2, 5) if step * ten * 5 >= top
    )
    return list(range(0, top + 1, step))
