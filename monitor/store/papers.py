"""Numbers of papers: 第3期, 督办〔2027〕12号. Knows the table `papers`; knows no wording and no file.

A number belongs to a kind and a year and counts on from the last one given. A paper is known by its subject: whoever
makes it again, after a restart or next year, gets the number it has. Numbers live in a table and not in the
hash-chained log: they are looked up by subject each time, and no incident changes when a paper is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from monitor.store.ledger import hold
from monitor.store.schema import papers

KINDS = ("report", "transfer", "supervise", "day", "week", "month")  # that are numbered


@dataclass(frozen=True, slots=True)
class Number:
    """The `number`-th paper of its kind in that `year`."""

    year: int
    number: int


def number_of(c: Connection, kind: str, subject: str) -> Number | None:
    """The number a paper has; None: nobody has made it yet."""
    query = select(papers.c.year, papers.c.number).where(papers.c.kind == kind, papers.c.subject == subject)
    row = c.execute(query).first()
    return Number(row.year, row.number) if row else None


def take_number(c: Connection, kind: str, subject: str, *, year: int, now: datetime, by: str) -> Number:
    """The number a paper has, or the next one of that kind and year, which it has from now on. Inside `store.unit`."""
    hold(c)
    known = number_of(c, kind, subject)
    if known:
        return known
    last = select(func.max(papers.c.number)).where(papers.c.kind == kind, papers.c.year == year)
    found = Number(year, (c.execute(last).scalar() or 0) + 1)
    c.execute(insert(papers).values(kind=kind, year=year, number=found.number, subject=subject, at=now, by=by))
    return found
