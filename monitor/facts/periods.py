"""For how long wages are owed: 五个月工资, 从8月干到11月, 一年半, 12月、11月的. Months; days count a thirtieth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.facts.clauses import DEBT, WAGE, Clause, covering
from monitor.facts.numerals import DIGITS, Quantity

MOST = 240.0  # months; beyond twenty years it is a slip

_MONTHS = re.compile(r"\s*(?:多|来|余|几)?个(?:多)?(?P<half>半)?(?:多)?月(?:份)?(?P<half2>半)?(?:多)?")
_YEARS = re.compile(r"\s*(?:多|余)?(?:周)?年(?P<half>半)?(?:多)?(?!前|底|后|终|初|级|月|\d)")
_DAYS = re.compile(r"\s*(?:多|余|来)?(?:天|日)(?!内|后|前|起|薪|常|，?内)")
_WEEKS = re.compile(r"\s*(?:个)?(?:星期|周|礼拜)(?!内|前|后|年)")
_HALF_YEAR = re.compile(r"(?:大)?半年")
_NUMERAL = "一二三四五六七八九十"
_M = rf"(?P<{{0}}>1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月(?:份)?(?:\d{{{{1,2}}}}[日号])?"
_DATE = r"(?:(?P<{0}>20\d{{2}}|\d{{2}})年)?(?:度)?\s?"
_RANGE = re.compile(
    r"(?:从|自)?" + _DATE.format("y1") + _M.format("m1").replace("{{", "{").replace("}}", "}")
    + r"\s?(?P<link>一直|开始|,|，)?\s?(?P<verb>(?:干|做|上班|工作)?(?:到|至)|-|—|–|~|～)\s?(?:了)?"
    + _DATE.format("y2") + _M.format("m2").replace("{{", "{").replace("}}", "}")
)  # fmt: skip
_LISTED = re.compile(
    rf"((?:(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])(?:月份?)?[、,，和及])+)(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月(?:份)?(?:两个月)?的?[^，。\d]{{0,4}}(?:{WAGE})"
)
_ONE_MONTH = re.compile(
    rf"(?<![\d.年初至到、-])(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月(?:份)?的?(?:全部|全月)?(?:工资|薪|提成|派费|绩效)|(?:上个?月|当月|这个月|本月|上月)(?:的)?(?:工资|薪水)"
)
_NOT_PERIOD = re.compile(
    r"(?:每|第|前|近|试用期|保修|需要|分|押|压|提前|满|超过|合同|今后|等|等了|再|离|还有|休|经过|持续|过了|已过|历时)[^，。\d]{0,2}$"
)
_AFTER_NOT = re.compile(r"^(?:内|后|前|之内|以内|以上未订|不满|一次|发一次|结一次|的时间|补偿|试用|以上不|未休|休息)")
_WORKED = re.compile(r"(?:干|做|上班|上|工作|跑|摘|打工|忙|实习)(?:了|满|完|有)?[^，。\d]{0,5}$")
_OWING = re.compile(rf"(?:{DEBT}|停发)[^，。！？\n]{{0,10}}$")
_PAY_AFTER = re.compile(
    rf"^(?:的)?(?:左右|以上|之久)?[^，。]{{0,4}}(?:{WAGE})|^[^，。]{{0,5}}(?:没|未|不)(?:有)?(?:发|开|给|结|付|领|拿|见)|^了?[^，。\d]{{0,6}}一分"
)


@dataclass(frozen=True, slots=True)
class Period:
    months: float | None
    span: tuple[int, int] | None = None
    doubt: str = ""


def period(text: str, found: Sequence[Quantity], pieces: list[Clause]) -> Period:
    """The months owed: what is said of the wages first, then what is said of the work."""
    candidates = list(_ranges(text)) + list(_named(text))
    for quantity in found:
        if candidate := _duration(text, quantity, pieces):
            candidates.append(candidate)
    for half in _HALF_YEAR.finditer(text):
        if weight := _weight(text, half.start(), half.end(), pieces):
            candidates.append((weight, 6.0, half.start(), half.end()))
    if not candidates:
        return Period(None)
    weight, months, start, end = max(candidates, key=lambda c: (c[0], -c[2]))
    if months > MOST:
        return Period(None, None, f"months: {months:g} is more than {MOST:g}")
    return Period(months, (start, end))


def _duration(text: str, quantity: Quantity, pieces: list[Clause]) -> tuple[float, float, int, int] | None:
    if not 0 < quantity.value <= 1000:
        return None
    for unit, worth in ((_MONTHS, 1.0), (_YEARS, 12.0), (_WEEKS, 7 / 30), (_DAYS, 1 / 30)):
        match = unit.match(text, quantity.end)
        if match is None or (unit is _YEARS and quantity.value > 40):
            continue
        weight = _weight(text, quantity.start, match.end(), pieces)
        if weight is None:
            return None
        halves = sum(0.5 for name, value in match.groupdict().items() if name.startswith("half") and value)
        value = quantity.value + (5 if unit is _DAYS and quantity.vague and quantity.value % 10 == 0 else 0)
        return weight, round((value + halves) * worth, 1), quantity.start, match.end()
    return None


def _weight(text: str, start: int, end: int, pieces: list[Clause]) -> float | None:
    clause = pieces[covering(pieces, start)]
    before, after = text[max(clause.start, start - 18) : start], text[end : min(clause.end, end + 16)]
    if _NOT_PERIOD.search(before[-5:]) or _AFTER_NOT.match(after):
        return None
    if _PAY_AFTER.match(after):
        return 5.0
    if _OWING.search(before):
        return 4.0
    if _WORKED.search(before):
        return 2.0
    return None


def _ranges(text: str) -> list[tuple[float, float, int, int]]:
    spans = []
    for match in _RANGE.finditer(text):
        first, last = _month(match["m1"]), _month(match["m2"])
        years = (int(match["y2"][-2:]) - int(match["y1"][-2:])) if match["y1"] and match["y2"] else 0
        gap = last - first + 12 * years
        gap += 12 if gap < 0 and not years else 0
        worked = match["verb"][0] in "干做上工"
        near = text[max(0, match.start() - 14) : match.start()] + "|" + text[match.end() : match.end() + 14]
        pay = re.search(WAGE, near) or re.search(DEBT, near)
        if gap >= 0 and (worked or pay):
            spans.append((3.0 if worked else 4.5, float(gap if worked else gap + 1), match.start(), match.end()))
    return spans


def _named(text: str) -> list[tuple[float, float, int, int]]:
    spans = []
    for match in _LISTED.finditer(text):
        parts = [p for p in re.split(r"[、,，和及]", match[1]) if p]
        spans.append((4.2, float(len(parts) + 1), *match.span()))
    for match in _ONE_MONTH.finditer(text):
        spans.append((3.5, 1.0, *match.span()))
    return spans


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return 10 + (DIGITS[written[1]] if len(written) > 1 else 0) if written[0] == "十" else DIGITS[written]
