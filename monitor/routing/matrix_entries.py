"""The keys of a matrix file and what may stand under each. Knows no file and no reference between keys."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from monitor.model import Level
from monitor.written import Strict, Text

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Ids = tuple[Id, ...]
Articles = tuple[str, ...]
Basis = Literal["law", "local", "general"]


class LawEntry(Strict):
    title: Text
    number: str = ""
    whole: bool = False


class DepartmentEntry(Strict):
    name: Text
    short: tuple[Text, ...] = ()
    articles: Articles = ()
    stand_in: Id | None = None
    within: Id | None = None
    sees: Literal["full", "fact_sheet"] = "full"
    basis: Basis


class SectorEntry(Strict):
    name: Text
    lead: Id
    co: Ids
    articles: Annotated[Articles, Field(min_length=1)]
    basis: Basis
    note: str = ""


class TraitEntry(Strict):
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


class WhenEntry(Strict):
    sectors: Ids = ()
    traits: Ids = ()
    towns: tuple[Text, ...] = ()
    level: Level | None = None


class ThenEntry(Strict):
    set_lead: Id | None = None
    add: Ids = ()
    notify: Ids = ()
    hold: bool = False
    articles: Articles = ()
    note: str = ""


class RuleEntry(Strict):
    name: Text
    when: WhenEntry
    then: ThenEntry


class ConditionEntry(Strict):
    level: Level
    label: Text
    trait: Id | None = None
    sign: Id | None = None
    life_risk: bool = False
    workers_from: Annotated[int, Field(ge=1)] | None = None
    workers_to: Annotated[int, Field(ge=1)] | None = None
    amount_from: Annotated[float, Field(gt=0)] | None = None
    months_from: Annotated[float, Field(gt=0)] | None = None
    per_worker_from: Annotated[float, Field(gt=0)] | None = None
    reposts_from: Annotated[int, Field(ge=1)] | None = None
    views_from: Annotated[int, Field(ge=1)] | None = None
    posts_from: Annotated[int, Field(ge=1)] | None = None


class CampaignEntry(Strict):
    within_days: Annotated[int, Field(ge=0, le=120)]
    raises: tuple[Level, ...]
    label: Text


class SeverityEntry(Strict):
    conditions: Annotated[tuple[ConditionEntry, ...], Field(min_length=1)]
    campaign: CampaignEntry
    acknowledge: dict[Level, Annotated[int, Field(ge=1, le=10080)]]


class CriminalEntry(Strict):
    one_worker_yuan: Annotated[float, Field(ge=5000, le=20000)]  # 法释〔2013〕3号 art. 3: the national bands
    one_worker_months: Annotated[float, Field(ge=3)]
    workers: Annotated[int, Field(ge=10)]
    total_yuan: Annotated[float, Field(ge=30000, le=100000)]
    articles: Articles
    province: Text | None = None


class CloseEntry(Strict):
    name: Text
    closes: bool = True
    note: str = ""


class MatrixEntry(Strict):
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
