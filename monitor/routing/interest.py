"""Conflict of interest: which departments a complaint is about, so that none of them handles or sees it.

From the register (the department whose own project it is) and from the facts (the employer is a department). It decides
about offices only, never about persons.
"""

from __future__ import annotations

from monitor.model import County, Facts
from monitor.routing.matrix import Matrix
from monitor.routing.register import rows
from monitor.routing.wording import say


def complained_of(matrix: Matrix, facts: Facts, county: County) -> dict[str, str]:
    """Department id -> why it is a party; includes departments that sit within one that is."""
    found: dict[str, str] = {}
    for row in rows(county, facts):
        if row.owner_department:
            found.setdefault(row.owner_department, say("interest", "register", project=row.name))
    for department in _named(matrix, facts.employer or ""):
        found.setdefault(department, say("interest", "named", employer=facts.employer))
    for office in matrix.departments.values():
        if office.within in found:
            found.setdefault(office.id, say("interest", "within", department=matrix.name_of(str(office.within))))
    return found


def _named(matrix: Matrix, employer: str) -> list[str]:
    """Departments the employer's name ends with: 青禾县水利局 is the bureau, 水利局家属院物业 is not."""
    return [
        id_
        for id_, department in matrix.departments.items()
        if any(employer.endswith(name) for name in (department.name, *department.short))
    ]
