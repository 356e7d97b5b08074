"""Finds the grammar's words in a normalised text and cuts it into sentences. Knows the lexicon; judges nothing.

One pass of one automaton finds every term of lexicon/wage.yaml; in sentences about pay or debt a pattern adds money,
months and people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from classifiers.lexicon import load
from classifiers.normalize import placed

PAY = ("WAGE", "LABOUR", "SWEAT", "BONUS")  # what is owed when a case is ours
OTHER = (
    *("INSURANCE", "PENSION", "COMPENSATION", "SUBSIDY", "DEPOSIT", "PROJECT_MONEY", "LOAN", "HOUSE", "LAND"),
    "PAYLEVEL",
)  # what is owed when it is not
DEBT = ("OWE", "UNPAID", "WITHHOLD", "CLAIM")
CORE = frozenset(
    (*PAY, *DEBT, "REVERSE", "NOTOWED", "CAMPAIGN")
)  # a sentence without one of these is read as words only

_UNIT = r"\s*[多余]?\s*[万千百亿w]?\s*[多余]?\s*[元块万]"
_TIME = r"多?年|多?个?多?月"
_HEADS = r"[多余来]?[个名位](?:工?人|农?民工|[员职]工|[老教]师|工友|兄弟)?"
_COUNTED = re.compile(  # begins with a set of characters, so that the scan skips to the first figure
    r"[\d一二两三四五六七八九十几百千半多好](?:(?<=\d)[\d,.]*|[一二两三四五六七八九十几百千半多好]*)"
    rf"(?:(?P<MONTHS>{_TIME})|(?P<MONEY>{_UNIT}|(?<=\d)w)|(?P<PEOPLE>{_HEADS}))"
)
_PATTERNS = ("MONEY", "MONTHS", "PEOPLE")
_END = re.compile(r"[。！？!?；;\n]")
_HIDDEN_PLACE = re.compile(r"[西楚a-z](?:(?<=西)地省|(?<=[a-z])\d{0,2}[市区县](?:[a-z]\d{1,2}[市区县])?|(?<=楚))")
_PLACE_END = re.compile(r"[市区县省楚](?:(?<=[a-z\d].)|(?<=地省)|(?<=楚))")  # in every text that has such a place

Match = tuple[int, int, int]  # term, start, end
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
    """A text with its sentences that hold a word of the grammar. `title`: how many characters of it are the title."""

    text: str
    title: int
    sentences: tuple[Sentence, ...]


def scan(text: str, title: int = 0) -> Scan:
    """Reads a normalised text."""
    return of_hits(text, title, hits(text))


def of_hits(text: str, title: int, found: Sequence[Hit]) -> Scan:
    """The same, of hits found before; a text without a core hit is not cut into sentences."""
    return Scan(text, title, tuple(_sentences(text, found)) if core_in(found) else ())


def matches(utf8: bytes) -> list[Match]:
    """Every term found in UTF-8, longest first, never overlapping, in order: (term, start, end), counted in bytes."""
    found: list[Match] = _automaton().find_matches_as_indexes(utf8)
    return found


def seen(text: str) -> set[int]:
    """Which terms occur."""
    return {term for term, _, _ in matches(text.encode())}


def hits_of(utf8: bytes, found: Sequence[Match]) -> list[Hit]:
    """The same with the class of each term, counted in characters."""
    classes = term_classes()
    return [(start, end, classes[term], term) for term, start, end in placed(utf8, found)]


def hits(text: str) -> list[Hit]:
    """Every term found with its class, in order."""
    utf8 = text.encode()
    return hits_of(utf8, matches(utf8))


def core_in(found: Sequence[Hit]) -> bool:
    """Whether any hit can make a sentence one about pay or debt."""
    return not _core().isdisjoint([hit[2] for hit in found])


def hide_places(text: str) -> str:
    """The text with anonymised places (A市, 西地省) made all one, at the same length: no signal, no offset moved."""
    if not _PLACE_END.search(text):
        return text
    return _HIDDEN_PLACE.sub(lambda match: "某" + "地" * (len(match.group()) - 1), text)


def place_of(text: str, sentence: Sentence) -> int:
    """Which stretch between two stops of the text it is, counted from 0: the same whatever the lexicon knows."""
    return len(_END.findall(text, 0, sentence.start))


def _sentences(text: str, found: Sequence[Hit]) -> list[Sentence]:
    out, at, begin, core = [], 0, 0, _core()
    for stop in [match.start() for match in _END.finditer(text)] + [len(text)]:
        first = at
        while at < len(found) and found[at][0] < stop:
            at += 1
        if at > first:
            mine = list(found[first:at])
            if not core.isdisjoint([hit[2] for hit in mine]) and (counted := _counted(text, begin, stop)):
                mine = sorted(mine + counted)
            classes = frozenset([hit[2] for hit in mine])
            out.append(Sentence(begin, stop, tuple(mine), classes, text[stop : stop + 1] in ("？", "?")))
        begin = stop + 1
    return out


def _counted(text: str, start: int, end: int) -> list[Hit]:
    """Money, months and people in a stretch of text."""
    kinds = _counted_classes()
    return [(*match.span(), kinds[match.lastindex or 0], -1) for match in _COUNTED.finditer(text, start, end)]


@lru_cache(maxsize=1)
def word_lists() -> dict[str, tuple[str, ...]]:
    """The lexicon: words by class."""
    return {name: tuple(map(str, words)) for name, words in load("wage").items()}


@lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """Classes by number: those of the lexicon in its order, then the patterns'."""
    return (*word_lists(), *_PATTERNS)


@lru_cache(maxsize=1)
def class_ids() -> dict[str, int]:
    """Numbers by class."""
    return {name: number for number, name in enumerate(class_names())}


@lru_cache(maxsize=1)
def _counted_classes() -> dict[int, int]:
    """The class of each group of _COUNTED."""
    return {group: class_ids()[name] for name, group in _COUNTED.groupindex.items()}


@lru_cache(maxsize=1)
def terms() -> tuple[str, ...]:
    """Terms by number."""
    return tuple(term for words in word_lists().values() for term in words)


@lru_cache(maxsize=1)
def _core() -> frozenset[int]:
    return frozenset(class_ids()[name] for name in CORE)


@lru_cache(maxsize=1)
def core_terms() -> frozenset[int]:
    """The terms of those classes."""
    return frozenset(number for number, kind in enumerate(term_classes()) if kind in _core())


@lru_cache(maxsize=1)
def term_classes() -> tuple[int, ...]:
    """The class of each term, by number."""
    ids = class_ids()
    return tuple(ids[name] for name, words in word_lists().items() for _ in words)


@lru_cache(maxsize=1)
def _automaton() -> BytesAhoCorasick:
    words = [term.encode() for term in terms()]
    return BytesAhoCorasick(words, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
