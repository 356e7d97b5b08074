"""Tells of a person about to harm themselves or be harmed over money they worked for. Knows how near a phrase or a
meeting of words of lexicon/harm.yaml must stand to pay or a debt, which counts where a debt is named, and what the
words around pay, money and work weigh together (lexicon/harm_weights.json) by themselves and by their classes
(lexicon/harm_classes.yaml), which counts everywhere. Knows no score, and no score silences it.

Tuned for recall: a false alarm costs a person a minute, a miss may cost a life. Figures of speech (累死, 跳楼价),
stories, drills and court reports do not count, unless the same sentence cries for help.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import product, repeat
from operator import concat
from typing import Any

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation, MatchKind

from classifiers.lexicon import load
from classifiers.normalize import placed
from classifiers.scan import Hit, class_ids, hits, term_classes
from classifiers.scan import terms as grammar_terms
from classifiers.unsure import unsure

Span = tuple[int, int]
Heard = tuple[float, Span]  # how much more a stretch weighs than it must to be a danger, and where it is
Told = tuple[list[Span], list[Span], list[Span], list[Span]]  # pay, a debt, money that does not come, work

_ASK, _BETWEEN = "[要给结还讨拿欠发汗算]", r"[^。！？!?\n，,]"
_MONEY = re.compile(  # looks back from the money, which is seldom: half the cost of looking ahead from the verb
    "[钱账帐](?:" + "|".join(f"(?<={_ASK}{_BETWEEN * many}.)" for many in range(4)) + "|(?<=钱)(?=[呢不没还给要再]))"
)
_AMOUNT = re.compile(r"[要差欠见拿等][^。！？!?\n，,]{0,4}[一二两三四五六七八九十几\d](?:个月|万|千|百块)")
_PAY = ("WAGE", "LABOUR", "SWEAT", "BONUS")
_DEBT = ("CLAIM", "OWE")
_VAGUE = ("维权",)  # of home buyers as often as of workers
_AROUND = 16  # characters a phrase may reach beyond its trigger
_FAR, _NEAR = 160, 40  # characters from a phrase to pay, and to a debt, to money or to people of work
_CLAUSE = re.compile(r"[^，,。！？!?；;：:\s]+")
_STRETCH = 120  # characters weighed in one piece
LONGEST = 2_000  # characters of a sentence before and behind what is looked at
_MARGIN = 5.0  # how much pairs and classes may add to what characters weigh; one in a hundred learnt dangers needs more
_ALONE = 1.0  # how much more must speak for danger where neither pay, nor a debt, nor work is named: a walk by a river
_STOP = re.compile(r"[。！？!?\n]")
_NOTHING: Told = ([], [], [], [])
_ANCHOR = "＠"  # stands for the anchor in what must meet it, so that no anchor meets itself


def spans(text: str) -> list[Span]:
    """Where the normalised text speaks of it: half-open character spans, empty where it does not."""
    return [] if (danger := listen(text)) is None or danger.perhaps else danger.spans


def listen(text: str, found: Sequence[Hit] | None = None, utf8: bytes | None = None) -> Danger | None:
    """What the normalised text tells of it; None: nothing, which is nearly every post.

    `found`: the hits of the grammar in the same text, where they are known already; `utf8`: the text so encoded.
    """
    known, found = _known(), hits(text) if found is None else found
    utf8 = text.encode() if utf8 is None else utf8
    told, context = _told(text, found, known, utf8)
    stretches = _weighed(text, told, context=context)
    if not stretches:
        return None
    ruled = _by_rules(text, told, known) if told[1] else []
    sure = [span for span in ruled if not _unsure(text, span)]
    if sure:  # beside a debt a rule stands, however calm the rest sounds
        return Danger(sure)
    enough = known.weights.enough(named=any(told))
    heard = _heard(text, stretches, known.weights, enough)
    for least in (0.0, known.weights.perhaps):
        if clauses := _clauses(text, [span for more, span in heard if more >= least], known):
            return Danger(clauses, perhaps=least < 0)
    return Danger(ruled, perhaps=True) if ruled else None


def terms() -> frozenset[int]:
    """The terms of the grammar that `spans` asks for: those of pay and of debts."""
    return _known().terms


def by_rules(text: str) -> list[Span]:
    """What the rules find in a normalised text: nothing where no debt is named."""
    known = _known()
    told, _ = _told(text, hits(text), known, text.encode())
    return _by_rules(text, told, known) if told[1] else []


def named(text: str) -> bool:
    """Whether a normalised text names pay, a debt, money that does not come, or work."""
    return any(_told(text, hits(text), _known(), text.encode())[0])


def windows(text: str) -> list[Span]:
    """The stretches of a normalised text that are weighed."""
    told, context = _told(text, hits(text), _known(), text.encode())
    return _weighed(text, told, context=context)


def features(text: str) -> set[str]:
    """What is weighed: every character, every pair, and every class of words that is met, once."""
    known = _known()
    found = {word for word, _, _ in known.classed.find_matches_as_indexes(text)}
    return {*text, *map(concat, text, text[1:])}.union(*map(known.classes_of.__getitem__, found))


@dataclass(frozen=True, slots=True)
class Danger:
    """Where a text tells of it. `perhaps`: too little to call anybody out, enough that a person reads it first."""

    spans: list[Span]
    perhaps: bool = False


@dataclass(slots=True)
class Weights:
    """How much each character, pair and class speaks for danger (lexicon/harm_weights.json, of life_risk_training).

    `perhaps`: how much more than `threshold` speaks for a danger that perhaps is none; below zero.
    """

    grams: dict[str, float]
    bias: float
    threshold: float
    perhaps: float = 0.0
    telling: frozenset[str] = field(init=False)  # the characters that weigh most

    def __post_init__(self) -> None:
        """Picks the characters that a first look goes by."""
        self.telling = frozenset(gram for gram, weight in self.grams.items() if len(gram) == 1 and abs(weight) >= 0.1)

    def enough(self, *, named: bool) -> float:
        """What a stretch must weigh; `named`: pay, a debt or work is in the text."""
        return self.threshold + (0.0 if named else _ALONE)


def weigh(text: str, weights: Weights) -> float:
    """The log odds that a stretch of text tells of danger."""
    return weights.bias + sum(map(weights.grams.get, features(text), repeat(0.0)))


def _unsure(text: str, span: Span) -> bool:
    """Whether what a rule found there is only perhaps a danger: somebody works up there, or says that nobody jumps."""
    begin, end = _sentence(text, *span)
    return unsure(text[slice(*span)], text[begin:end], text)


def _by_rules(text: str, told: Told, known: _Known) -> list[Span]:
    pay, debt, unpaid, _ = told
    owed = Places(_merged(_widened(pay, _FAR) + _widened(debt + unpaid, _NEAR)), _merged(_widened(pay + debt, _NEAR)))
    return sorted(span for span in known.danger(text, owed) if not known.framed(text, span))


def _heard(text: str, stretches: Sequence[Span], weights: Weights, enough: float) -> list[Heard]:
    """The stretches that weigh enough for a danger that perhaps is none."""
    worth, found = enough - _MARGIN, []
    for start, end in stretches:
        part = text[start:end]
        if _faint(part, weights) >= worth and (more := weigh(part, weights) - enough) >= weights.perhaps:
            found.append((more, (start, end)))
    return found


def _faint(text: str, weights: Weights) -> float:
    """What the characters alone weigh: says of nine stretches in ten, for a third of the cost, that they are calm."""
    return weights.bias + sum(map(weights.grams.__getitem__, weights.telling.intersection(text)))


def _clauses(text: str, heard: Sequence[Span], known: _Known) -> list[Span]:
    """The clause that weighs most in each stretch that was heard."""
    found = set()
    for start, end in heard:
        clauses = [(start + each.start(), start + each.end()) for each in _CLAUSE.finditer(text[start:end])]
        found.add(max(clauses, key=lambda clause: weigh(text[slice(*clause)], known.weights)))
    return sorted(span for span in found if not known.framed(text, span))


def _weighed(text: str, told: Told, *, context: bool) -> list[Span]:
    """What is weighed: a short text that names pay, work or a word of danger; of a longer one what is near pay."""
    pay, debt, unpaid, work = told
    near = pay + debt + unpaid
    if len(text) > _STRETCH:
        return _cut(text, near or work)
    return [(0, len(text))] if near or work or context else []


def _cut(text: str, owed: Sequence[Span]) -> list[Span]:
    """A short text whole, of a longer one what stands around pay, in overlapping stretches."""
    if not owed:
        return []
    if len(text) <= _STRETCH:
        return [(0, len(text))]
    around = [(max(0, start), min(end, len(text))) for start, end in _merged(_widened(owed, 45))]
    return [
        (at, min(at + 100, len(text))) for start, end in around for at in range(start, max(start + 1, end - 40), 60)
    ]


def _told(text: str, found: Sequence[Hit], known: _Known, utf8: bytes) -> tuple[Told, bool]:
    """Where pay, a debt, money that does not come, and work are named; whether a short text has a word of `context`."""
    listed, context = _listed(text, known, utf8)
    if not (context or found or listed or len(text) > _STRETCH):  # most posts
        return _NOTHING, False
    money = "钱" in text or "账" in text
    amount = "万" in text or "千" in text or "个月" in text or "百块" in text
    lists: tuple[list[Span], list[Span], list[Span]] = ([], [], [])
    pay: list[Span] = []
    if not (found or listed or money or amount):
        return (pay, *lists), context
    debt = lists[0]
    for start, end, kind, term in found:
        if kind in known.pay:
            pay.append((start, end))
        elif kind in known.debt and term not in known.vague:
            debt.append((start, end))
    if money:
        debt += [match.span() for match in _MONEY.finditer(text)]
    if amount:
        debt += [match.span() for match in _AMOUNT.finditer(text)]
    for word, start, end in placed(utf8, listed):
        lists[known.list_of[word]].append((start, end))
    return (pay, *lists), context


def _listed(text: str, known: _Known, utf8: bytes) -> tuple[Sequence[tuple[int, int, int]], bool]:
    """Words of a debt and of work, and whether a short text has a word of `context`, or two weak ones."""
    if len(text) > _STRETCH:
        return known.words.find_matches_as_indexes(utf8), False
    met = known.words_or_context.find_matches_as_indexes(utf8, overlapping=True)
    words = {word for word, _, _ in met}
    context = len(words) > 1 or any(word < known.weak for word in words)
    return [each for each in met if each[0] < len(known.list_of)] if met else met, context


def _widened(spans: Sequence[Span], reach: int) -> list[Span]:
    return [(start - reach, end + reach) for start, end in spans]


def _touches(span: Span, where: Sequence[Span]) -> bool:
    low, high = span
    for start, end in where:  # noqa: SIM110 - a generator costs twice as much, and this is asked most often
        if start < high and low < end:
            return True
    return False


def _sentence(text: str, start: int, end: int) -> Span:
    """From the stop before to the stop behind, at most LONGEST to either side: words without a stop cost no more."""
    first, last = max(0, start - LONGEST), min(len(text), end + LONGEST)
    begin = max(max(text.rfind(stop, first, start) for stop in "。！？!?\n") + 1, first)
    stop = _STOP.search(text, end, last)
    return begin, stop.start() if stop else last


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a text danger to oneself, and by others, would be over pay."""

    oneself: list[Span]
    others: list[Span]


class _Phrases:
    """One list of phrases: looked for only around its trigger words, which is what keeps it fast."""

    def __init__(self, phrases: Sequence[str], triggers: Sequence[str], harmless: re.Pattern[str]) -> None:
        joined = "|".join(phrases)
        self._pattern, self._starts, self._harmless = re.compile(joined), starts_of(joined), harmless
        self._triggers = AhoCorasick(triggers, implementation=Implementation.DFA)

    def find(self, text: str, where: Sequence[Span]) -> set[Span]:
        """Phrases that touch one of the places and are no figure of speech where they stand."""
        found: set[Span] = set()
        for start, end in self._around_triggers(text, where):
            for first, last in self._within(text, max(0, start), end):
                harmless = self._harmless.search(text, max(0, first - 10), last + 4)
                if not harmless and _touches((first, last), where):
                    found.add((first, last))
        return found

    def _within(self, text: str, at: int, end: int) -> Iterator[Span]:
        """What `finditer` of the phrases yields in a stretch of text, sooner."""
        while begins := self._starts.search(text, at, end):
            match = self._pattern.match(text, begins.start(), end)
            assert match is not None
            yield match.span()
            at = match.end()

    def _around_triggers(self, text: str, where: Sequence[Span]) -> list[Span]:
        """Where a phrase that touches one of the places could stand."""
        if not where:
            return []
        around = []
        for _, start, end in _within(self._triggers, text, where, _AROUND, overlapping=False):
            around.append((start - _AROUND, end + _AROUND))
        return _merged([span for span in around if _touches(span, where)])


class _Meetings:
    """Anchor words, and what must stand within reach of each in its sentence to make it a danger."""

    def __init__(self, meetings: Sequence[Mapping[str, Any]], harmless: re.Pattern[str]) -> None:
        self._harmless = harmless
        self._rules = [(each["within"], starts_of(each["meets"])) for each in meetings]
        rules_of: dict[str, list[int]] = {}
        for number, each in enumerate(meetings):
            for word in dict.fromkeys(each["anchors"].split()):
                rules_of.setdefault(word, []).append(number)
        self._anchors = AhoCorasick(list(rules_of), implementation=Implementation.DFA)
        self._rules_of = list(rules_of.values())

    def find(self, text: str, where: Sequence[Span]) -> set[Span]:
        """Anchors that touch one of the places and meet what their rule names."""
        found: set[Span] = set()
        for word, start, end in _within(self._anchors, text, where, 0, overlapping=True):
            touches = _touches((start, end), where)
            if touches and any(self._met(text, (start, end), number) for number in self._rules_of[word]):
                found.add((start, end))
        return found

    def _met(self, text: str, anchor: Span, rule: int) -> bool:
        (start, end), (within, meets) = anchor, self._rules[rule]
        before, after = text[max(0, start - within) : start], text[end : end + within]
        if not meets.search(f"{before}{_ANCHOR}{after}"):
            return False
        begin, stop = _sentence(before + after, len(before), len(before))
        around = f"{before[begin:]}{_ANCHOR}{after[: stop - len(before)]}"
        return bool(meets.search(around)) and not self._harmless.search(text, max(0, start - 10), end + 6)


def _within(
    automaton: AhoCorasick, text: str, where: Sequence[Span], reach: int, *, overlapping: bool
) -> Iterator[tuple[int, int, int]]:
    """Words of the automaton between the first and the last of the places: number, start, end."""
    if not where:
        return
    first = max(0, min(start for start, _ in where) - reach)
    part = text[first : max(end for _, end in where) + reach]
    for word, start, end in automaton.find_matches_as_indexes(part, overlapping=overlapping):
        yield word, start + first, end + first


def _merged(spans: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def starts_of(pattern: str) -> re.Pattern[str]:
    """Finds the first characters of what `pattern` finds, two to five times as fast.

    The search skips to a character that is written anywhere in the pattern, then steps back before it and looks; no
    alternative may begin with what is not written out, nor be empty.
    """
    written = re.escape("".join(sorted({each for each in pattern if each.isalnum() or not each.isascii()})))
    return re.compile(f"[{written}](?<=(?={pattern}).)")


class _Known:
    """The phrases and the classes they must stand beside, made once."""

    def __init__(self) -> None:
        written, ids = load("harm"), class_ids()
        self.pay = frozenset(ids[name] for name in _PAY)
        self.debt = frozenset(ids[name] for name in _DEBT)
        owed = self.pay | self.debt
        self.terms = frozenset(number for number, kind in enumerate(term_classes()) if kind in owed)
        self.vague = frozenset(number for number, term in enumerate(grammar_terms()) if term in _VAGUE)
        lists = [written[name].split() for name in ("debts", "unpaid", "work")]
        self.list_of = [number for number, words in enumerate(lists) for _ in words]
        listed = [word.encode() for words in lists for word in words]
        classed = _classed()
        self.classes_of = list(classed.values())
        self.classed = AhoCorasick(list(classed), matchkind=MatchKind.LeftmostLongest)
        weak = set(written["weak_context"].split())
        asked = {*written["context"].split(), *_terms_of(written["context_classes"].split(), classed)} - weak
        context = [word.encode() for word in sorted(asked) if not _holds(word, asked)]
        self.weak = len(listed) + len(context)  # the first of the words that need a second one
        context += [word.encode() for word in sorted(weak)]
        self.words = BytesAhoCorasick(listed, implementation=Implementation.DFA)
        self.words_or_context = BytesAhoCorasick([*listed, *context], implementation=Implementation.DFA)
        learnt = resources.files("classifiers.lexicon").joinpath("harm_weights.json").read_text(encoding="utf-8")
        self.weights = Weights(**json.loads(learnt))
        self._frames, self._urgent = starts_of(written["frames"]), starts_of(written["urgent"])
        harmless, high = starts_of(written["harmless"]), written["high"]
        oneself = [phrase.replace("HIGH", high) for phrase in written["oneself"]]
        self.oneself = _Phrases(oneself, [*high.split("|"), *written["triggers_oneself"].split()], harmless)
        self.others = _Phrases(written["others"], written["triggers_others"].split(), harmless)
        self.meetings = _Meetings(written["meetings"], harmless)

    def danger(self, text: str, where: Places) -> set[Span]:
        """Every phrase and every meeting that stands in its places."""
        found = self.oneself.find(text, where.oneself) | self.others.find(text, where.others)
        return found | self.meetings.find(text, where.others)

    def framed(self, text: str, span: Span) -> bool:
        """Whether the sentence is a story, a drill, a court's report or an advert, and does not cry for help."""
        begin, end = _sentence(text, *span)
        return bool(self._frames.search(text, begin, end)) and not self._urgent.search(text, begin, end)


def _classed() -> dict[str, set[str]]:
    """Every word of harm_classes.yaml with its classes."""
    known: dict[str, set[str]] = {}
    for classes in load("harm_classes").values():
        for name, terms in classes.items():
            for term in terms.split():
                for parts in product(*(part.split("/") for part in term.split("+"))):
                    known.setdefault("".join(parts), set()).add(name)
    return known


def _terms_of(classes: Sequence[str], classed: Mapping[str, set[str]]) -> set[str]:
    """The words of some classes."""
    return {word for word, names in classed.items() if not names.isdisjoint(classes)}


def _holds(word: str, words: set[str]) -> bool:
    """Whether a word holds a shorter one of the same list, and so says nothing more."""
    parts = (word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1))
    return any(part in words for part in parts if part != word)


@lru_cache(maxsize=1)
def _known() -> _Known:
    return _Known()
