"""Mail: composing (pure) apart from sending (SMTP, or .eml files where no server is configured).

Knows RFC 5322 and 5321 and how a server's answers are to be read; knows no store. A message goes to one recipient, so a
refusal concerns nobody else. STARTTLS, where asked for, never falls back to plain text.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Literal

import aiosmtplib

from monitor.channels.bounces import Bounces
from monitor.channels.face import ChannelDown
from monitor.channels.wording import clean, clean_all, subject, templates, values, words
from monitor.errors import DeliveryError
from monitor.text import face

Row = Mapping[str, Any]
DEADLINE = 40.0  # seconds for one mail, whatever the server does
LINE = 15.0  # seconds for one answer
DOWN_SECONDS = 60.0  # how long a server that cannot be reached is left alone
LOCKED_SECONDS = 900.0  # how long after a refused login: more tries would lock the account
TOO_LARGE = 552


def compose(row: Row, *, sender: str, base_url: str, attachments: bool = True) -> EmailMessage:
    """The mail of a queued row. Pure, except that files named in `data` (a digest's) are read.

    Raises DeliveryError (permanent) for an address that is none. Every header value is cleaned of line ends and
    encoded words; the Message-ID is the row's, so that a repeat is known as one.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject(row)
    message["From"] = address(sender)
    message["To"] = address(row["recipient"])
    message["Message-ID"] = row["message_id"]
    message["Date"] = format_datetime(row["created_at"])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine replies
    message["X-Auto-Response-Suppress"] = "All"
    if row.get("incident"):
        message["X-Xinshao-Incident"] = clean(row["incident"])
    if row["level"] >= 3:
        message["Importance"] = "high"
    text, html = _bodies(row, base_url)
    data = row["data"]
    if not attachments and data.get("attachments"):
        text = f"{words()['too_large']}\n\n{text}"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    _add_files(message, data, attachments=attachments)
    return message


def test_row(recipient: str, now: datetime) -> Row:
    """A message of no case, to try the way to a person with: what `compose` and an envelope need of a row."""
    say = words()["test"]
    text = clean_all(say["text"].format(at=face(now)))
    data = {"subject": say["subject"], "text": text, "html": f"<p>{escape(text)}</p>"}
    return {
        "id": 0, "recipient": recipient, "message_id": make_msgid(domain="xinshao.local"), "created_at": now,
        "claimed_until": None, "level": 1, "data": data,
    }  # fmt: skip


def _bodies(row: Row, base_url: str) -> tuple[str, str]:
    data = row["data"]
    if data.get("html"):
        return clean_all(str(data.get("text") or "")), clean_all(str(data["html"]))
    told = values(row, base_url)
    return templates().get_template("message.txt").render(told), templates().get_template("message.html").render(told)


def _add_files(message: EmailMessage, data: Row, *, attachments: bool) -> None:
    html = message.get_body(("html",))
    for name, path in (data.get("inline") or {}).items():
        body = _read(path)
        if body is not None and isinstance(html, EmailMessage):
            html.add_related(body, "image", "png", cid=f"<{clean(name)}>", filename=f"{clean(name)}.png")
    for path in (data.get("attachments") or ()) if attachments else ():
        body = _read(path)
        if body is not None:
            main, _, sub = (guess_type(path)[0] or "application/octet-stream").partition("/")
            message.add_attachment(body, main, sub, filename=clean(Path(path).name))


def _read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None  # housekeeping was faster; the text tells the figures all the same


def address(written: str) -> Address:
    """A mail address as a header takes it; DeliveryError (permanent) for what is none."""
    plain = clean(written)
    try:
        found = Address(addr_spec=plain)
    except Exception as problem:  # the parser of 3.11 raises IndexError, ValueError and more of its own
        raise DeliveryError(f"{plain!r} is no mail address", permanent=True) from problem
    if plain != written.strip() or not found.domain or not plain.isascii():
        raise DeliveryError(f"{plain!r} is no mail address", permanent=True)
    return found


@dataclass(frozen=True, slots=True)
class Folder:
    """No mail server is configured: mails become .eml files that any mail program opens."""

    path: Path
    sender: str
    base_url: str

    async def send(self, row: Row) -> None:
        """Writes the whole file or none; the same message twice is one file."""
        message = compose(row, sender=self.sender, base_url=self.base_url)
        await asyncio.to_thread(self._write, row["message_id"], message.as_bytes())

    def _write(self, message_id: str, body: bytes) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            target = self.path / f"{message_id.strip('<>').partition('@')[0]}.eml"
            part = target.with_suffix(f".{os.getpid()}.part")
            with part.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as problem:
            raise ChannelDown(f"cannot write mail to {self.path}: {problem}", wait=DOWN_SECONDS) from problem


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `tls`: none, starttls (refused when the server cannot) or tls from the first byte."""

    host: str
    port: int
    sender: str
    base_url: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Literal["none", "starttls", "tls"] = "starttls"
    deadline: float = DEADLINE
    context: ssl.SSLContext | None = None
    bounces: Bounces | None = None  # where the envelope asks what comes back to go; None: to the sender

    async def reach(self) -> None:
        """Goes as far as a mail would, TLS and login included, and sends none. ChannelDown says what is in the way."""
        try:
            async with asyncio.timeout(self.deadline):
                client = await self._connect()
                try:
                    await client.quit()
                except (aiosmtplib.SMTPException, OSError):
                    client.close()
        except TimeoutError as problem:
            raise ChannelDown(f"no answer within {self.deadline:.0f} s", wait=DOWN_SECONDS) from problem

    async def send(self, row: Row) -> None:
        """Hands one mail over. DeliveryError says why not, and whether trying again can help."""
        message = compose(row, sender=self.sender, base_url=self.base_url)
        try:
            async with asyncio.timeout(self.deadline):
                await self._deliver(row, message)
        except TimeoutError as problem:
            raise DeliveryError(f"no answer within {self.deadline:.0f} s: outcome unknown") from problem

    async def _deliver(self, row: Row, message: EmailMessage) -> None:
        client = await self._connect()
        try:
            try:
                await self._submit(client, row, message)
            except DeliveryError as problem:
                if not row["data"].get("attachments") or str(TOO_LARGE) not in problem.reason:
                    raise
                lighter = compose(row, sender=self.sender, base_url=self.base_url, attachments=False)
                await client.rset()
                await self._submit(client, row, lighter)
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise DeliveryError(_words(problem)) from problem
        finally:
            client.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, timeout=LINE, use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls", tls_context=self.context,
        )  # fmt: skip
        try:
            await client.connect()
            await _greet(client)
            if self.user:
                await client.login(self.user, self.password)
        except aiosmtplib.SMTPAuthenticationError as problem:
            client.close()
            raise ChannelDown(f"the mail server refuses the login: {_words(problem)}", wait=LOCKED_SECONDS) from problem
        except (aiosmtplib.SMTPException, OSError) as problem:
            client.close()
            raise ChannelDown(f"mail server {self.host}:{self.port}: {_words(problem)}", wait=DOWN_SECONDS) from problem
        return client

    async def _submit(self, client: aiosmtplib.SMTP, row: Row, message: EmailMessage) -> None:
        body = message.as_bytes()
        sender, recipient = str(message["From"]), str(message["To"])
        if self.bounces is not None:
            sender = self.bounces.sender(row)
        limit = client.esmtp_extensions.get("size", "")
        if limit.isascii() and limit.isdigit() and len(limit) < 16 and 0 < int(limit) < len(body):
            raise DeliveryError(f"{TOO_LARGE} the server takes {limit} bytes, the mail has {len(body)}", permanent=True)
        try:
            await client.sendmail(sender, [recipient], body)
        except aiosmtplib.SMTPRecipientsRefused as problem:
            refused = problem.recipients[0]
            raise _refusal(refused.code, refused.message) from problem
        except aiosmtplib.SMTPResponseException as problem:
            raise _refusal(problem.code, problem.message) from problem


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO where the server knows nothing newer: what it offers is known before anything is sent."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await client.helo()


def _refusal(code: int, message: str) -> DeliveryError:
    """RFC 5321 4.2.1: 5yz is permanent; 4yz, and what is no SMTP at all, may pass."""
    return DeliveryError(f"{code} {clean(str(message))[:300]}", permanent=500 <= code < 600)


def _words(problem: BaseException) -> str:
    return clean(str(problem))[:300] or type(problem).__name__
