"""人工研判: posts the machine is unsure of, one at a time, one key per decision. Knows the queue; decides nothing.

The queue's order is the store's, surest first, for workers should not wait; or, on request, the one that teaches the
machine most (uncertain and diverse first, classifiers.learning). `at` is the place in it: a decision leaves the place
as it is, so that the next post stands there; 稍后 goes one place on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from classifiers import learning
from monitor.errors import ForbiddenChange, InputError, StaleVersion
from monitor.incidents.place import WINDOW, keys, nearest
from monitor.model import Act, Change
from monitor.store import incidents, lives, posts, signatures
from monitor.store.codec import reading_from
from monitor.text import face
from monitor.web import excerpt, phones
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Reviewer, ReviewerForm

router = APIRouter()
AHEAD = 8  # posts shown as waiting behind the present one
DOUBT = "doubt"
LEARNT_FROM = 300  # posts that are put in this order at most
READ_WITHIN = timedelta(days=1)  # how long posts of cases that perhaps tell of danger are shown to who reads the queue
UNDO_WITHIN = timedelta(minutes=30)
RECENT = 8  # own decisions that are shown to be taken back


@dataclass(frozen=True, slots=True)
class Decision:
    """What a key means: the act, and the label it gives the post for training."""

    key: str
    name: str
    act: Act
    label: str


DECISIONS = (
    Decision("1", "confirm", Act.CONFIRM, "open"),
    Decision("2", "no", Act.DISMISS, "noise"),
    Decision("3", "resolved", Act.DISMISS, "resolved"),
    Decision("4", "dispute", Act.DISMISS, "dispute"),
)
BY_NAME = {decision.name: decision for decision in DECISIONS}


@router.get("/queue")
def queue(request: Request, person: Reviewer, at: int = 0, undo: str = "", by: str = "") -> Response:
    """The post to be decided. `by=doubt`: what teaches the machine most first, where there is time for it."""
    desk, teaching = desk_of(request), by == DOUBT
    with desk.store.read() as c:
        total = posts.review_count(c)
        place = at if 0 <= at < total else 0
        rows = _teaching(c, total)[place : place + AHEAD + 1] if teaching else posts.review_queue(c, AHEAD + 1, place)
        item = rows[0] if rows else None
        candidates = _candidates(c, desk, item["id"]) if item else []
        shown = excerpt.of_post(c, item) if item else None
        own = posts.decided_by(c, person.name, desk.now() - UNDO_WITHIN, RECENT)
        own.sort(key=lambda row: row["id"] != undo)  # two of the same instant: the one just made comes first
        calls = _calls(c, desk, item) if item and item["life_risk"] else []
        in_cases = lives.perhaps_in_cases(c, desk.now() - READ_WITHIN)
    return desk.page(
        request, "queue.html", person, item=item, shown=shown, ahead=rows[1:], total=total, place=place,
        candidates=candidates, decisions=DECISIONS, own=own, by=DOUBT if teaching else "",
        calls=calls, in_cases=in_cases,
    )  # fmt: skip


def _teaching(c: Any, total: int) -> list[dict[str, Any]]:
    """Danger to life first all the same, then as `learning.order` asks, with its reason as `why`.

    Of the first `LEARNT_FROM` waiting; `total` wait altogether.
    """
    rows = posts.review_queue(c, LEARNT_FROM)
    first = [row for row in rows if _danger(row)]
    rest = [row for row in rows if not _danger(row)]
    scores, pairs, ids = [row["score"] for row in rest], [_pairs(row) for row in rest], [row["id"] for row in rest]
    asked = learning.order(scores, pairs, ids, waiting=total - len(first))
    return first + [rest[each.at] | {"why": each.why.value} for each in asked]


def _danger(row: dict[str, Any]) -> bool:
    return bool(row["life_risk"] or row["perhaps_life_risk"])


def _calls(c: Any, desk: Desk, item: dict[str, Any]) -> list[tuple[str, phones.Line]]:
    """Whom to call before anything is decided: somebody may be in danger now."""
    now = desk.now()
    return phones.in_danger(desk.ledger.duty(c, now), item["facts"].get("traits") or ())


def _pairs(row: dict[str, Any]) -> frozenset[str]:
    text = row["masked_text"]
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


@router.get("/review")
def review() -> Response:
    """As the digest's links say it."""
    return RedirectResponse("/queue", status_code=308)


def _candidates(c: Any, desk: Desk, post: str) -> list[dict[str, Any]]:
    """Open incidents that share most with the post, at most three; `shared`: how many keys they have in common."""
    row = posts.one(c, post)
    if row is None:
        return []
    held = signatures.holders(c, keys(reading_from(row)), desk.now() - WINDOW)
    near = nearest(held)  # as the machine compares: a name counts for more than words that many share
    found = incidents.many(c, near)
    usable = [found[id_] for id_ in near if id_ in found and found[id_]["state"] not in ("merged", "dismissed")]
    return [{**one, "shared": sum(one["id"] in holding for holding in held.values())} for one in usable[:3]]


@router.post("/queue/{post}/{name}")
def decide(request: Request, post: str, name: str, sent: ReviewerForm) -> Response:
    """A person's word on one post; `incident`: the one it joins, chosen among the candidates."""
    desk, decision = desk_of(request), BY_NAME.get(name)
    at = sent.text("at", 6)
    if decision is None:
        raise InputError(desk.words["errors"][404]["text"])
    joins = sent.text("incident", 20) or None
    reason = sent.text("reason") or desk.words["decisions"][decision.name]["reason"]
    data: dict[str, Any] = {"post": post, "label": decision.label}
    if decision.act is Act.CONFIRM and sent.text("danger", 3):  # where the machine was not sure
        data["life_risk"] = True
    change = Change(
        act=decision.act, at=desk.now(), reason=reason, actor=sent.person.name,
        incident=joins if decision.act is Act.CONFIRM else None, data=data,
    )  # fmt: skip
    _record(desk, change, post)
    done = "confirm" if decision.act is Act.CONFIRM else "dismiss"
    place = at if at.isdigit() else "0"
    by = f"&by={DOUBT}" if sent.text("by", 10) == DOUBT else ""
    return RedirectResponse(f"/queue?at={place}&undo={post}&done={done}{by}", status_code=303)


def _record(desk: Desk, change: Change, post: str) -> None:
    """One decision a post: the second person is told who was first (fault F47)."""
    try:
        desk.ledger.record(change)
    except ForbiddenChange as problem:
        if problem.rule != "already_decided":
            raise
        with desk.store.read() as c:
            row = posts.shown(c, post) or {}
        at = row.get("reviewed_at")
        raise StaleVersion("", by=row.get("reviewed_by") or "", at=face(at) if at else "") from problem


@router.post("/queue/{post}/undo/decision")
def undo(request: Request, post: str, sent: ReviewerForm) -> Response:
    """Takes back the own, fresh decision: the post returns to the queue, and the ledger keeps both steps."""
    desk = desk_of(request)
    change = Change(
        act=Act.HOLD, at=desk.now(), reason=desk.words["decisions"]["undo"]["reason"], actor=sent.person.name,
        data={"post": post},
    )  # fmt: skip
    desk.ledger.record(change)
    return RedirectResponse("/queue?done=undo", status_code=303)
