"""Tells of a person about to harm themselves or be harmed over money they worked for. Knows how near a phrase of
lexicon/harm.yaml must stand to pay or to people of work; knows no score, and no score silences it.

Tuned for recall: a false alarm costs a person a minute, a miss may cost a life. Figures of speech (累死, 跳楼价) and
prevention campaigns do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

from classifiers.lexicon import load
from classifiers.scan import Hit, class_ids, hits

Span = tuple[int, int]

_MONEY = re.compile(
    r"(?:要|给|结|还|讨|拿|欠|发|血汗|算)[^。！？!?\n，,]{0,3}(?:钱|账|帐)|钱(?:呢|不|没|还|给|要|再)|工程款|工钱"
)
_PAY = ("WAGE", "LABOUR", "SWEAT", "BONUS")
_DEBT = ("CLAIM", "OWE")
_NEARBY = ("WORKER", "BOSS", "UNPAID", "WITHHOLD")
_AROUND = 16  # characters a phrase may reach beyond its trigger
_FAR, _NEAR = 160, 40  # characters from a phrase to pay, and to a debt, to money or to people of work


def spans(text: str, found: Sequence[Hit] | None = None) -> list[Span]:
    """Where the normalised text speaks of it: half-open character spans, empty where it does not.

    `found`: the hits of the grammar in the same text, where they are known already.
    """
    known, found = _known(), hits(text) if found is None else found
    pay, debt, near = [], [], []
    for start, end, kind, _ in found:
        if kind in known.pay:
            pay.append((start, end))
        elif kind in known.debt:
            debt.append((start, end))
        if kind in known.near or text[start:end] == "工地":
            near.append((start, end))
    if "钱" in text or "账" in text or "工程款" in text:
        debt += [match.span() for match in _MONEY.finditer(text)]
    if not (pay or debt or near):
        return []
    oneself = known.oneself.find(text, _widened(pay, _FAR) + _widened(debt + near, _NEAR))
    others = known.others.find(text, _widened(pay + debt, _NEAR))
    return sorted(oneself | others) if oneself or others else []


def _widened(spans: Sequence[Span], reach: int) -> list[Span]:
    return [(start - reach, end + reach) for start, end in spans]


def _touches(span: Span, where: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in where)


class _Phrases:
    """One list of phrases: looked for only around its trigger words, which is what keeps it fast."""

    def __init__(self, phrases: Sequence[str], triggers: Sequence[str], harmless: re.Pattern[str]) -> None:
        self._pattern, self._harmless = re.compile("|".join(phrases)), harmless
        self._triggers = AhoCorasick(triggers, implementation=Implementation.DFA)

    def find(self, text: str, where: Sequence[Span]) -> set[Span]:
        """Phrases that touch one of the places and are no figure of speech where they stand."""
        found: set[Span] = set()
        for start, end in self._around_triggers(text, where):
            for match in self._pattern.finditer(text, max(0, start), end):
                harmless = self._harmless.search(text, max(0, match.start() - 10), match.end() + 4)
                if not harmless and _touches(match.span(), where):
                    found.add(match.span())
        return found

    def _around_triggers(self, text: str, where: Sequence[Span]) -> list[Span]:
        """Where a phrase that touches one of the places could stand."""
        if not where:
            return []
        first = max(0, min(start for start, _ in where) - _AROUND)
        part = text[first : max(end for _, end in where) + _AROUND]
        around = []
        for _, start, end in self._triggers.find_matches_as_indexes(part):
            low, high = start + first - _AROUND, end + first + _AROUND
            for begin, stop in where:
                if begin < high and low < stop:
                    around.append((low, high))
                    break
        return _merged(around)


def _merged(spans: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


class _Known:
    """The phrases and the classes they must stand beside, made once."""

    def __init__(self) -> None:
        written, ids = load("harm"), class_ids()
        self.pay = frozenset(ids[name] for name in _PAY)
        self.debt = frozenset(ids[name] for name in _DEBT)
        self.near = frozenset(ids[name] for name in _NEARBY)
        harmless = re.compile(written["harmless"])
        high = written["high"].split("|")
        oneself = [phrase.replace("HIGH", written["high"]) for phrase in written["oneself"]]
        self.oneself = _Phrases(oneself, [*high, *written["triggers_oneself"].split()], harmless)
        self.others = _Phrases(written["others"], written["triggers_others"].split(), harmless)


@lru_cache(maxsize=1)
def _known() -> _Known:
    return _Known()
