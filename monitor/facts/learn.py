"""Learns how much each sign counts, and writes weights.json: one command, the same bytes from the same data.

    XINSHAO_SHARED=/folder python -m monitor.facts.learn tests/data/facts

Learnt from the labelled posts, from posts labelled by reading (numbers only, by id), and from this project's own
invented sentences. Shipped is what both halves teach; without_b/weights.json in the folder of own sentences is learnt
without half B, and nothing but the report on B reads by it. Out of fold: what the figures are on rows a model has not
seen. Knows labels and signs; a running service never loads it.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from monitor.facts import alone, amounts, headcount, measure, periods
from monitor.facts.choice import Weights
from monitor.facts.clauses import LIMIT, clauses
from monitor.facts.numerals import numbers
from monitor.facts.plain import plain

WEIGHTS = Path(__file__).with_name("weights.json")
HALVES = "AB"
FOLDS = 5
STRENGTH, OF_WORDS = 2.5, 5.0  # L2 on every sign, and on those that are hashes of words; not on the constant
SEEN = 4  # in how many texts a word must stand
LEAST = {"heads": 0.45, "alone": 0.33, "amounts": 0.4, "months": 0.4}  # the chance from which each is believed
PRIOR = {"rule": 4.0}  # what is believed before anything is learnt: the plain rules; weights are pulled there, not to 0
TRUST = {"labelled": 2.0, "read": 2.0, "invented": 1.0, "letter": 1.0, "aside": 0.5}
NUMBERS = ("workers", "amount_yuan", "months")  # the columns of styles.txt and sealed.txt
LETTERS = (*NUMBERS, "employer", "project", "sector")  # the columns of letters_1.txt...
FACTS = (*NUMBERS, "employer", "project")


@dataclass(frozen=True, slots=True)
class Case:
    """One candidate or text: its signs, whether it is the fact, its post, and how much it counts."""

    signs: frozenset[str]
    right: bool
    post: int
    trust: float


# ------------------------------------------------------------------ what is learnt from
def invented(path: Path) -> list[measure.Row]:
    """The rows of wordings.txt: text and the five facts, None where a dash stands."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        text, *written = line.split(" | ")
        stated = {
            fact: None if said == "-" else said if fact in measure.NAMED else float(said)
            for fact, said in zip(FACTS, written, strict=True)
        }
        rows.append({"id": str(number), "text": text, "facts": stated, "origin": "invented"})
    return rows


def rows_of(folder: Path, own: Path, halves: str = HALVES) -> list[measure.Row]:
    """These halves of the labelled posts, the posts read, the invented sentences; each row with its `origin`.

    `aside`: labelled posts about no unpaid work, in which no number counts unpaid workers.
    """
    found = [row | {"origin": "labelled"} for half in halves for row in measure.open_rows(folder, half)]
    labelled = measure.lines(folder / "data" / "labelled.jsonl")
    aside = [row for row in labelled if row["label"] in ("noise", "general") and measure.half(row) in halves]
    found += [row | {"origin": "aside", "facts": dict.fromkeys(FACTS)} for row in aside]
    read = own / "read_posts.json"
    if read.exists():
        labels = json.loads(read.read_text(encoding="utf-8"))
        with gzip.open(folder / "data" / "unlabelled.jsonl.gz", "rt", encoding="utf-8") as file:
            texts = {row["id"]: row for row in map(json.loads, file) if row["id"] in labels}
        found += [texts[each] | {"facts": labels[each], "origin": "read"} for each in sorted(labels) if each in texts]
    found += _worked(folder) + _posts(own) + invented(own / "wordings.txt")
    tables = (
        ("voices.txt", "workers"),
        ("speakers.txt", "workers"),
        ("spans.txt", "months"),
        ("sums.txt", "amount_yuan"),
    )
    found += told(own / "styles.txt", *NUMBERS)
    found += [row for path in sorted(own.glob("letters_*.txt")) for row in letters(path)]
    return found + [row for name, fact in tables for row in told(own / name, fact)]


def _worked(folder: Path) -> list[measure.Row]:
    """The worked examples of the domain, which state every fact."""
    rows = [row for row in measure.examples(folder) if row["expected"]["label"] != "not_incident"]
    facts = [{fact: row["expected"][key] for fact, key in measure.EXPECTED.items()} for row in rows]
    return [row | {"facts": each, "origin": "read"} for row, each in zip(rows, facts, strict=True)]


def _posts(own: Path) -> list[measure.Row]:
    """The invented posts of posts.yaml, with those facts that they assert."""
    posts = yaml.safe_load((own / "posts.yaml").read_text(encoding="utf-8"))
    return [
        {"id": f"post {at}", "text": post["text"], "origin": "read"}
        | {"facts": {fact: post[fact] for fact in FACTS if fact in post}}
        for at, post in enumerate(posts)
    ]


def told(path: Path, *facts: str) -> list[measure.Row]:
    """The rows of a table, text and a number a fact: None where a dash stands, left out where a `?` does."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = []
    for at, line in enumerate(lines):
        text, *written = line.split(" | ")
        pairs = zip(facts, written, strict=True)
        stated = {fact: None if said == "-" else float(said) for fact, said in pairs if said != "?"}
        rows.append({"id": f"{path.stem} {at}", "text": text, "origin": "invented", "facts": stated})
    return rows


def letters(path: Path) -> list[measure.Row]:
    """The rows of letters_1.txt...: text and six facts, None where a dash stands, left out where a `?` does."""
    written = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = []
    for at, line in enumerate(written):
        text, *columns = line.split(" | ")
        stated = {fact: _said(fact, said) for fact, said in zip(LETTERS, columns, strict=True) if said != "?"}
        rows.append({"id": f"{path.stem} {at}", "text": text, "origin": "letter", "facts": stated})
    return rows


def _said(fact: str, said: str) -> float | str | None:
    if said == "-":
        return None
    return float(said) if fact in NUMBERS else said


def heads(rows: Sequence[measure.Row]) -> list[Case]:
    """Every number of people in the rows on whose headcount the annotators agree."""
    cases = []
    for at, row, text, title_end in _texts(rows, "workers"):
        for candidate in headcount.candidates(text, numbers(text), clauses(text), title_end):
            right = row["facts"]["workers"] == candidate.number
            cases.append(Case(candidate.signs, right, at, TRUST[row["origin"]]))
    return cases


def voices(rows: Sequence[measure.Row]) -> list[Case]:
    """Every text of one worker or of nobody can say how many."""
    cases = [
        Case(alone.signs(text, title_end), row["facts"]["workers"] == 1, at, TRUST[row["origin"]])
        for at, row, text, title_end in _texts(rows, "workers")
        if row["facts"]["workers"] in (1, None) and row["origin"] not in ("aside", "letter")
    ]
    seen = Counter(sign for case in cases for sign in case.signs)
    rare = {sign for sign, times in seen.items() if sign.startswith(alone.WORD) and times < SEEN}
    return [replace(case, signs=case.signs - rare) for case in cases]


def sums(rows: Sequence[measure.Row]) -> list[Case]:
    """Every sum of money in the rows on whose amount the annotators agree; right if it comes to what is owed."""
    cases = []
    for at, row, text, _ in _texts(rows, "amount_yuan"):
        found = amounts.candidates(text, numbers(text), clauses(text))
        stated, heads_stated = row["facts"]["amount_yuan"], row["facts"].get("workers")
        for each in found:
            value = amounts.settled(text, each, [each], found, int(heads_stated or 0)).yuan
            right = measure.close(value, stated) or measure.close(each.yuan, stated)
            cases.append(Case(each.signs, right, at, TRUST[row["origin"]]))
    return cases


def times(rows: Sequence[measure.Row]) -> list[Case]:
    """Every time in the rows on whose months the annotators agree."""
    return [
        Case(each.signs, measure.close(each.months, row["facts"]["months"]), at, TRUST[row["origin"]])
        for at, row, text, _ in _texts(rows, "months")
        for each in periods.candidates(text, numbers(text), clauses(text))
    ]


def _texts(rows: Sequence[measure.Row], fact: str) -> Iterable[tuple[int, measure.Row, str, int]]:
    for at, row in enumerate(rows):
        if fact in row["facts"] and measure.agreed(row, fact):
            post = measure.post_of(row)
            source = plain(post.full_text[:LIMIT], len(post.title) if post.title else 0)
            yield at, row, source.text, source.title_end


# ------------------------------------------------------------------ logistic regression
@dataclass(frozen=True, slots=True)
class _Table:
    """Cases as a matrix with a last column of ones; `post`: which rows stand against each other."""

    names: list[str]
    shown: np.ndarray
    right: np.ndarray
    trust: np.ndarray
    post: np.ndarray


def _table(cases: Sequence[Case], lone: bool) -> _Table:
    names = sorted({sign for case in cases for sign in case.signs})
    column = {name: at for at, name in enumerate(names)}
    shown = np.zeros((len(cases), len(names) + 1))
    shown[:, -1] = 1.0
    for at, case in enumerate(cases):
        shown[at, [column[sign] for sign in case.signs]] = 1.0
    posts = [at if lone else case.post for at, case in enumerate(cases)]
    numbered = {post: at for at, post in enumerate(dict.fromkeys(posts))}
    return _Table(
        names,
        shown,
        np.array([case.right for case in cases], dtype=float),
        np.array([case.trust for case in cases]),
        np.array([numbered[post] for post in posts]),
    )


def fit(
    cases: Sequence[Case], lone: bool, *, believed: Mapping[str, float] = PRIOR, strength: float = STRENGTH
) -> tuple[dict[str, float], float]:
    """Weights of the signs and the constant: conditional logit (McFadden 1974), by a Newton's method that only rises;
    no seed.

    The candidates of a post stand against each other and against silence (odds 1); where several are right, any will
    do. `lone`: each case only against silence, which is logistic regression. `believed`: where L2 of this `strength`
    pulls the weight of a sign, if not to nothing.
    """
    table = _table(cases, lone)
    shown, post, posts = table.shown, table.post, int(table.post.max()) + 1
    penalty = np.array([OF_WORDS if name.startswith(alone.WORD) else strength for name in table.names] + [1e-3])
    alike = (shown / penalty) @ shown.T if lone else None
    prior = np.array([believed.get(name, 0.0) for name in table.names] + [0.0])
    beta = np.zeros(shown.shape[1])
    for _ in range(100):
        odds = np.exp(np.clip(shown @ beta, -30, 30))
        chance = odds / (1.0 + np.bincount(post, odds, posts))[post]
        among = np.bincount(post, odds * table.right, posts)[post]
        wanted = np.where(table.right > 0, odds / np.where(among > 0, among, 1.0), 0.0)
        slope = shown.T @ (table.trust * (chance - wanted)) + penalty * (beta - prior)
        step = (
            _step(table, chance, slope, penalty) if alike is None else _lone_step(table, chance, slope, penalty, alike)
        )
        beta -= step
        if float(np.abs(step).max()) < 1e-7:
            break
    return {name: round(float(value), 3) for name, value in zip(table.names, beta, strict=False)}, round(
        float(beta[-1]), 3
    )


def _step(table: _Table, chance: np.ndarray, slope: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Newton's step where the candidates of a post stand against each other."""
    posts = int(table.post.max()) + 1
    whole = np.zeros((posts, table.shown.shape[1]))
    np.add.at(whole, table.post, table.shown * chance[:, None])
    weight = np.zeros(posts)
    weight[table.post] = table.trust
    curve = (table.shown * (table.trust * chance)[:, None]).T @ table.shown - (whole * weight[:, None]).T @ whole
    return np.asarray(np.linalg.solve(curve + np.diag(penalty), slope))


def _lone_step(
    table: _Table, chance: np.ndarray, slope: np.ndarray, penalty: np.ndarray, alike: np.ndarray
) -> np.ndarray:
    """The same where each case stands alone, by Woodbury's identity: as large as the cases, not as the signs."""
    weight = table.trust * chance * (1.0 - chance)
    free = slope / penalty
    inner = np.linalg.solve(np.eye(len(weight)) + weight[:, None] * alike, weight * (table.shown @ free))
    return np.asarray(free - (table.shown.T @ inner) / penalty)


def out_of_fold(cases: Sequence[Case], lone: bool) -> list[float]:
    """The chance of each case by a model that saw no case of its fifth of the posts."""
    chances = [0.0] * len(cases)
    for fold in range(FOLDS):
        model = Weights(*fit([case for case in cases if case.post % FOLDS != fold], lone), 0.0)
        posts: dict[int, list[int]] = {}
        for at, case in enumerate(cases):
            if case.post % FOLDS == fold:
                posts.setdefault(at if lone else case.post, []).append(at)
        for rows in posts.values():
            for at, share in zip(rows, model.shares([cases[at].signs for at in rows]), strict=True):
                chances[at] = share
    return chances


def f1(cases: Sequence[Case], chances: Sequence[float], limit: float) -> float:
    hit = sum(case.trust for case, chance in zip(cases, chances, strict=True) if case.right and chance >= limit)
    said = sum(case.trust for case, chance in zip(cases, chances, strict=True) if chance >= limit)
    meant = sum(case.trust for case in cases if case.right)
    return 2 * hit / max(1.0, said + meant)


CHOICES: dict[str, Callable[[Sequence[measure.Row]], list[Case]]] = {
    "heads": heads, "alone": voices, "amounts": sums, "months": times,
}  # fmt: skip


def learn(rows: Sequence[measure.Row]) -> dict[str, Any]:
    """The table of weights.json."""
    table = {}
    for name, cases_of in CHOICES.items():
        signs, constant = fit(cases_of(rows), name == "alone")
        table[name] = {"constant": constant, "least": LEAST[name], "signs": signs}
    return table


def tell(rows: Sequence[measure.Row]) -> None:
    """Prints what each choice gives out of fold."""
    for name, cases_of in CHOICES.items():
        cases = cases_of(rows)
        gained = f1(cases, out_of_fold(cases, name == "alone"), LEAST[name])
        print(f"{name}: {len(cases)} cases, {sum(case.right for case in cases)} right; out of fold F1 {gained:.3f}")


def write(table: Mapping[str, Any], path: Path) -> None:
    """Weights as JSON, one number a line."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Writes weights.json, and those without half B; exit status 1 without the labelled posts or own sentences."""
    folder = measure.shared()
    if folder is None or len(arguments) != 1:
        print("XINSHAO_SHARED=/folder python -m monitor.facts.learn tests/data/facts", file=sys.stderr)
        return 1
    own = Path(arguments[0])
    rows = rows_of(folder, own)
    tell(rows)
    write(learn(rows), WEIGHTS)
    write(learn(rows_of(folder, own, "A")), own / measure.WITHOUT_B / WEIGHTS.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
