"""Undoes disguised spelling: width, traditional characters, zero-width and separator tricks, homophones, pinyin, emoji.

Knows spelling and the lexicon's variants; knows nothing of wages. Offsets of the normal form lead back to the original.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from classifiers.lexicon import load

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f\u3164\u115f\u1160"
_JOINTS = r".·•∙・･*_\-/\\|~^+'`=#&°¨,。…—"  # between two Han characters of one word these are no punctuation
_ODD = re.compile(
    rf"[{_INVISIBLE}\U0001F300-\U0001FAFF\u20e3\u2600-\u27bf]"
    rf"|[{_HAN}][ \t\u3000]+(?=[{_HAN}])|[{_HAN}][.·•∙・･*_\-/\\|~^+'`=#&°¨]+(?=[{_HAN}])|(.)\1\1"
    rf"|[{_HAN}][a-z]|[a-z][{_HAN}]|[a-z]{{5}}"
)
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_INNER_JOINT = re.compile(rf"(?<=[{_HAN}a-z])[.·•∙・･*_\-/\\|~^+'`=#&°¨]{{1,3}}(?=[{_HAN}])")
_SPELT_OUT = re.compile(rf"(?:(?<![{_HAN}])|(?<=[{_HAN}][ ]))[{_HAN}](?: {{1,2}}[{_HAN}](?![{_HAN}])){{2,}}")
_REPEATED = re.compile(r"([^\d\s.])\1{2,}")


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal form. `origins[i]`: where character i stood in the original; None: every one where it was."""

    text: str
    origins: tuple[int, ...] | None
    length: int  # of the original

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that characters `start`..`end` came from; empty spans stay empty."""
        if self.origins is None or start >= end:
            place = (
                start if self.origins is None else (self.origins[start] if start < len(self.origins) else self.length)
            )
            return (place, end if self.origins is None else place)
        return self.origins[start], self.origins[end] if end < len(self.origins) else self.length


def normalize(text: str) -> Normal:
    """The text as it would be written without tricks. Most texts need the character table only: offsets stay."""
    plain = text.translate(_table())
    if not _ODD.search(plain):
        return Normal(plain, None, len(text))
    return _rewrite(plain)


def _rewrite(text: str) -> Normal:
    length, origins = len(text), list(range(len(text)))
    text, origins = _drop(text, origins, _INVISIBLE_RUN)
    text, origins = _replace(text, origins, _emoji())
    text, origins = _drop(text, origins, _INNER_JOINT)
    text, origins = _close_up(text, origins)
    text, origins = _squeeze(text, origins)
    text, origins = _variants(text, origins)
    return Normal(text, tuple(origins), length)


def _drop(text: str, origins: list[int], pattern: re.Pattern[str]) -> tuple[str, list[int]]:
    return _cut(text, origins, [match.span() for match in pattern.finditer(text)])


def _cut(text: str, origins: list[int], spans: list[tuple[int, int]]) -> tuple[str, list[int]]:
    if not spans:
        return text, origins
    parts: list[str] = []
    kept: list[int] = []
    position = 0
    for start, end in spans:
        parts.append(text[position:start])
        kept += origins[position:start]
        position = end
    return "".join([*parts, text[position:]]), kept + origins[position:]


def _close_up(text: str, origins: list[int]) -> tuple[str, list[int]]:
    """Spaces inside a run of single characters (老 板 不 给) and inside one of the lexicon's own words (工 资)."""
    spaces = [
        (match.start() + at, match.start() + at + 1)
        for match in _SPELT_OUT.finditer(text)
        for at, character in enumerate(match.group())
        if character == " "
    ]
    text, origins = _cut(text, origins, spaces)
    spans = [
        (match.start() + at, match.start() + at + 1)
        for match in _spaced_words().finditer(text)
        for at, character in enumerate(match.group())
        if character in " \t,。…—"
    ]
    return _cut(text, origins, spans)


def _squeeze(text: str, origins: list[int]) -> tuple[str, list[int]]:
    return _cut(text, origins, [(match.start() + 1, match.end()) for match in _REPEATED.finditer(text)])


def _variants(text: str, origins: list[int]) -> tuple[str, list[int]]:
    automaton, targets = _automaton()
    return _splice(
        text, origins, [(start, end, targets[which]) for which, start, end in automaton.find_matches_as_indexes(text)]
    )


def _replace(text: str, origins: list[int], table: Mapping[str, str]) -> tuple[str, list[int]]:
    return _splice(
        text, origins, [(at, at + 1, table[character]) for at, character in enumerate(text) if character in table]
    )


def _splice(text: str, origins: list[int], changes: list[tuple[int, int, str]]) -> tuple[str, list[int]]:
    """Puts each new piece in place of `start`..`end`; its characters share the origins of what they replace."""
    if not changes:
        return text, origins
    parts: list[str] = []
    kept: list[int] = []
    position = 0
    for start, end, piece in changes:
        parts += [text[position:start], piece]
        kept += origins[position:start]
        kept += [origins[min(start + at, end - 1)] for at in range(len(piece))]
        position = end
    return "".join([*parts, text[position:]]), kept + origins[position:]


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    spelling = load("spelling")
    table = {0xFF01 + at: chr(0x21 + at) for at in range(94)}
    table |= {0x3000: " ", 0xA0: " ", 0x2009: " ", 0x202F: " "}
    table |= {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= {0xFF21 + at: chr(0x61 + at) for at in range(26)}
    table |= {ord(old): new for line in spelling["traditional"] for old, new in zip(line[::2], line[1::2], strict=True)}
    # full-width commas and stops stay as they are: clauses end there
    return {code: new for code, new in table.items() if chr(code) not in "，！？；：（）"}


@lru_cache(maxsize=1)
def _emoji() -> dict[str, str]:
    return {key: str(value) for key, value in load("spelling")["emoji"].items()}


@lru_cache(maxsize=1)
def _automaton() -> tuple[AhoCorasick, list[str]]:
    pairs = [(variant, word) for word, variants in load("spelling")["variants"].items() for variant in variants]
    return AhoCorasick([variant for variant, _ in pairs], matchkind=MatchKind.LeftmostLongest), [
        word for _, word in pairs
    ]


@lru_cache(maxsize=1)
def _spaced_words() -> re.Pattern[str]:
    words = load("spelling")["never_split"]
    gap = r"[ \t,。…—]{1,3}"
    return re.compile("|".join(gap.join(word) if len(word) == 2 else _any_gap(word) for word in words))


def _any_gap(word: str) -> str:
    """A word of three or more characters with at least one gap somewhere inside."""
    first, rest = word[0], word[1:]
    return (
        rf"(?={first}(?:[ \t,。…—]{{0,3}}){'(?:[ ,。…—]{0,3})'.join(rest)})"
        + first
        + "".join(rf"[ \t,。…—]{{0,3}}{c}" for c in rest)
    )
