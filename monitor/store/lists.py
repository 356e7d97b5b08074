"""对照清单: other offices' lists of debts, what a person said of their rows, and when the net first saw each incident.

Knows their tables; only monitor.ledger.lists writes here, each act with its row of the ledger. Which row is about which
incident is decided in monitor.incidents.listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.listed import Judged, Kept, Listed, Lists
from monitor.store.incidents import real
from monitor.store.parts import parts
from monitor.store.schema import incidents, judged, listed, lists, posts

Row = dict[str, Any]
COLUMNS = ("day", "employer", "project", "place", "town", "sector", "workers", "amount_yuan")


# ------------------------------------------------------------------ lists
def add(c: Connection, values: Mapping[str, Any], rows: Mapping[str, Listed]) -> int:
    """Keeps an import (source, first, last, file, by, at) with its rows by key; returns its number."""
    days = {name: values[name].isoformat() for name in ("first", "last")}
    row = {**values, **days, "rows": len(rows)}
    number = int(c.execute(insert(lists).values(**row).returning(lists.c.id)).scalar_one())
    if rows:
        told = [{**asdict(one), "list": number, "key": key, "day": one.day.isoformat()} for key, one in rows.items()]
        c.execute(insert(listed), told)
    return number


def drop(c: Connection, number: int, at: datetime) -> bool:
    """Undoes an import: its rows go, what a person said of rows that no other import holds goes with them."""
    undone = update(lists).where(lists.c.id == number, lists.c.undone_at.is_(None)).values(undone_at=at)
    if c.execute(undone).rowcount != 1:
        return False
    c.execute(delete(listed).where(listed.c.list == number))
    forget_judged(c)
    return True


def forget_judged(c: Connection) -> None:
    """Drops what was said of rows that are no longer there."""
    c.execute(delete(judged).where(judged.c.key.not_in(select(listed.c.key))))


def imports(c: Connection) -> list[Lists]:
    """Every import that stands, the newest first."""
    query = select(lists).where(lists.c.undone_at.is_(None)).order_by(lists.c.id.desc())
    return [_lists(dict(row)) for row in c.execute(query).mappings()]


def _lists(row: Mapping[str, Any]) -> Lists:
    told = {name: row[name] for name in ("id", "source", "file", "rows", "by", "at")}
    return Lists(**told, first=date.fromisoformat(row["first"]), last=date.fromisoformat(row["last"]))


def keys_of(c: Connection) -> dict[int, list[str]]:
    """The keys of each import's rows."""
    found: dict[int, list[str]] = {one.id: [] for one in imports(c)}
    for number, key in c.execute(select(listed.c.list, listed.c.key)):
        found.setdefault(number, []).append(key)
    return found


def known(c: Connection, keys: Collection[str]) -> set[str]:
    """Which of the rows some import holds already."""
    found: set[str] = set()
    for part in parts(keys):
        found.update(c.execute(select(listed.c.key).where(listed.c.key.in_(part))).scalars())
    return found


# ------------------------------------------------------------------ rows
def rows_between(c: Connection, first: date, last: date, source: str | None = None) -> list[Kept]:
    """Rows of these local days, each once however many imports hold it."""
    query = select(listed, lists.c.source).join(lists, lists.c.id == listed.c.list)
    query = query.where(listed.c.day >= first.isoformat(), listed.c.day <= last.isoformat())
    if source is not None:
        query = query.where(lists.c.source == source)
    found = {row["key"]: _kept(dict(row)) for row in c.execute(query.order_by(listed.c.day, listed.c.key)).mappings()}
    return list(found.values())


def one(c: Connection, key: str) -> Kept | None:
    """A row by its key."""
    query = select(listed, lists.c.source).join(lists, lists.c.id == listed.c.list).where(listed.c.key == key)
    row = c.execute(query.limit(1)).mappings().first()
    return _kept(dict(row)) if row else None


def beginning(c: Connection, key: str, limit: int = 3) -> list[str]:
    """Keys of rows that begin so; a few at most."""
    query = select(listed.c.key).where(listed.c.key.startswith(key, autoescape=True)).distinct().limit(limit)
    return list(c.execute(query).scalars())


def _kept(row: Mapping[str, Any]) -> Kept:
    told = {name: row[name] for name in COLUMNS}
    return Kept(row["key"], row["source"], Listed(**{**told, "day": date.fromisoformat(row["day"])}))


# ------------------------------------------------------------------ a person's yes or no
def verdicts(c: Connection) -> dict[str, list[Judged]]:
    """By row, what was said of it; a yes leads to where the incident went if it was merged."""
    query = select(judged, incidents.c.merged_into).outerjoin(incidents, incidents.c.id == judged.c.incident)
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in c.execute(query.order_by(judged.c.at)).mappings():
        incident = row["merged_into"] or row["incident"]
        found[row["key"]].append(Judged(incident, row["same"], row["by"], row["at"]))
    return dict(found)


def judge(c: Connection, key: str, incident: str, *, same: bool, by: str, at: datetime) -> bool:
    """Keeps what a person said; False when somebody was first."""
    held = select(func.count()).select_from(judged).where(judged.c.key == key, judged.c.incident == incident)
    if c.execute(held).scalar_one():
        return False
    c.execute(insert(judged).values(key=key, incident=incident, same=same, by=by, at=at))
    return True


def unjudge(c: Connection, key: str) -> list[str]:
    """Takes back all that was said of a row; the incidents it was said of."""
    gone = list(c.execute(select(judged.c.incident).where(judged.c.key == key)).scalars())
    c.execute(delete(judged).where(judged.c.key == key))
    return gone


# ------------------------------------------------------------------ what the net saw
def sighted(
    c: Connection, first: datetime, last: datetime
) -> list[tuple[Row, list[tuple[str, str, datetime, datetime]]]]:
    """Cases with their posts by feed and platform: (feed, platform, first recorded, last recorded).

    Of incidents with a post recorded in the span; merged, dismissed and invented ones are none.
    """
    shown = ("id", "title", "facts", "town", "sector", "state")
    within = select(posts.c.incident).where(posts.c.recorded_at >= first, posts.c.recorded_at < last)
    query = select(*(incidents.c[name] for name in shown)).where(
        incidents.c.state.not_in(("merged", "dismissed")), real(incidents.c.id), incidents.c.id.in_(within)
    )
    rows = {row["id"]: dict(row) for row in c.execute(query).mappings()}
    of, at = (posts.c.incident, posts.c.feed, posts.c.platform), posts.c.recorded_at
    spans = select(*of, func.min(at), func.max(at)).where(posts.c.incident.in_(within)).group_by(*of)
    found: dict[str, list[tuple[str, str, datetime, datetime]]] = defaultdict(list)
    for incident, feed, platform, earliest, latest in c.execute(spans):
        found[incident].append((feed, platform or "", earliest, latest))
    return [(row, found[id_]) for id_, row in rows.items()]


def texts(c: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """By incident: feed, platform and masked words of its posts."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    query = select(posts.c.incident, posts.c.feed, posts.c.platform, posts.c.masked_title, posts.c.masked_text)
    for part in parts(ids):
        for incident, feed, platform, title, text in c.execute(query.where(posts.c.incident.in_(part))):
            found[incident].append((feed, platform or "", f"{title or ''}\n{text}"))
    return dict(found)
