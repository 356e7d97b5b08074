"""What one key of a matrix says about another: every id that is named must exist. Knows entries; reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.errors import Fault
from monitor.model import SIGNS, Level
from monitor.routing.matrix import INDUSTRY, Law, split_article
from monitor.routing.matrix_entries import DepartmentEntry, MatrixEntry, ThenEntry, TraitEntry


def references(entry: MatrixEntry, name: str) -> Iterator[Fault]:
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
    for number, condition in enumerate(entry.severity.conditions):
        if condition.sign and condition.sign not in SIGNS:
            yield Fault(
                f"{name}: severity.conditions[{number}].sign",
                f"unknown sign {condition.sign!r}",
                f"one of {', '.join(SIGNS)}",
            )
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
