"""Facts + grading + matrix -> Route: who leads, who joins, whom to call, what a person must decide first, and why.

The order of the matrix: area, life, hold, sector, traits, county rules, standing members, conflict of interest. Pure;
it knows no store and sends nothing. The lead never stands among the co-handlers; nothing is ever without a lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.model import County, Facts, Grading, Route
from monitor.routing.interest import complained_of
from monitor.routing.matrix import INDUSTRY, Matrix, Sector, Trait
from monitor.routing.register import project_row
from monitor.routing.wording import say

OUT_OF_AREA = "out_of_area"
LIFE = "self_harm"


@dataclass(slots=True)
class _Draft:
    """A route while it is being decided."""

    matrix: Matrix
    lead: str
    co: list[str] = field(default_factory=list)
    phone: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    hold: bool = False

    def join(self, departments: Iterable[str]) -> None:
        self.co += [one for one in dict.fromkeys(departments) if one != self.lead and one not in self.co]

    def move_lead(self, lead: str) -> None:
        """The former lead stays, as the first of the co-handlers."""
        if lead != self.lead:
            self.co = [self.lead, *(one for one in self.co if one not in (lead, self.lead))]
            self.lead = lead

    def cite(self, articles: Iterable[str]) -> None:
        self.articles += [one for one in dict.fromkeys(articles) if one not in self.articles]

    def call(self, departments: Iterable[str]) -> None:
        self.phone += [one for one in dict.fromkeys(departments) if one not in self.phone]

    def because(self, key: str, /, **values: object) -> None:
        self.reasons.append(say("route", key, **values))

    def names(self, departments: Iterable[str]) -> str:
        return "、".join(self.matrix.name_of(one) for one in departments)


def route(
    matrix: Matrix,
    facts: Facts,
    *,
    grading: Grading,
    county: County,
    life_risk: bool = False,
    lead_policy: str | None = None,
) -> Route:
    """The route of an incident with these facts under this matrix.

    `life_risk`: the verdict of the text model; it calls for help like the trait it stands for. `lead_policy`:
    industry_first or hrss_first; None takes the county's setting.
    """
    policy = lead_policy or county.lead_policy or matrix.lead_policy
    sector, why = _sector(matrix, facts, county)
    draft = _Draft(matrix, matrix.default_lead, reasons=why)
    traits = _traits(draft, facts, life_risk)
    _area(draft, facts, traits)
    _by_sector(draft, sector, policy)
    _by_traits(draft, sector, traits)
    _by_rules(draft, sector, traits, facts, grading)
    _standing(draft, facts)
    _without_the_accused(draft, facts, county, traits)
    _hints(draft, facts, sector, traits)
    return Route(
        lead=draft.lead,
        co=tuple(draft.co),
        notify_by_phone=tuple(draft.phone),
        hold=draft.hold,
        articles=tuple(draft.articles),
        reasons=tuple(draft.reasons),
        ack_due=matrix.severity.acknowledge[grading.level],
        matrix=matrix.version,
    )


def _sector(matrix: Matrix, facts: Facts, county: County) -> tuple[Sector, list[str]]:
    """The sector of the text, or of the county's register where the text names none."""
    row = project_row(county, facts)
    own = matrix.sectors.get(facts.sector)
    if own is None:
        return matrix.sectors["unknown"], [say("route", "unknown_sector", sector=facts.sector)]
    known = matrix.sectors.get(row.sector or "") if row else None
    if own.id == "unknown" and row and known:
        return known, [say("route", "register_sector", project=row.name, sector=known.name)]
    return own, []


def _traits(draft: _Draft, facts: Facts, life_risk: bool) -> list[Trait]:
    """The traits of the facts, and those that follow from the verdict and the place."""
    matrix, ids = draft.matrix, list(dict.fromkeys(facts.traits))
    for unknown in (one for one in ids if one not in matrix.traits):
        draft.because("unknown_trait", trait=unknown)
    if life_risk and not set(ids) & set(matrix.life_traits) and LIFE in matrix.traits:
        ids.append(LIFE)
        draft.because("life_risk", trait=matrix.traits[LIFE].name)
    if facts.place is not None and facts.place.in_area is False and OUT_OF_AREA in matrix.traits:
        ids.append(OUT_OF_AREA)
    return [matrix.traits[one] for one in dict.fromkeys(ids) if one in matrix.traits]


def _area(draft: _Draft, facts: Facts, traits: Sequence[Trait]) -> None:
    """Area first: where the work was done decides who is competent (劳动保障监察条例 art. 13)."""
    place = facts.place
    where = (place.name or place.text) if place else ""
    outside = any(trait.id == OUT_OF_AREA for trait in traits)
    if outside and place is not None and place.in_area:
        draft.hold = True
        draft.because("area_conflict", place=where)
    elif outside:
        draft.because("out_of_area", place=where or "—", lead=draft.matrix.name_of(draft.matrix.office))
    elif place is None or place.in_area is None:
        draft.because("area_unknown")


def _by_sector(draft: _Draft, sector: Sector, policy: str) -> None:
    lead, co = sector.lead, list(sector.co)
    hrss = draft.matrix.default_lead
    if policy == "hrss_first" and lead != hrss:
        co = [lead if one == hrss else one for one in co] if hrss in co else [lead, *co]
        draft.because("hrss_first", lead=draft.matrix.name_of(lead))
        lead = hrss
    draft.lead = lead
    draft.join(co)
    draft.cite(sector.articles)
    draft.because("sector", sector=sector.name, lead=draft.matrix.name_of(lead), co=draft.names(co) or "—")
    if sector.note:
        draft.because("note", name=sector.name, note=sector.note)


def _by_traits(draft: _Draft, sector: Sector, traits: Sequence[Trait]) -> None:
    asking = sorted((one for one in traits if one.set_lead), key=lambda one: _precedence(draft.matrix, one))
    for place, trait in enumerate(asking):
        wanted = sector.lead if trait.set_lead == INDUSTRY else str(trait.set_lead)
        if place == 0:
            if wanted != draft.lead:
                draft.because("set_lead", trait=trait.name, lead=draft.matrix.name_of(wanted))
            draft.move_lead(wanted)
        elif wanted != draft.lead:
            winner = asking[0].name
            draft.because("outranked", trait=trait.name, lead=draft.matrix.name_of(wanted), winner=winner)
            draft.join([wanted])
    for trait in traits:
        _add(draft, trait)


def _precedence(matrix: Matrix, trait: Trait) -> int:
    return matrix.lead_precedence.index(trait.id)


def _add(draft: _Draft, trait: Trait) -> None:
    draft.join(trait.add)
    draft.call(trait.notify)
    draft.cite(trait.articles)
    if trait.add:
        draft.because("add", trait=trait.name, add=draft.names(trait.add))
    elif not trait.set_lead and not trait.hold:
        draft.because("trait", trait=trait.name)
    if trait.lead_hint and trait.lead_hint != draft.lead:
        draft.because("lead_hint", trait=trait.name, lead=draft.matrix.name_of(trait.lead_hint))
    if trait.notify:
        draft.because("notify", trait=trait.name, notify=draft.names(trait.notify))
    if trait.hold:
        draft.hold = True
        draft.because("hold", trait=trait.name)
    if trait.note:
        draft.because("note", name=trait.name, note=trait.note)


def _by_rules(draft: _Draft, sector: Sector, traits: Sequence[Trait], facts: Facts, grading: Grading) -> None:
    life = any(trait.id in draft.matrix.life_traits for trait in traits)
    for rule in draft.matrix.rules_for(sector.id, [one.id for one in traits], town_of(facts), grading.level):
        draft.because("rule", rule=rule.name)
        if rule.set_lead and life:
            draft.because("rule_after_life", rule=rule.name, lead=draft.matrix.name_of(draft.lead))
            draft.join([sector.lead if rule.set_lead == INDUSTRY else rule.set_lead])
        elif rule.set_lead:
            draft.move_lead(sector.lead if rule.set_lead == INDUSTRY else rule.set_lead)
        draft.join(rule.add)
        draft.call(rule.notify)
        draft.cite(rule.articles)
        draft.hold |= rule.hold
        if rule.note:
            draft.because("note", name=rule.name, note=rule.note)


def town_of(facts: Facts) -> str | None:
    """The county's own town the work was done in, where it is known."""
    place = facts.place
    if place is None or place.in_area is False:
        return None
    return place.town or (place.name if place.level == "town" else None)


def _standing(draft: _Draft, facts: Facts) -> None:
    """Members that are always there: 人社局, the town where it is known, and 治欠办, which owns the clocks."""
    town = town_of(facts)
    for department in draft.matrix.attached:
        if department != "town":
            draft.join([department])
    if "town" in draft.matrix.attached and town:
        draft.join(["town"])
        draft.because("town", town=town)
    elif "town" in draft.matrix.attached and "town" not in (draft.lead, *draft.co):
        draft.because("no_town", office=draft.matrix.name_of(draft.matrix.office))
    draft.join([draft.matrix.office])
    draft.because("office", office=draft.matrix.name_of(draft.matrix.office))


def _without_the_accused(draft: _Draft, facts: Facts, county: County, traits: Sequence[Trait]) -> None:
    """信访工作条例 art. 30: the unit complained of, and what sits in it, neither handles the case nor sees the post."""
    matrix = draft.matrix
    accused = complained_of(matrix, facts, county)
    life = any(trait.id in matrix.life_traits for trait in traits)
    for department, why in accused.items():
        name = matrix.name_of(department)
        if department == draft.lead:
            draft.lead = _upward(matrix, accused)
            draft.because("conflict_lead", department=name, why=why, lead=matrix.name_of(draft.lead))
        elif department in draft.co or department in draft.phone:
            draft.because("conflict_co", department=name, why=why)
        if life and department in draft.phone:
            draft.because("conflict_life", department=name)
        else:
            draft.phone = [one for one in draft.phone if one != department]
    draft.co = [one for one in draft.co if one not in accused and one != draft.lead]


def _upward(matrix: Matrix, accused: Iterable[str]) -> str:
    """The first of the chain upward that is not itself complained of; its last one in any case."""
    free = [one for one in matrix.upward if one not in set(accused)]
    return (free or [matrix.upward[-1]])[0]


def _hints(draft: _Draft, facts: Facts, sector: Sector, traits: Sequence[Trait]) -> None:
    for department in (draft.lead, *draft.co):
        known = draft.matrix.departments.get(department)
        if known and known.sees == "fact_sheet":
            draft.because("fact_sheet", department=known.name)
    if not _rural(sector.articles) and _rural(draft.articles):
        draft.because("scope")
    line = criminal_line(draft.matrix, facts)
    if line:
        draft.because("criminal_line", line=line, whose=draft.matrix.criminal_lines.province or say("line", "national"))


def _rural(articles: Iterable[str]) -> bool:
    """Whether any is of 保障农民工工资支付条例, whose art. 2 covers rural residents in employment and nobody else."""
    return any(one.startswith("TL") for one in articles)


def criminal_line(matrix: Matrix, facts: Facts) -> str | None:
    """Which line of 法释〔2013〕3号 art. 3 the stated figures reach, in the matrix's numbers; None: neither.

    Money that is not wages (project_payment) reaches none.
    """
    lines, workers, amount = matrix.criminal_lines, facts.workers, facts.amount_yuan
    if not workers or not amount or "project_payment" in facts.traits:
        return None
    if workers >= lines.workers and amount >= lines.total_yuan:
        return say("line", "many", workers=lines.workers, total=f"{lines.total_yuan:g}")
    each = amount / workers  # at least one worker is owed the mean or more
    if each >= lines.one_worker_yuan and (facts.months or 0) >= lines.one_worker_months:
        return say("line", "one", months=f"{lines.one_worker_months:g}", yuan=f"{lines.one_worker_yuan:g}")
    return None
