"""A matrix file -> a Matrix, or every fault of it at once, each with its path. Knows the file's keys; decides nothing.

A county may write a whole matrix, or `extends: builtin` and only its differences: mappings are merged by id, lists and
values replace. Rules are the exception: a county's rules come after those of the matrix it extends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import ConfigError, Fault
from monitor.model import Level
from monitor.routing.matrix import (
    INDUSTRY,
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
    split_article,
)

BUILTIN = Path(__file__).with_name("matrix.yaml")
LIMIT = 8_000_000  # bytes of one matrix file

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Ids = tuple[Id, ...]
Articles = tuple[str, ...]
Basis = Literal["law", "local", "general"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LawEntry(_Strict):
    title: Text
    number: str = ""
    whole: bool = False


class DepartmentEntry(_Strict):
    name: Text
    short: tuple[Text, ...] = ()
    articles: Articles = ()
    stand_in: Id | None = None
    within: Id | None = None
    sees: Literal["full", "fact_sheet"] = "full"
    basis: Basis


class SectorEntry(_Strict):
    name: Text
    lead: Id
    co: Ids
    articles: Annotated[Articles, Field(min_length=1)]
    basis: Basis
    note: str = ""


class TraitEntry(_Strict):
    name: Text
    articles: Annotated[Articles, Field(min_length=1)]
    set_lead: Id | None = None
    add: Ids = ()
    notify: Ids = ()
    min_level: Level | None = None
    hold: bool = False
    lead_hint: Id | None = None
    basis: Basis
    note: str = ""


class WhenEntry(_Strict):
    sectors: Ids = ()
    traits: Ids = ()
    towns: tuple[Text, ...] = ()
    level: Level | None = None


class ThenEntry(_Strict):
    set_lead: Id | None = None
    add: Ids = ()
    notify: Ids = ()
    hold: bool = False
    articles: Articles = ()
    note: str = ""


class RuleEntry(_Strict):
    name: Text
    when: WhenEntry
    then: ThenEntry


class ConditionEntry(_Strict):
    level: Level
    label: Text
    trait: Id | None = None
    life_risk: bool = False
    workers_from: Annotated[int, Field(ge=1)] | None = None
    workers_to: Annotated[int, Field(ge=1)] | None = None
    amount_from: Annotated[float, Field(gt=0)] | None = None
    months_from: Annotated[float, Field(gt=0)] | None = None
    per_worker_from: Annotated[float, Field(gt=0)] | None = None
    reposts_from: Annotated[int, Field(ge=1)] | None = None
    views_from: Annotated[int, Field(ge=1)] | None = None
    posts_from: Annotated[int, Field(ge=1)] | None = None


class CampaignEntry(_Strict):
    within_days: Annotated[int, Field(ge=0, le=120)]
    raises: tuple[Level, ...]
    label: Text


class SeverityEntry(_Strict):
    conditions: Annotated[tuple[ConditionEntry, ...], Field(min_length=1)]
    campaign: CampaignEntry
    acknowledge: dict[Level, Annotated[int, Field(ge=1, le=10080)]]


class CriminalEntry(_Strict):
    one_worker_yuan: Annotated[float, Field(ge=5000, le=20000)]  # 法释〔2013〕3号 art. 3: the national bands
    one_worker_months: Annotated[float, Field(ge=3)]
    workers: Annotated[int, Field(ge=10)]
    total_yuan: Annotated[float, Field(ge=30000, le=100000)]
    articles: Articles


class CloseEntry(_Strict):
    name: Text
    closes: bool = True
    note: str = ""


class MatrixEntry(_Strict):
    """The file as written."""

    version: Text
    title: Text
    effective_from: date
    effective_to: date | None = None
    lead_policy: Literal["industry_first", "hrss_first"]
    default_lead: Id
    office: Id
    attached: Ids
    upward: Annotated[Ids, Field(min_length=1)]
    lead_precedence: Ids
    life_traits: Ids
    documents: dict[str, LawEntry]
    subparagraphs: Articles = ()
    departments: dict[Id, DepartmentEntry]
    sectors: dict[Id, SectorEntry]
    traits: dict[Id, TraitEntry]
    rules: tuple[RuleEntry, ...] = ()
    severity: SeverityEntry
    criminal_lines: CriminalEntry
    close_codes: dict[Annotated[str, Field(pattern=r"^C\d{1,2}$")], CloseEntry] = Field(default_factory=dict)


@lru_cache(maxsize=8)
def _builtin() -> Matrix:
    return read_matrix(_yaml(BUILTIN), BUILTIN.name)


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
        raise ConfigError([_fault(name, error) for error in problem.errors()]) from problem
    faults = list(_references(entry, name))
    if faults:
        raise ConfigError(faults)
    return _matrix(entry)


def _extended(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    if document["extends"] != "builtin":
        raise ConfigError([Fault(f"{name}: extends", f"unknown base {document['extends']!r}", "write `builtin`")])
    own = {key: value for key, value in document.items() if key != "extends"}
    base = _yaml(BUILTIN)
    rules = [*base.get("rules", ()), *(own.pop("rules", None) or ())]
    return {**_merged(base, own), "rules": rules}


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


# ------------------------------------------------------------------ what one key says about another
def _references(entry: MatrixEntry, name: str) -> Iterator[Fault]:
    for path, department in _named_departments(entry):
        if department not in entry.departments:
            yield Fault(f"{name}: {path}", f"unknown department {department!r}", "add it under `departments`")
    for path, trait in _named_traits(entry):
        if trait not in entry.traits:
            yield Fault(f"{name}: {path}", f"unknown trait {trait!r}", "one of `traits`")
    for number, rule in enumerate(entry.rules):
        for sector in rule.when.sectors:
            if sector not in entry.sectors:
                yield Fault(f"{name}: rules[{number}].when.sectors", f"unknown sector {sector!r}", "one of `sectors`")
    laws = {id_: Law(id=id_, **law.model_dump()) for id_, law in entry.documents.items()}
    for path, article in _named_articles(entry):
        if split_article(laws, article) is None:
            yield Fault(f"{name}: {path}", f"no document for article {article!r}", "add it under `documents`")
    yield from _shape(entry, name)


def _shape(entry: MatrixEntry, name: str) -> Iterator[Fault]:
    if "unknown" not in entry.sectors:
        yield Fault(f"{name}: sectors.unknown", "is missing", "it receives every case whose sector nobody knows")
    if entry.effective_to is not None and entry.effective_to <= entry.effective_from:
        yield Fault(f"{name}: effective_to", "lies before effective_from", "a later day, or leave it out")
    for level in Level:
        if level not in entry.severity.acknowledge:
            yield Fault(f"{name}: severity.acknowledge.{level}", "is missing", "minutes to acknowledge")
    for id_, trait in entry.traits.items():
        if trait.set_lead and id_ not in entry.lead_precedence:
            yield Fault(f"{name}: lead_precedence", f"does not name {id_!r}, which sets a lead", "add it in its order")
    for id_, department in entry.departments.items():
        if _circular(entry, id_, department):
            yield Fault(f"{name}: departments.{id_}.stand_in", "leads back to itself", "end the chain")


def _circular(entry: MatrixEntry, id_: str, department: DepartmentEntry) -> bool:
    seen = {id_}
    following = department.stand_in
    while following is not None and following in entry.departments:
        if following in seen:
            return True
        seen.add(following)
        following = entry.departments[following].stand_in
    return False


Named = Iterator[tuple[str, str]]


def _each(path: str, values: Iterable[str | None]) -> Named:
    for number, value in enumerate(values):
        if value is not None:
            yield f"{path}[{number}]", value


def _named_departments(entry: MatrixEntry) -> Named:
    yield "default_lead", entry.default_lead
    yield "office", entry.office
    yield from _each("attached", entry.attached)
    yield from _each("upward", entry.upward)
    for id_, department in entry.departments.items():
        for key in ("stand_in", "within"):
            if getattr(department, key) is not None:
                yield f"departments.{id_}.{key}", getattr(department, key)
    for id_, sector in entry.sectors.items():
        yield f"sectors.{id_}.lead", sector.lead
        yield from _each(f"sectors.{id_}.co", sector.co)
    for id_, trait in entry.traits.items():
        yield from _moved(f"traits.{id_}", trait)
        if trait.lead_hint:
            yield f"traits.{id_}.lead_hint", trait.lead_hint
    for number, rule in enumerate(entry.rules):
        yield from _moved(f"rules[{number}].then", rule.then)


def _moved(path: str, op: TraitEntry | ThenEntry) -> Named:
    if op.set_lead and op.set_lead != INDUSTRY:
        yield f"{path}.set_lead", op.set_lead
    yield from _each(f"{path}.add", op.add)
    yield from _each(f"{path}.notify", op.notify)


def _named_traits(entry: MatrixEntry) -> Named:
    yield from _each("lead_precedence", entry.lead_precedence)
    yield from _each("life_traits", entry.life_traits)
    for number, rule in enumerate(entry.rules):
        yield from _each(f"rules[{number}].when.traits", rule.when.traits)
    for number, condition in enumerate(entry.severity.conditions):
        if condition.trait:
            yield f"severity.conditions[{number}].trait", condition.trait


def _named_articles(entry: MatrixEntry) -> Named:
    yield from _each("subparagraphs", entry.subparagraphs)
    yield from _each("criminal_lines.articles", entry.criminal_lines.articles)
    for group in ("departments", "sectors", "traits"):
        for id_, value in getattr(entry, group).items():
            yield from _each(f"{group}.{id_}.articles", value.articles)
    for number, rule in enumerate(entry.rules):
        yield from _each(f"rules[{number}].then.articles", rule.then.articles)


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


def _fault(name: str, error: Any) -> Fault:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    where = f"{name}: {path}" if path else name
    if error["type"] == "extra_forbidden":
        return Fault(where, "unknown key", "remove it or correct its spelling")
    if error["type"] == "missing":
        return Fault(where, "is missing", f"add `{error['loc'][-1]}:`")
    return Fault(where, error["msg"].removeprefix("Value error, "), f"got {error.get('input')!r}"[:200])
