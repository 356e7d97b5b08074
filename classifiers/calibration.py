"""From a logit to a probability one can bet on: Platt's two numbers for `open`, a temperature for the kinds.

Fitted on scores of posts the model had not seen (grouped cross-validation). Platt 1999; temperature: Guo et al. 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.verdict import Flag, Kind

KINDS = tuple(Kind)
_SURELY = 0.99  # how likely a case must be settled before its score falls
LOGITS = len(KINDS) + 2  # open against the rest, each kind, resolved against open among cases; after them `open` if
# being settled were no lack


@dataclass(frozen=True, slots=True)
class Calibration:
    """`slope` and `offset` of the logit of `open`, and of that of `resolved` against it; `heat` divides the kinds'."""

    slope: float = 1.0
    offset: float = 0.0
    heat: float = 1.0
    settled_slope: float = 1.0
    settled_offset: float = 0.0

    def open(self, logit: float) -> float:
        """The probability that the post is an open case."""
        return sigmoid(self.slope * logit + self.offset)

    def verdict(self, logits: Sequence[float]) -> tuple[float, dict[Kind, float]]:
        """The score, and the probabilities of all kinds: `open` is the score, the rest is shared as the logits say.

        `resolved` is what would be a case if only it were not settled, where it more likely than not is. A wrong guess
        must not hide a case: the score falls only with what is surely settled.
        """
        case, anyhow = self.open(logits[0]), self.open(logits[LOGITS])
        settled = sigmoid(self.settled_slope * logits[LOGITS - 1] + self.settled_offset)
        score = case * (1.0 - settled) if settled > _SURELY else case
        settled = settled if settled > 0.5 else 0.0
        rest = logits[2 : LOGITS - 1]
        top, heat = max(rest), self.heat
        odds = [math.exp((logit - top) / heat) for logit in rest]
        still, told = case * (1.0 - settled), anyhow * settled
        scale = (1.0 - still - told) / sum(odds)
        kinds = dict(zip(KINDS, (still, *[odd * scale for odd in odds]), strict=True))
        kinds[Kind.RESOLVED] += told
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
