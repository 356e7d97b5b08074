"""Moments as machines write them: epochs, ISO 8601, RFC 822 and 850, JavaScript, Java, .NET. Knows forms and zones.

The words of people (昨天, 3小时前) are read in dates.py.

A rule takes tidied words and the local time of reading; it answers with an aware moment, or None: not my form.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from monitor.text import SHANGHAI

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?i:(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?)"
_TIME = r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?: ?(?P<half>[AaPp])[Mm]\b)?"
_ZONE = r"(?: ?(?P<zone>[+-]\d{4}|[A-Z]{1,5}\b))?"
_HOURS = {  # of zones by name; CST is China here, and a name that is not listed says nothing
    **dict.fromkeys(("GMT", "UTC", "UT", "Z"), 0), **dict.fromkeys(("CST", "BJT", "HKT", "SGT", "PRC", "CCT"), 8),
    "JST": 9, "KST": 9, "EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]| ?)(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"(?: ?(Z|z|UTC\b|GMT\b|\+\d{2}(?::?\d{2})?)|(-\d{2}:?\d{2}))(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{6})T(\d{4}(?:\d{2})?)(Z|[+-]\d{4})?(?!\d)")
_OFFSET = re.compile(r"\(?\b(?:GMT|UTC) ?([+-])(\d{1,2})(?::?(\d{2}))?\b\)?")
_MAIL = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[ -]{_MONTH}[ -](?P<y>\d{{4}}|\d{{2}})(?: {_TIME}{_ZONE})?(?!\d)")
_CHINESE_MAIL = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}}) (?P<n>\d{{1,2}})月 (?P<y>\d{{4}}) {_TIME}{_ZONE}")
_UNIX = re.compile(
    rf"[A-Z][a-z]{{2}} {_MONTH} (?P<d>\d{{1,2}}) {_TIME} (?P<zone>[+-]\d{{4}}|[A-Z]{{1,5}}) (?P<y>\d{{4}})"
)
_SCRIPT = re.compile(rf"{_MONTH} (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})(?:,? {_TIME}{_ZONE})?(?!\d)")
_NET = re.compile(r"\\?/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/")
_PACKED = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)(?:([0-2]\d)([0-5]\d)([0-5]\d)?)?(?!\d)")


def with_offsets(words: str) -> str:
    """`GMT+8`, `(UTC+08:00)` as `+0800`."""
    return _OFFSET.sub(lambda match: f" {match[1]}{int(match[2]):02d}{match[3] or '00'}", words)


def epoch(words: str, local: datetime) -> datetime | None:
    """Seconds, milliseconds, microseconds since 1970, or .NET's /Date(…)/."""
    if net := _NET.search(words):
        return datetime.fromtimestamp(int(net[1]) / 1e3, UTC)
    words = words.strip("\"'")
    if not re.fullmatch(r"-?\d{1,10}(?:\.\d+)?|\d{13}|\d{16}", words) or _PACKED.fullmatch(words):
        return None
    digits = len(words.split(".")[0])
    return datetime.fromtimestamp(float(words) / {13: 1e3, 16: 1e6}.get(digits, 1), UTC)


def iso(words: str, local: datetime) -> datetime | None:
    """ISO 8601 with a zone, the compact form without one too."""
    if match := _ISO.search(words):
        zone = (match[7] or match[8]).upper().replace("UTC", "Z").replace("GMT", "Z")
        if match[8] and "T" not in match[0].upper():
            return None  # 08:00-10:00 is a span of hours
        fraction = re.search(r"\.\d+", match[0])
        stamp = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}T{match[4]}:{match[5]}:{match[6] or '00'}"
        return datetime.fromisoformat(stamp + (fraction[0] if fraction else "") + zone)
    if match := _COMPACT.search(words):
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ''}")
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    return None


def english(words: str, local: datetime) -> datetime | None:
    """RFC 822 and RFC 850, Unix and JavaScript, with English months; PHP's with Chinese ones.

    A named zone that nobody knows makes the moment unknown; CST means China here.
    """
    for form in (_UNIX, _MAIL, _SCRIPT, _CHINESE_MAIL):
        if match := form.search(words):
            found = match.groupdict()
            name = (found.get("month") or "").lower()
            month = int(found["n"]) if found.get("n") else _MONTHS.index(name) + 1
            year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
            hour, minute, second = (int(found[part] or 0) for part in "hms")
            if half := found.get("half"):
                hour = hour % 12 + (12 if half in "Pp" else 0)
            return datetime(year, month, int(found["d"]), hour, minute, second, tzinfo=_zone(found["zone"]))
    return None


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return SHANGHAI
    if name[0] in "+-":
        shift = timedelta(hours=int(name[1:3]), minutes=int(name[3:]))
        return timezone(-shift if name[0] == "-" else shift)
    if name not in _HOURS:
        raise ValueError(f"unknown zone {name}")
    return SHANGHAI if _HOURS[name] == 8 else timezone(timedelta(hours=_HOURS[name]))


def packed(words: str, local: datetime) -> datetime | None:
    """20241205, 202412050830, 20241205083045."""
    match = _PACKED.search(words)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
