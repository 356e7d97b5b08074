"""What a reviewer should read next, and which passed posts are looked at by chance. Knows scores and features.

The queue asks for the most uncertain first and passes over near copies of what it already asks for in the same batch
(Settles 2009). The audit sample is random: it is what tells how much the prefilter and the pass band miss.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence

from classifiers import measures, train
from classifiers.calibration import sigmoid
from classifiers.corpus import Row
from classifiers.linear import Linear

_ALIKE = 0.6  # share of common features above which two posts are asked for only once in a batch
_BATCH = 20


def order(scores: Sequence[float], features: Sequence[frozenset[str]], size: int | None = None) -> list[int]:
    """Positions in the order they should be read: nearest to one half first, near copies last."""
    by_doubt = sorted(range(len(scores)), key=lambda at: (abs(scores[at] - 0.5), at))
    chosen: list[int] = []
    later: list[int] = []
    for at in by_doubt:
        if size is not None and len(chosen) >= size:
            break
        (later if any(_alike(features[at], features[other]) for other in chosen[-60:]) else chosen).append(at)
    return (chosen + later)[: size or len(scores)]


def audit_sample(ids: Sequence[str], share: float, day: str) -> list[str]:
    """The passed posts of a day to be shown to a person all the same; the same day gives the same sample."""
    limit = math.floor(share * 2**32)
    return [
        each for each in ids if int.from_bytes(hashlib.sha256(f"{day}:{each}".encode()).digest()[:4], "big") < limit
    ]


def simulate(rows: Sequence[Row], seed: int = 0, folds: int = 3) -> dict[str, float]:
    """Labels needed for 95 % of the full F1, in the queue's order and at random; mean over unseen folds."""
    fold_of = train.assign_folds(rows, seed)
    needed: dict[str, list[int]] = {"queue": [], "random": []}
    for fold in range(folds):
        pool = [row for row, mine in zip(rows, fold_of, strict=True) if mine != fold]
        test = [row for row, mine in zip(rows, fold_of, strict=True) if mine == fold]
        goal = 0.95 * _f1(pool, test)
        for way in needed:
            needed[way].append(_labels_needed(pool, test, goal, way, seed + fold))
    queue, chance = (sum(needed[way]) / folds for way in ("queue", "random"))
    return {"labels_queue": queue, "labels_random": chance, "ratio": queue / chance, "pool": float(len(pool))}


def _labels_needed(pool: Sequence[Row], test: Sequence[Row], goal: float, way: str, seed: int) -> int:
    chance = random.Random(seed)  # noqa: S311
    left = list(range(len(pool)))
    chance.shuffle(left)
    read, left = left[:_BATCH], left[_BATCH:]
    reached = 0
    while left:
        linear = train.fit([pool[at] for at in read])
        reached = reached + 1 if _f1_of(linear, test) >= goal else 0
        if reached == 2:  # held for two batches, not by luck
            return len(read) - _BATCH
        take = left[:_BATCH] if way == "random" else _by_doubt(linear, pool, left)
        read += take
        taken = set(take)
        left = [at for at in left if at not in taken]
    return len(read)


def _by_doubt(linear: Linear, pool: Sequence[Row], left: Sequence[int]) -> list[int]:
    scores = [sigmoid(logit) for logit in linear.logits([pool[at].told for at in left])[:, 0].tolist()]
    found = order(scores, [frozenset(pool[at].words) for at in left], _BATCH)
    return [left[at] for at in found]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other) if one or other else True


def _f1(pool: Sequence[Row], test: Sequence[Row]) -> float:
    return _f1_of(train.fit(pool), test)


def _f1_of(linear: Linear, test: Sequence[Row]) -> float:
    scores = linear.logits([row.told for row in test])[:, 0].tolist()
    truth = [row.open for row in test]
    threshold = measures.best_threshold(truth, scores)
    return measures.confusion(truth, [score >= threshold for score in scores]).f1
