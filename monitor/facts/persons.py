"""A worker named in a judgment: 支付阮小琴工资, 苗春生要求公司支付. Knows how names stand among words, nobody's name.

A surname that the dictionary leaves alone, with a given name that it does not know as a word either, where judgments
put those who worked (persons.yaml); employers, witnesses, judges are passed over. Used to count, never to keep.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import yaml

from classifiers.tokenizer import word_class, words
from monitor.facts.surnames import DOUBLE, SINGLE

MANY = 400  # characters in which names are looked for
_PART = re.compile(r"[，。,.;；:：、\s（）()“”\"!?！？]")
_GIVEN = re.compile(r"[\u4e00-\u9fa5]{1,2}")


@lru_cache(maxsize=1)
def _table() -> dict[str, frozenset[str]]:
    with (files("monitor.facts") / "persons.yaml").open(encoding="utf-8") as file:
        lists: dict[str, str] = yaml.safe_load(file)
    return {name: frozenset(words.split()) for name, words in lists.items()}


def _words(name: str) -> frozenset[str]:
    return _table()[name]


def named(text: str) -> list[tuple[str, int, int]]:
    """(name, start, end) of the people who seem to be workers, in order, each once, in the first MANY characters."""
    cut = words(text[:MANY])
    starts, at = [], 0
    for token in cut:
        starts.append(at)
        at += len(token)
    found: dict[str, tuple[str, int, int]] = {}
    for index, token in enumerate(cut):
        length = _name_at(cut, index) if token in DOUBLE or (len(token) == 1 and token in SINGLE) else 0
        if length:
            name = "".join(cut[index : index + length])
            found.setdefault(name, (name, starts[index], starts[index] + len(name)))
    return list(found.values())


def _name_at(cut: list[str], index: int) -> int:
    """How many words the name that begins at `index` takes; 0 where none does."""
    rest = cut[index + 1 : index + 4]
    if not rest:
        return 0
    hidden = rest[0] in ("某", "某某")
    if hidden:
        length = 3 if rest[1:2] == ["某"] else 2
    elif len(rest[0]) == 2 and _GIVEN.fullmatch(rest[0]) and _may_be_given(rest[0], cut[index]):
        length = 2
    elif len(rest) > 1 and len(rest[0]) == len(rest[1]) == 1 and _GIVEN.fullmatch(rest[0] + rest[1]):
        length = 3 if rest[1] not in _words("after") else 2
    elif len(rest[0]) == 1 and _GIVEN.fullmatch(rest[0]) and cut[index] in DOUBLE:
        length = 2
    else:
        return 0
    return length if _stands_well(cut, index, length, hidden) else 0


def _may_be_given(word: str, surname: str) -> bool:
    """祥云, 国庆, 建设 after a plain surname; after one that is a word too (于, 向) only what is no verb or pronoun."""
    kind = word_class(word)
    if surname in _words("also words"):
        return not kind or kind.startswith("nr")
    return kind[:1] not in ("p", "c", "r", "d", "u", "m", "f")


def _stands_well(cut: list[str], index: int, length: int, hidden: bool) -> bool:
    """Whether the words around are those that stand around one who worked."""
    before = cut[index - 1] if index else "。"
    after = cut[index + length] if index + length < len(cut) else "。"
    if before in _words("others") or (before in "：:" and index > 1 and cut[index - 2] in _words("others")):
        return False
    opened = bool(_PART.fullmatch(before)) or before in _words("before")
    closed = (
        after in _words("after") or after[:1].isdigit() or (before in ("向", "给") and after in _words("then paid"))
    )
    if cut[index] in _words("also words") and not hidden:
        return before in _words("strong") | {"。", ",", "，"} and closed
    return (opened and (closed or hidden)) or (before in _words("strong") and bool(_PART.fullmatch(after)))
