"""Links that act once. Knows the table `tokens`; signs nothing (channels/links.py does)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.store.parts import parts
from monitor.store.schema import tokens

Row = dict[str, Any]


def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps new links (id, incident, department, purpose, expires_at, recipient)."""
    if rows:
        c.execute(insert(tokens), list(rows))


def add_new(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps those of the links that are not kept yet; the one that is, used or not, stays as it is."""
    last = {str(row["id"]): row for row in rows}
    for part in parts(last):
        kept = set(c.execute(select(tokens.c.id).where(tokens.c.id.in_(part))).scalars())
        add(c, [last[id_] for id_ in part if id_ not in kept])


def one(c: Connection, token: str) -> Row | None:
    """A link by its id, used or not."""
    row = c.execute(select(tokens).where(tokens.c.id == token)).mappings().first()
    return dict(row) if row else None


def use(c: Connection, token: str, now: datetime) -> bool:
    """Marks a link as used; False when it was used before, has expired or does not exist."""
    free = (tokens.c.id == token, tokens.c.used_at.is_(None), tokens.c.expires_at > now)
    return c.execute(update(tokens).where(*free).values(used_at=now)).rowcount == 1
