"""The money behind the ledger's cases, and signs that a firm runs short: rows put before monitor.funds, told in words.

Knows which rows it asks and what day it is here; decides nothing of money itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.funds import Book, Debt, behind
from monitor.funds.behind import Day
from monitor.funds.hinting import lines as hint_lines
from monitor.funds.hinting import told as hint_told
from monitor.funds.signals import Hints, Signals
from monitor.funds.standing import Case, Stand, stand
from monitor.funds.wording import Told, lines, seen_to_by, told
from monitor.model import Facts, RegisterRow
from monitor.routing import Matrix
from monitor.store import figures, funds, incidents
from monitor.store.codec import facts_from
from monitor.text import SHANGHAI, aware

Row = Mapping[str, Any]
Seen = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
KEPT = 4  # books of a process, one for each register and state of the lists
_BOOKS: dict[tuple[int, funds.Stamp], Book] = {}
_SIGNALS: dict[int, Signals] = {}  # id of a book that is kept above -> its lists of arrears, put together


def book(c: Connection, register: Sequence[RegisterRow]) -> Book:
    """The register with the lists as they are loaded now; matched once for as long as neither changes."""
    key = (id(register), funds.stamp(c))
    held = _BOOKS.get(key)
    if held is None or held.register is not register:
        while len(_BOOKS) >= KEPT:
            gone = _BOOKS.pop(next(iter(_BOOKS)), None)
            _SIGNALS.pop(id(gone), None)
        held = _BOOKS[key] = Book(register, funds.lists(c))
    return held


def day_of(now: datetime, calendar: Calendar) -> Day:
    """The day here, with which days banks are open and when the year ends."""
    return Day(
        today=aware(now).astimezone(SHANGHAI).date(), works=calendar.is_workday, eve=calendar.next_eve(aware(now))
    )  # fmt: skip


def debt_of(row: Row) -> Debt:
    """What a case owes and what of it was paid."""
    return Debt(row["facts"].get("amount_yuan"), row["paid_yuan"] or 0.0)


def facts_of(row: Row) -> Facts:
    """The facts of a case, its trade as the case has it."""
    return replace(facts_from(row["facts"]), sector=row["sector"])


def others_on(c: Connection, held: Book, row: Row, seen: Seen | None) -> list[Debt]:
    """Open debts of other cases on the project of a case, which one deposit serves too; what `seen` lets by."""
    project = held.project(facts_of(row)).row
    if project is None:
        return []
    rows = [one for one in figures.in_hand(c, brief=seen is None) if one["id"] != row["id"]]
    found = [one for one in rows if held.project(facts_of(one)).row is project]
    return [debt_of(one) for one in (found if seen is None else seen(found))]


def block(
    c: Connection,
    row: Row,
    *,
    register: Sequence[RegisterRow],
    matrix: Matrix,
    calendar: Calendar,
    now: datetime,
    others: bool = True,
    seen: Seen | None = None,
) -> Told:
    """可动用的钱 of one case. `others`: asks for the other debts of the project; a mail in a storm does not.

    `seen`: of rows, those that who reads it may see, for a reader who does not see the whole county.
    """
    held, facts = book(c, register), facts_of(row)
    debts = others_on(c, held, row, seen) if others else None
    found = behind(held, facts, debt_of(row), day_of(now, calendar), debts, whole=seen is None)
    project = found.match.row
    leads = {id_: sector.lead for id_, sector in matrix.sectors.items()}
    trade = project.sector if project and project.sector else facts.sector
    return told(found, seen_to_by(trade, leads, lambda one: _short(matrix, one)))


def _short(matrix: Matrix, department: str) -> str:
    """住建局: as people call it."""
    known = matrix.departments.get(department)
    return known.short[0] if known and known.short else matrix.name_of(department).partition("（")[0]


def stand_of(rows: Sequence[Row], held: Book, day: Day) -> Stand:
    """Cases in hand by the money behind them; drills and what is not in hand are left out."""
    return stand(
        [
            Case(id=row["id"], facts=facts_of(row), debt=debt_of(row))
            for row in rows
            if row["state"] in incidents.OPEN_STATES
        ],
        held,
        day,
    )


def letter(
    c: Connection,
    row: Row,
    *,
    register: Sequence[RegisterRow],
    matrix: Matrix,
    calendar: Calendar,
    now: datetime,
    others: bool = True,
    brief: bool = False,
    seen: Seen | None = None,
) -> list[str]:
    """The same as lines of a mail or (`brief`) a paper, for a case in hand that is no drill.

    Outside the building trade it is told only where the employer has fled or need is great.
    """
    if row["state"] not in incidents.OPEN_STATES or row["closeout"].get("drill"):
        return []
    found = block(c, row, register=register, matrix=matrix, calendar=calendar, now=now, others=others, seen=seen)
    pressing = any(one["tone"] == "warn" for one in found["facts"])
    return lines(found, brief=brief) if found["cover"] != "outside" or pressing else []


# ------------------------------------------------------------------ 工资支付隐患
def signals(c: Connection, register: Sequence[RegisterRow], now: datetime) -> Signals:
    """The lists of arrears as they are loaded now; put together once a day for as long as they do not change."""
    held, today = book(c, register), aware(now).astimezone(SHANGHAI).date()
    found = _SIGNALS.get(id(held))
    if found is None or found.book is not held or found.today != today:
        found = _SIGNALS[id(held)] = Signals(held, today)
    return found


def hints(c: Connection, row: Row, *, register: Sequence[RegisterRow], now: datetime) -> Told | None:
    """What the lists say of the firms of a case; None where none is loaded."""
    known = signals(c, register, now)
    return hint_told(known.of_case(facts_of(row))) if known.loaded else None


def told_signals(lead: str) -> frozenset[str]:
    """Who is told of a firm's loans and taxes: who must look into it, not every department that helps.

    条例 38(2) has 人社 watch what other offices tell; the lead acts on it, and 治欠办 keeps the ledger.
    """
    return frozenset((lead, "hrss", "qx_office"))


def hint_letter(
    c: Connection, row: Row, *, register: Sequence[RegisterRow], now: datetime, brief: bool = False
) -> list[str]:
    """The same as lines of a mail or (`brief`) a paper; none of a drill, whose firm is invented."""
    if row["state"] not in incidents.OPEN_STATES or row["closeout"].get("drill"):
        return []
    found = hints(c, row, register=register, now=now)
    return hint_lines(found, brief=brief) if found else []


def outlook(c: Connection, rows: Sequence[Row], *, register: Sequence[RegisterRow], now: datetime) -> Hints:
    """Every firm with signals, which of these cases in hand name it, and when somebody looked into it."""
    cases = [(row["id"], facts_of(row)) for row in rows if row["state"] in incidents.OPEN_STATES]
    return signals(c, register, now).outlook(cases, funds.visits(c).values())
