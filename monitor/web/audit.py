"""For who checks the office: what was done (the hash-chained log) and what was only read (the register of looks).

Knows rows about officers and cases; nothing about posters. Both lists narrow by officer, case and days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from monitor.clocks.calendar import start_of
from monitor.ledger.chain import verify as verify_chain
from monitor.store import ledger, looks, users
from monitor.text import storable
from monitor.web.desk import desk_of
from monitor.web.sessions import Auditor, number_of

router = APIRouter()
SHOWN = 60  # rows on one page
WALKED_AT_ONCE = 5_000  # rows of the chain; about half a second


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed by; an unknown name or day that is none finds what it says: nothing, or everything."""

    who: str = ""
    case: str = ""
    since: str = ""
    until: str = ""
    people: bool = False  # leave out what the machine did

    @property
    def narrowed(self) -> bool:
        return any(asdict(self).values())

    def query(self) -> str:
        """As the part of an address behind the question mark."""
        return urlencode({key: "1" if value is True else value for key, value in asdict(self).items() if value})

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """From the first day's midnight to that after the last, Asia/Shanghai."""
        first, last = _day(self.since), _day(self.until)
        return start_of(first) if first else None, start_of(last + timedelta(days=1)) if last else None


def _asked(who: str = "", case: str = "", since: str = "", until: str = "", people: str = "") -> Asked:
    first, last = (day if _day(day) else "" for day in (since, until))
    who, case = storable(who).strip()[:100], storable(case).strip().upper()[:20]
    return Asked(who, case, first, last, people=bool(people))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day < date(2200, 1, 1) else None


Narrowed = Annotated[Asked, Depends(_asked)]


# ------------------------------------------------------------------ what was done
@router.get("/audit")
def audit(request: Request, person: Auditor, asked: Narrowed, verify: str = "", before: str = "") -> Response:
    """Rows of the ledger, newest first, and whether its chain is whole; a long one is walked when somebody asks."""
    desk, below = desk_of(request), number_of(before)
    since, until = asked.moments
    with desk.store.read() as c:
        rows = ledger.recent(
            c, SHOWN + 1, before=below, actor=asked.who, incident=asked.case, since=since, until=until,
            machine=not asked.people,
        )  # fmt: skip
        length, names = ledger.length(c), _people(users.all_users(c))
        chain = verify_chain(c) if verify or length <= WALKED_AT_ONCE else None
    return desk.page(
        request, "audit.html", person, rows=rows[:SHOWN], length=length, chain=chain, newest=below is None,
        older=older(rows, "seq"), asked=asked, names=names,
    )  # fmt: skip


# ------------------------------------------------------------------ what was read
@router.get("/audit/looks")
def read(request: Request, person: Auditor, asked: Narrowed, page: str = "") -> Response:
    """Who opened which case, paper, proof or export, a row a day, the latest first."""
    desk, at = desk_of(request), max(1, min(number_of(page) or 1, 100_000))
    only: dict[str, Any] = {
        "user": asked.who, "incident": asked.case, "since": asked.since, "until": asked.until,
    }  # fmt: skip
    with desk.store.read() as c:
        rows = looks.listed(c, **only, limit=SHOWN, offset=(at - 1) * SHOWN)
        total, names = looks.count(c, **only), _people(users.all_users(c))
    return desk.page(
        request, "looks.html", person, rows=rows, total=total, at=at, pages=max(1, -(-total // SHOWN)), asked=asked,
        names=names,
    )  # fmt: skip


def _people(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Sign-in name -> the name that is shown."""
    return {row["name"]: row["display"] for row in rows}


# ------------------------------------------------------------------ leafing
def older(rows: Sequence[Mapping[str, Any]], key: str) -> int | None:
    """What the next page begins below; None where this one is the last. `rows`: one more than are shown."""
    return int(rows[SHOWN - 1][key]) if len(rows) > SHOWN else None
