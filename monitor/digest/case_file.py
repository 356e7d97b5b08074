"""What the papers of one incident are written from, and how its facts are said in them. Takes rows as they are.

Masked posts, never the originals; names no author.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.digest.official import Official
from monitor.digest.words import day_text, department, money, word, words
from monitor.model import County, Engagement
from monitor.routing.matrix import Matrix
from monitor.store import incidents, posts
from monitor.store.papers import Issued, Number, issued, number_of
from monitor.text import SHANGHAI, face

Row = Mapping[str, Any]
EXCERPT = 200  # characters of a post that a 转办单 shows
LAW = re.compile("《[^》]+》(?:（[^）]+）)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything the papers of one incident are written from."""

    incident: Row
    posts: Sequence[Row]
    clocks: Sequence[Row]
    history: Sequence[Row]
    spread: Engagement
    matrix: Matrix
    county: str
    now: datetime
    issued: Sequence[Issued] = ()
    transfer: Number | None = None  # of the 转办单 to the present lead, where it has one
    contact: str = ""  # whom the lead may ask at the office
    funds: Sequence[str] = ()  # 可动用的钱, one source a line (monitor.funds.wording.lines)
    signals: Sequence[str] = ()  # 工资支付隐患 of the firms (monitor.funds.hinting.lines)

    @property
    def facts(self) -> Row:
        found: Row = self.incident["facts"]
        return found


def case_file(
    c: Connection, incident: str, *, matrix: Matrix, county: County, now: datetime, funds: Sequence[str] = (),
    signals: Sequence[str] = (),
) -> CaseFile | None:
    """Everything known of an incident; None: there is no such one.

    `funds`: the money behind it; `signals`: that its firms run short; both in lines.
    """
    row = incidents.one(c, incident)
    if row is None:
        return None
    return CaseFile(
        incident=row,
        posts=incidents.posts_of(c, incident),
        clocks=incidents.clocks_of(c, incident),
        history=incidents.history(c, incident),
        spread=posts.spread(c, [incident]).get(incident, Engagement()),
        matrix=matrix,
        county=county.name,
        now=now,
        issued=issued(c, incident),
        transfer=number_of(c, "transfer", f"{incident}:{row['lead']}"),
        contact=next((f"{one.name} {one.phone}" for one in county.contacts.get(matrix.office, ()) if one.phone), ""),
        funds=funds,
        signals=signals,
    )


@cache
def catalogue() -> dict[str, Any]:
    """papers.yaml, read once."""
    loaded: dict[str, Any] = yaml.safe_load((files("monitor.digest") / "papers.yaml").read_text(encoding="utf-8"))
    return loaded


def source(case: CaseFile, say: Mapping[str, Any]) -> str:
    """Where the first post stands, and since when."""
    if not case.posts:
        return str(words()["unknown"])
    first = case.posts[0]
    when = face(first.get("published_at") or case.incident["opened_at"])
    line = str(say["source"].format(platform=first.get("platform") or words()["unknown"], when=when))
    return f"{line} {first['url']}" if first.get("url") else line


def excerpt(case: CaseFile) -> str:
    """The first post's masked words, shortened."""
    first = case.posts[0] if case.posts else {}
    text = " ".join(f"{first.get('masked_title') or ''} {first.get('masked_text') or ''}".split())
    return text[:EXCERPT] + "…" if len(text) > EXCERPT else text or str(words()["unknown"])


def department_of(case: CaseFile, id_: str) -> str:
    """A department's name; the town's own where one is meant."""
    town = case.incident["town"]
    return str(town) if id_ == "town" and town else department(case.matrix, id_)


def told_of(case: CaseFile) -> dict[str, str]:
    unknown, facts, route = words()["unknown"], case.facts, case.incident["route"]
    return {
        "id": case.incident["id"],
        "title": case.incident["title"],
        "level": word("levels", case.incident["level"]),
        "employer": facts.get("employer") or unknown,
        "project": facts.get("project") or unknown,
        "town": case.incident["town"] or unknown,
        "workers": f"{facts['workers']}人" if facts.get("workers") else unknown,
        "amount": money(facts.get("amount_yuan")),
        "months": f"{facts['months']:g}个月" if facts.get("months") else unknown,
        "lead": department_of(case, case.incident["lead"]),
        "co": "、".join(department_of(case, id_) for id_ in case.incident["co"]) or words()["none"],
        "articles": cited([case.matrix.cite(id_) for id_ in route.get("articles") or ()]) or unknown,
    }


def cited(articles: Sequence[str]) -> str:
    """Every law once, with its articles after it."""
    laws: dict[str, list[str]] = {}
    for article in articles:
        law, rest = LAW.match(article), article
        name = law[0] if law else ""
        laws.setdefault(name, []).append(rest[len(name) :])
    return "；".join(name + "、".join(parts) for name, parts in laws.items())


def sheet(case: CaseFile, title: str, number: str, *, internal: bool = False) -> Official:
    office, mark = case.county + words()["office"], catalogue()["mark"] if internal else ""
    return Official(title, office=office, number=number, date=date_of(case.now), mark=mark)


def date_of(moment: datetime) -> str:
    return day_text(moment.astimezone(SHANGHAI).date())
