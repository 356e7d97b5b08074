"""名册: lists of deposits, special accounts and firms in arrears, each whole as it was loaded last. Knows their table.

Only monitor.ledger.funds writes here, each load with its row of the ledger. What a line means for a project is decided
in monitor.funds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from monitor.backing import Account, AccountState, Deposit, Form, Found, Line, Loaded, Signal, Trend, Visit
from monitor.store.schema import funds
from monitor.store.schema import visits as table_of_visits

Row = Mapping[str, Any]
Stamp = tuple[tuple[str, str, str], ...]


def put(c: Connection, loaded: Loaded) -> None:
    """Keeps a list in the place of the one before."""
    drop(c, loaded.kind)
    values = {name: getattr(loaded, name) for name in ("kind", "source", "sha256", "at", "by")}
    c.execute(insert(funds).values(**values, as_of=loaded.as_of.isoformat(), lines=_json(loaded.lines)))


def drop(c: Connection, kind: str) -> bool:
    """Takes a list out; False when there is none."""
    return c.execute(delete(funds).where(funds.c.kind == kind)).rowcount == 1


def lists(c: Connection) -> dict[str, Loaded]:
    """Every list that is loaded, by its kind."""
    rows = c.execute(select(funds).order_by(funds.c.kind)).mappings()
    return {row["kind"]: _loaded(dict(row)) for row in rows}


def stamp(c: Connection) -> Stamp:
    """Which lists are loaded: the same stamp, the same lines."""
    query = select(funds.c.kind, funds.c.sha256, funds.c.at).order_by(funds.c.kind)
    return tuple((kind, sha256, at.isoformat()) for kind, sha256, at in c.execute(query))


def digest(lines: Sequence[Line]) -> str:
    """SHA-256 of the lines, as the ledger keeps it."""
    written = json.dumps(_json(lines), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


# ------------------------------------------------------------------ firms looked into
def add_visit(c: Connection, visit: Visit) -> int:
    """Keeps what came of looking into a firm; gives its number."""
    values = {name: getattr(visit, name) for name in ("firm", "found", "note", "by", "at")}
    return int(c.execute(insert(table_of_visits).values(**values).returning(table_of_visits.c.id)).scalar_one())


def visits(c: Connection) -> dict[int, Visit]:
    """Every visit by its number, the oldest first."""
    rows = c.execute(select(table_of_visits).order_by(table_of_visits.c.at, table_of_visits.c.id)).mappings()
    return {
        row["id"]: Visit(
            firm=row["firm"], found=Found(row["found"]), note=row["note"], by=row["by"], at=row["at"]
        )
        for row in rows
    }  # fmt: skip


# ------------------------------------------------------------------ lines and JSON
def _json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [_plain(asdict(line)) for line in lines]


def _plain(values: Row) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            plain[key] = _plain(value)
        elif isinstance(value, date):
            plain[key] = value.isoformat()
        elif value is not None:
            plain[key] = value
    return plain


def _loaded(row: Row) -> Loaded:
    return Loaded(
        kind=row["kind"],
        lines=tuple(_line(one) for one in row["lines"]),
        source=row["source"],
        sha256=row["sha256"],
        as_of=date.fromisoformat(row["as_of"]),
        at=row["at"],
        by=row["by"],
    )


def _line(one: Row) -> Line:
    deposit, account, signal = one.get("deposit"), one.get("account"), one.get("signal")
    return Line(
        **{key: one[key] for key in ("project", "firm", "file", "row") if key in one},
        deposit=_deposit(deposit) if deposit else None,
        account=_account(account) if account else None,
        signal=_signal(signal) if signal is not None else None,
    )


def _deposit(one: Row) -> Deposit:
    form = one.get("form")
    return Deposit(Form(form) if form else None, one.get("yuan"), _day(one.get("until")), one.get("where"))


def _account(one: Row) -> Account:
    return Account(AccountState(one["state"]), one.get("bank"), one.get("tail"), _day(one.get("paid")))


def _signal(one: Row) -> Signal:
    trend = one.get("trend")
    return Signal(one.get("months"), one.get("yuan"), _day(one.get("since")), Trend(trend) if trend else None)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
