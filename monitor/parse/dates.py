"""When a post was published, as people on Chinese sites write it. Knows phrases and the calendar; the clock is given.

A time without a zone is Asia/Shanghai (+09:00 in the summers of 1986-1991). What is implausible, or too coarse to name
a day, is None with a reason: a post is never dropped for its date, and no date is better than a wrong one. Where a line
has several dates, that of publishing counts; when somebody answered, or until when one may apply, is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.parse import markup, stamps
from monitor.text import SHANGHAI, aware

EARLIEST = datetime(1994, 1, 1, tzinfo=UTC)  # before the first public web site in China
SLACK = timedelta(minutes=10)  # a clock that goes ahead a little
Rule = Callable[[str, datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Dated:
    """`reason` says which rule read it, or why it is None."""

    moment: datetime | None
    reason: str


def read_date(text: str | int | float | None, *, now: datetime) -> datetime | None:
    """The moment in UTC, or None where it cannot be known. Never raises on any text."""
    return dated(text, now=now).moment


def dated(text: str | int | float | None, *, now: datetime) -> Dated:
    """Like `read_date`, with its reason."""
    now = aware(now)
    moment, rule = understood(text, now=now)
    if moment is None:
        return Dated(None, rule)
    if moment > now + SLACK and rule.endswith("GMT") and moment - timedelta(hours=8) <= now + SLACK:
        moment, rule = moment - timedelta(hours=8), "local time labelled GMT"
    return plausible(moment, rule, now=now)


def plausible(moment: datetime, rule: str, *, now: datetime) -> Dated:
    """A moment that a post can have been published at; one just ahead of `now` is held to it."""
    if moment > now + SLACK:
        return Dated(None, f"implausible: {moment:%Y-%m-%d %H:%M} is in the future")
    if moment < EARLIEST:
        return Dated(None, f"implausible: {moment:%Y-%m-%d} is too old")
    return Dated(min(moment, now).astimezone(UTC), rule)


def understood(text: str | int | float | None, *, now: datetime) -> tuple[datetime | None, str]:
    """What the text says, plausible or not, and the rule that read it."""
    if text is None or isinstance(text, bool):
        return None, "no date"
    words = _tidy(str(text))
    if not words:
        return None, "not understood: no words" if str(text).strip() else "no date"
    local = now.astimezone(SHANGHAI)
    words = _published(_named_years(words, local))
    if found := _first(_EXACT_RULES, words, local):
        return found
    if _COARSE.search(words):
        return None, f"too coarse to name a day: {words[:40]}"
    return _first(_OTHER_RULES, words, local) or (None, f"not understood: {words[:40]}")


def _first(rules: tuple[Rule, ...], words: str, local: datetime) -> tuple[datetime, str] | None:
    """The first rule whose form it is; one whose form stands for no moment in the calendar passes on."""
    for rule in rules:
        try:
            moment = rule(words, local)
            if moment is not None:
                zone = " GMT" if _ZERO_ZONE.search(words) else ""
                return moment.astimezone(UTC), rule.__name__.strip("_") + zone
        except (ValueError, OverflowError, OSError):
            continue
    return None


# ------------------------------------------------------------------ one way of writing
_FULL_WIDTH = str.maketrans(
    "０１２３４５６７８９：／－．\u3000\u00a0–—·‑點時", "0123456789:/-.  --.-点时", "\u200b\u200e\u200f\ufeff"
)
_EXACT = re.compile(r"\b(?:title|datetime|data-time)\s*=\s*[\"']([^\"'<>]*\d[^\"'<>]*)[\"']", re.I)
_TAG = re.compile(r"<[^<>]{0,500}>")
_GLUED = re.compile(r"(\d{4}[-/.]\d{2}[-/.]\d{2})(?=\d{2}:\d{2})")
_ZERO_ZONE = re.compile(r"(?:\bGMT|\bUTC|Z|[+-]00:?00)$")
_CHINESE_YEAR = re.compile(r"[二一][〇○零一二三四五六七八九]{3}(?=年)")
_NUMBER = re.compile(r"[一二两三四五六七八九十]{1,3}(?=[月日号点时分天周]|个?(?:半|小时|钟头|星期))")
_NUMERAL = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2}
_ENGLISH = (
    (re.compile(r"\bjust now\b", re.I), "刚刚"), (re.compile(r"\byesterday\b", re.I), "昨天"),
    (re.compile(r"\ban? (?=\w+ ago\b)", re.I), "1 "),
    (re.compile(r"(\d) ?(?:seconds?|secs?|s) ago\b", re.I), r"\1秒前"),
    (re.compile(r"(\d) ?(?:minutes?|mins?|m) ago\b", re.I), r"\1分钟前"),
    (re.compile(r"(\d) ?(?:hours?|hrs?|h) ago\b", re.I), r"\1小时前"),
    (re.compile(r"(\d) ?(?:days?|d) ago\b", re.I), r"\1天前"),
    (re.compile(r"(\d) ?(?:weeks?|w) ago\b", re.I), r"\1周前"),
)  # fmt: skip


def _tidy(text: str) -> str:
    text = text[:400]
    if "<" in text and (exact := _EXACT.search(text)):
        text = exact[1]
    words = _TAG.sub(" ", markup.unescaped(text)[:200].translate(_FULL_WIDTH))
    words = _GLUED.sub(r"\1 ", re.sub(r"\s+", " ", words).strip())
    words = _CHINESE_YEAR.sub(lambda match: "".join(str(_NUMERAL[sign]) for sign in match[0]), words)
    words = _NUMBER.sub(_below_100, words)
    for english, chinese in _ENGLISH:
        words = english.sub(chinese, words)
    return stamps.with_offsets(words)


def _below_100(match: re.Match[str]) -> str:
    tens, ten, ones = match[0].rpartition("十")
    if not ten and len(ones) > 1:
        return match[0]
    return str((_NUMERAL.get(tens, 1) if ten else 0) * 10 + _NUMERAL.get(ones, 0))


def _named_years(words: str, local: datetime) -> str:
    """去年12月8日 -> 2023年12月8日, 本月3日 -> 2024年12月3日, 民国113年 -> 2024年."""
    years = {"今": 0, "本": 0, "去": 1, "前": 2}
    words = re.sub(r"([今本去前])年(?=\d)", lambda match: f"{local.year - years[match[1]]}年", words)
    last = local.replace(day=1) - timedelta(days=1)
    words = re.sub(r"(?:本月|这个月)(?=\d{1,2}[日号])", f"{local.year}年{local.month}月", words)
    words = re.sub(r"上个?月(?=\d{1,2}[日号])", f"{last.year}年{last.month}月", words)
    return re.sub(r"民[国國](\d{2,3})年", lambda match: f"{int(match[1]) + 1911}年", words)


# ------------------------------------------------------------------ the date of publishing among others
_DAY = r"(?:\d{4} ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2}[日号]?|\d{1,2}(?:-|/|月)\d{1,2}[日号]?|大?前天|[昨今前][天日晚])"
_HOUR = r"(?:[ T]*[上下中]?午? ?\d{1,2}[:点时]\d{0,2}(?:[:分]\d{0,2})?)?"
_MOMENT = rf"(?:{_DAY}{_HOUR}|[\d半]+ ?个?(?:秒钟?|分钟?|小时|天)前|刚刚|\d{{1,2}}:\d{{2}}(?::\d{{2}})?)"
_NEVER = (  # of answers and deadlines: some words only where they stand as a label
    r"(?:(?:最后|最新|最近)(?:发表|更新|活跃|回复|回帖)|回复|回帖|截止|截至|有效期)(?:时间|日期|于|在)?至?"
    r"|(?:答复|回应|评论|办结|办理|到期|报名|活动)(?:(?:时间|日期|于)|(?=\s*[:：]))"
)
_LATER = r"更新|修改|编辑于|修订"
_LABEL = r"(?:时间|日期|于|在)?至?[ :]*"
_ANSWERED = re.compile(rf"(?<!\d)(?<!\d )(?:{_NEVER})[ :]*{_MOMENT}")
_CHANGED = re.compile(rf"(?:{_LATER}){_LABEL}{_MOMENT}")
_SPAN = re.compile(rf"(?<![\d-]){_DAY}{_HOUR} ?(?:至|到|~|～|-{{1,2}}) ?(?:{_DAY}|\d{{1,2}}[日号]){_HOUR}")
_EDITED = re.compile(rf"于 ?{_MOMENT} ?(?:编辑|修改)")


def _published(words: str) -> str:
    """Without the dates of answers, deadlines and spans of days; an edit's date only where there is no other."""
    if not re.search(r"[\u4e00-\u9fa5~～]|\d ?-{1,2} ?\d{4}-", words):
        return words
    words = _ANSWERED.sub(" ", _EDITED.sub(" ", _SPAN.sub(" ", words)))
    without = _CHANGED.sub(" ", words)
    return without if re.search(_MOMENT, without) else words


_PHRASE = re.compile(
    r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:[\sT]*(?:[（(]?(?:星期|周)[一二三四五六日天][)）]?\s*)?(?:[上下]午\s?)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm]\b)?)?"
    r"|(?<![\d/.-])\d{2}[-/]\d{2}(?![\d/-])(?:\s+\d{1,2}:\d{2})?|(?<!\d)\d{1,2}月\d{1,2}日(?:\s*\d{1,2}:\d{2})?"
    r"|(?:昨天|前天|今天)\s*(?:\d{1,2}:\d{2})?"
    r"|(?<!\d)(?:\d{1,5}\s?小时)?(?:\d{1,5}|半)\s?个?(?:秒|分钟|小时|天)前|刚刚"  # \d+ costs the square
)
_BEFORE_OTHERS = re.compile(rf"(?<!\d)(?<!\d )(?:{_NEVER})[\s:：]*$")


def phrases(text: str) -> Iterator[str]:
    """What looks like a date of publishing in running text, in its order, as written."""
    for match in _PHRASE.finditer(text):
        if not _BEFORE_OTHERS.search(text[max(0, match.start() - 12) : match.start()]):
            yield match[0]


# ------------------------------------------------------------------ rules, from the exact to the coarse
_HALF = (
    r"(?P<half>凌晨|清晨|早晨|早上|早间|今晨|晨|早|上午|中午|正午|午间|下午|午后|傍晚|晚上|晚间|晚|深夜|夜里|夜间|夜"
    r"|[AaPp]\.?[Mm]\b\.?)"
)
_WEEKDAY = r"[ ,，]*[（(\[]?(?:星期|周|礼拜)[一二三四五六日天1-6][)）\]]?"
_CLOCK = (
    rf"(?:{_HALF})?\s*(?P<h>\d{{1,2}})\s*(?:[:时点])\s*(?P<m>半|一刻|三刻|\d{{1,2}})?"
    r"(?:\s*[:分]\s*(?P<s>\d{1,2})?)?(?:\.\d+)?\s*(?P<after>[AaPp]\.?[Mm]\b|[上下]午(?!\s*\d))?"
)
_AFTER = re.compile(rf"(?:{_WEEKDAY})?[ T,，]*(?:北京时间)?{_CLOCK}")
_N = r"(\d+(?:\.\d+)?|半)"
_AGO = re.compile(
    rf"(?:(\d+) ?天)?(?:{_N} ?个?(半)? ?(?:小时|钟头))?(?:{_N} ?分钟?)?(?:(\d+) ?秒钟?)?(?<=[天时头分钟秒])"
    r" ?(?:之|以)?前"
)
_WEEKS = re.compile(r"(\d{1,2}) ?个?(?:周|星期)(?:之|以)?前")
_COARSE = re.compile(  # 1年前, 正月: true to a month or a year, and no day may be made of it
    r"[\d半几数] ?个?(?:月|年)(?:之|以)?前|半天(?:之|以)?前|(?:农历|阴历|腊月|正月|冬月)"
)
_DAY_WORD = re.compile(r"(大前天|前天|前日|昨天|昨日|昨晚|昨夜|今天|今日|今早|今晨|今晚)")
_BACK = {"大": 3, "前": 2, "昨": 1, "今": 0}
_FULL = re.compile(r"(?<!\d)(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?!\d) ?[日号]?")
_SHORT_YEAR = re.compile(r"(?<![\d-])(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})(?![\d-])日?")
_FOREIGN = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_NO_YEAR = re.compile(
    r"(?<![\d./年第分-])(?<!分 )(?:(\d{1,2})(?:[-/]| ?月 ?)(\d{1,2})|(\d{2})\.(\d{2}))"
    r"(?![\d./%-]| ?[%万千亿元条次期页分]) ?[日号]?"
)
_WEEK = re.compile(r"(上|本|这)个?(?:周|星期|礼拜)([一二三四五六日天])")


def _just_now(words: str, local: datetime) -> datetime | None:
    return local if re.search(r"刚刚|刚才|几秒前|片刻前", words) else None


def _ago(words: str, local: datetime) -> datetime | None:
    if weeks := _WEEKS.search(words):
        return local - timedelta(weeks=int(weeks[1]))
    match = _AGO.search(words)
    if not match or not any(match.groups()):
        return None
    days, hours, and_half, minutes, seconds = match.groups()
    count = [0.5 if part == "半" else float(part or 0) for part in (days, hours, minutes, seconds)]
    return local - timedelta(
        days=count[0], hours=count[1] + (0.5 if and_half else 0), minutes=count[2], seconds=count[3]
    )


def _day_word(words: str, local: datetime) -> datetime | None:
    match = _DAY_WORD.search(words)
    if not match:
        return None
    day = local - timedelta(days=_BACK[match[1][0]])
    half = match[1][-1] if match[1][-1] in "晚夜早晨" else ""
    return _with_clock(day.year, day.month, day.day, words[match.end() :], half)


def _full(words: str, local: datetime) -> datetime | None:
    match = _FULL.search(words)
    return _with_clock(int(match[1]), int(match[2]), int(match[3]), words[match.end() :]) if match else None


def _foreign(words: str, local: datetime) -> datetime | None:
    """25/11/2024 and 11/25/2024; 05/12/2024 can be either and is none."""
    match = _FOREIGN.search(words)
    if not match:
        return None
    one, two = int(match[1]), int(match[2])
    if one <= 12 and two <= 12 and one != two:
        return None
    month, day = (one, two) if one <= 12 else (two, one)
    return _with_clock(int(match[3]), month, day, words[match.end() :])


def _short_year(words: str, local: datetime) -> datetime | None:
    match = _SHORT_YEAR.search(words)
    return _with_clock(2000 + int(match[1]), int(match[2]), int(match[3]), words[match.end() :]) if match else None


def _no_year(words: str, local: datetime) -> datetime | None:
    """Of this year, or of the last one if that would be tomorrow or later."""
    match = None if _FOREIGN.search(words) else _NO_YEAR.search(words)
    if not match:
        return None
    month, day = int(match[1] or match[3]), int(match[2] or match[4])
    for year in range(local.year, local.year - 9, -1):  # 29 February waits for its year
        try:
            moment = _with_clock(year, month, day, words[match.end() :])
        except ValueError:
            continue
        if moment.date() <= local.date():
            return moment
    return None


def _weekday(words: str, local: datetime) -> datetime | None:
    """上周五, 本周一. A weekday alone can be this week's or the last's and is none."""
    match = _WEEK.search(words)
    if not match:
        return None
    monday = local - timedelta(days=local.weekday() + (7 if match[1] == "上" else 0))
    day = monday + timedelta(days="一二三四五六日天".index(match[2]) - (match[2] == "天"))
    return _with_clock(day.year, day.month, day.day, words[match.end() :])


def _only_clock(words: str, local: datetime) -> datetime | None:
    """`17:20` on a list is today's, or yesterday's if it has not come yet."""
    if not re.fullmatch(_CLOCK, words):
        return None
    moment = _with_clock(local.year, local.month, local.day, words)
    return moment if moment <= local + SLACK else moment - timedelta(days=1)


def _with_clock(year: int, month: int, day: int, rest: str, said: str = "") -> datetime:
    """A day with the time that follows it. ValueError: no such day or time, or one that two days can mean."""
    midnight = datetime(year, month, day, tzinfo=SHANGHAI)
    match = _AFTER.match(rest)
    if not match:
        return midnight
    hour, minute, second = int(match["h"]), _MINUTES.get(match["m"] or "", match["m"] or 0), int(match["s"] or 0)
    half = (match["half"] or match["after"] or said).replace(".", "")
    hour = 12 if hour == 12 and half == "上午" and ":" not in match[0] else _of_day(hour, half)
    if hour > 24 or (hour == 24 and (int(minute) or second)):
        raise ValueError(f"no such time: {match[0]}")
    return (midnight + timedelta(days=hour // 24)).replace(hour=hour % 24, minute=int(minute), second=second)


_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}


def _of_day(hour: int, half: str) -> int:
    """The hour of the day, 0 to 24. Windows' 上午 12:08 is eight past midnight; 晚上12点 is the end of the day."""
    if not half or hour > 12:
        return hour
    if half in {"中午", "正午", "午间"}:
        return hour + 12 if hour < 3 else hour
    if half[0] in "晚深夜":
        if hour < 5:
            raise ValueError(f"{half}{hour}点 belongs to one day or to the next")
        return hour + 12
    late = half[0] in "下傍Pp" or half == "午后"
    return hour % 12 + (12 if late else 0)


_EXACT_RULES: tuple[Rule, ...] = (stamps.epoch, stamps.iso, stamps.english, _full)
_OTHER_RULES: tuple[Rule, ...] = (
    _just_now, _ago, _day_word, _foreign, stamps.packed, _short_year, _no_year, _weekday, _only_clock
)  # fmt: skip
