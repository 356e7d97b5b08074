"""Undoes disguised spelling: width, traditional characters, zero-width and separator tricks, homophones, pinyin, emoji.

Knows spelling and the lexicon's variants; knows nothing of wages. Offsets of the normal form lead back to the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from classifiers.lexicon import load

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f\u3164\u115f\u1160"
_JOINTS = r".·•∙・･*_\-/\\|~^+'`=#&°¨"  # between two Han characters of one word these are no punctuation
_LONE = re.compile("[\ud800-\udfff]")  # half a character, which no automaton takes
_ODD = re.compile(f"[{_INVISIBLE}\U0001f300-\U0001faff\u20e3\u2600-\u27bf]")
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_JOINT_RUN = re.compile(f"[{_JOINTS}]+")  # patterns begin with a set of characters: the scan skips to the first of them
_GAP = re.compile(rf"(?<=[{_HAN}])[ \t,…—、]{{1,3}}(?=[{_HAN}])")
_APART = rf"(?=[{_HAN}]( {{1,3}})[{_HAN}](?:[^{_HAN}]|$))"  # two single characters with spaces between
_SINGLE, _SINGLE_FIRST = re.compile("[ ,，。]" + _APART), re.compile(".?" + _APART)
_NEXT = re.compile(rf".( {{1,3}})(?=[{_HAN}])")  # the gap after such a pair
_TRIPLED = "欠薪工资钱讨拖汗板不没发给"
_REPEATED = re.compile(rf"[{_TRIPLED}](?<=(.))\1{{2,}}")


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
    """The text as written without tricks. A text without an odd character takes one pass of one automaton."""
    state = _plain_characters(text) if _suspect().search(text) else _State(text, None)
    automaton, words = _variants()
    found = automaton.find_matches_as_indexes(state.text)
    if found and any(which >= len(words) for which, _, _ in found):
        state = _cut(state, [(match.start() + 1, match.end()) for match in _REPEATED.finditer(state.text)])
        found = automaton.find_matches_as_indexes(state.text)
    if found:
        state = _splice(state, [(start, end, words[which]) for which, start, end in found])
    return Normal(state.text, None if state.origins is None else tuple(state.origins), len(text))


def _plain_characters(text: str) -> _State:
    """Width, traditional characters, invisible ones, emoji, marks and gaps inside words undone."""
    table = _table()
    plain = _LONE.sub("\ufffd", text)
    state = _State(_in_table().sub(lambda match: table[match.group()], plain), None)
    if _ODD.search(state.text):
        state = _cut(state, [match.span() for match in _INVISIBLE_RUN.finditer(state.text)])
        state = _splice(
            state, [(*match.span(), _emoji()[match.group()]) for match in _emoji_pattern().finditer(state.text)]
        )
    state = _cut(state, _joints(state.text))
    return _cut(state, _gaps(state.text))


@dataclass(frozen=True, slots=True)
class _State:
    """The text on its way to the normal form."""

    text: str
    origins: list[int] | None


def _cut(state: _State, spans: list[tuple[int, int]]) -> _State:
    return _splice(state, [(start, end, "") for start, end in spans])


def _splice(state: _State, changes: list[tuple[int, int, str]]) -> _State:
    """Puts each new piece in place of `start`..`end`; its characters share the origins of what they replace."""
    if not changes:
        return state
    origins = list(range(len(state.text))) if state.origins is None else state.origins
    parts: list[str] = []
    kept: list[int] = []
    position = 0
    for start, end, piece in changes:
        parts += (state.text[position:start], piece)
        kept += origins[position:start]
        kept += [origins[min(start + at, end - 1)] for at in range(len(piece))]
        position = end
    return _State("".join([*parts, state.text[position:]]), kept + origins[position:])


def _joints(text: str) -> list[tuple[int, int]]:
    """Marks put between the characters of a word: up to three, after a Han character or letter, before a Han one."""
    spans = []
    for match in _JOINT_RUN.finditer(text):
        start, end = match.span()
        if start > 0 and end < len(text) and end - start <= 3 and _is_han(text[end]):
            before = text[start - 1]
            if _is_han(before) or "a" <= before <= "z":
                spans.append((start, end))
    return spans


def _gaps(text: str) -> list[tuple[int, int]]:
    """Gaps that split one of the lexicon's own words (工 资) or stand in a run of single characters (老 板 不 给)."""
    found = {
        match.span(1) for match in _split_pairs().finditer(text) if _splits_word(text, match.start(1), match.end(1))
    }
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


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """Characters that have a plainer form, with it."""
    spelling = load("spelling")
    table = {0xFF01 + at: chr(0x21 + at) for at in range(94)}
    table |= {0x3000: " ", 0xA0: " ", 0x2009: " ", 0x202F: " "}
    table |= {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= {0xFF21 + at: chr(0x61 + at) for at in range(26)}
    table |= {ord(old): new for line in spelling["traditional"] for old, new in zip(line[::2], line[1::2], strict=True)}
    # full-width commas and stops stay as they are: clauses end there
    return {chr(code): new for code, new in table.items() if chr(code) not in "，！？；：（）" and chr(code) != new}


@lru_cache(maxsize=1)
def _in_table() -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(sorted(_table()))) + "]")


@lru_cache(maxsize=1)
def _suspect() -> re.Pattern[str]:
    """Any character that one of the tricks needs; those with a plainer form among them."""
    emoji = "\U0001f300-\U0001faff\u20e3\u2600-\u27bf"
    return re.compile(f"[{re.escape(''.join(sorted(_table())))}{_INVISIBLE}{emoji}\ud800-\udfff{_JOINTS} \t,…—、]")


@lru_cache(maxsize=1)
def _emoji() -> dict[str, str]:
    return {key: str(value) for key, value in load("spelling")["emoji"].items()}


@lru_cache(maxsize=1)
def _emoji_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_emoji(), key=len, reverse=True))))


@lru_cache(maxsize=1)
def _variants() -> tuple[AhoCorasick, list[str]]:
    """Finds variants of words, and behind their numbers a character written three times; the words by number."""
    pairs = [(variant, word) for word, variants in load("spelling")["variants"].items() for variant in variants]
    tripled = [character * 3 for character in _TRIPLED]
    automaton = AhoCorasick(
        [variant for variant, _ in pairs] + tripled,
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
    """A gap after a character that begins such a pair; the gap is group 1."""
    firsts = "".join(sorted({pair[0] for pair in _joined()}))
    return re.compile(rf"[{firsts}](?=([ \t,…—、]{{1,3}})[{_HAN}])")
