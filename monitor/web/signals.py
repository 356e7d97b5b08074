"""工资支付隐患: firms that run short by other offices' lists, those to look into first on top, and those lists.

Lists come in and go through monitor.web.funds, as all lists do. Companies only; nothing here is about who posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog
from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.backing import SIGNS, Found
from monitor.errors import Fault, InputError
from monitor.funds.behind import days_stale
from monitor.funds.hinting import summary, visited, what
from monitor.funds.signals import Hints
from monitor.funds.wording import words
from monitor.ledger.behind import outlook
from monitor.ledger.funds import note_visit
from monitor.store import figures, funds
from monitor.web.access import Person, Right
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Operator, OperatorForm

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
SHOWN = 100  # firms, and faults
BRIEF = 5  # firms on the page of the situation


@router.get("/signals")
def signals(request: Request, person: Operator) -> Response:
    return page(request, person)


@router.post("/signals/visit")
def visit(request: Request, sent: OperatorForm) -> Response:
    """Registers what came of looking into a firm of the lists."""
    desk, note, given = desk_of(request), sent.text("note", 300), sent.text("found", 10)
    if not note or given not in set(Found):
        raise InputError(desk.words["signals"]["visit"])
    note_visit(
        desk.ledger, sent.text("firm", 200), Found(given), note=note, by=sent.person.name, at=desk.now()
    )  # fmt: skip
    log.info("firm looked into", user=sent.person.name, found=given)
    return RedirectResponse("/signals?done=visit", status_code=303)


def page(request: Request, person: Person, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    """The page; `faults`: of a list that was not taken."""
    desk = desk_of(request)
    today = desk.today()
    with desk.store.read() as c:
        found, loaded = known(desk, c), funds.lists(c)
    return desk.page(
        request, "signals.html", person, status=status, faults=faults[:SHOWN], more=max(len(faults) - SHOWN, 0),
        found=found, summary=summary(found), what=what, shown=SHOWN, today=today, may_change=person.may(Right.RETRY),
        list_names=words()["lists"], visited=visited, outcomes=words()["signals"]["visits"],
        lists=[_told(kind, loaded.get(kind), today) for kind in SIGNS],
    )  # fmt: skip


def known(desk: Desk, c: Connection) -> Hints:
    """All firms with signals, with the cases in hand that name them: the whole county's."""
    return outlook(c, figures.in_hand(c, brief=True), register=desk.config.county.register, now=desk.now())


def block(desk: Desk, c: Connection, person: Person) -> dict[str, Any]:
    """The same for the page of the situation; nothing for who sees a part of the county only."""
    found = known(desk, c) if person.whole else None
    first = found.ahead[:BRIEF] if found else ()
    return {"hinted": found, "hints": first, "what": what, "list_names": words()["lists"]}


def _told(kind: str, loaded: Any, today: date) -> dict[str, Any]:
    return {"kind": kind, "loaded": loaded, "stale": days_stale(loaded.as_of, today) if loaded else 0}
