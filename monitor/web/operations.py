"""Running the house: health of the feeds, outbox. Knows rows; polls and sends nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.collect.coverage import Cell, coverage, says_no_incident
from monitor.collect.health import Alarm, examine_all
from monitor.collect.words import explain, remedy
from monitor.config import LOW_DISK
from monitor.model import Feed
from monitor.store import feeds, outbox
from monitor.text import face
from monitor.web.access import Right
from monitor.web.desk import desk_of
from monitor.web.sessions import Operator, OperatorForm, number_of

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
WEEK, SEEN = timedelta(days=7), timedelta(hours=24)
SHOWN = 60  # rows of a log on one page


# ------------------------------------------------------------------ feeds
@router.get("/feeds")
def feed_health(request: Request, person: Operator) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    watched = desk.config.feeds
    with desk.store.read() as c:
        states = feeds.states(c)
        new_at = feeds.new_at(c, now - 8 * WEEK)
        lags = feeds.lags(c, now - WEEK)
        polls = feeds.polls_between(c, now - WEEK, now + timedelta(seconds=1))
        since, yields = feeds.watched_since(c), feeds.yields(c, now - WEEK)
    judged = examine_all(watched, states, new_at, now, watched_since=since, lags=lags, yields=yields)
    alarms = {alarm.feed: alarm for alarm in judged}
    cells = coverage(watched, polls, now - SEEN, now)
    return desk.page(
        request, "feeds.html", person, lines=_lines(watched, states, alarms, polls, lags, now),
        alarms=list(alarms.values()), matrix=_matrix(cells), covered=says_no_incident(cells)[0],
        explain=explain, remedy=remedy, matrix_fault=desk.ledger.matrix_fault, in_force=desk.ledger.matrix.version,
        unheeded=desk.unheeded, free=free if (free := desk.config.settings.free()) < LOW_DISK else None,
    )  # fmt: skip


def _lines(
    watched: Sequence[Feed], states: Mapping[str, feeds.FeedState], alarms: Mapping[str, Alarm],
    polls: Sequence[feeds.Poll], lags: Mapping[str, timedelta], now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """One line a feed, those with an alarm first."""
    day: dict[str, list[feeds.Poll]] = defaultdict(list)
    for poll in polls:
        if poll.at >= now - SEEN:
            day[poll.feed].append(poll)
    week: dict[str, int] = defaultdict(int)
    for poll in polls:
        week[poll.feed] += poll.new
    lines = [
        {
            "feed": feed, "state": states.get(feed.name), "alarm": alarms.get(feed.name), "lag": lags.get(feed.name),
            "polls": len(day[feed.name]), "new_day": sum(poll.new for poll in day[feed.name]),
            "new_week": week[feed.name],
            "good": sum(poll.outcome in ("ok", "not_modified") for poll in day[feed.name]),
        }
        for feed in watched
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line["alarm"] is None, line["feed"].name))


def _matrix(cells: Sequence[Cell]) -> dict[str, Any]:
    """Coverage as a table: platforms down, the last 24 hours across."""
    hours = sorted({cell.hour for cell in cells})
    rows: dict[str, dict[datetime, Cell]] = defaultdict(dict)
    for cell in cells:
        rows[cell.platform][cell.hour] = cell
    return {"hours": hours, "rows": {name: [row.get(hour) for hour in hours] for name, row in sorted(rows.items())}}


# ------------------------------------------------------------------ outbox
@router.get("/outbox")
def sent(request: Request, person: Operator, before: str = "") -> Response:
    desk, below = desk_of(request), number_of(before)
    with desk.store.read() as c:
        stuck, depth = outbox.undelivered(c), outbox.depth(c)
        recent = outbox.recent(c, SHOWN + 1, before=below)
    return desk.page(
        request, "outbox.html", person, stuck=_notices(stuck), recent=_notices(recent[:SHOWN]), depth=depth,
        newest=below is None, older=_older(recent, "id"), may_retry=person.may(Right.RETRY),
    )  # fmt: skip


def _notices(messages: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Messages side by side that tell of one case on one occasion: ten departments are one line, not ten."""
    same = itemgetter("level", "incident", "occasion", "created_at")
    return [list(told) for _, told in groupby(messages, key=same)]


def _older(rows: Sequence[Mapping[str, Any]], number: str) -> int | None:
    """What the next page begins below; None where this one is the last. `rows`: one more than are shown."""
    return int(rows[SHOWN - 1][number]) if len(rows) > SHOWN else None


@router.post("/outbox/retry")
def retry(request: Request, sent: OperatorForm) -> Response:
    """Queues failed or held messages again; the same Message-ID goes out."""
    desk = desk_of(request)
    ids = sent.numbers("id")[:200]
    released = desk.store.unit(lambda c: outbox.release(c, ids, desk.now()))
    log.info("messages queued again", user=sent.person.name, ids=ids, released=released)
    return RedirectResponse("/outbox?done=retry", status_code=303)


@router.post("/outbox/told")
def told(request: Request, sent: OperatorForm) -> Response:
    """A person has told the recipients in another way; who says so stays with the message."""
    desk = desk_of(request)
    ids = sent.numbers("id")[:200]
    how = desk.words["told_otherwise"].format(by=sent.person.name, at=face(desk.now()))
    settled = desk.store.unit(lambda c: outbox.settle(c, ids, how))
    log.info("messages told in another way", user=sent.person.name, ids=ids, settled=settled)
    return RedirectResponse("/outbox?done=told", status_code=303)
