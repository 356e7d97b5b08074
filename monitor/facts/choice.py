"""How much each sign counts: logistic weights learnt by learn.py, shipped as numbers without any text of a post.

Knows names of signs and their weights; which signs a text shows is the business of the modules that ask.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Weights:
    """One choice: the weight of each sign, the constant, and the probability (0..1) from which the answer is yes."""

    signs: dict[str, float]
    constant: float
    least: float

    def probability(self, shown: Iterable[str]) -> float:
        """The chance that a candidate with these signs is the fact; signs never learnt from count nothing."""
        logit = self.constant + sum(self.signs.get(sign, 0.0) for sign in shown)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


@lru_cache(maxsize=1)
def _table() -> dict[str, Weights]:
    with (files("monitor.facts") / "weights.json").open(encoding="utf-8") as file:
        table = json.load(file)
    return {name: Weights(row["signs"], row["constant"], row["least"]) for name, row in table.items()}


def weights(choice: str) -> Weights:
    """The shipped weights of one choice, e.g. `heads`; KeyError for one that does not exist."""
    return _table()[choice]
