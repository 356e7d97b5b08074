"""One incident in the hands of the ledger: loaded, changed, written back with what exactly changed.

Knows the rows of the store and the merging of facts; which change is allowed stands in rules, what it does in
acts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.ledger.elsewhere import AWAY_CLOCKS
from monitor.ledger.standing import Standing, catalogue
from monitor.model import Clock, Engagement, Facts, Incident, IncidentState, Level, Route, Verification
from monitor.store import incidents, posts
from monitor.store.closeout import Closeout, Payment, closeout_of
from monitor.store.codec import facts_from, facts_json, incident_from, route_from
from monitor.store.ledger import plain

Row = dict[str, Any]
CLOCK_KEYS = ("name", "started_at", "due_at", "done_at", "basis", "skipped", "escalation", "next_step_at")


@dataclass(slots=True)
class Case:
    """The working copy. `row`, `assignments`, `clocks` are the store's; `before` is how they were."""

    row: Row
    assignments: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    pauses: list[Row] = field(default_factory=list)
    new: bool = False
    before: Row = field(default_factory=dict)
    spread: Engagement | None = None  # summed over the posts; read when first asked for
    accounts: set[str | None] | None = None  # codes of the accounts that speak of it

    @classmethod
    def load(cls, c: Connection, incident: str) -> Case | None:
        """The incident as stored."""
        found = incidents.many(c, [incident]).get(incident)
        if found is None:
            return None
        case = cls(
            found,
            incidents.assignments_of(c, incident),
            [_clock_row(row) for row in incidents.clocks_of(c, incident)],
            incidents.pauses_of(c, incident),
        )
        case.before = case.snapshot()
        return case

    # -------------------------------------------------------------- views
    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def state(self) -> IncidentState:
        return IncidentState(self.row["state"])

    @property
    def level(self) -> Level:
        return Level(self.row["level"])

    @property
    def facts(self) -> Facts:
        return facts_from(self.row["facts"])

    @property
    def route(self) -> Route:
        return route_from(self.row["route"])

    @property
    def closeout(self) -> Closeout:
        """A copy to change and put back."""
        return copy.deepcopy(closeout_of(self.row))

    @property
    def paused(self) -> bool:
        return any(pause["ended_at"] is None for pause in self.pauses)

    def end_pause(self, c: Connection, at: datetime) -> None:
        """Ends a running pause, if there is one; the clocks are left as they are."""
        if self.paused:
            incidents.end_pause(c, self.id, at)
            self.pauses = incidents.pauses_of(c, self.id)

    def count_payment(self, closeout: Closeout, paid: Payment) -> None:
        """Adds a payment to `closeout` (a copy, to be put back) and to what is paid."""
        closeout["payments"] = [*(closeout.get("payments") or ()), paid]
        self.row["paid_yuan"] += paid["yuan"]
        self.row["paid_workers"] += paid["workers"]

    def incident(self) -> Incident:
        return incident_from(self.row)

    def clock_list(self, *, running: bool = False) -> tuple[Clock, ...]:
        """The clocks; with `running` without those that stand still (as store.incidents.counting has it)."""
        keys = ("name", "started_at", "due_at", "done_at", "basis")
        still = running and (self.paused or self.state is IncidentState.REFERRED)
        return tuple(
            Clock(**{key: row[key] for key in keys}, skipped=tuple(row["skipped"])) for row in self.clocks
            if not still or row["name"] in AWAY_CLOCKS
        )  # fmt: skip

    def lead_row(self) -> Row | None:
        """The present lead's assignment, returned ones included."""
        leads = [row for row in self.assignments if row["role"] == "lead"]
        return leads[-1] if leads else None

    def standing(self, c: Connection, **known: Any) -> Standing:
        """What the rules look at; `known`: what no case knows by itself (returned_late, departments, accused)."""
        shown = [] if self.new else incidents.posts_of(c, self.id, limit=100_000)
        filed = [] if self.new else incidents.files_of(c, self.id)
        return Standing(
            id=self.id,
            state=self.state,
            level=self.level,
            verification=Verification(self.row["verification"]),
            facts=self.facts,
            lead=self.row["lead"],
            assignments=self.assignments,
            closeout=self.row["closeout"],
            paid_yuan=self.row["paid_yuan"],
            paid_workers=self.row["paid_workers"],
            public=any(post["url"] for post in shown),
            paused=self.paused,
            posts=[post["id"] for post in shown],
            closed_at=self.row["closed_at"],
            proofs=frozenset(file["id"] for file in filed if file["purpose"] == "payment"),
            **known,
        )

    def reach(self, c: Connection) -> Engagement:
        """How far all its posts have gone together."""
        if self.spread is None:
            self.spread = posts.spread(c, [self.id]).get(self.id, Engagement()) if not self.new else Engagement()
        return self.spread

    def saw(self, c: Connection, seen: Engagement | None) -> None:
        """Adds how far one more post has gone."""
        if seen is not None:
            old = self.reach(c)
            keys = ("views", "likes", "comments", "reposts")
            self.spread = Engagement(*(_sum(getattr(old, key), getattr(seen, key)) for key in keys))

    # -------------------------------------------------------------- writing
    def set_clocks(self, clocks: tuple[Clock, ...], steps: Mapping[str, datetime | None]) -> None:
        """Replaces the clocks; `steps`: when the next reminder of each is due."""
        self.clocks = [clock_row(clock, steps.get(clock.name)) for clock in clocks]

    def begin(self, clock: Clock, next_step: datetime | None) -> None:
        """Starts (or starts again) one clock outside the level's set."""
        self.clocks = [row for row in self.clocks if row["name"] != clock.name]
        self.clocks.append(clock_row(clock, next_step))

    def clock(self, name: str) -> Row | None:
        return next((row for row in self.clocks if row["name"] == name), None)

    def stop(self, at: datetime, *names: str) -> None:
        """Marks clocks as done; without names, all that run."""
        for row in self.clocks:
            if row["done_at"] is None and (not names or row["name"] in names):
                row["done_at"], row["next_step_at"] = at, None

    def assign(self, department: str, role: str, at: datetime, *, hop: int = 0, note: str = "") -> None:
        """Gives the incident to a department."""
        row = {"department": department, "role": role, "state": "sent", "at": at, "hop": hop, "note": note}
        self.assignments.append({"id": None, "incident": self.id, **row})

    def withdraw(self, at: datetime, department: str | None = None, role: str | None = None) -> None:
        """Takes running assignments back: of one department, of one role, or all."""
        for row in self.assignments:
            running = row["state"] not in ("withdrawn", "returned", "done")
            if running and department in (None, row["department"]) and role in (None, row["role"]):
                row["state"], row["at"] = "withdrawn", at

    def snapshot(self) -> Row:
        """Everything the ledger can rebuild, as plain JSON."""
        assignments = [{key: value for key, value in row.items() if key != "id"} for row in self.assignments]
        kept = {"incident": self.row, "assignments": assignments, "clocks": self.clocks, "pauses": self.pauses}
        copied: Row = plain(kept)
        return copied

    def difference(self) -> Row:
        """What changed since it was loaded or last written, in the ledger's words."""
        now, old = self.snapshot(), self.before
        was = old.get("incident", {})
        found: Row = {"incident": {key: value for key, value in now["incident"].items() if was.get(key, ...) != value}}
        for key in ("assignments", "clocks", "pauses"):
            if now[key] != old.get(key, []):
                found[key] = now[key]
        return found

    def write(self, c: Connection, changed: Row) -> bool:
        """Stores the case; False when another writer was first."""
        if self.new:
            incidents.add(c, [self.row])
        elif changed["incident"]:
            values = {key: self.row[key] for key in changed["incident"]}
            if not incidents.change(c, self.id, self.before["incident"]["version"], values):
                return False
        if "assignments" in changed:
            incidents.put_assignments(c, self.id, self.assignments)
            self.assignments = incidents.assignments_of(c, self.id)
        if "clocks" in changed:
            incidents.put_clocks(c, self.id, self.clocks)
        self.new, self.before = False, self.snapshot()
        return True


def clock_row(clock: Clock, next_step: datetime | None) -> Row:
    """A clock as the store keeps it; `next_step`: when its first reminder is due."""
    return {
        "name": clock.name,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "done_at": clock.done_at,
        "basis": clock.basis,
        "skipped": list(clock.skipped),
        "escalation": 0,
        "next_step_at": next_step,
    }


def _clock_row(row: Mapping[str, Any]) -> Row:
    return {key: row[key] for key in CLOCK_KEYS}


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


# ------------------------------------------------------------------ facts of several posts
def title_of(facts: Facts, masked: str) -> str:
    """One line a person recognises the incident by, from the facts; else the beginning of the masked text."""
    words = catalogue()["title"]
    parts: list[str] = []
    for name in (facts.project, facts.employer):
        if name and not any(name in part for part in parts):
            parts.append(name)
    if not parts:
        parts.append(" ".join(masked.split())[:30])
    if facts.workers:
        parts.append(words["workers"].format(n=facts.workers))
    if facts.amount_yuan:
        large = facts.amount_yuan >= 10_000
        amount = f"{facts.amount_yuan / 10_000:.2f}".rstrip("0").rstrip(".") if large else f"{facts.amount_yuan:.0f}"
        parts.append(words["wan" if large else "yuan"].format(n=amount))
    joint: str = words["joint"]
    return joint.join(parts[:4])


def new_row(incident: str, *, at: datetime, facts: Facts, title: str, representative: str, life_risk: bool) -> Row:
    """The row of an incident that has just been opened; level and route are filled in by the caller."""
    return {
        "id": incident,
        "version": 0,
        "state": IncidentState.ASSIGNED.value,
        "verification": Verification.UNVERIFIED.value,
        "level": Level.BLUE.value,
        "level_reasons": [],
        "title": title,
        "facts": facts_json(facts, spans=False),
        "route": {},
        "lead": "",
        "co": [],
        "town": facts.place.town if facts.place else None,
        "sector": facts.sector,
        "posts": 1,
        "life_risk": life_risk,
        "representative": representative,
        "opened_at": at,
        "updated_at": at,
        "closed_at": None,
        "close_code": None,
        "merged_into": None,
        "paid_yuan": 0.0,
        "paid_workers": 0,
        "closeout": {},
    }
