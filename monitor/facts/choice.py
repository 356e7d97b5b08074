"""How much each sign counts: logistic weights learnt by learn.py, shipped as numbers without any text of a post.

Knows names of signs, their weights, and the words by which those of signs.yaml show; which numbers of a text are
candidates, and what else speaks for them, is the business of the modules that ask.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from monitor.facts.clauses import DEBT, UNPAID, WAGE
from monitor.facts.needles import Needles


@dataclass(frozen=True, slots=True)
class Weights:
    """One choice: the weight of each sign, the constant, and the chance (0..1) from which an answer is believed."""

    signs: dict[str, float]
    constant: float
    least: float

    def probability(self, shown: Iterable[str]) -> float:
        """The chance that something with these signs holds; signs never learnt from count nothing."""
        return 1.0 / (1.0 + 1.0 / self._odds(shown))

    def shares(self, candidates: Sequence[Iterable[str]]) -> list[float]:
        """The chance of each candidate of one text to be the fact, by its signs; what is left to 1 is that none is.

        A conditional logit: candidates stand against each other and against silence, whose odds are 1.
        """
        odds = [self._odds(shown) for shown in candidates]
        whole = 1.0 + sum(odds)
        return [each / whole for each in odds]

    def _odds(self, shown: Iterable[str]) -> float:
        logit = self.constant + math.fsum(self.signs.get(sign, 0.0) for sign in shown)  # whatever the order of a set
        return math.exp(max(-30.0, min(30.0, logit)))


def weights_in(folder: Traversable) -> dict[str, Weights]:
    """The weights of every choice: those of weights.json, and `debtors` of debtors.json."""
    table = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    table["debtors"] = json.loads((folder / "debtors.json").read_text(encoding="utf-8"))
    return {name: Weights(row["signs"], row["constant"], row["least"]) for name, row in table.items()}


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Weights]:
    return weights_in(files("monitor.facts"))


_instead: dict[str, Weights] = {}


def weights(choice: str) -> Weights:
    """The weights of one choice, e.g. `heads`; KeyError for one that does not exist."""
    return (_instead or _shipped())[choice]


@contextmanager
def instead(table: Mapping[str, Weights]) -> Iterator[None]:
    """Within it `table` chooses and not what is shipped: to measure on posts from which that was learnt."""
    before = dict(_instead)
    _instead.clear()
    _instead.update(table)
    try:
        yield
    finally:
        _instead.clear()
        _instead.update(before)


@dataclass(frozen=True, slots=True)
class _Words:
    """The signs of one choice: where each is looked for, its name and pattern; and which of them a text can show."""

    signs: tuple[tuple[str, str, re.Pattern[str]], ...]
    needed: Needles


@lru_cache(maxsize=1)
def _words() -> dict[str, _Words]:
    with (files("monitor.facts") / "signs.yaml").open(encoding="utf-8") as file:
        table = yaml.safe_load(file)
    lists = {"{WAGE}": WAGE, "{DEBT}": DEBT, "{UNPAID}": UNPAID}

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, words in lists.items():
            pattern = pattern.replace(name, words)
        return re.compile(pattern)

    words = {}
    for choice, parts in table.items():
        signs = [(part, sign, compiled(pattern)) for part, row in parts.items() for sign, pattern in row.items()]
        words[choice] = _Words(tuple(signs), Needles([pattern.pattern for _, _, pattern in signs]))
    return words


class Seen:
    """The signs of signs.yaml in one text: only those are looked for of which the text holds a word."""

    __slots__ = ("_choice", "_text", "_worth")

    def __init__(self, choice: str, text: str) -> None:
        self._choice, self._text = choice, text
        self._worth: list[tuple[str, str, re.Pattern[str]]] | None = None

    def around(self, parts: Mapping[str, str]) -> set[str]:
        """The signs around a candidate: its clause before and after it, the last clause and the next."""
        if self._worth is None:
            words = _words()[self._choice]
            self._worth = [words.signs[at] for at in sorted(words.needed.worth(self._text))]
        return {sign for part, sign, pattern in self._worth if pattern.search(parts[part])}


def by_value(values: Sequence[float], shares: Sequence[float]) -> dict[float, float]:
    """The chance of each value that candidates of one text name, however often: said twice, it counts twice."""
    total: dict[float, float] = {}
    for value, share in zip(values, shares, strict=True):
        total[value] = total.get(value, 0.0) + share
    return total


def voice(text: str) -> str:
    """Who speaks in the text, as a sign: one (`I`), several (`we`), `both` or `nobody`."""
    ours = text.count("我们")
    several = ours + text.count("咱们") + text.count("大家")
    one = text.count("我") - ours + text.count("本人")
    if not one and not several:
        return "nobody"
    return "I" if one > 2 * several else "we" if several >= one else "both"
