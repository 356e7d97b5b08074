"""A route in words, for a person at a terminal: level, who, by when, under which law, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.model import Clock, County, Grading, Route
from monitor.routing.matrix import Matrix
from monitor.routing.roster import chain, of_town
from monitor.routing.wording import label, say
from monitor.text import face


def explain(
    matrix: Matrix,
    county: County,
    grading: Grading,
    decided: Route,
    clocks: Sequence[Clock],
    now: datetime,
    town: str | None = None,
) -> str:
    """Several lines; the persons reached stand behind departments the county has contacts for."""
    why = (
        reason.partition(":")[2] or reason for reason in grading.reasons
    )  # `yellow:10-29人`: the level stands before
    county = of_town(county, town)
    lines = [
        say("explain", "level", level=label("levels", grading.level.value), reasons=_list(why)),
        say("explain", "lead", lead=_reached(matrix, county, decided.lead, now)),
        say("explain", "co", co=_list(_reached(matrix, county, one, now) for one in decided.co)),
    ]
    if decided.notify_by_phone:
        lines.append(say("explain", "phone", phone=_list(matrix.name_of(one) for one in decided.notify_by_phone)))
    if decided.hold:
        lines.append(say("explain", "hold"))
    lines += _block("due", (f"{label('clocks', one.name)} {face(one.due_at)}（{one.basis}）" for one in clocks))
    lines += _block("law", (f"{matrix.cite(one)}" for one in decided.articles))
    lines += _block("why", decided.reasons)
    lines.append(say("explain", "matrix", title=matrix.title, version=matrix.version))
    return "\n".join(lines)


def _block(key: str, items: Iterable[str]) -> list[str]:
    return [say("explain", key), *(f"  {one}" for one in items)]


def _list(items: Iterable[str]) -> str:
    return "、".join(items) or "—"


def _reached(matrix: Matrix, county: County, department: str, now: datetime) -> str:
    name = matrix.name_of(department)
    line = chain(department, now, matrix=matrix, county=county) if county.contacts else ()
    return f"{name} → {line[0].contact.name}" if line else name
