"""Who owes what, and is it meant: each debt word with the noun it governs, and what the sentence says about it.

Knows the classes of the grammar. A debt counts as clean when nothing in its sentence makes it a rule, a question,
a denial, a settled matter, a story or somebody else's country.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from classifiers.scan import DEBT, OTHER, PAY, Hit, Sentence, class_ids, class_names, terms

_DOUBTS = (
    *("NOTOWED", "RULE", "CAMPAIGN", "HYPO", "ASKVIEW", "HOWTO", "DENY", "PAID", "REVERSE", "PENSION", "FOREIGN"),
    *("FICTION", "PRIVATE", "AD", "HISTORIC", "STATE", "INSURANCE", "COMPENSATION", "LOAN", "HOUSE"),
)
_CONCRETE = (
    *("FIRST", "MONEY", "MONTHS", "PEOPLE", "STILL", "WORKER", "TEACHER", "BOSS", "FIRM", "SITE", "CLUB", "FLEE"),
    *("HARDSHIP", "HELP", "PARTLY"),
)
_WHOLE = (
    *(
        "欠薪",
        "讨薪",
        "恶意欠薪",
        "被欠薪",
        "遭欠薪",
        "曝欠薪",
        "拖薪",
        "停薪",
        "断薪",
        "集体讨薪",
        "欠薪维权",
        "白干",
        "白做",
    ),
    *("白忙", "白打工", "没有加班费", "没有加班工资", "没工资", "没有工资", "无工资", "无加班费", "没加班费"),
)  # words that hold both the debt and the wage

Debt = tuple[str, str]  # how it is said and which way the noun lies, e.g. ("OWE>", "WAGE")


def of(text: str, sentence: Sentence, title: int) -> set[str]:
    """Features of the debts of one sentence; `title`: how many characters of the text are its title."""
    debts = set(_debts(text, sentence))
    doubts, concrete = _sides(sentence)
    pay = [debt for debt in debts if debt[1] in PAY]
    other = [debt for debt in debts if debt[1] not in PAY]
    told = {f"r:{way}{noun}" for way, noun in debts}
    for way, noun in pay:
        said = way.strip("<>c") + ("B" if noun == "BONUS" else "W")
        told.add(f"g:{said}")
        if not doubts:
            told.add(f"clean:{way}{noun}")
            told.add(f"clean:{said}:{min(len(concrete), 4)}")
        told.update(f"m:{said}:{doubt}" for doubt in doubts)
        told.update(f"k:{said}:{side}" for side in concrete)
        if sentence.question:
            told.add(f"q:{said}")
        if sentence.start < title:
            told.add(f"ti:{said}")
    if pay:
        told.add(f"best:{min(len(doubts), 3)}:{min(len(concrete), 5)}:{int(sentence.question)}")
        told.add(f"bestm:{min(len(doubts), 3)}")
    if pay and not other:
        told.add("onlypay")
    if other and not pay:
        told.add("onlyother")
        told.update(f"other:{noun}" for _, noun in other)
    return told


def _debts(text: str, sentence: Sentence) -> Iterable[Debt]:
    sets, names, hits = _sets(), class_names(), sentence.hits
    for at, (_, _, kind, term) in enumerate(hits):
        if term in sets.whole:
            yield ("R4", "WAGE")
        if kind in sets.debt:
            yield from _after(text, hits, at, names[kind], sets)
            yield from _before(text, hits, at, names[kind], sets)


def _after(text: str, hits: tuple[Hit, ...], at: int, verb: str, sets: _Sets) -> Iterable[Debt]:
    end = hits[at][1]
    for other in range(at + 1, min(at + 9, len(hits))):
        start, _, noun, _ = hits[other]
        if start - end > 26:
            return
        if noun in sets.noun:
            comma = "，" in text[end:start] or "," in text[end:start]
            yield (f"{verb}>{'c' if comma else ''}", class_names()[noun])
            if noun in sets.pay or not comma:
                return
        if noun in sets.deny and other > at + 1:
            return


def _before(text: str, hits: tuple[Hit, ...], at: int, verb: str, sets: _Sets) -> Iterable[Debt]:
    start = hits[at][0]
    for other in range(at - 1, max(at - 9, -1), -1):
        _, end, noun, _ = hits[other]
        if start - end > 20:
            return
        if noun in sets.noun:
            comma = "，" in text[end:start] or "," in text[end:start]
            yield (f"<{verb}{'c' if comma else ''}", class_names()[noun])
            return


def _sides(sentence: Sentence) -> tuple[list[str], list[str]]:
    sets, names = _sets(), class_names()
    return (
        [names[each] for each in sentence.classes & sets.doubt],
        [names[each] for each in sentence.classes & sets.concrete],
    )


class _Sets:
    """Class numbers of each role."""

    def __init__(self) -> None:
        ids = class_ids()
        self.pay = frozenset(ids[name] for name in PAY)
        self.noun = self.pay | {ids[name] for name in OTHER}
        self.debt = frozenset(ids[name] for name in DEBT)
        self.deny = self.debt - {ids["CLAIM"]}
        self.doubt = frozenset(ids[name] for name in _DOUBTS)
        self.concrete = frozenset(ids[name] for name in _CONCRETE)
        words = terms()
        self.whole = frozenset(number for number, word in enumerate(words) if word in _WHOLE)


@lru_cache(maxsize=1)
def _sets() -> _Sets:
    return _Sets()
