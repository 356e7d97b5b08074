"""限时清零 by department and by town: who has how much left, at what pace, and who will not make it. A page to print.

Knows cases in hand and closed lately; a person confined to towns or a department gets those cases only.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from monitor.digest.make import catalogue
from monitor.digest.study import Part, parts
from monitor.text import SHANGHAI
from monitor.web import charts, sets
from monitor.web.desk import desk_of
from monitor.web.sessions import Reader

router = APIRouter()
WEEKS = 9  # ends of weeks that are shown; closed cases of the last ninety days are known whole


@router.get("/clearing")
def clearing(request: Request, person: Reader) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        standing = sets.standing(desk, c, person, now)
    burn, today = standing.overview.burn, now.astimezone(SHANGHAI).date()
    late = standing.overview.sets["late"]

    def by(key: str) -> list[Part]:
        return parts(standing.in_hand, standing.closed, late, today, key=key, weeks=WEEKS, stop=burn.stop)

    leads, towns = by("lead"), by("town")
    return desk.page(
        request, "clearing.html", person, burn=burn, lines=charts.burn_lines(burn), today=today, towns=towns,
        leads=leads, blockers=catalogue()["blockers"], shade=_shade([*leads, *towns]),
        eve=desk.ledger.calendar.days_to_eve(now), plain_name=str,
    )  # fmt: skip


def _shade(shown: Sequence[Part]) -> dict[int, int]:
    """In hand -> 0 to 4, the darkest for the most that any cell shows; the figure itself stands in the cell."""
    counts = {count for part in shown for _, count in part.weeks}
    most = max(counts, default=0)
    return {count: -(-4 * count // most) if most else 0 for count in counts}
