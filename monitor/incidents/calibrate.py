"""Fits the forecast to invented cascades and returns what `forecast.json` holds. Knows no post; run when signs change.

Linear quantile regression (Koenker & Bassett 1978) of the logarithm of the growth on the signs, by reweighted least
squares. How far the bounds must lie from the median differs by what kind of cascade it is, and that can only be guessed
from the signs: a softmax tells how likely each kind is, and on cascades that neither fit has seen each kind gets the
stretches that leave a tenth of it above and a tenth below at every horizon, weighed by those chances (conformal, Romano
et al. 2019, in groups as Vovk 2012, the groups being guessed).
Write the file anew: python -m monitor.incidents.calibrate > monitor/incidents/forecast.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from monitor.incidents.cascades import KINDS, Seen, seen
from monitor.incidents.signs import LEAST_SIDE, Floats, chances, design, signs

HORIZONS = (1, 3, 6, 12, 24, 36)  # hours; the last one for observations that are some hours old
QUANTILES = {"lo": 0.1, "median": 0.5, "hi": 0.9}
OUTSIDE = 0.1  # share that is to lie above an interval, and below
HEAVIER = {"bursts": 1.5}  # what cannot be foreseen is told of with more care
ROUNDS, RIDGE, NARROW = 60, 3.0, 0.03
GUESSES, STEP, DECAY = 800, 0.5, 1e-3  # of the softmax: rounds, length of a step, ridge
TURNS, TURN, FARTHEST = 300, 0.6, 2.5  # of the stretches: rounds, length of a step, logarithm of the largest


def fit(each: int = 2000, seed: int = 1) -> dict[str, Any]:
    """`each` cascades of every kind -> mean and scale of the signs, and of each quantile a column per horizon."""
    cascades, fresh = _invented(each, seed), _invented(each, seed + 1)
    rows = np.array([signs(one.hours, one.counts) for one in cascades])
    growth = np.log1p(np.array([one.growth for one in cascades]))
    weights = np.array([HEAVIER.get(one.kind, 1.0) for one in cascades])
    mean, scale = rows.mean(0), rows.std(0)
    matrix = design((rows - mean) / scale)
    columns = {
        name: np.stack([_quantile(matrix, growth[:, i], weights, q) for i in range(len(HORIZONS))], 1)
        for name, q in QUANTILES.items()
    }
    told = np.array([list(KINDS).index(one.kind) for one in cascades])
    kinds = _softmax(matrix, np.eye(len(KINDS))[told])
    tried = design((np.array([signs(one.hours, one.counts) for one in fresh]) - mean) / scale)
    above, below = _stretches(columns, tried, chances(tried @ kinds), fresh)
    found: dict[str, Any] = {
        "horizons": list(HORIZONS), "mean": mean, "scale": scale, **columns,
        "kinds": kinds, "above": above, "below": below,
    }  # fmt: skip
    return {key: value if isinstance(value, list) else np.round(value, 4).tolist() for key, value in found.items()}


def _invented(each: int, seed: int) -> list[Seen]:
    rng = np.random.default_rng(seed)
    return [seen(rng, kind, HORIZONS) for kind in KINDS for _ in range(each)]


def _softmax(matrix: Floats, told: Floats) -> Floats:
    """Weights that tell the kinds apart, by accelerated gradient (Nesterov 1983) on standardised columns."""
    centre, spread = matrix.mean(0), matrix.std(0)
    centre[0], spread[0] = 0.0, 1.0  # the column of ones
    rows = (matrix - centre) / spread
    weights = ahead = np.zeros((matrix.shape[1], told.shape[1]))
    for number in range(GUESSES):
        slope = rows.T @ (chances(rows @ ahead) - told) / len(rows) + DECAY * ahead
        before, weights = weights, ahead - STEP / matrix.shape[1] ** 0.5 * slope
        ahead = weights + number / (number + 3) * (weights - before)
    plain = weights / spread[:, None]
    plain[0] -= (centre[:, None] * plain).sum(0)
    return np.asarray(plain, float)


def _stretches(columns: dict[str, Floats], matrix: Floats, likely: Floats, fresh: list[Seen]) -> tuple[Floats, Floats]:
    """Logarithms of the stretches above and below the median: a row a kind, a column a horizon."""
    growth, kind = np.array([one.growth for one in fresh]), np.array([list(KINDS).index(one.kind) for one in fresh])
    above, below = (np.zeros((len(KINDS), len(HORIZONS))) for _ in range(2))
    for i in range(len(HORIZONS)):
        low, middle, high = (matrix @ columns[name][:, i] for name in QUANTILES)
        up, down = np.maximum(high - middle, LEAST_SIDE), np.maximum(middle - low, LEAST_SIDE)
        for _ in range(TURNS):
            over = growth[:, i] > _counted(middle + np.exp(likely @ above[:, i]) * up)
            under = growth[:, i] < _counted(middle - np.exp(likely @ below[:, i]) * down)
            for number in range(len(KINDS)):
                above[number, i] += TURN * (over[kind == number].mean() - OUTSIDE)
                below[number, i] += TURN * (under[kind == number].mean() - OUTSIDE)
            np.clip(above, -FARTHEST, FARTHEST, out=above)
            np.clip(below, -FARTHEST, FARTHEST, out=below)
    return above, below


def _counted(bound: Floats) -> Floats:
    """A bound on the logarithm of growth as the whole number that is told."""
    return np.asarray(np.round(np.expm1(np.clip(bound, 0.0, 20.0))), float)


def _quantile(matrix: Floats, target: Floats, weights: Floats, q: float) -> Floats:
    now, solved = weights, np.zeros(matrix.shape[1])
    ridge = RIDGE * np.eye(matrix.shape[1])
    for _ in range(ROUNDS):
        solved = np.asarray(
            np.linalg.solve(matrix.T @ (matrix * now[:, None]) + ridge, matrix.T @ (now * target)), float
        )
        rest = target - matrix @ solved
        now = weights * np.where(rest > 0, q, 1 - q) / np.maximum(np.abs(rest), NARROW)
    return solved


if __name__ == "__main__":
    json.dump(fit(), sys.stdout)
