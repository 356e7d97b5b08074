"""值班表: who is on duty when. Knows the table `shifts`; who is told what is decided elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.schema import shifts

Row = dict[str, Any]


def on_duty(c: Connection, at: datetime, department: str | None = None) -> list[Row]:
    """Shifts that run at a moment, the latest begun first: a swap entered later stands before what it replaces."""
    query = select(shifts).where(shifts.c.starts_at <= at, shifts.c.ends_at > at)
    if department is not None:
        query = query.where(shifts.c.department == department)
    query = query.order_by(shifts.c.starts_at.desc(), shifts.c.id.desc())
    return [dict(row) for row in c.execute(query).mappings()]


def between(c: Connection, start: datetime, end: datetime, departments: Collection[str] | None = None) -> list[Row]:
    """Shifts that touch a period, in order."""
    query = select(shifts).where(shifts.c.starts_at < end, shifts.c.ends_at > start)
    if departments is not None:
        query = query.where(shifts.c.department.in_(list(departments)))
    return [dict(row) for row in c.execute(query.order_by(shifts.c.starts_at, shifts.c.id)).mappings()]


def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enters shifts (department, starts_at, ends_at, name, mail, phone, note)."""
    if rows:
        c.execute(insert(shifts), [{"mail": None, "phone": None, "note": "", **row} for row in rows])


def change(c: Connection, shift: int, values: Mapping[str, Any]) -> bool:
    """Changes a shift, for instance who takes it in a swap."""
    return c.execute(update(shifts).where(shifts.c.id == shift).values(**values)).rowcount == 1


def remove(c: Connection, ids: Collection[int]) -> int:
    """Takes shifts out of the roster."""
    return c.execute(delete(shifts).where(shifts.c.id.in_(list(ids)))).rowcount
