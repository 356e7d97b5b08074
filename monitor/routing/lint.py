"""What a valid matrix may still have wrong: rules nobody reaches, leads without a basis. Pure; advice only."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.errors import Fault
from monitor.model import County
from monitor.routing.matrix import INDUSTRY, Matrix, Rule, Trait


def lint(matrix: Matrix, county: County | None = None) -> list[Fault]:
    """Advice, each with its path; with a county also what its contacts and towns do not cover."""
    found = [*_departments(matrix), *_sectors(matrix), *_traits(matrix), *_rules(matrix), *_severity(matrix)]
    return found + (list(_county(matrix, county)) if county is not None else [])


def _departments(matrix: Matrix) -> Iterator[Fault]:
    used = {matrix.default_lead, matrix.office, *matrix.attached, *matrix.upward}
    for sector in matrix.sectors.values():
        used |= {sector.lead, *sector.co}
    changes: list[Trait | Rule] = [*matrix.traits.values(), *matrix.rules]
    for op in changes:
        used |= {op.set_lead or "", *op.add, *op.notify}
    used |= {one.stand_in or "" for one in matrix.departments.values()}
    for id_ in matrix.departments:
        if id_ not in used:
            yield Fault(f"departments.{id_}", "no sector, trait or rule ever names it", "name it or leave it out")


def _sectors(matrix: Matrix) -> Iterator[Fault]:
    for sector in matrix.sectors.values():
        path = f"sectors.{sector.id}"
        if sector.lead in sector.co:
            yield Fault(f"{path}.co", f"repeats the lead {sector.lead}", "take it out")
        if len(set(sector.co)) < len(sector.co):
            yield Fault(f"{path}.co", "names a department twice", "name it once")
        if matrix.default_lead not in (sector.lead, *sector.co):
            yield Fault(path, f"does not name {matrix.default_lead}", "it is attached in any case; say so")


def _traits(matrix: Matrix) -> Iterator[Fault]:
    for trait in matrix.traits.values():
        path = f"traits.{trait.id}"
        wanted = {*trait.add, *((trait.set_lead,) if trait.set_lead and trait.set_lead != INDUSTRY else ())}
        for department in trait.notify:
            if department not in wanted and department not in (matrix.default_lead, *matrix.attached):
                yield Fault(f"{path}.notify", f"calls {department}, which never takes part", "add it under `add`")
        if trait.hold and trait.set_lead is None and not trait.add and not trait.articles:
            yield Fault(path, "holds without saying why", "add an article")


def _rules(matrix: Matrix) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(matrix.rules):
        path = f"rules[{number}] ({rule.name})"
        if not (rule.set_lead or rule.add or rule.notify or rule.hold or rule.articles or rule.note):
            yield Fault(path, "does nothing", "say what it changes under `then`")
        if rule.set_lead and not rule.articles:
            yield Fault(path, "moves the lead without an article", "name the local document or article")
        if rule.name in seen:
            yield Fault(path, f"has the name of rules[{seen[rule.name]}]", "rename one")
        seen.setdefault(rule.name, number)
    yield from _overruled(matrix)


def _overruled(matrix: Matrix) -> Iterator[Fault]:
    """A later rule for the same cases replaces the lead an earlier one sets."""
    leads: dict[tuple[object, ...], tuple[int, Rule]] = {}
    for number, rule in enumerate(matrix.rules):
        if not rule.set_lead:
            continue
        key = (frozenset(rule.sectors), frozenset(rule.traits), frozenset(rule.towns), rule.level)
        if key in leads and leads[key][1].set_lead != rule.set_lead:
            earlier, other = leads[key]
            where = f"rules[{earlier}] ({other.name})"
            yield Fault(where, f"is overruled by rules[{number}], which has the same `when`", "keep one of them")
        leads[key] = number, rule


def _severity(matrix: Matrix) -> Iterator[Fault]:
    labels = [(one.level, one.label) for one in matrix.severity.conditions]
    for number, one in enumerate(labels):
        if one in labels[:number]:
            yield Fault(f"severity.conditions[{number}]", f"repeats {one[0]}:{one[1]}", "give each its own label")
    for number, condition in enumerate(matrix.severity.conditions):
        if condition.workers_from and condition.workers_to and condition.workers_from > condition.workers_to:
            yield Fault(f"severity.conditions[{number}]", "no number of workers satisfies it", "swap the limits")


def _county(matrix: Matrix, county: County) -> Iterator[Fault]:
    for id_ in county.contacts:
        if id_ not in matrix.departments:
            yield Fault(f"county.yaml: contacts.{id_}", "is no department of the matrix", "correct its spelling")
    if not county.contacts.get(matrix.office):
        yield Fault(f"county.yaml: contacts.{matrix.office}", "is missing", "it receives everything")
    for row in county.register:
        if row.owner_department and row.owner_department not in matrix.departments:
            yield Fault(
                f"county.yaml: register ({row.name})", f"unknown department {row.owner_department!r}", "correct it"
            )
        if row.sector and row.sector not in matrix.sectors:
            yield Fault(f"county.yaml: register ({row.name})", f"unknown sector {row.sector!r}", "correct it")
    towns = set(county.towns)
    for id_, contacts in county.contacts.items():
        for contact in contacts:
            if contact.town and contact.town not in towns:
                where = f"county.yaml: contacts.{id_} ({contact.name})"
                yield Fault(where, f"{contact.town} is no town of {county.name}", "correct its spelling")
    for number, rule in enumerate(matrix.rules):
        for town in rule.towns:
            if towns and town not in towns:
                yield Fault(f"rules[{number}] ({rule.name})", f"{town} is no town of {county.name}", "correct it")
