"""签收 by the link in a mail, on a phone, without signing in. Knows one link, one department, one incident.

GET only shows, so that a mail scanner that follows links acknowledges nothing; the buttons POST. The link is an
unguessable one-time token; the form carries a seal of it, so that another site cannot press the button. What is shown
is the fact sheet: no text of a post and no address.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import ForbiddenChange
from monitor.model import Act, Change
from monitor.routing.duty import Duty
from monitor.store import incidents, tokens
from monitor.text import storable
from monitor.web import phones, present
from monitor.web.desk import Desk, desk_of
from monitor.web.errors import address
from monitor.web.sessions import Denied, TooOften, check_origin, read_form

router = APIRouter()
log = structlog.get_logger("monitor.web.access")


def _link(desk: Desk, c: Any, token: str) -> dict[str, Any]:
    """The link's row, used or not; Denied as 404 for one that was never made."""
    row = tokens.one(c, token) if len(token) <= 64 else None
    if row is None:
        raise Denied("unknown link", hidden=True)
    return row


@router.get("/ack/{token}")
def show(request: Request, token: str) -> Response:
    return _page(request, token)


def _page(
    request: Request,
    token: str,
    *,
    refused: str = "",
    status: int = 200,
    draft: present.Draft = present.NOTHING_WRITTEN,
) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    wait = desk.links.wait(address(request), now.timestamp())
    if wait:
        raise TooOften(wait)
    with desk.store.read() as c:
        link = _link(desk, c, token)
        row = incidents.one(c, link["incident"])
        given = [a for a in incidents.assignments_of(c, link["incident"]) if a["department"] == link["department"]]
        duty = desk.ledger.duty(c, now)
        clocks = [clock for clock in incidents.clocks_of(c, link["incident"]) if clock["done_at"] is None]
    if row is None:
        raise Denied("link without incident", hidden=True)
    if _gone(desk, link, row, given):
        return desk.page(request, "acknowledge_gone.html", status=status, row=row, office=_office(duty))
    usable = link["used_at"] is None and link["expires_at"] > now
    return desk.page(
        request, "acknowledge.html", status=status, row=row, facts=present.facts_now(row["facts"]), link=link,
        token=token, refused=refused, draft=draft,
        mine=given[-1] if given else None, clocks=clocks[:4], usable=usable, seal=desk.seal("ack", token),
        articles=[desk.ledger.matrix.cite(article) for article in row["route"].get("articles") or ()][:6],
        complete=present.completeness(row["facts"]), departments=desk.names.departments,
        office=_office(duty),
    )  # fmt: skip


def _office(duty: Duty) -> list[phones.Line]:
    return phones.tree(duty, duty.matrix.office)[:1]


def _gone(desk: Desk, link: dict[str, Any], row: dict[str, Any], given: list[dict[str, Any]]) -> bool:
    """Whether the case has moved on from who got this link: to other departments, or to a town not theirs."""
    over = bool(given) and all(one["state"] in ("withdrawn", "returned") for one in given)
    if over and (given[-1]["state"] == "withdrawn" or row["lead"] != link["department"]):
        return True  # what was returned waits for the decision with its lead
    listed = desk.config.county.contacts.get(link["department"], ())
    towns = [one.town for one in listed if one.mail == link["recipient"]]
    return bool(towns) and None not in towns and row["town"] not in towns


async def _sealed(request: Request) -> FormData:
    """Dependency: a form of our own page for this very link."""
    await check_origin(request)
    form = await read_form(request, files=0, fields=20)
    seal, token = form.get("seal"), str(request.path_params["token"])
    if not isinstance(seal, str) or not hmac.compare_digest(
        seal.encode(), desk_of(request).seal("ack", token).encode()
    ):
        raise Denied("no seal in the form")
    return form


@router.post("/ack/{token}")
def answer(request: Request, token: str, form: Annotated[FormData, Depends(_sealed)]) -> Response:
    """`do`: acknowledge, or return with a reason code (不属我部门)."""
    desk = desk_of(request)
    with desk.store.read() as c:
        link = _link(desk, c, token)
        row = incidents.one(c, link["incident"])
        given = [a for a in incidents.assignments_of(c, link["incident"]) if a["department"] == link["department"]]
    if row is None or _gone(desk, link, row, given):
        return _page(request, token, status=409)
    try:
        desk.ledger.record(_change(desk, link, token, form))
    except ForbiddenChange as problem:
        draft = present.Draft("return", {name: [_text(form, name)] for name in ("code", "suggest", "reason")})
        return _page(request, token, refused=str(problem), status=422, draft=draft)
    log.info("link used", recipient=link["recipient"], incident=link["incident"], department=link["department"])
    return RedirectResponse(f"/ack/{token}?done=recorded", status_code=303)


def _change(desk: Desk, link: dict[str, Any], token: str, form: FormData) -> Change:
    data: dict[str, Any] = {"department": link["department"], "token": token}
    reason, kind = desk.words["acts_data"]["reasons"]["acknowledge"], Act.ACKNOWLEDGE
    if form.get("do") == "return":
        kind, reason = Act.RETURN, _text(form, "reason")
        if not reason:
            raise ForbiddenChange("reason", desk.words["acts_data"]["reason"])
        data |= {"code": _text(form, "code"), "suggest": _text(form, "suggest") or None}
    with desk.store.read() as c:
        row = incidents.one(c, link["incident"])
    return Change(
        act=kind, at=desk.now(), reason=reason, actor=link["recipient"][:100], incident=link["incident"],
        version=row["version"] if row else None, data=data,
    )  # fmt: skip


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return storable(value).strip()[:1000] if isinstance(value, str) else ""
