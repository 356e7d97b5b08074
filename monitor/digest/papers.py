"""The papers of one case as official documents: report, transfer, supervision, draft reply. Facts only; a person signs.

Takes rows of the store as they are (masked posts, never the originals). Never names an author and never publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from monitor.digest import follow_up
from monitor.digest.case_file import (
    CaseFile,
    case_file,
    catalogue,
    date_of,
    department_of,
    excerpt,
    sheet,
    source,
    told_of,
)
from monitor.digest.words import clock as clock_word
from monitor.digest.words import duration, money, word, words
from monitor.errors import InputError
from monitor.routing.decide import criminal_line
from monitor.store import Store, incidents
from monitor.store.closeout import Letter, closeout_of
from monitor.store.codec import facts_from
from monitor.store.papers import FOLLOW, REFERRAL, Issued, Number, follow_subject, take_number
from monitor.text import SHANGHAI, face

__all__ = [
    "KINDS", "CaseFile", "advice", "card", "case_file", "catalogue", "follow", "late_clock", "numbered", "paper",
    "referral", "reply", "report", "subject", "supervise", "transfer",
]  # fmt: skip

Row = Mapping[str, Any]
EPOCH = datetime.fromtimestamp(0, UTC)
RETURN_DAYS = 5  # working days to return what is not one's own, as the ledger has it (信访工作条例 23(3))
WORKS = ("TL7(2)", "TL30", "TL37")  # articles of sectors in which a general contractor pays first


def paper(case: CaseFile, kind: str, number: Number | None = None) -> bytes:
    """One of KINDS, FOLLOW or REFERRAL as docx bytes, with its number if it has one.

    InputError: a 督办单 where nothing is late, a 转送函 where nothing was sent, a 续报 where nothing was reported or
    nothing is new.
    """
    write = {FOLLOW: follow, REFERRAL: referral}.get(kind) or PAPERS[kind]
    return write(case, _numbered(kind, number))


def subject(case: CaseFile, kind: str) -> str | None:
    """What a paper is about, so that it has one number however often it is made; None: a draft has none.

    A 专报 is about the incident, a 续报 about the incident as it stands, a 转办单 about the incident and its lead,
    a 督办单 about the clock that ran out, a 转送函 about the how-manieth time the case was sent elsewhere.
    """
    id_ = case.incident["id"]
    if kind == "supervise":
        return f"{id_}:{late_clock(case)['name']}"
    if kind == FOLLOW:
        _news(case)
        return follow_subject(id_, case.incident["version"])
    if kind == REFERRAL:
        return f"{id_}:{_letter(case)['letter']}"
    return {"report": id_, "transfer": f"{id_}:{case.incident['lead']}"}.get(kind)


def numbered(store: Store, case: CaseFile, kind: str, by: str) -> Number | None:
    """The number of a paper, given to it now where it has none yet; counts within the year in Shanghai."""
    about = subject(case, kind)
    if about is None:
        return None
    year = case.now.astimezone(SHANGHAI).year
    return store.unit(lambda c: take_number(c, kind, about, year=year, now=case.now, by=by))


def late_clock(case: CaseFile) -> Row:
    """The clock of a case in hand that ran out longest ago; InputError where nothing is late, or the case is away."""
    late = [clock for clock in case.clocks if incidents.late(clock, case.now)]
    if not late or case.incident["state"] not in incidents.OPEN_STATES or case.incident["state"] == "referred":
        raise InputError(catalogue()["supervise"]["nothing_late"].format(id=case.incident["id"]))
    return late[0]


def _numbered(kind: str, number: Number | None) -> str:
    """第3期, 督办〔2027〕12号; nothing where there is no number."""
    form: str = catalogue()[kind].get("number", "")
    if number and number.follow:
        return follow_up.name_of(Issued(number, None, EPOCH), catalogue()[FOLLOW])
    return form.format(year=number.year, number=number.number) if number else ""


def advice() -> list[tuple[str, list[str]]]:
    """What holds for every worker who was not paid, by heading: the card's lines of no one case or trade."""
    _, *parts = catalogue()["card"]["parts"].items()  # the first says whose this case is
    always = [(name.partition("、")[2], [one["say"] for one in lines if "when" not in one]) for name, lines in parts]
    return [(name, lines) for name, lines in always if lines]


def report(case: CaseFile, number: str = "") -> bytes:
    """舆情专报 (docx): what is said, how far it went, what is verified, level, duties, advice."""
    say = catalogue()["report"]
    paper = sheet(case, say["title"], f"{number}　{say['id'].format(id=case.incident['id'])}".strip(), internal=True)
    bodies = (_basic, _spread, _checked, _judged, _duties, _advice)
    for heading, body in zip(say["sections"], bodies, strict=True):
        paper.heading(heading)
        for line in body(case, say):
            paper.text(line)
    evidence = sum(1 for post in case.posts if post.get("evidence"))
    if evidence:
        paper.text(say["attached"].format(evidence=evidence))
    paper.foot(say["send"])
    return paper.save()


def follow(case: CaseFile, number: str = "") -> bytes:
    """续报 (docx): what came after the last report, without telling the beginning again."""
    say, found = catalogue()[FOLLOW], _news(case)
    paper = sheet(case, say["title"], f"{number}　{say['id'].format(id=case.incident['id'])}".strip(), internal=True)
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
    say, values = catalogue()["transfer"], told_of(case)
    paper = sheet(case, say["title"], number or case.incident["id"])
    paper.text(say["to"].format(**values))
    due = {clock["name"]: face(clock["due_at"]) for clock in case.clocks}
    paper.text(
        say["body"].format(
            ack_due=due.get("acknowledge") or due.get("ack") or words()["unknown"],
            verify_due=due.get("verify") or due.get("resolve") or words()["unknown"],
            resolve_due=due.get("resolve") or words()["unknown"],
            return_days=RETURN_DAYS,
        )
    )
    cells = (
        case.incident["id"], values["level"], face(case.incident["opened_at"]), source(case, say), values["title"],
        excerpt(case), values["employer"], values["project"], values["town"], values["workers"], values["amount"],
        values["months"], values["lead"], values["co"], values["articles"], say["asked"],
        case.contact or words()["unknown"],
    )  # fmt: skip
    told = [(say[key], "\n".join(lines)) for key, lines in (("funds", case.funds), ("signals", case.signals)) if lines]
    paper.table((), [*zip(say["rows"], cells, strict=True), *told], (36, 120))
    known = [(id_, case.matrix.departments.get(id_)) for id_ in case.incident["co"]]
    sheets = [department_of(case, id_) for id_, one in known if one and one.sees == "fact_sheet"]
    if sheets and case.posts:
        paper.text(say["sheet_only"].format(names="、".join(sheets)))
    paper.signature(case.county + words()["office"], date_of(case.now))
    paper.heading(say["receipt_title"].format(number=number or case.incident["id"]))
    paper.table((), [(name, "") for name in say["receipt"]], (46, 110), whole=True)
    return paper.save()


def supervise(case: CaseFile, number: str = "") -> bytes:
    """督办单 (docx) on the clock that ran out longest ago."""
    say, values, clock = catalogue()["supervise"], told_of(case), late_clock(case)
    days = duration(case.now - clock["due_at"])
    paper = sheet(case, say["title"], number or case.incident["id"])
    paper.text(say["to"].format(**values))
    if case.transfer:
        paper.text(say["before"].format(transfer=_numbered("transfer", case.transfer)))
    paper.text(say["body"].format(**values, clock=clock_word(clock["name"]), due=face(clock["due_at"]), days=days))
    paper.signature(case.county + words()["office"], date_of(case.now))
    paper.foot(say["copy"])
    return paper.save()


def reply(case: CaseFile, number: str = "") -> bytes:
    """公开答复稿 (docx): a draft for the lead to sign; says nothing of any person and judges nobody."""
    say, values = catalogue()["reply"], told_of(case)
    paper = sheet(case, say["title"], case.incident["id"])
    handling = say["handling"]["self" if case.incident["lead"] == case.matrix.office else "other"]
    handling = handling.format(office=words()["office"], lead=values["lead"])
    for line in say["body"]:
        paper.text(line.format(handling=handling, progress=_progress(case, say)))
    paper.text(say["note"])
    return paper.save()


def card(case: CaseFile, number: str = "") -> bytes:
    """维权告知单 (docx): what a worker may do, with which papers, by when and under which law; names no debtor."""
    say, values = catalogue()["card"], told_of(case)
    works = _works(case)
    met = {"works" if works else "plain", *(case.facts.get("traits") or ())}
    paper = sheet(case, say["title"], "")
    paper.text(say["intro"])
    for heading, lines in say["parts"].items():
        paper.heading(heading)
        for line in lines:
            if met & set(line.get("when") or met):
                paper.text(line["say"].format(handling=values["lead"], id=values["id"]))
    return paper.save()


def referral(case: CaseFile, number: str = "") -> bytes:
    """转送函 (docx): to another county or up to the city, what is known, what was done, and the receipt to fill in.

    InputError where the case has not been sent anywhere.
    """
    say, values, letter = catalogue()["referral"], told_of(case), _letter(case)
    kind = say[letter["kind"]]
    paper = sheet(case, kind["title"], number or case.incident["id"])
    paper.text(f"{letter['to']}：")
    paper.text(kind["body"].format(**values, reason=letter["reason"]))
    cells = (
        case.incident["id"], face(case.incident["opened_at"]), source(case, catalogue()["transfer"]), values["title"],
        excerpt(case), values["employer"], values["project"], _where(case), values["workers"], values["amount"],
        values["months"], "；".join(_done(case, say)) or words()["none"], case.contact or words()["unknown"],
    )  # fmt: skip
    paper.table((), list(zip(say["rows"], cells, strict=True)), (36, 120))
    due = face(datetime.fromisoformat(letter["due"]))
    for line in say["asked"]:
        paper.text(line.format(due=due))
    paper.signature(case.county + words()["office"], date_of(case.now))
    paper.heading(say["receipt_title"].format(number=number or case.incident["id"]))
    paper.table((), [(name, "") for name in say["receipt"]], (46, 110), whole=True)
    return paper.save()


def _letter(case: CaseFile) -> Letter:
    found = closeout_of(case.incident).get("referred")
    if not found:
        raise InputError(catalogue()["referral"]["nowhere"].format(id=case.incident["id"]))
    return found


def _where(case: CaseFile) -> str:
    place = case.facts.get("place") or {}
    return place.get("text") or place.get("name") or case.incident["town"] or str(words()["unknown"])


def _done(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    """What this county did: acts only, without the words in which somebody explained them."""
    told = [row for row in case.history if row["actor"] != "machine" and row["act"] in say["acts"]]
    return [f"{face(row['at'])} {word('acts', row['act'])}" for row in told[-6:]]


PAPERS: Mapping[str, Callable[[CaseFile, str], bytes]] = {
    "report": report,
    "transfer": transfer,
    "supervise": supervise,
    "reply": reply,
    "card": card,
}
KINDS = tuple(PAPERS)


# ------------------------------------------------------------------ sentences
def _basic(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    first = case.posts[0] if case.posts else {}
    place = case.facts.get("place") or {}
    line = say["basic"].format(
        **told_of(case),
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
    """What is verified and what is not, apart: a reader must not take the one for the other."""
    state, names, unknown = case.incident["verification"], words()["facts"], words()["unknown"]
    if state not in ("true", "partly", "false"):
        return [say["unverified"].format(verification=word("verification", state))]
    lines, found = [say["verified"].format(verification=word("verification", state))], case.incident["closeout"] or {}
    workers, yuan = found.get("due_workers"), found.get("due_yuan")
    if workers is not None or yuan is not None:
        due = {"workers": unknown if workers is None else f"{workers}人", "amount": money(yuan)}
        paid = {"paid_workers": f"{case.incident['paid_workers']}人", "paid": money(case.incident["paid_yuan"])}
        lines.append(say["known"].format(**due, **paid))
    missing = [names.get(key, key) for key in case.facts.get("missing") or ()]
    return [*lines, say["open"].format(missing="、".join(missing))] if missing else lines


def _judged(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    line = say["level"].format(
        level=told_of(case)["level"],
        reasons="；".join(reason.partition(":")[2] or reason for reason in case.incident["level_reasons"]),
    )
    traits = case.facts.get("traits") or ()
    nature = "、".join(say["natures"][one] for one in ("gov_invested", "soe") if one in traits) or say["natures"][None]
    reached = _crime_line(case)
    lines = [line, say["nature"].format(nature=nature)]
    return [*lines, say["crime_line"].format(**reached)] if reached else lines


def _duties(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    done = [
        say["done"].format(at=face(row["at"]), act=word("acts", row["act"]), reason=row["reason"])
        for row in case.history
        if row["actor"] != "machine"
    ]
    return [say["duties"].format(**told_of(case)), *done[-10:]]


def _progress(case: CaseFile, say: Mapping[str, Any]) -> str:
    """Where the case stands, from what is registered; a result only where it was closed by one."""
    code = case.matrix.close_codes.get(case.incident["close_code"] or "")
    if case.incident["state"] == "closed" and code:
        appeal = ((case.incident["closeout"] or {}).get("given") or {}).get("appeal")
        told = str(say["closed"]).format(result=code.name)
        return told + str(say["appeal"]).format(appeal=appeal) if appeal else told
    return str(say["progress"].get(case.incident["state"], say["progress"]["handling"]))


def _advice(case: CaseFile, say: Mapping[str, Any]) -> list[str]:
    """What fits this case: a school has no general contractor, and public money no other payer."""
    also = {"life": case.incident["life_risk"], "works": _works(case), "crime": _crime_line(case)}
    fits = {"always", "reply", *(case.facts.get("traits") or ()), *(key for key, met in also.items() if met)}
    told = [say[key].format(lines="；".join(lines)) for key, lines in (("funds", case.funds), ("signals", case.signals))
            if lines]  # fmt: skip
    return [line for key, line in say["advice"].items() if key in fits] + told


def _works(case: CaseFile) -> bool:
    """Whether a general contractor pays first: construction, by the articles its sector stands under."""
    sector = case.matrix.sectors.get(case.incident["sector"] or "")
    return sector is not None and any(one.startswith(WORKS) for one in sector.articles)


def _crime_line(case: CaseFile) -> dict[str, str] | None:
    """Which line of 法释〔2013〕3号第三条 the figures reach, and whose; a hint, never a label. None: neither."""
    line = criminal_line(case.matrix, facts_from(case.facts))
    whose = case.matrix.criminal_lines.province or catalogue()["report"]["national"]
    return {"line": line, "whose": whose} if line else None
