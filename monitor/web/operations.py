"""Running the house: health of the feeds, outbox, roster, the ledger's chain. Knows rows; polls and sends nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor import ledger_chain
from monitor.collect.coverage import Cell, coverage, says_no_incident
from monitor.collect.health import Alarm, examine_all
from monitor.collect.words import explain, remedy
from monitor.errors import InputError
from monitor.model import Feed
from monitor.store import feeds, ledger, outbox, shifts
from monitor.text import SHANGHAI
from monitor.web.access import Right
from monitor.web.desk import desk_of
from monitor.web.sessions import Auditor, Operator, OperatorForm

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
WEEK, SEEN = timedelta(days=7), timedelta(hours=24)
CHAIN_SHOWN = 60
WALKED_AT_ONCE = 5_000  # rows; about half a second


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
    alarms = {alarm.feed: alarm for alarm in examine_all(watched, states, new_at, now, lags=lags)}
    cells = coverage(watched, polls, now - SEEN, now)
    return desk.page(
        request, "feeds.html", person, lines=_lines(watched, states, alarms, polls, lags, now),
        alarms=list(alarms.values()), matrix=_matrix(cells), covered=says_no_incident(cells)[0],
        explain=explain, remedy=remedy,
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
def sent(request: Request, person: Operator) -> Response:
    desk = desk_of(request)
    with desk.store.read() as c:
        stuck, recent, depth = outbox.undelivered(c), outbox.recent(c, 60), outbox.depth(c)
    return desk.page(
        request, "outbox.html", person, stuck=stuck, recent=recent, depth=depth, may_retry=person.may(Right.RETRY)
    )  # fmt: skip


@router.post("/outbox/retry")
def retry(request: Request, sent: OperatorForm) -> Response:
    """Queues failed or held messages again; the same Message-ID goes out."""
    desk = desk_of(request)
    ids = [int(value) for value in sent.form.getlist("id") if isinstance(value, str) and value.isdigit()][:200]
    released = desk.store.unit(lambda c: outbox.release(c, ids, desk.now()))
    log.info("messages queued again", user=sent.person.name, ids=ids, released=released)
    return RedirectResponse("/outbox?done=retry", status_code=303)


# ------------------------------------------------------------------ roster
@router.get("/roster")
def roster(request: Request, person: Operator) -> Response:
    desk, now = desk_of(request), desk_of(request).now()
    with desk.store.read() as c:
        rows = shifts.between(c, now - timedelta(days=1), now + 2 * WEEK)
        on_duty = shifts.on_duty(c, now)
    office = desk.ledger.matrix.office
    return desk.page(
        request, "roster.html", person, rows=rows, on_duty=on_duty, office=office,
        gaps=gaps([row for row in rows if row["department"] == office], now, now + WEEK),
        contacts=desk.config.county.contacts, departments=desk.names.departments, may_change=person.may(Right.RETRY),
    )  # fmt: skip


def gaps(rows: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of start..end in which nobody is on duty."""
    found, at = [], start
    for row in sorted(rows, key=lambda row: row["starts_at"]):
        if row["starts_at"] > at:
            found.append((at, min(row["starts_at"], end)))
        at = max(at, row["ends_at"])
        if at >= end:
            return found
    return [*found, (at, end)] if at < end else found


@router.post("/roster")
def add_shift(request: Request, sent: OperatorForm) -> Response:
    desk = desk_of(request)
    says, name = desk.words["roster"], sent.text("name", 40)
    starts, ends = (_local(sent.text(key, 20)) for key in ("starts_at", "ends_at"))
    department = sent.text("department", 40)
    if not name or department not in desk.names.departments:
        raise InputError(says["name"])
    if starts is None or ends is None or not timedelta(0) < ends - starts <= 2 * WEEK:
        raise InputError(says["times"])
    row = {
        "department": department, "starts_at": starts, "ends_at": ends, "name": name,
        "mail": sent.text("mail", 100) or None, "phone": sent.text("phone", 30) or None, "note": sent.text("note", 200),
    }  # fmt: skip
    desk.store.unit(lambda c: shifts.add(c, [row]))
    log.info("shift entered", user=sent.person.name, department=department)
    return RedirectResponse("/roster?done=roster", status_code=303)


@router.post("/roster/remove")
def remove_shift(request: Request, sent: OperatorForm) -> Response:
    desk, number = desk_of(request), sent.text("id", 9)
    if number.isdigit():
        desk.store.unit(lambda c: shifts.remove(c, [int(number)]))
        log.info("shift removed", user=sent.person.name, shift=number)
    return RedirectResponse("/roster?done=roster", status_code=303)


def _local(text: str) -> datetime | None:
    """A form's datetime-local, which is Shanghai time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


# ------------------------------------------------------------------ the chain
@router.get("/audit")
def audit(request: Request, person: Auditor, verify: str = "") -> Response:
    """The newest rows of the ledger, and whether its chain is whole; a long one is walked when somebody asks."""
    desk = desk_of(request)
    with desk.store.read() as c:
        rows, length = ledger.recent(c, CHAIN_SHOWN), ledger.length(c)
        chain = ledger_chain.verify(c) if verify or length <= WALKED_AT_ONCE else None
    return desk.page(request, "audit.html", person, rows=rows, length=length, chain=chain)
