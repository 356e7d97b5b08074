"""The sets of incidents behind the board's figures: a figure opens to exactly what it counts. Knows who sees which.

The sets of who is confined hold only incidents of the own department and towns, as the list and the board do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.digest.overview import Chain, Overview, chains, overview
from monitor.digest.study import Debtor, debtors
from monitor.digest.words import words as digest_words
from monitor.funds.standing import Stand
from monitor.ledger.behind import book, day_of, stand_of
from monitor.store import figures, incidents
from monitor.web.access import Person
from monitor.web.desk import Desk
from monitor.web.sight import mine

Row = dict[str, Any]
LOOKING_BACK = timedelta(days=90)
YEAR = timedelta(days=360)
BURN_DAYS = 45  # of the burn-down, before today
MOMENT = timedelta(seconds=1)
DEBTOR, CHAIN = "debtor:", "chain:"
FUNDS = "funds_"  # and a kind of cover
LONGEST = 80  # characters of a set's name


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person sees of the cases: those in hand, those closed lately, and the overview of both."""

    in_hand: Sequence[Row]
    closed: Sequence[Row]
    overview: Overview


def standing(desk: Desk, c: Connection, person: Person, now: datetime) -> Standing:
    """Everything the board tells, from one moment of the store."""
    in_hand = mine(desk, person, figures.in_hand(c))
    closed = mine(desk, person, figures.closed_between(c, now - LOOKING_BACK, now + MOMENT))
    due = figures.due_of(c, [row["id"] for row in (*in_hand, *closed)], "resolve", running=True)
    done = figures.done_of(c, [row["id"] for row in closed], "resolve")
    eve = desk.ledger.calendar.next_eve(now)
    found = overview(
        in_hand, closed, due=due, done=done, late=figures.overdue_ids(c, now), now=now, calendar=desk.ledger.calendar,
        length=BURN_DAYS, stop=eve - timedelta(days=1) if eve else None,
    )  # fmt: skip
    return Standing(in_hand, closed, found)


def year(desk: Desk, c: Connection, person: Person, now: datetime) -> list[Row]:
    """Incidents opened within a year, as far as this person sees them."""
    return mine(desk, person, figures.opened_between(c, now - YEAR, now + MOMENT))


def companies(desk: Desk, rows: Sequence[Row], key: str) -> list[Debtor]:
    """Employers or projects that incidents name: organisations only, a foreman's name is nobody's to list."""
    known = [row for row in desk.config.county.register if row.kind == "employer"]
    registered = {name for row in known for name in (row.name, *row.aliases)}
    return debtors(rows, key, registered, digest_words()["organisations"])


def money_behind(desk: Desk, c: Connection, person: Person, now: datetime) -> Stand:
    """Open debts by the money behind them, as far as this person sees them."""
    rows = mine(desk, person, figures.in_hand(c))
    return stand_of(rows, book(c, desk.config.county.register), day_of(now, desk.ledger.calendar))


def project_chains(desk: Desk, rows: Sequence[Row]) -> list[Chain]:
    """Projects of the register with their companies."""
    return chains(rows, desk.config.county, incidents.OPEN_STATES)


# ------------------------------------------------------------------ by name
def title(name: str) -> str:
    """What a set is called on the list; empty for a name that no set has."""
    for prefix in (DEBTOR, CHAIN):
        if name.startswith(prefix) and name != prefix and len(name) <= LONGEST:
            return str(_titles()[prefix.rstrip(":")]).format(name=name.removeprefix(prefix))
    return str(_titles()["sets"].get(name, ""))


def ids_of(desk: Desk, c: Connection, person: Person, name: str, now: datetime) -> frozenset[str]:
    """The incidents of a set that has a title; nobody's where it is empty."""
    prefix, _, wanted = name.partition(":")
    if name.startswith(FUNDS):
        piles = money_behind(desk, c, person, now).piles
        return frozenset(id_ for kind, pile in piles.items() if f"{FUNDS}{kind.value}" == name for id_ in pile.ids)
    if not wanted:
        return standing(desk, c, person, now).overview.sets.get(name, frozenset())
    rows = year(desk, c, person, now)
    if prefix == CHAIN.rstrip(":"):
        return frozenset(id_ for one in project_chains(desk, rows) if one.project == wanted for id_ in one.incidents)
    named = [one for key in ("employer", "project") for one in companies(desk, rows, key) if one.name == wanted]
    return frozenset(id_ for one in named for id_ in one.incidents)


@cache
def _titles() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.web") / "sets.yaml").read_text(encoding="utf-8"))
    return loaded
