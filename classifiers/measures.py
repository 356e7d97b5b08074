"""Figures of a classifier from scores and truths. Knows arithmetic only; F1 and the rest as in Manning et al. 2008."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """A confusion of two classes."""

    hit: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f1(self) -> float:
        return (
            2 * self.hit / (2 * self.hit + self.false + self.missed) if self.hit or self.false or self.missed else 1.0
        )


def confusion(truth: Sequence[bool], said: Sequence[bool]) -> Count:
    """Hits, false alarms and misses."""
    pairs = list(zip(truth, said, strict=True))
    return Count(sum(t and s for t, s in pairs), sum(s and not t for t, s in pairs), sum(t and not s for t, s in pairs))


def best_threshold(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """The score at or above which F1 is highest; among equals the lowest."""
    order = sorted(zip(scores, truth, strict=True), reverse=True)
    positives, hit, best, threshold = sum(truth), 0, -1.0, 0.5
    for at, (score, true) in enumerate(order, 1):
        hit += true
        if at < len(order) and order[at][0] == score:
            continue
        f1 = 2 * hit / (at + positives)
        if f1 >= best:
            best, threshold = f1, score
    return threshold


def precision_at(truth: Sequence[bool], scores: Sequence[float], recall: float) -> float:
    """The highest precision of any threshold that keeps at least this recall."""
    return max(
        (hit / said for hit, said in _curve(truth, scores) if hit >= recall * sum(truth)),
        default=0.0,
    )


def threshold_for_precision(truth: Sequence[bool], scores: Sequence[float], precision: float) -> float:
    """The lowest threshold above which precision holds; 1 where none does."""
    order = sorted(zip(scores, truth, strict=True), reverse=True)
    hit, found = 0, 1.0
    for at, (score, true) in enumerate(order, 1):
        hit += true
        if hit >= precision * at and (at == len(order) or order[at][0] < score):
            found = score
    return found


def threshold_for_recall(truth: Sequence[bool], scores: Sequence[float], recall: float) -> float:
    """The highest threshold that still finds this share of the true."""
    positive = sorted((score for score, true in zip(scores, truth, strict=True) if true), reverse=True)
    return positive[min(len(positive) - 1, max(0, -(-int(recall * len(positive) * 10_000) // 10_000) - 1))]


def calibration_error(truth: Sequence[bool], scores: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Naeini et al. 2015)."""
    total = 0.0
    for at in range(bins):
        mine = [
            (s, t) for s, t in zip(scores, truth, strict=True) if at / bins <= s < (at + 1) / bins + (at == bins - 1)
        ]
        if mine:
            total += abs(sum(s for s, _ in mine) - sum(t for _, t in mine))
    return total / len(scores)


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean F1 of all classes that occur."""
    classes = sorted(set(truth))
    return sum(confusion([t == c for t in truth], [s == c for s in said]).f1 for c in classes) / len(classes)


def interval(
    measure: Callable[[Sequence[int]], float], size: int, seed: int = 0, draws: int = 300
) -> tuple[float, float]:
    """A 95 % bootstrap interval of a measure over rows 0..size-1 (Efron 1979)."""
    chance = random.Random(seed)  # noqa: S311 - a resampling, not a secret
    found = sorted(measure([chance.randrange(size) for _ in range(size)]) for _ in range(draws))
    return found[int(0.025 * draws)], found[min(draws - 1, int(0.975 * draws))]


def _curve(truth: Sequence[bool], scores: Sequence[float]) -> list[tuple[int, int]]:
    order = sorted(zip(scores, truth, strict=True), reverse=True)
    out, hit = [], 0
    for at, (score, true) in enumerate(order, 1):
        hit += true
        if at == len(order) or order[at][0] < score:
            out.append((hit, at))
    return out
