"""对照清单 as acts of the ledger: a list is brought or undone, a row of it judged or opened as a case.

Whatever file they came from, rows are kept without persons: what looks like somebody's name is cut to the surname here,
before anything is stored (guard-rail). Knows who may not what; which row fits which incident is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from classifiers.verdict import Assessment, Flag, Kind
from monitor.clocks.calendar import start_of
from monitor.facts.cell import nobody
from monitor.ledger.door import Ledger
from monitor.ledger.standing import catalogue, forbid
from monitor.listed import FEED, Kept, Listed, Note, digest, keyed
from monitor.model import Act, Change, County, Facts, Place, Post, Reading
from monitor.store import incidents, lists
from monitor.text import post_id

NAMES = ("employer", "project", "place")


@dataclass(frozen=True, slots=True)
class Brought:
    """`number` None: the file told nothing new. `new`, `known`: rows that were added, and that were there before."""

    number: int | None
    new: int
    known: int
    first: date
    last: date
    notes: tuple[Note, ...] = ()


def bring(
    ledger: Ledger,
    rows: Sequence[tuple[int, Listed]],
    *,
    source: str,
    first: date,
    last: date,
    file: str,
    by: str,
    at: datetime,
    reason: str,
) -> Brought:
    """Keeps a list's rows (with their numbers in the sheet). Brought twice it adds nothing and is no second import."""
    clean, notes = without_persons(rows, ledger.county)
    held = keyed(source, clean)

    def work(c: Connection) -> tuple[Brought, list[Change]]:
        known = lists.known(c, held)
        told = any(
            one.source == source and one.first <= first and last <= one.last for one in lists.imports(c)
        )  # fmt: skip
        if told and len(known) == len(held):
            return Brought(None, 0, len(known), first, last, notes), []
        values = {"source": source, "first": first, "last": last, "file": file, "by": by, "at": at}
        number = lists.add(c, values, held)
        brought = Brought(number, len(held) - len(known), len(known), first, last, notes)
        data = {
            "do": "import", "number": number, "source": source, "first": first.isoformat(), "last": last.isoformat(),
            "file": file, "rows": len(held), "sha256": digest(held),
        }  # fmt: skip
        return brought, [Change(act=Act.LISTS, at=at, reason=reason, actor=by, data=data)]

    return ledger.record_with(work)


def without_persons(rows: Sequence[tuple[int, Listed]], county: County) -> tuple[list[Listed], tuple[Note, ...]]:
    """The rows without names of people, and a note of every name that was shortened; the note has the surname only."""
    known = {name for row in county.register for name in (row.name, *row.aliases, *row.employers)}
    clean, notes = [], []
    for number, row in rows:
        told: dict[str, Any] = {}
        for name in NAMES:
            written = getattr(row, name)
            short, changed = nobody(written, known, place=name == "place") if written else (None, False)
            told[name] = short or None
            if changed:
                notes.append(Note(number, "person", {"value": short}))
        clean.append(replace(row, **told))
    return clean, tuple(notes)


def undo(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> bool:
    """Takes an import back with all of its rows that no other import holds; False when it was none, or undone."""

    def work(c: Connection) -> tuple[bool, list[Change]]:
        gone = lists.drop(c, number, at)
        return gone, [_change(by, at, reason, do="undo", number=number)] if gone else []

    return ledger.record_with(work)


def judge(ledger: Ledger, key: str, incident: str, *, same: bool, by: str, at: datetime, reason: str) -> None:
    """A person says whether a row is an incident's debt. Changes no incident; ForbiddenChange says what stands against.

    A row has one incident at most: a second yes is refused until the first is taken back.
    """

    def work(c: Connection) -> tuple[None, list[Change]]:
        row(c, key)
        if incidents.one(c, incident) is None:
            raise forbid("unknown_incident", incident=incident)
        said = lists.verdicts(c).get(key, [])
        if any(one.incident == incident or (same and one.same) for one in said):
            raise forbid("row_judged", by=said[-1].by)
        lists.judge(c, key, incident, same=same, by=by, at=at)
        return None, [_change(by, at, reason, do="judge", row=key, case=incident, same=same)]

    ledger.record_with(work)


def unjudge(ledger: Ledger, key: str, *, by: str, at: datetime, reason: str) -> bool:
    """Takes back what was said of a row; False when nothing was. A case opened from it stays: it is dismissed there."""

    def work(c: Connection) -> tuple[bool, list[Change]]:
        cases = lists.unjudge(c, key)
        return bool(cases), [_change(by, at, reason, do="unjudge", row=key, cases=cases)] if cases else []

    return ledger.record_with(work)


def open_case(ledger: Ledger, key: str, *, by: str, at: datetime) -> str:
    """Opens a case from a row that no incident fits, through the same door as every other; returns its number.

    Pressed twice it is one case: its one post is called by the row. That post is the office's, so the net is not taken
    to have seen the debt.
    """
    with ledger.store.read() as c:
        kept = row(c, key)
        if any(one.same for one in lists.verdicts(c).get(key, [])):
            raise forbid("row_judged", by=by)
    say = catalogue()["lists"]
    reason = say["reason"].format(source=kept.source, day=kept.row.day)
    reading = reading_of(kept, ledger.county, at)
    recorded = ledger.record(Change(act=Act.OPEN, at=at, reason=reason, actor=by, readings=(reading,)))
    incident = str(recorded.incident)
    judge(ledger, key, incident, same=True, by=by, at=at, reason=reason)
    return incident


def row(c: Connection, key: str) -> Kept:
    """The row; ForbiddenChange where there is none (its list was undone)."""
    kept = lists.one(c, key)
    if kept is None:
        raise forbid("unknown_row")
    return kept


def reading_of(kept: Kept, county: County, at: datetime) -> Reading:
    """What a row says, as the door takes it. The machine judged nothing: the flag says that it passed it by."""
    told, say = kept.row, catalogue()["lists"]
    parts = [say["heads"].format(workers=told.workers)] if told.workers else []
    parts += [say["yuan"].format(yuan=f"{told.amount_yuan:.2f}".removesuffix(".00"))] if told.amount_yuan else []
    where = told.place or told.town or ""
    text = say["text"].format(
        source=kept.source, day=told.day, where=where, name=told.name, figures="".join(f"，{part}" for part in parts)
    )
    day = start_of(told.day)
    post = Post(
        id=post_id(FEED, kept.key), native_id=kept.key, title=told.name, text=text, platform=kept.source, feed=FEED,
        published_at=min(day, at), fetched_at=at,
    )  # fmt: skip
    place = Place(
        told.town or county.name, county.code, county.name, "town" if told.town else "county", True, told.town
    )
    missing = [name for name in ("employer", "project", "workers") if not getattr(told, name)]
    facts = Facts(
        workers=told.workers, amount_yuan=told.amount_yuan, employer=told.employer, project=told.project, place=place,
        sector=told.sector, missing=(*missing, *(() if told.amount_yuan else ("amount",)), "period"),
    )  # fmt: skip
    return Reading(post, Assessment(Flag.PASS, 1.0, Kind.OPEN, False, FEED), facts)


def _change(by: str, at: datetime, reason: str, **data: Any) -> Change:
    return Change(act=Act.LISTS, at=at, reason=reason, actor=by, data=data)
