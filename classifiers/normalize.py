"""Undoes disguised spelling: width, traditional characters, zero-width and separator tricks, homophones, pinyin, emoji.

Knows spelling and the lexicon's variants; knows nothing of wages. Offsets of the normal form lead back to the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from classifiers.lexicon import load

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f\u3164\u115f\u1160"
_JOINTS = r".·•∙・･*_\-/\\|~^+'`=#&°¨"  # between two Han characters of one word these are no punctuation
_EMOJI = "\U0001f300-\U0001faff\u20e3\u2600-\u27bf"
_LONE = re.compile("[\ud800-\udfff]")  # half a character, which no automaton takes
_ODD = re.compile(f"[{_INVISIBLE}{_EMOJI}]")
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
# patterns begin with a set of characters: the scan skips to the first of them
_JOINT = re.compile(
    rf"[{_JOINTS}](?<=[{_HAN}a-z].)[{_JOINTS}]{{0,2}}(?=[{_HAN}])"
)  # up to three between Han or letter and Han
_GAPS = r" \t,…—、"
_GAP = re.compile(rf"(?<=[{_HAN}])[{_GAPS}]{{1,3}}(?=[{_HAN}])")
_APART = rf"(?=[{_HAN}]( {{1,3}})[{_HAN}](?:[^{_HAN}]|$))"  # two single characters with spaces between
_SINGLE, _SINGLE_FIRST = re.compile("[ ,，。]" + _APART), re.compile(".?" + _APART)
_NEXT = re.compile(rf".( {{1,3}})(?=[{_HAN}])")  # the gap after such a pair
_TRIPLED = "欠薪工资钱讨拖汗板不没发给"
_REPEATED = re.compile(rf"[{_TRIPLED}](?<=(.))\1{{2,}}")


Change = tuple[int, int, str]  # start, end, what stands there now


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal form. `utf8`: the same as bytes, for the automata; `changes`: the steps that led here, in order."""

    text: str
    utf8: bytes
    length: int  # of the original
    changes: tuple[tuple[Change, ...], ...] = ()

    @property
    def origins(self) -> tuple[int, ...] | None:
        """Where character i stood in the original; None: every one where it was. Made anew at each call."""
        if not self.changes:
            return None
        return tuple(self._origin(at) for at in range(len(self.text)))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that characters `start`..`end` came from; empty spans stay empty."""
        if not self.changes:
            return start, end
        first = self._origin(start)
        return first, self._origin(end) if start < end else first

    def _origin(self, at: int) -> int:
        for changes in reversed(self.changes):
            at = _before(changes, at)
        return at


def normalize(text: str) -> Normal:
    """The text as written without tricks. A text without one takes one search and one pass of one automaton."""
    plain, steps = untricked(text) if tricked().search(text) else (text, [])
    written = plain.encode()
    utf8 = written.lower()  # A to Z: bytes know no other capitals
    automaton, words = _variants()
    found = automaton.find_matches_as_indexes(utf8)
    if not found:
        return Normal(plain if utf8 == written else utf8.decode(), utf8, len(text), tuple(steps))
    plain = utf8.decode()
    if any(which >= len(words) for which, _, _ in found):
        plain = _splice(plain, [(match.start() + 1, match.end(), "") for match in _REPEATED.finditer(plain)], steps)
        utf8 = plain.encode()
        found = automaton.find_matches_as_indexes(utf8)
    plain = _splice(plain, [(start, end, words[which]) for which, start, end in placed(utf8, found)], steps)
    return Normal(plain, plain.encode(), len(text), tuple(steps))


def placed(utf8: bytes, found: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What an automaton found in bytes, in order and never overlapping, with places counted in characters."""
    out: list[tuple[int, int, int]] = []
    byte = at = 0
    for which, start, end in found:
        first = at + len(utf8[byte:start].decode())
        byte, at = end, first + len(utf8[start:end].decode())
        out.append((which, first, at))
    return out


def untricked(text: str) -> tuple[str, list[tuple[Change, ...]]]:
    """Width, traditional characters, invisible ones, emoji, marks and gaps inside words undone; and the steps taken."""
    table = _table()
    steps: list[tuple[Change, ...]] = []
    plain = _LONE.sub("\ufffd", text).encode().lower().decode()
    plain = _in_table().sub(lambda match: table[match.group()], plain)
    if _ODD.search(plain):
        plain = _cut(plain, [match.span() for match in _INVISIBLE_RUN.finditer(plain)], steps)
        emoji = [(*match.span(), _emoji()[match.group()]) for match in _emoji_pattern().finditer(plain)]
        plain = _splice(plain, emoji, steps)
    plain = _cut(plain, [match.span() for match in _JOINT.finditer(plain)], steps)
    return _cut(plain, _gaps(plain), steps), steps


def _cut(text: str, spans: Iterable[tuple[int, int]], steps: list[tuple[Change, ...]]) -> str:
    return _splice(text, [(start, end, "") for start, end in spans], steps)


def _splice(text: str, changes: Sequence[Change], steps: list[tuple[Change, ...]]) -> str:
    """Puts each new piece in place of `start`..`end` and adds the step, if it changed anything, to `steps`."""
    if not changes:
        return text
    steps.append(tuple(changes))
    parts: list[str] = []
    position = 0
    for start, end, piece in changes:
        parts += (text[position:start], piece)
        position = end
    return "".join([*parts, text[position:]])


def _before(changes: Sequence[Change], at: int) -> int:
    """Where the character now at `at` stood before a step; those of a new piece share the places it took."""
    grown = 0
    for start, end, piece in changes:
        first = at - start - grown
        if first < 0:
            break
        if first < len(piece):
            return min(start + first, end - 1)
        grown += len(piece) - (end - start)
    return at - grown


def _gaps(text: str) -> list[tuple[int, int]]:
    """Gaps that split one of the lexicon's own words (工 资) or stand in a run of single characters (老 板 不 给)."""
    found = {match.span() for match in _split_pairs().finditer(text) if _splits_word(text, *match.span())}
    if " " in text:
        alone = [match.span(1) for match in _SINGLE.finditer(text)]
        if first := _SINGLE_FIRST.match(text):
            alone.append(first.span(1))
        found.update(alone)
        found.update(match.span(1) for _, end in alone if (match := _NEXT.match(text, end)))
    return sorted(found)


def _splits_word(text: str, start: int, end: int) -> bool:
    if text[start - 1] + text[end] not in _joined():
        return False
    before = _GAP.sub("", text[max(0, start - 8) : start])[-3:]
    after = _GAP.sub("", text[end : end + 8])[:3]
    words = _never_split()
    return any(before[-left:] + after[:right] in words for left in (1, 2, 3) for right in (1, 2, 3) if left + right < 5)


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """Characters beyond ASCII that have a plainer form, with it."""
    spelling = load("spelling")
    table = {0xFF01 + at: chr(0x21 + at) for at in range(94)}
    table |= {0x3000: " ", 0xA0: " ", 0x2009: " ", 0x202F: " "}
    table |= {0xFF21 + at: chr(0x61 + at) for at in range(26)}
    table |= {ord(old): new for line in spelling["traditional"] for old, new in zip(line[::2], line[1::2], strict=True)}
    # full-width commas and stops stay as they are: clauses end there
    return {chr(code): new for code, new in table.items() if chr(code) not in "，！？；：（）" and chr(code) != new}


@lru_cache(maxsize=1)
def _in_table() -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(sorted(_table()))) + "]")


@lru_cache(maxsize=1)
def tricked() -> re.Pattern[str]:
    """Finds something in every text that `untricked` would change beyond capital letters, and in few others.

    One search that begins with a set of characters: odd ones, and marks and gaps in the places where they are undone.
    """
    odd = f"{re.escape(''.join(_table()))}{_INVISIBLE}{_EMOJI}\ud800-\udfff"
    joint = rf"(?<=[{_HAN}a-zA-Z][{_JOINTS}])[{_JOINTS}]{{0,2}}(?=[{_HAN}])"
    split = rf"(?<=[{_firsts()}][{_GAPS}])[{_GAPS}]{{0,2}}(?=[{''.join(sorted({pair[1] for pair in _joined()}))}])"
    alone = rf"(?<=[{_HAN}] )(?:(?<=[ ,，。]..)|(?<=\A..)|(?<=\A...)) {{0,2}}[{_HAN}](?:[^{_HAN}]|\Z)"
    return re.compile(f"[{odd}{_JOINTS}{_GAPS}](?:(?<=[{odd}])|{joint}|{split}|{alone})", re.DOTALL)


@lru_cache(maxsize=1)
def _emoji() -> dict[str, str]:
    return {key: str(value) for key, value in load("spelling")["emoji"].items()}


@lru_cache(maxsize=1)
def _emoji_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_emoji(), key=len, reverse=True))))


@lru_cache(maxsize=1)
def _variants() -> tuple[BytesAhoCorasick, list[str]]:
    """Finds variants in UTF-8, and behind their numbers a character written three times; the plain words by number."""
    pairs = [(variant, word) for word, variants in load("spelling")["variants"].items() for variant in variants]
    tripled = [character * 3 for character in _TRIPLED]
    automaton = BytesAhoCorasick(
        [word.encode() for word in [variant for variant, _ in pairs] + tripled],
        matchkind=MatchKind.LeftmostLongest,
        implementation=Implementation.DFA,
    )
    return automaton, [word for _, word in pairs]


@lru_cache(maxsize=1)
def _never_split() -> frozenset[str]:
    return frozenset(load("spelling")["never_split"])


@lru_cache(maxsize=1)
def _joined() -> frozenset[str]:
    """Every two characters that stand side by side in such a word."""
    return frozenset(word[at : at + 2] for word in _never_split() for at in range(len(word) - 1))


@lru_cache(maxsize=1)
def _split_pairs() -> re.Pattern[str]:
    """A gap after a character that begins such a pair, before a Han character."""
    return re.compile(rf"[{_GAPS}](?<=[{_firsts()}].)[{_GAPS}]{{0,2}}(?=[{_HAN}])")


@lru_cache(maxsize=1)
def _firsts() -> str:
    return "".join(sorted({pair[0] for pair in _joined()}))
