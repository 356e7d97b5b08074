"""退信: envelope senders that name the message they carry (VERP), and reports of what could not be delivered.

Knows RFC 3464 (delivery status), RFC 3463 (status codes) and the token in a bounce address; knows no store and no
mailbox. Everything in a report is a stranger's word: only the token, an HMAC under the installation's secret, says that
it concerns a message of ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Any, Literal

from monitor.channels.wording import clean, words

Row = Mapping[str, Any]
Fate = Literal["failed", "delayed", "delivered", "unclear", "none"]

LONGEST_LOCAL = 64  # characters before the @ (RFC 5321 4.5.3.1.1)
LARGEST = 1_000_000  # bytes of a report that are read; what it says of the delivery stands before the returned mail
PARTS = 50  # of a report that are looked at
SAID = 300  # characters of a reason that are kept
HIGHEST_ROW = 2**31 - 1  # of a column Integer
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
TOKEN = re.compile(r"(?P<row>[0-9a-z]{1,6})-(?P<stamp>[0-9a-z]{1,7})-(?P<mac>[a-z2-7]{24})")
ADDRESSES = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "cc")
FINAL = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|\b55[0-4][ -]")
SERVERS = re.compile(r"mailer-daemon|postmaster|mail delivery", re.IGNORECASE)
_WORST: tuple[Fate, ...] = ("failed", "delayed", "delivered", "unclear", "none")
_ACTIONS: dict[str, Fate] = {
    "failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """What a bounce address claims: the row of the outbox and when that attempt's lease ends; `mac` proves it."""

    row: int
    stamp: int  # seconds since 1970: one token an attempt
    mac: str

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.stamp, tz=UTC)

    def __str__(self) -> str:
        return f"{_base36(self.row)}-{_base36(self.stamp)}-{self.mac}"


@dataclass(frozen=True, slots=True)
class Bounces:
    """Where bounces come back to: `bounce@host` (the token follows a `+`) or `bounce-*@host` (the `*` becomes it)."""

    address: str
    key: bytes = field(repr=False)

    def sender(self, row: Row) -> str:
        """The envelope sender (MAIL FROM) of one attempt to send a claimed row."""
        until: datetime = row["claimed_until"] or row["created_at"]
        stamp = int(until.timestamp())
        token = Token(row["id"], stamp, self._mac(row["id"], stamp, row["message_id"]))
        local, _, host = self._pattern().partition("@")
        return f"{local.replace('*', str(token))}@{host}"

    def tokens(self, addresses: Iterable[str]) -> Iterator[Token]:
        """The tokens in addresses of this pattern; each is only a claim until `genuine` says more."""
        before, _, after = self._pattern().lower().partition("*")
        shape = re.compile(rf"(?<![\w.+-]){re.escape(before)}({TOKEN.pattern}){re.escape(after)}(?![\w.-])")
        for written in addresses:
            for match in shape.finditer(written.lower()):
                row = int(match["row"], 36)
                if row <= HIGHEST_ROW:
                    yield Token(row, int(match["stamp"], 36), match["mac"])

    def genuine(self, token: Token, message_id: str) -> bool:
        """Whether we gave this token to this message."""
        return hmac.compare_digest(token.mac, self._mac(token.row, token.stamp, message_id))

    def _pattern(self) -> str:
        local, _, host = self.address.rpartition("@")
        return self.address if "*" in local else f"{local}+*@{host}"

    def _mac(self, row: int, stamp: int, message_id: str) -> str:
        """15 bytes of HMAC-SHA256, in letters that survive servers which change the case of addresses."""
        digest = hmac.new(self.key, f"bounce\x00{row}\x00{stamp}\x00{message_id}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:15]).decode().lower()


def fits(address: str) -> bool:
    """Whether a bounce address is one, and leaves room for a token before the @."""
    local, at, host = address.rpartition("@")
    room = len(local.replace("*", "")) + len("+zzzzzz-zzzzzzz-") + 24
    good = bool(at and local and host) and address.isascii() and not any(char.isspace() for char in address)
    return good and local.count("*") <= 1 and "*" not in host and room <= LONGEST_LOCAL


# ------------------------------------------------------------------ reports
@dataclass(frozen=True, slots=True)
class Report:
    """What a returned mail says. `fate` none: it is no report of a delivery (an answering machine, a newsletter)."""

    fate: Fate
    reason: str = ""
    addresses: tuple[str, ...] = ()


def read_report(letter: bytes) -> Report:
    """Reads one letter. Never raises: what cannot be read is `unclear`, so that a person looks at it."""
    try:
        mail = message_from_bytes(letter[:LARGEST])
        addresses = tuple(str(value)[:2000] for name in ADDRESSES for value in mail.get_all(name, []))
        return Report(*_fate(mail), addresses)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        return Report("unclear", f"{type(problem).__name__}: {clean(str(problem))[:SAID]}")


def _fate(mail: Message) -> tuple[Fate, str]:
    kind = str(mail.get_param("report-type", "")).lower()
    if mail.get_content_type() == "multipart/report" and kind not in ("", "delivery-status"):
        return "none", ""  # a read receipt or a complaint
    found = [_of_group(group) for group in _groups(mail)]
    if found:
        return min(found, key=lambda one: _WORST.index(one[0]))
    if not _from_a_server(mail):
        return "none", ""
    said = _text(mail)
    return ("failed" if FINAL.search(said) else "unclear"), clean(said)[:SAID]


def _groups(mail: Message) -> Iterator[Message]:
    """The fields about each recipient: the second and later blocks of message/delivery-status (RFC 3464 2.1)."""
    for number, part in enumerate(mail.walk()):
        if number >= PARTS:
            return
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            blocks = [block for block in part.get_payload() if isinstance(block, Message)]
            yield from (block for block in blocks if block["action"] or block["status"])
            return  # the mail that came back may hold reports of its own


def _of_group(group: Message) -> tuple[Fate, str]:
    action, status = str(group["action"] or "").strip().lower(), clean(str(group["status"] or ""))[:20]
    by_status: Fate = {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1], "unclear")  # type: ignore[assignment]
    diagnostic = clean(str(group["diagnostic-code"] or "")).partition(";")[2].strip()
    server = clean(str(group["remote-mta"] or group["reporting-mta"] or "")).partition(";")[2].strip()
    said = [part for part in (status, diagnostic) if part]
    reason = words()["bounced"].format(said=" ".join(said) or action, server=server or words()["labels"]["none"])
    return _ACTIONS.get(action, by_status), reason[:SAID]


def _from_a_server(mail: Message) -> bool:
    """Whether a mail server wrote it and no answering machine: no return address (RFC 5321 6.1), or a postmaster's."""
    answering = str(mail["auto-submitted"] or "").lower().startswith("auto-replied")
    returned = str(mail["return-path"] or "").strip()
    return not answering and (returned == "<>" or SERVERS.search(str(mail["from"] or "")) is not None)


def _text(mail: Message) -> str:
    for number, part in enumerate(mail.walk()):
        if number < PARTS and part.get_content_maintype() == "text":
            body = part.get_payload(decode=True)
            return body[:5000].decode("utf-8", "replace") if isinstance(body, bytes) else ""
    return ""


def _base36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = DIGITS[rest] + text
    return text or "0"
