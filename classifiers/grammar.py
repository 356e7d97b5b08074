"""Turns the hits of a sentence into features: which class follows which, how near, across a comma or not.

Knows classes and distances; knows no weights. Names are made once and kept: making strings is what costs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from classifiers.scan import CORE, Sentence, class_names, terms

_COMMA = re.compile(r"[，,、：: ]")
_REACH = 24  # characters between two hits that still belong together
_TELLING = CORE | {
    "PAID",
    "STILL",
    "PARTLY",
    "HYPO",
    "RULE",
    "DENY",
    "UPHOLD",
    "COURT",
}  # classes whose very word counts


def of(text: str, sentence: Sentence) -> list[str]:
    """Classes of one sentence, telling words, ordered pairs and triples of neighbours; with repeats."""
    return _pairs(text, sentence, _names())


def _pairs(text: str, sentence: Sentence, names: _Names) -> list[str]:
    out: list[str] = []
    hits = sentence.hits
    for at, (_, end, first, term) in enumerate(hits):
        out.append(names.core[first])
        if names.telling[first] and term >= 0:
            out.append(names.term[term])
        for next_at in range(at + 1, min(at + 7, len(hits))):
            start, stop, second, other = hits[next_at]
            gap = start - end
            if gap > _REACH:
                break
            comma = bool(gap > 0 and _COMMA.search(text, end, start))
            out.append(names.near[first][second][2 * (0 if gap <= 3 else 1 if gap <= 10 else 2) + comma])
            if names.is_core[first] or names.is_core[second]:
                out.append(names.pair[first][second])
                if not comma and gap <= 8 and names.is_core[first] and names.is_core[second] and term >= 0 <= other:
                    out.append(names.words(term, other))
            if next_at == at + 1 and next_at + 1 < len(hits) and hits[next_at + 1][0] - stop <= 16:
                out.append(names.triple(first, second, hits[next_at + 1][2]))
    return out


class _Names:
    """Every feature name, made once."""

    def __init__(self) -> None:
        classes, words = class_names(), terms()
        self.core = [f"cu:{name}" for name in classes]
        self.telling = [name in _TELLING for name in classes]
        self.is_core = [name in CORE for name in classes]
        self.term = [f"t:{word}" for word in words]
        self.pair = [[f"q:{first}>{second}" for second in classes] for first in classes]
        self.near = [[[f"p:{a}>{b}:{k // 2}{k % 2}" for k in range(6)] for b in classes] for a in classes]
        self._triples: dict[int, str] = {}
        self._words: dict[int, str] = {}

    def triple(self, first: int, second: int, third: int) -> str:
        key = (first << 16) | (second << 8) | third
        if (name := self._triples.get(key)) is None:
            classes = class_names()
            name = self._triples[key] = f"3:{classes[first]}>{classes[second]}>{classes[third]}"
        return name

    def words(self, first: int, second: int) -> str:
        key = (first << 16) | second
        if (name := self._words.get(key)) is None:
            words = terms()
            name = self._words[key] = f"tt:{words[first]}>{words[second]}"
        return name


@lru_cache(maxsize=1)
def _names() -> _Names:
    return _Names()
