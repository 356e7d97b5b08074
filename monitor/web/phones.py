"""Whom to call now, as a page shows it: for a department, and where somebody is in danger. Pure.

A department's own people come first; stand-ins are named as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.routing.decide import LIFE
from monitor.routing.duty import Duty, phone_tree


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a phone tree. `stands_in`: the department whose person answers instead, where it has nobody."""

    name: str
    phone: str
    reason: str
    stands_in: str | None = None


def tree(duty: Duty, department: str) -> list[Line]:
    """In order: the officer on duty (swaps applied), the department's contacts; stand-ins only where it has nobody."""
    return [
        Line(
            one.contact.name,
            one.contact.phone or "",
            one.reason,
            None if one.department == department else one.department,
        )
        for one in phone_tree(duty, department)
    ]


def in_danger(duty: Duty, traits: Iterable[str]) -> list[tuple[str, Line]]:
    """(department, first person to call) of those that the matrix calls at once for such a danger to life."""
    matrix = duty.matrix
    met = [one for one in traits if one in matrix.life_traits and one in matrix.traits] or [LIFE]
    called = dict.fromkeys(id_ for one in met if one in matrix.traits for id_ in matrix.traits[one].notify)
    return [(id_, line) for id_ in called for line in tree(duty, id_)[:1]]
