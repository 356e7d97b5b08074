"""对照清单: other offices' lists of debts, rows that wait for a yes or no, and what the net never saw. Decides nothing.

The office's page: a handler has none of it. Rows hold companies, places and sums; what was uploaded is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

import structlog
from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.digest.recapture import YEAR, Compared, compared, reason, recaptured, state_of, why_refused
from monitor.errors import ConfigError, InputError
from monitor.incidents.listed import Debt
from monitor.incidents.recapture import Audit
from monitor.ledger import lists as acts
from monitor.model import Document
from monitor.parse.debts import read_debts, reader_for, told
from monitor.store import lists
from monitor.web.access import Person, Right
from monitor.web.desk import Desk, desk_of
from monitor.web.files import XLSX, media_type, tidy, whole
from monitor.web.sessions import Operator, ReviewerForm

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
SHOWN = 60  # debts of a kind on the page; `xinshao lists rows` has all
TOLD = 40  # notes of a file
MOST_KEYS = 50  # rows of one debt
ONE = timedelta(days=1)


# ------------------------------------------------------------------ figures, for the situation page too
def block(desk: Desk, c: Connection, person: Person) -> dict[str, Any]:
    """What recaptured.html shows: the last year's figures; `unseen` None where no list speaks for any of its days."""
    today, whole = desk.today(), person.whole
    found = _unseen(desk, c, today) if whole else None
    return {
        "unseen": found, "whole": whole, "bars": bars(desk, found), "refused": why_refused(found) if found else "",
        "may_lists": person.may(Right.OPERATE),
    }  # fmt: skip


def _unseen(desk: Desk, c: Connection, today: date) -> Audit | None:
    def work() -> Audit | None:
        return recaptured(c, today - YEAR + ONE, today, lambda: _compared(desk, c, today))

    return desk.since_last_row(c, "recaptured", today, work)


def _compared(desk: Desk, c: Connection, today: date) -> Compared:
    """The year's debts and cases, worked out once for this page and for the situation page."""
    county = desk.config.county
    return desk.since_last_row(c, "compared", today, lambda: compared(c, county, today - YEAR + ONE, today))


def bars(desk: Desk, found: Audit | None) -> list[dict[str, Any]]:
    """Who was first: the bars with their words, and their height as a share of the highest."""
    counts = found.bars() if found else ()
    top = max(counts, default=0) or 1
    return [
        {"word": word, "count": count, "share": count / top, "side": (at > middle) - (at < middle)}
        for middle in (len(counts) // 2,)
        for at, (word, count) in enumerate(zip(desk.words["lists"]["bars"], counts, strict=False))
    ]


# ------------------------------------------------------------------ the page
@router.get("/lists")
def page(request: Request, person: Operator) -> Response:
    return _page(request, person)


def _page(request: Request, person: Any, **context: Any) -> Response:
    desk, today = desk_of(request), desk_of(request).today()
    with desk.store.read() as c:
        brought, said = lists.imports(c), lists.verdicts(c)
        found = _compared(desk, c, today).debts
    kinds: dict[str, list[dict[str, Any]]] = {"seen": [], "waiting": [], "unseen": []}
    for debt in reversed(found):
        kinds[state_of(debt)].append(_debt(debt))
    rows = {kept.key: kept for debt in found for kept in debt.rows}
    answered = [(rows[key], one) for key, words in said.items() if key in rows for one in words]
    answered.sort(key=lambda pair: pair[1].at, reverse=True)
    return desk.page(
        request, "lists.html", person, brought=brought, kinds=kinds, shown=SHOWN, answered=answered[:SHOWN],
        may_change=person.may(Right.REVIEW), today=today, **{"result": None, **context},
    )  # fmt: skip


def _debt(debt: Debt) -> dict[str, Any]:
    first = debt.rows[0]
    return {
        "row": first.row, "key": first.key, "keys": ",".join(kept.key for kept in debt.rows), "count": len(debt.rows),
        "sources": sorted({kept.source for kept in debt.rows}), "incident": debt.fit.incident, "seen": debt.seen,
        "why": reason(debt.fit), "ahead": debt.ahead, "taken": debt.taken,
    }  # fmt: skip


# ------------------------------------------------------------------ changing it
@router.post("/lists/files")
async def bring(request: Request, sent: ReviewerForm) -> Response:
    """Takes an export; what was not read is told on the page that follows, row by row."""
    desk, uploaded = desk_of(request), sent.form.get("file")
    if not isinstance(uploaded, UploadFile) or not uploaded.filename:
        raise InputError(desk.words["lists"]["file"])
    body = await whole(uploaded)
    asked = sent.text("source", 101), _day(sent.text("first", 10)), _day(sent.text("last", 10))
    result = await run_in_threadpool(_take, desk, sent.person.name, tidy(uploaded.filename), body, *asked)
    return await run_in_threadpool(_page, request, sent.person, result=result)


def _take(
    desk: Desk, user: str, name: str, body: bytes, source: str, first: date | None, last: date | None
) -> dict[str, Any]:
    says = desk.words["lists"]
    if not source or len(source) > 100:
        raise InputError(says["source"])
    if first and last and first > last:
        raise InputError(says["days"])
    if media_type(name, body) != XLSX and PurePath(name).suffix.lower() != ".csv":
        raise InputError(says["file"])
    sectors = {one.id: one.name for one in desk.ledger.matrix.sectors.values()}
    reader = reader_for(desk.config.county, sectors, desk.today(), first, last)
    try:
        read = read_debts(Document(url=f"file:{name}", fetched_at=desk.now(), body=body), name, reader)
    except ConfigError as problem:
        raise InputError("；".join(f"{one.problem}。{one.remedy}" for one in problem.faults)) from problem
    days, brought = [row.day for _, row in read.rows], None
    if days:
        brought = acts.bring(
            desk.ledger, read.rows, source=source, first=first or min(days), last=last or max(days), file=name, by=user,
            at=desk.now(), reason=says["reasons"]["import"].format(name=name),
        )  # fmt: skip
        log.info("list brought", user=user, list=brought.number, rows=brought.new)
    notes = sorted((*read.notes, *(brought.notes if brought else ())), key=lambda note: note.row)
    return {
        "name": name, "brought": brought, "persons": read.persons, "unread": read.unread,
        "lost": sum(note.lost for note in notes), "notes": [told(note) for note in notes[:TOLD]],
        "more": max(0, len(notes) - TOLD),
    }  # fmt: skip


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


@router.post("/lists/judge")
def judge(request: Request, sent: ReviewerForm) -> Response:
    """A yes or no for every row of a debt; `do`: same, other or unjudge."""
    desk, do, keys = desk_of(request), sent.text("do", 10), _keys(sent.text("keys", 33 * MOST_KEYS))
    says = desk.words["lists"]
    if do not in ("same", "other", "unjudge") or not keys:
        raise InputError(says["chosen"])
    by, at, why, incident = sent.person.name, desk.now(), says["reasons"][do], sent.text("incident", 20)
    for key in keys:
        if do == "unjudge":
            acts.unjudge(desk.ledger, key, by=by, at=at, reason=why)
        else:
            acts.judge(desk.ledger, key, incident, same=do == "same", by=by, at=at, reason=why)
    log.info("listed debt judged", user=sent.person.name, do=do, rows=len(keys))
    return RedirectResponse(f"/lists?done={'list_unjudged' if do == 'unjudge' else 'list_judged'}", status_code=303)


@router.post("/lists/take")
def take(request: Request, sent: ReviewerForm) -> Response:
    """立案 from a debt that the net never saw; its other rows are told to be the same debt."""
    desk, keys = desk_of(request), _keys(sent.text("keys", 33 * MOST_KEYS))
    if not keys:
        raise InputError(desk.words["lists"]["chosen"])
    incident = acts.open_case(desk.ledger, keys[0], by=sent.person.name, at=desk.now())
    why = desk.words["lists"]["reasons"]["same"]
    for key in keys[1:]:
        acts.judge(desk.ledger, key, incident, same=True, by=sent.person.name, at=desk.now(), reason=why)
    log.info("case opened from a list", user=sent.person.name, incident=incident)
    return RedirectResponse(f"/incidents/{incident}?done=list_taken", status_code=303)


@router.post("/lists/undo")
def undo(request: Request, sent: ReviewerForm) -> Response:
    desk, number = desk_of(request), sent.number("id")
    reason_ = sent.text("reason", 300) or desk.words["lists"]["reasons"]["undo"]
    if number is None or not acts.undo(desk.ledger, number, by=sent.person.name, at=desk.now(), reason=reason_):
        raise InputError(desk.words["lists"]["chosen"])
    log.info("list undone", user=sent.person.name, list=number)
    return RedirectResponse("/lists?done=list_undone#brought", status_code=303)


def _keys(written: str) -> Sequence[str]:
    return [key for key in written.split(",") if key][:MOST_KEYS]
