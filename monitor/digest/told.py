"""A day as rows and sentences a person reads. Knows names and forms; lays nothing out: mail, document and sheet do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.collect.words import explain
from monitor.digest import kept_back
from monitor.digest.figures import Figures
from monitor.digest.words import change, clock, day_text, department, duration, money, sector, word, words
from monitor.incidents.excess import Excess
from monitor.reasons import in_words
from monitor.routing.matrix import Matrix
from monitor.store.papers import Number
from monitor.text import face

Row = dict[str, Any]
LISTED = 40  # incidents and items a mail or document lists; the sheet has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything a digest shows, in words; `links` lead from each figure to its incidents."""

    title: str
    number: str  # 第3期; empty where it has none
    county: str
    date: str
    figures: Figures
    counts: Sequence[tuple[str, str, str, str]]  # key, label, value, link
    opened: Sequence[Row]
    overdue: Sequence[Row]
    late_by_lead: Sequence[Row]
    due_next: Sequence[Row]
    aside: Sequence[Row]
    silences: Sequence[Row]
    look_backs: Sequence[Row]
    closed: Sequence[str]
    coverage: Mapping[str, Any]
    by_town: Mapping[str, int]
    by_sector: Mapping[str, int]
    above: Sequence[Row]  # areas and trades with more cases than usual; keys of the sentence `above`
    undelivered: int
    base_url: str


def told(
    figures: Figures,
    matrix: Matrix,
    *,
    county: str,
    base_url: str,
    labels: Mapping[str, str],
    number: Number | None = None,
) -> Told:
    """Puts a day into words. `labels`: the template's names of the counts (digest.yaml: counts)."""
    return Told(
        title=words()["title"][period(figures.days)],
        number=words()["number"].format(number=number.number) if number else "",
        county=county,
        date=_date(figures),
        figures=figures,
        counts=_counts(figures, base_url, labels),
        opened=[_case(row, matrix, base_url) for row in figures.opened[:LISTED]],
        overdue=[_clock(row, matrix, base_url) for row in figures.overdue[:LISTED]],
        late_by_lead=[_late(row, figures, matrix, base_url) for row in figures.late_by_lead],
        due_next=_due(figures, matrix, base_url)[:LISTED],
        aside=kept_back.messages(figures, matrix, base_url),
        silences=kept_back.silences(figures, matrix, base_url),
        look_backs=kept_back.look_backs(figures, matrix, base_url),
        closed=list(figures.closed["ids"]),
        coverage={
            "good": figures.coverage.good,
            "feeds": figures.coverage.feeds,
            "share": None if figures.coverage.share is None else f"{figures.coverage.share:.0%}",
            "blind": _unseen(figures),
        },
        by_town={town or words()["unknown"]: count for town, count in figures.by_town.items()},
        by_sector={sector(matrix, id_): count for id_, count in figures.by_sector.items()},
        above=[_above(one, matrix) for one in figures.above.found] if figures.above else [],
        undelivered=figures.mails.get("failed", 0),
        base_url=base_url,
    )


def _above(one: Excess, matrix: Matrix) -> Row:
    return {
        "area": one.area or words()["all_areas"],
        "sector": sector(matrix, one.sector) if one.sector else words()["all_sectors"],
        "days": one.usual.days,
        "seen": round(one.usual.seen),
        "expected": f"{one.usual.expected:.1f}",
    }


def period(days: int) -> str:
    """What a period of so many days is called: day, week, month or other."""
    return "day" if days == 1 else "week" if days == 7 else "month" if 28 <= days <= 31 else "other"


def _date(figures: Figures) -> str:
    text = day_text(figures.day)
    return text if figures.days == 1 else f"{day_text(figures.series[-figures.days][0])}—{text}"


def _unseen(figures: Figures) -> dict[str, list[str]]:
    """Why -> the feeds that could not be seen for that reason; reasons of many feeds first."""
    found: dict[str, list[str]] = {}
    for name, why in figures.coverage.blind.items():
        found.setdefault(str(words().get(why) or in_words(explain(why))), []).append(name)
    for name, span in figures.coverage.gaps.items():
        found.setdefault(words()["gap"].format(hours=int(span.total_seconds() // 3600)), []).append(name)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _counts(figures: Figures, base_url: str, labels: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    days, share = figures.closed["days_to_payment"], figures.on_time["share"]
    first = (figures.day - timedelta(days=figures.days - 1)).isoformat()
    span = f"{first}..{figures.day.isoformat()}"
    closed_link = f"/incidents?state=closed&closed={span}"
    values = {
        "opened": (
            f"{len(figures.opened)}（{change(len(figures.opened), figures.opened_before)}）",
            f"/incidents?state=all&opened={span}",
        ),
        "in_hand": (str(len(figures.in_hand)), "/incidents?state=open"),
        "overdue": (str(len(figures.late)), "/incidents?state=open&overdue=1"),
        "closed": (str(len(figures.closed["ids"])), closed_link),
        "paid": (
            f"{money(figures.closed['paid_yuan'])} / {figures.closed['paid_workers']}人",
            closed_link,
        ),
        "days_to_payment": ("—" if days is None else duration(timedelta(days=days)), closed_link),
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


def _late(row: tuple[str, int, int, Any], figures: Figures, matrix: Matrix, base_url: str) -> Row:
    lead, items, cases, since = row
    return {
        "lead": department(matrix, lead),
        "items": items,
        "cases": cases,
        "longest": duration(figures.now - since),
        "link": f"{base_url}/incidents?state=open&overdue=1&department={lead}",
    }


def _due(figures: Figures, matrix: Matrix, base_url: str) -> list[Row]:
    """One row a case: its clocks that run out within a day, the first moment of them."""
    found: dict[str, Row] = {}
    for row in figures.due_next:
        told_ = found.setdefault(row["id"], {**_clock(row, matrix, base_url), "clocks": []})
        told_["clocks"].append(clock(row["name"]))
    for told_ in found.values():
        told_["clock"] = "、".join(told_["clocks"])
    return list(found.values())


def _clock(row: Row, matrix: Matrix, base_url: str) -> Row:
    return {
        "id": row["id"],
        "title": row["title"],
        "level": row["level"],
        "level_name": word("levels", row["level"]),
        "lead": department(matrix, row["lead"]),
        "clock": clock(row["name"]),
        "due_at": face(row["due_at"]),
        "link": f"{base_url}/incidents/{row['id']}",
    }
