"""总览 and 态势: what is in hand, what is late, how fast workers are paid. Counts debts, never people who post.

Headline figure: days to payment. On-time share = closed on time / (closed + open overdue).
The board of who is confined counts only their own incidents. Every figure leads to its incidents (see sets.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from monitor.digest.excess import excess
from monitor.digest.make import catalogue
from monitor.digest.overview import paid_after
from monitor.model import Level
from monitor.store import figures, incidents
from monitor.store.sampled import AUDIT_EVERY, sampled
from monitor.text import SHANGHAI
from monitor.web import charts, lists, sets, signals
from monitor.web.access import Right
from monitor.web.desk import desk_of
from monitor.web.recall import recall
from monitor.web.sessions import Reader
from monitor.web.sight import mine

router = APIRouter()
Row = dict[str, Any]
SHOWN = 8
LISTED = 20  # rows of a table of companies, towns, trades


def _local(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


@router.get("/board")
def board(request: Request, person: Reader) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    whole = person.whole
    with desk.store.read() as c:
        standing = sets.standing(desk, c, person, now)
        overdue = [row for row in figures.overdue(c, now, limit=20_000) if row["id"] in standing.overview.sets["late"]]
        above = excess(c, now, desk.ledger.calendar) if whole else None
        look_backs = mine(desk, person, incidents.closed_without_look_back(c, now))
    rows, found = standing.in_hand, standing.overview
    return desk.page(
        request, "board.html", person, rows=rows, found=found,
        sets={name: len(ids) for name, ids in found.sets.items()},
        late=_longest(overdue), late_by_lead=_by_lead(overdue), paid=_paid(standing.closed), owed=_owed(rows),
        by_level=_count(rows, lambda row: row["level"], [level.value for level in reversed(Level)]),
        by_sector=_count(rows, lambda row: row["sector"]), by_town=_count(rows, lambda row: row["town"] or ""),
        by_lead=_count(rows, lambda row: row["lead"]), urgent=rows[:SHOWN], closed_lately=standing.closed[:5],
        eve=desk.ledger.calendar.days_to_eve(now), today=_local(now), above=above,
        burn=found.burn, lines=charts.burn_lines(found.burn), blockers=catalogue()["blockers"],
        look_backs=look_backs,
    )  # fmt: skip


def _longest(overdue: Sequence[Row]) -> list[Row]:
    """Per incident, the clock that ran out longest ago; the longest first."""
    longest: dict[str, Row] = {}
    for row in overdue:
        longest.setdefault(row["id"], row)
    return list(longest.values())


def _by_lead(overdue: Sequence[Row]) -> list[dict[str, Any]]:
    """What each department owes: late items, incidents, since when; most items first."""
    found: dict[str, list[Row]] = {}
    for row in overdue:
        found.setdefault(row["lead"], []).append(row)
    lines = [
        {"lead": lead, "items": len(items), "cases": len({row["id"] for row in items}), "since": items[0]["due_at"]}
        for lead, items in found.items()
    ]
    return sorted(lines, key=lambda line: (-line["items"], line["lead"]))


def _paid(closed: Sequence[Row]) -> Mapping[str, float]:
    """What workers got of the cases closed lately."""
    return {"yuan": sum(row["paid_yuan"] for row in closed), "workers": sum(row["paid_workers"] for row in closed)}


def _count(rows: Sequence[Row], key: Callable[[Row], str], order: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Counts by key, in the given order or the largest first."""
    found = Counter(key(row) for row in rows)
    return [(value, found[value]) for value in order] if order else found.most_common(SHOWN)


def _owed(rows: Sequence[Row]) -> Mapping[str, float]:
    """What is known to be owed still, as verified or else as stated, and how many incidents state no amount."""
    amounts = [(*figures.due_of_case(row["facts"], row["closeout"]), row) for row in rows]
    return {
        "yuan": sum(max((yuan or 0) - row["paid_yuan"], 0) for yuan, _, row in amounts),
        "workers": sum(max((workers or 0) - row["paid_workers"], 0) for _, workers, row in amounts),
        "unknown": sum(1 for yuan, _, _ in amounts if yuan is None),
    }


# ------------------------------------------------------------------ 态势
@router.get("/situation")
def situation(request: Request, person: Reader) -> Response:
    """By town, sector, week and chain of companies, and debtors that come again: companies and projects only."""
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        rows = sets.year(desk, c, person, now)
        above = excess(c, now, desk.ledger.calendar) if person.whole else None
        audited = sampled(c, now) if person.whole else None
        funds = sets.money_behind(desk, c, person, now)
        unseen, ahead = lists.block(desk, c, person), signals.block(desk, c, person)
    repeated: list[dict[str, Any]] = [
        {"kind": kind, **_debtor(one)}
        for kind in ("employer", "project")
        for one in sets.companies(desk, rows, kind)
        if len(one.incidents) > 1
    ]
    return desk.page(
        request, "situation.html", person, total=len(rows), weeks=_weeks(rows, _local(now)),
        towns=_table(rows, lambda row: row["town"] or ""), sectors=_table(rows, lambda row: row["sector"]),
        debtors=sorted(repeated, key=lambda line: (-line["times"], line["name"]))[:LISTED],
        chains=sets.project_chains(desk, rows)[:LISTED], funds=funds, listed=LISTED,
        lists_page=person.may(Right.OPERATE), above=above, today=_local(now),
        since=_local(now - sets.YEAR), audited=audited, recall=recall(audited) if audited else None,
        audit_every=AUDIT_EVERY, **unseen, **ahead,
    )  # fmt: skip


def _debtor(one: Any) -> dict[str, Any]:
    return {
        "name": one.name, "times": len(one.incidents), "ids": one.incidents, "in_hand": one.in_hand, "yuan": one.yuan,
        "workers": one.workers,
    }  # fmt: skip


def _weeks(rows: Sequence[Row], today: date, count: int = 12) -> list[dict[str, Any]]:
    """Opened and paid per week, oldest first; `start` and `end` are its Monday and Sunday."""
    monday = today - timedelta(days=today.weekday())
    paid = [_local(row["closed_at"]) for row in rows if row["closed_at"] and row["paid_yuan"]]
    weeks = [monday - timedelta(weeks=n) for n in reversed(range(count))]
    return [
        {
            "start": week,
            "end": week + timedelta(days=6),
            "opened": sum(1 for row in rows if week <= _local(row["opened_at"]) < week + timedelta(weeks=1)),
            "paid": sum(1 for day in paid if week <= day < week + timedelta(weeks=1)),
        }
        for week in weeks
    ]


def _table(rows: Sequence[Row], key: Callable[[Row], str]) -> list[dict[str, Any]]:
    """Per group: opened, in hand, paid in full, median days to payment; the most in hand first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    table: list[dict[str, Any]] = []
    for value, group in groups.items():
        days = [paid_after(row) for row in group if row["closed_at"] and row["paid_yuan"]]
        table.append({
            "value": value, "opened": len(group),
            "in_hand": sum(row["state"] in incidents.OPEN_STATES for row in group),
            "paid": len(days), "days": median(days) if days else None,
        })  # fmt: skip
    return sorted(table, key=lambda line: (-line["in_hand"], -line["opened"]))[:LISTED]
