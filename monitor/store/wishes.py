"""个人信息请求: what people asked about the data held on them, by the link they presented, and what was answered.

Knows the table `wishes` and finds the posts behind one link; never looks for a person: there is no name, account or
word to look by. Only monitor.ledger.wishes writes here, each act with its row of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, insert, select, update

from monitor.store.posts import SHOWN
from monitor.store.schema import posts, wishes

Row = dict[str, Any]
BEHIND = 20  # posts that may stand at one address


def add(c: Connection, values: Mapping[str, Any]) -> int:
    """A new wish; returns its number."""
    return int(c.execute(insert(wishes).values(**values).returning(wishes.c.id)).scalar_one())


def answer(c: Connection, number: int, outcome: str, text: str, by: str, at: datetime) -> bool:
    """Answers a wish that waits, and forgets its link; False when it was answered before or there is none."""
    waits = (wishes.c.id == number) & wishes.c.outcome.is_(None)
    values = {"outcome": outcome, "answer": text, "answered_by": by, "answered_at": at, "link": None}
    return c.execute(update(wishes).where(waits).values(**values)).rowcount == 1


def one(c: Connection, number: int) -> Row | None:
    row = c.execute(select(wishes).where(wishes.c.id == number)).mappings().first()
    return dict(row) if row else None


def waiting(c: Connection) -> list[Row]:
    """Those that nobody has answered, the next due first."""
    query = select(wishes).where(wishes.c.outcome.is_(None)).order_by(wishes.c.due_at, wishes.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def near(c: Connection, until: datetime) -> int:
    """How many wait that are to be answered before a moment."""
    query = select(func.count()).select_from(wishes).where(wishes.c.outcome.is_(None), wishes.c.due_at <= until)
    return int(c.execute(query).scalar_one())


def answered(c: Connection, limit: int = 60, offset: int = 0) -> list[Row]:
    """Those that were answered, the latest first."""
    query = select(wishes).where(wishes.c.outcome.is_not(None))
    query = query.order_by(wishes.c.answered_at.desc(), wishes.c.id.desc())
    return [dict(row) for row in c.execute(query.limit(limit).offset(offset)).mappings()]


def every(c: Connection) -> list[Row]:
    """All of them, for the ledger's check."""
    return [dict(row) for row in c.execute(select(wishes).order_by(wishes.c.id)).mappings()]


def earlier(c: Connection, mark: str, number: int) -> list[int]:
    """Numbers of earlier wishes about the same link."""
    return list(c.execute(select(wishes.c.id).where(wishes.c.mark == mark, wishes.c.id < number)).scalars())


def counts(c: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """How many were answered in a period, by outcome; `late`: after their time."""
    within = (wishes.c.answered_at >= start) & (wishes.c.answered_at < end)
    query = select(wishes.c.outcome, func.count()).where(within).group_by(wishes.c.outcome)
    late = select(func.count()).select_from(wishes).where(within, wishes.c.answered_at > wishes.c.due_at)
    return {**{str(name): int(n) for name, n in c.execute(query)}, "late": int(c.execute(late).scalar_one())}


def behind(c: Connection, link: str) -> list[Row]:
    """The posts that stand at an address, as a page may show them: masked, without author code."""
    query = select(*SHOWN).where(posts.c.url.in_(spellings(link))).order_by(posts.c.recorded_at, posts.c.id)
    return [dict(row) for row in c.execute(query.limit(BEHIND)).mappings()]


def plain(link: str) -> str:
    """The one spelling that stands for all of an address."""
    return urlsplit(link.strip())._replace(scheme="http", fragment="").geturl().rstrip("/")


def spellings(link: str) -> list[str]:
    """An address as it may have been stored: with http or https, with or without a slash or a fragment at its end."""
    parts = urlsplit(link.strip())
    found = []
    for scheme in ("https", "http"):
        whole = parts._replace(scheme=scheme).geturl()
        bare = parts._replace(scheme=scheme, fragment="").geturl()
        found += [whole, bare, bare.rstrip("/"), bare.rstrip("/") + "/"]
    return list(dict.fromkeys(found))
