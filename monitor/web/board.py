"""总览 and 态势: what is in hand, what is late, how fast workers are paid. Counts debts, never people who post.

Headline figure: days to payment. On-time share = closed on time / (closed + open overdue), as the guide defines it.
A handler's board counts only the own department's incidents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from monitor.digest.excess import excess
from monitor.model import Level
from monitor.store import figures, incidents
from monitor.text import SHANGHAI
from monitor.web import charts
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Reader
from monitor.web.sight import visible

router = APIRouter()
Row = dict[str, Any]
LOOKING_BACK = timedelta(days=90)
SHOWN = 8
CHART_FROM = timedelta(days=45)  # the burn-down begins at most so long before today


def _local(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _mine(desk: Desk, person: Person, rows: Sequence[Row]) -> list[Row]:
    """Those of a handler's own department; all for everybody else."""
    own = person.only_department
    if own is None:
        return list(rows)
    return visible(desk, person, [row for row in rows if own in {row["lead"], *row["co"]}])


@router.get("/board")
def board(request: Request, person: Reader) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    since = now - LOOKING_BACK
    with desk.store.read() as c:
        rows = _mine(desk, person, figures.in_hand(c))
        late = _late(c, person, rows, now)
        opened = figures.opened_per_day(c, since, now + timedelta(seconds=1))
        closed_at = figures.closed_per_day(c, since, now + timedelta(seconds=1))
        whole = person.only_department is None
        closed = figures.closed(c, since, now + timedelta(seconds=1)) if whole else None
        on_time = figures.on_time(c, since, now, now) if whole else None
        above = excess(c, now, desk.ledger.calendar) if whole else None
        repeated = _closed_rows(c, person)
        owing = _mine(desk, person, incidents.closed_without_look_back(c, now))
    return desk.page(
        request, "board.html", person, rows=rows, late=late, closed=closed, on_time=on_time,
        by_level=_count(rows, lambda row: row["level"], [level.value for level in reversed(Level)]),
        by_sector=_count(rows, lambda row: row["sector"]), by_town=_count(rows, lambda row: row["town"] or ""),
        by_lead=_count(rows, lambda row: row["lead"]), urgent=rows[:SHOWN], owed=_owed(rows),
        eve=desk.ledger.calendar.days_to_eve(now), today=_local(now), closed_lately=repeated,
        burn=_burn_down(desk, opened, closed_at, len(rows), now) if whole else None, above=above,
        look_backs=owing,
    )  # fmt: skip


def _late(c: Any, person: Person, rows: Sequence[Row], now: datetime) -> list[Row]:
    """Per incident shown, the clock that ran out longest ago; the longest first."""
    shown, longest = {row["id"] for row in rows}, dict[str, Row]()
    for row in figures.overdue(c, now, limit=5_000):
        if row["id"] in shown:
            longest.setdefault(row["id"], row)
    return list(longest.values())


def _closed_rows(c: Any, person: Person) -> list[Row]:
    """The last closed incidents, newest first."""
    rows = incidents.listing(c, state="closed", department=person.only_department, sort="updated", limit=SHOWN)
    return rows[:5]


def _count(rows: Sequence[Row], key: Callable[[Row], str], order: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Counts by key, in the given order or the largest first."""
    found = Counter(key(row) for row in rows)
    return [(value, found[value]) for value in order] if order else found.most_common(SHOWN)


def _owed(rows: Sequence[Row]) -> Mapping[str, float]:
    """What is known to be owed still, and how many incidents state no amount."""
    amounts = [(row["facts"].get("amount_yuan"), row["facts"].get("workers"), row) for row in rows]
    return {
        "yuan": sum(max((yuan or 0) - row["paid_yuan"], 0) for yuan, _, row in amounts),
        "workers": sum(max((workers or 0) - row["paid_workers"], 0) for _, workers, row in amounts),
        "unknown": sum(1 for yuan, _, _ in amounts if yuan is None),
    }


def _burn_down(
    desk: Desk, opened: Sequence[tuple[datetime, str]], closed: Sequence[datetime], in_hand: int, now: datetime
) -> charts.BurnDown | None:
    days = desk.ledger.calendar.days_to_eve(now)
    if days is None or days < 1:
        return None
    today = _local(now)
    first = min([_local(moment) for moment, _ in opened], default=today)
    return charts.burn_down(
        [_local(moment) for moment, _ in opened], [_local(moment) for moment in closed], today=today,
        start=max(first, today - CHART_FROM), stop=today + timedelta(days=days - 1), in_hand=in_hand,
    )  # fmt: skip


# ------------------------------------------------------------------ 态势
@router.get("/situation")
def situation(request: Request, person: Reader) -> Response:
    """By town, sector and week, and debtors that come again: companies and projects only."""
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        rows = _mine(desk, person, figures.opened_between(c, now - 4 * LOOKING_BACK, now + timedelta(seconds=1)))
        above = excess(c, now, desk.ledger.calendar) if person.only_department is None else None
    return desk.page(
        request, "situation.html", person, total=len(rows), weeks=_weeks(rows, _local(now)),
        towns=_table(rows, lambda row: row["town"] or "", now), sectors=_table(rows, lambda row: row["sector"], now),
        debtors=_debtors(rows), above=above,
    )  # fmt: skip


def _weeks(rows: Sequence[Row], today: date, count: int = 12) -> list[dict[str, Any]]:
    """Opened and paid per week, oldest first."""
    monday = today - timedelta(days=today.weekday())
    paid = [_local(row["closed_at"]) for row in rows if row["closed_at"] and row["paid_yuan"]]
    weeks = [monday - timedelta(weeks=n) for n in reversed(range(count))]
    return [
        {
            "start": week,
            "opened": sum(1 for row in rows if week <= _local(row["opened_at"]) < week + timedelta(weeks=1)),
            "paid": sum(1 for day in paid if week <= day < week + timedelta(weeks=1)),
        }
        for week in weeks
    ]


def _table(rows: Sequence[Row], key: Callable[[Row], str], now: datetime) -> list[dict[str, Any]]:
    """Per group: opened, in hand, paid in full, mean days to payment; the most in hand first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    table = []
    for value, group in groups.items():
        paid = [row for row in group if row["closed_at"] and row["paid_yuan"]]
        days = [(row["closed_at"] - row["opened_at"]) / timedelta(days=1) for row in paid]
        table.append({
            "value": value, "opened": len(group),
            "in_hand": sum(row["state"] in incidents.OPEN_STATES for row in group),
            "paid": len(paid), "yuan": sum(row["paid_yuan"] for row in group),
            "days": sum(days) / len(days) if days else None,
        })  # fmt: skip
    return sorted(table, key=lambda line: (-line["in_hand"], -line["opened"]))[:20]


def _debtors(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Companies and projects that appear in two incidents or more."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for kind in ("employer", "project"):
            if row["facts"].get(kind):
                found.setdefault((kind, row["facts"][kind]), []).append(row)
    repeated: list[dict[str, Any]] = [
        {
            "kind": kind, "name": name, "times": len(group), "ids": [row["id"] for row in group],
            "in_hand": sum(row["state"] in incidents.OPEN_STATES for row in group),
            "yuan": sum(row["facts"].get("amount_yuan") or 0 for row in group),
        }
        for (kind, name), group in found.items() if len(group) > 1
    ]  # fmt: skip
    return sorted(repeated, key=lambda line: -line["times"])[:20]
