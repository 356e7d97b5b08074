"""Says which posts the model need not see. Knows classes of the grammar; what it rejects is audited by random sample.

A post is read when it names pay or a debt, or when something is unpaid, claimed or withheld beside a worker, an
employer, a work site, project money or an amount.
"""

from __future__ import annotations

import re
from functools import lru_cache

from classifiers.scan import Hit, class_ids, terms, word_lists

_PAY_PARTS = (
    "工资",
    "薪",
    "工钱",
    "劳务费",
    "人工费",
    "绩效",
    "奖金",
    "提成",
    "加班费",
    "加班补",
    "报酬",
    "血汗",
    "酬",
    "开支",
)
_TOO_COMMON = ("力资", "奖金")
_AMOUNT = re.compile(r"[\d一二两三四五六七八九十几百千][天月块元百千万]")


def worth_reading(text: str, found: list[Hit]) -> bool:
    """Whether a normalised text, with its hits, can be a case at all."""
    roles = _roles()
    telling, seen = roles.telling, set()
    for _, _, kind, term in found:
        if term in telling:
            return True
        seen.add(kind)
    if seen.isdisjoint(roles.claim):
        return False
    return not seen.isdisjoint(roles.beside) or (roles.unpaid in seen and bool(_AMOUNT.search(text)))


class _Roles:
    """Numbers of classes and terms by what they mean here."""

    def __init__(self) -> None:
        ids, lists = class_ids(), word_lists()
        named = {word for name in ("WAGE", "LABOUR", "SWEAT", "BONUS", "OWE") for word in lists[name]}
        named |= {word for word in terms() if any(part in word for part in _PAY_PARTS)}
        self.telling = frozenset(number for number, word in enumerate(terms()) if word in named - set(_TOO_COMMON))
        self.claim = frozenset(ids[name] for name in ("UNPAID", "CLAIM", "WITHHOLD"))
        self.beside = frozenset(ids[name] for name in ("WORKER", "BOSS", "SITE", "TEACHER", "PROJECT_MONEY"))
        self.unpaid = ids["UNPAID"]


@lru_cache(maxsize=1)
def _roles() -> _Roles:
    return _Roles()
