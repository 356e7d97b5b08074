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

import yaml
from pydantic import ValidationError

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
LIMIT = 8_000_000  # bytes of one matrix file
BY_ID = ("documents", "departments", "sectors", "traits", "close_codes")  # mappings whose entries stand alone


@lru_cache(maxsize=1)
def _builtin_document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = _yaml(BUILTIN)
    return document


@lru_cache(maxsize=1)
def _builtin() -> Matrix:
    return read_matrix(_builtin_document(), BUILTIN.name)


def load_matrix(path: Path | None = None) -> Matrix:
    """The matrix of `path`, or the packaged one. ConfigError lists all faults: `matrix.yaml: traits.soe.add[0]`."""
    return _builtin() if path is None else read_matrix(_yaml(path), path.name)


def read_matrix(document: Any, name: str) -> Matrix:
    """A parsed file -> a Matrix; `name` begins the path of every fault."""
    if not isinstance(document, Mapping):
        raise ConfigError([Fault(name, "is not a mapping", "start from `extends: builtin`")])
    if "extends" in document:
        document = _extended(document, name)
    try:
        entry = MatrixEntry.model_validate(document)
    except ValidationError as problem:
        faults = [_fault(name, error) for error in problem.errors()]
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


# ------------------------------------------------------------------ the file itself
class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice: the second would silently replace the first."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands here twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _yaml(path: Path) -> Any:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise ConfigError([Fault(str(path), f"cannot be read: {problem.strerror}", "check the path")]) from problem
    if len(raw) > LIMIT:
        raise ConfigError([Fault(path.name, f"is larger than {LIMIT} bytes", "split or shorten it")])
    try:
        return yaml.load(raw.decode("utf-8"), _Loader)  # noqa: S506 - a SafeLoader that also refuses repeated keys
    except UnicodeDecodeError as problem:
        raise ConfigError([Fault(path.name, f"is not UTF-8 at byte {problem.start}", "save it as UTF-8")]) from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{path.name}: line {mark.line + 1}, column {mark.column + 1}" if mark else path.name
        raise ConfigError([Fault(where, f"is not YAML: {getattr(problem, 'problem', problem)}")]) from problem
    except (ValueError, RecursionError) as problem:  # a day that no month has; brackets in brackets without end
        raise ConfigError(
            [Fault(path.name, f"cannot be read: {problem}", "look for a wrong date or number")]
        ) from problem


def _fault(name: str, error: Any) -> Fault:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    where = f"{name}: {path}" if path else name
    if error["type"] == "extra_forbidden":
        return Fault(where, "unknown key", "remove it or correct its spelling")
    if error["type"] == "missing":
        return Fault(where, "is missing", f"add `{error['loc'][-1]}:`")
    return Fault(where, error["msg"].removeprefix("Value error, "), f"got {error.get('input')!r}"[:200])
