"""Which pieces of the text moved the score. Knows how to find a feature again in the text; judges nothing.

Every hit of the grammar and every word gets the share of the features that name it; spans lead back to the original.
"""

from __future__ import annotations

from collections.abc import Iterable

from classifiers.features import Told
from classifiers.linear import Linear
from classifiers.normalize import Normal
from classifiers.scan import Hit, Scan, class_names, terms
from classifiers.tokenizer import words
from classifiers.verdict import Reason

MOST = 6


def at(normal: Normal, whole: str, start: int, end: int, weight: float) -> Reason:
    """The reason that stands at `start`..`end` of the normal form."""
    begin, stop = normal.original(start, end)
    return Reason(whole[begin:stop], begin, stop, weight)


def of(scan: Scan, told: Told, normal: Normal, whole: str, linear: Linear) -> tuple[Reason, ...]:
    """The six strongest pieces, strongest first; weights are additions to the logit of `open`."""
    weights: dict[tuple[int, int], float] = {}
    best = linear.best(told)
    if best is not None:
        sentence = [each for each in scan.sentences if each.core][best]
        shares = linear.shares(told.sentences[best])
        for place, (start, end, _, _) in enumerate(sentence.hits):
            weights[start, end] = _of_hit(shares, sentence.hits, place)
        _add_words(words(scan.text[sentence.start : sentence.end]), sentence.start, "said", shares, weights)
    _add_words(told.words, 0, "words", linear.whole.shares((told.words,)), weights)
    strongest = sorted(weights.items(), key=lambda each: (-abs(each[1]), each[0]))[:MOST]
    return tuple(at(normal, whole, start, end, round(weight, 4)) for (start, end), weight in strongest if weight)


def _of_hit(shares: dict[str, float], hits: tuple[Hit, ...], place: int) -> float:
    """What the hit's own word and class, and its neighbours, add."""
    names = class_names()
    _, _, kind, term = hits[place]
    weight = shares.get(f"rules|cu:{names[kind]}", 0.0)
    if term >= 0:
        weight += shares.get(f"rules|t:{terms()[term]}", 0.0)
    for other in (place - 1, place + 1):
        if 0 <= other < len(hits):
            first, second = (hits[other], hits[place]) if other < place else (hits[place], hits[other])
            weight += shares.get(f"rules|q:{names[first[2]]}>{names[second[2]]}", 0.0) / 2
    return weight


def _add_words(
    tokens: Iterable[str], start: int, family: str, shares: dict[str, float], weights: dict[tuple[int, int], float]
) -> None:
    """A word's share goes to the hit that covers it, or stands alone; each word once."""
    covered = {begin: (begin, stop) for begin, stop in weights}
    seen: set[str] = set()
    position = start
    for token in tokens:
        if token not in seen and not token.isspace():
            seen.add(token)
            share = shares.get(f"{family}|{token}", 0.0)
            if (share and len(token) > 1) or position in covered:
                span = covered.get(position, (position, position + len(token)))
                weights[span] = weights.get(span, 0.0) + share
        position += len(token)
