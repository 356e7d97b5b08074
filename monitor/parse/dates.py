"""When a post was published, as Chinese sites write it. Knows formats and the calendar; the clock is an argument.

A time without a zone is Asia/Shanghai (+09:00 in the summers of 1986-1991). What is implausible is None with a reason:
a post is never dropped for its date, and no date is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.text import SHANGHAI, aware

EARLIEST = datetime(1994, 1, 1, tzinfo=UTC)  # before the first public web site in China
SLACK = timedelta(minutes=10)  # a clock that goes ahead a little


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
    if moment > now + SLACK:
        return Dated(None, f"implausible: {moment:%Y-%m-%d %H:%M} is in the future")
    if moment < EARLIEST:
        return Dated(None, f"implausible: {moment:%Y-%m-%d} is too old")
    return Dated(min(moment, now), rule)


def understood(text: str | int | float | None, *, now: datetime) -> tuple[datetime | None, str]:
    """What the text says, plausible or not, and the rule that read it."""
    if text is None or isinstance(text, bool):
        return None, "no date"
    words = _tidy(str(text))
    if not words:
        return None, "no date"
    local = now.astimezone(SHANGHAI)
    for rule in _RULES:
        try:
            moment = rule(words, local)
        except (ValueError, OverflowError, OSError):
            continue
        if moment is not None:
            zone = " GMT" if _ZERO_ZONE.search(words) else ""
            return moment.astimezone(UTC), rule.__name__.strip("_") + zone
    return None, f"not understood: {words[:40]}"


_FULL_WIDTH = str.maketrans("０１２３４５６７８９：／－．\u3000\u00a0", "0123456789:/-.  ")
_ZERO_ZONE = re.compile(r"(?:\bGMT|\bUTC|Z|[+-]00:?00)$")
_CHINESE_DAY = re.compile(
    r"[二〇○零一三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?"
)
_NUMERAL = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2}


def _tidy(text: str) -> str:
    words = re.sub(r"\s+", " ", text[:200].translate(_FULL_WIDTH)).strip()
    return _CHINESE_DAY.sub(_numerals, words)


def _numerals(match: re.Match[str]) -> str:
    year, rest = match[0].split("年")
    return "".join(str(_NUMERAL[sign]) for sign in year) + "年" + re.sub(r"[一二三四五六七八九十]+", _below_100, rest)


def _below_100(match: re.Match[str]) -> str:
    tens, ten, ones = match[0].rpartition("十")
    return str((_NUMERAL.get(tens, 1) if ten else 0) * 10 + _NUMERAL.get(ones, 0))


_CLOCK = (
    r"(?:\s*(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|晚))?\s*(?P<h>\d{1,2})\s*(?:[::时点])"
    r"\s*(?P<m>\d{1,2})?(?:\s*[:分]\s*(?P<s>\d{1,2})?)?"
)
_AFTER = re.compile(_CLOCK)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})")
_WEIBO = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{4}) (\d{4})")
_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2,8} \d{2,4} \d{1,2}:\d{2}(?::\d{2})?(?: (?:[+-]\d{4}|[A-Z]{1,5}))?"
)
_AGO = re.compile(
    r"(\d+(?:\.\d+)?|半|[一两二三四五六七八九十]{1,3})\s*个?(秒钟?|分钟?|小时|钟头|天|日|周|星期|月|年)(?:之|以)?前"
)
_UNIT = {
    "秒": 1,
    "分": 60,
    "小": 3600,
    "钟": 3600,
    "天": 86400,
    "日": 86400,
    "周": 604800,
    "星": 604800,
    "月": 2592000,
    "年": 31536000,
}
_DAY_WORD = re.compile(r"(大前天|前天|前日|昨天|昨日|昨晚|今天|今日|今早|今晚)")
_BACK = {"大前天": 3, "前天": 2, "前日": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0}
_FULL = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*日?")
_SHORT_YEAR = re.compile(r"(?<![\d-])(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})(?![\d-])日?")
_NO_YEAR = re.compile(r"(?<![\d./-])(\d{1,2})(?:[-/.]|\s*月\s*)(\d{1,2})(?![\d./-])\s*[日号]?")
_PACKED = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)(?:([0-2]\d)([0-5]\d)([0-5]\d)?)?(?!\d)")


def _epoch(words: str, local: datetime) -> datetime | None:
    if not re.fullmatch(r"-?\d{1,10}(?:\.\d+)?|\d{13}|\d{16}", words) or re.fullmatch(_PACKED, words):
        return None
    digits = len(words.split(".")[0])
    return datetime.fromtimestamp(float(words) / {13: 1e3, 16: 1e6}.get(digits, 1), UTC)


def _iso(words: str, local: datetime) -> datetime | None:
    match = _ISO.search(words)
    return datetime.fromisoformat(re.sub(r"\s(?=[Z+-])", "", match[0])) if match else None


def _weibo(words: str, local: datetime) -> datetime | None:
    match = _WEIBO.search(words)
    return parsedate_to_datetime("{1} {0} {4} {2} {3}".format(*match.groups())) if match else None


def _mail(words: str, local: datetime) -> datetime | None:
    """RFC 822 / RFC 5322. A zone of letters other than GMT and UTC is read as local time: `CST` means China here."""
    match = _MAIL.search(words)
    if not match:
        return None
    moment = parsedate_to_datetime(match[0])
    named = re.search(r" ([A-Z]{1,5})$", match[0])
    if moment.tzinfo is None or (named and named[1] not in {"GMT", "UTC", "UT", "Z"}):
        return moment.replace(tzinfo=SHANGHAI)
    return moment


def _just_now(words: str, local: datetime) -> datetime | None:
    return local if re.search(r"刚刚|刚才|几秒前|片刻前", words) else None


def _ago(words: str, local: datetime) -> datetime | None:
    match = _AGO.search(words)
    if not match:
        return None
    count = 0.5 if match[1] == "半" else float(re.sub(r"[一两二三四五六七八九十]+", _below_100, match[1]))
    return local - timedelta(seconds=count * _UNIT[match[2][0]])


def _day_word(words: str, local: datetime) -> datetime | None:
    match = _DAY_WORD.search(words)
    if not match:
        return None
    day = local - timedelta(days=_BACK[match[1]])
    rest = words[match.end() :]
    return _with_clock(day.year, day.month, day.day, ("晚" if match[1].endswith("晚") else "") + rest)


def _full(words: str, local: datetime) -> datetime | None:
    match = _FULL.search(words)
    return _with_clock(int(match[1]), int(match[2]), int(match[3]), words[match.end() :]) if match else None


def _packed(words: str, local: datetime) -> datetime | None:
    match = _PACKED.search(words)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def _short_year(words: str, local: datetime) -> datetime | None:
    match = _SHORT_YEAR.search(words)
    return _with_clock(2000 + int(match[1]), int(match[2]), int(match[3]), words[match.end() :]) if match else None


def _no_year(words: str, local: datetime) -> datetime | None:
    """Of this year, or of the last one if that would be tomorrow or later."""
    match = _NO_YEAR.search(words)
    if not match:
        return None
    month, day = int(match[1]), int(match[2])
    for year in range(local.year, local.year - 9, -1):  # 29 February waits for its year
        try:
            moment = _with_clock(year, month, day, words[match.end() :])
        except ValueError:
            continue
        if moment.date() <= local.date():
            return moment
    return None


def _only_clock(words: str, local: datetime) -> datetime | None:
    """`17:20` on a list is today's, or yesterday's if it has not come yet."""
    if not re.fullmatch(_CLOCK, words):
        return None
    moment = _with_clock(local.year, local.month, local.day, words)
    return moment if moment <= local + SLACK else moment - timedelta(days=1)


def _last_resort(words: str, local: datetime) -> datetime | None:
    if len(words) > 40 or not re.search(r"\d|[一二三四五六七八九十]", words):
        return None
    import dateparser  # slow to import, seldom needed

    base = local.replace(tzinfo=None)
    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "past",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "REQUIRE_PARTS": ["day"],
    }
    moment = dateparser.parse(words, languages=["zh"], settings=settings)
    return moment.replace(tzinfo=moment.tzinfo or SHANGHAI) if isinstance(moment, datetime) else None


def _with_clock(year: int, month: int, day: int, rest: str) -> datetime:
    match = _AFTER.match(rest.lstrip(" T,，"))
    if not match:
        return datetime(year, month, day, tzinfo=SHANGHAI)
    hour, half = int(match["h"]), match["half"] or ""
    if (half in {"下午", "傍晚", "晚上", "晚"} and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    midnight = datetime(year, month, day, tzinfo=SHANGHAI) + timedelta(days=hour // 24)
    return midnight.replace(hour=hour % 24, minute=int(match["m"] or 0), second=int(match["s"] or 0))


_RULES: tuple[Callable[[str, datetime], datetime | None], ...] = (
    _epoch, _iso, _weibo, _mail, _just_now, _ago, _day_word, _full, _packed, _short_year, _no_year, _only_clock,
    _last_resort,
)  # fmt: skip
