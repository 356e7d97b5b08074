"""Whom to call now, as a page shows it: for a department, and where somebody is in danger. Pure.

A department's own people come first; stand-ins are named as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.routing.decide import LIFE
from monitor.routing.roster import chain, of_town
from monitor.web.desk import Desk

STAND_INS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a phone tree. `stands_in`: the department whose person answers instead, where it has nobody."""

    name: str
    phone: str
    reason: str
    stands_in: str | None = None


def tree(desk: Desk, roster: Mapping[str, Any], department: str, now: datetime, town: str | None = None) -> list[Line]:
    """In order: the officer on duty (swaps applied), the department's contacts; stand-ins only where it has nobody.

    `town`: of the case; its own people come first, those of other towns are not called.
    """
    county, matrix = of_town(desk.config.county, town), desk.ledger.matrix
    able = [one for one in chain(department, now, matrix=matrix, county=county, **roster) if one.contact.phone]
    own = [one for one in able if one.department == department]
    return [
        Line(one.contact.name, one.contact.phone or "", one.reason, None if own else one.department)
        for one in (own or able[:STAND_INS])
    ]


def in_danger(desk: Desk, roster: Mapping[str, Any], traits: Iterable[str], now: datetime) -> list[tuple[str, Line]]:
    """(department, first person to call) of those that the matrix calls at once for such a danger to life."""
    matrix = desk.ledger.matrix
    met = [one for one in traits if one in matrix.life_traits and one in matrix.traits] or [LIFE]
    called = dict.fromkeys(id_ for one in met if one in matrix.traits for id_ in matrix.traits[one].notify)
    return [(id_, line) for id_ in called for line in tree(desk, roster, id_, now)[:1]]
