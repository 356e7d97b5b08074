"""Fits the forecast to invented cascades and returns what `forecast.json` holds. Knows no post; run when signs change.

Linear quantile regression (Koenker & Bassett 1978) of the logarithm of the growth on the signs, by reweighted least
squares; then, on cascades the fit has not seen, the distance of either bound from the median is stretched until the
interval of whole counts holds `COVERED` of them at every horizon (conformal, Romano et al. 2019).
Write the file anew: python -m monitor.incidents.calibrate > monitor/incidents/forecast.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from monitor.incidents.cascades import KINDS, Seen, seen
from monitor.incidents.signs import Floats, design, signs

HORIZONS = (1, 3, 6, 12, 24, 36)  # hours; the last one for observations that are some hours old
QUANTILES = {"lo": 0.1, "median": 0.5, "hi": 0.9}
COVERED = 0.8
HEAVIER = {"bursts": 1.5}  # what cannot be foreseen is told of with more care
STRETCHES = np.arange(0.4, 2.0, 0.02)
ROUNDS, RIDGE, NARROW = 60, 3.0, 0.03


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
    tried = design((np.array([signs(one.hours, one.counts) for one in fresh]) - mean) / scale)
    _stretch(columns, tried, np.array([one.growth for one in fresh]))
    found: dict[str, Any] = {"horizons": list(HORIZONS), "mean": mean, "scale": scale, **columns}
    return {key: value if isinstance(value, list) else np.round(value, 4).tolist() for key, value in found.items()}


def _invented(each: int, seed: int) -> list[Seen]:
    rng = np.random.default_rng(seed)
    return [seen(rng, kind, HORIZONS) for kind in KINDS for _ in range(each)]


def _stretch(columns: dict[str, Floats], matrix: Floats, growth: Floats) -> None:
    """Moves `lo` and `hi` towards or away from `median`, horizon by horizon."""
    middle = columns["median"]
    away = {name: columns[name] - middle for name in ("lo", "hi")}
    for i in range(len(HORIZONS)):
        centre = matrix @ middle[:, i]
        below, above = (matrix @ away[name][:, i] for name in ("lo", "hi"))
        covered = [_covered(centre + by * below, centre + by * above, growth[:, i]) for by in STRETCHES]
        by = STRETCHES[int(np.argmin(np.abs(np.array(covered) - COVERED)))]
        for name, distance in away.items():
            columns[name][:, i] = middle[:, i] + by * distance[:, i]


def _covered(low: Floats, high: Floats, growth: Floats) -> float:
    bounds = (np.round(np.expm1(np.clip(one, 0.0, 20.0))) for one in (low, high))
    lo, hi = bounds
    return float(((lo <= growth) & (growth <= hi)).mean())


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
