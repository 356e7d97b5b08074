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

KINDS = ("report", "transfer", "supervise", "follow", "referral", "day", "week", "month")  # that are numbered
REFERRAL = "referral"  # 转送函, of a case that was sent elsewhere
FOLLOW = "follow"  # 续报: numbered within its report, 第3期续报一; the number in the table only keeps their order


@dataclass(frozen=True, slots=True)
class Number:
    """The `number`-th paper of its kind in that `year`; `follow`: the how-manieth that follows it up."""

    year: int
    number: int
    follow: int = 0


@dataclass(frozen=True, slots=True)
class Issued:
    """A report or follow-up of a case that was numbered. `version`: of the incident when it was; None for a report."""

    number: Number
    version: int | None
    at: datetime


def number_of(c: Connection, kind: str, subject: str) -> Number | None:
    """The number a paper has; None: nobody has made it yet."""
    if kind == FOLLOW:
        incident, _, version = subject.rpartition(":v")
        return next((one.number for one in issued(c, incident) if one.version == int(version)), None)
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
    return (number_of(c, kind, subject) or found) if kind == FOLLOW else found


def follow_subject(incident: str, version: int) -> str:
    """What a follow-up is about: the incident as it stands. The same version made again is the same paper."""
    return f"{incident}:v{version}"


def issued(c: Connection, incident: str) -> list[Issued]:
    """The report of a case and its follow-ups in the order they were numbered; empty where there is no report."""
    first = c.execute(select(papers).where(papers.c.kind == "report", papers.c.subject == incident)).mappings().first()
    if first is None:
        return []
    query = select(papers).where(papers.c.kind == FOLLOW, papers.c.subject.startswith(f"{incident}:v", autoescape=True))
    later = c.execute(query.order_by(papers.c.at, papers.c.year, papers.c.number)).mappings().all()
    report = Number(first["year"], first["number"])
    return [Issued(report, None, first["at"])] + [
        Issued(Number(report.year, report.number, place), int(row["subject"].rpartition(":v")[2]), row["at"])
        for place, row in enumerate(later, 1)
    ]
