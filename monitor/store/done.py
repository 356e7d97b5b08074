"""Periodic work that must happen once: a digest per day, a look-back per incident. Knows the table `done`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store.schema import done


def once(c: Connection, key: str, at: datetime, detail: str = "") -> bool:
    """True for the first to ask; everybody later, after a restart too, gets False. Call inside `store.unit`."""
    if c.execute(select(done.c.key).where(done.c.key == key)).first():
        return False
    c.execute(insert(done).values(key=key, at=at, detail=detail))
    return True


def when(c: Connection, key: str) -> datetime | None:
    """When it was done; None: not yet."""
    return c.execute(select(done.c.at).where(done.c.key == key)).scalar()


def newest(c: Connection, beginning: str) -> datetime | None:
    """When the last of the keys that begin so was done; None: none yet."""
    query = select(func.max(done.c.at)).where(done.c.key.startswith(beginning, autoescape=True))
    return c.execute(query).scalar()


def detail(c: Connection, key: str) -> str | None:
    """What was noted when it was done; None: not yet."""
    return c.execute(select(done.c.detail).where(done.c.key == key)).scalar()


def put(c: Connection, key: str, at: datetime, detail: str) -> None:
    """Notes how far something that is never finished has come; the last note counts, also of two at once."""
    insert_ = (postgresql if c.dialect.name == "postgresql" else sqlite).insert(done)
    new = {"at": insert_.excluded.at, "detail": insert_.excluded.detail}
    c.execute(insert_.on_conflict_do_update(index_elements=["key"], set_=new), {"key": key, "at": at, "detail": detail})
