"""Whom to call for a department now, as a page shows it: its own people first, stand-ins named as such. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.routing.roster import chain
from monitor.web.desk import Desk

STAND_INS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a phone tree. `stands_in`: the department whose person answers instead, where it has nobody."""

    name: str
    phone: str
    reason: str
    stands_in: str | None = None


def tree(desk: Desk, roster: Mapping[str, Any], department: str, now: datetime) -> list[Line]:
    """In order: the officer on duty (swaps applied), the department's contacts; stand-ins only where it has nobody."""
    county, matrix = desk.config.county, desk.ledger.matrix
    able = [one for one in chain(department, now, matrix=matrix, county=county, **roster) if one.contact.phone]
    own = [one for one in able if one.department == department]
    return [
        Line(one.contact.name, one.contact.phone or "", one.reason, None if own else one.department)
        for one in (own or able[:STAND_INS])
    ]
