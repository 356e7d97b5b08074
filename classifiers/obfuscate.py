"""Writes a text as people do who fear a filter: five tricks on the words that matter. Knows the lexicon's spellings.

For measuring and for tests only; the same seed gives the same text.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from classifiers.lexicon import load
from classifiers.scan import word_lists

TRICKS = ("zero-width", "separators", "homophones", "other characters", "repeats")

_TARGETS = ("WAGE", "LABOUR", "SWEAT", "BONUS", "OWE", "UNPAID", "CLAIM", "BOSS", "WORKER")
_SEPARATORS = (".", "·", "*", "-", "_", "/", " ")
_INVISIBLE = ("\u200b", "\u200d", "\u2060", "\ufeff")


def obfuscate(text: str, seed: int, share: float = 0.7, tricks: tuple[str, ...] = TRICKS) -> str:
    """The text with `share` of its telling words disguised, each by one of the tricks."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable disguise, not a secret

    def disguise(match: re.Match[str]) -> str:
        word = match.group()
        return _disguised(word, chance.choice(tricks), chance) if chance.random() < share else word

    return _words().sub(disguise, text)


def _disguised(word: str, trick: str, chance: random.Random) -> str:
    if trick == "zero-width":
        return chance.choice(_INVISIBLE).join(word)
    if trick == "separators":
        return chance.choice(_SEPARATORS).join(word)
    if trick == "homophones":
        return _homophone(word, chance)
    if trick == "other characters":
        return "".join(chance.choice(_old_forms().get(character, (character,))) for character in word)
    return word[0] * 3 + word[1:] if word[0] in "欠薪工资钱讨拖不没发给" else word


def _homophone(word: str, chance: random.Random) -> str:
    variants = load("spelling")["variants"]
    known = [plain for plain in variants if plain in word]
    if not known:
        return word
    plain = chance.choice(sorted(known))
    return word.replace(plain, chance.choice(variants[plain]))


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    lists = word_lists()
    words = {word for name in _TARGETS for word in lists[name] if len(word) > 1}
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))


@lru_cache(maxsize=1)
def _old_forms() -> dict[str, tuple[str, ...]]:
    """Traditional and emoji forms by plain character."""
    spelling = load("spelling")
    forms: dict[str, list[str]] = {}
    for line in spelling["traditional"]:
        for old, new in zip(line[::2], line[1::2], strict=True):
            if old != new:
                forms.setdefault(new, []).append(old)
    for picture, plain in spelling["emoji"].items():
        forms.setdefault(str(plain), []).append(picture)
    return {plain: tuple(each) for plain, each in forms.items()}
