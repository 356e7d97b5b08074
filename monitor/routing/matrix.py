"""The responsibility matrix as the decisions see it: departments, sectors, traits, rules, severity, articles.

It knows what may stand in a matrix and how a law article is cited. It does not read files (see matrix_file) and decides
nothing (see decide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from monitor.model import Level

INDUSTRY = "industry_by_sector"  # in `set_lead`: the sector's own lead, whatever the county's lead policy
POLICIES = ("industry_first", "hrss_first")
ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A document that articles stand in. `whole`: it is cited as a whole, without an article."""

    id: str
    title: str
    number: str = ""
    whole: bool = False

    @property
    def name(self) -> str:
        """As a letter cites it: 《标题》（文号）."""
        title = self.title if self.title.startswith("《") else f"《{self.title}》"
        return f"{title}（{self.number}）" if self.number else title


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """责任部门. `stand_in`: who is reached where the county has none; `within`: the department it sits in."""

    id: str
    name: str
    short: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    stand_in: str | None = None
    within: str | None = None
    sees: str = "full"  # fact_sheet: never the post itself, it is or stands near the party complained of
    basis: str = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """行业: the first answer to "who leads"."""

    id: str
    name: str
    lead: str
    co: tuple[str, ...]
    articles: tuple[str, ...]
    basis: str = "general"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """情节: what it changes. `hold`: a person decides before anything leaves the office."""

    id: str
    name: str
    articles: tuple[str, ...]
    set_lead: str | None = None
    add: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    min_level: Level | None = None
    hold: bool = False
    lead_hint: str | None = None
    basis: str = "general"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A county's own line: where all of `when` holds, do `then`. Empty sets mean "any"; traits must all be present."""

    name: str
    sectors: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    level: Level | None = None  # at least this
    set_lead: str | None = None
    add: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    hold: bool = False
    articles: tuple[str, ...] = ()
    note: str = ""

    def filed_under(self) -> Iterator[tuple[str, str, str]]:
        """Where the rule is filed: every (sector, first trait, town) it can match."""
        trait = self.traits[0] if self.traits else ANY
        for sector in self.sectors or (ANY,):
            for town in self.towns or (ANY,):
                yield sector, trait, town


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of severity: all its limits must hold. Amounts in yuan, per worker where so named.

    `sign`: one of `monitor.model.SIGNS`, what a text says of the event although no trait stands for it.
    """

    level: Level
    label: str
    trait: str | None = None
    sign: str | None = None
    life_risk: bool = False
    workers_from: int | None = None
    workers_to: int | None = None
    amount_from: float | None = None
    months_from: float | None = None
    per_worker_from: float | None = None
    reposts_from: int | None = None
    views_from: int | None = None
    posts_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How urgent: conditions, floors set by traits (trait id -> level, its name), and the campaign's raise."""

    conditions: tuple[Condition, ...]
    floors: Mapping[str, tuple[Level, str]]
    life_traits: tuple[str, ...]
    campaign_within_days: int
    campaign_raises: tuple[Level, ...]
    campaign_label: str
    acknowledge: Mapping[Level, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriminalLines:
    """法释〔2013〕3号 art. 3. Reaching a line is a hint to the department, never a verdict.

    `province`: whose figures these are; None: the national bands' lower ends, until somebody enters the province's.
    """

    one_worker_yuan: float
    one_worker_months: float
    workers: int
    total_yuan: float
    articles: tuple[str, ...]
    province: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCode:
    """A conclusion of a case. `closes` False: the case stays open under it."""

    id: str
    name: str
    closes: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """责任矩阵: one dated version, validated. In force from `effective_from` to before `effective_to`."""

    version: str
    title: str
    effective_from: date
    effective_to: date | None
    lead_policy: str
    default_lead: str
    office: str
    attached: tuple[str, ...]
    upward: tuple[str, ...]
    lead_precedence: tuple[str, ...]
    life_traits: tuple[str, ...]
    documents: Mapping[str, Law]
    subparagraphs: frozenset[str]
    departments: Mapping[str, Department]
    sectors: Mapping[str, Sector]
    traits: Mapping[str, Trait]
    rules: tuple[Rule, ...]
    severity: Severity
    criminal_lines: CriminalLines
    close_codes: Mapping[str, CloseCode] = field(default_factory=dict)

    def name_of(self, department: str) -> str:
        """The department's name; the id itself where the matrix does not know it."""
        known = self.departments.get(department)
        return known.name if known else department

    def cite(self, article: str) -> str:
        """`TL7(2)` -> 《保障农民工工资支付条例》（国务院令第724号）第7条第2款; an unknown id comes back as it is."""
        return cite(self.documents, self.subparagraphs, article)

    @cached_property
    def rules_by_key(self) -> Mapping[tuple[str, str, str], tuple[tuple[int, Rule], ...]]:
        """(sector, trait, town) -> rules with their place in the file: a decision looks at no rule it cannot match."""
        filed: dict[tuple[str, str, str], list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(self.rules):
            for key in rule.filed_under():
                filed.setdefault(key, []).append((number, rule))
        return {key: tuple(rules) for key, rules in filed.items()}

    def rules_for(self, sector: str, traits: Sequence[str], town: str | None, level: Level) -> list[Rule]:
        """The rules that hold, in the order of the file."""
        found: dict[int, Rule] = {}
        for one in (sector, ANY):
            for trait in (*traits, ANY):
                for place in (town or ANY, ANY):
                    found.update(self.rules_by_key.get((one, trait, place), ()))
        present = set(traits)
        return [
            rule
            for _, rule in sorted(found.items())
            if present.issuperset(rule.traits) and (rule.level is None or level.rank >= rule.level.rank)
        ]


ARTICLE = re.compile(
    r"-?(?P<article>\d+)(?:-(?P<insert>\d+))?(?:\((?P<part>\d+|[一二三四五六七八九十]+)\))?(?P<words>\".+\")?"
)


def split_article(documents: Mapping[str, Law], article: str) -> tuple[Law, re.Match[str] | None] | None:
    """The document of an article id and what follows it; None where no document of the matrix fits."""
    for size in range(len(article), 0, -1):
        law = documents.get(article[:size])
        if law is None:
            continue
        rest = article[size:]
        if not rest:
            return law, None
        found = ARTICLE.fullmatch(rest)
        return (law, found) if found and not law.whole else None
    return None


def cite(documents: Mapping[str, Law], subparagraphs: frozenset[str], article: str) -> str:
    """An article id in the words of a letter. 款 unless the matrix lists it as 项 (`subparagraphs`)."""
    parts = split_article(documents, article)
    if parts is None:
        return article
    law, found = parts
    if found is None:
        return law.name
    number = f"第{han(found['article'])}条" + (f"之{han(found['insert'])}" if found["insert"] else "")
    part = ""
    if found["part"]:
        part = f"第（{han(found['part'])}）项" if article in subparagraphs else f"第{han(found['part'])}款"
    return f"{law.name}{number}{part}{(found['words'] or '').replace(chr(34), '')}"


def han(number: str) -> str:
    """`41` -> 四十一, as articles are numbered; what is no number below 1000 comes back as it is."""
    if not number.isdecimal() or not 0 < int(number) < 1000:
        return number
    hundreds, rest = divmod(int(number), 100)
    tens, ones = divmod(rest, 10)
    digits = "零一二三四五六七八九"
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{digits[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
