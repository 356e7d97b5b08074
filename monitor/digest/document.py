"""The digest as an official document (docx). Knows the order of its sections; the words are in digest.yaml."""

from __future__ import annotations

from monitor.digest.charts import days_chart, shares_chart
from monitor.digest.official import Official
from monitor.digest.sentences import sentences
from monitor.digest.told import Told
from monitor.digest.words import words


def document(told: Told, catalogue: dict[str, dict[str, str]], number: str = "") -> bytes:
    """日报 as docx bytes: overview, new, overdue, closed, coverage, tomorrow; charts between."""
    said = sentences(told, catalogue)
    names, columns = catalogue["sections"], catalogue["columns"]
    paper = Official(told.title, office=told.county + words()["office"], number=number, date=told.date)
    paper.heading(names["overview"])
    for line in said.overview:
        paper.text(line)
    paper.picture(days_chart(told.figures.series))
    paper.table(columns["count"], [(label, value) for _, label, value, _ in told.counts], (78, 78))
    paper.heading(names["opened"])
    for line in said.opened:
        paper.text(line)
    if told.opened:
        paper.table(
            columns["opened"],
            [
                (row["level_name"], row["id"], row["title"], row["lead"], row["workers"] or "—", row["amount"])
                for row in told.opened
            ],
            (12, 30, 52, 30, 14, 18),
        )
    if told.by_sector:
        paper.picture(shares_chart(told.by_sector, words()["charts"]["by_sector"]), 100)
    paper.heading(names["overdue"])
    for line in said.overdue:
        paper.text(line)
    late = [*told.overdue, *told.due_next]
    if late:
        rows = [(row["level_name"], row["id"], row["lead"], row["clock"], row["due_at"]) for row in late]
        paper.table(columns["clock"], rows, (12, 32, 48, 30, 34))
    for key, lines in (("closed", said.closed), ("coverage", said.coverage), ("tomorrow", said.tomorrow)):
        paper.heading(names[key])
        for line in lines:
            paper.text(line)
    paper.signature(told.county + words()["office"], told.date.split("—")[-1])
    return paper.save()
