"""Plain words that a pattern cannot match without, and which patterns a text can match at all.

A table of some hundred regular expressions costs a search each; one pass of an automaton over their plain words tells
which of them are worth it. Reads the patterns of this room (groups, classes, look-around, counts), no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import ahocorasick_rs

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|[^\\\[{]")
_LOOK = ("?!", "?=", "?<")
_MOST = 250  # words that one run of parts may be written out as
_WIDE = 20  # a class of more characters says too little

# words that stand everywhere in posts about work, most frequent first
_EVERYWHERE = """
0 工 我 人 是 不 一 1 年 2 在 了 为 资 到 20 上 要 发 中 和 工资 以 没 家 来 老 地 就 县 理 8 公司
也 都 还 日 工作 9 元 经 局 请 用 办 没有 过 政府 说 无 自 他 给 领导 管 被 房 前 交 门 等 钱 天 去
加 因 已 班 万 与 从 告 收 得 建 三 进 车 单位 水 十 未 受 报 提 由 员工 及 部门 证 打 养 做 现在
国家 医 第 付 改 今 书 电 款 买 将 起 合同 活 路 调 两 招 欠 学校 拖 让 薪 教育 点 种 号 看 委 数 结
自己 个月 取 厂 才 手 内 伤 教师 那 完 工程 五 照 干 都是 签 四 把 集 支付 就是 口 不是 扣 立 生活
业主 民工 老师
"""
_SEEN = {
    word: 4000 / (1 + rank / 12) for rank, word in enumerate(_EVERYWHERE.split())
}  # roughly how often, in 700 posts
_UNLISTED = (0, 60, 12, 4)  # by length

_DIGITS = frozenset("0123456789")

Words = frozenset[str]


class Needles:
    """The patterns of a table by the plain words they need."""

    def __init__(self, patterns: Sequence[str]) -> None:
        owners: dict[str, set[int]] = {}
        self._always: set[int] = set()
        for at, pattern in enumerate(patterns):
            words = needles(pattern)
            if not words:
                self._always.add(at)
            for word in words:
                owners.setdefault(word, set()).add(at)
        self._owners = list(owners.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners))

    def worth(self, text: str) -> set[int]:
        """Numbers of the patterns that may match somewhere in `text`; never leaves out one that does."""
        found = set(self._always)
        for word in {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}:
            found |= self._owners[word]
        return found

    def where(self, text: str) -> Iterator[tuple[int, set[int]]]:
        """Places in `text` where a needed word begins, in order of its end, and the patterns that need it."""
        for word, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            yield start, self._owners[word]


def alternatives(pattern: str) -> list[str]:
    """The pattern cut at the bars that stand in no group and no class."""
    pieces, depth = [""], 0
    for part in _PART.findall(pattern):
        depth += (part == "(") - (part == ")")
        if part == "|" and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += part
    return pieces


def unwrapped(pattern: str) -> str:
    """What stands in a pattern that is nothing but one group; any other as it is."""
    parts = [part for part, _ in _parts(pattern)]
    return _inside(pattern) if parts == [pattern] and pattern.startswith("(?:") else pattern


@cache
def needles(pattern: str) -> Words:
    """Words of which every match of `pattern` holds at least one; empty where that cannot be said."""
    found = [_of_one(alternative) for alternative in alternatives(pattern)]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_one(alternative: str) -> Words:
    """The rarest of the runs of parts that can be written out, and of the groups that cannot."""
    choices, run = list[Words](), frozenset([""])
    for part, optional in _parts(alternative):
        words = _written_out(part)
        longer = _each(run, words | {""} if optional else words) if words is not None else None
        if longer is not None:
            run = longer
            continue
        choices.append(run)
        if words is not None:
            run = words | {""} if optional else words
            continue
        run = frozenset([""])
        if part.startswith("(") and not optional:
            choices.append(needles(_inside(part)))
    sound = [choice for choice in (*choices, run) if choice and "" not in choice]
    return min(sound, key=_frequency, default=frozenset())


def _frequency(words: Words) -> float:
    return sum(_SEEN.get(word) or _UNLISTED[min(len(word), 3)] for word in sorted(words))


def _parts(alternative: str) -> Iterator[tuple[str, bool]]:
    """Characters, classes and whole groups of `alternative`, and whether each may be left out; no look-around.

    What may stand more than once comes once, and then a part that says nothing.
    """
    pieces, at = _PART.findall(alternative), 0
    while at < len(pieces):
        part, at = pieces[at], at + 1
        if part == "(":
            depth, start = 1, at
            while depth:
                depth += (pieces[at] == "(") - (pieces[at] == ")")
                at += 1
            part = "(" + "".join(pieces[start : at - 1]) + ")"
        mark = pieces[at] if at < len(pieces) and pieces[at][0] in "?*+{" else ""
        at += bool(mark)
        if mark and at < len(pieces) and pieces[at] == "?":  # lazy
            at += 1
        if (part.startswith("(") and part[1:3] in _LOOK) or part in "^$":
            continue
        yield part, mark.startswith(("?", "*", "{0", "{,"))
        if mark and mark != "?":
            yield ".", True


@cache
def _written_out(part: str) -> Words | None:
    """Everything that `part` can match; None where that is too much or cannot be said."""
    if part.startswith("("):
        return _language(_inside(part))
    if part.startswith("["):
        return _characters(part[1:-1])
    return _characters(part) if len(part) == 1 and part != "." else _DIGITS if part == r"\d" else None


def _characters(inside: str) -> Words | None:
    """Those of a class; None where they are too many."""
    found: set[str] = set()
    for run in re.findall(r"\\.|.-.|.", inside):
        if run == r"\d":
            found |= _DIGITS
        elif len(run) == 3:
            found.update(map(chr, range(ord(run[0]), min(ord(run[2]), ord(run[0]) + _WIDE) + 1)))
        else:
            found.add(run)
    escaped = any(len(run) == 2 for run in found)
    return None if inside.startswith("^") or escaped or len(found) > _WIDE else frozenset(found)


def _language(pattern: str) -> Words | None:
    found = set[str]()
    for alternative in alternatives(pattern):
        run: Words | None = frozenset([""])
        for part, optional in _parts(alternative):
            words = _written_out(part)
            run = None if run is None or words is None else _each(run, words | {""} if optional else words)
        if run is None:
            return None
        found |= run
    return frozenset(found) if len(found) <= _MOST else None


def _each(run: Words, words: Words) -> Words | None:
    if len(run) * len(words) > _MOST:
        return None
    return frozenset([first + second for first in run for second in words])


def _inside(group: str) -> str:
    return group[1:-1].removeprefix("?:")
