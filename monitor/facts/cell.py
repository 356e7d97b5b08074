"""A debtor or place as the cell of a list names it, without any person: surname only, no phone, no number of papers.

The object is the debt. Knows how people stand in such cells (张某某（施工队）, 李四等5人), and nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from monitor.facts.brands import is_known
from monitor.facts.mask import mask
from monitor.facts.names import of_a_person
from monitor.facts.surnames import DOUBLE

_PARTS = re.compile(r"([()（）、,，;；/\s]+|等[\d一二三四五六七八九十几多余]*[人名个位]*$)")
_NUMBERS = re.compile(r"\s*[（(]?(?:\d{3}\*{4,}\d{0,2}|\[(?:银行卡|账号|车牌|门牌|邮箱)\])[)）]?")
_CREW = re.compile(r"(?:的)?(?:包工队|施工队|装修队|工程队|班组|班|工地|老板|工头|包工头)$")
_NOT_A_NAME = re.compile(r"[村里店厂社园苑城庄镇乡区县市街路坊行馆吧庭居轩府台]$|[号期标段]")


def nobody(written: str, known: Collection[str] = (), *, place: bool = False) -> tuple[str, bool]:
    """The cell without persons, and whether a name was shortened. `known`: names of the county's register.

    Of a `place` only house numbers and the like go: villages are called as people are.
    """
    masked = mask(written)
    hidden = _NUMBERS.sub("", masked.text)
    if place:
        return hidden.strip(), False
    parts = _PARTS.split(hidden)
    shortened = [part if part in known else _part(part) for part in parts]
    changed = shortened != parts
    if changed:
        shortened = ["" if part.startswith("等") else part for part in shortened]
    return "".join(shortened).strip(), changed or any(span.text == "name" for span in masked.spans)


def _part(part: str) -> str:
    crew = _CREW.search(part)
    name = part[: crew.start()] if crew else part
    if not of_a_person(name) or is_known(name) or (not crew and _NOT_A_NAME.search(name)):
        return part
    surname = name[:2] if name.startswith(DOUBLE) else name[:1]
    return f"{'包工头' if crew else '个人'}(姓{surname})"  # words that tell no two debts apart (incidents/names.py)
