"""How well this room reads: precision, recall and F1 a fact on labelled posts, and agreement on worked examples.

    XINSHAO_SHARED=/folder python -m monitor.facts.measure [--half A|B] [--own tests/data/facts]

The folder holds data/labelled.jsonl and domain/examples.jsonl, which are not part of the product. Rows on which the two
annotators disagree about a fact are left out for that fact. Groups of near-duplicates fall whole into half A, on which
the rules were written, or half B, on which they are reported. The shipped weights are learnt from both halves; so half
B is read by weights that were learnt without it, kept in the folder `--own`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.facts import choice
from monitor.facts.mask import mask
from monitor.facts.place import locate
from monitor.facts.reading import read
from monitor.model import County, Facts, Post

Row = dict[str, Any]
WITHOUT_B = "without_b"  # the folder of the weights by which half B is read
OWN = Path(__file__).resolve().parents[2] / "tests" / "data" / "facts"
NUMERIC = ("amount_yuan", "workers", "months")
NAMED = ("employer", "project")
# the annotators' sectors are coarser than the matrix's, and some of the matrix's lie across two of theirs
COARSE = {
    "building_municipal": {"building_municipal"}, "decoration": {"building_municipal"},
    "highway_waterway": {"transport"}, "railway": {"transport"}, "aviation_works": {"transport"},
    "ridehail_truck": {"logistics", "transport"},
    "water_works": {"water"}, "energy_power": {"energy"},
    "mining": {"energy"}, "manufacturing": {"manufacturing"},
    "catering_hotel": {"catering_retail"}, "retail_beauty_gym": {"catering_retail"}, "express_logistics": {"logistics"},
    "food_delivery": {"logistics"}, "education_training": {"education"}, "health_eldercare": {"health"},
    "culture_live": {"it_media"}, "it_office": {"it_media"}, "public_institution": {"public"},
    "landscaping_sanitation": {"public"},
}  # fmt: skip


@dataclass(slots=True)
class Score:
    """Counts of one fact. A wrong value is both a false alarm and a miss."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.hit / max(1, self.hit + self.wrong)

    @property
    def recall(self) -> float:
        return self.hit / max(1, self.hit + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(1, 2 * self.hit + self.wrong + self.missed)


def shared() -> Path | None:
    """The folder with the labelled posts: XINSHAO_SHARED, or `shared` beside the checkout."""
    named = os.environ.get("XINSHAO_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared"
    return folder if (folder / "data" / "labelled.jsonl").exists() else None


def lines(path: Path) -> Iterator[Row]:
    """JSON objects, one a line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def half(row: Row) -> str:
    return "A" if hashlib.sha256(row["group"].encode()).digest()[0] % 2 == 0 else "B"


def open_rows(folder: Path, which: str | None = None) -> list[Row]:
    rows = (row for row in lines(folder / "data" / "labelled.jsonl") if row["label"] == "open")
    return [row for row in rows if which is None or half(row) == which]


def post_of(row: Row) -> Post:
    return Post(id=row["id"], text=row["text"], title=row.get("title") or None)


def close(predicted: float | None, gold: float | None) -> bool:
    """Equal to within a hundredth (or a tenth of a month)."""
    return predicted is not None and gold is not None and abs(predicted - gold) <= max(0.1, abs(gold) * 0.01)


def contained(predicted: str | None, gold: str | None) -> bool:
    """One name holds the other, brackets and spaces aside."""
    if not predicted or not gold:
        return False
    a, b = (re.sub(r"[\s()（）「」“”]", "", name) for name in (predicted, gold))
    return len(min(a, b, key=len)) >= 2 and (a in b or b in a)


def same(fact: str, found: Any, stated: Any) -> bool:
    """Whether what was found is what is stated; nothing equals nothing."""
    if found is None or stated is None:
        return found is stated
    return close(found, stated) if fact in NUMERIC else contained(found, stated)


def agreed(row: Row, fact: str) -> bool:
    return fact in row["facts"] and f"{fact}_any" not in row["facts"]


def read_all(rows: Iterable[Row]) -> dict[str, Facts]:
    """The facts of every row, by its id."""
    return {row["id"]: read(post_of(row)) for row in rows}


def read_half(rows: Iterable[Row], which: str, own: Path = OWN) -> dict[str, Facts]:
    """The facts of every row of a half; those of B by the weights that never saw B, OSError without them."""
    if which != "B":
        return read_all(rows)
    with choice.instead(choice.weights_in(own / WITHOUT_B)):
        return read_all(rows)


def scores(rows: Iterable[Row], facts: dict[str, Facts]) -> dict[str, Score]:
    """Score of each numeric and named fact over the rows where the annotators agree about it."""
    table = {fact: Score() for fact in (*NUMERIC, *NAMED)}
    for row in rows:
        for fact, score in table.items():
            if agreed(row, fact):
                same = close if fact in NUMERIC else contained
                _count(score, getattr(facts[row["id"]], fact), row["facts"][fact], same)
    return table


def _count(score: Score, predicted: Any, gold: Any, same: Callable[[Any, Any], bool]) -> None:
    if predicted is None and gold is None:
        return
    if same(predicted, gold):
        score.hit += 1
        return
    score.wrong += predicted is not None
    score.missed += gold is not None


def sector_accuracy(rows: Iterable[Row], facts: dict[str, Facts]) -> tuple[int, int]:
    """(right, all) over rows whose sector the annotators name alike; rows they leave open are not counted."""
    right = total = 0
    for row in rows:
        if agreed(row, "sector") and row["facts"]["sector"]:
            total += 1
            right += row["facts"]["sector"] in COARSE.get(facts[row["id"]].sector, {"other"})
    return right, total


# ------------------------------------------------------------------ worked examples
EXPECTED = {
    "workers": "workers",
    "amount_yuan": "amount_yuan",
    "months": "months_owed",
    "employer": "employer",
    "project": "project",
}


def examples(folder: Path) -> list[Row]:
    return list(lines(folder / "domain" / "examples.jsonl"))


def example_facts(rows: Iterable[Row], county: County) -> Iterator[tuple[str, str, Any, Any, bool]]:
    """(id, fact, found, expected, equal) for every fact of every example that expects facts."""
    for row in rows:
        expected = row["expected"]
        if expected["label"] == "not_incident":
            continue
        found = read(post_of(row), county)
        for fact, key in EXPECTED.items():
            value, gold = getattr(found, fact), expected[key]
            equal = (
                value == gold
                or (fact == "months" and close(value or 0.0, gold or 0.0))
                or (fact in NAMED and contained(value, gold))
            )
            yield row["id"], fact, value, gold, equal
        town = found.place.town if found.place else None
        yield row["id"], "town", town, expected["place"]["town"], town == expected["place"]["town"]
        yield row["id"], "sector", found.sector, expected["sector"], found.sector == expected["sector"]
        yield row["id"], "traits", found.traits, expected["traits"], set(found.traits) == set(expected["traits"])


def masked_alike(rows: Iterable[Row]) -> list[tuple[str, str, str]]:
    """Examples whose masked text differs: (id, masked, expected)."""
    return [
        (row["id"], text, row["text_masked"]) for row in rows if (text := mask(row["text"]).text) != row["text_masked"]
    ]


# ------------------------------------------------------------------ places
def sites(folder: Path) -> tuple[int, int, int]:
    """(right, given, named) over posts with real place names: right is the same city, or province if only that is said.

    What the annotators wrote is resolved by the same gazetteer, so only the choice of the place is judged.
    """
    right = given = named = 0
    for row in open_rows(folder):
        golds = [g for g in (row["facts"].get("place"), *(row["facts"].get("place_any") or ())) if g]
        unsure = None in (row["facts"].get("place_any") or ())
        if not row["source"].startswith(("weibo", "zhihu")) or not golds or unsure:
            continue
        named += 1
        found = locate(post_of(row).full_text, title_end=len(row["title"] or ""))
        if found is None or found.code is None:
            continue
        given += 1
        meant = [place.code for gold in golds if (place := locate(gold)) is not None and place.code]
        right += any(_same_city(found.code, code) for code in meant)
    return right, given, named


def _same_city(found: str, meant: str) -> bool:
    length = 4 if min(len(found), len(meant)) >= 4 else 2
    return found[:length] == meant[:length]


# ------------------------------------------------------------------ the tables
def _said(arguments: list[str], option: str) -> str | None:
    return arguments[arguments.index(option) + 1] if option in arguments else None


def main(arguments: list[str]) -> int:
    """Prints every table; exit status 1 where the folder is not there."""
    folder = shared()
    if folder is None:
        print("set XINSHAO_SHARED to the folder with data/labelled.jsonl", file=sys.stderr)
        return 1
    own = Path(_said(arguments, "--own") or OWN)
    half_asked = _said(arguments, "--half")
    for which in (half_asked,) if half_asked else ("A", "B"):
        rows = open_rows(folder, which)
        facts = read_half(rows, which, own)
        print(f"half {which}: {len(rows)} open rows{', by weights learnt without them' if which == 'B' else ''}")
        for fact, score in scores(rows, facts).items():
            figures = f"F1 {score.f1:.3f}  precision {score.precision:.3f}  recall {score.recall:.3f}"
            print(f"  {fact:12} {figures}  n {score.hit + score.missed}")
        right, total = sector_accuracy(rows, facts)
        print(f"  sector       accuracy {right / max(1, total):.3f}  n {total}")
    right, given, named = sites(folder)
    print(f"places: precision {right / max(1, given):.3f} at coverage {given / max(1, named):.3f} of {named} posts")
    differing = masked_alike(examples(folder))
    print(f"masked alike: {1 - len(differing) / len(examples(folder)):.3f}; differing: {[row[0] for row in differing]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
