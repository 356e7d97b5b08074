"""Posts that tell of danger to life, or perhaps do, as long as nobody has looked at them. Knows rows; calls nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, not_, or_, select, update

from monitor.model import MACHINE, Level
from monitor.store.incidents import OPEN_STATES
from monitor.store.posts import SHOWN
from monitor.store.schema import incidents, ledger, posts

Row = dict[str, Any]


def waiting(c: Connection, since: datetime, limit: int = 200) -> list[Row]:
    """Posts recorded since then that tell of danger to life and wait for a person, the longest waiting first."""
    asked = (posts.c.review == "pending", posts.c.life_risk, posts.c.recorded_at >= since)
    query = select(*SHOWN, posts.c.title, posts.c.text).where(*asked).order_by(posts.c.recorded_at, posts.c.id)
    return [dict(row) for row in c.execute(query.limit(limit)).mappings()]


def perhaps(c: Connection, since: datetime, until: datetime, limit: int = 200) -> list[Row]:
    """Posts recorded in between that perhaps tell of danger and that nobody has looked at, the longest waiting first.

    Those in the review queue, and those of a case in which no person did anything since; a red one is read anyhow.
    """
    asked = (posts.c.recorded_at.between(since, until), posts.c.perhaps_life_risk, posts.c.life_risk.is_(False))
    joined = posts.outerjoin(incidents, incidents.c.id == posts.c.incident)
    query = select(*SHOWN, posts.c.title, posts.c.text).select_from(joined)
    query = query.where(*asked, or_(posts.c.review == "pending", _in_unread_case()))
    return [dict(row) for row in c.execute(query.order_by(posts.c.recorded_at, posts.c.id).limit(limit)).mappings()]


def perhaps_in_cases(c: Connection, since: datetime) -> list[Row]:
    """Those of `perhaps` that went into a case: they are in no queue."""
    return [row for row in perhaps(c, since, datetime.max.replace(tzinfo=since.tzinfo)) if row["incident"]]


def confirm(c: Connection, post: str) -> None:
    """A person has read it and says that somebody is in danger, where the machine was not sure."""
    values = {"life_risk": True, "perhaps_life_risk": True}
    c.execute(update(posts).where(posts.c.id == post).values(**values))


def _in_unread_case() -> Any:
    seen = select(ledger.c.seq).where(
        ledger.c.incident == posts.c.incident, ledger.c.actor != MACHINE, ledger.c.at >= posts.c.recorded_at
    )
    calm = and_(incidents.c.level != Level.RED.value, incidents.c.life_risk.is_(False))
    return and_(posts.c.review.is_(None), incidents.c.state.in_(OPEN_STATES), calm, not_(seen.exists()))
