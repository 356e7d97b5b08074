"""What a cascade's past says of its next hours, as numbers: paces lately and before, size, age, evenness, silence.

Knows arrays only. Times in hours, counts cumulative and never falling.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WINDOWS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # hours before the last observation whose pace is looked at
LATELY = 6  # steps whose evenness is looked at
LEAST_SIDE = 0.05  # of the logarithm of growth, that either bound is from the median before it is stretched
FAR = 3.5  # standard deviations beyond which a sign is held: the calibration knows nothing there


def signs(hours: Floats, counts: Floats) -> Floats:
    """Sixteen signs of a cascade at its last observation; at least two observations at different times."""
    last, span = hours[-1], hours[-1] - hours[0]
    steps, gaps = np.diff(counts), np.maximum(np.diff(hours), 1e-3)
    paces = [_growth(hours, counts, min(window, span)) / min(window, span) for window in WINDOWS]
    moving = np.nonzero(steps > 0)[0]
    quiet = last - (hours[moving[-1] + 1] if len(moving) else hours[0])
    return np.array(
        [
            *np.log(np.array(paces) + 0.1),
            np.log1p(counts[-1]),
            np.log1p(counts[0]),
            np.log(span + 0.2),
            np.log(quiet + 0.1),
            np.log(_unevenness(steps[-LATELY:], gaps[-LATELY:]) + 0.1),
            np.log(np.std(steps / gaps) / (np.mean(steps / gaps) + 0.1) + 0.1),
            steps.max() / (steps.sum() + 1),
            np.log(gaps.mean()),
            (steps > 0).mean(),
            np.log1p(counts[-1]) - np.log1p(np.interp(last - span / 2, hours, counts)),
        ]
    )


def design(standard: Floats) -> Floats:
    """Rows of standardised signs -> rows of 1, signs, squares and products."""
    held = np.clip(np.atleast_2d(standard), -FAR, FAR)
    products = [held[:, [i]] * held[:, i:] for i in range(held.shape[1])]
    return np.concatenate([np.ones((len(held), 1)), held, *products], axis=1)


def chances(scores: Floats) -> Floats:
    """Rows of scores -> rows that sum to one (softmax)."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), float)


def _growth(hours: Floats, counts: Floats, window: float) -> float:
    return float(counts[-1] - np.interp(hours[-1] - window, hours, counts))


def _unevenness(steps: Floats, gaps: Floats) -> float:
    """Chi-square over its degrees: 1 for a Poisson process of even pace, 0 for a clock, more for bursts."""
    expected = steps.sum() / gaps.sum() * gaps
    return float(((steps - expected) ** 2 / (expected + 0.5)).sum() / max(len(steps) - 1, 1))
