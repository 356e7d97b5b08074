"""Debts as other offices' lists tell of them: 12345 hotline, petitions, the national clue platform, labour inspection.

Types only. A row is a debt: company or project, place, trade, day, heads, sum; there is no field for a person, and none
may be added (a test holds it).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

FEED = "对照清单"  # under which a case is kept that a person opened from a row: the net saw nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of a list. `day`: when that office was told; `workers`, `amount_yuan`: None where it does not say."""

    day: date
    employer: str | None = None
    project: str | None = None
    place: str | None = None  # as written, without house numbers
    town: str | None = None  # the county's own town or street
    sector: str = "unknown"
    workers: int | None = None
    amount_yuan: float | None = None

    @property
    def name(self) -> str:
        """What a person knows it by."""
        return " · ".join(filter(None, (self.project, self.employer)))


def key_of(source: str, row: Listed, nth: int) -> str:
    """What a row is told by, so that a file imported twice adds nothing. `nth`: of equal rows in one file, from 0.

    Town and trade are not in it: they are read with the county's names, which may change.
    """
    told = (source, row.day.isoformat(), row.employer, row.project, row.place, row.workers, row.amount_yuan, nth)
    return hashlib.sha256("\x00".join(map(str, told)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def keyed(source: str, rows: Iterable[Listed]) -> dict[str, Listed]:
    """Rows of one file by their keys; of equal ones none is lost: two workers may complain of one debt."""
    seen = Counter[str]()
    found: dict[str, Listed] = {}
    for row in rows:
        same = key_of(source, row, 0)
        found[key_of(source, row, seen[same])] = row
        seen[same] += 1
    return found


def digest(keys: Iterable[str]) -> str:
    """SHA-256 of the keys of a list's rows, as the ledger keeps it."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Note:
    """What was not taken from a file, and why. `row`: as the sheet counts; `key`, `values`: of a sentence.

    `lost`: the whole row was left out; else only one of its values was.
    """

    row: int
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """One import: which office's list, which days it speaks for (both included), and who brought it."""

    id: int
    source: str
    first: date
    last: date
    file: str
    rows: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is kept, with its key and the source of its list."""

    key: str
    source: str
    row: Listed


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person said of a row and an incident: the same debt or not."""

    incident: str
    same: bool
    by: str
    at: datetime
