"""Traits and signs of a text, by the table in traits.yaml. Knows the matrix's ids, not its consequences.

A trait or a sign is of the event and the debt: what was done, by whom it is owed, how it is owed. Nothing here says
anything about the person who writes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from classifiers import unsure
from classifiers.lexicon import written_out
from classifiers.unsure import Doubt
from monitor.facts.clauses import Clause
from monitor.facts.needles import Needles, alternatives, unwrapped

Spans = dict[str, tuple[int, int]]

_STOPS = "，。,;；！？!?\n"
_HAN = "零〇一二三四五六七八九"
_YEAR = re.compile(rf"20\d\d|[二两][零〇][零〇一二三][{_HAN}]|(?:\d\d|[零〇一二][{_HAN}])(?=年)")
_DIGIT = dict(zip(_HAN + "两", "001234567892", strict=True))
LONG_AGO = 3  # years; of a debt of the year before last nobody knows whether two are over (劳动保障监察条例 art. 20)
_TAIL = 2  # characters that may follow the words that a question asks: 跑路了吗
_TRIES = 8  # matches of a rule in one sentence that are looked at before it is given up


@dataclass(frozen=True, slots=True)
class Rule:
    """A trait or sign holds where `present` is found, and `beside` in its sentence; `absent` may not be there, nor
    `unless` in its clause.

    `also` must be, and `never` must not be, anywhere in the text. Regular expressions; the empty one says nothing.
    """

    id: str
    order: int
    present: str
    beside: str = ""
    absent: str = ""
    unless: str = ""
    also: str = ""
    never: str = ""
    doubts: tuple[Doubt, ...] = ()
    stated: bool = False  # holds not where a question ends with the match
    dated: bool = False  # holds only where the match names a year that is `LONG_AGO` before the post's

    def found(self, piece: Clause, text: str, year: int | None) -> tuple[int, int] | None:
        """Where in `piece`, a sentence of `text`, the words stand that say so, None where they do not. `year`: its."""
        if self.dated and year is None:
            return None
        sentence, asked = piece.text, text[piece.end : piece.end + 1] in ("?", "？")
        for tried, match in enumerate(_compiled(self.present).finditer(sentence)):
            if tried == _TRIES or (tried == 0 and not self._fits(sentence, text)):
                return None
            if self.stated and asked and match.end() >= len(sentence) - _TAIL:
                continue
            if self.dated and year and _named_year(match[0], year) > year - LONG_AGO:
                continue
            if not (self.unless and _stands(self.unless, _clause(sentence, *match.span()))):
                return match.span()
        return None

    def doubted(self, sentence: str, span: tuple[int, int], text: str) -> bool:
        """Whether what was found there is only perhaps so."""
        return any(doubt.holds(sentence[slice(*span)], sentence, text) for doubt in self.doubts)

    def _fits(self, sentence: str, text: str) -> bool:
        asked = ((self.beside, sentence), (self.also, text))
        return all(_stands(pattern, within) for pattern, within in asked if pattern) and not (
            _stands(self.absent, sentence) or _stands(self.never, text)
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The rules, one for every alternative of the file's; `told` knows which of them a word of a text calls for."""

    rules: tuple[Rule, ...]
    kinds: Mapping[str, str]  # sign -> the trait it is a graver kind of
    perhaps: Mapping[str, str]  # trait -> the sign that stands for it where it is doubted; else a doubt silences it
    told: Needles


@lru_cache(maxsize=1)
def table() -> Table:
    """The packaged table; ValueError if one of its patterns is wrong."""
    with (files("monitor.facts") / "traits.yaml").open(encoding="utf-8") as file:
        document = yaml.safe_load(file)
    words, every = _words(document["words"]), document["every"]
    listed = [(id_, rule) for id_, rules in document["traits"].items() for rule in rules]
    listed += [(id_, rule) for id_, sign in document["signs"].items() for rule in sign["rules"]]
    rules = [
        one for order, (id_, rule) in enumerate(listed) for one in _rules(id_, order, rule, every.get(id_, {}), words)
    ]
    return Table(
        tuple(rules),
        {id_: sign["kind_of"] for id_, sign in document["signs"].items() if "kind_of" in sign},
        {sign["perhaps"]: id_ for id_, sign in document["signs"].items() if "perhaps" in sign},
        Needles([rule.present for rule in rules]),
    )


def read(text: str, pieces: list[Clause], year: int | None = None) -> tuple[Spans, Spans]:
    """Traits and signs -> where the words stand that say so, in the order of the table.

    `pieces`: the sentences of `text`; `year`: when it was published, without which a named year is never long ago.
    """
    known, starts = table(), [piece.start for piece in pieces]
    called = {(number, bisect_right(starts, at) - 1) for at, rules in known.told.where(text) for number in rules}
    found: dict[str, tuple[int, int, int]] = {}
    for number, piece in sorted(called):
        rule, start = known.rules[number], pieces[piece].start
        if rule.id in found or not (span := rule.found(pieces[piece], text, year)):
            continue
        stands_for = known.perhaps.get(rule.id) if rule.doubted(pieces[piece].text, span, text) else rule.id
        if stands_for and stands_for not in found:
            found[stands_for] = rule.order, start + span[0], start + span[1]
    for trait, sign in known.perhaps.items():
        if trait in found:
            found.pop(sign, None)
    spans = {id_: (start, end) for id_, (_, start, end) in sorted(found.items(), key=lambda one: one[1][0])}
    signs = {id_: span for id_, span in spans.items() if id_ in known.kinds or id_ in known.perhaps.values()}
    traits = {id_: span for id_, span in spans.items() if id_ not in signs}
    return traits | {
        known.kinds[id_]: span for id_, span in signs.items() if known.kinds.get(id_, id_) not in (id_, *traits)
    }, signs


def _words(written: Mapping[str, str]) -> dict[str, str]:
    """The classes, each of which may name those before it."""
    words: dict[str, str] = {}
    for name, pattern in written.items():
        words[name] = written_out("".join(pattern.split()), words)
    return words


def _rules(
    id_: str, order: int, written: Mapping[str, Any], every: Mapping[str, Any], words: Mapping[str, str]
) -> list[Rule]:
    """The rules of one entry; `every`: what holds for all of its trait."""
    said = {key: written_out(written.get(key, ""), words) for key in ("all", "and", "none", "unless", "also", "never")}
    said["unless"] = "|".join(filter(None, (said["unless"], written_out(every.get("unless", ""), words))))
    doubts = [
        Doubt(**{key: written_out(pattern, words) for key, pattern in doubt.items()})
        for doubt in every.get("doubts", ())
    ]
    if every.get("unsure"):  # of danger to life the same is doubted by what hears it in a post of any kind
        doubts += unsure.doubts()
    return [
        Rule(
            id_, order, alternative, beside=said["and"], absent=said["none"], unless=said["unless"], also=said["also"],
            never=said["never"], doubts=tuple(doubts), stated=bool(written.get("stated")),
            dated=bool(written.get("year")),
        )
        for alternative in alternatives(unwrapped(said["all"]))
    ]  # fmt: skip


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a text first asks for it: most rules are never asked by a single post."""
    return re.compile(pattern)


def _named_year(words: str, year: int) -> int:
    """The first year that `words` name, 2017 as well as 一七年; `year` where they name none after all."""
    named = _YEAR.search(words)
    digits = "".join(_DIGIT.get(char, char) for char in named[0]) if named else str(year)
    return int(digits if len(digits) == 4 else "20" + digits)


def _stands(pattern: str, text: str) -> bool:
    return bool(pattern) and _compiled(pattern).search(text) is not None


def _clause(sentence: str, start: int, end: int) -> str:
    """The clauses of `sentence` that a match touches."""
    first = max((sentence.rfind(stop, 0, start) for stop in _STOPS), default=-1)
    last = min((at for stop in _STOPS if (at := sentence.find(stop, end)) >= 0), default=len(sentence))
    return sentence[first + 1 : last]
