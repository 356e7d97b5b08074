"""What is told of the money behind a debt, as plain values for a page, a mail and a paper. Knows sentences.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.funds.behind import Behind, Fact, Finding
from monitor.funds.match import Match
from monitor.names import money
from monitor.sheet.cells import FOREVER

Told = dict[str, Any]
MOST_NAMES = 4


@cache
def words() -> Mapping[str, Any]:
    """sentences.yaml, read once."""
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.funds") / "sentences.yaml").read_text(encoding="utf-8"))
    return loaded


def told(found: Behind, departments: Sequence[str]) -> Told:
    """The block of a debt. `departments`: names of those who see to findings, as the responsibility matrix has them."""
    say = words()
    return {
        "cover": found.cover.value,
        "cover_name": say["cover"][found.cover.value],
        "project": found.project,
        "match": matched(found.match),
        "law": say["law"],
        "facts": [_line(fact, "facts") for fact in found.facts],
        "unknown": [_line(fact, "unknown") for fact in found.unknown],
        "findings": [_finding(one, departments) for one in found.findings],
    }


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
        "source": source(fact.source, fact.as_of) if _listed(fact) else "",
    }


def _listed(fact: Fact) -> bool:
    """Whether it stands in a list or the register; what the case itself says, and what is reckoned, needs no source."""
    return bool(fact.source or fact.as_of) or fact.key.startswith(("contractor", "owner", "deposit_", "account_"))


def source(name: str, as_of: date | None) -> str:
    """保证金名册.xlsx，2026-11-20: where it stands and of which day that speaks."""
    say = words()
    return str(say["source"]).format(source=name or say["register"], as_of=as_of or say["undated"])


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


def _finding(one: Finding, departments: Sequence[str]) -> Told:
    say = words()
    text = say["finding"].format(
        what=say["findings"][one.key], article=say["articles"][one.article], departments="、".join(departments),
        penalty=say["articles"][one.penalty], item=say["items"][one.item],
    )  # fmt: skip
    return {"key": one.key, "text": text}


def seen_to_by(sector: str, leads: Mapping[str, str], name_of: Callable[[str], str]) -> list[str]:
    """Names of those who order a finding put right: the trade's own department and 人社 (第五十五、五十六条)."""
    ids = dict.fromkeys((leads.get(sector, "hrss"), "hrss"))
    return [name_of(one).partition("（")[0] for one in ids]
