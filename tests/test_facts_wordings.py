"""Many ways of saying one thing: invented sentences, each with the five facts it states, scored like labelled posts.

The tables were written before the rules were turned to them; docs/decisions/2026-11-25-facts-by-rules.md keeps the
figures before and after. They ask for breadth, not for perfection: a floor under each figure, each missed line printed.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.facts import learn, measure
from monitor.facts.choice import instead, weights, weights_in
from monitor.facts.reading import read
from monitor.model import Post

DATA = Path(__file__).parent / "data" / "facts"
SEALED = {"workers": 0.80, "amount_yuan": 0.86, "months": 0.86}  # F1
SEALED_LETTERS = {"workers": 0.60, "amount_yuan": 0.50, "months": 0.55}
LETTERS = {"workers": 0.75, "amount_yuan": 0.70, "months": 0.70}  # learnt from, and still hard
FLOORS = {"workers": 0.92, "amount_yuan": 0.80, "months": 0.80, "employer": 0.70, "project": 0.65}  # F1


def wordings() -> list[measure.Row]:
    return learn.invented(DATA / "wordings.txt")


def test_the_table_is_broad() -> None:
    rows = wordings()
    assert len(rows) >= 300
    assert len({row["text"] for row in rows}) == len(rows)


def test_facts_however_they_are_worded() -> None:
    table = wordings()
    facts = {row["id"]: read(measure.post_of(row)) for row in table}
    scores = measure.scores(table, facts)
    for row in table:
        found = {fact: (getattr(facts[row["id"]], fact), row["facts"][fact]) for fact in learn.FACTS}
        if missed := {fact: pair for fact, pair in found.items() if not measure.same(fact, *pair)}:
            print(f"line {row['id']} {row['text']}: {missed}")
    for fact, score in scores.items():
        print(f"{fact:12} F1 {score.f1:.3f} precision {score.precision:.3f} recall {score.recall:.3f}")
    assert {fact: scores[fact].f1 >= floor for fact, floor in FLOORS.items()} == dict.fromkeys(FLOORS, True)


@pytest.mark.parametrize(
    ("table", "fact", "share"),
    [
        ("voices", "workers", 0.12),
        (
            "speakers",
            "workers",
            0.22,
        ),  # harder: crews, households and bystanders in letters, those told of in headlines
        ("spans", "months", 0.12),
        ("sums", "amount_yuan", 0.12),
    ],
)
def test_tables_of_one_fact(table: str, fact: str, share: float) -> None:
    rows = [row for row in learn.told(DATA / f"{table}.txt", fact) if fact in row["facts"]]
    wrong = [
        (row["text"], found, row["facts"][fact])
        for row in rows
        if not measure.same(fact, found := getattr(read(measure.post_of(row)), fact), row["facts"][fact])
    ]
    print(*wrong, sep="\n")
    assert len(wrong) / len(rows) <= share


def test_texts_never_learnt_from_keep_their_level() -> None:
    """sealed.txt: four styles, written and scored before the rules were turned to anything of their kind."""
    rows = learn.told(DATA / "sealed.txt", *learn.NUMBERS)
    assert len(rows) >= 60
    facts = {row["id"]: read(measure.post_of(row)) for row in rows}
    scores = {fact: score for fact, score in measure.scores(rows, facts).items() if fact in learn.NUMBERS}
    for fact, score in scores.items():
        print(f"{fact:12} F1 {score.f1:.3f} precision {score.precision:.3f} recall {score.recall:.3f}")
    assert {fact: score.f1 >= SEALED[fact] for fact, score in scores.items()} == dict.fromkeys(learn.NUMBERS, True)


@pytest.mark.parametrize(
    ("names", "floors"), [("sealed_letters.txt", SEALED_LETTERS), ("letters_*.txt", LETTERS)], ids=["sealed", "learnt"]
)
def test_letters_keep_their_level(names: str, floors: dict[str, float]) -> None:
    """Long letters with sums, times and people of several kinds; the note has what each batch gave at first sight."""
    rows = [row for path in sorted(DATA.glob(names)) for row in learn.letters(path)]
    assert len(rows) >= 90
    facts = {row["id"]: read(measure.post_of(row)) for row in rows}
    scores = {fact: score for fact, score in measure.scores(rows, facts).items() if fact in floors}
    for fact, score in scores.items():
        print(f"{fact:12} F1 {score.f1:.3f} precision {score.precision:.3f} recall {score.recall:.3f}")
    assert {fact: score.f1 >= floors[fact] for fact, score in scores.items()} == dict.fromkeys(floors, True)


def test_wordings_are_read_as_titles_too() -> None:
    """The same sentence as a headline gives the same numbers."""
    for row in [row for row in wordings() if len(row["text"]) <= 30][::7]:
        title, text = read(Post(id="1", title=row["text"], text="")), read(Post(id="1", text=row["text"]))
        assert (title.amount_yuan, title.months) == (text.amount_yuan, text.months), row["text"]


def test_what_was_learnt_is_numbers_only() -> None:
    for choice in learn.CHOICES:
        table = weights(choice)
        assert 0 < table.least < 1
        assert all(math.isfinite(weight) and abs(weight) < 20 for weight in table.signs.values())


@pytest.mark.shared
@pytest.mark.skipif(measure.shared() is None, reason="set XINSHAO_SHARED to the folder with data/labelled.jsonl")
@pytest.mark.parametrize(
    ("halves", "kept"), [("AB", learn.WEIGHTS.parent), ("A", DATA / "without_b")], ids=["shipped", "A"]
)
def test_the_weights_are_what_learning_gives(halves: str, kept: Path) -> None:
    """Shipped is what both halves teach; half B is reported by what half A teaches alone."""
    folder = measure.shared()
    assert folder is not None
    written = weights_in(kept)
    for choice, row in learn.learn(learn.rows_of(folder, DATA, halves)).items():
        assert row["least"] == written[choice].least
        assert row["signs"].keys() == written[choice].signs.keys()
        assert all(abs(written[choice].signs[sign] - weight) < 0.02 for sign, weight in row["signs"].items())


def test_other_weights_choose_only_while_they_are_asked_to() -> None:
    post = Post(id="1", text="木工班18个人,拖欠工资三个月没发")
    silent = {name: replace(table, least=2.0) for name, table in weights_in(learn.WEIGHTS.parent).items()}
    before = read(post)
    with instead(silent):
        assert read(post).months is None
    assert read(post) == before
    assert before.months == 3
