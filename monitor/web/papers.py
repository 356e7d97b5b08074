"""The papers of one case to take away: 舆情专报, 转办单, 督办单, 公开答复稿, 维权告知单. Knows who may have them."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from monitor.digest import papers
from monitor.ledger.behind import hint_letter, letter
from monitor.store import looks
from monitor.store.papers import FOLLOW, REFERRAL, Number, number_of
from monitor.web import looked
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Denied, TextForm, TextReader
from monitor.web.sight import seen, sees_signals, sees_text, visible_incident

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/incidents/{incident}/papers/{kind}.docx")
def download(request: Request, incident: str, kind: str, person: TextReader) -> Response:
    """A paper of KINDS with the number it was given, or none; looking gives no number away."""
    desk = desk_of(request)
    case = _case(desk, person, incident, kind)
    about = papers.subject(case, kind)
    with desk.store.read() as c:
        number = number_of(c, kind, about) if about else None
    return _docx(person, case, kind, number)


@router.post("/incidents/{incident}/papers/{kind}")
def issue(request: Request, incident: str, kind: str, sent: TextForm) -> Response:
    """The paper with its number, which it gets now if it has none: 取号."""
    desk = desk_of(request)
    case = _case(desk, sent.person, incident, kind)
    return _docx(sent.person, case, kind, papers.numbered(desk.store, case, kind, sent.person.name))


def _case(desk: Desk, person: Person, incident: str, kind: str) -> papers.CaseFile:
    """404 for what this person may not see, and for a department that gets a fact sheet only."""
    with desk.store.read() as c:
        row = visible_incident(desk, c, person, incident)
        if kind not in (*papers.KINDS, FOLLOW, REFERRAL) or not sees_text(desk, person):
            raise Denied(f"no paper {kind} of {incident}", hidden=True)
        county, matrix, now = desk.config.county, desk.ledger.matrix, desk.now()
        funds = letter(
            c, row, register=county.register, matrix=matrix, calendar=desk.ledger.calendar, now=now, brief=True,
            seen=seen(desk, person),
        )  # fmt: skip
        may = sees_signals(desk, person, row)
        signals = hint_letter(c, row, register=county.register, now=now, brief=True) if may else []
        case = papers.case_file(c, incident, matrix=matrix, county=county, now=now, funds=funds, signals=signals)
    if case is None:
        raise Denied(f"no incident {incident}", hidden=True)
    looked.note(desk, person, looks.PAPER, incident)
    return case


def _docx(person: Person, case: papers.CaseFile, kind: str, number: Number | None) -> Response:
    incident = case.incident["id"]
    body = papers.paper(case, kind, number)
    log.info("paper read", user=person.name, incident=incident, paper=kind)
    full = quote(f"{papers.catalogue()[kind]['title']}-{incident}.docx", safe="")
    disposition = f"attachment; filename=\"{kind}-{incident}.docx\"; filename*=UTF-8''{full}"
    return Response(body, media_type=DOCX, headers={"content-disposition": disposition})
