"""Linear scores of whole posts and of their sentences. Knows vocabularies and weights; knows no text, no thresholds.

A post scores what its words score, plus what its best sentence scores: one sentence that states a debt makes a case of
three pages about the canteen. Each family is a vector of length one of what is there at all, weighed by its smoothed
idf, so that a long text does not outvote a caption. Rows of the weights: see calibration.LOGITS.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.features import Told

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MIX = 2.0  # what the best sentence weighs beside the words of the whole
NO_SENTENCE = -6.0  # a post without a sentence about pay or debt
_SCALES = {"around": 0.5}  # how long the vector of a family is; 1 where nothing is said


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows in the model's columns: parallel arrays of row, column and value, by row and column."""

    row: Places
    column: Places
    value: Floats
    rows: int


class Vectors:
    """Vocabulary and idf of some families; turns collections of features into columns and values."""

    def __init__(self, vocabulary: Mapping[str, Sequence[str]], idf: Sequence[float], families: Sequence[str]) -> None:
        self.families = tuple(families)
        self.vocabulary = {family: tuple(vocabulary[family]) for family in families}
        self.idf = np.asarray(idf, dtype=np.float64)
        self._index: list[dict[str, int]] = []  # columns counted from 1, so that what is unknown filters out as false
        start = 1
        for family in families:
            names = self.vocabulary[family]
            self._index.append({name: start + at for at, name in enumerate(names)})
            start += len(names)
        self.width = start - 1
        sizes = [len(self.vocabulary[family]) for family in families]
        self._family = np.repeat(np.arange(len(families)), sizes)
        self._names = [f"{family}|{name}" for family in families for name in self.vocabulary[family]]
        self._scale = np.array([_SCALES.get(family, 1.0) for family in families])

    def of(self, rows: Sequence[Sequence[Collection[str]]]) -> Sparse:
        """Columns and values of rows of features, a collection without repeats a family; the unknown left out."""
        columns: list[int] = []
        lengths: list[int] = []
        known: list[Any] = [index.get for index in self._index]
        for row in rows:
            before = len(columns)
            for get, names in zip(known, row, strict=True):
                columns += filter(None, map(get, names))
            lengths.append(len(columns) - before)
        column = np.array(columns, dtype=np.int64) - 1
        place = np.repeat(np.arange(len(rows)), lengths)
        value, family = self.idf[column], self._family[column]
        block = place * len(self.families) + family
        length = np.sqrt(np.bincount(block, value * value, len(rows) * len(self.families)))
        return Sparse(place, column, value / length[block] * self._scale[family], len(rows))

    def names(self) -> list[str]:
        """Every column's name, `family|feature`, in order."""
        return self._names


@dataclass(frozen=True, slots=True)
class Part:
    """Vectors with their weights (LOGITS x columns) and bias."""

    vectors: Vectors
    weights: Floats
    bias: Floats

    def scores(self, posts: Sparse) -> Floats:
        """The logits of each row."""
        out = np.empty((posts.rows, len(self.weights)))
        for at in range(out.shape[1]):
            out[:, at] = np.bincount(posts.row, posts.value * self.weights[at].take(posts.column), posts.rows)
        return out + self.bias

    def shares(self, row: Sequence[Collection[str]]) -> dict[str, float]:
        """What each feature of one row adds to the logit of `open`."""
        found = self.vectors.of([row])
        names = self.vectors.names()
        added = (found.value * self.weights[0][found.column]).tolist()
        return {names[column]: share for column, share in zip(found.column.tolist(), added, strict=True)}


@dataclass(frozen=True, slots=True)
class Linear:
    """The words of the whole and the best sentence."""

    whole: Part
    sentence: Part

    def logits(self, posts: Sequence[Told]) -> Floats:
        """The logits of each post."""
        found = self.whole.scores(self.whole.vectors.of([(post.words,) for post in posts]))
        return found + MIX * self._best(posts)

    def best(self, post: Told) -> int | None:
        """Which of the post's sentences speaks loudest for `open`."""
        if not post.sentences:
            return None
        return int(np.argmax(self.sentence.scores(self.sentence.vectors.of(post.sentences))[:, 0]))

    def _best(self, posts: Sequence[Told]) -> Floats:
        out = np.full((len(posts), self.sentence.bias.shape[0]), NO_SENTENCE)
        holders = [at for at, post in enumerate(posts) if post.sentences]
        if holders:
            each = self.sentence.scores(self.sentence.vectors.of([s for at in holders for s in posts[at].sentences]))
            starts = np.cumsum([0, *(len(posts[at].sentences) for at in holders[:-1])])
            out[holders] = np.maximum.reduceat(each, starts, axis=0)
        return out
