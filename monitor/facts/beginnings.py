"""Puts the alternatives of a pattern together by first characters, so that a search looks only where one can begin.

`re` skips quickly to the next character that any alternative begins with, if all of them begin with one written out.
Reads the patterns of this room (words, classes, groups, look-around, counts); knows nothing of what they are for.
"""

from __future__ import annotations

import re

from monitor.facts.needles import alternatives

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|[^\\\[{]")
_WIDE = 24  # a class of more characters tells nothing about where to begin


def by_first_character(pattern: str) -> str:
    """A pattern that matches the same as `pattern`; ValueError where that may begin with anything."""
    groups: dict[str, list[str]] = {}
    for alternative in _written_out(pattern):
        first = _PART.findall(alternative)[0]
        groups.setdefault(first, []).append(alternative[len(first) :])
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in groups.items())


def quick(pattern: str) -> re.Pattern[str]:
    """`pattern` compiled, put together by first characters where that can be."""
    try:
        return re.compile(by_first_character(pattern))
    except ValueError:
        return re.compile(pattern)


def _written_out(pattern: str) -> list[str]:
    """The alternatives of `pattern`, each beginning with one plain character."""
    return [each for alternative in alternatives(pattern) for each in _one(_PART.findall(alternative))]


def _one(parts: list[str]) -> list[str]:
    if not parts:
        raise ValueError("can match nothing")
    end = _end_of_group(parts) if parts[0] == "(" else 0
    low, high, after = _count(parts, end + 1)
    rest = "".join(parts[after:])
    if high > 1 and end == 0:  # [一二]{1,2}局: one, and then one fewer
        rest = f"{parts[0]}{{{max(0, low - 1)},{high - 1}}}{rest}"
    elif high > 1:
        raise ValueError(f"a repeated group at the front: {''.join(parts)}")
    firsts = _firsts(parts, end)
    written = [each for first in firsts for each in (_written_out(first + rest) if end else [first + rest])]
    return written + (_one(parts[after:]) if low == 0 else [])


def _firsts(parts: list[str], end: int) -> list[str]:
    """What the first part can be: the inside of a group, the characters of a class, or itself."""
    first = parts[0]
    if end:
        inside = "".join(parts[1:end])
        if inside.startswith(("?=", "?!", "?<")):
            raise ValueError(f"a look-around at the front: {''.join(parts)}")
        return alternatives(inside.removeprefix("?:"))
    if first.startswith("["):
        characters = _characters(first[1:-1])
        if len(characters) > _WIDE or first.startswith("[^"):
            raise ValueError(f"a wide class at the front: {''.join(parts)}")
        return [re.escape(character) if character in r"()[]{}.*+?|\^$" else character for character in characters]
    if first in (".", "^", "$", r"\d", r"\w", r"\s"):
        raise ValueError(f"no plain character at the front: {''.join(parts)}")
    return [first]


def _characters(inside: str) -> list[str]:
    found: list[str] = []
    for run in re.findall(r"\\d|.-.|.", inside):
        if run == r"\d":
            found += "0123456789"
        elif len(run) == 3:
            found += [chr(code) for code in range(ord(run[0]), ord(run[2]) + 1)][: _WIDE + 1]
        else:
            found.append(run)
    return list(dict.fromkeys(found))


def _end_of_group(parts: list[str]) -> int:
    depth = 0
    for end, part in enumerate(parts):
        depth += (part == "(") - (part == ")")
        if depth == 0:
            return end
    raise ValueError(f"an open group: {''.join(parts)}")


def _count(parts: list[str], at: int) -> tuple[int, int, int]:
    """How often the part before `at` may stand, and where the next part is."""
    mark = parts[at] if at < len(parts) else ""
    if mark == "?":
        return 0, 1, at + 1
    if mark.startswith("{"):
        low, _, high = mark[1:-1].partition(",")
        return int(low or 0), int(high or low), at + 1
    if mark and mark in "*+":
        raise ValueError(f"without end: {''.join(parts)}")
    return 1, 1, at
