"""For how long wages are owed: 五个月工资, 从8月干到11月, 一年半, 12月、11月的. Months; days count a thirtieth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.facts import choice
from monitor.facts.clauses import DEBT, UNPAID, WAGE, Clause, covering
from monitor.facts.months_named import MOST, Candidate, ranges
from monitor.facts.months_named import named as by_name
from monitor.facts.numerals import Quantity, numbers

EARLY = 40  # characters in which a text says what it is about

_MONTHS = re.compile(
    r"(?<=[俩仨两])月(?!\d)|\s*(?:多|来|余|几)?个(?:多)?(?P<half>半)?(?:多)?月(?:份)?(?P<half2>半)?(?:多)?"
)
_YEARS = re.compile(r"\s*(?:多|余)?(?:周)?年(?P<half>半)?(?:多)?(?!前|底|后|终|初|级|月|\d(?!\d?个))")
_DAYS = re.compile(r"\s*(?:多|余|来)?(?:天|日)(?!内|后|前|起|薪|常|，?内)")
_WEEKS = re.compile(r"\s*(?:个)?(?:星期|周|礼拜)(?!内|前|后|年)")
_HALF_YEAR = re.compile(r"(?<![上下前后一二两三四五六七八九十\d年])大?半年(?!度)")
_NEAR_PAY = re.compile(rf"{WAGE}|钱|差|元|块|{DEBT}|没|未|分文")
_QUARTERS = re.compile(r"\s*个季度")
_ODD_MONTHS = re.compile(r"(?:零|又|加|多)?(1[01]|[1-9]|十一?|[两一二三四五六七八九])个(?P<half>半)?月")
_ODD_DAYS = re.compile(r"(?:零|又|加)?(\d{1,2}|二?十[一二三四五六七八九]?|[一二三四五六七八九])天")
_GOT = re.compile(r"(?:领到?|拿到?|[发结]了?|给了?)(?:了|过)?$|只[发给领拿结][^，。]{0,2}$")
_GOT_BETWEEN = re.compile(
    r"[，,]?(?:老板|公司|他|她|单位|厂里)?(?:总共|一共|前后|就|才|只|仅|已)*(?:给?[发给领拿结付])(?:了|过|到|给)*(?:我们?|大家)?(?:前|头|前面|其中)?(?:的)?"
)
_EVERY = re.compile(r"每个?月|每次")
_NOT_PERIOD = re.compile(
    r"(?:每|第|前|试用期|保修|需要|分|提前|(?<![做干上作])满|超过|合同|今后|等|等了|再|离(?!职)|还有|休|经过|持续|过了|已过|"
    r"历时|增补|每年发|补偿|赔偿|相当于|固定|讨薪|要了|讨了|(?<![没未不停欠少予])发(?:放)?了?)[^，。\d:：]{0,2}$"
)
_LEFT_OVER = re.compile(r"(?:还有|另有|前的?)[^，。\d:：每]{0,2}$")
_A_RATE_AFTER = re.compile(r"\s?(?:才|就|只有?|给|是|有)?(?:\d{3,}|[一二两三四五六七八九][千百]|能拿|工资\d)")
_A_RATE_BEFORE = re.compile(r"(?:\d{3,}|[千百][一二两三四五六七八九]?)(?:元|块|多)*(?:钱)?$")
_AFTER_NOT = re.compile(
    r"^(?:内|后|前|之内|以内|以上|不满|一次|发一次|结一次|的时间|补偿|试用|未休|休息|不到|的固定|的?(?:绩效|"
    r"奖金)?为|的?(?:双倍|最低)|基本生活费|来|的社保)"
)
_WORKED = re.compile(r"(?:干|做|上班|上|工作|跑|摘|打工|忙活?|实习|上岗|辛苦|熬)(?:了|满|完|有)?[^，。\d]{0,3}$")
_OWED_AT_ONCE = re.compile(r"欠(?:了|着)?$|\d$|[万千元]$")  # years since, unless said of the debt itself
_OWED_AS_LONG = re.compile(r"(?:拖欠|欠薪|欠发)[^，。！？\n]{0,10}(?:已)?(?:长)?达(?:到)?$")
_AS_LONG_AS = re.compile(r"(?:拖欠|欠薪|欠发|欠付)[^。！？\n]{0,40}[^到]长?达(?:到|近|约|将近)?$")
_DID = re.compile(r"了$|整整$|到现在$|至今$|辛苦苦?$")  # 看了半年仓库,钱没有给过
_FOR_NOTHING = re.compile(
    r"^[^。！？\n]{0,24}?(?:一分|一毛|一厘|分文|一个子|白条|泡汤|倒贴|没有?[给发结]过|未[给发结]过|工资一直[没未])"
)
_WAGE, _DEBT = re.compile(WAGE), re.compile(DEBT)
_CALENDAR = re.compile(r"月|季度|半年|全年|整年|20\d\d")
_HABIT = re.compile(
    r"最[长久]的?一[次回]|有[一几]?[次回时]|规定|入职时|刚入职|每(?:个|次)?月(?:都|就)?(?:要|得|会|是)?[拖晚押压]|(?:一般|经常|总是|总要|都要|每次|往往|要)(?:都)?(?:晚|拖|推迟|滞后|延)|"
    r"一拖就是|滞后|推迟到|才(?:发|能拿|能领)"
)
_LEFT = re.compile(r"(?:离职|辞职)(?:了|快|已经?)?$")
_HELD_SOON = re.compile(r"^了?[,，][^。！？\n]{0,10}(?:押着|扣着)")
_OWED_RIGHT_BEFORE = re.compile(
    r"(?:(?:拖了|拖?欠)(?:薪|工资|了|着|我们?|我的|员工|工人){0,2}|停发|没发工资|\d[万千元块百]?\d?)[^，。\d]{0,1}$"
)
_UNPAID_SOON = re.compile(rf"^[^。！？!?\n]{{0,24}}?(?:欠|{UNPAID}|一分|不认账|只剩|拖)")
_PAY_AFTER = re.compile(
    rf"^(?:的)?(?:左右|之久)?(?:全部|基本|务工|工程)?(?:{WAGE})(?!标准|卡|表|总|拿了|发了|发放)|"
    rf"^(?:的)?(?!讨|要|催)[\u4e00-\u9fa5]{{0,2}}(?:{WAGE})(?:没|未|不|拖|至今|一直|还)|"
    rf"^[^，。]{{0,3}}(?:{UNPAID})(?!到[^，。]{{0,4}}承包)(?![^，。]{{0,5}}(?:承包|买|交|缴|签|办))|"
    r"^了?[^，。\d]{0,6}一分"
)
MANY = 60  # times that are weighed; a text with more is a calendar
_LONG = re.compile(r"(?<!半)年")  # worked for years: the wages owed are not for all of them
_IN_A_YEAR = re.compile(r"[0〇零一二三四五六七八九]")  # 二0一五年


_LATELY = re.compile(r"(?:最近|近)的?$")
_SINCE = re.compile(r"^(?:多)?了|^(?:过去|之久|以来|至今)")
_WORD_BEFORE = re.compile(
    r"(?:欠|拖欠|拖|押|压|扣|差|少发|停发|没发|没给|不发|未发|还有|剩)(?:了|着|我|我们|员工|工人|工资|薪|大家|他们)*(?:整整|足足|将近|近|约|大概|达|长达)?$"
)
_UNPAID = re.compile(r"没|未|不|欠|拖|白[干做]|分文|一分")
_OTHER_TIME = re.compile(
    r"试用|仲裁|官司|开庭|离职|辞职|完工|倒闭|停工|停产|成立|等了|讨薪|上访|过年|合同|保修|住院|怀孕|入职"
)
_BENEFIT = re.compile(r"房租|租金|水电|房贷|月供|学费|社保|医保|公积金|补偿|赔偿|生活费|双倍|补助|补贴|增补")
_BARE_MONTHS = re.compile(r"\s?月(?=之久|有余|不等|没|未)")  # 达3月之久, 近4月没发
_STRETCH = re.compile(r"(?:达|近|约|已|整整|足足)$")
_UNITS = ((_MONTHS, 1.0), (_BARE_MONTHS, 1.0), (_QUARTERS, 3.0), (_YEARS, 12.0), (_WEEKS, 7 / 30), (_DAYS, 1 / 30))
_UNIT_NAMES = {
    id(_MONTHS): "months", id(_BARE_MONTHS): "months", id(_QUARTERS): "months",
    id(_YEARS): "years", id(_WEEKS): "weeks", id(_DAYS): "days",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    months: float | None
    span: tuple[int, int] | None = None
    doubt: str = ""


def period(text: str, found: Sequence[Quantity], pieces: list[Clause]) -> Period:
    """The months owed: the likeliest of all the times the text names, if it is likely enough."""
    model = choice.weights("months")
    named = candidates(text, found, pieces)
    shares = model.shares([each.signs for each in named])
    total = choice.by_value([each.months for each in named], shares)
    if not named or max(total.values()) < model.least:
        return Period(None)
    _, best = max(zip(shares, named, strict=True), key=lambda pair: (total[pair[1].months], pair[0], -pair[1].start))
    if best.months > MOST:
        return Period(None, None, f"months: {best.months:g} is more than {MOST:g}")
    return Period(best.months, (best.start, best.end))


def candidates(text: str, found: Sequence[Quantity], pieces: list[Clause]) -> list[Candidate]:
    """Every time in `text` that is as long as wages can be owed, with its signs."""
    listed = [*ranges(text), *by_name(text)] if _CALENDAR.search(text) else []
    spoken = [each for quantity in found if (each := _duration(text, quantity)) is not None]
    spoken += _left_of(text, spoken)
    spoken += [Candidate(6.0, *half.span(), frozenset({"half a year"})) for half in _HALF_YEAR.finditer(text)]
    listed += [each for each in spoken if _NEAR_PAY.search(text, max(0, each.start - 48), each.end + 48)]
    listed = [each for each in listed if "range" in each.signs or not _another(text, each)]
    listed = listed[: 2 * MANY]
    listed = [each for each in listed if not any(_inside(each, other) for other in listed)]
    listed = list({(each.start, each.end): each for each in reversed(listed)}.values())[::-1]
    whole = {f"{min(len(listed), 4)} times", "short text" if len(text) <= 240 else "long text"}
    values = [each.months for each in listed]
    seen = choice.Seen("months", text)
    return [
        replace(
            each,
            signs=each.signs
            | whole
            | _around(text, each, pieces, seen)
            | ({"said twice"} if values.count(each.months) > 1 else set()),
        )
        for each in listed[:MANY]
    ]


def _another(text: str, each: Candidate) -> bool:
    """每三个月, 三个月后, 试用期三个月: a time of something else."""
    before, after = text[max(0, each.start - 6) : each.start], text[each.end : each.end + 16]
    left = _LEFT_OVER.search(before) and _PAY_AFTER.match(after)  # 还有两个月工资没给, 离职前三个月的工资
    if each.months == 1 and (_A_RATE_AFTER.match(after) or _A_RATE_BEFORE.search(before)):
        return True  # 2200一个月, 一个月三千
    if after.startswith("后") and _WORD_BEFORE.search(text[max(0, each.start - 10) : each.start]):
        return False  # 欠了八个月后
    return bool((_NOT_PERIOD.search(before) and not left) or _AFTER_NOT.match(after))


def _inside(one: Candidate, other: Candidate) -> bool:
    """三个月 in 7、8、9三个月: said already; 12月工资 after 从7月到."""
    if "single month" in one.signs and "range" in other.signs and other.start <= one.start < other.end:
        return True
    return (
        other is not one
        and other.start <= one.start
        and one.end <= other.end
        and other.end - other.start > one.end - one.start
    )


def _duration(text: str, quantity: Quantity) -> Candidate | None:
    if not 0 < quantity.value <= 1000:
        return None
    for unit, worth in _UNITS:
        match = unit.match(text, quantity.end)
        if match is None:
            continue
        name = _UNIT_NAMES[id(unit)]
        before = text[max(0, quantity.start - 1) : quantity.start]
        if name == "years" and (quantity.value > 40 or _IN_A_YEAR.search(before)):
            return None
        if unit is _BARE_MONTHS and not _STRETCH.search(text, max(0, quantity.start - 2), quantity.start):
            return None
        if (name == "days" and before == "月") or (name == "years" and before in "上下前后" and before):
            return None  # 7月31日, 下半年
        end = match.end()
        halves = sum(0.5 for part, value in match.groupdict().items() if part.startswith("half") and value)
        value = quantity.value + (5 if name == "days" and quantity.vague and quantity.value % 10 == 0 else 0)
        more, end = _odd(text, end, name) if not halves else (0.0, end)
        value += more
        signs = (
            {f"in {name}"}
            | ({"vague"} if quantity.vague or "多" in match[0] else set())
            | ({"halves"} if halves or more else set())
        )
        return Candidate(round((value + halves) * worth, 1), quantity.start, end, frozenset(signs))
    return None


def _left_of(text: str, spoken: list[Candidate]) -> list[Candidate]:
    """做了十一个月, 发了六个月; 干了四个月只拿到头一个月的: what is left of one time after another."""
    found = []
    for one, other in pairwise(spoken):
        if one.months > other.months and _GOT_BETWEEN.fullmatch(text, one.end, other.start):
            found.append(Candidate(round(one.months - other.months, 1), one.start, other.end, frozenset({"left of"})))
    return found


def _odd(text: str, end: int, name: str) -> tuple[float, int]:
    """What follows and belongs to it, in its own unit: 10天 of 两个月零10天, 两个月 of 一年零两个月."""
    pattern, part = (_ODD_DAYS, 30) if name == "months" else (_ODD_MONTHS, 12)
    odd = pattern.match(text, end) if name in ("months", "years") else None
    if odd is None or not (rest := numbers(odd[1])):
        return 0.0, end
    half = 0.5 if name == "years" and odd["half"] else 0.0
    share = (rest[0].value + half) / part
    return (round(share, 1) if name == "months" else share), odd.end()


def _by_rule(before: str, after: str, said: str, soon: str) -> str:
    """What the plain rules make of a time: pay said right after it, owed right before it, worked for nothing."""
    years = bool(_LONG.search(said))
    if _PAY_AFTER.match(after) and not _LEFT.search(before):
        return "ruled pay"
    owed = _OWED_RIGHT_BEFORE.search(before)
    if owed and years and "半" not in said and not _OWED_AT_ONCE.search(before):
        return "ruled since"
    if owed or (not years and _OWED_AS_LONG.search(before)):
        return "ruled owed"
    if _WORKED.search(before) and not years and _UNPAID_SOON.search(soon):
        return "ruled worked"
    return "ruled left" if _LEFT.search(before) and _HELD_SOON.search(soon[:20]) else "unruled"


def _around(text: str, each: Candidate, pieces: list[Clause], seen: choice.Seen) -> set[str]:
    """Signs of what stands before and after a time, in its clause and beside it."""
    index = covering(pieces, each.start)
    clause = pieces[index]
    before, after = (
        text[max(clause.start, each.start - 18) : each.start],
        text[each.end : min(clause.end, each.end + 16)],
    )
    last, following = pieces[index - 1].text if index else "", pieces[index + 1].text if index + 1 < len(pieces) else ""
    soon = text[each.end : each.end + 40]
    searched = (
        ("lately", _LATELY, before), ("word before", _WORD_BEFORE, before),
        ("owed right before", _OWED_RIGHT_BEFORE, before),
        ("owed at once", _OWED_AT_ONCE, before), ("owed as long", _OWED_AS_LONG, before), ("worked", _WORKED, before),
        ("left", _LEFT, before), ("held soon", _HELD_SOON, soon), ("unpaid soon", _UNPAID_SOON, soon),
        ("wage before", _WAGE, before), ("wage after", _WAGE, after), ("debt before", _DEBT, before),
        ("debt after", _DEBT, after), ("unpaid after", _UNPAID, after), ("unpaid next", _UNPAID, following[:12]),
        ("wage last", _WAGE, last[-16:]), ("debt last", _DEBT, last[-16:]), ("wage next", _WAGE, following[:12]),
        ("other time", _OTHER_TIME, f"{before}，{after[:8]}"), ("benefit", _BENEFIT, f"{before}，{after}"),
        ("got", _GOT, before), ("every", _EVERY, clause.text), ("pay after", _PAY_AFTER, after),
        ("since", _SINCE, after),
    )  # fmt: skip
    shown = {name for name, pattern, where in searched if pattern.search(where)} | set(each.signs)
    shown |= seen.around({"before": before, "after": after, "last": last[-24:], "next": following[:20]})
    shown |= {name for name, said in (("early", each.start < EARLY), ("alone", not before and not after)) if said}
    ruled = _by_rule(before, after, text[each.start : each.end], soon)
    if ruled == "unruled" and shown & {"owed it", "unpaid pay"} and ("in years" not in shown or "halves" in shown):
        ruled = "ruled owed"
    if {"until now", "from on"} <= shown:
        ruled = "ruled owed"  # 从3月起就没发过,到现在7个月了
    if {"single month", "unpaid at once"} <= shown:
        ruled = "ruled owed"  # 11月工资拖到现在
    if each.months < 12 and _AS_LONG_AS.search(text, max(0, each.start - 48), each.start):
        ruled = "ruled owed"
    if _FOR_NOTHING.search(soon) and _DID.search(before) and (each.months < 12 or "stretch" in shown):
        ruled = "ruled worked"
    paid = "issued" in shown and not shown & {"unpaid pay", "unpaid at once", "unpaid after"}  # 只发了一个月工资
    if _ruled_by_rest(shown) and not _HABIT.search(clause.text):
        ruled = "ruled rest"
    paid = paid or bool(
        shown & {"rent before", "rent", "was paid after", "only claimed", "claiming for"} and ruled != "ruled rest"
    )
    if paid or ("no result" in shown and "wage after" not in shown) or _HABIT.search(clause.text):
        ruled = "unruled"
    if shown & _NAMED or ruled not in ("ruled since", "unruled") or _worked_for_nothing(text, each):
        shown.add("rule")
    shown.add(ruled)
    shown.add("long" if each.months > 12 else "year" if each.months == 12 else "short" if each.months < 1 else "months")
    return shown | {f"{kind}: {sign}" for kind in shown & _KINDS for sign in shown & _TELLING}


def _ruled_by_rest(shown: set[str]) -> bool:
    """其余四个月都欠着, 裁决支付三个月工资, 干了四个月只拿到头一个月的: what is left or awarded of a longer time."""
    unpaid = shown & {"unpaid after", "unpaid soon", "debt after", "unpaid at once", "unpaid next to"}
    awarded = "judged so" in shown and shown & {"wage after", "pay after", "sum after"}
    return bool(("the rest" in shown and unpaid) or awarded or "left of" in shown)


def _worked_for_nothing(text: str, each: Candidate) -> bool:
    return "range worked" in each.signs and bool(_UNPAID_SOON.search(text[each.end : each.end + 60]))


_NAMED = {"range pay", "range owed", "one month", "whole year", "listed", "quarter", "since until"}
_KINDS = {"in months", "in years", "in days", "half a year", "range", "listed", "one month"}
_TELLING = {
    "pay after", "word before", "owed right before", "worked", "unpaid soon", "since", "wage after", "wage before",
    "unpaid after", "vague", "halves", "unpaid pay", "unpaid at once", "owed it",
}  # fmt: skip
