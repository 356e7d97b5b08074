"""How much each sign counts: logistic weights learnt by learn.py, shipped as numbers without any text of a post.

Knows names of signs, their weights, and the words by which those of signs.yaml show; which numbers of a text are
candidates, and what else speaks for them, is the business of the modules that ask.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from monitor.facts.clauses import DEBT, UNPAID, WAGE

_I, _WE = re.compile(r"我(?!们|国|市|县|省|校|院|厂|公司|单位)|本人"), re.compile(r"我们|咱们|俺们|大家")


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


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[tuple[str, str, re.Pattern[str]], ...]]:
    with (files("monitor.facts") / "signs.yaml").open(encoding="utf-8") as file:
        table = yaml.safe_load(file)
    lists = {"{WAGE}": WAGE, "{DEBT}": DEBT, "{UNPAID}": UNPAID}

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, words in lists.items():
            pattern = pattern.replace(name, words)
        return re.compile(pattern)

    return {
        choice: tuple(
            (part, sign, compiled(pattern)) for part, signs in parts.items() for sign, pattern in signs.items()
        )
        for choice, parts in table.items()
    }


def shown(choice: str, around: Mapping[str, str]) -> set[str]:
    """The signs of signs.yaml `around` a candidate: its clause before and after it, the last clause and the next."""
    return {sign for part, sign, pattern in _words()[choice] if pattern.search(around[part])}


def voice(text: str) -> str:
    """Who speaks in the text, as a sign: one (`I`), several (`we`), `both` or `nobody`."""
    one, several = len(_I.findall(text)), len(_WE.findall(text))
    if not one and not several:
        return "nobody"
    return "I" if one > 2 * several else "we" if several >= one else "both"
