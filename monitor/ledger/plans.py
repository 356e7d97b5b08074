"""预案: per level a checklist with roles, times and contacts; what is done of it, and what an incident taught. Pure.

Knows plans.yaml and the rows it is handed. A step that is the same duty as a clock is done when the clock is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from monitor.clocks.limits import limits
from monitor.model import Facts, Level
from monitor.routing import Matrix
from monitor.text import aware

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a checklist. `role`: who does it (a key of `roles`); `clock`: the duty that it is, if any."""

    id: str
    role: str
    within: timedelta
    words: str  # of `within`
    what: str
    basis: str = ""
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The checklist of a level."""

    level: Level
    title: str
    aim: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """A step of one incident: who must do it, by when, and who did it when; `late`: not done, or done too late."""

    step: Step
    department: str
    due_at: datetime
    done_at: datetime | None
    by: str
    note: str
    late: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """An invented incident to practise on."""

    id: str
    name: str
    level: Level
    life_risk: bool
    facts: Facts
    text: str


@cache
def _catalogue() -> dict[str, Any]:
    text = resources.files("monitor.ledger").joinpath("plans.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def plan(level: Level) -> Plan:
    """The checklist of a level."""
    written = _catalogue()["plans"][level.value]
    return Plan(level, written["title"], written["aim"], tuple(_step(one, level) for one in written["steps"]))


def _step(written: Row, level: Level) -> Step:
    ((unit, count),) = written["within"].items()
    words = _limit(written.get("clock", ""), level) or str(_catalogue()["words"][unit]).format(n=count)
    return Step(
        id=written["id"],
        role=written["role"],
        within=timedelta(**{unit: count}),
        words=words,
        what=written["what"],
        basis=written.get("basis", ""),
        clock=written.get("clock"),
    )


def _limit(clock: str, level: Level) -> str:
    """How the clock that a step is says its limit, in and outside a campaign; empty: it is none of this level."""
    plain, campaign = limits(level).get(clock), limits(level, campaign=True).get(clock)
    if plain is None or campaign is None:
        return ""
    key = "limit" if plain == campaign else "campaign"
    return str(_catalogue()["words"][key]).format(limit=plain.words, campaign=campaign.words)


def version() -> str:
    """Of the checklists."""
    return str(_catalogue()["version"])


def role_name(role: str) -> str:
    """值班员, 主办单位 ..."""
    return str(_catalogue()["roles"][role]["name"])


def department_of(role: str, matrix: Matrix, lead: str) -> str:
    """The department whose people play a role in an incident led by `lead`."""
    known = str(_catalogue()["roles"][role]["department"])
    return {"lead": lead, "upward": matrix.upward[-1]}.get(known, known)


def standing(row: Row, clocks: Sequence[Row], matrix: Matrix, now: datetime) -> list[Stand]:
    """Every step of the plan of an incident's level, in order: due, done or late.

    A step with a clock is due when the clock is, working days, pauses and hard stop included, and not late while that
    stands still.
    """
    ticked = row["closeout"].get("plan") or {}
    by_name = {clock["name"]: clock for clock in clocks}
    found = []
    for step in plan(Level(row["level"])).steps:
        entry, clock = ticked.get(step.id), by_name.get(step.clock or "")
        due = clock["due_at"] if clock else row["opened_at"] + step.within
        still = clock is not None and not clock.get("runs", True)
        done = datetime.fromisoformat(entry["at"]) if entry else clock["done_at"] if clock else None
        found.append(
            Stand(
                step, department_of(step.role, matrix, row["lead"]), due, done,
                entry["by"] if entry else "", entry["note"] if entry else "",
                (done or aware(now)) > due and not (still and done is None),
            )
        )  # fmt: skip
    return found


def measured(stands: Sequence[Stand], row: Row, assignments: Sequence[Row]) -> dict[str, Any]:
    """What the after-action note (复盘) states by itself: steps in time, late, left out; calls; how often it moved."""
    calls = row["closeout"].get("calls") or []
    return {
        "steps": len(stands),
        "in_time": [one.step.id for one in stands if one.done_at and not one.late],
        "late": [one.step.id for one in stands if one.done_at and one.late],
        "left_out": [one.step.id for one in stands if not one.done_at],
        "calls": len(calls),
        "reached": sum(call["outcome"] == "reached" for call in calls),
        "hops": max((one["hop"] for one in assignments), default=0),
    }


# ------------------------------------------------------------------ drills
def scenarios() -> dict[str, Scenario]:
    """Invented incidents by name."""
    return {
        name: Scenario(
            name, one["name"], Level(one["level"]), one["life_risk"],
            Facts(**{**one["facts"], "traits": tuple(one["facts"]["traits"])}), one["text"],
        )
        for name, one in _catalogue()["drills"].items()
    }  # fmt: skip


def drill_words(key: str, **values: Any) -> str:
    """`mark`, `begun`, `ended`: how a drill is told."""
    words = _catalogue()["words"]
    return str(words[key]).format(mark=words["mark"], **values)
