"""The papers of one case as official documents: report, transfer, supervision, draft reply. Facts only; a person signs.

Takes rows of the store as they are (masked posts, never the originals). Never names an author and never publishes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.digest import follow_up
from monitor.digest.official import Official
from monitor.digest.words import clock as clock_word
from monitor.digest.words import day_text, department, duration, money, word, words
from monitor.errors import InputError
from monitor.model import Engagement
from monitor.routing.matrix import Matrix
from monitor.store import Store, incidents, posts
from monitor.store.papers import FOLLOW, Issued, Number, follow_subject, issued, take_number
from monitor.text import SHANGHAI, face

Row = Mapping[str, Any]
EPOCH = datetime.fromtimestamp(0, UTC)
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

    @property
    def facts(self) -> Row:
        found: Row = self.incident["facts"]
        return found


def case_file(c: Connection, incident: str, *, matrix: Matrix, county: str, now: datetime) -> CaseFile | None:
    """Everything known of an incident; None: there is no such one."""
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
        county=county,
        now=now,
        issued=issued(c, incident),
    )


def paper(case: CaseFile, kind: str, number: Number | None = None) -> bytes:
    """One of KINDS or FOLLOW as docx bytes, with its number if it has one.

    InputError: a 督办单 where nothing is late, a 续报 where nothing was reported or nothing is new.
    """
    write = follow if kind == FOLLOW else PAPERS[kind]
    return write(case, _numbered(kind, number))


def subject(case: CaseFile, kind: str) -> str | None:
    """What a paper is about, so that it has one number however often it is made; None: a draft has none.

    A 专报 is about the incident, a 续报 about the incident as it stands, a 转办单 about the incident and its lead,
    a 督办单 about the clock that ran out.
    """
    id_ = case.incident["id"]
    if kind == "supervise":
        return f"{id_}:{late_clock(case)['name']}"
    if kind == FOLLOW:
        _news(case)
        return follow_subject(id_, case.incident["version"])
    return {"report": id_, "transfer": f"{id_}:{case.incident['lead']}"}.get(kind)


def numbered(store: Store, case: CaseFile, kind: str, by: str) -> Number | None:
    """The number of a paper, given to it now where it has none yet; counts within the year in Shanghai."""
    about = subject(case, kind)
    if about is None:
        return None
    year = case.now.astimezone(SHANGHAI).year
    return store.unit(lambda c: take_number(c, kind, about, year=year, now=case.now, by=by))


def late_clock(case: CaseFile) -> Row:
    """The clock of a case in hand that ran out longest ago; InputError where nothing is late."""
    late = [clock for clock in case.clocks if clock["done_at"] is None and clock["due_at"] < case.now]
    if not late or case.incident["state"] not in incidents.OPEN_STATES:
        raise InputError(catalogue()["supervise"]["nothing_late"].format(id=case.incident["id"]))
    return late[0]


def _numbered(kind: str, number: Number | None) -> str:
    """第3期, 督办〔2027〕12号; nothing where there is no number."""
    form: str = catalogue()[kind].get("number", "")
    if number and number.follow:
        return follow_up.name_of(Issued(number, None, EPOCH), catalogue()[FOLLOW])
    return form.format(year=number.year, number=number.number) if number else ""


@cache
def catalogue() -> dict[str, Any]:
    """papers.yaml, read once."""
    loaded: dict[str, Any] = yaml.safe_load((files("monitor.digest") / "papers.yaml").read_text(encoding="utf-8"))
    return loaded


def report(case: CaseFile, number: str = "") -> bytes:
    """舆情专报 (docx): what is said, how far it went, what is verified, level, duties, advice."""
    say = catalogue()["report"]
    paper = _paper(case, say["title"], f"{number}　{say['id'].format(id=case.incident['id'])}".strip())
    bodies = (_basic, _spread, _checked, _judged, _duties, _advice)
    for heading, body in zip(say["sections"], bodies, strict=True):
        paper.heading(heading)
        for line in body(case, say):
            paper.text(line)
    paper.foot(say["send"])
    return paper.save()


def follow(case: CaseFile, number: str = "") -> bytes:
    """续报 (docx): what came after the last report, without telling the beginning again."""
    say, found = catalogue()[FOLLOW], _news(case)
    paper = _paper(case, say["title"], f"{number}　{say['id'].format(id=case.incident['id'])}".strip())
    first = catalogue()["report"]
    parts = (
        follow_up.before(found, say),
        [*follow_up.since(found, say), *_judged(case, first)],
        _spread(case, first),
        _checked(case, first),
        follow_up.ahead(case.clocks, case.now, say),
    )
    for heading, lines in zip(say["sections"], parts, strict=True):
        paper.heading(heading)
        for line in lines:
            paper.text(line)
    paper.foot(say["send"])
    return paper.save()


def _news(case: CaseFile) -> follow_up.News:
    return follow_up.news(case.incident, case.issued, case.history, case.posts, catalogue()[FOLLOW])


def transfer(case: CaseFile, number: str = "") -> bytes:
    """转办单 (docx): to the lead, with what is asked, by when, under which article, and the receipt to fill in."""
    say, values = catalogue()["transfer"], _values(case)
    paper = _paper(case, say["title"], number or case.incident["id"])
    paper.text(say["to"].format(**values))
    due = {clock["name"]: face(clock["due_at"]) for clock in case.clocks}
    paper.text(
        say["body"].format(
            ack_due=due.get("acknowledge") or due.get("ack") or words()["unknown"],
            verify_due=due.get("verify") or due.get("resolve") or words()["unknown"],
            resolve_due=due.get("resolve") or words()["unknown"],
        )
    )
    cells = (
        case.incident["id"], values["level"], face(case.incident["opened_at"]), values["title"], values["employer"],
        values["project"], values["town"], values["workers"], values["amount"], values["months"], values["lead"],
        values["co"], values["articles"],
    )  # fmt: skip
    paper.table((), list(zip(say["rows"], cells, strict=True)), (36, 120))
    paper.signature(case.county + words()["office"], _date(case.now))
    paper.heading(say["receipt_title"].format(number=number or case.incident["id"]))
    paper.table((), [(name, "") for name in say["receipt"]], (46, 110), whole=True)
    return paper.save()


def supervise(case: CaseFile, number: str = "") -> bytes:
    """督办单 (docx) on the clock that ran out longest ago."""
    say, values, clock = catalogue()["supervise"], _values(case), late_clock(case)
    days = duration(case.now - clock["due_at"])
    paper = _paper(case, say["title"], number or case.incident["id"])
    paper.text(say["to"].format(**values))
    paper.text(say["body"].format(**values, clock=clock_word(clock["name"]), due=face(clock["due_at"]), days=days))
    paper.signature(case.county + words()["office"], _date(case.now))
    paper.foot(say["copy"])
    return paper.save()


def reply(case: CaseFile, number: str = "") -> bytes:
    """公开答复稿 (docx): a draft for the lead to sign; says nothing of any person and judges nobody."""
    say, values = catalogue()["reply"], _values(case)
    paper = _paper(case, say["title"], case.incident["id"])
    for line in say["body"]:
        paper.text(line.format(office=words()["office"], lead=values["lead"], progress=_progress(case, say)))
    paper.text(say["note"])
    return paper.save()


PAPERS: Mapping[str, Callable[[CaseFile, str], bytes]] = {
    "report": report,
    "transfer": transfer,
    "supervise": supervise,
    "reply": reply,
}
KINDS = tuple(PAPERS)


# ------------------------------------------------------------------ sentences
def _basic(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    first = case.posts[0] if case.posts else {}
    place = case.facts.get("place") or {}
    line = say["basic"].format(
        **_values(case),
        when=face(first.get("published_at") or case.incident["opened_at"]),
        platform=first.get("platform") or words()["unknown"],
        area=say["in_area"][place.get("in_area")],
    )
    missing = case.facts.get("missing") or []
    names = words()["facts"]
    return [line] + (
        [say["missing"].format(missing="、".join(names.get(key, key) for key in missing))] if missing else []
    )


def _spread(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    names = words()["spread"]
    counts = [f"{names[key]}{value}" for key, value in asdict(case.spread).items() if value is not None]
    text = "、".join(counts) or names["none"]
    return [say["spread"].format(now=face(case.now), posts=case.incident["posts"], counts=text)]


def _checked(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    state = case.incident["verification"]
    key = "verified" if state in ("true", "partly", "false") else "unverified"
    return [say[key].format(verification=word("verification", state))]


def _judged(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    line = say["level"].format(
        level=_values(case)["level"],
        reasons="；".join(reason.partition(":")[2] or reason for reason in case.incident["level_reasons"]),
    )
    return [line, say["crime_line"]] if reaches_crime_line(case.facts, case.matrix) else [line]


def _duties(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    done = [
        say["done"].format(at=face(row["at"]), act=word("acts", row["act"]), reason=row["reason"])
        for row in case.history
        if row["actor"] != "machine"
    ]
    return [say["duties"].format(**_values(case)), *done[-10:]]


def _progress(case: CaseFile, say: Mapping[str, Any]) -> str:
    """Where the case stands, from what is registered; a result only where it was closed by one."""
    code = case.matrix.close_codes.get(case.incident["close_code"] or "")
    if case.incident["state"] == "closed" and code:
        return str(say["closed"]).format(result=code.name)
    return str(say["progress"].get(case.incident["state"], say["progress"]["handling"]))


def _advice(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    fled = [say["advice_fled"]] if "employer_fled" in (case.facts.get("traits") or ()) else []
    return [*say["advice"], *fled]


def reaches_crime_line(facts: Row, matrix: Matrix) -> bool:
    """Whether stated figures reach the province's line (法释〔2013〕3号第三条); a hint, never a label."""
    lines = matrix.criminal_lines
    amount, workers = facts.get("amount_yuan") or 0, facts.get("workers") or 0
    long_enough = (
        (facts.get("months") or 0) >= lines.one_worker_months and workers and amount / workers >= lines.one_worker_yuan
    )
    return bool(long_enough or (workers >= lines.workers and amount >= lines.total_yuan))


def _values(case: CaseFile) -> dict[str, str]:
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
        "lead": department(case.matrix, case.incident["lead"]),
        "co": "、".join(department(case.matrix, id_) for id_ in case.incident["co"]) or words()["none"],
        "articles": _cited([case.matrix.cite(id_) for id_ in route.get("articles") or ()]) or unknown,
    }


def _cited(articles: Sequence[str]) -> str:
    """Every law once, with its articles after it."""
    laws: dict[str, list[str]] = {}
    for article in articles:
        law, rest = LAW.match(article), article
        name = law[0] if law else ""
        laws.setdefault(name, []).append(rest[len(name) :])
    return "；".join(name + "、".join(parts) for name, parts in laws.items())


def _paper(case: CaseFile, title: str, number: str) -> Official:
    return Official(title, office=case.county + words()["office"], number=number, date=_date(case.now))


def _date(moment: datetime) -> str:
    return day_text(moment.astimezone(SHANGHAI).date())
