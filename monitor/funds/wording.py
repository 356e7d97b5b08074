"""What is told of the money behind a debt, as plain values for a page, a mail and a paper. Knows sentences.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.funds.behind import Behind, Cover, Fact, Finding
from monitor.funds.match import Match
from monitor.funds.standing import Ending, Stand
from monitor.names import money
from monitor.sheet.cells import FOREVER

Told = dict[str, Any]
MOST_NAMES, MOST_ENDING = 4, 5
SEEN = "seen"  # covered, as far as the reader sees the debts


@cache
def words() -> Mapping[str, Any]:
    """sentences.yaml, read once."""
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.funds") / "sentences.yaml").read_text(encoding="utf-8"))
    return loaded


def told(found: Behind, departments: Sequence[str]) -> Told:
    """The block of a debt. `departments`: names of those who see to findings, as the responsibility matrix has them."""
    say, cover = words(), found.cover.value
    if found.cover is Cover.COVERED and not found.whole:
        cover = SEEN
    return {
        "cover": cover,
        "cover_name": say["cover"][cover],
        "project": found.project,
        "match": matched(found.match),
        "law": say["law"],
        "facts": [_line(fact, "facts") for fact in found.facts],
        "unknown": [_line(fact, "unknown") for fact in found.unknown],
        "findings": [_finding(one) for one in found.findings],
        "seen_to": say["seen_to"].format(departments="、".join(departments)),
    }


def lines(block: Told, *, brief: bool = False) -> list[str]:
    """The block as lines of a letter: what there is, with article and source; what is not known; what to look into.

    `brief`: for a paper: without sources, without what holds for every debt, without what is not known where much is.
    """
    say = words()
    found = [] if brief and block["project"] else [block["match"]]
    for fact in block["facts"]:
        if brief and fact["key"] == "emergency_check":  # holds for every debt
            continue
        about = say["about"].join(part for part in ("、".join(fact["articles"]), not brief and fact["source"]) if part)
        found.append(say["one"].format(text=fact["text"], about=about) if about else fact["text"])
    if block["unknown"] and not (brief and len(block["facts"]) > 1):
        found.append(say["not_known"].format(texts=say["about"].join(one["text"] for one in block["unknown"])))
    if block["findings"]:
        texts = say["about"].join(one["text"] for one in block["findings"])
        found.append(say["to_see_to"].format(texts=texts, by=block["seen_to"]))
    return found


def summary(found: Stand, most: int = MOST_ENDING) -> list[str]:
    """The open debts of a county in two or three sentences: by the money behind them, and what ends before 除夕."""
    say, piles = words(), found.piles
    works = [pile for kind, pile in piles.items() if kind is not Cover.OUTSIDE]
    told_ = [
        say["summary"].format(
            count=sum(len(pile.ids) for pile in piles.values()), owed=money(sum(pile.owed for pile in works)),
            backed=money(sum(pile.backed for pile in works)), **{kind.value: len(piles[kind].ids) for kind in Cover},
        )
    ]  # fmt: skip
    if "deposits" not in found.lists:
        told_.append(say["no_list"])
    for kind, as_of, days in found.stale:
        told_.append(say["stale_list"].format(list=say["lists"][kind], day=as_of, days=days))
    if found.eve and found.ending:
        shown = "、".join(ending(one) for one in found.ending[:most])
        more = say["ending_more"] if len(found.ending) > most else ""
        told_.append(say["ending"].format(eve=found.eve, count=len(found.ending), found=shown + more))
    elif found.eve and "deposits" in found.lists:
        told_.append(say["ending_none"].format(eve=found.eve))
    return told_


def sites(found: Stand) -> list[tuple[Any, ...]]:
    """Projects with open debts as rows of a sheet, the largest hole first; money in yuan, empty where nobody says."""
    return [
        (
            one.project, one.contractor or "", words()["cover"][one.cover.value], one.held,
            str(one.until) if one.until else "", len(one.ids), one.owed, one.backed,
            _from(one.source, one.as_of)["source"] if one.source else "",
        )
        for one in found.sites
    ]  # fmt: skip


def ending(one: Ending) -> str:
    """锦禾苑三期（工资保证金80万元（银行保函），2027-01-31到期，涉3件、写明12万元）."""
    form = one.deposit.form.value if one.deposit.form else "unsaid"
    return str(words()["ending_one"]).format(
        project=one.project, lodged=lodged(form, one.deposit.yuan, None), until=one.deposit.until, cases=len(one.ids),
        owed=money(one.owed),
    )  # fmt: skip


def matched(match: Match) -> str:
    """Which project of the register was meant, or why none was taken."""
    how = "unnamed_own" if match.how == "unnamed" and match.others else match.how
    values = {"project": match.row.name if match.row else "", "count": len(match.others)}
    names = match.others
    if how == "firm":
        values["project"], names = match.others[0], match.others[1:]
    shown = "、".join(names[:MOST_NAMES]) + ("等" if len(names) > MOST_NAMES else "")
    return str(words()["match"][how]).format(**values, others=shown)


def _line(fact: Fact, group: str) -> Told:
    say = words()
    return {
        "key": fact.key,
        "tone": fact.tone,
        "text": str(say[group][fact.key]).format(**_values(fact)),
        "articles": [say["articles"][one] for one in fact.articles],
        **(_from(fact.source, fact.as_of) if _listed(fact) else {"source": "", "list": "", "day": ""}),
    }


def _listed(fact: Fact) -> bool:
    """Whether it stands in a list or the register; what the case itself says, and what is reckoned, needs no source."""
    return bool(fact.source or fact.as_of) or fact.key.startswith(("contractor", "owner", "deposit_", "account_"))


def _from(name: str, as_of: date | None) -> dict[str, str]:
    """保证金名册.xlsx，2026-11-20: where it stands and of which day that speaks, together and apart."""
    say = words()
    parts = {"list": name or say["register"], "day": str(as_of or say["undated"])}
    return {"source": str(say["source"]).format(**parts), **parts}


def _values(fact: Fact) -> dict[str, Any]:
    values = dict(fact.values)
    told_: dict[str, Any] = {
        key: money(value) if key in ("held", "left", "owed", "listed", "registered", "pays") else value
        for key, value in values.items()
    }
    if "form" in values:
        told_["lodged"] = lodged(values["form"], values["yuan"], values["where"])
        told_["until"] = None if values["until"] in (None, FOREVER) else values["until"]
        told_["last"] = words()["last"].format(last=values["last"]) if values.get("last") else ""
    if "others" in values:
        told_["others"] = _others(values)
        told_["enough"] = words()["enough_stated" if values["unstated"] else "enough"]
    if "paid" in values:
        told_ |= _account(values)
    return told_


def lodged(form: str, yuan: float | None, where: str | None) -> str:
    """工资保证金80万元（银行保函，青禾农商行）."""
    say = words()
    shown = say["lodged_where"].format(where=where) if where else ""
    amount = say["sum_unsaid"] if yuan is None else money(yuan)
    return str(say["lodged"]).format(yuan=amount, form=say["forms"].get(form, ""), where=shown)


def _others(values: Mapping[str, Any]) -> str:
    """，同项目另有3件未结共12万元（1件没有写明金额）; nothing where there are none."""
    if not values["others"]:
        return ""
    say = words()
    owed = say["others_owed"].format(owed=money(values["owed"])) if values["owed"] else ""
    unstated = say["others_unstated"].format(count=values["unstated"]) if values["unstated"] else ""
    return str(say["others"]).format(count=values["others"], owed=owed, unstated=unstated)


def _account(values: Mapping[str, Any]) -> dict[str, str]:
    say, bank, tail, paid = words(), values["bank"], values["tail"], values["paid"]
    shown = ""
    if bank or tail:
        end = say["account_tail"].format(tail=tail) if tail else ""
        shown = say["account_bank"].format(bank=bank or "", tail=end if bank else end.removeprefix("，"))
    after = date(paid.year + paid.month // 12, paid.month % 12 + 1, 1) if paid else None
    return {"bank": shown, "paid": month(paid), "since": month(after)}


def month(day: date | None) -> str:
    """2026年9月."""
    return f"{day.year}年{day.month}月" if day else ""


def _finding(one: Finding) -> Told:
    say = words()
    text = say["finding"].format(
        what=say["findings"][one.key], article=say["articles"][one.article], penalty=say["articles"][one.penalty],
        item=say["items"][one.item],
    )  # fmt: skip
    return {"key": one.key, "text": text}


def seen_to_by(sector: str, leads: Mapping[str, str], name_of: Callable[[str], str]) -> list[str]:
    """Names of those who order a finding put right: the trade's own department and 人社 (第五十五、五十六条)."""
    return [name_of(one) for one in dict.fromkeys((leads.get(sector, "hrss"), "hrss"))]
