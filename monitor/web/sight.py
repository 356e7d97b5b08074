"""Which incident a person may see, and whether its texts. Knows rows and roles; a no looks as if nothing were there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.routing.interest import complained_of
from monitor.store import incidents
from monitor.store.codec import facts_from
from monitor.web.access import Person, Right, sees
from monitor.web.desk import Desk
from monitor.web.sessions import Denied


def accused(desk: Desk, row: Mapping[str, Any]) -> frozenset[str]:
    """Departments that the incident is about: none of them may see it, not even that it exists."""
    return frozenset(complained_of(desk.ledger.matrix, facts_from(row["facts"]), desk.config.county))


def visible(desk: Desk, person: Person, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that exist for this person: all, or a handler's own department's without those about itself."""
    own = person.only_department
    return [row for row in rows if own is None or own not in accused(desk, row)]


def visible_incident(desk: Desk, c: Any, person: Person, incident: str) -> dict[str, Any]:
    """The incident's row if it exists for this person; Denied as 404 otherwise."""
    row = incidents.one(c, incident)
    if row is None:
        raise Denied(f"no incident {incident}", hidden=True)
    departments = {
        given["department"]
        for given in incidents.assignments_of(c, incident)
        if given["state"] not in ("withdrawn", "returned")
    }
    if not sees(person, lead=row["lead"], co=row["co"], departments=departments, accused=accused(desk, row)):
        raise Denied(f"incident {incident} of another department", hidden=True)
    return row


def sees_text(desk: Desk, person: Person) -> bool:
    """Whether masked texts and links may be shown: never to a department that gets a fact sheet only."""
    known = desk.ledger.matrix.departments.get(person.department or "")
    return person.may(Right.TEXT) and (known is None or known.sees == "full")
