"""个人信息请求: the register of what people ask about data held on them, and its answers. Decides nothing.

Who asks is known by the link that they present; the page has no field for a name and finds no other post of anybody.
"""

from __future__ import annotations

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.digest import impact
from monitor.errors import InputError
from monitor.ledger import wishes as acts
from monitor.ledger.standing import catalogue
from monitor.store import looks, wishes
from monitor.store.retention import FILE, ORIGINALS, PASSED, REJECTED
from monitor.web.access import Right
from monitor.web.desk import desk_of, version
from monitor.web.looked import note
from monitor.web.papers import DOCX
from monitor.web.sessions import Auditor, Denied, Operator, OperatorForm, ReviewerForm, RowNumber
from monitor.web.sight import sees_text

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
SHOWN = 60  # answered wishes on the page
KEPT = {"passed": PASSED.days, "rejected": REJECTED.days, "originals": ORIGINALS.days, "years": round(FILE.days / 365)}


@router.get("/wishes")
def page(request: Request, person: Operator) -> Response:
    """Those that wait, the form for a new one, and what was answered."""
    desk = desk_of(request)
    with desk.store.read() as c:
        waiting, answered = wishes.waiting(c), wishes.answered(c, SHOWN)
    return desk.page(
        request, "wishes.html", person, waiting=waiting, answered=answered, say=catalogue(), kinds=acts.KINDS,
        proofs=acts.PROOFS, may_enter=person.may(Right.REVIEW), days=acts.WORKING_DAYS, most=acts.MOST_DAYS,
        shown=SHOWN,
    )  # fmt: skip


@router.get("/impact.docx")
def assessment(request: Request, person: Auditor) -> Response:
    """个人信息保护影响评估报告: what the system knows, filled in; a person judges and signs."""
    desk = desk_of(request)
    with desk.store.read() as c:
        found = impact.assess(c, desk.config, desk.now(), version())
    note(desk, person, looks.PAPER)
    log.info("assessment read", user=person.name)
    named = {"content-disposition": f'attachment; filename="impact-{found.day}.docx"'}
    return Response(impact.paper(found), media_type=DOCX, headers=named)


@router.get("/wishes/{number}")
def wish(request: Request, person: Operator, number: RowNumber) -> Response:
    """One wish with what is held behind its link; opening it is registered."""
    desk = desk_of(request)
    with desk.store.read() as c:
        row = wishes.one(c, number) if number < 2**31 else None
        if row is None:
            raise Denied(f"no wish {number}", hidden=True)
        held = wishes.behind(c, row["link"]) if row["link"] else []
        earlier = wishes.earlier(c, row["mark"], number)
    note(desk, person, looks.WISH)
    log.info("wish read", user=person.name, wish=number)
    return desk.page(
        request, "wish.html", person, row=row, held=held, earlier=earlier, say=catalogue(), kept=KEPT,
        unread={one["id"] for one in held if acts.unread(one)}, with_text=sees_text(desk, person),
        may_answer=person.may(Right.RETRY), outcomes=acts.OUTCOMES,
    )  # fmt: skip


@router.post("/wishes")
def register(request: Request, sent: ReviewerForm) -> Response:
    desk = desk_of(request)
    number = acts.register(
        desk.ledger, kind=sent.text("kind", 10), link=sent.text("link", 2000), wish=sent.text("wish", acts.LONGEST),
        proof=sent.text("proof", 10), by=sent.person.name, at=desk.now(),
    )  # fmt: skip
    log.info("wish registered", user=sent.person.name, wish=number)
    return RedirectResponse(f"/wishes/{number}?done=wish", status_code=303)


@router.post("/wishes/answer")
def answer(request: Request, sent: OperatorForm) -> Response:
    desk, number = desk_of(request), sent.number("id")
    if number is None:
        raise InputError(catalogue()["rules"]["wish_unknown"].format(number=sent.text("id", 9)))
    acts.answer(
        desk.ledger, number, outcome=sent.text("outcome", 10), text=sent.text("text", acts.LONGEST),
        by=sent.person.name, at=desk.now(),
        posts=sent.several("posts"),
        hide=sent.text("hide", 500).splitlines(),
    )  # fmt: skip
    log.info("wish answered", user=sent.person.name, wish=number)
    return RedirectResponse("/wishes?done=wish_answered", status_code=303)
