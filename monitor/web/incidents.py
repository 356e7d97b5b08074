"""台账: the list of incidents and the page of one. Knows what is shown to whom; changes nothing (acts.py does)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from monitor.clocks import outer_limits
from monitor.digest.figures import local_day
from monitor.errors import StaleVersion
from monitor.ledger.behind import block, hints
from monitor.ledger.elsewhere import ACROSS
from monitor.ledger.rules import ALLOWED
from monitor.model import Act, IncidentState, Level
from monitor.store import incidents, looks, outbox, papers, posts
from monitor.store.closeout import closeout_of
from monitor.text import face, inert
from monitor.web import charts, closeout, excerpt, forecasts, looked, phones, present, sets, unmask
from monitor.web.access import HANDLER, Person, Right
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Exporter, Reader, TooOften
from monitor.web.sight import confines, seen, sees_signals, sees_text, visible, visible_incident

router = APIRouter()
Row = dict[str, Any]
log = structlog.get_logger("monitor.web.access")
PER_PAGE, LARGEST_EXPORT = 25, 50
OVER = ("dismissed", "merged")  # no clock of these runs, nor will again


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter of the list, as asked for in the address; unknown values mean "any"."""

    state: str
    level: str
    department: str
    town: str
    sector: str
    overdue: str
    q: str
    sort: str
    opened: str
    closed: str
    set: str  # behind a figure of the board

    def query(self) -> str:
        """As the beginning of an address's query, to which `page=` is added."""
        asked = {key: getattr(self, key) for key in self.__slots__ if getattr(self, key)}
        return f"{urlencode(asked)}&" if asked else ""


def _wanted(
    state: str = "open", level: str = "", department: str = "", town: str = "", sector: str = "", overdue: str = "",
    q: str = "", sort: str = "", opened: str = "", closed: str = "",
    counted: Annotated[str, Query(alias="set")] = "",
) -> Wanted:  # fmt: skip
    known = {"open", "all", *IncidentState}
    return Wanted(
        state=state if state in known else "open",
        level=level if level in set(Level) else "",
        department=department[:40],
        town=town[:40],
        sector=sector[:40],
        overdue="1" if overdue else "",
        q=q.strip()[:60],
        sort=sort if sort in incidents.SORTS else "",
        opened=opened if _span(opened) else "",
        closed=closed if _span(closed) else "",
        set=counted if sets.title(counted) else "",
    )


def _filter(desk: Desk, c: Any, person: Person, wanted: Wanted) -> incidents.Filter:
    """For the store; what the person is confined to holds beside whatever was asked for."""
    return incidents.Filter(
        state=None if wanted.state == "all" else wanted.state,
        level=wanted.level or None,
        department=wanted.department or None,
        town=wanted.town or None,
        sector=wanted.sector or None,
        overdue=desk.now() if wanted.overdue else None,
        text=wanted.q or None,
        opened=_span(wanted.opened),
        closed=_span(wanted.closed),
        ids=sets.ids_of(desk, c, person, wanted.set, desk.now()) if wanted.set else None,
        within=confines(desk, c, person),
    )


def _span(days: str) -> tuple[datetime, datetime] | None:
    """`2027-01-01..2027-01-31`, as a digest links its figures, midnight to midnight here; None for anything else."""
    first, _, last = days.partition("..")
    try:
        return local_day(date.fromisoformat(first))[0], local_day(date.fromisoformat(last))[1]
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------------ the list
@router.get("/incidents")
def listing(
    request: Request,
    person: Reader,
    wanted: Annotated[Wanted, Depends(_wanted)],
    page: int = 1,
) -> Response:
    desk = desk_of(request)
    _not_too_often(desk, person, wanted)
    with desk.store.read() as c:
        asked = _filter(desk, c, person, wanted)
        total = incidents.count(c, asked)
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(page, 1), pages)
        rows = incidents.listing(
            c, asked, sort=wanted.sort or "level", limit=PER_PAGE, offset=(page - 1) * PER_PAGE
        )  # fmt: skip
    return desk.page(
        request, "incidents.html", person, rows=visible(desk, person, rows), total=total, page=page, pages=pages,
        wanted=wanted, levels=[level.value for level in reversed(Level)], states=list(IncidentState),
        towns=[town for town in desk.config.county.towns if not person.only_towns or town in person.only_towns],
        sectors=desk.names.sectors, departments=desk.names.departments,
        may_export=person.may(Right.EXPORT), largest=LARGEST_EXPORT, set_title=sets.title(wanted.set),
    )  # fmt: skip


def _not_too_often(desk: Desk, person: Person, wanted: Wanted) -> None:
    wait = desk.searches.wait(person.name, desk.now().timestamp()) if wanted.q else 0
    if wait:
        raise TooOften(wait)


@router.get("/incidents.csv")
def export(request: Request, person: Exporter, wanted: Annotated[Wanted, Depends(_wanted)]) -> Response:
    """The visible rows, at most 50, marked with who took them; logged, for a list of cases is easily carried off."""
    desk = desk_of(request)
    wait = desk.exports.wait(person.name, desk.now().timestamp())
    if wait:
        raise TooOften(wait)
    with desk.store.read() as c:
        rows = incidents.listing(
            c, _filter(desk, c, person, wanted), sort=wanted.sort or "level", limit=LARGEST_EXPORT
        )  # fmt: skip
    rows = visible(desk, person, rows)
    log.info("exported", user=person.name, rows=len(rows))
    looked.note(desk, person, looks.EXPORT)
    name = quote(desk.words["export"]["name"])
    headers = {"content-disposition": f"attachment; filename=\"incidents.csv\"; filename*=UTF-8''{name}"}
    return Response(_csv(desk, person, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _csv(desk: Desk, person: Person, rows: list[dict[str, Any]]) -> str:
    says, words, names = desk.words["export"], desk.words, desk.names
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([says["mark"].format(who=person.name, at=face(desk.now()))])
    writer.writerow(says["columns"])
    for row in rows:
        facts = row["facts"]
        values = [
            row["id"], words["levels"][row["level"]]["name"], words["states"][row["state"]],
            words["verifications"][row["verification"]], row["title"], facts["employer"], facts["project"], row["town"],
            names.sector(row["sector"]), facts["workers"], facts["amount_yuan"], facts["months"],
            names.department(row["lead"]), "、".join(map(names.department, row["co"])), row["posts"],
            face(row["opened_at"]), face(row["due_at"]) if row["due_at"] else "", row["paid_workers"], row["paid_yuan"],
        ]  # fmt: skip
        writer.writerow([inert(value) for value in values])
    return "\ufeff" + out.getvalue()


# ------------------------------------------------------------------ one incident
@router.get("/incidents/{incident}")
def one(request: Request, incident: str, person: Reader) -> Response:
    return page_of(request, person, incident)


def page_of(
    request: Request,
    person: Person,
    incident: str,
    *,
    status: int = 200,
    refused: str = "",
    stale: StaleVersion | None = None,
    draft: present.Draft = present.NOTHING_WRITTEN,
) -> Response:
    """The incident's page; `refused`: why the act of `draft` was not done; `stale`: who was first."""
    desk = desk_of(request)
    with desk.store.read() as c:
        row = visible_incident(desk, c, person, incident)
        context = _around(desk, c, person, row)
    log.info("incident read", user=person.name, incident=incident)
    looked.note(desk, person, looks.CASE, incident)
    return desk.page(
        request, "incident.html", person, status=status, refused=refused, stale=stale, tried=draft.act, draft=draft,
        **context,
    )  # fmt: skip


def _around(desk: Desk, c: Any, person: Person, row: dict[str, Any]) -> dict[str, Any]:
    """Everything the page of an incident shows besides its row."""
    id_, now = row["id"], desk.now()
    history, facts = incidents.history(c, id_), present.facts_now(row["facts"])
    clocks, pauses = incidents.clocks_of(c, id_), incidents.pauses_of(c, id_)
    assignments = [given for given in incidents.assignments_of(c, id_) if given["state"] != "withdrawn"]
    with_text = sees_text(desk, person)
    told = incidents.posts_of(c, id_)
    observed = posts.observed(c, id_)
    files = incidents.files_of(c, id_)
    return {
        "row": row,
        "facts": facts,
        "complete": present.completeness(facts),
        "funds": _funds(desk, c, person, row, now) if with_text or person.whole else None,
        "hinted": _hints(desk, c, row, now) if sees_signals(desk, person, row) else None,
        "articles": [desk.ledger.matrix.cite(article) for article in row["route"].get("articles") or ()],
        "assignments": assignments,
        "clocks": clocks,
        "pauses": pauses,
        "limits": _limits(desk, row, assignments),
        "in_hand": row["state"] in incidents.OPEN_STATES,
        "running": present.running(() if row["state"] in OVER else (one for one in clocks if one["runs"]), now),
        "next": next_act(row, assignments, person.side if person.role == HANDLER else person.only_department),
        "phones": _phones(desk, c, row, now) if person.whole else [],
        "lists_page": person.may(Right.OPERATE),
        "reported": bool(papers.issued(c, id_)),
        "posts": [(post, excerpt.of_post(c, post)) for post in told] if with_text else [],
        "with_text": with_text,
        "spread": posts.spread(c, [id_]).get(id_),
        "spark": charts.spread(observed, now),
        "ahead": forecasts.of_incident(incidents.appeared(c, id_), observed, now),
        "history": list(reversed(history)),
        "messages": outbox.of_incident(c, id_) if person.whole else [],
        "files": files,
        "steps": closeout.steps(row, files, public=any(post["url"] for post in told)),
        "acts": allowed(person, row, clocks),
        "unmasked": unmask.open_now(c, person, history, now),
        "asked": unmask.waiting(history, now),
        "departments": desk.names.departments,
        "codes": desk.ledger.matrix.close_codes,
        "levels": [level.value for level in reversed(Level)],
        "towns": desk.config.county.towns,
        "sectors": desk.names.sectors,
        "own": person.side if person.role == HANDLER else person.department,
    }


def _funds(desk: Desk, c: Any, person: Person, row: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """可动用的钱 of a case in hand, beside the debts this person may see; none of a drill, whose debt is invented."""
    if row["state"] not in incidents.OPEN_STATES or row["closeout"].get("drill"):
        return None
    return block(
        c, row, register=desk.config.county.register, matrix=desk.ledger.matrix, calendar=desk.ledger.calendar, now=now,
        seen=seen(desk, person),
    )  # fmt: skip


def _hints(desk: Desk, c: Any, row: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """工资支付隐患 of the firms of a case in hand; none where no list is loaded, and none of a drill."""
    if row["state"] not in incidents.OPEN_STATES or row["closeout"].get("drill"):
        return None
    return hints(c, row, register=desk.config.county.register, now=now)


def _phones(desk: Desk, c: Any, row: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """电话通知: per department that must be called or has not signed, its people in order and what came of calls."""
    if row["state"] not in incidents.OPEN_STATES:
        return []
    waiting = [given["department"] for given in incidents.assignments_of(c, row["id"]) if given["state"] == "sent"]
    must = row["route"].get("notify_by_phone") or ()
    wanted = dict.fromkeys((*must, *waiting))
    duty = desk.ledger.duty(c, now).of_town(row["town"], must if row["life_risk"] else ())
    calls = row["closeout"].get("calls") or []
    return [
        {
            "department": one,
            "must": one in must,
            "people": phones.tree(duty, one),
            "calls": [call for call in calls if call["department"] == one],
        }
        for one in wanted
    ]


NEXT = {
    "held": Act.CONFIRM, "assigned": Act.ACKNOWLEDGE, "acknowledged": Act.ACCEPT, "paid": Act.CLOSE,
    "closing": Act.APPROVE, "closed": Act.LOOK_BACK,
}  # fmt: skip
UNKNOWN = ("unverified", "verifying")


def next_act(row: Mapping[str, Any], assignments: Sequence[Mapping[str, Any]], own: str | None = None) -> str:
    """The act that brings the case on from where it is; empty where nothing is left.

    `own`: the department of who asks, whose own letter counts before it is accepted; None: the office.
    """
    letters = [given["state"] for given in assignments if given["department"] == own]
    if letters and row["state"] in (IncidentState.ASSIGNED.value, IncidentState.ACKNOWLEDGED.value):
        return {"sent": Act.ACKNOWLEDGE.value, "acknowledged": Act.ACCEPT.value}.get(letters[-1], "")
    if any(given["state"] == "returned" for given in assignments):
        return Act.ARBITRATE.value
    if row["state"] == IncidentState.HANDLING.value:
        return (Act.VERIFY if row["verification"] in UNKNOWN else Act.PAY).value
    letter = closeout_of(row).get("referred")
    if letter:
        return (Act.CLOSE if letter.get("receipt") and letter["kind"] == ACROSS else Act.RECEIPT).value
    if row["close_code"] == "C5" and not row["closeout"].get("enforced"):
        return Act.ENFORCE.value
    found = NEXT.get(row["state"])
    return found.value if found else ""


def _limits(desk: Desk, row: Row, assignments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The outer limits of law beside the county's own clocks, each with what the ledger knows of its being met.

    None of a drill or of what is no case. `done` None: not yet, or (a press conference) registered nowhere.
    """
    if row["state"] in OVER or row["closeout"].get("drill"):
        return []
    accepted = [one["at"] for one in assignments if one["state"] in ("accepted", "done")]
    replied = (row["closeout"].get("reply") or {}).get("at")
    done = {
        "public_reply": datetime.fromisoformat(replied) if replied else None,
        "authoritative_info": datetime.fromisoformat(replied) if replied else None,
        "inspection_accept": min(accepted, default=None), "inspection_close": row["closed_at"],
        "petition_transfer": row["opened_at"] if row["state"] != "held" else None,
    }  # fmt: skip
    found = outer_limits(Level(row["level"]), row["opened_at"], calendar=desk.ledger.calendar)
    return [
        {"name": one.name, "due_at": one.due_at, "basis": one.basis, "done": done.get(one.name)}
        for one in sorted(found, key=lambda one: one.due_at)
    ]


def allowed(person: Person, row: Mapping[str, Any], clocks: Sequence[Row] = ()) -> set[str]:
    """The acts that this person may do in this state; a look-back that a clock asks for may always be answered."""
    state = IncidentState(row["state"])
    found = {act.value for act, states in ALLOWED.items() if state in states and person.may_act(act)}
    asked = any(one["name"].startswith("look_back_") and one["done_at"] is None for one in clocks)
    return found - (_out_of_place(row) - {Act.LOOK_BACK.value} if asked else _out_of_place(row))


def _out_of_place(row: Mapping[str, Any]) -> set[str]:
    """Acts that the state allows and the close-out code or the letter that is out does not."""
    closeout, code = closeout_of(row), row["close_code"]
    gone = set() if code == "C5" and not closeout.get("enforced") else {Act.ENFORCE.value}
    if code == "C9" or (code == "C5" and not closeout.get("enforced")):
        gone.add(Act.LOOK_BACK.value)
    if not closeout.get("payments"):
        gone.add(Act.REVERSE.value)
    letter = closeout.get("referred")
    if letter and not (letter.get("receipt") and letter["kind"] == ACROSS):
        gone.add(Act.CLOSE.value)
    return gone
