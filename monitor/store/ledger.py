"""Rows of the ledger: appended, never changed. Knows the chain's arithmetic; what a change means is monitor.ledger's.

hash = SHA-256 over the previous hash, the row's own columns and a digest of `data`. Because only the digest enters, an
erasure may remove personal `data` (a salt in it keeps the digest from being guessed) and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, func, insert, select, text, update

from monitor.model import MACHINE
from monitor.store.base import plain_json
from monitor.store.schema import ledger

Row = dict[str, Any]
GENESIS = "0" * 64
_LOCK = 7306


def plain(value: Any) -> Any:
    """A deep copy as the ledger keeps it: only what JSON knows, moments in ISO 8601."""
    return json.loads(plain_json(value))


def hold(c: Connection) -> None:
    """One writer of the chain at a time; SQLite has only one anyway."""
    if c.dialect.name == "postgresql":
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def last(c: Connection) -> tuple[int, str]:
    """Number and hash of the newest row; (0, GENESIS) of an empty ledger."""
    row = c.execute(select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def newest(c: Connection) -> datetime | None:
    """When the last row was written; None: there is none."""
    return c.execute(select(ledger.c.at).order_by(ledger.c.seq.desc()).limit(1)).scalar()


def append(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows in order (incident, version, act, actor, at, reason, data) and chains them."""
    seq, previous = last(c)
    chained = []
    for row in rows:
        seq += 1
        data = {**row["data"], "salt": secrets.token_hex(8)}
        new: Row = {**row, "seq": seq, "data": data, "previous": previous}
        new["hash"] = previous = row_hash(new)
        chained.append(new)
    if chained:
        c.execute(insert(ledger), chained)


def row_hash(row: Mapping[str, Any]) -> str:
    """What the row's hash must be."""
    at: datetime = row["at"]
    parts = [
        row["previous"], row["seq"], row["incident"], row["version"], row["act"], row["actor"],
        at.timestamp(), row["reason"], data_digest(row["data"]),
    ]  # fmt: skip
    return hashlib.sha256(plain_json(parts).encode("utf-8", "surrogatepass")).hexdigest()


def data_digest(data: Mapping[str, Any]) -> str:
    """The digest of a row's data: that of the original where it was erased."""
    if "erased" in data:
        return str(data["erased"])
    return hashlib.sha256(plain_json(data).encode("utf-8", "surrogatepass")).hexdigest()


def rows(c: Connection, incident: str | None = None, *, upto: int | None = None) -> Iterator[Row]:
    """Rows in order, of one incident or of all."""
    query = select(ledger).order_by(ledger.c.seq)
    if incident is not None:
        query = query.where(ledger.c.incident == incident)
    if upto is not None:
        query = query.where(ledger.c.seq <= upto)
    for row in c.execute(query.execution_options(yield_per=1000)).mappings():
        yield dict(row)


def incidents_with(c: Connection, post: str) -> list[str]:
    """Every incident that a post was ever in, merged and split ones too."""
    query = select(ledger.c.incident, ledger.c.data).where(ledger.c.incident.is_not(None))
    query = query.where(cast(ledger.c.data, Text).contains(f'"{post}"', autoescape=True)).order_by(ledger.c.seq)
    return list(dict.fromkeys(id_ for id_, data in c.execute(query) if post in (data.get("posts") or ())))


def recent(
    c: Connection, limit: int = 50, *, before: int | None = None, actor: str = "", incident: str = "",
    since: datetime | None = None, until: datetime | None = None, machine: bool = True,
) -> list[Row]:  # fmt: skip
    """The newest rows, newest first; with `before` those whose number is smaller. `machine`: its own rows, too."""
    only = [
        ledger.c.seq < before if before is not None else None,
        ledger.c.actor == actor if actor else None,
        ledger.c.incident == incident if incident else None,
        ledger.c.at >= since if since else None,
        ledger.c.at < until if until else None,
        None if machine else ledger.c.actor != MACHINE,
    ]
    query = select(ledger).order_by(ledger.c.seq.desc()).limit(limit)
    query = query.where(*(one for one in only if one is not None))
    return [dict(row) for row in c.execute(query).mappings()]


def latest_of(c: Connection, incident: str) -> Row | None:
    """Who changed the incident last, and when."""
    query = select(ledger).where(ledger.c.incident == incident).order_by(ledger.c.seq.desc()).limit(1)
    row = c.execute(query).mappings().first()
    return dict(row) if row else None


def length(c: Connection) -> int:
    """How many rows the ledger has."""
    return c.execute(select(func.count()).select_from(ledger)).scalar_one()


def inputs(c: Connection, act: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(seq, what was entered) of every row of an act whose data was not erased."""
    query = select(ledger.c.seq, ledger.c.data).where(ledger.c.act == act).order_by(ledger.c.seq)
    for seq, data in c.execute(query).all():
        if "erased" not in data:
            yield seq, data.get("input") or {}


def erase_data(c: Connection, seq: int) -> None:
    """Removes the data of one row and leaves its digest: the only change a ledger row can undergo."""
    row = c.execute(select(ledger.c.data).where(ledger.c.seq == seq)).scalar_one()
    c.execute(update(ledger).where(ledger.c.seq == seq).values(data={"erased": data_digest(row)}))


def hash_of(c: Connection, seq: int) -> str | None:
    """The stored hash of one row."""
    return c.execute(select(ledger.c.hash).where(ledger.c.seq == seq)).scalar()
