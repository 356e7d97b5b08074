"""Which officer opened what of which case, a row a day. Knows the table `looks`: about officers, never about posters.

The promise on the public page that looking leaves a trace (个人信息保护法 51, 54) is kept here; what a person did
stands in the ledger, what a person only read stands in this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from monitor.store.schema import looks
from monitor.text import face

Row = dict[str, Any]
CASE, PAPER, PROOF, EXPORT, WISH = "case", "paper", "proof", "export", "wish"
WHAT = (CASE, PAPER, PROOF, EXPORT, WISH)


def note(c: Connection, user: str, what: str, incident: str, now: datetime) -> None:
    """One look more; the first of a day makes its row."""
    day = face(now)[:10]
    same = (looks.c.day == day) & (looks.c.user == user) & (looks.c.what == what) & (looks.c.incident == incident)
    if c.execute(update(looks).where(same).values(times=looks.c.times + 1, last_at=now)).rowcount == 0:
        row = {"day": day, "user": user, "what": what, "incident": incident}
        c.execute(insert(looks).values(**row, first_at=now, last_at=now, times=1))


def listed(
    c: Connection, *, user: str = "", incident: str = "", since: str = "", until: str = "", limit: int = 60,
    offset: int = 0,
) -> list[Row]:  # fmt: skip
    """Rows of these officers, cases and days (both ends included), newest first."""
    query = select(looks).where(*_where(user, incident, since, until))
    order = (looks.c.last_at.desc(), looks.c.user, looks.c.what, looks.c.incident)
    return [dict(row) for row in c.execute(query.order_by(*order).limit(limit).offset(offset)).mappings()]


def count(c: Connection, *, user: str = "", incident: str = "", since: str = "", until: str = "") -> int:
    """How many rows `listed` has in all."""
    query = select(func.count()).select_from(looks).where(*_where(user, incident, since, until))
    return c.execute(query).scalar_one()


def _where(user: str, incident: str, since: str, until: str) -> Iterable[Any]:
    if user:
        yield looks.c.user == user
    if incident:
        yield looks.c.incident == incident
    if since:
        yield looks.c.day >= since
    if until:
        yield looks.c.day <= until
