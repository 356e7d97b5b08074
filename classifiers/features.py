"""What the model sees of a post: the words of the whole, and each sentence about pay or debt by itself.

Of a sentence: said (its words), near (which words stand before and after a term of pay or debt), rules (which class of
the grammar follows which), owed (what is owed and what makes it doubtful), around (classes beside the sentence and
anywhere in the post). Knows words and grammar; no weights.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from classifiers import debts, grammar
from classifiers.scan import CORE, Hit, Scan, Sentence, class_names
from classifiers.tokenizer import words

WHOLE = ("words",)
SENTENCE = ("said", "near", "rules", "owed", "around")
FAMILIES = WHOLE + SENTENCE

_BEFORE, _AFTER = 4, 6  # words near a term: so many before it, and so many from its own first word on
Parts = tuple[Collection[str], ...]  # features of one sentence, one collection a family, with repeats


@dataclass(frozen=True, slots=True)
class Told:
    """`words`: those of the whole post, with repeats. `sentences`: those about pay or debt, in order."""

    words: Collection[str]
    sentences: tuple[Parts, ...]


def read(scan: Scan) -> Told:
    """The features of one scanned text."""
    tokens = words(scan.text)
    return Told(tokens, _sentences(tokens, scan))


def read_all(scans: Sequence[Scan]) -> list[Told]:
    """The same of several; all are cut into words first."""
    tokens = [words(scan.text) for scan in scans]
    return [Told(each, _sentences(each, scan)) for each, scan in zip(tokens, scans, strict=True)]


def _sentences(tokens: list[str], scan: Scan) -> tuple[Parts, ...]:
    if not scan.sentences:
        return ()
    places = list(accumulate(map(len, tokens), initial=0))
    everywhere: set[int] = set().union(*(sentence.classes for sentence in scan.sentences))
    anywhere = [_names().anywhere[kind] for kind in everywhere]
    out: list[Parts] = []
    for at, sentence in enumerate(scan.sentences):
        if sentence.core:
            first, last = bisect_left(places, sentence.start), bisect_left(places, sentence.end)
            said, rules = tokens[first:last], grammar.of(scan.text, sentence)
            owed = debts.of(scan.text, sentence, scan.title)
            near = _near(tokens, places, (first, last), sentence.hits)
            out.append((said, near, rules, owed, [*anywhere, *_beside(scan, at, sentence)]))
    return tuple(out)


def _near(tokens: list[str], places: list[int], within: tuple[int, int], hits: tuple[Hit, ...]) -> list[str]:
    """Each word of the sentence near a term of pay or debt, with the term's class and on which side it stands."""
    names, (first, last) = _names(), within
    told: list[str] = []
    for start, _, kind, _ in hits:
        if names.is_core[kind]:
            at = bisect_left(places, start)
            before, after = tokens[max(first, at - _BEFORE) : at], tokens[at : min(last, at + _AFTER)]
            told += [names.left[kind] + word for word in before if word.isalnum()]
            told += [names.right[kind] + word for word in after if word.isalnum()]
    return told


def _beside(scan: Scan, at: int, sentence: Sentence) -> list[str]:
    """What stands in the sentences before and after, whether it is the title or a question, how long it is."""
    names = _names()
    told = [f"l{min((sentence.end - sentence.start) // 12, 8)}"]
    if at > 0:
        told += [names.before[kind] for kind in scan.sentences[at - 1].classes]
    if at + 1 < len(scan.sentences):
        told += [names.after[kind] for kind in scan.sentences[at + 1].classes]
    if sentence.start < scan.title:
        told.append("title")
    if sentence.question:
        told.append("question")
    return told


class _Names:
    """Every feature name of a class, made once."""

    def __init__(self) -> None:
        classes = class_names()
        self.is_core = [name in CORE for name in classes]
        self.left, self.right = [f"{name}<" for name in classes], [f"{name}>" for name in classes]
        self.anywhere = [f"d:{name}" for name in classes]
        self.before = [f"n-:{name}" for name in classes]
        self.after = [f"n+:{name}" for name in classes]


@lru_cache(maxsize=1)
def _names() -> _Names:
    return _Names()
