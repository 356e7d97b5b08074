"""Months by the calendar: from 8月 to 11月, 12月、11月, the third quarter, all of 2016. Knows how they are written.

Each is a candidate with its first signs; what else speaks for it is weighed in periods.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.facts.clauses import UNPAID, WAGE
from monitor.facts.numerals import DIGITS

MOST = 240.0  # months; beyond twenty years it is a slip
LONGEST = 240  # characters of a list of months

_NUMERAL = "一二三四五六七八九十"
_M = rf"(?P<{{0}}>1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月(?:份)?(?:\d{{{{1,2}}}}[日号])?"
_DATE = r"(?:(?P<{0}>(?:19|20)\d{{2}}|\d{{2}})年|[去今前当]年)?(?:度)?的?\s?"
_RANGE = re.compile(
    r"(?:从|自)?" + _DATE.format("y1") + _M.format("m1").replace("{{", "{").replace("}}", "}")
    + r"\s?(?P<link>起|一直|开始|,|，)?\s?(?P<verb>(?:干|做|上班|工作|欠|拖)?(?:到|至)|-|—|–|~|～)\s?(?:了)?"
    + _DATE.format("y2") + _M.format("m2").replace("{{", "{").replace("}}", "}")
)  # fmt: skip
_DOTTED = re.compile(
    r"(?<![\d.])(?P<y1>(?:19|20)\d\d)[./](?P<m1>1[0-2]|0?[1-9])\s?(?:到|至|-|—|–|~|～)\s?"
    r"(?P<y2>(?:19|20)\d\d)[./](?P<m2>1[0-2]|0?[1-9])(?![\d.])"
)
_SHORT_RANGE = re.compile(
    rf"(?<![\d月{_NUMERAL}])(?P<m1>1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])\s?(?:到|至|-|—|–|~|～)\s?"
    rf"(?P<m2>1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月(?:份)?(?!\d)"
)
_QUARTER = re.compile(
    rf"(?:第?[一二三四1-4]|[上这本]个?|(?:最后)?一个|末)季度(?:的?[^，。]{{0,4}}(?:{WAGE})|[^，。]{{0,6}}(?:{UNPAID}))|[上下]半年的?[^，。]{{0,4}}(?:{WAGE})"
)
_YEARS_LISTED = re.compile(rf"(?:20\d\d年?度?\s?[、,，和及]\s?){{1,12}}20\d\d年度?的?(?:全年)?(?:{WAGE})(?!差额)")
_YEAR_IN_LIST = re.compile(r"20\d\d")
_TWO_RUNNING = re.compile(
    r"上个?月(?:份)?[和、及跟与]?(?:以及)?(?:这个?月|本月|当月)|本月[和、及]上个?月|[上]{2}个?月[和、及]上个?月"
)
_SINCE_UNTIL = re.compile(
    rf"(?:从|自)?(?:(?P<y1>20\d\d)年|[去今前当]年)?(?P<m1>1[0-2]|0?[1-9]|十[一二]?|[{_NUMERAL}])月(?:份|初|(?:0?1|一)[日号])?(?:起|开始|以来)"
    rf"[^。！？\n]{{1,50}}?(?:截止到?|截至|至|到)(?:(?P<y2>20\d\d)年|[去今前当同次翌]年)?"
    rf"(?P<m2>1[0-2]|0?[1-9]|十[一二]?|[{_NUMERAL}])月(?:份|底|末|(?:2[89]|3[01])[日号])?(?!\d)"
)
_YEAR_BEFORE = r"(?:(?:20\d\d|\d\d|[去今前当])年)?"
_ANY_MONTH = rf"(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])"
_LISTED = re.compile(
    rf"(?<![\d至到\-—{_NUMERAL}])(?P<list>(?:{_YEAR_BEFORE}{_ANY_MONTH}\s?(?:月份?[、,，和及与/\s]?|[、,，和及与/.])\s?){{1,14}}{_YEAR_BEFORE}{_ANY_MONTH}\s?月)(?:份)?"
    rf"(?P<tail>(?:这?[二两三四五六]个月)?(?:的?[^，。\d]{{0,4}}(?:{WAGE}|钱)|[^，。\d]{{0,5}}(?:{UNPAID}|[扣拖欠][着了欠])))?"
)
_YEAR_NAMED = re.compile(r"(?:20\d\d|\d\d|[去今前当])年")
_MONTH_SUMS = re.compile(
    rf"(?:(?<![\d{_NUMERAL}]){_ANY_MONTH}月份?的?(?:工资)?(?:为|是|:|：)?\s?\d[\d,.]*元?(?:[、,，;；和及]\s?)?){{2,14}}"
)
_MONTH_IN_LIST = re.compile(rf"1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}]")
_ONE_MONTH = re.compile(
    rf"(?<![\d.初至到-])(?<!发)(?<!发了)(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])\s?月(?:份)?的?(?:全部|全月)?(?:工资|薪|提成|派费|绩效|工?钱|单钱)|"
    r"(?:第(?:[一二三四五六七八九十]|\d)|头一?)个月的?(?:工资|薪水)|"
    r"(?<!发)(?<!发了)(?<!每月)(?:上个?月|当月|这个月|本月|上月)(?:份)?的?[\u4e00-\u9fa5]{0,2}(?:工资|薪水|钱|派费|提成)"
)
_PAY_SOON = re.compile(
    rf"的?[\u4e00-\u9fa5]{{0,6}}?(?:{WAGE})|[，,]?[^，。（）()]{{0,10}}?(?:拖欠|未发|没发|欠付|欠发|不发|没给)"
)
_OWED_BEFORE_RANGE = re.compile(r"(?:拖欠|欠发|欠付|未发|没发)[^，。！？\n]{0,12}$|工资\d[\d.]*元[（(]$")
_OWED_BEFORE_LIST = re.compile(rf"(?:拖?欠|支付|应付|补发|{UNPAID})[^。！？\n]{{0,12}}$")
_WHOLE_MONTHS = re.compile(r"月0?1[日号].*(?:2[89]|3[01])[日号]")  # from a first to a last
_RUN = re.compile(r"(?P<run>[一二三四五六七八九十]{2,4}?)(?P<count>[二两三四])个月")  # 七八九三个月
_PAIR_NAMED = re.compile(
    rf"(?<![{_NUMERAL}十])(?:一二|二三|三四|四五|五六|六七|七八|八九|九十)月份?(?:的?[^，。\d]{{0,3}}(?:{WAGE})|都?(?:{UNPAID}))"
)
_DAY = re.compile(r"\d[日号]")
_MONTH_NAME = re.compile(rf"第[\d{_NUMERAL}]个月|(?:1[0-2]|[1-9]|十[一二]?|[{_NUMERAL}])月|[上当这本]个?月")
_WHOLE_YEAR = re.compile(rf"全年的?(?:{WAGE})|一整年的?(?:{WAGE})")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A time that wages may be owed for, in months, and the signs for and against it."""

    months: float
    start: int
    end: int
    signs: frozenset[str]


_LINK = re.compile(r"[到至~～—–-]")  # 8月到11月
_JOINT = re.compile(rf"[、,，和及与/.]|月份?\s?[\d{_NUMERAL}]")  # 8月、9月; 8月9月


def _near_months(pattern: re.Pattern[str], text: str, joint: re.Pattern[str], before: int) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins at most `before` characters before a 月 with a `joint` beside it.

    What finditer gives, at a fraction of the search: most months of a text stand in no range and in no list.
    """
    at, position = text.find("月"), 0
    while at >= 0:
        if at >= position and joint.search(text, max(position, at - 6), at + 14):
            match = pattern.search(text, max(position, at - before), at + LONGEST)
            if match and match.start() <= at:
                yield match
                position = match.end()
        at = text.find("月", at + 1)


def ranges(text: str) -> list[Candidate]:
    found = []
    for match in _near_months(_RANGE, text, _LINK, 16):
        first, last = _month(match["m1"]), _month(match["m2"])
        years = _year(match["y2"]) - _year(match["y1"]) if match["y1"] and match["y2"] else 0
        gap = last - first + 12 * years
        gap += 12 if gap < 0 and not years else 0
        if gap < 0 or (_DAY.search(match[0]) and not _WHOLE_MONTHS.search(match[0])):
            continue
        worked = match["verb"][0] in "干做上工"
        signs = _of_pay(text, match) | {"range"}
        if worked:
            signs = signs - {"range pay"} | {"range worked"}
        found.append(Candidate(float(gap if worked else gap + 1), *match.span(), frozenset(signs)))
    return found + _written_short(text)


def _of_pay(text: str, match: re.Match[str]) -> set[str]:
    """Whether pay follows a range of months at once, or a debt leads up to it."""
    signs = {"range pay"} if _PAY_SOON.match(text, match.end()) else set()
    return signs | ({"range owed"} if _OWED_BEFORE_RANGE.search(text[: match.start()][-24:]) else set())


def _written_short(text: str) -> list[Candidate]:
    """2013.9至2013.12, 3-5月, 第四季度."""
    found = []
    patterns = [_DOTTED, _SHORT_RANGE] + ([_SINCE_UNTIL] if "起" in text or "开始" in text or "以来" in text else [])
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        named = match.groupdict()
        years = int(named["y2"]) - int(named["y1"]) if named.get("y1") and named["y2"] else 0
        gap = _month(named["m2"].lstrip("0")) - _month(named["m1"].lstrip("0")) + 12 * years
        gap += 12 if gap < 0 and not named.get("y1") and "y1" in named else 0
        signs = _of_pay(text, match) | ({"range", "since until"} if match.re is _SINCE_UNTIL else {"range"})
        if 0 < gap < MOST:
            found.append(Candidate(float(gap + 1), *match.span(), frozenset(signs)))
    quarter = frozenset({"quarter"})
    if "季度" not in text and "半年" not in text:
        return found
    return found + [Candidate(6.0 if "半年" in m[0] else 3.0, *m.span(), quarter) for m in _QUARTER.finditer(text)]


def named(text: str) -> list[Candidate]:
    """Months by name: 12月、11月的, 11月工资, 2016年全年工资."""
    found = [
        Candidate(float(len(_MONTH_IN_LIST.findall(_YEAR_NAMED.sub("", m["list"])))), *m.span(), frozenset({"listed"}))
        for m in _near_months(_LISTED, text, _JOINT, 48)
        if m["tail"] or _OWED_BEFORE_LIST.search(text, max(0, m.start() - 16), m.start())
    ]
    found += [
        Candidate(float(len(set(_MONTH_NAME.findall(m[0])))), *m.span(), frozenset({"listed", "sums of months"}))
        for m in _MONTH_SUMS.finditer(text)
    ]
    pairs = (*_TWO_RUNNING.finditer(text), *_PAIR_NAMED.finditer(text))
    found += [Candidate(2.0, *m.span(), frozenset({"listed", "two running"})) for m in pairs]
    single = list(_ONE_MONTH.finditer(text))
    if single:
        pay = [match for match in single if "工资" in match[0]] or single
        distinct = {_MONTH_NAME.search(match[0])[0] for match in pay if _MONTH_NAME.search(match[0])}  # type: ignore[index]
        sign = "one month" if len(distinct) > 1 else "single month"
        if (
            sign == "one month" or "几个月" not in text
        ):  # 现在都几个月了, 11月的工资还没发: of how many, it does not say
            found.append(Candidate(float(max(1, len(distinct))), *single[0].span(), frozenset({sign})))
    found += [
        Candidate(12.0 * len(_YEAR_IN_LIST.findall(m[0])), *m.span(), frozenset({"listed", "years listed"}))
        for m in _YEARS_LISTED.finditer(text)
    ]
    found += [Candidate(12.0, *match.span(), frozenset({"whole year"})) for match in _WHOLE_YEAR.finditer(text)]
    found += [
        Candidate(float(len(match["run"])), *match.span(), frozenset({"listed", "run"}))
        for match in _RUN.finditer(text)
        if _month(match["count"]) == len(match["run"]) and match["run"] in _NUMERAL  # no 四十二个月
    ]
    return found


def _year(written: str) -> int:
    """98 and 1998 are 1998, 18 and 2018 are 2018."""
    year = int(written)
    return year if year > 99 else year + (1900 if year > 50 else 2000)


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return 10 + (DIGITS[written[1]] if len(written) > 1 else 0) if written[0] == "十" else DIGITS[written]
