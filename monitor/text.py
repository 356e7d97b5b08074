"""Small questions about text and time that every room asks. Knows no room and does no I/O."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def aware(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is refused (ValueError), for nobody can know when it was."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a zone")
    return moment.astimezone(UTC)


def face(moment: datetime) -> str:
    """As people here write it: 2026-01-20 17:11, Asia/Shanghai."""
    return aware(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def post_id(source: str, native_id: str) -> str:
    """16 hex digits that name a post for good: the same message found twice has the same id."""
    return hashlib.sha256(f"{source}\x00{native_id}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def author_code(key: bytes, platform: str, author: str) -> str:
    """A keyed hash in place of a name (HMAC-SHA256, RFC 2104): tells two accounts apart, leads back to nobody."""
    return hmac.new(key, f"{platform}\x00{author}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL refuses and SQLite stores: the same text on both."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
