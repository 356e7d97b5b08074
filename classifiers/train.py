"""Trains the model from labelled rows. Knows scikit-learn, which a running service never loads; reads no text itself.

Deterministic: rows in a fixed order, one seed, weights rounded: the same data give the same bytes.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import measures
from classifiers.calibration import KINDS, LOGITS, Bands, Calibration
from classifiers.corpus import STATES, TOUCHES, Row, base, sources
from classifiers.corpus import WEIGHTS as TRUST
from classifiers.features import SENTENCE, WHOLE
from classifiers.lacks import LACKS, Codes, Lack
from classifiers.linear import Linear, Part, Vectors

FOLDS = 5
LEAST_ROWS = 3  # a feature fewer rows have is not learnt from
_STRENGTH_WHOLE, _STRENGTH_SENTENCE, _STRENGTH_LACK = 6.0, 1.5, 6.0  # inverse regularisation
_SURE = 12.0  # the logit of what nobody doubts
_TELLING, _SMOOTH = 0.4, 0.3  # how far a column is stretched by what it tells; weight added to every count
_UNMARKED = -1  # a sentence that no reader marked
_LESS = 0.3  # what a sentence of a case that does not state the debt weighs beside one that does
_OWN_FOR_KINDS = 0.5  # own posts teach the kinds more than they teach `open`: the real rows hold few settled cases
ALERT_PRECISION, REVIEW_RECALL = 0.91, 0.978  # aimed at on cross-validation, a little above what is promised
REVIEW_SHARE = 0.0048  # of the background that people may be asked to read for a case more


@dataclass(frozen=True, slots=True)
class Corpus:
    """All rows, those measured on first. `background`: how many background posts stand behind the rows that passed."""

    rows: tuple[Row, ...]
    background: int

    def of(self, *origins: str) -> list[Row]:
        """The rows of these origins, in order."""
        return [row for row in self.rows if row.origin in origins]


def gather(shared: Path | None = None, decisions: Path | None = None) -> Corpus:
    """The shared rows (from `shared`, or the shipped base), this project's own posts, and a county's decisions."""
    rows, background = shared_rows(shared) if shared else base.load()
    return Corpus((*rows, *sources.own(), *(sources.decisions(decisions) if decisions else ())), background)


def shared_rows(shared: Path) -> tuple[list[Row], int]:
    """What the base holds, made anew from the texts."""
    rows = sources.labelled(shared) + sources.read_labels(shared, sources.openings(shared))
    passed, total = sources.background(shared)
    return base.prune(rows + passed), total


def fit(rows: Sequence[Row]) -> Linear:
    """Vocabularies, idf and weights learnt from these rows.

    A sentence has the label of its post and the post's weight shared among its sentences, unless a reader marked which
    of them state the debt: those are cases in full, and the others of that post are none. What a case may not lack is
    learnt from sentences alone, each lack by itself.
    """
    wholes = [(row.told.words,) for row in rows]
    whole = _part(wholes, WHOLE, _Lesson(rows, np.ones(len(rows)), np.full(len(rows), _UNMARKED)), _STRENGTH_WHOLE)
    told = [sentence for row in rows for sentence in row.sentences]
    owners = [row for row in rows for _ in row.sentences]
    share = 1.0 / np.array([len(row.sentences) for row in owners])
    states = np.array([state for row in rows for state in row.states or [_UNMARKED] * len(row.sentences)])
    return Linear(whole, _part(told, SENTENCE, _Lesson(owners, share, states), _STRENGTH_SENTENCE, LACKS))


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What is learnt of each example: its row, its share of the row's weight, and the reader's mark or _UNMARKED."""

    rows: Sequence[Row]
    share: Any
    states: Any

    @property
    def kind(self) -> Any:
        return np.array([KINDS.index(row.label) for row in self.rows])

    @property
    def trust(self) -> Any:
        """How far each row is believed."""
        return np.array([TRUST[row.origin] for row in self.rows])

    def open(self) -> tuple[Any, Any]:
        """Whether each example is a case, and its weight."""
        marked = self.states != _UNMARKED
        weight = np.where(marked, np.where(self.states == STATES, 1.0, _LESS), self.share)
        return (self.kind == 0) & (~marked | (self.states >= TOUCHES)), weight * self.trust

    def kinds(self) -> Any:
        """The weight of each example for telling the kinds."""
        own = np.array([_OWN_FOR_KINDS / TRUST["own"] if row.origin == "own" else 1.0 for row in self.rows])
        return self.share * self.trust * own


def _part(
    told: Sequence[Sequence[Collection[str]]],
    families: Sequence[str],
    lesson: _Lesson,
    strength: float,
    lacks: Sequence[Lack] = (),
) -> Part:
    vectors = _vectors(told, families)
    if not vectors.width:
        return Part(vectors, np.zeros((LOGITS + len(lacks), 0)), np.zeros(LOGITS + len(lacks)))
    matrix, kind, taught = _matrix(vectors, told), lesson.kind, lesson.kinds()
    learnt = [_logistic(matrix, *lesson.open(), strength)]
    learnt += [_logistic(matrix, kind == each, taught, strength) for each in range(len(KINDS))]
    learnt.append(_settled(matrix, kind, lesson, strength))
    codes = Codes(lesson.rows, lesson.states, lesson.share, lesson.trust) if lacks else None
    learnt += [_lack(matrix, *codes.lesson(lack)) for lack in lacks] if codes else []
    weights = np.vstack([weight for weight, _ in learnt]).round(4)
    return Part(vectors, weights, np.array([bias for _, bias in learnt]).round(4))


def out_of_fold(
    rows: Sequence[Row], folds: Sequence[int], measured: Sequence[bool], shown: Sequence[Row] | None = None
) -> list[list[float]]:
    """Logits and their parts for every measured row, from a model that saw no row of its fold; else empty lists.

    `shown`: the rows as the models are shown them, e.g. disguised; learnt from are always `rows`.
    """
    found: list[list[float]] = [[] for _ in rows]
    for fold in sorted({fold for fold, each in zip(folds, measured, strict=True) if each}):
        seen = [row for row, mine in zip(rows, folds, strict=True) if mine != fold]
        mine = [at for at in range(len(rows)) if measured[at] and folds[at] == fold]
        logits = fit(seen).parts_of([(shown or rows)[at].told for at in mine])
        for at, each in zip(mine, logits.tolist(), strict=True):
            found[at] = each
    return found


def assign_folds(rows: Sequence[Row], seed: int = 0) -> list[int]:
    """Folds by group, evenly many open rows in each; rows that are only learnt from (own posts, decisions) get -1."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    order = sorted(groups, key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest())
    order.sort(
        key=lambda group: (-len(groups[group]) if len(groups[group]) > 2 else 0, any(r.open for r in groups[group]))
    )
    fold_of = {group: at % FOLDS for at, group in enumerate(order)}
    return [-1 if row.origin in ("own", "decision") else fold_of[row.group] for row in rows]


def calibrate(rows: Sequence[Row], logits: Sequence[Sequence[float]]) -> Calibration:
    """Platt's two numbers and the kinds' temperature, from logits of rows the model had not seen."""
    slope, offset = _platt([each[0] for each in logits], np.array([row.open for row in rows]))
    rest = [
        (KINDS.index(row.label) - 1, each[2 : LOGITS - 1])
        for row, each in zip(rows, logits, strict=True)
        if not row.open
    ]
    heat = min((0.5 + 0.1 * at for at in range(30)), key=lambda h: _loss(rest, h))
    return Calibration(round(slope, 4), round(offset, 4), round(heat, 2))


def choose_bands(truth: Sequence[bool], scores: Sequence[float], crowd: Sequence[float] = (), total: int = 0) -> Bands:
    """Alert where precision holds; review down to where recall holds, and further while the crowd is small enough.

    Measured on unseen rows. `crowd`: the scores of the background posts that are read, of `total`.
    """
    alert = measures.threshold_for_precision(truth, scores, ALERT_PRECISION)
    review = measures.threshold_for_recall(truth, scores, REVIEW_RECALL)
    if len(crowd) > (most := int(REVIEW_SHARE * total)) > 0:
        review = min(review, sorted(crowd, reverse=True)[most - 1])
    return Bands(alert=round(min(alert, 0.99), 4), review=math.floor(min(review, alert) * 10_000) / 10_000)


def _lack(matrix: Any, has: Any, weight: Any) -> tuple[Any, Any]:
    """That a sentence lacks nothing of this sort; where nobody taught what lacks it, nothing is held to."""
    known = np.flatnonzero(weight > 0)
    if not has[known].any() or has[known].all():
        return np.zeros(matrix.shape[1]), _SURE
    return _logistic(matrix[known], has[known], weight[known], _STRENGTH_LACK)


def _settled(matrix: Any, kind: Any, lesson: _Lesson, strength: float) -> tuple[Any, Any]:
    """Resolved against open, learnt from cases alone; own posts count in full, for few real cases are told as paid."""
    cases = np.flatnonzero(kind <= 1)
    trust = lesson.share * np.array([1.0 if row.origin == "own" else TRUST[row.origin] for row in lesson.rows])
    return _logistic(matrix[cases], kind[cases] == 1, trust[cases], strength)


def _vectors(told: Sequence[Sequence[Collection[str]]], families: Sequence[str]) -> Vectors:
    vocabulary: dict[str, list[str]] = {}
    idf: list[float] = []
    for at, family in enumerate(families):
        seen = Counter(chain.from_iterable(row[at] for row in told))
        vocabulary[family] = sorted(name for name, rows_with in seen.items() if rows_with >= LEAST_ROWS)
        idf += [round(math.log((1 + len(told)) / (1 + seen[name])) + 1, 4) for name in vocabulary[family]]
    return Vectors(vocabulary, idf, families)


def _matrix(vectors: Vectors, told: Sequence[Sequence[Collection[str]]]) -> Any:
    from scipy.sparse import csr_matrix

    found = vectors.of(told)
    return csr_matrix((found.value, (found.row, found.column)), shape=(found.rows, vectors.width))


def _logistic(matrix: Any, truth: Any, trust: Any, strength: float) -> tuple[Any, Any]:
    """Coefficients and intercept of a regularised logistic regression (dual coordinate descent, Yu et al. 2011).

    Columns are stretched by how well each tells the two sides apart (Wang and Manning 2012), so that what tells them
    apart is dampened less. A kind that no row has is never said.
    """
    from scipy.sparse import diags
    from sklearn.linear_model import LogisticRegression

    if not truth.any():
        return np.zeros(matrix.shape[1]), -12.0
    stretch = _telling(matrix, truth, trust)
    matrix = (matrix @ diags(stretch)).tocsr()
    solver = LogisticRegression(C=strength, solver="liblinear", dual=True, random_state=0, max_iter=5000, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = solver.fit(matrix, truth, sample_weight=trust)
    return model.coef_[0] * stretch, model.intercept_[0]


def _telling(matrix: Any, truth: Any, trust: Any) -> Any:
    """Of each column, one and the size of its log odds between the sides (on average one), mixed."""
    there = matrix.copy()
    there.data = np.ones_like(there.data)
    shares = [there[side].T @ trust[side] + _SMOOTH for side in (truth, ~truth)]
    odds = np.abs(np.log(shares[0] / shares[0].sum()) - np.log(shares[1] / shares[1].sum()))
    return (1.0 - _TELLING) + _TELLING * odds / max(math.sqrt(float((odds**2).mean())), 1e-9)


def _platt(logits: Sequence[float], truth: Any) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(np.array(logits)[:, None], truth)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _loss(rest: Sequence[tuple[int, Sequence[float]]], heat: float) -> float:
    total = 0.0
    for kind, logits in rest:
        scaled = [logit / heat for logit in logits]
        top = max(scaled)
        total += math.log(sum(math.exp(each - top) for each in scaled)) + top - scaled[kind]
    return total
