"""Charts as PNG bytes. Knows matplotlib and where a Chinese font is; knows no store.

Colours of the levels are those of the pages; every bar carries its number, so that colour is never the only sign.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from monitor.digest.words import word, words

LEVEL_COLOURS = {"red": "#b3261e", "orange": "#d9730d", "yellow": "#c9a100", "blue": "#2f6db5"}
INK, GRID = "#26323f", "#d9dee4"
SYSTEM_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC", "Noto Sans CJK JP",
)  # fmt: skip
_drawing = threading.Lock()  # matplotlib's state is not for two threads


@cache
def font() -> str:
    """The name of a font that has Chinese characters: the system's, or the one that comes with the package mplfonts."""
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    for name in SYSTEM_FONTS:
        if name in installed:
            return name
    import mplfonts

    path = Path(mplfonts.__file__).parent / "fonts" / "NotoSansCJKsc-Regular.otf"
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


def days_chart(series: Sequence[tuple[date, Mapping[str, int], int]]) -> bytes:
    """Opened incidents per day, stacked by level, with closed ones as a line."""
    with _drawing:
        figure, axes = _canvas(7.2, 2.6)
        labels = [day.strftime("%m-%d") for day, _, _ in series]
        base = [0] * len(series)
        for level in ("blue", "yellow", "orange", "red"):
            heights = [opened.get(level, 0) for _, opened, _ in series]
            axes.bar(labels, heights, bottom=base, color=LEVEL_COLOURS[level], label=word("levels", level), width=0.62)
            base = [a + b for a, b in zip(base, heights, strict=True)]
        axes.plot(labels, [closed for _, _, closed in series], color=INK, marker="o", markersize=3.5, linewidth=1.4,
                  label=words()["charts"]["closed"])  # fmt: skip
        axes.yaxis.set_major_locator(_whole_numbers())
        axes.set_title(words()["charts"]["last_days"].format(days=len(series)), loc="left", fontsize=10)
        step = max(1, len(labels) // 14)
        axes.set_xticks(range(0, len(labels), step), labels[::step])
        axes.set_ylim(0, max([*base, *(closed for _, _, closed in series), 1]) * 1.25)
        axes.legend(ncols=5, fontsize=8, frameon=False, loc="upper right")
        return _png(figure)


def shares_chart(counts: Mapping[str, int], title: str, limit: int = 8) -> bytes:
    """Horizontal bars, largest first; what is beyond `limit` is summed up in the last one."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) > limit:
        ordered = [
            *ordered[: limit - 1],
            (words()["charts"]["others"], sum(count for _, count in ordered[limit - 1 :])),
        ]
    with _drawing:
        figure, axes = _canvas(5.2, 0.6 + 0.28 * max(len(ordered), 1))
        names = [name or words()["unknown"] for name, _ in ordered][::-1]
        values = [count for _, count in ordered][::-1]
        bars = axes.barh(names, values, color="#4a6fa5", height=0.6)
        axes.bar_label(bars, padding=3, fontsize=8)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlim(0, max([*values, 1]) * 1.15)
        axes.xaxis.set_visible(False)
        return _png(figure)


def burn_chart(in_hand: Sequence[tuple[date, int]], *, stop: date | None, finish: date | None) -> bytes:
    """限时清零: cases in hand at each day's end; dashed where today's pace leads (`finish`), dotted to the `stop`."""
    with _drawing:
        figure, axes = _canvas(7.2, 2.6)
        days, counts = [day for day, _ in in_hand], [count for _, count in in_hand]
        last, now = in_hand[-1]
        axes.plot(days, counts, color=INK, linewidth=1.8, label=words()["charts"]["in_hand"])
        axes.annotate(str(now), (last, now), textcoords="offset points", xytext=(4, 4), fontsize=8, color=INK)
        for end, style, key in ((stop, ":", "needed"), (finish, "--", "forecast")):
            if end is not None and end > last and now:
                colour = LEVEL_COLOURS["red" if key == "needed" else "blue"]
                axes.plot([last, end], [now, 0], linestyle=style, color=colour, linewidth=1.4,
                          label=words()["charts"][key].format(day=end.strftime("%m-%d")))  # fmt: skip
        axes.set_title(words()["charts"]["burn"], loc="left", fontsize=10)
        axes.set_ylim(0, max([*counts, 1]) * 1.25)
        axes.yaxis.set_major_locator(_whole_numbers())
        axes.xaxis.set_major_formatter(_month_and_day())
        axes.legend(ncols=3, fontsize=8, frameon=False, loc="upper right")
        return _png(figure)


def _month_and_day() -> Any:
    from matplotlib import dates

    form: Any = dates.DateFormatter
    return form("%m-%d")


def _canvas(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"font.family": [font(), "DejaVu Sans"], "axes.unicode_minus": False})
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=130, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    return figure, axes


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True, nbins=5)


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
