"""静默: what is kept back now, by whom, why and until when; entering one and ending it early. Decides nothing.

Red and danger to life are never kept back, and a silence ends by itself (monitor.ledger.duty, monitor.routing.policy).
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import InputError
from monitor.ledger.duty import SILENCE_MOST, begin_silence, end_silence
from monitor.model import Occasion
from monitor.store import outbox, shifts
from monitor.web.access import Right
from monitor.web.desk import desk_of
from monitor.web.sessions import Operator, OperatorForm, moment_of

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
SHOWN = timedelta(days=30)
MAY_WAIT = (  # kinds of message that a person may wish not to hear for a while
    Occasion.FIRST, Occasion.JOINED, Occasion.RAISED, Occasion.UNACKNOWLEDGED, Occasion.DUE_SOON, Occasion.OVERDUE,
    Occasion.OVERDUE_TWICE, Occasion.REASSIGNED, Occasion.RESOLVED, Occasion.LOOK_BACK,
)  # fmt: skip


@router.get("/silences")
def page(request: Request, person: Operator, incident: str = "") -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        running = shifts.silences_at(c, now)
        past = [row for row in shifts.silences_between(c, now - SHOWN, now) if row not in running]
        kept = outbox.put_aside(c, now - SHOWN, now + timedelta(seconds=1))
    held: dict[int, int] = {}
    for row in kept:
        number = row["data"].get("silence")
        if number:
            held[number] = held.get(number, 0) + 1
    return desk.page(
        request, "silences.html", person, running=running, past=list(reversed(past)), held=held,
        departments=desk.names.departments, occasions=[one.value for one in MAY_WAIT], most=SILENCE_MOST.days,
        incident=incident[:20], may_change=person.may(Right.RETRY),
    )  # fmt: skip


@router.post("/silences")
def begin(request: Request, sent: OperatorForm) -> Response:
    desk = desk_of(request)
    until = moment_of(sent.text("until", 20))
    if until is None:
        raise InputError(desk.words["silences"]["until"])
    number = begin_silence(
        desk.ledger, by=sent.person.name, at=desk.now(), reason=sent.text("reason", 300), until=until,
        incident=sent.text("incident", 20) or None, department=sent.text("department", 40) or None,
        occasions=sent.several("occasions"),
    )  # fmt: skip
    log.info("silence begun", user=sent.person.name, silence=number)
    return RedirectResponse("/silences?done=silence", status_code=303)


@router.post("/silences/end")
def end(request: Request, sent: OperatorForm) -> Response:
    desk, number = desk_of(request), sent.number("id")
    if number is None:
        raise InputError(desk.words["silences"]["until"])
    reason = sent.text("reason", 300) or desk.words["silences"]["end"]
    end_silence(desk.ledger, number, by=sent.person.name, at=desk.now(), reason=reason)
    log.info("silence ended", user=sent.person.name, silence=number)
    return RedirectResponse("/silences?done=silence_end", status_code=303)
