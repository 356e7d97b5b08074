"""For how long wages are owed: 五个月工资, 从8月干到11月, 一年半, 12月、11月的. Months; days count a thirtieth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.facts.clauses import WAGE, Clause, covering
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
    rf"(?<![\d至到{_NUMERAL}])((?:(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])\s?(?:月份?[、,，和及]?|[、,，和及])\s?)+)"
    rf"(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])\s?月(?:份)?(?:两个月)?(?:的?[^，。\d]{{0,4}}(?:{WAGE})|(?:都|一直)?(?:没|未)有?[发给])"
)
_MONTH_IN_LIST = re.compile(rf"1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}]")
_ONE_MONTH = re.compile(
    rf"(?<![\d.初至到-])(?<!发)(?<!发了)(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])\s?月(?:份)?的?(?:全部|全月)?(?:工资|薪|提成|派费|绩效)|"
    r"(?<!发)(?<!发了)(?<!每月)(?:上个?月|当月|这个月|本月|上月)(?:的)?(?:工资|薪水)"
)
_NOT_PERIOD = re.compile(
    r"(?:每|第|前|近|试用期|保修|需要|分|押|提前|满|超过|合同|今后|等|等了|再|离(?!职)|还有|休|经过|持续|过了|已过|"
    r"历时|增补|每年发|补偿|赔偿|相当于|固定|讨薪|要了|讨了|(?<![没未不停欠])发(?:放)?了?)[^，。\d]{0,2}$"
)
_AFTER_NOT = re.compile(
    r"^(?:内|后|前|之内|以内|以上|不满|一次|发一次|结一次|的时间|补偿|试用|未休|休息|不到|的固定|的?(?:绩效|"
    r"奖金)?为|的?(?:双倍|最低)|基本生活费|来|的社保|之久)"
)
_WORKED = re.compile(r"(?:干|做|上班|上|工作|跑|摘|打工|忙|实习)(?:了|满|完|有)?[^，。\d]{0,3}$")
_OWED_AT_ONCE = re.compile(r"欠(?:了|着)?$|\d$|[万千元]$")  # years since, unless said of the debt itself
_OWED_AS_LONG = re.compile(r"(?:拖欠|欠薪|欠发)[^，。！？\n]{0,10}(?:已)?(?:长)?达(?:到)?$")
_LEFT = re.compile(r"(?:离职|辞职)(?:了|快|已经?)?$")
_HELD_SOON = re.compile(r"^了?[,，][^。！？\n]{0,10}(?:押着|扣着|不给|没给|拖着|欠)")
_OWED_RIGHT_BEFORE = re.compile(
    r"(?:(?:拖了|拖?欠)(?:薪|工资|了|着|我们?|我的|员工|工人){0,2}|停发|没发工资|\d[万千元块百]?\d?)[^，。\d]{0,1}$"
)
_UNPAID_SOON = re.compile(
    r"^[^。！？!?\n]{0,24}?(?:欠|没有?[拿领收见]|未收到|没有[发给结]|没发|没给(?![^，。]{0,4}(?:买|交|签|办))|没结|未[发付给结](?![^，。]{0,4}(?:买|"
    r"交|签|办))|一分|不[给发结](?![^，。]{0,4}(?:买|交|签|办))|不认账|只剩|拖)"
)
_PAY_AFTER = re.compile(
    rf"^(?:的)?(?:左右|之久)?(?:全部|基本|务工|工程)?(?:{WAGE})(?!标准|卡|表|总|拿了|发了|发放)|"
    rf"^(?:的)?(?!讨|要|催)[\u4e00-\u9fa5]{{0,2}}(?:{WAGE})(?:没|未|不|拖|至今|一直|还)|"
    rf"^[^，。]{{0,3}}(?:没|未|不)(?:有|能)?(?:发|开|给|结|付|领|拿|见[到过]?(?:钱|工资|"
    rf"一分))(?!到[^，。]{{0,4}}承包)(?![^，。]{{0,5}}(?:承包|买|交|缴|签|办))|^了?[^，。\d]{{0,6}}一分"
)
_PAY_SOON = re.compile(
    rf"的?[\u4e00-\u9fa5]{{0,6}}?(?:{WAGE})|[，,]?[^，。（）()]{{0,10}}?(?:拖欠|未发|没发|欠付|欠发|不发|没给)"
)
_OWED_BEFORE_RANGE = re.compile(r"(?:拖欠|欠发|欠付|未发|没发)[^，。！？\n]{0,12}$|工资\d[\d.]*元[（(]$")
_LONG = re.compile(r"(?<!半)年")  # worked for years: the wages owed are not for all of them
_IN_A_YEAR = re.compile(r"[0〇零一二三四五六七八九]")  # 二0一五年
_DAY = re.compile(r"\d[日号]")
_MONTH_NAME = re.compile(rf"(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月|[上当这本]个?月")
_WHOLE_YEAR = re.compile(rf"全年的?(?:{WAGE})|一整年的?(?:{WAGE})")


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
        if weight := _weight(text, half.start(), half.end(), pieces, False):
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
        if match is None:
            continue
        if unit is _YEARS and (
            quantity.value > 40 or _IN_A_YEAR.search(text[max(0, quantity.start - 1) : quantity.start])
        ):
            return None
        weight = _weight(text, quantity.start, match.end(), pieces, unit in (_DAYS, _WEEKS))
        if weight is None:
            return None
        halves = sum(0.5 for name, value in match.groupdict().items() if name.startswith("half") and value)
        value = quantity.value + (5 if unit is _DAYS and quantity.vague and quantity.value % 10 == 0 else 0)
        return weight, round((value + halves) * worth, 1), quantity.start, match.end()
    return None


def _weight(text: str, start: int, end: int, pieces: list[Clause], days: bool) -> float | None:
    """How much speaks for a time that wages are owed for; None: it is another time."""
    index = covering(pieces, start)
    clause = pieces[index]
    before, after = text[max(clause.start, start - 18) : start], text[end : min(clause.end, end + 16)]
    if _NOT_PERIOD.search(before[-6:]) or _AFTER_NOT.match(after):
        return None
    if _PAY_AFTER.match(after) and not _LEFT.search(before):
        return None if days else 5.0
    owed = _OWED_RIGHT_BEFORE.search(before)
    if owed and _LONG.search(text[start:end]) and not _OWED_AT_ONCE.search(before):
        return None
    if owed or (not _LONG.search(text[start:end]) and _OWED_AS_LONG.search(before)):
        return None if days else 4.0
    if _WORKED.search(before) and not _LONG.search(text[start:end]) and _UNPAID_SOON.search(text[end : end + 40]):
        return 2.0
    if _LEFT.search(before) and _HELD_SOON.search(text[end : end + 20]):
        return 1.5
    return None


def _ranges(text: str) -> list[tuple[float, float, int, int]]:
    spans = []
    for match in _RANGE.finditer(text):
        first, last = _month(match["m1"]), _month(match["m2"])
        years = (int(match["y2"][-2:]) - int(match["y1"][-2:])) if match["y1"] and match["y2"] else 0
        gap = last - first + 12 * years
        gap += 12 if gap < 0 and not years else 0
        if gap < 0 or _DAY.search(match[0]):
            continue
        worked = match["verb"][0] in "干做上工"
        if worked and _UNPAID_SOON.search(text[match.end() : match.end() + 60]):
            spans.append((3.0, float(gap), *match.span()))
        elif not worked and (
            _PAY_SOON.match(text, match.end()) or _OWED_BEFORE_RANGE.search(text[: match.start()][-24:])
        ):
            spans.append((4.5, float(gap + 1), *match.span()))
    return spans


def _named(text: str) -> list[tuple[float, float, int, int]]:
    """Months by name: 12月、11月的, 11月工资, 2016年全年工资."""
    spans: list[tuple[float, float, int, int]] = []
    spans += [(4.2, float(len(_MONTH_IN_LIST.findall(m[1])) + 1), *m.span()) for m in _LISTED.finditer(text)]
    single = list(_ONE_MONTH.finditer(text))
    if single:
        pay = [match for match in single if "工资" in match[0]] or single
        distinct = {_MONTH_NAME.search(match[0])[0] for match in pay if _MONTH_NAME.search(match[0])}  # type: ignore[index]
        spans.append((3.5, float(max(1, len(distinct))), *single[0].span()))
    spans += [(4.0, 12.0, *match.span()) for match in _WHOLE_YEAR.finditer(text)]
    return spans


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return 10 + (DIGITS[written[1]] if len(written) > 1 else 0) if written[0] == "十" else DIGITS[written]
