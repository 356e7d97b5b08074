"""Trains the model from labelled rows. Knows scikit-learn, which a running service never loads; reads no text itself.

Deterministic: rows in a fixed order, one seed, weights rounded: the same data give the same bytes.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import measures
from classifiers.calibration import KINDS, Bands, Calibration
from classifiers.corpus import WEIGHTS as TRUST
from classifiers.corpus import Row, base, sources
from classifiers.features import FAMILIES
from classifiers.linear import Linear, Vectors

FOLDS = 5
LEAST_ROWS = 3  # a feature fewer rows have is not learnt from
_STRENGTH = 10.0  # inverse regularisation
ALERT_PRECISION, REVIEW_RECALL = 0.92, 0.975  # aimed at on cross-validation, a little above what is promised


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


def fit(rows: Sequence[Row]) -> tuple[Vectors, Linear]:
    """Vocabulary, idf and weights learnt from these rows."""
    vectors = _vectors(rows)
    matrix = _matrix(vectors, rows)
    trust = np.array([TRUST[row.origin] * (0.8 if row.borderline else 1.0) for row in rows])
    opened, open_bias = _logistic(matrix, np.array([row.open for row in rows]), trust)
    kinds, kind_bias = _one_vs_rest(matrix, np.array([KINDS.index(row.label) for row in rows]), trust)
    weights = np.vstack([opened, kinds]).T.round(4).astype(np.float32)
    return vectors, Linear(weights, np.concatenate([[open_bias], kind_bias]).round(4).astype(np.float32))


def out_of_fold(
    rows: Sequence[Row], folds: Sequence[int], measured: Sequence[bool], shown: Sequence[Row] | None = None
) -> list[list[float]]:
    """Six logits for every measured row, each from a model that saw no row of its fold; empty lists for the others.

    `shown`: the rows as the models are shown them, e.g. disguised; learnt from are always `rows`.
    """
    found: list[list[float]] = [[] for _ in rows]
    for fold in sorted({fold for fold, each in zip(folds, measured, strict=True) if each}):
        seen = [row for row, mine in zip(rows, folds, strict=True) if mine != fold]
        vectors, linear = fit(seen)
        for at in range(len(rows)):
            if measured[at] and folds[at] == fold:
                found[at] = linear.scores(vectors.of((shown or rows)[at].counts))
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
    rest = [(KINDS.index(row.label) - 1, each[2:]) for row, each in zip(rows, logits, strict=True) if not row.open]
    heat = min((0.5 + 0.1 * at for at in range(30)), key=lambda h: _loss(rest, h))
    return Calibration(round(slope, 4), round(offset, 4), round(heat, 2))


def choose_bands(truth: Sequence[bool], scores: Sequence[float]) -> Bands:
    """Alert where precision holds, review down to where recall holds; measured on unseen rows."""
    alert = measures.threshold_for_precision(truth, scores, ALERT_PRECISION)
    review = measures.threshold_for_recall(truth, scores, REVIEW_RECALL)
    return Bands(alert=round(min(alert, 0.99), 4), review=math.floor(min(review, alert) * 10_000) / 10_000)


def _vectors(rows: Sequence[Row]) -> Vectors:
    vocabulary: dict[str, list[str]] = {}
    idf: list[float] = []
    for family in FAMILIES:
        seen: dict[str, int] = {}
        for row in rows:
            for name in row.counts[family]:
                seen[name] = seen.get(name, 0) + 1
        vocabulary[family] = sorted(name for name, rows_with in seen.items() if rows_with >= LEAST_ROWS)
        idf += [round(math.log((1 + len(rows)) / (1 + seen[name])) + 1, 4) for name in vocabulary[family]]
    return Vectors(vocabulary, idf)


def _matrix(vectors: Vectors, rows: Sequence[Row]) -> Any:
    from scipy.sparse import csr_matrix

    posts = [vectors.of(row.counts) for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(post.columns) for post in posts])])
    values = np.array([value for post in posts for value in post.values])
    columns = np.array([column for post in posts for column in post.columns])
    return csr_matrix((values, columns, starts), shape=(len(rows), vectors.width))


def _one_vs_rest(matrix: Any, kinds: Any, trust: Any) -> tuple[Any, Any]:
    """Coefficients (kinds x columns) and intercepts; a kind no row has is never said."""
    weights, bias = np.zeros((len(KINDS), matrix.shape[1])), np.full(len(KINDS), -12.0)
    for kind in sorted(set(kinds.tolist())):
        weights[kind], bias[kind] = _logistic(matrix, kinds == kind, trust)
    return weights, bias


def _logistic(matrix: Any, truth: Any, trust: Any, strength: float = _STRENGTH) -> tuple[Any, Any]:
    """Coefficients and intercept of a regularised logistic regression (dual coordinate descent, Yu et al. 2011)."""
    from sklearn.linear_model import LogisticRegression

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
