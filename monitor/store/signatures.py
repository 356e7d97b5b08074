"""What the posts of an incident share. Knows the keys' table; what a key means is known to incidents.place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store.schema import signatures


def holders(connection: Connection, keys: Sequence[str], since: datetime) -> dict[str, set[str]]:
    """Of each key touched since `since`, the incidents that have it."""
    found: dict[str, set[str]] = {}
    if keys:
        query = select(signatures.c.key, signatures.c.incident)
        for key, incident in connection.execute(query.where(signatures.c.key.in_(keys), signatures.c.at >= since)):
            found.setdefault(key, set()).add(incident)
    return found


def of_other_forms(connection: Connection, form: str) -> list[str]:
    """The incidents with keys that do not begin with this form, the newest touched first."""
    query = select(signatures.c.incident).where(signatures.c.key.not_like(f"{form}%"))
    return list(
        connection.execute(query.group_by(signatures.c.incident).order_by(func.max(signatures.c.at).desc())).scalars()
    )


def add(connection: Connection, incident: str, keys: Iterable[str], at: datetime) -> None:
    """Notes the keys of a post that joined `incident`; a key seen again is touched."""
    rows = [{"key": key, "incident": incident, "at": at} for key in dict.fromkeys(keys)]
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(signatures)
    statement = insert.on_conflict_do_update(index_elements=["key", "incident"], set_={"at": insert.excluded.at})
    connection.execute(statement, rows)


def move(connection: Connection, source: str, target: str, at: datetime) -> None:
    """After a merge: later posts of `source` are found under `target`."""
    keys = connection.execute(select(signatures.c.key).where(signatures.c.incident == source)).scalars().all()
    add(connection, target, keys, at)
    connection.execute(delete(signatures).where(signatures.c.incident == source))


def forget(connection: Connection, incident: str) -> None:
    """Before its keys are noted anew: a split takes posts out of the incident."""
    connection.execute(delete(signatures).where(signatures.c.incident == incident))
