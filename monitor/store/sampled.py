"""The audit sample: passed posts drawn at random for a person to read. Knows who was drawn and what people found.

Counts only what retention still holds whole: drawn and dismissed posts stay 30 days (retention.REJECTED), so a window
of that length loses neither hits nor misses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, select

from monitor.store.incidents import real
from monitor.store.schema import incidents, posts

AUDIT_EVERY = 200  # one passed post in so many is shown to a reviewer, so that recall is measured
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sampled:
    """`drawn` at random, `looked_at` by a person so far, `missed`: cases among those; `found`: posts of cases known."""

    drawn: int
    looked_at: int
    missed: int
    found: int


def sampled(c: Connection, now: datetime) -> Sampled:
    """The last 30 days. A post about danger waits for a person anyhow, whatever its score: it is no draw."""
    recent = posts.c.recorded_at >= now - WINDOW
    drawn = and_(
        recent,
        posts.c.flag == "pass",
        posts.c.life_risk.is_(False),
        posts.c.review.in_(("audit", "confirmed", "dismissed")),
    )
    looked = case((posts.c.review == "audit", 0), else_=1)
    missed = case((posts.c.review == "confirmed", 1), else_=0)
    one = c.execute(select(func.count(), func.sum(looked), func.sum(missed)).where(drawn)).one()
    known = (
        select(func.count())
        .select_from(posts.join(incidents, incidents.c.id == posts.c.incident))
        .where(recent, posts.c.flag != "pass", incidents.c.state != "dismissed", real(incidents.c.id))
    )
    return Sampled(one[0], int(one[1] or 0), int(one[2] or 0), c.execute(known).scalar_one())
