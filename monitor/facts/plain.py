"""A text without the tricks of its spelling, for the rules of this room, and the way back to what was published.

Traditional characters, homophones, pinyin and characters pushed between (工·资, 欠xin) become plain by the
classifier's own table; capitals stay, for names are written with them (X207, MTG). Knows spelling only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from classifiers.normalize import Normal, normalize
from monitor.facts.numerals import flat
from monitor.model import Span

_CAPITAL = re.compile(r"[A-ZＡ-Ｚ]")


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` for the rules; `title_end`: where the title ends in it."""

    text: str
    title_end: int
    published: str
    normal: Normal

    def span(self, start: int, end: int) -> Span:
        """The span of the published text that characters `start`..`end` of the plain one came from."""
        first, last = self.normal.original(start, end)
        return Span(first, last, self.published[first:last])


def plain(published: str, title_length: int) -> Plain:
    """The plain form of a text whose first `title_length` characters are its title."""
    normal = normalize(flat(published))
    text = _with_capitals(published, normal) if _CAPITAL.search(published) else normal.text
    return Plain(text, _place_of(normal, title_length), published, normal)


def _with_capitals(published: str, normal: Normal) -> str:
    written = flat(published)
    origins = normal.origins or range(len(written))
    return "".join(
        written[origin] if char.islower() and written[origin].lower() == char else char
        for char, origin in zip(normal.text, origins, strict=False)
    )


def _place_of(normal: Normal, position: int) -> int:
    """Where a position of the published text stands in the normal one."""
    origins = normal.origins
    return position if origins is None else bisect_left(origins, position)
