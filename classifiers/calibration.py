"""From a logit to a probability one can bet on: Platt's two numbers for `open`, a temperature for the kinds.

Fitted on scores of posts the model had not seen (grouped cross-validation). Platt 1999; temperature: Guo et al. 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.verdict import Flag, Kind

KINDS = tuple(Kind)
LOGITS = len(KINDS) + 2  # open against the rest, each kind, resolved against open among cases


@dataclass(frozen=True, slots=True)
class Calibration:
    """`slope` and `offset` of the logit of `open`; `heat` divides the logits of the kinds."""

    slope: float = 1.0
    offset: float = 0.0
    heat: float = 1.0

    def open(self, logit: float) -> float:
        """The probability that the post is an open case."""
        return sigmoid(self.slope * logit + self.offset)

    def verdict(self, logits: Sequence[float]) -> tuple[float, dict[Kind, float]]:
        """The score, and the probabilities of all kinds: `open` is the score, the rest is shared as the logits say.

        What looks like a case and more likely than not tells that the money came, is worth its share of `open` only.
        """
        case = self.open(logits[0])
        settled = sigmoid(logits[-1]) if logits[-1] > 0 else 0.0
        rest = logits[2:-1]
        top, heat = max(rest), self.heat
        odds = [math.exp((logit - top) / heat) for logit in rest]
        scale = (1.0 - case) / sum(odds)
        score = case * (1.0 - settled)
        kinds = dict(zip(KINDS, (score, *[odd * scale for odd in odds]), strict=True))
        if settled:
            kinds[Kind.RESOLVED] += case * settled
        return score, kinds


@dataclass(frozen=True, slots=True)
class Bands:
    """Score at or above which a post is an alert, or goes to a person first."""

    alert: float
    review: float

    def flag(self, score: float) -> Flag:
        """Alert, review or pass."""
        return Flag.ALERT if score >= self.alert else Flag.REVIEW if score >= self.review else Flag.PASS


def sigmoid(logit: float) -> float:
    """Without overflow at either end."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    small = math.exp(logit)
    return small / (1.0 + small)
