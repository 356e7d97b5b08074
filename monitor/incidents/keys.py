"""What posts of one debt share, as keys to look incidents up by, and which incidents are then worth comparing.

Knows facts and texts, no store. Who shares no key is never compared, so the work does not grow with the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from heapq import nlargest
from itertools import chain

from monitor.incidents.names import core, parts
from monitor.incidents.rarity import normal
from monitor.incidents.texts import passages, rare_words, text_key
from monitor.model import Reading

ALGORITHM = "3"  # stored with every key: a new rule never meets old digests
RARE_WORDS, PASSAGES = f"{ALGORITHM}r:", f"{ALGORITHM}w:"
END = 4  # characters at either end of a name that are keys of their own
EXACT = 4  # figures before the noughts that make a sum exact
FIRM = tuple(f"{ALGORITHM}{kind}:" for kind in "natx")  # whole names, sums, whole texts
COMMON, COMPARED, BESIDE = 24, 10, 4  # incidents that words may be shared by; compared; compared beside firm ones


def keys(reading: Reading) -> tuple[str, ...]:
    """What a later post of the same debt would share: looked up in the store before `place` is asked."""
    facts = reading.facts
    found = [key for written in (facts.project, facts.employer) for name in parts(written) for key in _ends(core(name))]
    if facts.amount_yuan and facts.workers:
        found.append(f"a:{facts.amount_yuan:.0f}:{facts.workers}")
    if facts.amount_yuan and exact(facts.amount_yuan):
        found.append(f"x:{facts.amount_yuan:.2f}")
    text = normal(reading.post.full_text)
    whole = text_key(text)
    if whole:
        found.append(f"t:{whole}")
    stable = [f"{ALGORITHM}{key}"[:120] for key in dict.fromkeys(found)]
    stable += [f"{RARE_WORDS}{digest:x}" for digest in rare_words(text)]
    stable += [f"{PASSAGES}{digest:x}" for digest in passages(text)]
    return tuple(stable)


def copy_key(reading: Reading) -> str:
    """The key of its whole text alone; empty where the text is too short."""
    whole = text_key(normal(reading.post.full_text))
    return f"{ALGORITHM}t:{whole}" if whole else ""


def copies(reading: Reading, of_key: Mapping[str, Collection[str]]) -> Collection[str]:
    """The incidents of which some post has this very text."""
    return of_key.get(copy_key(reading), ())


def nearest(of_key: Mapping[str, Collection[str]]) -> list[str]:
    """The incidents to be compared, best first and `COMPARED` at most, from those that share each of a post's keys.

    Who shares a name, a sum or the whole text comes before who shares words, and leaves those a few places only. Words
    that more than `COMMON` incidents share are a form that many fill in, however rare they are elsewhere.
    """
    firmly, loosely = [], []
    for key, holders in of_key.items():
        if key.startswith(FIRM):
            firmly.append(holders)
        elif len(holders) <= COMMON:
            loosely.append(holders)
    firm, words = Counter(chain.from_iterable(firmly)), Counter(chain.from_iterable(loosely))
    first = sorted(_foremost(firm), key=lambda one: (firm[one], words[one], one), reverse=True)[:COMPARED]
    left = min(BESIDE, COMPARED - len(first)) if first else COMPARED
    for one in first:
        words.pop(one, None)
    others = [(count, one) for one, count in words.items() if count > 1]
    if len(others) < left:
        others = [(count, one) for one, count in words.items()]
    return [*first, *(one for _, one in nlargest(left, others))]


def _foremost(firm: Counter[str]) -> list[str]:
    """Of the incidents that share firm keys, those among which the first `COMPARED` are: no others need be sorted."""
    if len(firm) <= COMPARED:
        return list(firm)
    least = nlargest(COMPARED, firm.values())[-1]
    return [one for one, count in firm.items() if count >= least]


def forms(of_key: Mapping[str, Collection[str]]) -> set[str]:
    """Keys of words that so many incidents share that `nearest` passes over them: they need not be looked up again."""
    return {key for key, found in of_key.items() if len(found) > COMMON and not key.startswith(FIRM)}


def exact(amount: float | None) -> bool:
    """Whether a sum is stated so exactly that two debts hardly share it: four figures before the noughts."""
    return amount is not None and len(f"{amount:.2f}".replace(".", "").strip("0")) >= EXACT


def _ends(name: str) -> tuple[str, ...]:
    """A name, and its two ends: 庚味火锅 must be found by 庚味火锅东岸店, which `same_name` then takes for the same."""
    return (f"n:{name}", f"n<:{name[:END]}", f"n>:{name[-END:]}") if len(name) >= END else (f"n:{name}",)
