"""Numbers that may have been given since a backup, so that none is given twice. Knows numbers, not what they are of.

A restored database has forgotten the cases it opened and the papers it numbered since, but the papers lie in other
offices' files. Counting goes on behind whatever the database that is set aside had given, and `LEEWAY` behind the
backup where that one cannot be read or is a new one. A gap in a series does no harm; one number on two cases does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from monitor.store.base import address_of
from monitor.store.done import put
from monitor.store.incidents import DRILL, FIRST, OWN, first_number, next_number
from monitor.store.papers import KINDS
from monitor.store.schema import done, incidents, papers
from monitor.text import SHANGHAI

LEEWAY = 100  # numbers of a kind and year that are passed over behind the backup's last
Series = tuple[str, int]  # prefix of a case or kind of a paper, year


def given(database: Path) -> dict[Series, int]:
    """The last number of each series in a file that may be missing, damaged or older: what is legible."""
    if not database.exists():
        return {}
    return given_at(f"sqlite:///{database.absolute().as_uri()}?mode=ro&uri=true")


def given_at(address: str) -> dict[Series, int]:
    """The same of a database by its address, on a server too; nothing in it is changed."""
    found: dict[Series, int] = {}
    engine = create_engine(address_of(address), poolclass=NullPool)
    try:
        with engine.connect() as present:
            for id_ in present.execute(select(incidents.c.id)).scalars():
                prefix, year, number = id_.rsplit("-", 2)
                _note(found, f"{prefix}-", year, int(number))
            for key, first in present.execute(select(done.c.key, done.c.detail).where(done.c.key.like(f"{FIRST}%"))):
                prefix, year = key.removeprefix(FIRST).rsplit("-", 1)
                _note(found, f"{prefix}-", year, int(first) - 1)  # an earlier restore passed over these
            last = select(papers.c.kind, papers.c.year, func.max(papers.c.number))
            for kind, year, number in present.execute(last.group_by(papers.c.kind, papers.c.year)):
                _note(found, kind, year, number)
    except (SQLAlchemyError, ValueError):
        return found
    finally:
        engine.dispose()
    return found


def _note(found: dict[Series, int], kind: str, year: str | int, number: int) -> None:
    series = (kind, int(year))
    found[series] = max(found.get(series, 0), number)


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
