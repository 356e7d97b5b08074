"""Messages that people send to the operator's own WeChat account (公众号), as the platform delivers them. Pure.

    GET  ?signature&timestamp&nonce&echostr      the platform makes sure of us once: the answer is `echostr`
    POST ?signature&timestamp&nonce   <xml>...   a message: the answer is `success`; unanswered, it comes again twice

signature = hex SHA-1 of token, timestamp and nonce, sorted and joined (developers.weixin.qq.com, 接入指南). It is the
account owner's own token, for messages meant for the owner; nobody else's can be read this way. The signature does not
cover the body, so the address must be https; a nonce counts once and for five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.text import aware

LIMIT = 64 * 1024  # bytes of a message
WINDOW = timedelta(minutes=5)
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_NONCE = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Greeting:
    """Whether a call is the platform's. `key`: what is remembered of it; empty where it is refused."""

    reason: str
    key: str = ""

    @property
    def genuine(self) -> bool:
        return bool(self.key)


def verify(feed: str, query: Mapping[str, str], token: str, now: datetime) -> Greeting:
    """Whether a call was made by somebody who knows the account's token, just now."""
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not token or not _STAMP.fullmatch(stamp) or not _NONCE.fullmatch(nonce):
        return Greeting("needs signature, timestamp and nonce")
    if not hmac.compare_digest(query.get("signature", "").lower().encode(), sign(token, stamp, nonce).encode()):
        return Greeting("wrong signature")
    if abs(aware(now).timestamp() - int(stamp)) > WINDOW.total_seconds():
        return Greeting(f"its timestamp is more than {WINDOW.seconds} s from our clock")
    name = hashlib.sha256(f"{feed}\x00{stamp}\x00{nonce}".encode()).hexdigest()[:40]
    return Greeting("signed and fresh", f"wechat:{name}")


def sign(token: str, stamp: str, nonce: str) -> str:
    """The signature that the platform computes."""
    return hashlib.sha1("".join(sorted((token, stamp, nonce))).encode(), usedforsecurity=False).hexdigest()
