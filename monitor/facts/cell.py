"""A debtor or place as the cell of a list names it, without any person: surname only, no phone, no number of papers.

The object is the debt. Knows how people stand in such cells (张某某（施工队）, 李四等5人, 张  伟, 张*伟), and nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from monitor.facts.brands import is_known
from monitor.facts.mask import mask
from monitor.facts.names import of_a_person
from monitor.facts.surnames import DOUBLE

_PARTS = re.compile(r"([()（）、,，;；/\s]+|等[\d一二三四五六七八九十几多余]*[人名个位]*$)")
_NUMBERS = re.compile(r"\s*[（(]?(?:\d{3}\*{4,}\d{0,2}|\[(?:银行卡|账号|车牌|门牌|邮箱)\])[)）]?")
_CREW = re.compile(r"(?:的)?(?:包工队|施工队|装修队|工程队|班组|班|工地|老板|工头|包工头)$")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]?")
_AROUND = re.compile(  # what offices put beside a person's name: 402室张伟, 户主张伟, 个体工商户张伟, 张伟等3户
    r"^(?:\d+(?:号楼|[幢栋座层室号#-]|单元)*)+|^(?:户主|业主|租户|自然人|个体(?:工商)?户|个人|姓名)[:：]?|"
    r"(?:女士|小姐|先生|等\d+户|个体(?:工商)?户?|\d+(?:[室号户]|单元)?)$"
)
_HIDDEN = re.compile(r"(?=.*[*×某○〇xX])[\u4e00-\u9fff]{0,2}[*×某○〇xX]{1,3}[\u4e00-\u9fff]{0,2}")  # 张*伟, **国
_DOTTED = re.compile(r"[\u4e00-\u9fff]{1,8}(?:[·•・.][\u4e00-\u9fff]{1,8})+")  # 阿依古丽·买买提
_PAPERS = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{16}[\dXx](?![0-9A-Za-z])")  # 身份证; a firm's code begins with 9
_LONG_NUMBER = re.compile(r"\d{7}")
_OF_A_FIRM = re.compile(
    r"(?:[厂店]|公司|集团|中心|学校|医院|宾馆|酒店|经营部|工作室|合作社|企业|所|院|部|站|队|场|会)$"
)
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


def firm_in(written: str, known: Collection[str] = ()) -> str | None:
    """The firm that a cell names, without a person or a number beside it; None where it names a person only."""
    if not _person(written, known):
        return nobody(written, known)[0] if _LONG_NUMBER.search(written) else written
    parts = [part for part in re.split(r"[()（）、,，;；/\s]+", written) if _OF_A_FIRM.search(part)]
    found = [part for part in parts if not _person(part, known)]
    return found[0] if len(found) == 1 else None


def _person(written: str, known: Collection[str]) -> bool:
    """Whether a person stands in the place of a firm, however an office wrote it.

    In doubt it is a person: a firm that is left out is counted and told, a person in a register of firms is not.
    """
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", written))
    if written in known or bare in known:
        return False
    name = _BRACKETS.sub("", bare)
    while (cut := _AROUND.sub("", name)) not in ("", name):
        name = cut
    if _PAPERS.search(bare) or nobody(bare, known)[1] or nobody(name, known)[1]:
        return True
    told = _OF_A_FIRM.search(name) or _NOT_A_NAME.search(name) or is_known(name)
    return not told and bool(_HIDDEN.fullmatch(name) or _DOTTED.fullmatch(name))


def _part(part: str) -> str:
    crew = _CREW.search(part)
    name = part[: crew.start()] if crew else part
    if not of_a_person(name) or is_known(name) or (not crew and _NOT_A_NAME.search(name)):
        return part
    surname = name[:2] if name.startswith(DOUBLE) else name[:1]
    return f"{'包工头' if crew else '个人'}(姓{surname})"  # words that tell no two debts apart (incidents/names.py)
