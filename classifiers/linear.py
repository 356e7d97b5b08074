"""Linear scores of whole posts and of their sentences. Knows vocabularies and weights; knows no text, no thresholds.

A post scores what its words score, plus what its best sentence scores: one sentence that states a debt makes a case of
three pages about the canteen. A sentence scores what speaks for a case, less whatever a case may not lack: it must be
earned pay, unpaid, of somebody, here, all of it at once (classifiers.lacks). What would be a case but for a lack keeps
so much that a person sees it. Each family is a vector of length one of
what is there at all, weighed by its smoothed idf, so that a long text does not outvote a caption. Rows of the weights:
see calibration.LOGITS; below them one for each of LACKS.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.calibration import LOGITS
from classifiers.features import Told
from classifiers.lacks import LACKS
from classifiers.verdict import Kind

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Columns = bytes  # four a column: nothing the garbage collector looks at
Read = tuple[Columns, tuple[Columns, ...]]  # of the words of a post and of each of its sentences

MIX = 2.0  # what the best sentence weighs beside the words of the whole, for the kinds
WANT = 4.0  # what a lack costs: the logarithm of the probability that it is not there, times this
SEEN, ABOVE = -9.0, 0.1  # no lack takes a post below this logit of what speaks for it; a tenth of what is above stays
NO_SENTENCE, NO_CASE = -12.0, -16.0  # a post without a sentence about pay or debt: each kind, and `open`
PARTS = 2 * LOGITS  # logits of the whole and of the best sentence
_SETTLED = next(at for at, lack in enumerate(LACKS) if lack.kind is Kind.RESOLVED)
_SCALES = {"said": 0.8, "near": 1.3, "rules": 1.3, "owed": 0.6, "around": 0.5}  # how long a family's vector is, else 1


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
        index_of: list[dict[str, Columns]] = []
        start = 0
        for family in families:
            names = self.vocabulary[family]
            # common ones first and copied, so that they lie side by side in memory
            common = np.argsort(self.idf[start : start + len(names)], kind="stable").tolist()
            index_of.append({names[at].encode().decode(): (start + at).to_bytes(4, "little") for at in common})
            start += len(names)
        self._known = [index.get for index in index_of]
        self.width = start
        sizes = [len(self.vocabulary[family]) for family in families]
        self._family = np.repeat(np.arange(len(families)), sizes)
        self._names = [f"{family}|{name}" for family in families for name in self.vocabulary[family]]
        self.scale = np.array([_SCALES.get(family, 1.0) for family in families])

    def of(self, rows: Sequence[Sequence[Collection[str]]]) -> Sparse:
        """Columns and values of rows of features, a collection a family; the unknown left out, repeats counted once."""
        column, block = self.places([self.columns(row) for row in rows])
        value = self.idf[column]
        length = np.sqrt(np.bincount(block, value * value, len(rows) * len(self.families)))
        row, family = np.divmod(block, len(self.families))
        return Sparse(row, column, value / length[block] * self.scale[family], len(rows))

    def columns(self, row: Sequence[Collection[str]]) -> Columns:
        """The columns of one row, each once."""
        found = [b"".join(filter(None, map(get, set(names)))) for get, names in zip(self._known, row, strict=True)]
        return b"".join(found)

    def places(self, rows: Sequence[Columns]) -> tuple[Places, Places]:
        """The columns of all rows, counted from 0, and the block of each, in order: one a row and family."""
        column = np.frombuffer(b"".join(rows), dtype="<i4").astype(np.int64)
        row = np.repeat(np.arange(len(rows)), np.array([len(each) for each in rows], dtype=np.int64) // 4)
        return column, row * len(self.families) + self._family[column]

    def names(self) -> list[str]:
        """Every column's name, `family|feature`, in order."""
        return self._names


class Part:
    """Vectors with their weights (LOGITS x columns, those of the lacks below) and bias."""

    def __init__(self, vectors: Vectors, weights: Floats, bias: Floats) -> None:
        self.vectors, self.weights, self.bias = vectors, weights, bias
        # what a column adds to the square of its vector's length, and to each logit before that length divides it: side
        # by side, so that a column is fetched from memory once
        self._adds = np.ascontiguousarray(np.vstack((vectors.idf**2, weights * vectors.idf)).T)

    def scores(self, rows: Sequence[Columns]) -> Floats:
        """The logits of each row."""
        vectors, families = self.vectors, len(self.vectors.families)
        out = np.zeros((len(rows) * families, len(self.weights)))
        column, block = vectors.places(rows)
        if len(column):
            starts = np.concatenate(([0], np.flatnonzero(block[1:] != block[:-1]) + 1))
            sums = np.add.reduceat(self._adds.take(column, axis=0), starts, axis=0)
            out[block[starts]] = sums[:, 1:] / np.sqrt(sums[:, :1])
        scaled: Floats = vectors.scale @ out.reshape(len(rows), families, len(self.weights))
        return scaled + self.bias

    def shares(self, row: Sequence[Collection[str]], mix: Floats | None = None) -> dict[str, float]:
        """What each feature of one row adds to the logit of `open`; `mix`: to this mixture of the logits."""
        found = self.vectors.of([row])
        names = self.vectors.names()
        weights = self.weights[0][found.column] if mix is None else mix @ self.weights[:, found.column]
        added = (found.value * weights).tolist()
        return {names[column]: share for column, share in zip(found.column.tolist(), added, strict=True)}


@dataclass(frozen=True, slots=True)
class Linear:
    """The words of the whole and the best sentence; `mix`: how their logits tell the kinds but `open` apart.

    The mix has a row for each of PARTS logits and one for the bias, and a column for each kind; without one the
    kinds' logits are added.
    """

    whole: Part
    sentence: Part
    mix: Floats | None = None

    def columns(self, post: Told) -> Read:
        """The columns of one post."""
        sentences = tuple(map(self.sentence.vectors.columns, post.sentences)) if post.sentences else ()
        return self.whole.vectors.columns((post.words,)), sentences

    def logits(self, posts: Sequence[Told]) -> Floats:
        """The logits of each post."""
        return self.logits_of([self.columns(post) for post in posts])

    def logits_of(self, posts: Sequence[Read]) -> Floats:
        """The same, of columns: LOGITS, and `open` if being settled were no lack."""
        return self._logits(*self._parts(posts))

    def parts_of(self, posts: Sequence[Told]) -> Floats:
        """The same logits, and after them the PARTS they are made of: of the whole, of the best sentence."""
        whole, best = self._parts([self.columns(post) for post in posts])
        return np.hstack((self._logits(whole, best), whole, best[:, :LOGITS]))

    def _parts(self, posts: Sequence[Read]) -> tuple[Floats, Floats]:
        whole = self.whole.scores([words for words, _ in posts])
        return whole, self._best([sentences for _, sentences in posts])

    def _logits(self, whole: Floats, best: Floats) -> Floats:
        found = np.empty((len(whole), LOGITS + 1))
        found[:, :LOGITS] = whole + best[:, :LOGITS]
        plain = whole[:, 0] + best[:, -1]
        found[:, 0] = np.maximum(found[:, 0], np.where(plain < SEEN, plain, SEEN + ABOVE * (plain - SEEN)))
        found[:, LOGITS] = np.maximum(found[:, 0], whole[:, 0] + best[:, LOGITS])
        if self.mix is not None:
            found[:, 2 : LOGITS - 1] = mixed(self.mix, np.hstack((whole, best[:, :LOGITS])))
        return found

    def best(self, post: Told) -> int | None:
        """Which of the post's sentences speaks loudest for `open`."""
        if not post.sentences:
            return None
        return int(np.argmax(self._each(list(map(self.sentence.vectors.columns, post.sentences)))[:, 0]))

    def shares(self, sentence: Sequence[Collection[str]]) -> dict[str, float]:
        """What each feature of a sentence adds to the logit of `open`, near where the sentence stands."""
        lacks = self.sentence.scores([self.sentence.vectors.columns(sentence)])[0, LOGITS:]
        mix = np.concatenate(([1.0], np.zeros(LOGITS - 1), WANT / (1.0 + np.exp(lacks))))
        return self.sentence.shares(sentence, mix)

    def _best(self, posts: Sequence[Sequence[Columns]]) -> Floats:
        out = np.full((len(posts), LOGITS + 2), NO_SENTENCE)
        out[:, [0, -2, -1]] = NO_CASE
        holders = [at for at, sentences in enumerate(posts) if sentences]
        if holders:
            each = self._each([one for at in holders for one in posts[at]])
            starts = np.cumsum([0, *(len(posts[at]) for at in holders[:-1])])
            out[holders] = np.maximum.reduceat(each, starts, axis=0)
        return out

    def _each(self, sentences: Sequence[Columns]) -> Floats:
        """The logits of each sentence: of `open` with all that it may not lack, of the kinds, of `open` as if settled
        were no lack, and of `open` alone.
        """
        found = self.sentence.scores(sentences)
        out = MIX * found[:, [*range(LOGITS), 0, 0]]
        short = np.logaddexp(0.0, -found[:, LOGITS:])
        out[:, 0] = found[:, 0] - WANT * short.sum(axis=1)
        out[:, LOGITS] = out[:, 0] + WANT * short[:, _SETTLED]
        return out


def mixed(mix: Floats, parts: Floats) -> Floats:
    """The logits of the kinds but `open`, of PARTS logits a row; summed by row: a batch changes no digit."""
    told: Floats = (parts[:, :, None] * mix[:-1]).sum(axis=1) + mix[-1]
    return told
