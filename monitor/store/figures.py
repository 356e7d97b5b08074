"""The counts behind digest, board and metrics. Knows SQL over several tables; knows no wording and no chart.

A count can be opened: what is counted here are the incidents that a list with the same filter shows (incidents.Filter).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from monitor.store.closeout import Closeout
from monitor.store.incidents import OPEN_STATES, RANK, counting, paused, real
from monitor.store.parts import parts
from monitor.store.schema import assignments, clocks, incidents, outbox, polls, posts

Row = dict[str, Any]
UNCOUNTED = ("C9", "C10")  # nobody could be reached (put off for 30 days), and what was told twice: no close-out


def reading(c: Connection, start: datetime, end: datetime) -> Row:
    """Posts recorded in a period: how many, and what became of them by flag."""
    query = (
        select(posts.c.flag, func.count())
        .where(posts.c.recorded_at >= start, posts.c.recorded_at < end)
        .group_by(posts.c.flag)
    )
    counts: dict[str, int] = {str(state): int(count) for state, count in c.execute(query)}
    waiting = select(func.count()).select_from(posts).where(posts.c.review.in_(("pending", "audit")))
    return {
        "posts": sum(counts.values()),
        "alert": counts.get("alert", 0),
        "review": counts.get("review", 0),
        "waiting": c.execute(waiting).scalar_one(),
    }


def by(c: Connection, column: str, *, start: datetime | None = None, end: datetime | None = None) -> dict[str, int]:
    """Incidents per `level`, `sector`, `town` or `lead`: opened in a period, or in hand now where none is given."""
    what = incidents.c[column]
    where = _in_hand() if start is None else _opened(start, end)
    query = select(what, func.count()).where(where, incidents.c.state != "merged").group_by(what)
    return {str(value or ""): count for value, count in c.execute(query)}


def _opened(start: datetime, end: datetime | None) -> ColumnElement[bool]:
    later = and_(incidents.c.opened_at >= start, real(incidents.c.id))
    return later if end is None else and_(later, incidents.c.opened_at < end)


def _counted() -> ColumnElement[bool]:
    """What was merged is counted where it went; what a person dismissed was no case; what was practised is none."""
    return and_(incidents.c.state.not_in(("merged", "dismissed")), real(incidents.c.id))


def _in_hand() -> ColumnElement[bool]:
    return and_(incidents.c.state.in_(OPEN_STATES), real(incidents.c.id))


def _closed() -> ColumnElement[bool]:
    return and_(incidents.c.state == "closed", real(incidents.c.id))


def closed(c: Connection, start: datetime, end: datetime) -> Row:
    """Incidents closed in a period with what was paid, and the mean days from opening to closing of those paid."""
    rows = c.execute(
        select(
            incidents.c.id, incidents.c.opened_at, incidents.c.closed_at, incidents.c.paid_yuan,
            incidents.c.paid_workers, incidents.c.close_code,
        ).where(_closed(), incidents.c.closed_at >= start, incidents.c.closed_at < end)
    ).mappings().all()  # fmt: skip
    days = [(row["closed_at"] - row["opened_at"]).total_seconds() / 86400 for row in rows if row["paid_yuan"]]
    return {
        "ids": [row["id"] for row in rows],
        "paid_yuan": sum(row["paid_yuan"] for row in rows),
        "paid_workers": sum(row["paid_workers"] for row in rows),
        "days_to_payment": sum(days) / len(days) if days else None,
    }


def overdue(c: Connection, now: datetime, limit: int = 200) -> list[Row]:
    """Undone clocks past their time, of incidents in hand: who owes what since when; longest first."""
    query = (
        select(incidents.c.id, incidents.c.title, incidents.c.level, incidents.c.lead, clocks.c.name, clocks.c.due_at)
        .join(clocks, clocks.c.incident == incidents.c.id)
        .where(clocks.c.done_at.is_(None), clocks.c.due_at < now, _in_hand(), counting())
        .order_by(clocks.c.due_at)
        .limit(limit)
    )
    return [dict(row) for row in c.execute(query).mappings()]


def due_between(c: Connection, start: datetime, end: datetime, limit: int = 200) -> list[Row]:
    """Undone clocks that run out in a period."""
    query = (
        select(
            incidents.c.id, incidents.c.title, incidents.c.level, incidents.c.lead, clocks.c.name, clocks.c.due_at
        )
        .join(clocks, clocks.c.incident == incidents.c.id)
        .where(
            clocks.c.done_at.is_(None), clocks.c.due_at >= start, clocks.c.due_at < end,
            _in_hand(), counting(),
        )
        .order_by(clocks.c.due_at)
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in c.execute(query).mappings()]


def on_time(c: Connection, start: datetime, end: datetime, now: datetime) -> Row:
    """On-time share of the resolve clocks that ran out in a period: done on time / (done + still open and overdue).

    Done is what was closed: a case that was dismissed, merged or put off as UNCOUNTED is no success of anybody's.
    """
    in_time = case((and_(clocks.c.done_at.is_not(None), clocks.c.done_at <= clocks.c.due_at), 1), else_=0)
    done = _closed() & func.coalesce(incidents.c.close_code, "").not_in(UNCOUNTED)
    query = (
        select(func.count(), func.sum(in_time))
        .join(incidents, clocks.c.incident == incidents.c.id)
        .where(
            clocks.c.name == "resolve",
            (done & (clocks.c.done_at >= start) & (clocks.c.done_at < end))
            | (_in_hand() & counting() & clocks.c.done_at.is_(None) & (clocks.c.due_at < now)),
        )
    )
    total, good = c.execute(query).one()
    return {"total": total, "on_time": int(good or 0), "share": int(good or 0) / total if total else None}


def open_money(c: Connection) -> Row:
    """What is known to be owed in incidents in hand, verified figures before stated ones; `unknown`: without a sum."""
    kept = (incidents.c.facts, incidents.c.closeout, incidents.c.paid_yuan, incidents.c.paid_workers)
    rows = c.execute(select(*kept).where(_in_hand())).all()
    amounts = [(*due_of_case(facts, closeout), paid, people) for facts, closeout, paid, people in rows]
    return {
        "yuan": sum(max((amount or 0) - (paid or 0), 0) for amount, _, paid, _ in amounts),
        "workers": sum(max((workers or 0) - (people or 0), 0) for _, workers, _, people in amounts),
        "unknown": sum(1 for amount, *_ in amounts if amount is None),
        "incidents": len(amounts),
    }


def due_of_case(facts: Mapping[str, Any], closeout: Closeout | None) -> tuple[float | None, int | None]:
    """(yuan, workers) that are owed: as a department verified them, else as the posts state them."""
    verified = closeout or Closeout()
    yuan, workers = verified.get("due_yuan"), verified.get("due_workers")
    return (facts.get("amount_yuan") if yuan is None else yuan), (facts.get("workers") if workers is None else workers)


def lives(c: Connection) -> list[tuple[datetime, datetime | None]]:
    """(opened_at, closed_at) of every case that was ever in hand; closed_at None: it still is."""
    query = select(incidents.c.opened_at, incidents.c.closed_at, incidents.c.state).where(_counted())
    return [(opened, at if state == "closed" else None) for opened, at, state in c.execute(query)]


def overdue_ids(c: Connection, now: datetime) -> set[str]:
    """Incidents in hand with an undone clock past its time: all of them, where `overdue` lists the longest."""
    query = (
        select(clocks.c.incident)
        .join(incidents, clocks.c.incident == incidents.c.id)
        .where(clocks.c.done_at.is_(None), clocks.c.due_at < now, _in_hand(), counting())
    )
    return set(c.execute(query).scalars())


def overdue_by_lead(c: Connection, now: datetime) -> list[tuple[str, int, int, datetime]]:
    """Per lead: late items, incidents they belong to, and since when the oldest is late; most items first."""
    query = (
        select(incidents.c.lead, func.count(), func.count(incidents.c.id.distinct()), func.min(clocks.c.due_at))
        .join(clocks, clocks.c.incident == incidents.c.id)
        .where(clocks.c.done_at.is_(None), clocks.c.due_at < now, _in_hand(), counting())
        .group_by(incidents.c.lead)
        .order_by(func.count().desc(), incidents.c.lead)
    )
    return [(lead, items, cases, since) for lead, items, cases, since in c.execute(query)]


def opened_per_day(c: Connection, start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """(opened_at, level) of every incident opened in a period; the caller cuts it into local days."""
    query = select(incidents.c.opened_at, incidents.c.level).where(_opened(start, end), _counted())
    return [(opened, level) for opened, level in c.execute(query)]


def opened_where(c: Connection, start: datetime, end: datetime) -> list[tuple[datetime, str | None, str]]:
    """(opened_at, town, sector) of every incident opened in a period."""
    query = select(incidents.c.opened_at, incidents.c.town, incidents.c.sector).where(_opened(start, end), _counted())
    return [(opened, town, sector) for opened, town, sector in c.execute(query)]


def closed_per_day(c: Connection, start: datetime, end: datetime) -> list[datetime]:
    """closed_at of every incident closed in a period."""
    query = select(incidents.c.closed_at).where(_closed(), incidents.c.closed_at >= start, incidents.c.closed_at < end)
    return list(c.execute(query).scalars())


def due_of(c: Connection, ids: Sequence[str], clock: str, *, running: bool = False) -> dict[str, datetime]:
    """Per incident, when the clock of that name is due; with `running` those only whose clock does not stand still."""
    found: dict[str, datetime] = {}
    query = select(clocks.c.incident, clocks.c.due_at).where(clocks.c.name == clock)
    if running:
        query = query.join(incidents, incidents.c.id == clocks.c.incident).where(counting())
    for part in parts(ids):
        found.update((incident, due) for incident, due in c.execute(query.where(clocks.c.incident.in_(part))))
    return found


def done_of(c: Connection, ids: Sequence[str], clock: str) -> dict[str, datetime]:
    """Per incident, when the duty of that name was done; those where it was."""
    found: dict[str, datetime] = {}
    for part in parts(ids):
        query = select(clocks.c.incident, clocks.c.done_at).where(
            clocks.c.name == clock, clocks.c.incident.in_(part), clocks.c.done_at.is_not(None)
        )
        found.update((incident, done) for incident, done in c.execute(query))
    return found


def acknowledged_of(c: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """Per incident, when its lead signed for it; the last one where the lead has moved."""
    signed = assignments.c.state.in_(("acknowledged", "accepted", "done"))
    found: dict[str, datetime] = {}
    for part in parts(ids):
        query = select(assignments.c.incident, assignments.c.at).where(assignments.c.role == "lead", signed)
        rows = c.execute(query.where(assignments.c.incident.in_(part)).order_by(assignments.c.id))
        found.update((incident, at) for incident, at in rows)
    return found


LONG = ("level_reasons", "route", "co", "closeout")  # columns that are long to read and that no count needs


def _columns(brief: bool) -> list[ColumnElement[Any]]:
    return [column for column in incidents.c if not (brief and column.name in LONG)]


def in_hand(c: Connection, limit: int = 10_000, *, brief: bool = False) -> list[Row]:
    """Every incident in hand, with `paused`, highest level first, then oldest. `brief`: without the columns LONG."""
    query = select(*_columns(brief), paused()).where(_in_hand()).order_by(RANK.desc(), incidents.c.opened_at)
    return [dict(row) for row in c.execute(query.limit(limit)).mappings()]


def opened_between(
    c: Connection, start: datetime, end: datetime, limit: int = 10_000, *, brief: bool = False
) -> list[Row]:
    """Every incident opened in a period, highest level first. `brief`: without the columns LONG."""
    query = select(*_columns(brief)).where(_opened(start, end), _counted())
    return [dict(row) for row in c.execute(query.order_by(RANK.desc(), incidents.c.opened_at).limit(limit)).mappings()]


def closed_between(c: Connection, start: datetime, end: datetime, limit: int = 20_000) -> list[Row]:
    """Every incident closed in a period, the latest first."""
    query = select(incidents).where(_closed(), incidents.c.closed_at >= start, incidents.c.closed_at < end)
    return [dict(row) for row in c.execute(query.order_by(incidents.c.closed_at.desc()).limit(limit)).mappings()]


def polled(c: Connection, start: datetime, end: datetime) -> dict[str, Mapping[str, int]]:
    """Per feed: polls, how many of them succeeded, and new posts, in a period."""
    good = case((polls.c.outcome.in_(("ok", "not_modified")), 1), else_=0)
    query = (
        select(polls.c.feed, func.count(), func.sum(good), func.sum(polls.c.new))
        .where(polls.c.at >= start, polls.c.at < end)
        .group_by(polls.c.feed)
    )
    return {feed: {"polls": n, "good": int(ok or 0), "new": int(new or 0)} for feed, n, ok, new in c.execute(query)}


def read_at(c: Connection, start: datetime, end: datetime) -> dict[str, list[datetime]]:
    """Per feed: when it was read with success in a period, in order."""
    query = (
        select(polls.c.feed, polls.c.at)
        .where(polls.c.at >= start, polls.c.at < end, polls.c.outcome.in_(("ok", "not_modified")))
        .order_by(polls.c.at)
    )
    found: dict[str, list[datetime]] = {}
    for feed, at in c.execute(query):
        found.setdefault(feed, []).append(at)
    return found


def mails(c: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """Messages created in a period, by state."""
    query = (
        select(outbox.c.state, func.count())
        .where(outbox.c.created_at >= start, outbox.c.created_at < end, real(outbox.c.incident))
        .group_by(outbox.c.state)
    )
    return {str(state): int(count) for state, count in c.execute(query)}
