"""What a pattern can begin with, so that most places of a text cost one look and not a hundred alternatives.

Reads the patterns of this room (words, classes, groups, look-around, counts); knows nothing of what they are for.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.facts.needles import alternatives

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|[^\\\[{]")


class Start(NamedTuple):
    """One of `characters` (inside of a class) after at least `least` and at most `most` characters of any kind."""

    least: int
    most: int
    characters: str


def guarded(pattern: str) -> str:
    """`pattern` behind a look-ahead for the characters it can begin with: it matches the same, and sooner not."""
    places: dict[tuple[int, int], set[str]] = {}
    for start in starts(pattern):
        places.setdefault(start[:2], set()).add(start.characters)
    looks = [
        ("" if most == 0 else f".{{{least},{most}}}") + f"[{''.join(sorted(found))}]"
        for (least, most), found in sorted(places.items())
    ]
    return f"(?={'|'.join(looks)})(?:{pattern})"


def starts(pattern: str) -> set[Start]:
    """Every way in which `pattern` can begin; ValueError if it can match nothing at all or begins with anything."""
    found: set[Start] = set()
    for alternative in alternatives(pattern):
        found |= _of_parts(_PART.findall(alternative))
    return found


def _of_parts(parts: list[str]) -> set[Start]:
    least = most = at = 0
    found: set[Start] = set()
    while at < len(parts):
        end = _end_of_group(parts, at) if parts[at] == "(" else at
        low, high, after = _count(parts, end + 1)
        inside = "".join(parts[at + 1 : end])
        if parts[at] == "(" and inside.startswith(("?=", "?!", "?<")):
            at = end + 1
            continue
        if _is_any(parts[at]):
            least, most = least + low, most + high
        else:
            begun = starts(inside.removeprefix("?:")) if parts[at] == "(" else {Start(0, 0, _plain(parts[at]))}
            found |= {Start(least + a, most + b, characters) for a, b, characters in begun}
            if low > 0:
                return found
        at = after
    raise ValueError(f"can match nothing: {''.join(parts)}")


def _end_of_group(parts: list[str], at: int) -> int:
    depth = 0
    for end in range(at, len(parts)):
        depth += (parts[end] == "(") - (parts[end] == ")")
        if depth == 0:
            return end
    raise ValueError(f"an open group: {''.join(parts)}")


def _count(parts: list[str], at: int) -> tuple[int, int, int]:
    """How often the part before `at` may stand, and where the next part is."""
    mark = parts[at] if at < len(parts) else ""
    if mark in ("?", "*", "+") or mark.startswith("{"):
        low, _, high = mark[1:-1].partition(",") if mark.startswith("{") else ("", "", "")
        bounds = {"?": (0, 1), "*": (0, 24), "+": (1, 24)}.get(mark) or (int(low or 0), int(high or low))
        lazy = at + 1 < len(parts) and parts[at + 1] == "?"
        return bounds[0], bounds[1], at + 1 + lazy
    return 1, 1, at


def _is_any(part: str) -> bool:
    """A class of thousands of characters tells nothing about where to look."""
    return part == "." or (part.startswith("[") and r"\u4e00-\u9fa5" in part)


def _plain(part: str) -> str:
    return part[1:-1] if part.startswith("[") else part
