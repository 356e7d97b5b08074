"""One post -> what it states. Puts the rules of this room together; knows no classifier, no store and no clock.

The speech of the text is taken at its word: nothing is inferred that it does not say, and what is missing is named.
"""

from __future__ import annotations

import re

from monitor.facts import amounts, headcount, periods, place, signals, traits
from monitor.facts.clauses import LIMIT, clauses, sentences
from monitor.facts.debtors import debtor
from monitor.facts.numerals import numbers
from monitor.facts.plain import Plain, plain
from monitor.facts.register import Hit, LocalHit, Register, register_of
from monitor.facts.sites import projects
from monitor.model import County, Facts, Place, Post, RegisterRow, Span
from monitor.text import SHANGHAI

_OWNER_ROLE = re.compile(r"(?:建设单位|业主|开发商|甲方|监理|发包方?)(?:是|为|：|:)?$")
_DEVELOPS = re.compile(r"(?:开发|投资)(?:建设)?的?")
_SUPPLY = re.compile(r"货款|材料款|台班|租赁|机械费|商砼|供货|砂石款|设计费|设备款|运费|食材")
_LABOUR = re.compile(r"工人|农民工|民工|人工|工资|工钱|班组")


def read(post: Post, county: County | None = None, *, area: str | None = None) -> Facts:
    """Amount in yuan, heads, months, debtor, site, place, sector and traits that `post` states, with their spans.

    `county`: whose register and towns are known; `area`: division code that decides `in_area` (default: the county's).
    Only the first LIMIT characters are read. Never raises on any text.
    """
    text = plain(post.full_text[:LIMIT], len(post.title) if post.title else 0)
    register = register_of(county) if county and (county.name or county.register) else None
    code = area or (county.code if county and county.code.strip("0") else None)
    year = post.published_at.astimezone(SHANGHAI).year if post.published_at else None
    return _Reader(text, register, code, year).facts()


class _Reader:
    """The text of one post while it is read."""

    def __init__(self, source: Plain, register: Register | None, area: str | None, year: int | None) -> None:
        text = source.text
        self.source, self.text, self.title_end = source, text, source.title_end
        self.register, self.area, self.year = register, area, year
        self.pieces, self.numbers = clauses(text), numbers(text)
        self.hits: list[Hit] = register.hits(text) if register else []
        self.local: list[LocalHit] = register.local(text) if register else []
        if register and not any(hit.row.kind == "project" for hit in self.hits):
            self.hits += register.apart(text, self.local)
        self.spans: dict[str, tuple[tuple[int, int], ...]] = {}

    def facts(self) -> Facts:
        heads = headcount.headcount(self.text, self.numbers, self.pieces, self.title_end)
        owed = amounts.owed(self.text, self.numbers, self.pieces, heads.number)
        period = periods.period(self.text, self.numbers, self.pieces)
        supply = owed.kind == "project" and bool(_SUPPLY.search(self.text)) and not _LABOUR.search(self.text)
        self._mark("workers", heads.span)
        self._mark("amount_yuan", *owed.spans)
        employer, project = (None, None) if supply else (self._employer(), self._project())
        site = self._place()
        months = None if owed.kind == "project" else period.months
        self._mark("months", period.span if months is not None else None)
        sector = self._sector()
        traits, signs = self._traits(owed.kind, site)
        workers = None if supply else heads.number
        missing = _missing(employer, project, site, workers, owed.yuan, months)
        return Facts(
            workers=workers, amount_yuan=owed.yuan, months=months, employer=employer, project=project, place=site,
            sector=sector, traits=traits, signs=signs, spans=self._spans(), missing=missing,
            doubts=tuple(doubt for doubt in (heads.doubt, owed.doubt, period.doubt) if doubt),
        )  # fmt: skip

    # -------------------------------------------------------------- who and which site
    def _employer(self) -> str | None:
        known = [hit for hit in self.hits if hit.row.kind == "employer"]
        owing = [hit for hit in known if not self._owner(hit)]
        if chosen := owing or known:
            said = list(dict.fromkeys(hit.name for hit in chosen))
            names = [name for name in said if not any(other != name and other.startswith(name) for other in said)]
            self._mark("employer", *((hit.start, hit.end) for hit in chosen[:3]))
            return "/".join(names[:3])
        sites = [(hit.start, hit.end) for hit in self.hits if hit.row.kind == "project"]
        best = debtor(self.text, self.title_end, sites)
        if best is None:
            return None
        self._mark("employer", (best.start, best.end))
        return best.name

    def _owner(self, hit: Hit) -> bool:
        """The developer or client, who owes the contractor and not the workers."""
        before = self.text[max(0, hit.start - 6) : hit.start]
        return bool(_OWNER_ROLE.search(before) or _DEVELOPS.match(self.text, hit.end))

    def _project(self) -> str | None:
        for hit in self.hits:
            if hit.row.kind == "project":
                self._mark("project", (hit.start, hit.end))
                return hit.name
        named = projects(self.text, self.title_end)
        if not named:
            return None
        self._mark("project", (named[0].start, named[0].end))
        return named[0].name

    # -------------------------------------------------------------- where
    def _place(self) -> Place | None:
        ours = [(hit.start, hit.end) for hit in self.local] + [(hit.start, hit.end) for hit in self.hits]
        found = place.locate(self.text, area=self.area, title_end=self.title_end, ours=ours)
        if self.register and (here := self._here(self.register.county, found)):
            return here
        found = found or place.unlisted(self.text)
        if found is not None:
            at = self.text.find(found.text)
            self._mark("place", (at, at + len(found.text)) if at >= 0 else None)
        return found

    def _here(self, county: County, found: Place | None) -> Place | None:
        """The place by the county's own names; None where the text speaks of another."""
        sites = [hit for hit in self.hits if hit.row.town and hit.row.kind == "project"]
        if sites:
            self._mark("place", (sites[0].start, sites[0].end))
            return _in_county(
                county, self._at(sites[0]), sites[0].row.town, f"the register has {sites[0].row.name} there"
            )
        elsewhere = (
            found is not None and found.in_area is not True and (found.code is not None or found.in_area is False)
        )
        local = [hit for hit in self.local if not (hit.generic and elsewhere)]
        nicknames = [LocalHit(h.row.town, h.start, h.end, False) for h in self.hits if h.row.kind == "place"]
        for town in [hit for hit in (*local, *nicknames) if hit.town][:1]:
            self._mark("place", (town.start, town.end))
            return _in_county(county, self._at(town), town.town, "named in the text")
        if elsewhere:
            return None
        for hit in [hit for hit in self.hits if hit.row.town][:1]:
            self._mark("place", (hit.start, hit.end))
            return _in_county(county, self._at(hit), hit.row.town, f"the register has {hit.row.name} there")
        if local:
            self._mark("place", (local[0].start, local[0].end))
            return _in_county(county, self._at(local[0]), None, "the county is named in the text")
        return None

    def _at(self, hit: Hit | LocalHit) -> str:
        return self.text[hit.start : hit.end]

    # -------------------------------------------------------------- sector and traits
    def _rows(self) -> list[RegisterRow]:
        projects = [hit.row for hit in self.hits if hit.row.kind == "project"]
        return projects + [hit.row for hit in self.hits if hit.row.kind == "employer"]

    def _sector(self) -> str:
        for row in self._rows():
            if row.sector:
                return row.sector
        name, spans = signals.sector(self.text, " ".join(self._said("employer")), " ".join(self._said("project")))
        self._mark("sector", *spans)
        return name

    def _said(self, fact: str) -> list[str]:
        return [self.text[start:end] for start, end in self.spans.get(fact, ())]

    def _traits(self, money: str, site: Place | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Traits of the matrix, and signs that its severity may name."""
        found, signs = traits.read(self.text, sentences(self.text), self.year)
        if money == "project":
            found["project_payment"] = (0, 0)
        if site is not None and site.in_area is False:
            found["out_of_area"] = (0, 0)
        for row in self._rows():
            for trait, holds in (("gov_invested", row.gov_invested), ("soe", row.soe)):
                if holds and row.kind == "project":
                    found.setdefault(trait, (0, 0))
        for said, span in (*found.items(), *signs.items()):
            if span != (0, 0):
                self._mark(said, span)
        return tuple(found), tuple(signs)

    def _mark(self, fact: str, *spans: tuple[int, int] | None) -> None:
        if kept := tuple(span for span in spans if span is not None):
            self.spans[fact] = kept

    def _spans(self) -> dict[str, tuple[Span, ...]]:
        return {fact: tuple(self.source.span(start, end) for start, end in spans) for fact, spans in self.spans.items()}


def _in_county(county: County, written: str, town: str | None, source: str) -> Place:
    return Place(
        text=written, code=county.code, name=f"{county.city}{county.name}{town or ''}",
        level="town" if town else "county", in_area=True, town=town, reason=source,
    )  # fmt: skip


def _missing(
    employer: str | None,
    project: str | None,
    site: Place | None,
    workers: int | None,
    yuan: float | None,
    months: float | None,
) -> tuple[str, ...]:
    """What the duty officer must ask. A site names a debt as well as an employer does: both missing, or neither."""
    nameless = employer is None and project is None
    absent = {
        "employer": nameless, "project": nameless, "place": site is None or site.level not in ("county", "town"),
        "workers": workers is None, "amount": yuan is None, "period": months is None,
    }  # fmt: skip
    return tuple(name for name, gone in absent.items() if gone)
