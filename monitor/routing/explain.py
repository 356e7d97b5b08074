"""A route in words, for a person at a terminal: level, who, by when, under which law, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.model import Clock, Grading, Route
from monitor.routing.duty import Duty, chain
from monitor.routing.wording import label, say
from monitor.text import face


def explain(duty: Duty, grading: Grading, decided: Route, clocks: Sequence[Clock]) -> str:
    """Several lines; the persons reached stand behind departments the county has contacts for."""
    matrix, why = duty.matrix, (reason.partition(":")[2] or reason for reason in grading.reasons)  # yellow:10-29人
    lines = [
        say("explain", "level", level=label("levels", grading.level.value), reasons=_list(why)),
        say("explain", "lead", lead=_reached(duty, decided.lead)),
        say("explain", "co", co=_list(_reached(duty, one) for one in decided.co)),
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


def _reached(duty: Duty, department: str) -> str:
    name = duty.matrix.name_of(department)
    line = chain(duty, department) if duty.county.contacts else ()
    return f"{name} → {line[0].contact.name}" if line else name
