"""值班: who is on duty, where nobody is, who swaps with whom, what the next shift must know. Tells nobody anything.

Every change goes through monitor.ledger.duty, which writes its row of the ledger in the same transaction.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import ConfigError, InputError
from monitor.ledger.duty import (
    agree_swap,
    ask_swap,
    enter_shifts,
    refuse_swap,
    remove_shifts,
    take_handover,
    undo_swap,
)
from monitor.model import Clock, Contact
from monitor.routing.handover import Open, hand_over, note
from monitor.routing.roster import doubled, gaps, on_duty, shift_from
from monitor.routing.roster_sheet import read_sheet, write_sheet
from monitor.store import figures, incidents, shifts
from monitor.store.codec import incident_from
from monitor.text import is_mail
from monitor.web.access import Right
from monitor.web.desk import Desk, desk_of
from monitor.web.files import XLSX, media_type, whole
from monitor.web.sessions import Operator, OperatorForm, RowNumber, Submission, moment_of

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
WEEK = timedelta(days=7)
LARGEST = 1024 * 1024  # bytes of a roster sheet
CASES = 500  # open incidents a hand-over note looks at


@router.get("/roster")
def roster(request: Request, person: Operator) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        rows = shifts.between(c, now - timedelta(days=1), now + 2 * WEEK)
        running, duty = shifts.on_duty(c, now), desk.ledger.duty(c, now)
        swaps, notes = shifts.swaps_shown(c, now - timedelta(days=1)), shifts.handovers_since(c, now - WEEK, 8)
    planned = [shift_from(row) for row in rows]
    there = [(row, on_duty([shift_from(row)], duty.swaps, row["department"], now)[0]) for row in running]
    watched = dict.fromkeys([desk.ledger.matrix.office, *(shift.department for shift in planned)])
    return desk.page(
        request, "roster.html", person, rows=rows, on_duty=there, office=desk.ledger.matrix.office,
        swaps=swaps, notes=notes,
        gaps=gaps(planned, watched, now, matrix=desk.ledger.matrix, ahead=WEEK), doubled=doubled(planned),
        contacts=desk.config.county.contacts, towns=desk.config.county.towns,
        departments=desk.names.departments, may_change=person.may(Right.RETRY),
    )  # fmt: skip


@router.get("/roster/handover")
def handover(request: Request, person: Operator) -> Response:
    """交班说明 for the shift that runs now, or the last twelve hours where nobody is on duty."""
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        cases = _open_cases(c)
        running = shifts.on_duty(c, now, desk.ledger.matrix.office)
        swaps = desk.ledger.duty(c, now).swaps
    began = running[0]["starts_at"] if running else now - timedelta(hours=12)
    there = on_duty([shift_from(row) for row in running], swaps, desk.ledger.matrix.office, now)
    text = note(hand_over(cases, began=began, now=now), cases)
    return desk.page(
        request, "handover.html", person, lines=text.splitlines(), began=began,
        on_duty=there[0].contact if there else None,
    )  # fmt: skip


def _open_cases(c: Any) -> list[Open]:
    """Cases in hand with the clocks of them that run."""
    keys, rows = ("name", "started_at", "due_at", "done_at", "basis"), figures.in_hand(c, CASES)
    clocks = incidents.clocks_in(c, [row["id"] for row in rows])
    return [
        Open(
            incident_from(row),
            tuple(Clock(**{key: one[key] for key in keys}) for one in clocks.get(row["id"], ()) if one["runs"]),
        )
        for row in rows
    ]


# ------------------------------------------------------------------ changing it
@router.post("/roster")
def add_shift(request: Request, sent: OperatorForm) -> Response:
    desk = desk_of(request)
    says, name = desk.words["roster"], sent.text("name", 40)
    starts, ends = (moment_of(sent.text(key, 20)) for key in ("starts_at", "ends_at"))
    department = sent.text("department", 40)
    if not name or department not in desk.names.departments:
        raise InputError(says["name"])
    mail = _mail(desk, sent)
    if not mail and not sent.text("phone", 30):
        raise InputError(says["reach"])
    if starts is None or ends is None or not timedelta(0) < ends - starts <= 2 * WEEK:
        raise InputError(says["times"])
    row = {
        "department": department, "starts_at": starts, "ends_at": ends, "name": name,
        "mail": mail, "phone": sent.text("phone", 30) or None, "note": sent.text("note", 200),
        "town": _town(desk, sent),
    }  # fmt: skip
    enter_shifts(desk.ledger, [row], by=sent.person.name, at=desk.now(), reason=_why(desk, sent, "enter"))
    log.info("shift entered", user=sent.person.name, department=department)
    return RedirectResponse("/roster?done=roster", status_code=303)


def _mail(desk: Desk, sent: Submission) -> str | None:
    """The address as written; InputError for one that no mail can be sent to: it would be found out in an emergency."""
    mail = sent.text("mail", 100)
    if mail and not is_mail(mail):
        raise InputError(desk.words["roster"]["mail"].format(value=mail))
    return mail or None


def _town(desk: Desk, sent: Submission) -> str | None:
    """The town whose cases alone this turn of duty is for; None: for every case of the department."""
    town = sent.text("town", 100)
    if town and town not in desk.config.county.towns:
        raise InputError(desk.words["accounts"]["town"])
    return town or None


@router.post("/roster/remove")
def remove_shift(request: Request, sent: OperatorForm) -> Response:
    desk, number = desk_of(request), sent.number("id")
    if number is not None:
        why = _why(desk, sent, "remove")
        remove_shifts(desk.ledger, [number], by=sent.person.name, at=desk.now(), reason=why)
        log.info("shift removed", user=sent.person.name, shift=number)
    return RedirectResponse("/roster?done=roster", status_code=303)


@router.post("/roster/files")
async def bring_sheet(request: Request, sent: OperatorForm) -> Response:
    """Takes the shifts of an XLSX sheet: all of them, or none when one line is wrong."""
    desk, uploaded = desk_of(request), sent.form.get("file")
    if not isinstance(uploaded, UploadFile) or not uploaded.filename:
        raise InputError(desk.words["files"]["none"])
    body = await whole(uploaded)
    await run_in_threadpool(_take_sheet, desk, sent.person.name, uploaded.filename, body)
    return RedirectResponse("/roster?done=roster", status_code=303)


def _take_sheet(desk: Desk, user: str, name: str, body: bytes) -> None:
    if media_type(name, body) != XLSX:
        raise InputError(desk.words["files"]["kind"])
    try:
        found = read_sheet(body, desk.ledger.matrix)
    except ConfigError as problem:
        raise InputError("；".join(map(str, problem.faults[:10]))) from problem
    rows = [
        {
            "department": shift.department, "starts_at": shift.starts_at, "ends_at": shift.ends_at,
            "name": shift.contact.name, "mail": shift.contact.mail, "phone": shift.contact.phone, "note": shift.note,
            "town": shift.contact.town,
        }
        for shift in found
    ]  # fmt: skip
    enter_shifts(
        desk.ledger, rows, by=user, at=desk.now(), reason=desk.words["roster"]["sheet"].format(name=name[-80:])
    )
    log.info("roster taken", user=user, shifts=len(rows))


@router.get("/roster.xlsx")
def export(request: Request, person: Operator) -> Response:
    """The shifts of the next two weeks, in the form that can be filled in and brought back."""
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        rows = shifts.between(c, now - timedelta(days=1), now + 2 * WEEK)
    body = write_sheet([shift_from(row) for row in rows], desk.ledger.matrix)
    return Response(body, media_type=XLSX, headers={"content-disposition": 'attachment; filename="roster.xlsx"'})


# ------------------------------------------------------------------ swaps
@router.post("/roster/swaps")
def swap(request: Request, sent: OperatorForm) -> Response:
    """One side asks; nothing changes before the other has agreed."""
    desk, number = desk_of(request), sent.number("shift")
    says, name, reason = desk.words["roster"], sent.text("name", 40), sent.text("reason", 300)
    if number is None or not name or not reason:
        raise InputError(says["swap"])
    starts, ends = (moment_of(sent.text(key, 20)) for key in ("starts_at", "ends_at"))
    taker = Contact(name, _mail(desk, sent), sent.text("phone", 30) or None)
    ask_swap(
        desk.ledger, number, taker, by=sent.person.name, at=desk.now(), reason=reason, starts_at=starts,
        ends_at=ends,
    )  # fmt: skip
    log.info("swap asked", user=sent.person.name, shift=number)
    return RedirectResponse("/roster?done=swap#swaps", status_code=303)


@router.post("/roster/swaps/{number}")
def settle(request: Request, number: RowNumber, sent: OperatorForm) -> Response:
    """`do`: agree, refuse or undo."""
    desk, step = desk_of(request), sent.text("do", 10)
    acts = {"agree": agree_swap, "refuse": refuse_swap, "undo": undo_swap}
    if step not in acts:
        raise InputError(desk.words["roster"]["swap"])
    acts[step](desk.ledger, number, by=sent.person.name, at=desk.now(), reason=_why(desk, sent, step))
    log.info("swap settled", user=sent.person.name, swap=number, step=step)
    return RedirectResponse("/roster?done=roster#swaps", status_code=303)


@router.post("/roster/handover/{number}")
def take(request: Request, number: RowNumber, sent: OperatorForm) -> Response:
    """The next officer signs for the note of the shift change."""
    desk = desk_of(request)
    take_handover(desk.ledger, number, by=sent.person.name, at=desk.now(), reason=_why(desk, sent, "take"))
    return RedirectResponse("/roster?done=roster", status_code=303)


def _why(desk: Desk, sent: Submission, step: str) -> str:
    """The reason as written, else the catalogue's for this step."""
    return sent.text("reason", 300) or str(desk.words["roster"]["reasons"][step])
