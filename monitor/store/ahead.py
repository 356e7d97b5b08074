"""Numbers that may have been given since a backup, so that none is given twice. Knows numbers, not what they are of.

A restored database has forgotten the cases it opened and the papers it numbered since, but the papers lie in other
offices' files. Counting goes on behind whatever the database that is set aside had given, and `LEEWAY` behind the
backup where that one cannot be read or is a new one. A gap in a series does no harm; one number on two cases does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from monitor.store.done import put
from monitor.store.incidents import DRILL, FIRST, OWN, first_number, next_number
from monitor.store.papers import KINDS
from monitor.store.schema import papers
from monitor.text import SHANGHAI

LEEWAY = 100  # numbers of a kind and year that are passed over behind the backup's last
Series = tuple[str, int]  # prefix of a case or kind of a paper, year


def given(database: Path) -> dict[Series, int]:
    """The last number of each series in a file that may be missing, damaged or older: what is legible."""
    found: dict[Series, int] = {}
    if not database.exists():
        return found
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as present:
            for (id_,) in present.execute("SELECT id FROM incidents"):
                prefix, year, number = str(id_).rsplit("-", 2)
                series = (f"{prefix}-", int(year))
                found[series] = max(found.get(series, 0), int(number))
            for key, first in present.execute("SELECT key, detail FROM done WHERE key LIKE ?", (f"{FIRST}%",)):
                prefix, year = key.removeprefix(FIRST).rsplit("-", 1)
                series = (f"{prefix}-", int(year))
                found[series] = max(found.get(series, 0), int(first) - 1)  # an earlier restore passed over these
            for kind, year, number in present.execute("SELECT kind, year, max(number) FROM papers GROUP BY kind, year"):
                found[(kind, year)] = number
    except (sqlite3.Error, ValueError):
        return found
    return found


def skip(c: Connection, known: Mapping[Series, int], since: datetime, now: datetime) -> dict[str, int]:
    """Moves every series of the years from the backup's (`since`) to now's ahead; the first number each will give."""
    ahead = {}
    for year in range(since.astimezone(SHANGHAI).year, now.astimezone(SHANGHAI).year + 1):
        for prefix in (OWN, DRILL):
            first = max(next_number(c, year, prefix) + LEEWAY, known.get((prefix, year), 0) + 1)
            put(c, first_number(prefix, year), now, str(first))
            ahead[f"{prefix}{year}"] = first
        for kind in KINDS:
            last = _last(c, kind, year)
            passed = max(last + LEEWAY, known.get((kind, year), 0))
            subject = f"passed over at the restore of {now.isoformat()}"
            row = {"kind": kind, "year": year, "number": passed, "subject": f"{subject}:{year}", "at": now}
            c.execute(insert(papers).values(**row, by="restore"))
            ahead[f"{kind} {year}"] = passed + 1
    return ahead


def _last(c: Connection, kind: str, year: int) -> int:
    query = select(func.max(papers.c.number)).where(papers.c.kind == kind, papers.c.year == year)
    return c.execute(query).scalar() or 0
