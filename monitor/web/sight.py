"""Which incident a person may see, and whether its texts. Knows rows and roles; a no looks as if nothing were there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from monitor.ledger.behind import told_signals
from monitor.routing.interest import complained_of
from monitor.store import incidents
from monitor.store.codec import facts_from
from monitor.store.incidents import Filter, Within
from monitor.web.access import Person, Right, sees
from monitor.web.desk import Desk
from monitor.web.sessions import Denied

MOST = 100_000  # cases of a department that are looked through for its own projects


def accused(desk: Desk, row: Mapping[str, Any]) -> frozenset[str]:
    """Departments that the incident is about: none of them may see it, not even that it exists."""
    return frozenset(complained_of(desk.ledger.matrix, facts_from(row["facts"]), desk.config.county))


def visible(desk: Desk, person: Person, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of rows that `mine` or `confines` let through, those that are not about the person's own side."""
    return [row for row in rows if person.whole or person.side not in accused(desk, row)]


def mine(desk: Desk, person: Person, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of rows with `lead`, `co`, `town` and `facts`, those that exist for this person."""
    if person.whole:
        return list(rows)
    own, towns = person.only_department, person.only_towns
    return visible(
        desk, person,
        (row for row in rows
         if (own is None or own in {row["lead"], *row["co"]}) and (not towns or row["town"] in towns)),
    )  # fmt: skip


def seen(desk: Desk, person: Person) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None:
    """`mine` for one person; None for who sees the whole county."""
    return None if person.whole else partial(mine, desk, person)


def confines(desk: Desk, c: Connection, person: Person) -> Within | None:
    """`within` of `incidents.listing` and `count` for this person; None for who sees the whole county.

    What is about the own side is left out here, so that not even a count tells of it.
    """
    if person.whole:
        return None
    own, towns, texts = person.only_department, person.only_towns, sees_text(desk, person)
    today = desk.today()

    def hidden() -> frozenset[str]:
        rows = incidents.listing(c, Filter(within=Within(department=own, towns=towns)), limit=MOST)
        return frozenset(row["id"] for row in rows if person.side in accused(desk, row))

    what = f"hidden:{person.side}:{own}:{'|'.join(sorted(towns))}"
    found = desk.since_last_row(c, what, today, hidden)
    return Within(department=own, towns=towns, hidden=found, texts=texts)


def exists_for(
    person: Person, row: Mapping[str, Any], given: Iterable[Mapping[str, Any]], about: Collection[str]
) -> bool:
    """Whether an incident exists for a person. `given`: its assignments; `about`: departments it is about."""
    departments = {one["department"] for one in given if one["state"] not in ("withdrawn", "returned")}
    return sees(person, lead=row["lead"], co=row["co"], departments=departments, accused=about, town=row["town"])


def visible_incident(desk: Desk, c: Any, person: Person, incident: str) -> dict[str, Any]:
    """The incident's row if it exists for this person; Denied as 404 otherwise."""
    row = incidents.one(c, incident)
    if row is None:
        raise Denied(f"no incident {incident}", hidden=True)
    if not exists_for(person, row, incidents.assignments_of(c, incident), accused(desk, row)):
        raise Denied(f"incident {incident} of another department or town", hidden=True)
    return row


def sees_text(desk: Desk, person: Person) -> bool:
    """Whether masked texts and links may be shown: never to a department that gets a fact sheet only."""
    known = desk.ledger.matrix.departments.get(person.department or "")
    return person.may(Right.TEXT) and (known is None or known.sees == "full")


def sees_signals(desk: Desk, person: Person, row: Mapping[str, Any]) -> bool:
    """Whether what other offices' lists say of a case's firms may be shown (ledger.behind.told_signals)."""
    return person.whole or (sees_text(desk, person) and person.side in told_signals(row["lead"]))
