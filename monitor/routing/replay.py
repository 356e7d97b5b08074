"""Matrices over time: which version is in force on a day, and which past incidents another version would move. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from monitor.errors import ConfigError, Fault
from monitor.model import County, Grading, Incident, Route
from monitor.routing.decide import route
from monitor.routing.matrix import Matrix
from monitor.routing.matrix_file import load_matrix

Grade = Callable[[Matrix, Incident], Grading]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a matrix makes of an incident."""

    grading: Grading
    route: Route


@dataclass(frozen=True, slots=True)
class Move:
    """An incident that two matrices treat differently. `gained`, `lost`: departments, lead included."""

    incident: Incident
    before: Treatment
    after: Treatment

    @property
    def changes(self) -> tuple[str, ...]:
        """What differs, of: lead, level, co, articles, phone, hold."""
        before, after = _decided(self.before), _decided(self.after)
        return tuple(key for key in before if before[key] != after[key])

    @property
    def gained(self) -> tuple[str, ...]:
        return _beyond(self.after.route, self.before.route)

    @property
    def lost(self) -> tuple[str, ...]:
        return _beyond(self.before.route, self.after.route)


def _beyond(one: Route, other: Route) -> tuple[str, ...]:
    there = {other.lead, *other.co}
    return tuple(department for department in (one.lead, *one.co) if department not in there)


def as_graded(matrix: Matrix, incident: Incident) -> Grading:
    """The level that the ledger has, whatever the matrix would say."""
    return Grading(incident.level, incident.level_reasons)


def moved(
    old: Matrix,
    new: Matrix,
    incidents: Iterable[Incident],
    *,
    county: County,
    lead_policy: str | None = None,
    grade: Grade = as_graded,
) -> Iterator[Move]:
    """The incidents whose lead, level, co-handlers, articles, calls or hold would differ under `new`.

    `grade`: how a matrix grades an incident; without it levels stay as they are.
    """
    for incident in incidents:
        before, after = (treat(matrix, incident, grade(matrix, incident), county, lead_policy) for matrix in (old, new))
        move = Move(incident, before, after)
        if move.changes:
            yield move


def treat(matrix: Matrix, incident: Incident, grading: Grading, county: County, lead_policy: str | None) -> Treatment:
    """What a matrix and a county make of an incident at this level."""
    decided = route(
        matrix,
        incident.facts,
        grading=grading,
        county=county,
        life_risk=incident.life_risk,
        lead_policy=lead_policy,
    )
    return Treatment(grading, decided)


def _decided(one: Treatment) -> dict[str, object]:
    route_ = one.route
    return {
        "lead": route_.lead,
        "level": one.grading.level,
        "co": frozenset(route_.co),
        "articles": frozenset(route_.articles),
        "phone": frozenset(route_.notify_by_phone),
        "hold": route_.hold,
    }


def matrix_on(path: Path | None, day: date) -> Matrix:
    """The matrix of an installation on `day`: of a file, of a folder of versions (*.yaml), or the packaged one.

    ConfigError lists every fault of every file, and says so where no version is in force.
    """
    if path is None:
        return load_matrix()
    found, faults = list[Matrix](), list[Fault]()
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    for file in files:
        try:
            found.append(load_matrix(file))
        except ConfigError as problem:
            faults += problem.faults
    if not files:
        faults.append(Fault(str(path), "holds no *.yaml", "write a version, beginning with `extends: builtin`"))
    if faults:
        raise ConfigError(faults)
    return in_force(found, day)


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
