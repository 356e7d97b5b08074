"""Incidents with their assignments, clocks, pauses and a person's corrections. Knows their tables; decides nothing.

Rows are dictionaries with the columns of the schema; only monitor.ledger writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from monitor.store.done import detail
from monitor.store.parts import among, parts
from monitor.store.schema import assignments, clocks, files, incidents, ledger, links, pauses, posts

Row = dict[str, Any]
Span = tuple[datetime, datetime]  # from (inclusive) to (exclusive)
OPEN_STATES = ("held", "assigned", "acknowledged", "handling", "paid", "referred", "closing")
RANK = case({"red": 3, "orange": 2, "yellow": 1}, value=incidents.c.level, else_=0)
OWN = "QX-"  # numbers of the ledger's own incidents
FIRST = "first number:"  # in `done`: from where numbers count on after a restore (store.ahead)
AWAY_CLOCKS = ("receipt", "answer")  # of what was sent to another county or handed up
ASKED = timedelta(days=7)  # how long before its end the enforcement of a case closed as C5 is asked for
DRILL = "YL-"  # how the number of an invented incident begins
SORTS = ("level", "due", "opened", "updated")  # what `listing` can be ordered by


def real(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a column that holds an incident's number is not that of a drill: no figure counts what was invented."""
    return or_(column.is_(None), column.not_like(f"{DRILL}%"))


def counting() -> ColumnElement[bool]:
    """Whether a clock runs: of a case that a person paused, or that was sent elsewhere, only its letter's clocks do.

    The one rule of what stands still, for every figure, list, page, paper and note: a clock is late when it runs, is
    not done, and its time is over. Asked of `clocks` joined with `incidents`.
    """
    running = and_(incidents.c.state != "referred", clocks.c.incident.not_in(_paused()))
    return or_(clocks.c.name.in_(AWAY_CLOCKS), running)


def paused() -> ColumnElement[bool]:
    """Whether an incident's clocks stand still, as a column `paused` of its row."""
    return incidents.c.id.in_(_paused()).label("paused")


def _paused() -> Select[tuple[str]]:
    """Numbers of the cases that stand still now: few, and asked for once a statement."""
    return select(pauses.c.incident).where(pauses.c.ended_at.is_(None))


def late(clock: Mapping[str, Any], now: datetime) -> bool:
    """Whether a clock, as `clocks_of` gives it, is late: the same as a figure counts."""
    return bool(clock["runs"] and clock["done_at"] is None and clock["due_at"] < now)


def drills(c: Connection, limit: int = 50) -> list[Row]:
    """Invented incidents, the newest first."""
    query = select(incidents).where(incidents.c.id.like(f"{DRILL}%")).order_by(incidents.c.opened_at.desc())
    return [dict(row) for row in c.execute(query.limit(limit)).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What somebody is confined to, whatever else is asked for. `hidden`: never these; `texts`: may search in posts."""

    department: str | None = None  # lead or co-handler
    towns: frozenset[str] = frozenset()  # empty: any; a case without a town is in none
    hidden: frozenset[str] = frozenset()
    texts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which incidents a list shows or a figure counts; what is left out narrows nothing.

    `state`: one, several, or "open" for all that are in hand. `department`: lead or co-handler. `overdue`: those with a
    clock that ran out before this moment. `opened`, `closed`: in that span; merged and dismissed ones are left out.
    `text`: in number, title, names or masked posts. `ids`: only these, whatever else they are; without, no drills.
    `within`: what the asker is confined to.
    """

    state: str | Collection[str] | None = None
    level: str | None = None
    department: str | None = None
    town: str | None = None
    sector: str | None = None
    overdue: datetime | None = None
    text: str | None = None
    opened: Span | None = None
    closed: Span | None = None
    ids: Collection[str] | None = None
    within: Within | None = None


ALL = Filter()


# ------------------------------------------------------------------ reading
def listing(c: Connection, only: Filter = ALL, *, sort: str = "level", limit: int = 50, offset: int = 0) -> list[Row]:
    """Incidents, highest level first, then newest; each row also has `due_at`, its next clock that runs, and `paused`.

    `sort`: one of SORTS; "due" puts the next deadline first, "opened" and "updated" the newest.
    """
    undone = select(func.min(clocks.c.due_at)).where(
        clocks.c.incident == incidents.c.id, clocks.c.done_at.is_(None), counting()
    )
    due = undone.scalar_subquery()
    query = _narrow(c, select(incidents, due.label("due_at"), paused()), only)
    first: dict[str, tuple[ColumnElement[Any], ...]] = {
        "due": (due.is_(None), due),
        "opened": (incidents.c.opened_at.desc(),),
        "updated": (incidents.c.updated_at.desc(),),
    }
    query = query.order_by(*first.get(sort, ()), RANK.desc(), incidents.c.opened_at.desc(), incidents.c.id.desc())
    return [dict(row) for row in c.execute(query.limit(limit).offset(offset)).mappings()]


def count(c: Connection, only: Filter = ALL) -> int:
    """How many incidents `listing` would go through with the same filter."""
    return int(c.execute(_narrow(c, select(func.count()).select_from(incidents), only)).scalar_one())


def one(c: Connection, incident: str) -> Row | None:
    """The incident's row, with `due_at` of its next clock that runs."""
    row = c.execute(select(incidents).where(incidents.c.id == incident)).mappings().first()
    if row is None:
        return None
    undone = [clock["due_at"] for clock in clocks_of(c, incident) if clock["runs"] and clock["done_at"] is None]
    return {**row, "due_at": min(undone, default=None)}


def many(c: Connection, ids: Collection[str]) -> dict[str, Row]:
    """Rows by id."""
    rows = c.execute(select(incidents).where(incidents.c.id.in_(list(ids)))).mappings()
    return {row["id"]: dict(row) for row in rows}


def merged_into(c: Connection, ids: Collection[str]) -> list[Row]:
    """The incidents that were merged into any of these."""
    query = select(incidents).where(incidents.c.merged_into.in_(list(ids)))
    return [dict(row) for row in c.execute(query).mappings()]


def posts_of(c: Connection, incident: str, limit: int = 200) -> list[Row]:
    """The incident's posts, masked, oldest first."""
    shown = [column for column in posts.c if column.name not in ("text", "title", "author_code")]
    order = func.coalesce(posts.c.published_at, posts.c.recorded_at)
    query = select(*shown).where(posts.c.incident == incident).order_by(order, posts.c.id).limit(limit)
    return [dict(row) for row in c.execute(query).mappings()]


def appeared(c: Connection, incident: str) -> list[tuple[str, datetime]]:
    """(post, when it was published, or seen first where that is earlier or all that is known) of an incident."""
    query = select(posts.c.id, posts.c.published_at, posts.c.recorded_at).where(posts.c.incident == incident)
    return [(post, min(published or recorded, recorded)) for post, published, recorded in c.execute(query)]


def history(c: Connection, incident: str) -> list[Row]:
    """The incident's ledger rows, oldest first."""
    query = select(ledger).where(ledger.c.incident == incident).order_by(ledger.c.seq)
    return [dict(row) for row in c.execute(query).mappings()]


def assignments_of(c: Connection, incident: str) -> list[Row]:
    """Everybody who was given the incident, oldest first, former leads included."""
    query = select(assignments).where(assignments.c.incident == incident).order_by(assignments.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def clocks_of(c: Connection, incident: str) -> list[Row]:
    """The incident's clocks, the next due first; `runs`: whether it counts now (see `counting`)."""
    return clocks_in(c, [incident]).get(incident, [])


def clocks_in(c: Connection, ids: Sequence[str]) -> dict[str, list[Row]]:
    """`clocks_of` for many incidents."""
    found: dict[str, list[Row]] = {}
    every = select(clocks, counting().label("runs")).join(incidents, incidents.c.id == clocks.c.incident)
    for part in parts(ids):
        query = every.where(clocks.c.incident.in_(part)).order_by(clocks.c.due_at, clocks.c.name)
        for row in c.execute(query).mappings():
            found.setdefault(row["incident"], []).append(dict(row))
    return found


def pauses_of(c: Connection, incident: str) -> list[Row]:
    """Every pause of the incident's clocks, oldest first."""
    query = select(pauses).where(pauses.c.incident == incident).order_by(pauses.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def files_of(c: Connection, incident: str) -> list[Row]:
    """The proofs filed with an incident, without their bodies."""
    shown = [column for column in files.c if column.name != "body"]
    query = select(*shown).where(files.c.incident == incident).order_by(files.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def links_of(c: Connection, ids: Collection[str]) -> list[Row]:
    """A person's corrections that touch any of these posts."""
    wanted = list(ids)
    query = select(links).where(or_(links.c.a.in_(wanted), links.c.b.in_(wanted)))
    return [dict(row) for row in c.execute(query).mappings()]


def any_links(c: Connection) -> bool:
    """Whether a person has ever corrected a placement."""
    return c.execute(select(links.c.a).limit(1)).first() is not None


def steps_due(c: Connection, now: datetime, limit: int = 500) -> list[Row]:
    """Undone clocks whose next reminder or escalation is due, of incidents in hand; red first, then the longest due."""
    looked_at = (*OPEN_STATES, "closed")  # a closed one still owes its look-backs
    query = (
        select(clocks)
        .join(incidents, incidents.c.id == clocks.c.incident)
        .where(clocks.c.done_at.is_(None), clocks.c.next_step_at <= now, incidents.c.state.in_(looked_at))
        .order_by(RANK.desc(), clocks.c.next_step_at)
        .limit(limit)
    )
    return [dict(row) for row in c.execute(query).mappings()]


def closed_without_look_back(c: Connection, now: datetime, limit: int = 500) -> list[Row]:
    """Look-backs (回头看) that have been asked for and not been answered, the longest due first.

    Per row: id, title, level, lead, closed_at, `clock`, `day` (7 or 30; None: the enforcement of a C5, asked for in its
    last week), `asked_at`, `due_at`, `late`: whether it ran out.
    """
    i, k = incidents.c, clocks.c
    query = (
        select(
            i.id, i.title, i.level, i.lead, i.co, i.facts, i.town, i.route, i.closed_at, k.name, k.started_at, k.due_at
        )
        .join(clocks, k.incident == i.id)
        .where(i.state == "closed", real(i.id), k.done_at.is_(None), k.started_at <= now)
        .where(or_(k.name.like("look_back_%"), and_(k.name == "enforcement", k.due_at <= now + ASKED)))
        .order_by(k.due_at, i.id)
        .limit(limit)
    )
    return [_look_back(dict(row), now) for row in c.execute(query).mappings()]


def _look_back(row: Row, now: datetime) -> Row:
    row["clock"] = row.pop("name")
    row["day"] = int(row["clock"].rsplit("_", 1)[1]) if row["clock"].startswith("look_back_") else None
    row["asked_at"] = row.pop("started_at")
    return {**row, "late": row["due_at"] <= now}


def next_number(c: Connection, year: int, prefix: str = OWN) -> int:
    """The first free number of a year's incidents, or of its drills."""
    query = select(incidents.c.id).where(incidents.c.id.like(f"{prefix}{year}-%"))
    last = c.execute(query.order_by(func.length(incidents.c.id).desc(), incidents.c.id.desc()).limit(1)).scalar()
    free = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return max(free, int(detail(c, first_number(prefix, year)) or 1))


def first_number(prefix: str, year: int) -> str:
    """Under what it is noted from where a year's numbers count on after a restore."""
    return f"{FIRST}{prefix}{year}"


# ------------------------------------------------------------------ writing: monitor.ledger only
def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores new incidents."""
    if rows:
        c.execute(insert(incidents), list(rows))


def change(c: Connection, incident: str, seen: int, values: Mapping[str, Any]) -> bool:
    """Writes the next version over version `seen`; False when somebody was first."""
    query = update(incidents).where(incidents.c.id == incident, incidents.c.version == seen)
    return c.execute(query.values(**values)).rowcount == 1


def put_clocks(c: Connection, incident: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replaces the incident's clocks."""
    c.execute(delete(clocks).where(clocks.c.incident == incident))
    if rows:
        c.execute(insert(clocks), [{**row, "incident": incident} for row in rows])


def put_assignments(c: Connection, incident: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds assignments without an id and updates those that have one; none is ever removed."""
    for row in rows:
        values = {key: value for key, value in row.items() if key != "id"}
        if row.get("id") is None:
            c.execute(insert(assignments).values(**{**values, "incident": incident}))
        else:
            c.execute(update(assignments).where(assignments.c.id == row["id"]).values(**values))


def put_pause(c: Connection, incident: str, at: datetime, reason: str) -> None:
    """Begins a pause."""
    c.execute(insert(pauses).values(incident=incident, started_at=at, reason=reason))


def end_pause(c: Connection, incident: str, at: datetime) -> None:
    """Ends the running pause."""
    c.execute(update(pauses).where(pauses.c.incident == incident, pauses.c.ended_at.is_(None)).values(ended_at=at))


def put_link(c: Connection, a: str, b: str, *, must: bool, by: str, at: datetime, reason: str) -> None:
    """Keeps a person's word that two posts speak of the same debt, or that they do not; the last word stands."""
    first, second = sorted((a, b))
    c.execute(delete(links).where(links.c.a == first, links.c.b == second))
    c.execute(insert(links).values(a=first, b=second, must=must, by=by, at=at, reason=reason))


def put_file(c: Connection, **values: Any) -> int:
    """Files a proof; returns its number."""
    return int(c.execute(insert(files).values(**values).returning(files.c.id)).scalar_one())


def file_hashes(c: Connection) -> dict[int, str]:
    """The SHA-256 of every filed proof as its row states it."""
    rows = c.execute(select(files.c.id, files.c.sha256)).mappings()
    return {row["id"]: row["sha256"] for row in rows}


def file_body(c: Connection, file: int) -> Row | None:
    """A filed proof with its body."""
    row = c.execute(select(files).where(files.c.id == file)).mappings().first()
    return dict(row) if row else None


def _narrow(c: Connection, query: Select[Any], only: Filter) -> Select[Any]:
    i = incidents.c
    if only.within is not None:
        query = _confined(c, query, only.within)
    query = query.where(real(i.id)) if only.ids is None else query.where(among(c, i.id, only.ids))
    if only.state == "open":
        query = query.where(i.state.in_(OPEN_STATES))
    elif only.state:
        query = query.where(i.state.in_([only.state] if isinstance(only.state, str) else list(only.state)))
    for column, wanted in ((i.level, only.level), (i.town, only.town), (i.sector, only.sector)):
        if wanted:
            query = query.where(column == wanted)
    if only.department:
        query = query.where(_of(only.department))
    if only.overdue is not None:
        late = exists().where(clocks.c.incident == i.id, clocks.c.done_at.is_(None), clocks.c.due_at < only.overdue)
        late = late.where(counting())
        query = query.where(late, i.state.in_(OPEN_STATES))
    for moment, span in ((i.opened_at, only.opened), (i.closed_at, only.closed)):
        if span:
            query = query.where(moment >= span[0], moment < span[1], i.state.not_in(("merged", "dismissed")))
    if not only.text or not only.text.strip():
        return query
    return query.where(_says(only.text, posts_too=only.within is None or only.within.texts))


def _of(department: str) -> ColumnElement[bool]:
    """Whether a department leads an incident or has it in hand beside the lead."""
    held = exists().where(
        assignments.c.incident == incidents.c.id,
        assignments.c.department == department,
        assignments.c.state.not_in(("withdrawn", "returned")),
    )
    return or_(incidents.c.lead == department, held)


def _confined(c: Connection, query: Select[Any], within: Within) -> Select[Any]:
    if within.department is not None:
        query = query.where(_of(within.department))
    if within.towns:
        query = query.where(incidents.c.town.in_(sorted(within.towns)))
    return query.where(not_(among(c, incidents.c.id, within.hidden))) if within.hidden else query


def _says(words: str, *, posts_too: bool = True) -> ColumnElement[bool]:
    """A literal search; % and _ of the asker mean themselves."""
    escaped = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{escaped}%"
    return or_(
        incidents.c.id.ilike(like, escape="\\"),
        incidents.c.title.ilike(like, escape="\\"),
        incidents.c.town.ilike(like, escape="\\"),
        *([exists().where(posts.c.incident == incidents.c.id, posts.c.masked_text.ilike(like, escape="\\"))]
          if posts_too else []),
    )  # fmt: skip
