"""Small questions about text and time that every room asks. Knows no room and does no I/O."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff]*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MAIL = r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9A-Za-z.-]{1,190}"  # RFC 5321, without what is quoted


def aware(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is refused (ValueError), for nobody can know when it was."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a zone")
    return moment.astimezone(UTC)


def face(moment: datetime) -> str:
    """As people here write it: 2026-01-20 17:11, Asia/Shanghai."""
    return aware(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def is_mail(written: str) -> bool:
    """Whether a mail can be sent there: an address in ASCII, on one line, without a name around it."""
    return re.fullmatch(MAIL, written) is not None


def post_id(source: str, native_id: str) -> str:
    """16 hex digits that name a post for good: the same message found twice has the same id."""
    return hashlib.sha256(f"{source}\x00{native_id}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def author_code(key: bytes, platform: str, author: str) -> str:
    """A keyed hash in place of a name (HMAC-SHA256, RFC 2104): tells two accounts apart, leads back to nobody."""
    return hmac.new(key, f"{platform}\x00{author}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]


def inert(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, with a quote before it (OWASP: CSV injection).

    Also one that hides its sign behind blanks or writes it in full width, which Excel reads as the narrow one.
    """
    if not isinstance(value, str):
        return value
    first = unicodedata.normalize("NFKC", _BLANK.sub("", value, count=1)[:1])
    return f"'{value}" if value[:1] in ("\t", "\r", "\n") or first in ("=", "+", "-", "@") else value


def visible(text: str) -> str:
    """For a terminal or a log: what would move a cursor or turn the writing round is spelt out, as \\x1b."""
    return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL refuses and SQLite stores: the same text on both."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
