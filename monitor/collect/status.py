"""What a status code means for a fetch. Knows RFC 9110; pure, except that Retry-After dates are read against the clock.

404 and 410 are gone, not errors of ours; 401, 403 and 451 are a wall we do not try to get round; 429 is a request to
come later and is obeyed; 5xx is a busy site.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from monitor.collect.answer import Trouble, Why

LONGEST_REST = 86_400.0  # seconds: nobody is believed who asks for more than a day
REDIRECTS = (301, 302, 303, 307, 308)


def judge(code: int, headers: Mapping[str, str], *, conditional: bool, granted: bool = False) -> Trouble | None:
    """None when the body may be read (200, 203) or nothing changed (304, when asked); else the reason to stop.

    `granted`: the request carried a token of the platform, which a 400, 401 or 403 then refuses.
    """
    if code in (200, 203) or (code == 304 and conditional):
        return None
    rest = retry_after(headers.get("retry-after"))
    if code == 304:
        return Trouble(Why.PROTOCOL, "304 although nothing conditional was asked")
    if code in (404, 410):
        return Trouble(Why.GONE, f"status {code}", permanent=True)
    if granted and code in (401, 403):
        return Trouble(Why.CREDENTIAL, f"status {code}: the platform does not accept the granted token", permanent=True)
    if granted and code == 400:  # so answers Weibo when a token has ended (21327 expired_token)
        return Trouble(
            Why.CREDENTIAL,
            "status 400: the call is refused: the granted token ended, or a parameter is wrong",
            permanent=True,
        )
    if code in (401, 407):
        return Trouble(Why.BLOCKED, f"status {code}: a login is demanded", permanent=True)
    if code in (403, 432, 451):
        return Trouble(Why.BLOCKED, f"status {code}: the site does not want us here", retry_after=rest)
    if code == 429:
        return Trouble(Why.RATE, "status 429: too many requests", retry_after=60.0 if rest is None else rest)
    if 500 <= code < 600:
        return Trouble(Why.BUSY, f"status {code}", retry_after=rest)
    return Trouble(Why.STATUS, f"status {code} is no page", permanent=code in (400, 405, 406, 414))


def retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 section 10.2.3), 0 to a day; None when it says nothing readable."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), LONGEST_REST))
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(moment - time.time(), 0.0), LONGEST_REST)


def location(code: int, header: bytes) -> str:
    """Where a redirect leads, as text an address reader accepts. Trouble (redirect) when it leads nowhere.

    Old portals send raw GBK or UTF-8 bytes: UTF-8 is read as such, other bytes are percent-encoded as they are.
    """
    if code not in REDIRECTS:
        raise Trouble(Why.STATUS, f"status {code} is no page")
    raw = header.strip()
    if not raw:
        raise Trouble(Why.REDIRECT, f"status {code} without a Location")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
