"""Plain words that a pattern cannot match without, and which patterns a text can match at all.

A table of some hundred regular expressions costs a search each; one pass of an automaton over their plain words tells
which of them are worth it. Reads the patterns of this room (groups, classes, look-around, counts), no others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import ahocorasick_rs

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|[^\\\[{]")


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


def needles(pattern: str) -> frozenset[str]:
    """Words of which every match of `pattern` holds at least one; empty where that cannot be said."""
    found = [_of_one(alternative) for alternative in alternatives(pattern)]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_one(alternative: str) -> frozenset[str]:
    """The best of its plain runs and of the groups it must hold: the one whose shortest word is longest."""
    parts = _PART.findall(alternative)
    runs, groups, depth, opened = [""], [], 0, 0
    for at, part in enumerate(parts):
        depth += part == "("
        optional = at + 1 < len(parts) and parts[at + 1][0] in "?*{"
        if part == "(" and depth == 1:
            opened = at
        elif part == ")" and depth == 1 and not optional:
            groups.append(_of_group("".join(parts[opened + 1 : at])))
        if depth == 0 and len(part) == 1 and part not in ".^$*+?()|" and not optional:
            runs[-1] += part
        else:
            runs.append("")
        depth -= part == ")"
    choices = [choice for choice in (frozenset({max(runs, key=len)}), *groups) if choice and all(choice)]
    return max(choices, key=lambda words: (len(min(words, key=len)), -len(words)), default=frozenset())


def _of_group(inside: str) -> frozenset[str]:
    """The words of a group that is no look-around; empty for one that is."""
    if inside.startswith(("?!", "?=", "?<")):
        return frozenset()
    return needles(inside.removeprefix("?:"))
