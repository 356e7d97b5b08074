"""Matrices over time: which version is in force on a day, and which past incidents another version would move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from monitor.errors import ConfigError, Fault
from monitor.model import County, Grading, Incident, Route
from monitor.routing.decide import route
from monitor.routing.matrix import Matrix


@dataclass(frozen=True, slots=True)
class Move:
    """An incident that two matrices treat differently. `gained`, `lost`: departments, lead included."""

    incident: str
    before: Route
    after: Route

    @property
    def lead_moves(self) -> bool:
        return self.before.lead != self.after.lead

    @property
    def gained(self) -> tuple[str, ...]:
        return _beyond(self.after, self.before)

    @property
    def lost(self) -> tuple[str, ...]:
        return _beyond(self.before, self.after)

    @property
    def hold_changes(self) -> bool:
        return self.before.hold != self.after.hold


def _beyond(one: Route, other: Route) -> tuple[str, ...]:
    there = {other.lead, *other.co}
    return tuple(department for department in (one.lead, *one.co) if department not in there)


def moved(
    old: Matrix, new: Matrix, incidents: Iterable[Incident], *, county: County, lead_policy: str | None = None
) -> list[Move]:
    """The incidents whose lead, co-handlers, calls or hold would differ under `new`; levels stay as graded."""
    found = []
    for incident in incidents:
        before, after = (
            route(
                matrix,
                incident.facts,
                grading=Grading(incident.level, incident.level_reasons),
                county=county,
                life_risk=incident.life_risk,
                lead_policy=lead_policy,
            )
            for matrix in (old, new)
        )
        if _decided(before) != _decided(after):
            found.append(Move(incident.id, before, after))
    return found


def _decided(one: Route) -> tuple[str, frozenset[str], frozenset[str], bool]:
    return one.lead, frozenset(one.co), frozenset(one.notify_by_phone), one.hold


def in_force(matrices: Sequence[Matrix], day: date) -> Matrix:
    """The version that holds on `day`; ConfigError where none or more than one does, or versions repeat a name."""
    faults = list(_clashes(matrices))
    holding = [one for one in matrices if _holds(one, day)]
    if not faults and not holding:
        faults.append(Fault("matrices", f"none is in force on {day}", "give one an earlier `effective_from`"))
    if faults:
        raise ConfigError(faults)
    return holding[0]


def _holds(matrix: Matrix, day: date) -> bool:
    return matrix.effective_from <= day and (matrix.effective_to is None or day < matrix.effective_to)


def _clashes(matrices: Sequence[Matrix]) -> Iterable[Fault]:
    ordered = sorted(matrices, key=lambda one: one.effective_from)
    for one, following in pairwise(ordered):
        if one.effective_to is None or one.effective_to > following.effective_from:
            remedy = f"let {one.version} end with `effective_to: {following.effective_from}`"
            yield Fault("matrices", f"{one.version} and {following.version} are in force together", remedy)
    names = [one.version for one in ordered]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("matrices", f"version {name} stands twice", "give each its own")
