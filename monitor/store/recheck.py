"""复查: of a month, verdicts that people overruled and machine-opened cases nobody has looked into, drawn by chance.

Drawn the same on every machine and all month long (a hash of month and post); masked words only. Counts posts and
answers, never who decided: no reviewer is scored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from monitor.store import ledger
from monitor.store.incidents import real
from monitor.store.posts import SHOWN
from monitor.store.schema import incidents, posts
from monitor.text import face

Row = dict[str, Any]
OVERRULED, UNSEEN = "overruled", "unseen"
GROUPS = (OVERRULED, UNSEEN)
DRAWN = 20  # of each group and month
WINDOW = timedelta(days=30)  # as long as what was dismissed is kept (retention.REJECTED)
YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS = (YES, NO, UNSURE)  # whether the post tells of wages that are owed


@dataclass(frozen=True, slots=True)
class Told:
    """One answer as the ledger has it. `first`: what the first person said (yes, no), empty where nobody had."""

    post: str
    group: str
    machine: str
    first: str
    answer: str


def month_of(now: datetime) -> str:
    """The local month whose draw is open."""
    return face(now)[:7]


def drawn(c: Connection, now: datetime) -> list[Row]:
    """This month's draw, masked, each with `group`, `first` and `first_by`."""
    found = []
    for group in GROUPS:
        rows = sorted(_candidates(c, group, now), key=lambda row: _lot(month_of(now), row["id"]))
        found += [{**row, "group": group} for row in rows[:DRAWN]]
    return found


def answers(c: Connection, month: str) -> list[Told]:
    """What second persons said of a month's draw; the last answer on a post counts."""
    said = {
        given["post"]: Told(given["post"], given["group"], given["machine"], given["first"], given["answer"])
        for _, given in ledger.inputs(c, "recheck")
        if given.get("month") == month
    }
    return list(said.values())


def _candidates(c: Connection, group: str, now: datetime) -> Iterator[Row]:
    """Posts of the last thirty days of one group, with what the first person said and who that was."""
    given_up = and_(incidents.c.state == "dismissed", real(incidents.c.id))
    alert = posts.c.flag == "alert"
    which = {
        OVERRULED: or_(
            and_(alert, or_(posts.c.review == "dismissed", given_up)),
            and_(posts.c.flag == "pass", posts.c.review == "confirmed"),
        ),
        UNSEEN: and_(
            alert, posts.c.review.is_(None), incidents.c.state == "assigned", real(incidents.c.id),
            incidents.c.verification == "unverified",
        ),
    }[group]  # fmt: skip
    query = (
        select(*SHOWN, incidents.c.state.label("case_state"))
        .select_from(posts.outerjoin(incidents, incidents.c.id == posts.c.incident))
        .where(posts.c.recorded_at >= now - WINDOW, posts.c.masked_text != "", which)
    )
    for found in c.execute(query).mappings():
        row = dict(found)
        said = row["review"] if row["review"] in ("confirmed", "dismissed") else ""
        by = row["reviewed_by"]
        if not said and row["case_state"] == "dismissed":
            said, by = "dismissed", _who_dismissed(c, row["incident"])
        yield {**row, "first": {"confirmed": YES, "dismissed": NO}.get(said, ""), "first_by": by}


def _who_dismissed(c: Connection, incident: str) -> str | None:
    acts = [row for row in ledger.rows(c, incident) if row["act"] == "dismiss"]
    return str(acts[-1]["actor"]) if acts else None


def _lot(month: str, post: str) -> bytes:
    return hashlib.sha256(f"{month}\x00{post}".encode("utf-8", "replace")).digest()


@dataclass(frozen=True, slots=True)
class Counted:
    """Of a month: how many were answered, and how the second person saw them."""

    drawn: int
    answered: int
    with_person: int  # the second person says what the first said
    with_machine: int
    unsure: int


def counted(told: Sequence[Told], group: str, of: int) -> Counted:
    """`of`: how many were drawn. A machine's alert says yes, its pass says no."""
    mine = [one for one in told if one.group == group]
    sure = [one for one in mine if one.answer != UNSURE]
    machine = sum(one.answer == (YES if one.machine == "alert" else NO) for one in sure)
    return Counted(max(of, len(mine)), len(mine), len(sure) - machine, machine, len(mine) - len(sure))
