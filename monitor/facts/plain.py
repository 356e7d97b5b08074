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

_CAPITAL, _LETTERS = re.compile(r"[A-ZＡ-Ｚ]"), re.compile(r"[a-z]+")


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
    return _LETTERS.sub(lambda run: "".join(_as_written(written, normal, at) for at in range(*run.span())), normal.text)


def _as_written(written: str, normal: Normal, at: int) -> str:
    """The letter at `at` of the normal text, a capital where one was published."""
    char, origin = normal.text[at], normal.original(at, at)[0]
    return char.upper() if written[origin] == char.upper() else char


def _place_of(normal: Normal, position: int) -> int:
    """Where a position of the published text stands in the normal one."""
    if not normal.changes:
        return position
    return bisect_left(range(len(normal.text)), position, key=lambda at: normal.original(at, at)[0])
