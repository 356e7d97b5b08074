"""值班表: who is on duty when, swaps, silences, hand-over notes. Knows their tables; who is told is decided elsewhere.

Only monitor.ledger.duty writes here, each act with its row of the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.schema import handovers, outbox, shifts, silences, swaps

Row = dict[str, Any]
SHIFT_KEYS = ("department", "starts_at", "ends_at", "name", "mail", "phone", "note", "town")


def every(c: Connection, table: str) -> list[Row]:
    """Every row of `shifts`, `swaps` or `silences`, in order: for comparing with the ledger."""
    asked = {"shifts": shifts, "swaps": swaps, "silences": silences}[table]
    return [dict(row) for row in c.execute(select(asked).order_by(asked.c.id)).mappings()]


# ------------------------------------------------------------------ shifts
def on_duty(c: Connection, at: datetime, department: str | None = None) -> list[Row]:
    """Shifts that run at a moment, the latest begun first. Swaps are in `swaps_at`: the shift stays as planned."""
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


def changes_between(c: Connection, start: datetime, end: datetime) -> dict[str, datetime]:
    """Per department the last moment after `start` and not after `end` at which duty changed hands, swaps included."""
    found: dict[str, datetime] = {}
    moments = [select(shifts.c.department, shifts.c.starts_at)]
    moments += [select(swaps.c.department, column).where(swaps.c.state == "agreed")
                for column in (swaps.c.starts_at, swaps.c.ends_at)]  # fmt: skip
    for query in moments:
        for department, moment in c.execute(query.where(query.selected_columns[1] > start)):
            if moment <= end:
                found[department] = max(moment, found.get(department, moment))
    return found


def one(c: Connection, shift: int) -> Row | None:
    """A shift by its number."""
    row = c.execute(select(shifts).where(shifts.c.id == shift)).mappings().first()
    return dict(row) if row else None


def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enters shifts (department, starts_at, ends_at, name, mail, phone, note, town)."""
    if rows:
        c.execute(insert(shifts), [{"mail": None, "phone": None, "note": "", "town": None, **row} for row in rows])


def change(c: Connection, shift: int, values: Mapping[str, Any]) -> bool:
    """Changes a shift as planned; who takes it for a while is a swap."""
    return c.execute(update(shifts).where(shifts.c.id == shift).values(**values)).rowcount == 1


def remove(c: Connection, ids: Collection[int]) -> int:
    """Takes shifts out of the roster."""
    return c.execute(delete(shifts).where(shifts.c.id.in_(list(ids)))).rowcount


# ------------------------------------------------------------------ swaps
def ask_swap(c: Connection, values: Mapping[str, Any]) -> int:
    """Keeps a swap that one side asks for; returns its number. It changes nothing before the other side agrees."""
    return int(c.execute(insert(swaps).values(**values, state="asked").returning(swaps.c.id)).scalar_one())


def swap(c: Connection, number: int) -> Row | None:
    """A swap by its number."""
    row = c.execute(select(swaps).where(swaps.c.id == number)).mappings().first()
    return dict(row) if row else None


def agree_swap(c: Connection, number: int, by: str, at: datetime) -> bool:
    """The other side agrees: the swap holds from now on. False when somebody was first."""
    query = update(swaps).where(swaps.c.id == number, swaps.c.state == "asked")
    return c.execute(query.values(state="agreed", agreed_by=by, agreed_at=at)).rowcount == 1


def end_swap(c: Connection, number: int, was: str, state: str, by: str, at: datetime) -> bool:
    """`asked` -> refused or undone, `agreed` -> undone; False when somebody was first."""
    query = update(swaps).where(swaps.c.id == number, swaps.c.state == was)
    return c.execute(query.values(state=state, ended_by=by, ended_at=at)).rowcount == 1


def swaps_at(c: Connection, start: datetime, end: datetime | None = None) -> list[Row]:
    """Agreed swaps that hold at a moment, or touch a period: the latest agreed first."""
    until = swaps.c.starts_at <= start if end is None else swaps.c.starts_at < end
    query = select(swaps).where(swaps.c.state == "agreed", until, swaps.c.ends_at > start)
    return [dict(row) for row in c.execute(query.order_by(swaps.c.agreed_at.desc(), swaps.c.id.desc())).mappings()]


def swaps_shown(c: Connection, since: datetime, limit: int = 200) -> list[Row]:
    """Every swap whose hours are not over at `since`, whatever became of it, in order of its hours."""
    query = select(swaps).where(swaps.c.ends_at > since).order_by(swaps.c.starts_at, swaps.c.id).limit(limit)
    return [dict(row) for row in c.execute(query).mappings()]


def swaps_of(c: Connection, shift: int) -> list[Row]:
    """Swaps of one shift that are asked for or agreed."""
    query = select(swaps).where(swaps.c.shift == shift, swaps.c.state.in_(("asked", "agreed")))
    return [dict(row) for row in c.execute(query.order_by(swaps.c.id)).mappings()]


# ------------------------------------------------------------------ silences
def add_silence(c: Connection, values: Mapping[str, Any]) -> int:
    """Keeps a silence (author, reason, starts_at, until, incident, department, occasions); returns its number."""
    return int(c.execute(insert(silences).values(**values, released=False).returning(silences.c.id)).scalar_one())


def silence(c: Connection, number: int) -> Row | None:
    """A silence by its number."""
    row = c.execute(select(silences).where(silences.c.id == number)).mappings().first()
    return dict(row) if row else None


def end_silence(c: Connection, number: int, by: str, at: datetime, reason: str) -> bool:
    """A person ends it early; False when it has ended already."""
    query = update(silences).where(silences.c.id == number, silences.c.ended_at.is_(None), silences.c.until > at)
    return c.execute(query.values(ended_at=at, ended_by=by, ended_reason=reason)).rowcount == 1


def silences_at(c: Connection, at: datetime) -> list[Row]:
    """Silences in force at a moment, the oldest first: a silence ends by itself, nobody has to think of it."""
    query = select(silences).where(silences.c.starts_at <= at, silences.c.until > at, silences.c.ended_at.is_(None))
    return [dict(row) for row in c.execute(query.order_by(silences.c.id)).mappings()]


def silences_between(c: Connection, start: datetime, end: datetime) -> list[Row]:
    """Silences that were in force at some moment of a period, the oldest first: what the digest must list."""
    query = select(silences).where(silences.c.starts_at < end, silences.c.until > start)
    rows = [dict(row) for row in c.execute(query.order_by(silences.c.id)).mappings()]
    return [row for row in rows if row["ended_at"] is None or row["ended_at"] > start]


def silences_over(c: Connection, at: datetime) -> list[Row]:
    """Silences that have ended and whose silenced messages have not been looked at since."""
    query = select(silences).where(silences.c.released.is_(False))
    rows = [dict(row) for row in c.execute(query.order_by(silences.c.id)).mappings()]
    return [row for row in rows if row["ended_at"] is not None or row["until"] <= at]


def silenced_incidents(c: Connection, number: int, since: datetime) -> list[str]:
    """Incidents a message about which a silence kept back, in order; `since`: when the silence began."""
    query = select(outbox.c.incident, outbox.c.data).where(
        outbox.c.state == "digest", outbox.c.created_at >= since, outbox.c.incident.is_not(None)
    )
    return sorted({incident for incident, data in c.execute(query) if data.get("silence") == number})


def released(c: Connection, number: int) -> bool:
    """Marks an ended silence as looked at; False when somebody was first."""
    query = update(silences).where(silences.c.id == number, silences.c.released.is_(False))
    return c.execute(query.values(released=True)).rowcount == 1


# ------------------------------------------------------------------ hand-over notes
def handover(c: Connection, department: str, at: datetime) -> Row | None:
    """The note of a shift change."""
    query = select(handovers).where(handovers.c.department == department, handovers.c.at == at)
    row = c.execute(query).mappings().first()
    return dict(row) if row else None


def add_handover(c: Connection, values: Mapping[str, Any]) -> int:
    """Keeps a note (department, at, began, leaving, coming, text, zero); returns its number."""
    return int(c.execute(insert(handovers).values(**values).returning(handovers.c.id)).scalar_one())


def handover_by_number(c: Connection, number: int) -> Row | None:
    """A note by its number."""
    row = c.execute(select(handovers).where(handovers.c.id == number)).mappings().first()
    return dict(row) if row else None


def take_over(c: Connection, number: int, by: str, at: datetime) -> bool:
    """The next officer has read the note; False when somebody was first."""
    query = update(handovers).where(handovers.c.id == number, handovers.c.taken_at.is_(None))
    return c.execute(query.values(taken_by=by, taken_at=at)).rowcount == 1


def handovers_since(c: Connection, since: datetime, limit: int = 60) -> list[Row]:
    """Notes since a moment, the newest first."""
    query = select(handovers).where(handovers.c.at >= since).order_by(handovers.c.at.desc(), handovers.c.id.desc())
    return [dict(row) for row in c.execute(query.limit(limit)).mappings()]
