"""资金名册: the lists of deposits and special accounts, which of their lines match no project, and bringing new ones.

Every load goes through monitor.ledger.funds, which writes its row of the ledger in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.backing import LISTS, MONEY, SIGNS
from monitor.errors import ConfigError, Fault, InputError
from monitor.funds.behind import days_stale
from monitor.funds.wording import matched
from monitor.ledger.behind import book
from monitor.ledger.funds import drop_list, load_list
from monitor.sheet.funds import read_lists
from monitor.web import signals
from monitor.web.access import Person, Right
from monitor.web.desk import Desk, desk_of
from monitor.web.files import XLSX, media_type, tidy, whole
from monitor.web.sessions import Operator, OperatorForm, Submission
from monitor.web.shield import TooLarge

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
LARGEST, MOST_FILES = 2 * 1024 * 1024, 8  # bytes of a list's sheet; files of one list
SHOWN = 100  # lines that match nothing, and faults


@router.get("/funds")
def lists(request: Request, person: Operator) -> Response:
    return _page(request, person)


def _page(request: Request, person: Person, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    desk = desk_of(request)
    with desk.store.read() as c:
        held = book(c, desk.config.county.register)
    return desk.page(
        request, "funds_lists.html", person, status=status, faults=faults[:SHOWN], more=max(len(faults) - SHOWN, 0),
        lists=[_told(held, kind, desk.today()) for kind in MONEY], projects=len(held.projects), today=desk.today(),
        shown=SHOWN, may_change=person.may(Right.RETRY),
    )  # fmt: skip


def _told(held: Any, kind: str, today: date) -> dict[str, Any]:
    """A list as its page shows it; `loaded` None: not loaded; `stale`: days since, where it is too old."""
    unmatched, loaded = held.unmatched(kind), held.lists.get(kind)
    return {
        "kind": kind,
        "loaded": loaded,
        "stale": days_stale(loaded.as_of, today) if loaded else 0,
        "unmatched": [(line, matched(why)) for line, why in unmatched],
    }


@router.post("/funds/files")
async def bring(request: Request, sent: OperatorForm) -> Response:
    """Takes the sheets of one list: the whole of it, or nothing while one line is wrong."""
    desk = desk_of(request)
    kind, as_of = sent.text("kind", 12), _as_of(desk, sent)
    given = [one for one in sent.form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    if kind not in LISTS or not given:
        raise InputError(desk.words["files"]["none"])
    if len(given) > MOST_FILES:
        raise TooLarge
    bodies = []
    for one in given:
        body = await whole(one)
        if media_type(one.filename or "", body) != XLSX:
            raise InputError(desk.words["files"]["kind"])
        bodies.append((tidy(one.filename or ""), body))
    try:
        await run_in_threadpool(_take, desk, sent.person.name, kind, bodies, as_of)
    except ConfigError as problem:
        show = signals.page if kind in SIGNS else _page
        return await run_in_threadpool(show, request, sent.person, problem.faults, 422)
    return RedirectResponse(f"{_place(kind)}?done=funds", status_code=303)


def _place(kind: str) -> str:
    """The page that a list stands on."""
    return "/signals" if kind in SIGNS else "/funds"


def _as_of(desk: Desk, sent: Submission) -> date:
    today = desk.today()
    try:
        found = date.fromisoformat(sent.text("as_of", 10) or today.isoformat())
    except ValueError as problem:
        raise InputError(desk.words["funds"]["as_of"]) from problem
    if found > today:
        raise InputError(desk.words["funds"]["as_of"])
    return found


def _take(desk: Desk, user: str, kind: str, bodies: Sequence[tuple[str, bytes]], as_of: date) -> None:
    found = read_lists(kind, bodies, today=desk.today())
    source = "、".join(name for name, _ in bodies)
    reason = desk.words["funds"]["reasons"]["load"].format(source=source[-200:])
    load_list(
        desk.ledger, kind, found.lines, source=source, as_of=as_of, by=user, at=desk.now(), reason=reason
    )  # fmt: skip
    log.info("list of funds taken", user=user, kind=kind, lines=len(found.lines))


@router.post("/funds/drop")
def drop(request: Request, sent: OperatorForm) -> Response:
    """Takes a list out: what it told is unknown again."""
    desk, kind = desk_of(request), sent.text("kind", 12)
    reason = sent.text("reason", 300) or desk.words["funds"]["reasons"]["drop"]
    if kind in LISTS and drop_list(desk.ledger, kind, by=sent.person.name, at=desk.now(), reason=reason):
        log.info("list of funds dropped", user=sent.person.name, kind=kind)
    return RedirectResponse(f"{_place(kind)}?done=funds_drop", status_code=303)
