"""What the model sees of a post: five families of counted features. Knows words and grammar; no weights, no labels.

words: of the whole text; context: words of sentences about pay or debt; near: words beside a wage word;
grammar: pairs and triples of classes; debts: what is owed, by its noun and by what makes it doubtful.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate

from classifiers import debts, grammar
from classifiers.scan import Scan
from classifiers.tokenizer import words

FAMILIES = ("words", "context", "near", "grammar", "debts")

_WAGE_PARTS = ("工资", "薪", "工钱", "劳务", "人工", "绩效", "奖金", "提成", "加班费", "报酬", "血汗", "欠")

Counts = dict[str, int]


def count(scan: Scan) -> dict[str, Counts]:
    """All families of one scanned text; without a core sentence only its words and classes."""
    tokens = words(scan.text)
    told = {"grammar": grammar.count(scan), "debts": debts.count(scan)}
    if not scan.sentences:
        return {"words": _bag(tokens), "context": {}, "near": {}, **told}
    solid = [token for token in tokens if not token.isspace()]
    return {"words": _bag(solid), "context": _bag(_core_tokens(tokens, scan)), "near": _near(solid), **told}


def _bag(tokens: list[str]) -> Counts:
    counts: Counts = {}
    for token in tokens:
        counts[token] = counts.get(token, 0) + 1
    return counts


def _core_tokens(tokens: list[str], scan: Scan) -> list[str]:
    """The words that begin inside a sentence about pay or debt."""
    places = list(accumulate(map(len, tokens), initial=0))
    out: list[str] = []
    for sentence in scan.sentences:
        if sentence.core:
            out += tokens[bisect_left(places, sentence.start) : bisect_left(places, sentence.end)]
    return [token for token in out if not token.isspace()]


@lru_cache(maxsize=200_000)
def _is_wage(token: str) -> bool:
    return any(part in token for part in _WAGE_PARTS)


def _near(tokens: list[str]) -> Counts:
    """Six words to each side of a wage word, the nearest two by place, and pairs with the next; present or not."""
    counts: Counts = {}
    for at, token in enumerate(tokens):
        if not _is_wage(token):
            continue
        for other in tokens[max(at - 6, 0) : at]:
            counts["L:" + other] = 1
        for other in tokens[at + 1 : at + 7]:
            counts["R:" + other] = 1
        for distance in (-2, -1, 1, 2):
            if 0 <= at + distance < len(tokens):
                counts[f"{distance}:{tokens[at + distance]}"] = 1
        if at + 1 < len(tokens):
            counts[f"b:{token}_{tokens[at + 1]}"] = 1
        if at:
            counts[f"b:{tokens[at - 1]}_{token}"] = 1
    return counts
