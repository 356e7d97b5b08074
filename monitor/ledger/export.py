"""台账 as rows of 34 columns, for a sheet or a CSV. Knows the store's rows; formats no file.

Columns nobody could fill from what is recorded stay empty: an empty cell is honest, a guess is not. Who posted is told
as a number within the case only, so that two cases never lead to one person. Firms of a project come from the register
and the lists of deposits and accounts, each with its source behind the name, by which a column can be sorted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.facts.cell import nobody
from monitor.funds.firms import REGISTER, Firm, Firms, firms
from monitor.funds.wording import words as of_funds
from monitor.ledger.behind import book, facts_of
from monitor.model import RegisterRow
from monitor.names import names
from monitor.routing import Matrix
from monitor.store import figures, incidents, posts
from monitor.store.closeout import Closeout, closeout_of
from monitor.text import face

Row = Mapping[str, Any]


@cache
def _words() -> dict[str, Any]:
    text = resources.files("monitor.ledger").joinpath("export.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    lists = {**of_funds()["lists"], REGISTER: of_funds()["register"]}
    return {**loaded, "levels": names()["levels"], "lists": lists}


def export_rows(
    c: Connection, *, matrix: Matrix, register: Sequence[RegisterRow] = (), department: str | None = None,
    towns: Collection[str] = (), only: Collection[str] | None = None, limit: int = 5000,
) -> tuple[Sequence[str], list[list[Any]]]:  # fmt: skip
    """Header and rows, oldest incident first; merged and dismissed ones are left out.

    `department`, `towns`: only theirs. `only`: the incidents that whoever takes the rows may see; None: any.
    `register`: the county's, for the firms of a project. Amounts in 万元, times in Asia/Shanghai.
    """
    states = (*incidents.OPEN_STATES, "closed")
    within = incidents.Within(department=department, towns=frozenset(towns))
    found = incidents.listing(c, incidents.Filter(state=states, within=within, ids=only), limit=limit)
    found.sort(key=lambda row: (row["opened_at"], row["id"]))
    ids = [row["id"] for row in found]
    first, accounts = posts.first_of(c, ids), posts.accounts_of(c, ids)
    signed, due = figures.acknowledged_of(c, ids), figures.due_of(c, ids, "resolve")
    held = book(c, register)
    rows = [
        _row(number, row, first.get(row["id"], {}), accounts.get(row["id"], 1), signed.get(row["id"]),
             due.get(row["id"]), matrix, firms(held, facts_of(row)))
        for number, row in enumerate(found, 1)
    ]  # fmt: skip
    return list(_words()["columns"]), rows


def _row(
    number: int, row: Row, post: Row, accounts: int, signed: datetime | None, due: datetime | None, matrix: Matrix,
    site: Firms,
) -> list[Any]:  # fmt: skip
    words, facts, closeout = _words(), row["facts"], closeout_of(row)
    traits = facts.get("traits") or []
    sector = matrix.sectors.get(row["sector"])
    payments = closeout.get("payments") or []
    yuan, workers = figures.due_of_case(facts, closeout)
    return [
        number,
        row["id"],
        post.get("platform") or post.get("feed") or "",
        post.get("url") or "",
        face(row["opened_at"]),
        words["accounts"] if accounts <= 1 else words["accounts_many"].format(n=accounts),
        words["channel"],
        sector.name if sector else "",
        " / ".join(str(name) for name in (facts.get("project"), facts.get("employer")) if name),
        "",
        words["nature"][next((t for t in ("gov_invested", "soe") if t in traits), "other")],
        _firms(site, site.owner),
        _firms(site, site.contractor),
        _firms(site, *site.subcontractors),
        row["town"] or "",
        workers,
        _wan(yuan),
        words["months"].format(n=f"{facts['months']:g}") if facts.get("months") else "",
        _named(words["causes"], traits),
        _named(words["papers"], traits),
        words["levels"][row["level"]],
        matrix.name_of(row["lead"]),
        "、".join(matrix.name_of(one) for one in row["co"]),
        closeout.get("given", {}).get("leader") or "",
        face(signed) if signed else "",
        face(due) if due else "",
        row["close_code"] or closeout.get("code") or "",
        row["paid_workers"] or None,
        _wan(row["paid_yuan"] or None),
        _wan(sum(payment["yuan"] for payment in payments if payment.get("advanced")) or None),
        _transferred(closeout),
        _moment(closeout["reply"]["at"] if closeout.get("reply") else None),
        words["closed"].format(at=face(row["closed_at"]), by=closeout.get("approved_by", ""))
        if row["closed_at"]
        else "",
        _looked_back(closeout),
    ]


def _firms(site: Firms, *found: Firm | None) -> str:
    """甲木建工（项目登记册，2026-11-20）: firms, never people; the register's project too where its name differs."""
    shown = [one for one in found if one and not _person(one.name)]
    if not shown or site.match.row is None:
        return ""
    words, first = _words(), shown[0]
    source = words["lists"][first.stands]
    if site.match.how == "contained":
        source = words["of_project"].format(list=source, project=site.match.row.name)
    if first.as_of:
        source = words["dated"].format(list=source, day=first.as_of.isoformat())
    return str(words["firms"]).format(names="、".join(one.name for one in shown), source=source)


@lru_cache(maxsize=4096)
def _person(name: str) -> bool:
    """Whether somebody's name stands where a firm's should."""
    return nobody(name)[1]


def _wan(yuan: float | None) -> float | None:
    return None if yuan is None else round(yuan / 10_000, 4)


def _named(names: Mapping[str, str], traits: Sequence[str]) -> str:
    joint: str = _words()["joint"]
    return joint.join(dict.fromkeys(names[trait] for trait in traits if trait in names))


def _moment(stored: str | None) -> str:
    return face(datetime.fromisoformat(stored)) if stored else ""


def _transferred(closeout: Closeout) -> str:
    given, words = closeout.get("given") or {}, _words()
    number = given.get("case_number") or given.get("receipt") or given.get("procedure")
    told = [str(words["transferred"]).format(code=closeout.get("code"), number=number)] if number else []
    found = closeout["retaliation"]["finding"] if closeout.get("retaliation") else None
    joint: str = words["joint"]
    return joint.join([*told, *([words["retaliation"][found]] if found else [])])


def _looked_back(closeout: Closeout) -> str:
    words, found = _words(), closeout.get("look_backs") or {}
    joint: str = words["joint"]
    return joint.join(
        words["look_back"].format(day=day, result=words["recurred"][bool(found[day]["recurred"])])
        for day in sorted(found, key=int)
    )
