"""复查: this month's draw for a second person, who is not told what the first one said. Decides nothing.

Who decided first does not get the post; the figures say how often people and machine differed, and name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.ledger import recheck as acts
from monitor.store import recheck
from monitor.web.desk import desk_of
from monitor.web.recall import wilson
from monitor.web.sessions import Reviewer, ReviewerForm

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
FEW = 10  # sure answers, below which no share is told


@dataclass(frozen=True, slots=True)
class Figure:
    """One group of a month. `share`: of the sure answers, those that side with the machine; bounds of 95 %."""

    group: str
    counted: recheck.Counted
    share: float | None
    lo: float
    hi: float


def figures(told: Sequence[recheck.Told], drawn: Sequence[dict[str, Any]]) -> list[Figure]:
    """For the page and the situation page; no share where fewer than FEW answers are sure."""
    found = []
    for group in recheck.GROUPS:
        counted = recheck.counted(told, group, sum(row["group"] == group for row in drawn))
        sure = counted.with_machine + counted.with_person
        bounds = wilson(counted.with_machine, sure) if sure else (0.0, 1.0)
        found.append(Figure(group, counted, counted.with_machine / sure if sure >= FEW else None, *bounds))
    return found


@router.get("/recheck")
def page(request: Request, person: Reviewer) -> Response:
    """What waits for this person, the figures, and where two people differ."""
    desk, now = desk_of(request), desk_of(request).now()
    month = recheck.month_of(now)
    with desk.store.read() as c:
        drawn, told = recheck.drawn(c, now), recheck.answers(c, month)
        shown = figures(told, drawn)
    said = {one.post: one for one in told}
    waiting = [row for row in drawn if row["id"] not in said and row["first_by"] != person.name]
    waiting.sort(key=lambda row: str(row["id"]))  # mixed: the order shall not tell which group a post is of
    differ = [
        {**row, "answer": said[row["id"]].answer}
        for row in drawn
        if row["id"] in said and {row["first"], said[row["id"]].answer} == {recheck.YES, recheck.NO}
    ]
    own = sum(row["id"] not in said and row["first_by"] == person.name for row in drawn)
    return desk.page(
        request, "recheck.html", person, waiting=waiting, figures=shown, month=month, differ=differ, own=own,
        answers=recheck.ANSWERS, each=recheck.DRAWN,
    )  # fmt: skip


@router.post("/recheck")
def judge(request: Request, sent: ReviewerForm) -> Response:
    desk = desk_of(request)
    acts.judge(desk.ledger, sent.text("post", 64), sent.text("answer", 10), by=sent.person.name, at=desk.now())
    log.info("rechecked", user=sent.person.name)
    return RedirectResponse("/recheck?done=rechecked", status_code=303)
