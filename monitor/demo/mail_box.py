"""The town's mail box: an SMTP server that keeps what it receives, and a small page to read it. Knows no recipient.

Mail HTML is outside data: it is cleaned and shown in a sandboxed frame that may load nothing but the mail's own parts.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import nh3
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.demo.serving import html, page
from monitor.model import Level

LARGEST = 20_000_000  # bytes of one mail
_COLOURS = {"红": Level.RED, "橙": Level.ORANGE, "黄": Level.YELLOW, "蓝": Level.BLUE}
_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox allow-popups"
_TAGS = nh3.ALLOWED_TAGS | {"style", "center", "font"}
_ATTRIBUTES = {"*": {"style", "align", "valign", "width", "height", "bgcolor", "colspan", "rowspan", "lang"}} | {
    "a": {"href"}, "img": {"src", "alt"}, "table": {"cellpadding", "cellspacing", "border", "role"}, "font": {"color"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One received message. `recipients`: the envelope's; `level`: red ... blue where the message names one."""

    number: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message.get("subject", ""))

    @property
    def level(self) -> Level | None:
        """From the header X-Xinshao-Level, else from a colour in brackets at the start of the subject."""
        named = str(self.message.get("x-xinshao-level", "")).strip().lower()
        if named in list(Level):
            return Level(named)
        found = re.search(r"[\[【(（〔][^\]】)）〕]*?([红橙黄蓝])", self.subject)
        return _COLOURS[found[1]] if found else None

    @property
    def text(self) -> str:
        return _body(self.message, "plain")

    @property
    def html(self) -> str:
        return _body(self.message, "html")

    def parts(self) -> list[EmailMessage]:
        """Every leaf of the message, in order: attachments, inline images, bodies."""
        return [part for part in self.message.walk() if not part.is_multipart()]


class MailBox:
    """All mails since the start, in order of arrival; as `.eml` files too when given a folder. Safe between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.smtp_host, self.smtp_port = "127.0.0.1", 0
        self.url = ""
        self._mails: list[Mail] = []
        self._arrived = threading.Condition()

    def __iter__(self) -> Iterator[Mail]:
        return iter(self.mails())

    def __len__(self) -> int:
        return len(self._mails)

    def mails(self, recipient: str | None = None) -> list[Mail]:
        """Oldest first; of one recipient if asked."""
        with self._arrived:
            return [mail for mail in self._mails if recipient is None or recipient in mail.recipients]

    def wait(self, count: int, seconds: float) -> bool:
        """Waits until at least `count` mails are there; False when the time is over."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._mails) >= count, seconds)

    def receive(self, sender: str, recipients: list[str], raw: bytes) -> Mail:
        """Keeps one message."""
        with self._arrived:
            mail = Mail(
                number=len(self._mails) + 1,
                received_at=datetime.now(UTC),
                sender=sender,
                recipients=tuple(recipients),
                raw=raw,
            )
            self._mails.append(mail)
            if self.folder is not None:
                self.folder.mkdir(parents=True, exist_ok=True)
                name = f"{mail.received_at:%Y%m%dT%H%M%S}-{mail.number:05d}.eml"
                (self.folder / name).write_bytes(raw)
            self._arrived.notify_all()
        return mail

    # aiosmtpd calls this name
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.receive(envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content))
        return "250 2.0.0 kept"

    def protocol(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        """A fresh SMTP conversation (RFC 5321) that ends in this box."""
        return SMTP(self, loop=loop, hostname="mail.qinghe.example", data_size_limit=LARGEST, enable_SMTPUTF8=True)


def mail_pages(box: MailBox) -> Starlette:
    """/, /mail/{n}, /mail/{n}/body, /mail/{n}/part/{place}, /mail/{n}/raw, /mails.json."""

    def asked(request: Request) -> Mail | None:
        number, mails = request.path_params["number"], box.mails()
        return mails[number - 1] if 1 <= number <= len(mails) else None

    async def listing(request: Request) -> Response:
        return html(page("mailbox_list.html", mails=box.mails()[::-1]))

    async def as_json(request: Request) -> Response:
        return JSONResponse([_row(mail) for mail in box])

    async def one(request: Request) -> Response:
        mail = asked(request)
        if mail is None:
            return RedirectResponse("/")
        named = [(part.get_filename(), place) for place, part in enumerate(mail.parts()) if part.get_filename()]
        return html(page("mailbox_mail.html", mail=mail, attachments=named, has_html=bool(mail.html), text=mail.text))

    async def body(request: Request) -> Response:
        mail = asked(request)
        answer = html(_clean(mail) if mail else "")
        answer.headers["content-security-policy"] = _POLICY
        return answer

    async def part(request: Request) -> Response:
        mail, place = asked(request), request.path_params["place"]
        parts = mail.parts() if mail else []
        if not 0 <= place < len(parts):
            return Response(status_code=404)
        kind = parts[place].get_content_type()
        shown = kind if kind in ("image/png", "image/jpeg", "image/gif") else "application/octet-stream"
        headers = {
            "content-disposition": "inline" if shown == kind else "attachment",
            "x-content-type-options": "nosniff",
        }
        return Response(parts[place].get_payload(decode=True), media_type=shown, headers=headers)

    async def raw(request: Request) -> Response:
        mail = asked(request)
        headers = {"content-disposition": f'attachment; filename="{request.path_params["number"]}.eml"'}
        return Response(mail.raw if mail else b"", media_type="message/rfc822", headers=headers)

    return Starlette(
        routes=[
            Route("/", listing),
            Route("/mails.json", as_json),
            Route("/mail/{number:int}", one),
            Route("/mail/{number:int}/body", body),
            Route("/mail/{number:int}/part/{place:int}", part),
            Route("/mail/{number:int}/raw", raw),
        ]
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    try:
        return str(part.get_content()) if part is not None else ""
    except LookupError:  # an unknown charset
        return bytes(part.get_payload(decode=True)).decode("utf-8", "replace") if part is not None else ""


def _clean(mail: Mail) -> str:
    """The HTML part without scripts, forms and foreign resources; cid: images point at the mail's own parts."""
    inner = mail.html
    for place, part in enumerate(mail.parts()):
        name = str(part.get("content-id", "")).strip("<> ")
        if name:
            inner = inner.replace(f"cid:{name}", f"/mail/{mail.number}/part/{place}")
    return nh3.clean(
        inner,
        tags=_TAGS,
        clean_content_tags={"script"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def _row(mail: Mail) -> dict[str, Any]:
    return {
        "number": mail.number,
        "at": mail.received_at.isoformat(),
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": mail.subject,
        "level": mail.level,
    }
