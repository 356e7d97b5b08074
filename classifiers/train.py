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
from classifiers.corpus import WEIGHTS as TRUST
from classifiers.corpus import Row, base, sources
from classifiers.features import SENTENCE, WHOLE
from classifiers.linear import Linear, Part, Vectors

FOLDS = 5
LEAST_ROWS = 3  # a feature fewer rows have is not learnt from
_STRENGTH_WHOLE, _STRENGTH_SENTENCE = 5.0, 3.0  # inverse regularisation
_OWN_FOR_KINDS = 0.5  # own posts teach the kinds more than they teach `open`: the real rows hold few settled cases
ALERT_PRECISION, REVIEW_RECALL = 0.915, 0.978  # aimed at on cross-validation, a little above what is promised


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

    A sentence has the label of its post and the post's weight shared among its sentences: in a long complaint that is
    a case, the sentences that are none of it weigh little and find company in other posts.
    """
    wholes = [(row.told.words,) for row in rows]
    at = [place for place, row in enumerate(rows) for _ in row.sentences]
    share = 1.0 / np.array([max(len(row.sentences), 1) for row in rows])
    whole = _part(wholes, WHOLE, rows, np.ones(len(rows)), _STRENGTH_WHOLE)
    told = [sentence for row in rows for sentence in row.sentences]
    return Linear(whole, _part(told, SENTENCE, [rows[place] for place in at], share[at], _STRENGTH_SENTENCE))


def _part(
    told: Sequence[Sequence[Collection[str]]], families: Sequence[str], rows: Sequence[Row], share: Any, strength: float
) -> Part:
    vectors = _vectors(told, families)
    if not vectors.width:
        return Part(vectors, np.zeros((LOGITS, 0)), np.zeros(LOGITS))
    matrix = _matrix(vectors, told)
    trust = share * np.array([TRUST[row.origin] * (0.8 if row.borderline else 1.0) for row in rows])
    taught = trust * np.array([_OWN_FOR_KINDS / TRUST["own"] if row.origin == "own" else 1.0 for row in rows])
    kind = np.array([KINDS.index(row.label) for row in rows])
    learnt = [_logistic(matrix, kind == 0, trust, strength)]
    learnt += [_logistic(matrix, kind == each, taught, strength) for each in range(len(KINDS))]
    learnt.append(_settled(matrix, kind, rows, share, strength))
    weights = np.vstack([weight for weight, _ in learnt]).round(4)
    return Part(vectors, weights, np.array([bias for _, bias in learnt]).round(4))


def out_of_fold(
    rows: Sequence[Row], folds: Sequence[int], measured: Sequence[bool], shown: Sequence[Row] | None = None
) -> list[list[float]]:
    """Six logits for every measured row, each from a model that saw no row of its fold; empty lists for the others.

    `shown`: the rows as the models are shown them, e.g. disguised; learnt from are always `rows`.
    """
    found: list[list[float]] = [[] for _ in rows]
    for fold in sorted({fold for fold, each in zip(folds, measured, strict=True) if each}):
        seen = [row for row, mine in zip(rows, folds, strict=True) if mine != fold]
        mine = [at for at in range(len(rows)) if measured[at] and folds[at] == fold]
        logits = fit(seen).logits([(shown or rows)[at].told for at in mine])
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
    rest = [(KINDS.index(row.label) - 1, each[2:6]) for row, each in zip(rows, logits, strict=True) if not row.open]
    heat = min((0.5 + 0.1 * at for at in range(30)), key=lambda h: _loss(rest, h))
    return Calibration(round(slope, 4), round(offset, 4), round(heat, 2))


def choose_bands(truth: Sequence[bool], scores: Sequence[float]) -> Bands:
    """Alert where precision holds, review down to where recall holds; measured on unseen rows."""
    alert = measures.threshold_for_precision(truth, scores, ALERT_PRECISION)
    review = measures.threshold_for_recall(truth, scores, REVIEW_RECALL)
    return Bands(alert=round(min(alert, 0.99), 4), review=math.floor(min(review, alert) * 10_000) / 10_000)


def _settled(matrix: Any, kind: Any, rows: Sequence[Row], share: Any, strength: float) -> tuple[Any, Any]:
    """Resolved against open, learnt from cases alone; own posts count in full, for few real cases are told as paid."""
    cases = np.flatnonzero(kind <= 1)
    trust = share * np.array([1.0 if row.origin == "own" else TRUST[row.origin] for row in rows])
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

    A kind that no row has is never said.
    """
    from sklearn.linear_model import LogisticRegression

    if not truth.any():
        return np.zeros(matrix.shape[1]), -12.0
    solver = LogisticRegression(C=strength, solver="liblinear", dual=True, random_state=0, max_iter=5000, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = solver.fit(matrix, truth, sample_weight=trust)
    return model.coef_[0], model.intercept_[0]


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
