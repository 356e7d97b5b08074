"""A matrix file -> a Matrix, or every fault of it at once, each with its path. Knows files; decides nothing.

A county may write a whole matrix, or `extends: builtin` and only its differences: mappings are merged by id, lists and
values replace. Rules are the exception: a county's rules come after those of the matrix it extends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor import written
from monitor.errors import ConfigError, Fault
from monitor.routing.matrix import (
    CloseCode,
    Condition,
    CriminalLines,
    Department,
    Law,
    Matrix,
    Rule,
    Sector,
    Severity,
    Trait,
)
from monitor.routing.matrix_check import references
from monitor.routing.matrix_entries import MatrixEntry

BUILTIN = Path(__file__).with_name("matrix.yaml")
BY_ID = ("documents", "departments", "sectors", "traits", "close_codes")  # mappings whose entries stand alone


@lru_cache(maxsize=1)
def _builtin_document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = written.document(BUILTIN)
    return document


@lru_cache(maxsize=1)
def _builtin() -> Matrix:
    return read_matrix(_builtin_document(), BUILTIN.name)


def load_matrix(path: Path | None = None) -> Matrix:
    """The matrix of `path`, or the packaged one. ConfigError lists all faults: `matrix.yaml: traits.soe.add[0]`."""
    return _builtin() if path is None else read_matrix(written.document(path), path.name)


def read_matrix(document: Any, name: str) -> Matrix:
    """A parsed file -> a Matrix; `name` begins the path of every fault."""
    if not isinstance(document, Mapping):
        raise ConfigError([Fault(name, "is not a mapping", "start from `extends: builtin`")])
    if "extends" in document:
        document = _extended(document, name)
    try:
        entry = MatrixEntry.model_validate(document)
    except ValidationError as problem:
        faults = written.faults(name, problem)
        raise ConfigError([*faults, *_among_the_rest(document, problem.errors(), name)]) from problem
    faults = list(references(entry, name))
    if faults:
        raise ConfigError(faults)
    return _matrix(entry)


def _extended(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    if document["extends"] != "builtin":
        raise ConfigError([Fault(f"{name}: extends", f"unknown base {document['extends']!r}", "write `builtin`")])
    own = {key: value for key, value in document.items() if key != "extends"}
    base = _builtin_document()
    rules = [*base.get("rules", ()), *(own.pop("rules", None) or ())]
    return {**_merged(base, own), "rules": rules}


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _among_the_rest(document: Mapping[str, Any], errors: Sequence[Any], name: str) -> list[Fault]:
    """Faults of reference among the keys that are sound by themselves, so that one reading shows all."""
    sound, wrong = {key: value for key, value in document.items() if key in MatrixEntry.model_fields}, set[str]()
    base = _builtin_document()
    for error in errors:
        group, *rest = error["loc"]
        if group in BY_ID and rest and isinstance(sound.get(group), Mapping):
            wrong.add(str(rest[0]))
            sound[group] = {key: value for key, value in sound[group].items() if key != rest[0]}
        elif group in base:
            sound[group] = base[group]
    try:
        found = list(references(MatrixEntry.model_validate(sound), name))
    except ValidationError:
        return []
    return [fault for fault in found if not any(f"{one!r}" in fault.problem for one in wrong)]


# ------------------------------------------------------------------ entries -> the matrix
def _matrix(entry: MatrixEntry) -> Matrix:
    plain = {
        key: getattr(entry, key)
        for key in (
            "version", "title", "effective_from", "effective_to", "lead_policy", "default_lead", "office", "attached",
            "upward", "lead_precedence", "life_traits",
        )
    }  # fmt: skip
    return Matrix(
        **plain,
        documents={id_: Law(id=id_, **law.model_dump()) for id_, law in entry.documents.items()},
        subparagraphs=frozenset(entry.subparagraphs),
        departments={id_: Department(id=id_, **value.model_dump()) for id_, value in entry.departments.items()},
        sectors={id_: Sector(id=id_, **value.model_dump()) for id_, value in entry.sectors.items()},
        traits={id_: Trait(id=id_, **value.model_dump()) for id_, value in entry.traits.items()},
        rules=tuple(Rule(name=rule.name, **rule.when.model_dump(), **rule.then.model_dump()) for rule in entry.rules),
        severity=_severity(entry),
        criminal_lines=CriminalLines(**entry.criminal_lines.model_dump()),
        close_codes={id_: CloseCode(id=id_, **code.model_dump()) for id_, code in entry.close_codes.items()},
    )


def _severity(entry: MatrixEntry) -> Severity:
    written = entry.severity
    return Severity(
        conditions=tuple(Condition(**condition.model_dump()) for condition in written.conditions),
        floors={id_: (trait.min_level, trait.name) for id_, trait in entry.traits.items() if trait.min_level},
        life_traits=entry.life_traits,
        campaign_within_days=written.campaign.within_days,
        campaign_raises=written.campaign.raises,
        campaign_label=written.campaign.label,
        acknowledge={level: timedelta(minutes=minutes) for level, minutes in written.acknowledge.items()},
    )
