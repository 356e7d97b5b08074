"""Many ways of saying one thing: invented sentences, each with the five facts it states, scored like the labelled posts.

The table was written before the rules were turned to it; docs/decisions/2026-11-25-facts-by-rules.md keeps the figures
before and after. It asks for breadth, not for perfection: a floor under each figure, and every missed line printed.
"""

from __future__ import annotations

from pathlib import Path

from monitor.facts import measure
from monitor.facts.reading import read
from monitor.model import Post

TABLE = Path(__file__).parent / "data" / "facts" / "wordings.txt"
FACTS = ("workers", "amount_yuan", "months", "employer", "project")
FLOORS = {"workers": 0.60, "amount_yuan": 0.60, "months": 0.60, "employer": 0.60, "project": 0.40}  # F1


def rows() -> list[measure.Row]:
    found = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        text, *written = line.split(" | ")
        facts = {fact: None if said == "-" else said for fact, said in zip(FACTS, written, strict=True)}
        stated = {fact: said if fact in measure.NAMED or said is None else float(said) for fact, said in facts.items()}
        found.append({"id": str(number), "text": text, "facts": stated})
    return found


def test_the_table_is_broad() -> None:
    assert len(rows()) >= 300
    assert len({row["text"] for row in rows()}) == len(rows())


def test_facts_however_they_are_worded() -> None:
    table = rows()
    facts = {row["id"]: read(measure.post_of(row)) for row in table}
    scores = measure.scores(table, facts)
    for row in table:
        missed = {
            fact: (getattr(facts[row["id"]], fact), row["facts"][fact])
            for fact in FACTS
            if not _same(fact, getattr(facts[row["id"]], fact), row["facts"][fact])
        }
        if missed:
            print(f"line {row['id']} {row['text']}: {missed}")
    for fact, score in scores.items():
        print(f"{fact:12} F1 {score.f1:.3f} precision {score.precision:.3f} recall {score.recall:.3f}")
    assert {fact: scores[fact].f1 >= floor for fact, floor in FLOORS.items()} == dict.fromkeys(FLOORS, True)


def _same(fact: str, found: object, stated: object) -> bool:
    if found is None or stated is None:
        return found is stated
    return bool((measure.close if fact in measure.NUMERIC else measure.contained)(found, stated))  # type: ignore[arg-type]


def test_wordings_are_read_as_titles_too() -> None:
    """The same sentence as a headline gives the same numbers."""
    table = [row for row in rows() if len(row["text"]) <= 30][::7]
    for row in table:
        title, text = read(Post(id="1", title=row["text"], text="")), read(Post(id="1", text=row["text"]))
        assert (title.amount_yuan, title.months) == (text.amount_yuan, text.months), row["text"]
