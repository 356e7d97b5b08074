"""查看原文: a reason, a second person, half an hour, a watermark; in danger to life at once. Knows the ledger's rows.

Each step is a change of its own, so that the ledger shows who asked, who granted, and who read
(个人信息保护法 13(1)(四) for danger to life).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import ForbiddenChange
from monitor.model import Act, Change
from monitor.store import incidents, posts
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Denied, TextForm
from monitor.web.sight import visible_incident

router = APIRouter()
WINDOW = timedelta(minutes=30)  # how long an unmasked post may be read
WAITS = timedelta(hours=24)  # how long a request waits for a second person
ASK, GRANT, LIFE = "ask", "grant", "life"


def steps_of(history: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The unmasking steps among an incident's ledger rows: post, step, actor, at, reason, to (whom it was granted)."""
    for row in history:
        if row["act"] == Act.UNMASK.value:
            data = row["data"].get("input") or {}  # empty where an erasure removed it
            yield {
                "post": data.get("post"), "step": data.get("step", ASK), "to": data.get("to"), "actor": row["actor"],
                "at": row["at"], "reason": row["reason"],
            }  # fmt: skip


def open_posts(history: Sequence[Mapping[str, Any]], name: str, now: datetime) -> dict[str, datetime]:
    """Posts that `name` may read unmasked now, each with the moment at which that ends."""
    found = {}
    for step in steps_of(history):
        mine = step["actor"] == name if step["step"] == LIFE else step["step"] == GRANT and step["to"] == name
        if mine and now - step["at"] < WINDOW:
            found[step["post"]] = step["at"] + WINDOW
    return found


def waiting(history: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, dict[str, Any]]:
    """Requests that no second person has answered yet, by post."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps_of(history):
        if step["step"] == ASK and now - step["at"] < WAITS:
            found[step["post"]] = step
        elif step["step"] == GRANT and found.get(step["post"], {}).get("actor") == step["to"]:
            del found[step["post"]]
    return found


def open_now(c: Any, person: Person, history: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, dict[str, Any]]:
    """The unmasked title and text of what this person may read now, by post."""
    shown = {}
    for post, until in open_posts(history, person.name, now).items():
        row = posts.one(c, post)
        if row is not None:
            shown[post] = {"title": row["title"], "text": row["text"], "until": until}
    return shown


@router.post("/incidents/{incident}/unmask")
def unmask(request: Request, incident: str, sent: TextForm) -> Response:
    """Asks for, or grants, the unmasked text of one post; danger to life needs no second person."""
    desk, person = desk_of(request), sent.person
    if not person.may_act(Act.UNMASK):
        raise Denied("may not unmask")
    post, grants = sent.text("post", 64), sent.text("grant", 100)
    with desk.store.read() as c:
        row = visible_incident(desk, c, person, incident)
        found = posts.shown(c, post)
        asked = waiting(incidents.history(c, incident), desk.now()).get(post)
    if found is None or found["incident"] != incident:
        raise Denied(f"no post {post} in {incident}", hidden=True)
    says = desk.words["unmask"]
    if grants:
        if asked is None or asked["actor"] != grants:
            raise ForbiddenChange("unmask_nothing_waits", says["nothing"])
        if grants == person.name:
            raise ForbiddenChange("unmask_second_person", says["second"])
        data, reason = {"post": post, "step": GRANT, "to": grants}, says["granted"].format(who=grants)
    else:
        step = LIFE if row["life_risk"] or found["life_risk"] else ASK
        data, reason = {"post": post, "step": step}, sent.text("reason")
        if len(reason) < 4:
            raise ForbiddenChange("unmask_reason", says["reason"])
    _record(desk, person, incident, data, reason)
    return RedirectResponse(f"/incidents/{incident}?done=unmask_{data['step']}#post-{post}", status_code=303)


def _record(desk: Desk, person: Person, incident: str, data: Mapping[str, Any], reason: str) -> None:
    change = Change(
        act=Act.UNMASK, at=desk.now(), reason=reason, actor=person.name, incident=incident, data=dict(data)
    )  # fmt: skip
    desk.ledger.record(change)
