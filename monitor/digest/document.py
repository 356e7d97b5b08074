"""The digest as an official document (docx). Knows the order of its sections; the words are in digest.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from monitor.digest.charts import shares_chart
from monitor.digest.official import Link, Official
from monitor.digest.sentences import headings, sentences
from monitor.digest.told import LISTED, Told
from monitor.digest.words import money, words

Catalogue = dict[str, dict[str, Any]]
Charts = Mapping[str, bytes]


def document(told: Told, catalogue: Catalogue, charts: Charts) -> bytes:
    """日报, 周报, 月报 as docx bytes: each section's sentences, then its tables and `charts` (days, burn: PNG)."""
    said = sentences(told, catalogue)
    names = headings(said, catalogue["sections"])
    paper = Official(told.title, office=told.county + words()["office"], number=told.number, date=told.date)
    for part, lines in said.items():
        paper.heading(names[part])
        for line in lines:
            paper.text(line)
        if part in SHOWN:
            SHOWN[part](paper, told, catalogue["columns"], charts)
    paper.signature(told.county + words()["office"], told.date.split("—")[-1])
    return paper.save()


def _overview(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    counts = [(label, Link(value, link)) for _, label, value, link in told.counts]
    half = -(-len(counts) // 2)
    pairs = [(*left, *right) for left, right in zip_longest(counts[:half], counts[half:], fillvalue=("", ""))]
    paper.table(columns["count"][:2] * 2, pairs, (38, 40, 38, 40), whole=True)
    if any(closed or sum(opened.values()) for _, opened, closed in told.figures.series):
        paper.picture(charts["days"])


def _opened(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    if not told.opened:
        return
    rows = [
        (
            row["level_name"],
            Link(row["id"], row["link"]),
            row["title"],
            row["lead"],
            row["workers"] or "—",
            row["amount"],
        )
        for row in told.opened
    ]
    paper.table(columns["opened"], rows, (12, 30, 48, 32, 12, 22))
    if told.by_sector:
        paper.picture(shares_chart(told.by_sector, words()["charts"]["by_sector"]), 120)


def _overdue(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    late = [
        (row["lead"], Link(str(row["items"]), row["link"]), row["cases"], row["longest"]) for row in told.late_by_lead
    ]
    if late:
        paper.table(columns["late_by_lead"], late, (66, 30, 30, 30))
    for listed, names in ((told.overdue, columns["clock"]), (told.due_next, columns["due"])):
        if listed:
            rows = [
                (row["level_name"], Link(row["id"], row["link"]), row["lead"], row["clock"], row["due_at"])
                for row in listed
            ]
            paper.table(names, rows, (14, 30, 44, 34, 34))


def _closed(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    rows = [
        (row["level_name"], Link(row["id"], row["link"]), row["lead"], row["what"], row["due_at"], row["late"])
        for row in told.look_backs[:LISTED]
    ]
    if rows:
        head = [columns["look_back"][number] for number in (0, 1, 3, 4, 6, 7)]
        paper.table(head, rows, (12, 30, 40, 22, 32, 20))


def _aside(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    kept_back = [
        (row["level_name"], Link(row["id"], row["link"]), row["occasion"], row["to"], row["why"])
        for row in told.aside[:LISTED]
    ]
    if kept_back:
        paper.table([columns["aside"][number] for number in (0, 1, 3, 4, 5)], kept_back, (14, 30, 18, 40, 54))
    quiet = [(row["scope"], row["author"], row["reason"], row["span"], row["state"]) for row in told.silences[:LISTED]]
    if quiet:
        paper.table(columns["silence"][1:], quiet, (34, 20, 42, 34, 26))


def _study(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    figures = told.figures
    if told.by_town:
        paper.picture(shares_chart(told.by_town, words()["charts"]["by_town"]), 120)
    if figures.employers:
        rows = [
            (one.name, len(one.incidents), one.in_hand, one.workers or "—", money(one.yuan or None))
            for one in figures.employers[:15]
        ]
        paper.table(columns["debtor"], rows, (66, 20, 20, 20, 30))


def _burn(paper: Official, told: Told, columns: Any, charts: Charts) -> None:
    if any(count for _, count in told.figures.burn.in_hand):
        paper.picture(charts["burn"])


SHOWN = {
    "overview": _overview,
    "opened": _opened,
    "overdue": _overdue,
    "closed": _closed,
    "aside": _aside,
    "study": _study,
    "burn": _burn,
}
