"""What a reviewer should read next to teach the machine, and what that order is worth. Knows scores and features.

The queue asks for the most uncertain first (Settles 2009), for every tenth post by chance, so that what the machine is
wrongly sure of is found too, and passes over near copies of what it asks for anyhow. It knows no texts and no clock.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import mean, median

from classifiers import measures, train
from classifiers.calibration import sigmoid
from classifiers.corpus import Row
from classifiers.linear import Linear

_ALIKE = 0.6  # share of common features above which two posts are asked for only once in a batch
_NEAR = 60  # posts asked for last that a post is compared with
_BY_CHANCE = 10  # one post in so many
_BATCH = 20
_GOAL = 0.95  # of the F1 with all labels
_HELD = 2  # batches in a row, so that luck does not count
_DRAWS = 2000


class Why(StrEnum):
    """Why a post is asked for."""

    DOUBT = "doubt"  # the machine is least sure of it
    CHANCE = "chance"  # drawn by lot, however sure the machine is
    COPY = "copy"  # much like one that is asked for before


@dataclass(frozen=True, slots=True)
class Asked:
    """A post to be read: its position among those given, and why it is its turn."""

    at: int
    why: Why


def order(
    scores: Sequence[float],
    features: Sequence[frozenset[str]],
    names: Sequence[str],
    *,
    waiting: int | None = None,
    size: int | None = None,
) -> list[Asked]:
    """In which order posts should be read: nearest to one half first, every tenth by chance, near copies last.

    `names` decide the lot, the same on every machine. `waiting`: how many posts wait altogether; whose turn it is hangs
    on that number alone, so that a queue asked for anew after every decision still draws one in ten. `size`: at most.
    """
    waiting = len(scores) if waiting is None else waiting
    size = len(scores) if size is None else size
    desk = _Desk(scores, features, names)
    chosen: list[Asked] = []
    while len(chosen) < size:
        why = Why.CHANCE if (waiting - len(chosen)) % _BY_CHANCE == 0 else Why.DOUBT
        at = desk.next(why, [asked.at for asked in chosen[-_NEAR:]])
        if at is None:
            break
        chosen.append(Asked(at, why))
    return (chosen + [Asked(at, Why.COPY) for at in desk.copies])[:size]


class _Desk:
    """The posts not asked for yet, by doubt and by lot."""

    def __init__(self, scores: Sequence[float], features: Sequence[frozenset[str]], names: Sequence[str]) -> None:
        every = range(len(scores))
        self.features = features
        self.copies: list[int] = []
        self._asked: set[int] = set()
        self._ways = {
            Why.DOUBT: iter(sorted(every, key=lambda at: (abs(scores[at] - 0.5), at))),
            Why.CHANCE: iter(sorted(every, key=lambda at: _lot(names[at]))),
        }

    def next(self, why: Why, recent: Sequence[int]) -> int | None:
        """The next post in this way; one drawn by lot may be like another, an uncertain one may not."""
        for at in self._left(why):
            self._asked.add(at)
            if why is Why.DOUBT and any(_alike(self.features[at], self.features[other]) for other in recent):
                self.copies.append(at)
                continue
            return at
        return None

    def _left(self, why: Why) -> Iterator[int]:
        return (at for at in self._ways[why] if at not in self._asked)


def _lot(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other) if one or other else True


# ------------------------------------------------------------------ what the order is worth
@dataclass(frozen=True, slots=True)
class Needed:
    """Labels needed for 95 % of the full F1 in the queue's order and at random, by run (a fold of a fold seed)."""

    queue: tuple[int, ...]
    random: tuple[int, ...]

    def figures(self) -> dict[str, float]:
        """Means, their ratio with the middle 90 % of it over drawn runs, and the ratio of the medians.

        The interval speaks of the luck of folds and first labels, not of other posts.
        """
        low, high = self._spread()
        return {
            "runs": float(len(self.queue)),
            "labels_queue": mean(self.queue),
            "labels_random": mean(self.random),
            "ratio": mean(self.queue) / mean(self.random),
            "ratio_low": low,
            "ratio_high": high,
            "ratio_of_medians": median(self.queue) / median(self.random),
        }

    def _spread(self) -> tuple[float, float]:
        chance = random.Random(0)  # noqa: S311
        pairs = list(zip(self.queue, self.random, strict=True))
        drawn = [chance.choices(pairs, k=len(pairs)) for _ in range(_DRAWS)]
        found = sorted(sum(one for one, _ in draw) / sum(other for _, other in draw) for draw in drawn)
        return found[_DRAWS // 20], found[-_DRAWS // 20 - 1]


def simulate(rows: Sequence[Row], seeds: Sequence[int] = range(6), folds: int = train.FOLDS) -> Needed:
    """Reads the rows of each fold's pool in batches of twenty in both ways, until the goal has held for two batches.

    A reviewer says what a post is, not what it lacks: nobody's codes are learnt from here.
    """
    rows = [replace(row, lack="", hinge=-1) for row in rows]
    needed: dict[str, list[int]] = {"queue": [], "random": []}
    for seed in seeds:
        fold_of = train.assign_folds(rows, seed)
        for fold in range(folds):
            pool = [row for row, mine in zip(rows, fold_of, strict=True) if mine != fold]
            test = [row for row, mine in zip(rows, fold_of, strict=True) if mine == fold]
            goal = _GOAL * _f1_of(train.fit(pool), test)
            for way, found in needed.items():
                found.append(_labels_needed(pool, test, goal, way, seed + fold))
    return Needed(tuple(needed["queue"]), tuple(needed["random"]))


def _labels_needed(pool: Sequence[Row], test: Sequence[Row], goal: float, way: str, seed: int) -> int:
    chance = random.Random(seed)  # noqa: S311
    left = list(range(len(pool)))
    chance.shuffle(left)
    read, left = left[:_BATCH], left[_BATCH:]
    reached = 0
    while left:
        linear = train.fit([pool[at] for at in read])
        reached = reached + 1 if _f1_of(linear, test) >= goal else 0
        if reached == _HELD:
            return len(read) - _BATCH
        take = left[:_BATCH] if way == "random" else _asked(linear, pool, left, seed)
        read += take
        taken = set(take)
        left = [at for at in left if at not in taken]
    return len(read)


def _asked(linear: Linear, pool: Sequence[Row], left: Sequence[int], seed: int) -> list[int]:
    scores = [sigmoid(logit) for logit in linear.logits([pool[at].told for at in left])[:, 0].tolist()]
    names = [f"{seed}:{pool[at].id}" for at in left]
    found = order(scores, [frozenset(pool[at].words) for at in left], names, size=_BATCH)
    return [left[asked.at] for asked in found]


def _f1_of(linear: Linear, test: Sequence[Row]) -> float:
    scores = linear.logits([row.told for row in test])[:, 0].tolist()
    truth = [row.open for row in test]
    threshold = measures.best_threshold(truth, scores)
    return measures.confusion(truth, [score >= threshold for score in scores]).f1
