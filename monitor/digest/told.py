"""A day as rows and sentences a person reads. Knows names and forms; lays nothing out: mail, document and sheet do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.digest.figures import Figures
from monitor.digest.words import change, department, money, sector, word, words
from monitor.routing.matrix import Matrix
from monitor.text import face

Row = dict[str, Any]
KEY_CASES = 3
LISTED = 60  # incidents a mail lists; the sheet has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything a digest shows, in words; `links` lead from each figure to its incidents."""

    title: str
    county: str
    date: str
    figures: Figures
    counts: Sequence[tuple[str, str, str, str]]  # key, label, value, link
    key_cases: Sequence[Row]
    opened: Sequence[Row]
    overdue: Sequence[Row]
    due_next: Sequence[Row]
    closed: Sequence[str]
    coverage: Mapping[str, Any]
    by_town: Mapping[str, int]
    by_sector: Mapping[str, int]
    undelivered: int
    base_url: str


def told(figures: Figures, matrix: Matrix, *, county: str, base_url: str, labels: Mapping[str, str]) -> Told:
    """Puts a day into words. `labels`: the template's names of the counts (digest.yaml: counts)."""
    return Told(
        title=words()["title"].get(figures.days, words()["title"][1]),
        county=county,
        date=_date(figures),
        figures=figures,
        counts=_counts(figures, base_url, labels),
        key_cases=[_case(row, matrix, base_url) for row in figures.opened[:KEY_CASES]],
        opened=[_case(row, matrix, base_url) for row in figures.opened[:LISTED]],
        overdue=[_clock(row, matrix, base_url) for row in figures.overdue],
        due_next=[_clock(row, matrix, base_url) for row in figures.due_next],
        closed=list(figures.closed["ids"]),
        coverage={
            "good": figures.coverage.good,
            "feeds": figures.coverage.feeds,
            "share": None if figures.coverage.share is None else f"{figures.coverage.share:.0%}",
            "blind": {name: words().get(why, why) for name, why in figures.coverage.blind.items()},
        },
        by_town={town or words()["unknown"]: count for town, count in figures.by_town.items()},
        by_sector={sector(matrix, id_): count for id_, count in figures.by_sector.items()},
        undelivered=figures.mails.get("failed", 0),
        base_url=base_url,
    )


def _date(figures: Figures) -> str:
    last = figures.day
    text = f"{last.year}年{last.month}月{last.day}日"
    first = figures.series[-figures.days][0]
    return text if figures.days == 1 else f"{first.year}年{first.month}月{first.day}日—{text}"


def _counts(figures: Figures, base_url: str, labels: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    days, share = figures.closed["days_to_payment"], figures.on_time["share"]
    values = {
        "opened": (
            f"{len(figures.opened)}（{change(len(figures.opened), figures.opened_before)}）",
            "/incidents?opened=day",
        ),
        "in_hand": (str(len(figures.in_hand)), "/incidents?state=open"),
        "overdue": (str(len({row["id"] for row in figures.overdue})), "/incidents?state=open&overdue=1"),
        "closed": (str(len(figures.closed["ids"])), "/incidents?state=closed"),
        "paid": (
            f"{money(figures.closed['paid_yuan'])} / {figures.closed['paid_workers']}人",
            "/incidents?state=closed",
        ),
        "days_to_payment": ("—" if days is None else f"{days:.1f}天", "/board"),
        "on_time": ("—" if share is None else f"{share:.0%}", "/board"),
        "owed": (f"{money(figures.owed['yuan'])} / {figures.owed['workers']}人", "/incidents?state=open"),
        "waiting": (str(figures.reading["waiting"]), "/review"),
        "posts": (str(figures.reading["posts"]), "/feeds"),
    }
    return [(key, labels[key], value, base_url + link) for key, (value, link) in values.items()]


def _case(row: Row, matrix: Matrix, base_url: str) -> Row:
    facts = row["facts"]
    return {
        "id": row["id"],
        "title": row["title"],
        "level": row["level"],
        "level_name": word("levels", row["level"]),
        "state": word("states", row["state"]),
        "verification": word("verification", row["verification"]),
        "lead": department(matrix, row["lead"]),
        "sector": sector(matrix, row["sector"]),
        "town": row["town"] or words()["unknown"],
        "workers": facts.get("workers"),
        "amount": money(facts.get("amount_yuan")),
        "employer": facts.get("employer") or words()["unknown"],
        "project": facts.get("project") or words()["unknown"],
        "posts": row["posts"],
        "opened_at": face(row["opened_at"]),
        "link": f"{base_url}/incidents/{row['id']}",
    }


def _clock(row: Row, matrix: Matrix, base_url: str) -> Row:
    return {
        "id": row["id"],
        "title": row["title"],
        "level": row["level"],
        "level_name": word("levels", row["level"]),
        "lead": department(matrix, row["lead"]),
        "clock": word("clocks", row["name"]),
        "due_at": face(row["due_at"]),
        "link": f"{base_url}/incidents/{row['id']}",
    }
