"""Learns how the kinds are told apart from what a model says of rows it has not seen. Knows scikit-learn, no text.

Two small things: a mix of the logits of whole and best sentence for the kinds that are no open case, and how far the
logit of `resolved` must go before a case is called settled. Settled cases are so rare that each counts threefold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from classifiers.calibration import LOGITS
from classifiers.corpus import Row
from classifiers.linear import PARTS, Floats, mixed
from classifiers.verdict import Kind

_REST = tuple(Kind)[1:]  # the kinds that are no open case
_STRENGTH = 0.3  # inverse regularisation of the mix
_RARE, _STRENGTH_SETTLED = 3.0, 3.0  # what a settled case counts; inverse regularisation of its two numbers
_FOLDS = 5
_LEAST = 5  # rows of a kind below which nothing is learnt


def mix(rows: Sequence[Row], logits: Sequence[Sequence[float]]) -> Floats | None:
    """PARTS + 1 rows of weights and bias, a column for each kind but `open`; None where a kind has too few rows."""
    from sklearn.linear_model import LogisticRegression

    kind = np.array([row.label.value for row in rows])
    if any((kind == each.value).sum() < _LEAST for each in _REST):
        return None
    parts = _parts(logits)
    middle, spread = parts.mean(axis=0), parts.std(axis=0) + 1e-9
    rest = kind != Kind.OPEN.value
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit(((parts - middle) / spread)[rest], kind[rest])
    order = [list(model.classes_).index(each.value) for each in _REST]
    weights = model.coef_[order].T / spread[:, None]
    found: Floats = np.vstack((weights, model.intercept_[order] - middle @ weights)).round(4)
    return found


def settled(rows: Sequence[Row], logits: Sequence[Sequence[float]]) -> dict[str, float]:
    """`settled_slope` and `settled_offset` of a calibration; none where too few cases are settled."""
    from sklearn.linear_model import LogisticRegression

    cases = [(row, each) for row, each in zip(rows, logits, strict=True) if row.label in (Kind.OPEN, Kind.RESOLVED)]
    truth = np.array([row.label is Kind.RESOLVED for row, _ in cases])
    if truth.sum() < _LEAST or truth.all():
        return {}
    logit = np.array([[each[LOGITS - 1]] for _, each in cases])
    spread = float(logit.std()) + 1e-9
    weight = np.where(truth, _RARE, 1.0)
    model = LogisticRegression(C=_STRENGTH_SETTLED, max_iter=2000).fit(logit / spread, truth, sample_weight=weight)
    return {
        "settled_slope": round(float(model.coef_[0, 0]) / spread, 4),
        "settled_offset": round(float(model.intercept_[0]), 4),
    }


def mingled(found: Floats | None, logits: Sequence[Sequence[float]]) -> list[list[float]]:
    """The logits with those of the kinds made of their parts by a mix."""
    if found is None or not logits:
        return [list(each) for each in logits]
    told = np.array(logits)
    told[:, 2 : LOGITS - 1] = mixed(found, _parts(logits))
    out: list[list[float]] = told.tolist()
    return out


def unseen(rows: Sequence[Row], logits: Sequence[Sequence[float]]) -> list[tuple[list[float], dict[str, float]]]:
    """For each row the mixed logits and the numbers of `settled`, both learnt from rows of other groups only."""
    mine = [int(hashlib.sha256(row.group.encode()).hexdigest()[:8], 16) % _FOLDS for row in rows]
    out: list[tuple[list[float], dict[str, float]]] = [(list(each), {}) for each in logits]
    for fold in sorted(set(mine)):
        kept = [at for at, each in enumerate(mine) if each != fold]
        left = [at for at, each in enumerate(mine) if each == fold]
        seen = [rows[at] for at in kept], [logits[at] for at in kept]
        numbers = settled(*seen)
        for at, each in zip(left, mingled(mix(*seen), [logits[at] for at in left]), strict=True):
            out[at] = each, numbers
    return out


def _parts(logits: Sequence[Sequence[float]]) -> Any:
    return np.array(logits)[:, -PARTS:]
