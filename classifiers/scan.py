"""Finds the grammar's words in a normalised text and cuts it into sentences. Knows the lexicon; judges nothing.

One pass of one automaton finds every term of lexicon/wage.yaml; three patterns add money, months and people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from classifiers.lexicon import load

PAY = ("WAGE", "LABOUR", "SWEAT", "BONUS")  # what is owed when a case is ours
OTHER = (
    *("INSURANCE", "PENSION", "COMPENSATION", "SUBSIDY", "DEPOSIT", "PROJECT_MONEY", "LOAN", "HOUSE", "LAND"),
    "PAYLEVEL",
)  # what is owed when it is not
DEBT = ("OWE", "UNPAID", "WITHHOLD", "CLAIM")
CORE = frozenset(
    (*PAY, *DEBT, "REVERSE", "NOTOWED", "CAMPAIGN")
)  # a sentence without one of these is read as words only

_NUMBER = r"(?:\d[\d,.]*|[一二两三四五六七八九十几百千半多好]+)"
_MONEY = rf"{_NUMBER}\s*[多余]?\s*[万千百亿w]?\s*[多余]?\s*[元块万]|\d+w"
_MONTHS = rf"{_NUMBER}\s*[多余]?个?多?月|半年|{_NUMBER}多?年"
_PEOPLE = rf"{_NUMBER}[多余来]?[个名位](?:工?人|农?民工|[员职]工|[老教]师|工友|兄弟)?"
_PATTERNS = (("MONEY", re.compile(_MONEY)), ("MONTHS", re.compile(_MONTHS)), ("PEOPLE", re.compile(_PEOPLE)))
_END = re.compile(r"[。！？!?；;\n]")
_HIDDEN_PLACE = re.compile(r"西地省|[a-z]\d{0,2}[市区县](?:[a-z]\d{1,2}[市区县])?|楚")

Hit = tuple[int, int, int, int]  # start, end, class, term (-1: of a pattern)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of text up to its stop. `classes`: which classes of the grammar occur in it."""

    start: int
    end: int
    hits: tuple[Hit, ...]
    classes: frozenset[int]
    question: bool

    @property
    def core(self) -> bool:
        return not _core().isdisjoint(self.classes)


@dataclass(frozen=True, slots=True)
class Scan:
    """A text with what the grammar found. `title`: how many characters of it are the title."""

    text: str
    title: int
    hits: tuple[Hit, ...]
    sentences: tuple[Sentence, ...]


def scan(text: str, title: int = 0) -> Scan:
    """Reads a normalised text."""
    return of_hits(text, title, hits(text))


def of_hits(text: str, title: int, found: list[Hit]) -> Scan:
    """The same, of hits found before; a text without a core hit is not cut into sentences."""
    if not core_in(found):
        return Scan(text, title, tuple(found), ())
    found = with_patterns(text, found)
    return Scan(text, title, tuple(found), tuple(_sentences(text, found)))


def hits(text: str) -> list[Hit]:
    """Every term found, longest first, never overlapping, in order."""
    automaton, classes = _automaton()
    return [(start, end, classes[term], term) for term, start, end in automaton.find_matches_as_indexes(text)]


def core_in(found: list[Hit]) -> bool:
    """Whether any hit can make a sentence one about pay or debt."""
    core = _core()
    return any(hit[2] in core for hit in found)


def with_patterns(text: str, found: list[Hit]) -> list[Hit]:
    """The hits with money, months and people among them, by position."""
    names = class_ids()
    more = [
        (match.start(), match.end(), names[name], -1) for name, pattern in _PATTERNS for match in pattern.finditer(text)
    ]
    return sorted(found + more)


def hide_places(text: str) -> str:
    """The text with anonymised places (A市, 西地省) made all one, at the same length: no signal, no offset moved."""
    return _HIDDEN_PLACE.sub(lambda match: "某" + "地" * (len(match.group()) - 1), text)


def _sentences(text: str, found: list[Hit]) -> list[Sentence]:
    out, at, begin = [], 0, 0
    for stop in [match.start() for match in _END.finditer(text)] + [len(text)]:
        mine = []
        while at < len(found) and found[at][0] < stop:
            mine.append(found[at])
            at += 1
        if mine:
            out.append(
                Sentence(
                    begin, stop, tuple(mine), frozenset(hit[2] for hit in mine), text[stop : stop + 1] in ("？", "?")
                )
            )
        begin = stop + 1
    return out


@lru_cache(maxsize=1)
def word_lists() -> dict[str, tuple[str, ...]]:
    """The lexicon: words by class."""
    return {name: tuple(map(str, words)) for name, words in load("wage").items()}


@lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """Classes by number: those of the lexicon in its order, then the patterns'."""
    return (*word_lists(), *(name for name, _ in _PATTERNS))


@lru_cache(maxsize=1)
def class_ids() -> dict[str, int]:
    """Numbers by class."""
    return {name: number for number, name in enumerate(class_names())}


@lru_cache(maxsize=1)
def terms() -> tuple[str, ...]:
    """Terms by number."""
    return tuple(term for words in word_lists().values() for term in words)


@lru_cache(maxsize=1)
def _core() -> frozenset[int]:
    return frozenset(class_ids()[name] for name in CORE)


@lru_cache(maxsize=1)
def _automaton() -> tuple[AhoCorasick, list[int]]:
    ids = class_ids()
    classes = [ids[name] for name, words in word_lists().items() for _ in words]
    return AhoCorasick(terms(), matchkind=MatchKind.LeftmostLongest), classes
