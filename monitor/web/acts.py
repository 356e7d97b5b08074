"""What a person does to an incident, from its forms to a Change. Knows which fields an act has; the ledger decides.

Every form carries the version it was made for, so that of two people only the first changes anything (fault F47).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import ForbiddenChange, InputError, StaleVersion
from monitor.model import MACHINE, Act, Change
from monitor.store import incidents
from monitor.web.access import HANDLER
from monitor.web.desk import Desk, desk_of
from monitor.web.incidents import page_of
from monitor.web.plans import plan_of
from monitor.web.present import Draft
from monitor.web.sessions import Denied, ReaderForm, Submission
from monitor.web.sight import visible_incident

router = APIRouter()
Row = Mapping[str, Any]
TRUE_WHATEVER_JOINED = frozenset({Act.ACKNOWLEDGE, Act.CALL, Act.CONTACT, Act.NOTE})  # a storm must not hold these up
ON_PLAN = frozenset({Act.PLAN, Act.DRILL})
BOTH_EYES = frozenset({Act.UNMASK})  # acts with a page of their own


@router.post("/incidents/{incident}/acts/{name}")
def act(request: Request, incident: str, name: str, sent: ReaderForm) -> Response:
    desk, person = desk_of(request), sent.person
    kind = _kind(name)
    with desk.store.read() as c:
        row = visible_incident(desk, c, person, incident)
    if kind is None or kind in BOTH_EYES or not person.may_act(kind):
        raise Denied(f"may not {name} {incident}")
    shown = plan_of if kind in ON_PLAN else page_of
    try:
        change = _change(desk, sent, row, kind)
        recorded = _record(desk, change)
    except (ForbiddenChange, InputError) as problem:
        return shown(request, person, incident, status=422, refused=str(problem), draft=_draft(sent, kind))
    except StaleVersion as problem:
        return shown(request, person, incident, status=409, stale=problem, draft=_draft(sent, kind))
    target = incident if kind is not Act.SPLIT else getattr(recorded, "incident", None) or incident
    back = "/plan" if kind in ON_PLAN else ""
    return RedirectResponse(f"/incidents/{target}{back}?done=recorded", status_code=303)


def _record(desk: Desk, change: Change) -> Any:
    """Writes it; what stays true whatever posts the machine has joined meanwhile is not overtaken by them."""
    try:
        return desk.ledger.record(change)
    except StaleVersion:
        if change.act not in TRUE_WHATEVER_JOINED:
            raise
        with desk.store.read() as c:
            since = [
                row for row in incidents.history(c, change.incident or "") if row["version"] > (change.version or 0)
            ]
        if not since or any(row["actor"] != MACHINE for row in since):
            raise
        return desk.ledger.record(replace(change, version=since[-1]["version"]))


def _draft(sent: Submission, kind: Act) -> Draft:
    """What was written, as the page shows it again."""
    names = [name for name in sent.form if name not in ("csrf", "version")]
    return Draft(kind.value, {name: sent.several(name, empty=True) for name in names})


def _kind(name: str) -> Act | None:
    try:
        return Act(name)
    except ValueError:
        return None


def _change(desk: Desk, sent: Submission, row: Row, kind: Act) -> Change:
    says = desk.words["acts_data"]
    reason = sent.text("reason") or says["reasons"].get(kind.value, "")
    if not reason:
        raise InputError(says["reason"])
    version = sent.number("version")
    if version is None:
        raise InputError(says["version"])
    data = _DATA[kind](desk, sent, row) if kind in _DATA else {}
    return Change(
        act=kind, at=desk.now(), reason=reason, actor=sent.person.name, incident=row["id"], version=version,
        data=data,
    )  # fmt: skip


# ------------------------------------------------------------------ fields
def _number(desk: Desk, sent: Submission, name: str, *, whole: bool = False) -> float | int | None:
    """A number that a person wrote, with separators or full-width digits; None: left empty."""
    text = sent.text(name, 20).replace(",", "").replace("，", "").replace(" ", "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(desk.words["acts_data"]["number"].format(text=text)) from None
    if not 0 <= value < 1e12 or (whole and not value.is_integer()):
        raise InputError(desk.words["acts_data"]["number"].format(text=text))
    return int(value) if whole else value


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _department(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    """A handler acts for the own department (of towns alone: theirs) and no other; the office says for whom."""
    if sent.person.role == HANDLER:
        return {"department": sent.person.side}
    return {"department": sent.text("department", 40) or row["lead"]}


def _known_department(desk: Desk, sent: Submission, name: str) -> str:
    value = sent.text(name, 40)
    if value not in desk.names.departments:
        raise InputError(desk.words["acts_data"]["department"])
    return value


def _return(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return {
        **_department(desk, sent, row),
        **_given(code=sent.text("code", 10), suggest=sent.text("suggest", 40)),
    }


def _lead(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    data: dict[str, Any] = {"lead": _known_department(desk, sent, "lead"), "final": bool(sent.text("final", 5))}
    if sent.text("with_co", 5):
        data["co"] = [value for value in sent.several("co") if value in desk.names.departments]
    return data


def _contact(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return {"means": sent.text("means", 20), "reached": sent.text("reached", 5) == "yes"}


def _verify(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    workers, yuan = _number(desk, sent, "workers", whole=True), _number(desk, sent, "yuan")
    found = sent.text("retaliation", 8) or None
    return _given(verification=sent.text("verification", 12), workers=workers, yuan=yuan, retaliation=found)


def _pay(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return _given(
        yuan=_number(desk, sent, "yuan"),
        workers=_number(desk, sent, "workers", whole=True),
        confirmed=_number(desk, sent, "confirmed", whole=True),
        proofs=sent.numbers("proofs"),
        advanced=bool(sent.text("advanced", 5)) or None,
    )


def _correct(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    """Only what differs from what is known; an emptied field is not a correction."""
    facts = row["facts"]
    wanted: dict[str, Any] = {
        "employer": sent.text("employer", 100),
        "project": sent.text("project", 100),
        "workers": _number(desk, sent, "workers", whole=True),
        "amount_yuan": _number(desk, sent, "amount_yuan"),
        "months": _number(desk, sent, "months"),
        "sector": sent.text("sector", 40),
    }
    changed = {key: value for key, value in wanted.items() if value not in (None, "") and value != facts.get(key)}
    town = sent.text("town", 40)
    if town and town != (row["town"] or ""):
        changed["town"] = town
    return {"facts": changed}


def _close(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    texts = {key: sent.text(key, 200) for key in ("procedure", "case_number", "receipt", "leader", "appeal", "into")}
    confirmed = _number(desk, sent, "confirmed", whole=True)
    return _given(code=sent.text("code", 4), confirmed=confirmed, **texts)


def _refer(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return _given(to=sent.text("to", 100), kind=sent.text("kind", 10), contact=sent.text("contact", 100))


def _receipt(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    texts = {key: sent.text(key, 100) for key in ("who", "day", "number")}
    return _given(outcome=sent.text("outcome", 12), **texts)


def _enforce(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return _given(
        outcome=sent.text("outcome", 12),
        yuan=_number(desk, sent, "yuan"),
        workers=_number(desk, sent, "workers", whole=True),
        proofs=sent.numbers("proofs"),
    )


def _call(desk: Desk, sent: Submission) -> dict[str, Any]:
    """`whom`: department and name as the page's phone tree lists them, or another official, by name."""
    department, _, name = sent.text("whom", 140).partition(":")
    if department not in desk.names.departments:
        raise InputError(desk.words["acts_data"]["department"])
    return _given(
        department=department, name=sent.text("name", 40) or name, outcome=sent.text("outcome", 12),
        clock=sent.text("clock", 30),
    )  # fmt: skip


def _split(desk: Desk, sent: Submission, row: Row) -> dict[str, Any]:
    return {"posts": sent.several("posts")}


_DATA: Mapping[Act, Callable[[Desk, Submission, Row], dict[str, Any]]] = {
    Act.ACKNOWLEDGE: _department,
    Act.ACCEPT: _department,
    Act.RETURN: _return,
    Act.ARBITRATE: _lead,
    Act.REASSIGN: _lead,
    Act.CONTACT: _contact,
    Act.VERIFY: _verify,
    Act.PAY: _pay,
    Act.REVERSE: lambda desk, sent, row: _given(payment=_number(desk, sent, "payment", whole=True)),
    Act.CORRECT: _correct,
    Act.CLOSE: _close,
    Act.SPLIT: _split,
    Act.REFER: _refer,
    Act.RECEIPT: _receipt,
    Act.ENFORCE: _enforce,
    Act.MERGE: lambda desk, sent, row: {"into": sent.text("into", 20)},
    Act.REGRADE: lambda desk, sent, row: {"level": sent.text("level", 8)},
    Act.REPLY: lambda desk, sent, row: _given(url=sent.text("url", 500), text=sent.text("text", 2000)),
    Act.APPROVE: lambda desk, sent, row: {"approved": sent.text("approved", 5) != "no"},
    Act.NOTE: lambda desk, sent, row: _given(clock=sent.text("clock", 30)),
    Act.CALL: lambda desk, sent, row: _call(desk, sent),
    Act.PLAN: lambda desk, sent, row: _given(
        step=sent.text("step", 30), after_action=bool(sent.text("after_action", 5)) or None
    ),
    Act.LOOK_BACK: lambda desk, sent, row: {
        "day": sent.number("day") or 0,
        "recurred": sent.text("recurred", 5) == "yes",
    },
}
