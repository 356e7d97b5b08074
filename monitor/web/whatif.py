"""先试后改: other rules tried on past cases before they are put in force. Shows what comes of them; changes nothing.

Files that are tried are read and forgotten. The page tells of every case: who is confined has none of it.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from monitor.config import read_county
from monitor.config.settings import quiet_hours
from monitor.digest.whatif import Rules, WhatIf, what_if
from monitor.errors import ConfigError, InputError
from monitor.routing import load_matrix
from monitor.routing.policy import Policy
from monitor.routing.roster_sheet import read_sheet
from monitor.text import SHANGHAI
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.files import whole
from monitor.web.present import Names
from monitor.web.sessions import LookerForm, Operator

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
DAYS = (7, 30, 90, 180)
SHOWN = 60  # cases on the page; `xinshao what-if --table` has all
FILES = ("matrix", "county", "roster")


@router.get("/what-if")
def page(request: Request, person: Operator) -> Response:
    """The form alone."""
    return _page(desk_of(request), request, person, None)


@router.post("/what-if/files")
async def tried(request: Request, sent: LookerForm) -> Response:
    """What is proposed, tried; the answer is the page itself, since nothing was changed that could be returned to."""
    desk, files = desk_of(request), {}
    for name in FILES:
        given = sent.form.get(name)
        if isinstance(given, UploadFile) and given.filename:
            files[name] = await whole(given)
    if text := sent.text("text", 60_000).strip():
        files["matrix"] = text.encode()
    days, quiet, policy = sent.number("days"), sent.text("quiet", 20).strip(), sent.text("lead_policy", 20)
    chosen = {
        "days": days if days in DAYS else DAYS[1], "quiet": quiet, "text": text,
        "lead_policy": policy,
    }  # fmt: skip
    try:
        found = await run_in_threadpool(_try, desk, files, chosen)
    except ConfigError as problem:
        faults = [f"{one.path}：{one.problem}" + (f"（{one.remedy}）" if one.remedy else "") for one in problem.faults]
        return _page(desk, request, sent.person, None, chosen, faults, status=422)
    log.info("what if", user=sent.person.name, cases=found.looked_at, moved=len(found.moves))
    return _page(desk, request, sent.person, found, chosen)


def _try(desk: Desk, files: dict[str, bytes], chosen: dict[str, Any]) -> WhatIf:
    settings, ledger = desk.config.settings, desk.ledger
    policy = ledger.policy or Policy()
    old = Rules(matrix=ledger.matrix, county=ledger.county, policy=policy, lead_policy=ledger.county.lead_policy)
    new = _proposed(desk, old, files)
    if chosen["quiet"]:
        try:
            hours = quiet_hours("" if chosen["quiet"] in ("无", "none") else chosen["quiet"])
        except ValueError as problem:
            raise InputError(desk.words["what_if"]["quiet"]) from problem
        start, end = settings.model_copy(update={"quiet_hours": hours}).quiet
        new = replace(new, policy=replace(policy, quiet_from=start, quiet_to=end))
    if chosen["lead_policy"] in ("industry_first", "hrss_first"):
        new = replace(new, lead_policy=chosen["lead_policy"])
    if new == old:
        raise InputError(desk.words["what_if"]["nothing"])
    today = desk.now().astimezone(SHANGHAI).date()
    first: date = today - timedelta(days=chosen["days"] - 1)
    return what_if(desk.store, old, new, first, today, calendar=ledger.calendar)


def _proposed(desk: Desk, old: Rules, files: dict[str, bytes]) -> Rules:
    """The rules in force with what was uploaded in their place; ConfigError lists the faults of a wrong file."""
    new = old
    with tempfile.TemporaryDirectory(prefix="xinshao-") as folder:
        for name in ("matrix", "county"):
            if name in files:
                path = Path(folder) / f"{name}.yaml"
                path.write_bytes(files[name])
                if name == "matrix":
                    new = replace(new, matrix=load_matrix(path))
                else:
                    county = read_county(path)
                    new = replace(new, county=county, lead_policy=county.lead_policy)
    if "roster" in files:
        new = replace(new, roster=read_sheet(files["roster"], new.matrix))
    return new


def _page(
    desk: Desk, request: Request, person: Person, found: WhatIf | None, chosen: dict[str, Any] | None = None,
    faults: list[str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    return desk.page(
        request, "whatif.html", person, status=status, found=found, faults=faults or [], days=DAYS, shown=SHOWN,
        chosen=chosen or {"days": DAYS[1], "quiet": "", "text": "", "lead_policy": ""},
        county=desk.config.county, hours=desk.config.settings.quiet_hours,
        names=Names.of(found.new.matrix).department if found else desk.names.department,
    )  # fmt: skip
