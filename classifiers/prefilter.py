"""Says which posts the model need not see. Knows weights of the grammar's terms and classes; judges no case.

A post is read when it names pay or a debt outright, or when the terms in it weigh enough together; the weights
(prefilter.json) are learnt from labelled rows and the background by `classifiers.build`. What it rejects is audited by
random sample.
"""

from __future__ import annotations

import json
from collections.abc import Set
from functools import lru_cache
from pathlib import Path

from classifiers.scan import class_ids, term_classes, terms, word_lists

FILE = Path(__file__).parent / "prefilter.json"
_PAY_PARTS = (
    *("工资", "薪", "工钱", "劳务费", "人工费", "绩效", "奖金", "提成", "加班费", "加班补", "报酬", "血汗", "酬"),
    "开支",
)
_TOO_COMMON = frozenset(
    (
        "力资",
        "奖金",
        "一拖再拖",
        "拖了",
        "拖着不",
        "拖着没",
        "压着",
        "押着",
        "卡着",
        "安装费",
        "辛苦费",
        "手工费",
        "同工同酬",
        "工价",
    )
)  # name pay or debt in other worlds too: they weigh, but do not decide alone


def worth_reading(seen: Set[int]) -> bool:
    """Whether a text with these terms can be a case at all."""
    known = _known()
    most = known.bias + sum(map(known.most_of, seen))  # no class can add more than this
    if most < known.threshold:
        return False
    if not known.telling.isdisjoint(seen):
        return True
    weight = known.bias + sum(map(known.terms.__getitem__, seen))
    return weight + sum(known.classes[kind] for kind in {known.class_of[term] for term in seen}) >= known.threshold


def telling() -> frozenset[int]:
    """Terms that are read whatever stands beside them."""
    lists = word_lists()
    named = {word for name in ("WAGE", "LABOUR", "SWEAT", "BONUS", "OWE") for word in lists[name]}
    named |= {word for word in terms() if any(part in word for part in _PAY_PARTS)}
    return frozenset(number for number, word in enumerate(terms()) if word in named - _TOO_COMMON)


def forget() -> None:
    """Has the weights read anew at the next question."""
    _known.cache_clear()


class _Known:
    """What prefilter.json says, by number."""

    def __init__(self) -> None:
        learnt = json.loads(FILE.read_text(encoding="utf-8"))
        self.bias, self.threshold = float(learnt["bias"]), float(learnt["threshold"])
        self.terms = [float(learnt["terms"].get(term, 0.0)) for term in terms()]
        self.classes = [float(learnt["classes"].get(name, 0.0)) for name in class_ids()]
        self.class_of = term_classes()
        self.telling = telling()
        highest = [max(0.0, self.classes[kind]) for kind in self.class_of]
        self.most = [term + kind for term, kind in zip(self.terms, highest, strict=True)]
        for number in self.telling:
            self.most[number] = 100.0
        self.most_of = self.most.__getitem__


@lru_cache(maxsize=1)
def _known() -> _Known:
    return _Known()
