"""A small drawing surface on Pillow: bars, lines and Chinese words, as PNG bytes. Knows no figure and no wording.

Measures are points (1/72 inch) from the upper left corner. Shapes are drawn at twice the size and shrunk, so that their
edges are smooth; words are drawn last, at the final size. A chart takes 30 ms and no import that takes longer: the
plotting library took 2 s of a month's report (docs/decisions/2026-11-25-reports-in-time.md).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

INK, SOFT, GRID = "#26323f", "#5b6875", "#d9dee4"
DPI, FINER = 200, 2
SYSTEM_FONTS = (  # file name, family within it; looked for where the system keeps its fonts
    ("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"), ("NotoSansCJKsc-Regular.otf", "Noto Sans CJK SC"),
    ("NotoSansSC-Regular.otf", "Noto Sans SC"), ("NotoSansSC-Regular.ttf", "Noto Sans SC"),
    ("SourceHanSansSC-Regular.otf", "Source Han Sans SC"), ("SourceHanSansCN-Regular.otf", "Source Han Sans CN"),
    ("msyh.ttc", "Microsoft YaHei"), ("simhei.ttf", "SimHei"), ("wqy-microhei.ttc", "WenQuanYi Micro Hei"),
    ("wqy-zenhei.ttc", "WenQuanYi Zen Hei"), ("PingFang.ttc", "PingFang SC"),
)  # fmt: skip
Point = tuple[float, float]


@cache
def font() -> tuple[str, str, int]:
    """(family, file, face within it) of a font with Chinese characters: the system's, or that of the package mplfonts.

    LookupError where there is none.
    """
    from PIL import ImageFont

    for name, family in SYSTEM_FONTS:
        try:
            found = ImageFont.truetype(name, 10)
        except OSError:
            continue
        return _face(str(found.path), family)
    spec = find_spec("mplfonts")
    packaged = Path(spec.origin).parent / "fonts" / "NotoSansCJKsc-Regular.otf" if spec and spec.origin else None
    if packaged is None or not packaged.exists():
        raise LookupError("no font with Chinese characters: install fonts-noto-cjk or the package mplfonts")
    return _face(str(packaged), "Noto Sans CJK SC")


def _face(path: str, family: str) -> tuple[str, str, int]:
    """The face of that family in a collection; its first one where the collection has no such name."""
    from PIL import ImageFont

    names: list[str] = []
    while len(names) < 20:
        try:
            names.append(str(ImageFont.truetype(path, 10, index=len(names)).getname()[0]))
        except OSError:
            break
    return (family, path, names.index(family)) if family in names else (names[0], path, 0)


@cache
def _sized(pixels: int) -> Any:
    from PIL import ImageFont

    try:
        _, path, face = font()
    except LookupError:  # a digest with boxes in its charts is better than none; the doctor says why
        return ImageFont.load_default(pixels)
    return ImageFont.truetype(path, pixels, index=face)


class Canvas:
    """One picture of `width` x `height` points on white."""

    def __init__(self, width: float, height: float) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height = width, height
        self._scale = DPI / 72 * FINER
        size = round(width * self._scale), round(height * self._scale)
        self._image = Image.new("RGB", size, "white")
        self._pen = ImageDraw.Draw(self._image)
        self._words: list[tuple[Point, str, float, str, str]] = []

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: str) -> None:
        self._pen.rectangle([self._at(x0, y0), self._at(x1, y1)], fill=fill)

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        self._pen.ellipse([self._at(x - radius, y - radius), self._at(x + radius, y + radius)], fill=fill)

    def line(
        self, points: Sequence[Point], colour: str, width: float = 1, dash: tuple[float, float] | None = None
    ) -> None:
        """A line through the points; `dash`: length of a stroke and of the gap after it."""
        for stroke in _strokes(points, dash) if dash else [points]:
            self._pen.line([self._at(*point) for point in stroke], fill=colour, width=round(width * self._scale),
                           joint="curve")  # fmt: skip

    def text(self, x: float, y: float, text: str, *, size: float = 8, colour: str = INK, anchor: str = "lm") -> None:
        """`anchor` as Pillow has it: l, m, r across and t, m, b down."""
        self._words.append(((x, y), text, size, colour, anchor))

    def png(self) -> bytes:
        from PIL import Image, ImageDraw

        half = self._image.width // FINER, self._image.height // FINER
        image = self._image.resize(half, Image.Resampling.BOX)
        pen, scale = ImageDraw.Draw(image), DPI / 72
        for (x, y), text, size, colour, anchor in self._words:
            pen.text((x * scale, y * scale), text, fill=colour, font=_sized(round(size * scale)), anchor=anchor,
                     stroke_width=2, stroke_fill="white")  # fmt: skip
        buffer = io.BytesIO()
        image.save(buffer, format="PNG", dpi=(DPI, DPI), compress_level=6)
        return buffer.getvalue()

    def _at(self, x: float, y: float) -> Point:
        return x * self._scale, y * self._scale


def width_of(text: str, size: float = 8) -> float:
    """How wide words are, in points."""
    scale = DPI / 72
    return float(_sized(round(size * scale)).getlength(text)) / scale


def shortened(text: str, room: float, size: float = 8) -> str:
    """The words themselves, or as much of them as `room` points hold with an ellipsis."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def _strokes(points: Sequence[Point], dash: tuple[float, float]) -> list[list[Point]]:
    found, (on, off) = [], dash
    for (x0, y0), (x1, y1) in pairwise(points):
        length, at = hypot(x1 - x0, y1 - y0), 0.0
        while at < length:
            ends = [at / length, min(at + on, length) / length]
            found.append([(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for part in ends])
            at += on + off
    return found
