"""The moves of a replay as a table that a person reads at a terminal. Pure; knows forms and names, decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from unicodedata import east_asian_width

from monitor.routing.matrix import Matrix
from monitor.routing.replay import Move
from monitor.routing.wording import label, say

COLUMNS = ("id", "level", "lead", "co", "articles", "other")


def table_of(old: Matrix, new: Matrix, moves: Sequence[Move]) -> str:
    """One line a move and, below, how many go from which lead to which; a sentence where nothing would move."""
    if not moves:
        return say("replay", "nothing", before=old.version, after=new.version)
    rows = [[label("replay", f"column_{one}") for one in COLUMNS], *(_cells(old, new, move) for move in moves)]
    widths = [max(_width(row[number]) for row in rows) for number in range(len(COLUMNS))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_sums(old, new, moves)])


def _cells(old: Matrix, new: Matrix, move: Move) -> list[str]:
    before, after = move.before, move.after
    return [
        move.incident.id,
        _change(label("levels", before.grading.level.value), label("levels", after.grading.level.value)),
        _change(_short(old, before.route.lead), _short(new, after.route.lead)),
        _differences([_short(old, one) for one in before.route.co], [_short(new, one) for one in after.route.co]),
        _differences(before.route.articles, after.route.articles),
        _other(old, new, move),
    ]


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _differences(before: Collection[str], after: Collection[str]) -> str:
    """+ what comes, − what goes; — where nothing does."""
    found = [*(f"+{one}" for one in after if one not in before), *(f"−{one}" for one in before if one not in after)]
    return " ".join(found) or "—"


def _other(old: Matrix, new: Matrix, move: Move) -> str:
    """Calls and holds, where they differ, and who leads by a person's word."""
    before, after = move.before.route, move.after.route
    parts = []
    if "phone" in move.changes:
        calls = _differences(
            [_short(old, one) for one in before.notify_by_phone], [_short(new, one) for one in after.notify_by_phone]
        )
        parts.append(say("replay", "phone", calls=calls))
    if "hold" in move.changes:
        parts.append(say("replay", "held" if after.hold else "free"))
    if move.incident.lead != before.lead:
        parts.append(say("replay", "recorded", lead=_short(old, move.incident.lead)))
    return "；".join(parts)


def _sums(old: Matrix, new: Matrix, moves: Sequence[Move]) -> Iterable[str]:
    yield say("replay", "sum", count=len(moves), before=old.version, after=new.version)
    leads = Counter((one.before.route.lead, one.after.route.lead) for one in moves if "lead" in one.changes)
    for (before, after), count in leads.most_common():
        yield say("replay", "lead", before=_short(old, before), after=_short(new, after), count=count)


def _short(matrix: Matrix, department: str) -> str:
    known = matrix.departments.get(department)
    return known.short[0] if known and known.short else matrix.name_of(department).split("（")[0]


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
