"""Which pieces of the text moved the score. Knows how to find a feature again in the text; judges nothing.

Every hit of the grammar and every word gets the share of the features that name it; spans lead back to the original.
"""

from __future__ import annotations

from classifiers.linear import Linear, Sparse, Vectors
from classifiers.normalize import Normal
from classifiers.scan import Scan, class_names, terms
from classifiers.tokenizer import words
from classifiers.verdict import Reason

MOST = 6


def at(normal: Normal, whole: str, start: int, end: int, weight: float) -> Reason:
    """The reason that stands at `start`..`end` of the normal form."""
    begin, stop = normal.original(start, end)
    return Reason(whole[begin:stop], begin, stop, weight)


def of(scan: Scan, normal: Normal, whole: str, vectors: Vectors, linear: Linear, post: Sparse) -> tuple[Reason, ...]:
    """The six strongest pieces, strongest first; weights are additions to the logit of `open`."""
    names = vectors.names()
    shares = {names[column]: share for column, share in linear.shares(post)}
    weights: dict[tuple[int, int], float] = {}
    for sentence in scan.sentences:
        if sentence.core:
            for place, (start, end, kind, term) in enumerate(sentence.hits):
                weights[start, end] = _of_hit(shares, sentence.hits, place, kind, term)
    _add_words(scan, shares, weights)
    strongest = sorted(weights.items(), key=lambda each: (-abs(each[1]), each[0]))[:MOST]
    return tuple(at(normal, whole, start, end, round(weight, 4)) for (start, end), weight in strongest if weight)


def _of_hit(
    shares: dict[str, float], hits: tuple[tuple[int, int, int, int], ...], place: int, kind: int, term: int
) -> float:
    """What the hit's own word and class, and its neighbours, add."""
    names = class_names()
    weight = shares.get(f"grammar|cu:{names[kind]}", 0.0) + shares.get(f"grammar|u:{names[kind]}", 0.0)
    if term >= 0:
        weight += shares.get(f"grammar|t:{terms()[term]}", 0.0)
    for other in (place - 1, place + 1):
        if 0 <= other < len(hits):
            first, second = (hits[other], hits[place]) if other < place else (hits[place], hits[other])
            weight += shares.get(f"grammar|q:{names[first[2]]}>{names[second[2]]}", 0.0) / 2
    return weight


def _add_words(scan: Scan, shares: dict[str, float], weights: dict[tuple[int, int], float]) -> None:
    """A word's share goes to the hit that covers it, or stands alone; each word once."""
    covered = {start: (start, end) for start, end in weights}
    seen: set[str] = set()
    position = 0
    for token in words(scan.text):
        if token not in seen and not token.isspace():
            seen.add(token)
            share = shares.get(f"words|{token}", 0.0) + shares.get(f"context|{token}", 0.0)
            if (share and len(token) > 1) or position in covered:
                span = covered.get(position, (position, position + len(token)))
                weights[span] = weights.get(span, 0.0) + share
        position += len(token)
