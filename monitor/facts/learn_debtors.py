"""Learns how much each sign of a debtor's name counts, and writes debtors.json: the same bytes from the same data.

    XINSHAO_SHARED=/folder python -m monitor.facts.learn_debtors tests/data/facts

Learnt from the labelled posts, from posts read by us (read_names.json: hashes of texts and of names; its part `check`
is kept back), from this project's invented sentences and letters. Shipped is what both halves teach; what is learnt
without half B is kept beside the own sentences for the report on B (learn.py). A running service never loads it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from monitor.facts import measure
from monitor.facts.choice import Weights
from monitor.facts.clauses import LIMIT
from monitor.facts.debtors import candidates, choose, decided
from monitor.facts.learn import HALVES, Case, fit, invented, letters, write
from monitor.facts.parties import Named, in_full
from monitor.facts.plain import plain

WEIGHTS = Path(__file__).with_name("debtors.json")
FOLDS = 5
STRENGTH = 2.0  # L2 on every sign
PRIOR = {"rule": 2.0}  # what is believed before anything is learnt: the plain rule
LEAST = 0.45  # the probability from which a name is believed to owe
TRUST = {"labelled": 2.0, "read": 1.5, "letter": 0.75, "invented": 0.5}


def _hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def read_rows(folder: Path, own: Path, part: str) -> list[measure.Row]:
    """The posts of read_names.json whose texts can be told again by their hashes, with the names as written."""
    kept = json.loads((own / "read_names.json").read_text(encoding="utf-8"))
    found: dict[str, measure.Row] = {}
    for row in _texts(folder):
        for text in (row["text"], row["text"][:650], row["text"][:420], row["text"][:300]):
            for key in (_hash(row["id"], 16), _hash(text, 16)):
                if key in kept and kept[key]["part"] == part and kept[key]["employer"] != "?":
                    found.setdefault(key, row | {"text": row["text"] if key == _hash(row["id"], 16) else text})
    rows = []
    for key, row in sorted(found.items()):
        whole = f"{row.get('title') or ''}\n{row['text']}"
        names = _written(whole, kept[key]["employer"])
        if kept[key]["employer"] is None or names:
            rows.append({**row, "facts": {"employer": names[0] if names else None}, "origin": "read"})
    return rows


def _texts(folder: Path) -> Iterator[measure.Row]:
    for name in ("unlabelled", "background"):
        with gzip.open(folder / "data" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)
    yield from measure.lines(folder / "data" / "labelled.jsonl")


def _written(text: str, hashes: list[str] | None) -> list[str]:
    if not hashes:
        return []
    spans = ((i, j) for i in range(len(text)) for j in range(i + 2, min(len(text), i + 26) + 1))
    by_hash = {_hash(text[i:j], 12): text[i:j] for i, j in spans}
    return [by_hash[each] for each in hashes if each in by_hash]


def rows_of(folder: Path, own: Path, halves: str = HALVES) -> list[measure.Row]:
    rows = [row | {"origin": "labelled"} for half in halves for row in measure.open_rows(folder, half)]
    rows += read_rows(folder, own, "work") + invented(own / "wordings.txt")
    for path in sorted(own.glob("letters_*.txt")):
        rows += letters(path)
    return [row for row in rows if "employer" in row["facts"] and measure.agreed(row, "employer")]


def shown(row: measure.Row) -> list[tuple[Named, frozenset[str]]]:
    post = measure.post_of(row)
    source = plain(post.full_text[:LIMIT], len(post.title) if post.title else 0)
    return candidates(source.text, source.title_end)


def cases(rows: Sequence[measure.Row]) -> list[list[tuple[Named, Case]]]:
    """Every candidate of every row, with its signs and whether it is the one that owes."""
    return [
        [
            (named, Case(signs, measure.contained(named.name, row["facts"]["employer"]), at, TRUST[row["origin"]]))
            for named, signs in shown(row)
        ]
        for at, row in enumerate(rows)
    ]


def learnt(found: Sequence[list[tuple[Named, Case]]]) -> tuple[dict[str, float], float]:
    """Weights of the signs and the constant by which the names of a text and `none of them` share one chance."""
    return fit([case for each in found for _, case in each], False, believed=PRIOR, strength=STRENGTH)


def learn(rows: Sequence[measure.Row]) -> dict[str, Any]:
    """The table of debtors.json."""
    signs, constant = learnt(cases(rows))
    return {"constant": constant, "least": LEAST, "signs": signs}


def chosen(found: list[tuple[Named, Case]], signs: dict[str, float], constant: float, least: float) -> Named | None:
    """The name that owes by these weights."""
    if not found:
        return None
    names = [named for named, _ in found]
    if decided(names) and not any("kind private" in case.signs for _, case in found):
        return in_full(names[0], names)
    told = Weights(signs, constant, least).shares([case.signs for _, case in found])
    return choose(names, told, least, ruled="rule" in found[0][1].signs)


def score(rows: Sequence[measure.Row], names: Sequence[Named | None]) -> measure.Score:
    total = measure.Score()
    for row, named in zip(rows, names, strict=True):
        stated, name = row["facts"]["employer"], named.name if named else None
        if stated is None and name is None:
            continue
        hit = measure.contained(name, stated)
        total.hit += hit
        total.wrong += not hit and name is not None
        total.missed += not hit and stated is not None
    return total


def out_of_fold(found: Sequence[list[tuple[Named, Case]]], least: float = LEAST) -> list[Named | None]:
    names: list[Named | None] = [None] * len(found)
    for fold in range(FOLDS):
        signs, constant = learnt([each for at, each in enumerate(found) if at % FOLDS != fold])
        for at in range(fold, len(found), FOLDS):
            names[at] = chosen(found[at], signs, constant, least)
    return names


def main(arguments: list[str]) -> int:
    """Writes debtors.json, and those without half B; exit status 1 without the labelled posts or own sentences."""
    folder = measure.shared()
    if folder is None or len(arguments) != 1:
        print("XINSHAO_SHARED=/folder python -m monitor.facts.learn_debtors tests/data/facts", file=sys.stderr)
        return 1
    own = Path(arguments[0])
    rows = rows_of(folder, own)
    found = cases(rows)
    names = out_of_fold(found)
    for origin in TRUST:
        of = [at for at, row in enumerate(rows) if row["origin"] == origin]
        held = [any(case.right for _, case in found[at]) for at in of if rows[at]["facts"]["employer"]]
        told = score([rows[at] for at in of], [names[at] for at in of])
        print(f"{origin}: {len(of)} rows, {len(held)} named, {sum(held)} among the candidates, F1 {told.f1:.3f}")
    write(learn(rows), WEIGHTS)
    write(learn(rows_of(folder, own, "A")), own / measure.WITHOUT_B / WEIGHTS.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
