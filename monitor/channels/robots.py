"""Group robots (WeCom, DingTalk, Feishu) through apprise, and a signed webhook for everything else.

Knows how a queued row becomes a few lines; the text never holds a post. Addresses come from the settings, by name.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import urllib.request
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import monitor.channels.links as links
from monitor import trusted
from monitor.channels.wording import clean_all, deadlines, facts, subject, words
from monitor.errors import DeliveryError
from monitor.reasons import in_words

Row = Mapping[str, Any]
DEADLINE = 20.0
PRIVATE = (
    "token",
    "excerpts",
    "html",
    "text",
    "next",
    "tried",
    "recipient_phone",
    "posts_told",
)  # never leave the house
KINDS = ("wecom", "dingtalk", "feishu")


def lines(row: Row, base_url: str) -> str:
    """The message of a robot: level, title, facts, lead, next deadline, page. No excerpt, no person."""
    data, say = clean_all(row["data"]), words()
    if not data.get("incident"):
        page = f"\n{links.absolute(base_url, '/queue')}" if data.get("post") else ""
        return f"{subject(row)}\n{data.get('what') or in_words(row['reason'])}{page}"
    due = deadlines(data.get("clocks") or ())
    told = str(say["robot"]).format(
        occasion=say["occasions"].get(row["occasion"], row["occasion"]),
        level=data.get("level_name", ""),
        title=data.get("title", ""),
        facts="，".join(f"{name} {value}" for name, value in facts(data.get("facts") or {})),
        lead=(data.get("lead") or {}).get("name", ""),
        deadline=f"{due[0]['label']}：{due[0]['due']}" if due else "",
        link=links.absolute(base_url, f"/incidents/{data['incident']}"),
    )
    return told.replace("<", "＜").replace(">", "＞")  # in Feishu <at user_id="all"> rings everybody


@dataclass(frozen=True, slots=True)
class Robots:
    """Named robots; `addresses`: robot name -> apprise address (holds the key, never logged)."""

    addresses: Mapping[str, str] = field(repr=False)
    base_url: str

    async def send(self, row: Row) -> None:
        """Posts to the robot of the row. DeliveryError: permanent when no such robot is configured."""
        where = self.addresses.get(row["recipient"])
        robot = _robot(where) if where else None
        if robot is None:
            raise DeliveryError(f"no robot {row['recipient']!r} is configured", permanent=True)
        try:
            async with asyncio.timeout(DEADLINE):
                good = await robot.async_notify(body=lines(row, self.base_url), title="")
        except TimeoutError as problem:
            raise DeliveryError(f"robot {row['recipient']}: no answer within {DEADLINE:.0f} s") from problem
        if not good:
            raise DeliveryError(f"robot {row['recipient']} did not take the message")


def _robot(where: str) -> Any:
    """The robot at an apprise address; None for an address apprise does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its plug-ins still import imghdr on Python 3.11
        import apprise

        robot = apprise.Apprise()
        return robot if robot.add(where) else None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A system of the county that takes JSON over HTTP, signed: X-Xinshao-Signature = HMAC-SHA256(time.body)."""

    addresses: Mapping[str, str] = field(repr=False)
    base_url: str
    key: bytes = field(repr=False)
    certificates: Path | None = None

    async def send(self, row: Row) -> None:
        """Posts the row; 4xx other than 408 and 429 is permanent."""
        where = self.addresses.get(row["recipient"])
        if where is None or not links.safe(where):
            raise DeliveryError(f"no webhook {row['recipient']!r} is configured", permanent=True)
        await asyncio.to_thread(self._post, where, row)

    def _post(self, where: str, row: Row) -> None:
        request = signed_request(where, row, self.key, self.base_url)
        try:
            status = trusted.call(request, self.certificates, DEADLINE)
        except OSError as problem:
            raise DeliveryError(f"webhook: {problem}") from problem
        if status >= 300:
            permanent = status < 500 and status not in (408, 429)
            raise DeliveryError(f"webhook answers {status}", permanent=permanent)


def signed_request(where: str, row: Row, key: bytes, base_url: str) -> urllib.request.Request:
    """The POST of a row: JSON without excerpts and links to act, with time and signature in headers."""
    data = {name: value for name, value in row["data"].items() if name not in PRIVATE}
    body = json.dumps(
        {
            "id": row["message_id"],
            "occasion": row["occasion"],
            "incident": row["incident"],
            "reason": row["reason"],
            "page": links.absolute(base_url, f"/incidents/{row['incident']}"),
            "data": data,
        },
        ensure_ascii=False,
    ).encode()
    at = str(int(row["created_at"].timestamp()))
    signature = hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Xinshao-Time": at,
        "X-Xinshao-Signature": f"sha256={signature}",
    }
    return urllib.request.Request(where, data=body, headers=headers, method="POST")  # noqa: S310  checked by safe()
