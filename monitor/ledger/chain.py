"""The chain of the ledger: is it whole, and what did an incident look like then. Knows rows; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.ledger.tables import Told, differences
from monitor.store import incidents
from monitor.store import ledger as rows
from monitor.store.ledger import GENESIS, plain, row_hash
from monitor.store.parts import parts

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the ledger is not what was written. `seq` None: a stored incident differs from its history."""

    seq: int | None
    incident: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check found. `head`: number and hash of the newest row; kept elsewhere, it proves none was cut off."""

    length: int
    head: str
    breaks: tuple[Break, ...]

    @property
    def whole(self) -> bool:
        return not self.breaks


def verify(c: Connection, *, bodies: bool = False) -> Chain:
    """Walks the chain from the first row; then compares every incident with what its rows say it must be.

    Roster, swaps, silences and proofs are compared as well; `bodies`: every proof's content is hashed again.
    """
    previous, number, found = GENESIS, 0, list[Break]()
    states: dict[str, Row] = {}
    told = Told()
    for row in rows.rows(c):
        number += 1
        found += _row_breaks(row, previous, number)
        previous = row["hash"]
        told.take(row)
        if row["incident"]:
            _apply(states.setdefault(row["incident"], {}), row)
    found += _state_breaks(c, states)
    found += [Break(None, incident, problem) for incident, problem in differences(c, told, bodies=bodies)]
    return Chain(number, f"{number}:{previous}", tuple(found))


def _row_breaks(row: Row, previous: str, number: int) -> Iterable[Break]:
    if row["seq"] != number:
        yield Break(row["seq"], row["incident"], f"row {number} is missing")
    if row["previous"] != previous:
        yield Break(row["seq"], row["incident"], "does not follow the row before it")
    if row_hash(row) != row["hash"]:
        yield Break(row["seq"], row["incident"], "was changed after it was written")


def _state_breaks(c: Connection, states: Mapping[str, Row]) -> Iterable[Break]:
    for part in parts(states):
        stored = incidents.many(c, part)
        for id_ in part:
            told = states[id_].get("incident", {})
            if id_ not in stored:
                yield Break(None, id_, "is in the ledger and not among the incidents")
                continue
            now = plain(stored[id_])
            wrong = sorted(key for key, value in told.items() if now.get(key) != value)
            if wrong:
                yield Break(None, id_, f"differs from its history in {', '.join(wrong)}")


def state_at(history: Iterable[Mapping[str, Any]], at: datetime | None = None, seq: int | None = None) -> Row:
    """An incident as it was at a moment or after a row, rebuilt from its ledger rows alone.

    `incident`, `assignments`, `clocks`, `pauses` as stored (moments in ISO 8601), `posts` as joined by then. A row
    whose data was erased says nothing; the erasure's own row holds the state after it.
    """
    state: Row = {}
    for row in history:
        if (at is not None and row["at"] > at) or (seq is not None and row["seq"] > seq):
            break
        _apply(state, row)
    return state


def _apply(state: Row, row: Mapping[str, Any]) -> None:
    data = row["data"]
    if "erased" in data:
        return
    changed = data.get("set") or {}
    state.setdefault("incident", {}).update(changed.get("incident") or {})
    for key in ("assignments", "clocks", "pauses"):
        if key in changed:
            state[key] = changed[key]
    if row["act"] in ("open", "join", "confirm"):
        state["posts"] = [*state.get("posts", []), *data.get("posts", [])]
