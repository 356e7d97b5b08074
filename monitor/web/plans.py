"""预案 and 演练: checklists with roles and contacts, how far a case has gone in its own, drills and what they taught.

Knows the plans and the roster; decides nothing. Phone numbers of officials are shown to the office only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.ledger.plans import department_of, plan, role_name, scenarios, standing, version
from monitor.ledger.rules import BY_WORD
from monitor.model import Act, Change, IncidentState, Level
from monitor.store import incidents, looks
from monitor.web import looked, phones
from monitor.web.access import Person, Right
from monitor.web.desk import Desk, desk_of
from monitor.web.incidents import allowed
from monitor.web.present import NOTHING_WRITTEN
from monitor.web.sessions import OperatorForm, Reader
from monitor.web.sight import visible_incident

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
SHOWN = 2  # people of a department beside a step


@router.get("/plans")
def plans(request: Request, person: Reader) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    office = person.may(Right.OPERATE)
    with desk.store.read() as c:
        drills = incidents.drills(c) if office else []
        people = _people(desk, c, now) if office else {}
    return desk.page(
        request, "plans.html", person, plans=[plan(level) for level in reversed(Level)], role_name=role_name,
        people=people, drills=drills, scenarios=scenarios(), plan_version=version(), towns=desk.config.county.towns,
        may_drill=person.may(Right.RETRY),
    )  # fmt: skip


def _people(desk: Desk, c: Any, now: datetime) -> dict[str, Any]:
    """Who plays each role now: the department, and whom to call there; the lead depends on the case."""
    duty = desk.ledger.duty(c, now)
    roles = {step.role for level in Level for step in plan(level).steps} - {"lead"}
    found = {}
    for role in roles:
        department = department_of(role, desk.ledger.matrix, "")
        found[role] = (department, phones.tree(duty, department)[:SHOWN])
    return found


@router.get("/incidents/{incident}/plan")
def of_incident(request: Request, incident: str, person: Reader) -> Response:
    return plan_of(request, person, incident)


def plan_of(request: Request, person: Person, incident: str, *, status: int = 200, **told: Any) -> Response:
    """The checklist of the case's level: what is done, by whom, in time or late; the after-action note.

    `told`: as the page of the incident: refused, stale, draft.
    """
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        row = visible_incident(desk, c, person, incident)
        stands = standing(row, incidents.clocks_of(c, incident), desk.ledger.matrix, now)
        people = _of_steps(desk, c, person, stands, now, row["town"])
    looked.note(desk, person, looks.CASE, incident)
    told = {"refused": "", "stale": None, "draft": NOTHING_WRITTEN, "history": [], **told}
    return desk.page(
        request, "plan.html", person, status=status, tried=told["draft"].act, **told, row=row, stands=stands,
        plan=plan(Level(row["level"])), role_name=role_name,
        acts=allowed(person, row), people=people, note=row["closeout"].get("after_action"), steps=_named(row),
        over=row["state"] == IncidentState.CLOSED.value, by_word=_by_word(stands),
    )  # fmt: skip


def _of_steps(desk: Desk, c: Any, person: Person, stands: Any, now: datetime, town: str | None) -> dict[str, Any]:
    if not person.may(Right.OPERATE):
        return {}
    duty = desk.ledger.duty(c, now).of_town(town)
    return {one: phones.tree(duty, one)[:SHOWN] for one in {stand.department for stand in stands}}


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    return {step.id: step.what for step in plan(Level(row["level"])).steps}


def _by_word(stands: Any) -> set[str]:
    """Steps that may be ticked here; the others are done by an act of their own."""
    return {one.step.id for one in stands if one.step.clock is None or one.step.clock in BY_WORD}


@router.post("/drills")
def drill(request: Request, sent: OperatorForm) -> Response:
    """Begins a drill: an invented incident, marked as one wherever it is told."""
    desk = desk_of(request)
    data = {"scenario": sent.text("scenario", 30), "town": sent.text("town", 40)}
    reason = sent.text("reason", 300) or desk.words["acts_data"]["reasons"]["drill"]
    done = desk.ledger.record(
        Change(act=Act.DRILL, at=desk.now(), reason=reason, actor=sent.person.name, data=data)
    )  # fmt: skip
    log.info("drill begun", user=sent.person.name, incident=done.incident)
    return RedirectResponse(f"/incidents/{done.incident}/plan?done=recorded", status_code=303)
