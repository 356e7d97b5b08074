"""How much is held about people, and how often it was looked at: counts for the assessment of impact. Sums, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from monitor.store.looks import EXPORT
from monitor.store.schema import evidence, files, ledger, looks, metadata, posts, users

Row = dict[str, Any]


def counts(c: Connection, since: datetime) -> dict[str, int]:
    """What is held now; what was exported and unmasked since a moment."""
    exported = select(func.sum(looks.c.times)).where(looks.c.what == EXPORT, looks.c.day >= since.date().isoformat())
    return {
        "posts": _count(c, posts, posts.c.masked_text != ""),
        "in_cases": _count(c, posts, posts.c.masked_text != "", posts.c.incident.is_not(None)),
        "originals": _count(c, posts, posts.c.text != posts.c.masked_text),
        "authors": _count(c, posts, posts.c.author_code.is_not(None)),
        "pages": _count(c, evidence),
        "proofs": _count(c, files),
        "exports": int(c.execute(exported).scalar() or 0),
        "unmasked": _count(c, ledger, ledger.c.act == "unmask", ledger.c.at >= since),
    }  # fmt: skip


def roles(c: Connection) -> dict[str, int]:
    """Open accounts by role."""
    query = select(users.c.role, func.count()).where(users.c.disabled.is_(False)).group_by(users.c.role)
    return {str(role): int(number) for role, number in c.execute(query)}


def models(c: Connection, since: datetime) -> Sequence[str]:
    """Versions of the model that judged posts since a moment."""
    return sorted(c.execute(select(posts.c.model).where(posts.c.recorded_at >= since).distinct()).scalars())


def columns() -> dict[str, tuple[str, ...]]:
    """Every table with its columns, so that none can be left out of an assessment."""
    return {name: tuple(column.name for column in table.columns) for name, table in metadata.tables.items()}


def _count(c: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    return int(c.execute(select(func.count()).select_from(table).where(*which)).scalar_one())
