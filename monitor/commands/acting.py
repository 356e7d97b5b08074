"""An account named with --by: the command does no more than the account may do on the pages. Knows accounts and sight.

Whoever has the machine can do anything; but what the ledger tells as an act of an account is an act it was entitled to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from monitor.commands.saying import tell

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.model import Act, County
    from monitor.routing import Matrix
    from monitor.web.access import Person


def account(c: Connection, by: str) -> Person | None:
    """The account of that name; None where there is none: somebody at the machine, under a name of their own."""
    from monitor.store import users
    from monitor.web.access import person_of

    row = users.user(c, by)
    if row is not None and row["disabled"]:
        raise refuse(f"the account {by!r} is closed")
    return person_of(row, by) if row is not None else None


def may(
    c: Connection, person: Person, act: Act, incident: str, data: Mapping[str, Any], county: County, matrix: Matrix
) -> None:
    """Exit 1 where the account may not do this to this incident, or the incident does not exist for it."""
    from monitor.store import incidents
    from monitor.web.access import HANDLER

    row = incidents.one(c, incident)
    if row is None or not _sees(c, person, row, county, matrix):
        raise refuse(f"there is no incident {incident} for {person.name}")
    if not person.may_act(act):
        raise refuse(f"{person.name} ({person.role}) may not {act.value}")
    department = data.get("department")
    if person.role == HANDLER and department is not None and department != person.side:
        raise refuse(f"{person.name} acts for {person.side} only")


def shown(c: Connection, person: Person, county: County, matrix: Matrix) -> Iterator[str]:
    """The incidents that exist for the account."""
    from monitor.store import incidents

    for row in incidents.listing(c, limit=1_000_000):
        if _sees(c, person, row, county, matrix):
            yield row["id"]


def _sees(c: Connection, person: Person, row: Mapping[str, Any], county: County, matrix: Matrix) -> bool:
    from monitor.routing.interest import complained_of
    from monitor.store import incidents
    from monitor.store.codec import facts_from
    from monitor.web.sight import exists_for

    about = complained_of(matrix, facts_from(row["facts"]), county)
    return exists_for(person, row, incidents.assignments_of(c, row["id"]), about)


def refuse(text: str) -> typer.Exit:
    """One sentence on stderr, and exit 1."""
    tell(text)
    return typer.Exit(1)
