"""What posts of one debt share, as keys to look incidents up by, and which incidents are then worth comparing.

Knows facts and texts, no store. Who shares no key is never compared, so the work does not grow with the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from monitor.incidents.names import core, parts
from monitor.incidents.rarity import normal
from monitor.incidents.texts import passages, rare_words, text_key
from monitor.model import Facts, Reading

ALGORITHM = "3"  # stored with every key: a new rule never meets old digests
RARE_WORDS, PASSAGES = f"{ALGORITHM}r:", f"{ALGORITHM}w:"
PASSAGE_BIT = 1 << 32  # tells a passage's digest from a rare word's, which are of 32 bits both
LONGEST = 120  # characters of a key of a name
END = 4  # characters at either end of a name that are keys of their own
EXACT = 4  # figures before the noughts that make a sum exact
FIRM = tuple(f"{ALGORITHM}{kind}:" for kind in "natx")  # whole names, sums, whole texts
COMMON, COMPARED, BESIDE = 24, 10, 4  # incidents that words may be shared by; compared; compared beside firm ones


@dataclass(frozen=True, slots=True)
class Keys:
    """`firm`: names, sums, the whole text. `loose`: ends of names, digests of rare words and passages."""

    firm: tuple[str, ...] = ()
    loose: tuple[str | int, ...] = ()

    def written(self) -> tuple[str, ...]:
        """As the store holds them."""
        return (*self.firm, *map(_written, self.loose))


def keys(reading: Reading) -> tuple[str, ...]:
    """What a later post of the same debt would share: looked up in the store before `place` is asked."""
    return keys_of(reading).written()


def keys_of(reading: Reading) -> Keys:
    """The same as the index in memory takes them."""
    names = [core(name) for written in (reading.facts.project, reading.facts.employer) for name in parts(written)]
    text = normal(reading.post.full_text)
    firm = (*map(_whole, names), *_counted(reading.facts), *filter(None, (copy_key(reading),)))
    ends = dict.fromkeys(end for name in names for end in _ends(name))
    marked = [digest | PASSAGE_BIT for digest in passages(text)]
    return Keys(tuple(dict.fromkeys(firm)), (*ends, *rare_words(text), *marked))


def copy_key(reading: Reading) -> str:
    """The key of its whole text alone; empty where the text is too short."""
    whole = text_key(normal(reading.post.full_text))
    return f"{ALGORITHM}t:{whole}" if whole else ""


def copies(reading: Reading, of_key: Mapping[str, Collection[str]]) -> Collection[str]:
    """The incidents of which some post has this very text."""
    return of_key.get(copy_key(reading), ())


def nearest(of_key: Mapping[str, Collection[str]]) -> list[str]:
    """The incidents to be compared, from those that share each of a post's written keys (see `foremost`)."""
    firmly, loosely = [], []
    for key, holders in of_key.items():
        if key.startswith(FIRM):
            firmly.append(holders)
        elif len(holders) <= COMMON:
            loosely.append(holders)
    return foremost(firmly, loosely)


def foremost(firmly: Iterable[Collection[str]], loosely: Iterable[Collection[str]]) -> list[str]:
    """The incidents to be compared, best first and `COMPARED` at most, from who holds each firm key and each word.

    Who shares a name, a sum or the whole text comes before who shares words, and leaves those a few places only. Words
    that more than `COMMON` incidents share are a form that many fill in, however rare they are elsewhere: left out.
    """
    firm, words = Counter(chain.from_iterable(firmly)), Counter(chain.from_iterable(loosely))
    first = sorted(_leading(firm), key=lambda one: (firm[one], words[one], one), reverse=True)[:COMPARED]
    left = min(BESIDE, COMPARED - len(first)) if first else COMPARED
    for one in first:
        words.pop(one, None)
    others = [(count, one) for one, count in words.items() if count > 1]
    if len(others) < left:
        others = [(count, one) for one, count in words.items()]
    return [*first, *(one for _, one in sorted(others, reverse=True)[:left])]


def _leading(firm: Counter[str]) -> list[str]:
    """Of the incidents that share firm keys, those among which the first `COMPARED` are: no others need be sorted."""
    if len(firm) <= COMPARED:
        return list(firm)
    least = sorted(firm.values(), reverse=True)[COMPARED - 1]
    return [one for one, count in firm.items() if count >= least]


def forms(of_key: Mapping[str, Collection[str]]) -> set[str]:
    """Keys of words that so many incidents share that `nearest` passes over them: they need not be looked up again."""
    return {key for key, found in of_key.items() if len(found) > COMMON and not key.startswith(FIRM)}


def exact(amount: float | None) -> bool:
    """Whether a sum is stated so exactly that two debts hardly share it: four figures before the noughts."""
    return amount is not None and len(f"{amount:.2f}".replace(".", "").strip("0")) >= EXACT


def _whole(name: str) -> str:
    return f"{ALGORITHM}n:{name}"[:LONGEST]


def _counted(facts: Facts) -> list[str]:
    amount, found = facts.amount_yuan, []
    if amount and facts.workers:
        found.append(f"{ALGORITHM}a:{amount:.0f}:{facts.workers}")
    if amount and exact(amount):
        found.append(f"{ALGORITHM}x:{amount:.2f}")
    return found


def _ends(name: str) -> tuple[str, ...]:
    """The ends of a name: 庚味火锅 must be found by 庚味火锅东岸店, which `same_name` then takes for the same."""
    return (f"{ALGORITHM}n<:{name[:END]}", f"{ALGORITHM}n>:{name[-END:]}") if len(name) >= END else ()


def _written(key: str | int) -> str:
    if isinstance(key, str):
        return key
    return f"{PASSAGES}{key ^ PASSAGE_BIT:x}" if key & PASSAGE_BIT else f"{RARE_WORDS}{key:x}"
