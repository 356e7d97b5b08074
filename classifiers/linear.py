"""Linear scores over the five families of features. Knows vocabularies and weights; knows no text and no thresholds.

Each family is TF-IDF (1 + ln count, smoothed idf) scaled to length one, so that a long complaint does not outvote a
three-word caption. Column 0 of the weights: open against the rest; columns 1..5: the five kinds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.features import FAMILIES

Floats = NDArray[np.float32]
_LOG = [0.0, *(1.0 + math.log(count) for count in range(1, 64))]


@dataclass(frozen=True, slots=True)
class Sparse:
    """One post in the model's columns: parallel lists of column and value."""

    columns: list[int]
    values: list[float]


class Vectors:
    """Vocabulary and idf of each family; turns counts into columns and values."""

    def __init__(self, vocabulary: Mapping[str, Sequence[str]], idf: Sequence[float]) -> None:
        self.vocabulary = {family: tuple(vocabulary[family]) for family in FAMILIES}
        self.idf = list(idf)
        self._index: list[tuple[str, dict[str, int]]] = []
        start = 0
        for family in FAMILIES:
            names = self.vocabulary[family]
            self._index.append((family, {name: start + at for at, name in enumerate(names)}))
            start += len(names)
        self.width = start
        self._names = [f"{family}|{name}" for family in FAMILIES for name in self.vocabulary[family]]

    def of(self, counts: Mapping[str, Mapping[str, int]]) -> Sparse:
        """The columns of one post; features the model never saw are left out."""
        columns: list[int] = []
        values: list[float] = []
        idf = self.idf
        for family, index in self._index:
            mine: list[float] = []
            square = 0.0
            for name, count in counts[family].items():
                if (column := index.get(name)) is not None:
                    value = (_LOG[count] if count < 64 else 1.0 + math.log(count)) * idf[column]
                    columns.append(column)
                    mine.append(value)
                    square += value * value
            if mine:
                scale = 1.0 / math.sqrt(square)
                values += [value * scale for value in mine]
        return Sparse(columns, values)

    def names(self) -> list[str]:
        """Every column's name, `family|feature`, in order."""
        return self._names


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights (columns x 6) and bias (6)."""

    weights: Floats
    bias: Floats

    def scores(self, post: Sparse) -> list[float]:
        """Six logits: open against the rest, then one a kind."""
        if not post.columns:
            return [float(each) for each in self.bias]
        values = np.asarray(post.values, dtype=np.float32)
        found: list[float] = (values @ self.weights[post.columns] + self.bias).tolist()
        return found

    def shares(self, post: Sparse) -> Iterable[tuple[int, float]]:
        """What each column adds to the logit of `open`."""
        added = (np.asarray(post.values) * self.weights[post.columns, 0]).tolist()
        return zip(post.columns, added, strict=True)
