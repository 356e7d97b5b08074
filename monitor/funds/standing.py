"""Open debts by whether there is money behind them, and guarantees that run out before the year does. Pure.

A deposit is counted once for its project, however many debts it serves. Companies and projects only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.backing import MONEY, Deposit, Funds
from monitor.funds.behind import (
    EITHER,
    WORKS,
    Cover,
    Day,
    Debt,
    Held,
    contractor_of,
    cover,
    days_stale,
    deposit_of,
    holds,
    standing,
)
from monitor.funds.match import Book, Match
from monitor.model import Facts
from monitor.sheet.cells import FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open case: what it says and what it owes."""

    id: str
    facts: Facts
    debt: Debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Cases of one kind of cover. `owed`: what is stated of them; `backed`: how much of that deposits can pay."""

    ids: tuple[str, ...] = ()
    owed: float = 0.0
    backed: float = 0.0
    unstated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A project with open debts. `held`: yuan that hold today, None where no list tells; `until`: the first to end."""

    project: str
    contractor: str | None
    cover: Cover
    held: float | None
    until: date | None
    ids: tuple[str, ...]
    owed: float
    backed: float
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A guarantee or insurance that ends, from today to 除夕, while its project has open debts."""

    project: str
    deposit: Deposit
    days: int
    ids: tuple[str, ...]
    owed: float
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How the open debts of a county stand. `lists`: kinds of lists that are loaded; `eve`: the 除夕 looked to."""

    piles: Mapping[Cover, Pile]
    sites: tuple[Site, ...]
    ending: tuple[Ending, ...]
    lists: tuple[str, ...]
    eve: date | None
    stale: tuple[tuple[str, date, int], ...] = ()  # kind of list, the day it speaks of, days since: too old to rely on


def stand(cases: Iterable[Case], book: Book, day: Day) -> Stand:
    """Every open case in exactly one pile; the sums of piles never exceed what is owed, nor what is lodged."""
    groups: dict[str, list[Case]] = {}
    matches: dict[str, Match] = {}
    piles: dict[Cover, list[tuple[Case, float]]] = {kind: [] for kind in Cover}
    for case in cases:
        match = book.project(case.facts)
        if match.row is None:
            known = case.facts.sector in WORKS | EITHER
            piles[Cover.UNKNOWN if known else Cover.OUTSIDE].append((case, 0.0))
        else:
            groups.setdefault(match.row.name, []).append(case)
            matches[match.row.name] = match
    sites, ending = [], list[Ending]()
    for name, group in groups.items():
        held = deposit_of(book, matches[name])
        sites.append(_site(book, matches[name], group, held, day.today, piles))
        ending += _ending(name, group, held, day)
    return Stand(
        piles={kind: _pile(found) for kind, found in piles.items()},
        sites=tuple(sorted(sites, key=lambda one: (one.backed - one.owed, -len(one.ids), one.project))),
        ending=tuple(sorted(ending, key=lambda one: (one.days, one.project))),
        lists=tuple(kind for kind in MONEY if kind in book.lists),
        eve=day.eve,
        stale=stale(book, day.today),
    )


def stale(book: Book, today: date) -> tuple[tuple[str, date, int], ...]:
    """The lists of money that are too old to rely on: (kind, the day it speaks of, days since)."""
    dated = ((kind, book.lists[kind].as_of) for kind in MONEY if kind in book.lists)
    return tuple((kind, as_of, days) for kind, as_of in dated if (days := days_stale(as_of, today)))


def _site(
    book: Book,
    match: Match,
    group: Sequence[Case],
    held: Held,
    today: date,
    piles: Mapping[Cover, list[tuple[Case, float]]],
) -> Site:
    yuan, left = standing(held, today), sum(case.debt.left or 0.0 for case in group)
    backed = min(yuan or 0.0, left)
    covers = []
    for case in group:
        kind = cover(held, case.debt, [other.debt for other in group if other is not case], today)
        share = backed * (case.debt.left or 0.0) / left if left and kind in (Cover.COVERED, Cover.PARTLY) else 0.0
        piles[kind].append((case, share))
        covers.append(kind)
    row = match.row
    named = contractor_of(book, match, (row.funds if row else None) or Funds())
    return Site(
        project=row.name if row else "",
        contractor=named[0] if named else None,
        cover=next((kind for kind in Cover if kind in covers), Cover.UNKNOWN),
        held=yuan,
        until=min((one.until for one in held.lodged if one.until and one.until != FOREVER), default=None),
        ids=tuple(case.id for case in group),
        owed=left,
        backed=backed,
        source=held.source,
        as_of=held.as_of,
    )


def _ending(name: str, group: Sequence[Case], held: Held, day: Day) -> list[Ending]:
    if day.eve is None:
        return []
    return [
        Ending(
            project=name,
            deposit=one,
            days=(one.until - day.today).days,
            ids=tuple(case.id for case in group),
            owed=sum(case.debt.left or 0.0 for case in group),
            source=held.source,
            as_of=held.as_of,
        )
        for one in held.lodged
        if one.until and holds(one, day.today) and one.until <= day.eve
    ]


def _pile(found: Sequence[tuple[Case, float]]) -> Pile:
    return Pile(
        ids=tuple(case.id for case, _ in found),
        owed=sum(case.debt.left or 0.0 for case, _ in found),
        backed=sum(share for _, share in found),
        unstated=sum(case.debt.left is None for case, _ in found),
    )
