"""A mailbox that receives forwarded clues, read over IMAP. Knows IMAP4rev1 (RFC 3501); reads no letter's content.

Letters are looked at without being marked (BODY.PEEK), in the order of their UIDs; the cursor `uidvalidity:uid` says
how far, so nothing is missed or read twice; a mailbox that was rebuilt (new UIDVALIDITY) is read like a new one. The
password comes from the settings, never from feeds.yaml, and is sent only through TLS, or to this very machine.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from monitor import trusted
from monitor.collect.address import check
from monitor.collect.answer import Trouble, Why
from monitor.model import Document, Feed

TIMEOUT = 20.0  # seconds for one answer
DEADLINE = 120.0  # seconds for one visit
LETTERS = 200  # a visit
LONGEST = DEADLINE + 2 * TIMEOUT  # seconds after which a visit is cut off, whatever drips
SIZE = 10 * 1024 * 1024  # bytes of a letter
VISIT = 50 * 1024 * 1024  # bytes of letters after which a visit ends; the next goes on
SAID = 8 * 1024 * 1024  # bytes of all that a server says beside the letters
FIRST_LETTERS = 50  # of a mailbox never read before: its latest


@dataclass(frozen=True, slots=True)
class Mail:
    """Letters as evidence, the cursor for the next visit, and what was passed over and why."""

    documents: tuple[Document, ...]
    cursor: str
    passed_over: tuple[str, ...] = ()


Addresses = Callable[[str], list[str]]


def read_mailbox(
    feed: Feed,
    password: str | None,
    cursor: str | None,
    now: datetime,
    *,
    addresses: Addresses | None = None,
    certificates: Path | None = None,
) -> Mail:
    """What came since `cursor`. Blocks; call it in a thread. Trouble says what failed, as with a fetch.

    `feed.url`: `imaps://user@host[:993]/FOLDER` or `imap://...` (STARTTLS is then required, save on loopback).
    `certificates`: PEM file of an authority trusted beside the public ones.
    """
    if not password:
        raise Trouble(Why.CREDENTIAL, "no password is configured for this mailbox", permanent=True, refused=True)
    with trusted.Limit(LONGEST) as limit:
        try:
            return _visit(feed, password, cursor, now, _connect(feed, addresses or _resolve, certificates, limit))
        except Trouble:
            raise
        except (imaplib.IMAP4.error, OSError, ValueError, ArithmeticError) as problem:
            if limit.over:
                raise Trouble(Why.TIMEOUT, f"not done within {LONGEST:g} s") from problem
            raise _trouble(problem) from problem


def _visit(feed: Feed, password: str, cursor: str | None, now: datetime, server: imaplib.IMAP4) -> Mail:
    try:
        return _read(server, feed, password, cursor, now)
    finally:
        _leave(server)


def _trouble(problem: Exception) -> Trouble:
    """What went wrong, as a fetch would say it."""
    if isinstance(problem, TimeoutError):
        return Trouble(Why.TIMEOUT, f"no answer within {TIMEOUT:g} s")
    if isinstance(problem, ssl.SSLError):
        return Trouble(Why.TLS, str(problem.reason or problem))
    if isinstance(problem, OSError):
        return Trouble(Why.CONNECT, problem.strerror or str(problem))
    if isinstance(problem, imaplib.IMAP4.error):
        return Trouble(Why.PROTOCOL, f"the mail server says: {str(problem)[:160]}")
    return Trouble(Why.PROTOCOL, f"an answer that is no IMAP: {type(problem).__name__}")


def _connect(
    feed: Feed, addresses: Addresses, certificates: Path | None, limit: trusted.Limit
) -> imaplib.IMAP4:  # fmt: skip
    parts, believed = urlsplit(feed.url), trusted.context(certificates)
    host = parts.hostname or ""
    address = check(addresses(host), feed.allow)[0]
    secure = parts.scheme == "imaps"
    server = _At(address, parts.port or (993 if secure else 143), host, believed if secure else None, limit)
    if not secure and "STARTTLS" in server.capabilities:
        server.starttls(believed)
    elif not secure and not ip_address(address).is_loopback:
        _leave(server)
        raise Trouble(Why.TLS, "the mail server offers no STARTTLS: the password is not sent in the clear")
    return server


class _At(imaplib.IMAP4):
    """An IMAP connection to a checked address, with the name kept for TLS (`trusted`: from the first byte).

    imaplib reads whatever a server announces or goes on saying; here both have an end.
    """

    def __init__(
        self, address: str, port: int, name: str, trusted: ssl.SSLContext | None, limit: trusted.Limit
    ) -> None:  # fmt: skip
        self._address, self._name, self._trusted, self._limit = address, name, trusted, limit
        self._lines = 0
        super().__init__(name, port, timeout=TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plug = self._limit.on(socket.create_connection((self._address, self.port), timeout))
        return plug if self._trusted is None else self._trusted.wrap_socket(plug, server_hostname=self._name)

    def read(self, size: int) -> bytes:
        if size > SIZE:
            raise self.abort(f"announces {size} bytes")
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._lines += len(line)
        if self._lines > SAID:
            raise self.abort("talks without end")
        return line


def _read(server: imaplib.IMAP4, feed: Feed, password: str, cursor: str | None, now: datetime) -> Mail:
    parts = urlsplit(feed.url)
    try:
        server.login(unquote(parts.username or ""), password)
    except imaplib.IMAP4.abort:  # the talk broke off: nothing was said about the password
        raise
    except imaplib.IMAP4.error as problem:
        raise Trouble(Why.CREDENTIAL, "the mail server does not accept user and password", permanent=True) from problem
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    status, _ = server.select(_quoted(folder), readonly=True)
    if status != "OK":
        raise Trouble(Why.GONE, f"the mailbox has no folder {folder!r}", permanent=True)
    validity = _number(server.response("UIDVALIDITY")[1])
    last = _last(cursor, validity)
    found = [uid for uid in _uids(server, last) if uid > (last or 0)]
    if last is None:
        found = found[-FIRST_LETTERS:]
    letters, passed_over, until = list[Document](), list[str](), time.monotonic() + DEADLINE
    for uid in found[:LETTERS]:
        if time.monotonic() > until or sum(len(letter.body) for letter in letters) > VISIT:
            break
        try:
            letter, why_not = _letter(server, uid)
        except (imaplib.IMAP4.error, OSError, ValueError, ArithmeticError):
            if uid == found[0]:
                raise
            break  # what was read counts; the next visit begins with this letter and says what is wrong
        if letter is not None:
            letters.append(_document(feed, folder, validity, uid, letter, now))
        if why_not:
            passed_over.append(f"UID {uid}: {why_not}")
        last = uid
    return Mail(tuple(letters), f"{validity}:{last or 0}", tuple(passed_over))


def _letter(server: imaplib.IMAP4, uid: int) -> tuple[bytes | None, str]:
    """One letter, or why not: its size is asked first, so that nothing too large is ever sent."""
    size = _size(server.uid("FETCH", str(uid), "(RFC822.SIZE)")[1])
    if size is None:
        return None, "gone"
    if size > SIZE:
        return None, f"{size} bytes, larger than {SIZE}"
    _, rows = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
    body = next((row[1] for row in rows if isinstance(row, tuple)), None)
    return (body, "") if body else (None, "empty")


def _uids(server: imaplib.IMAP4, last: int | None) -> list[int]:
    _, rows = server.uid("SEARCH", "UID", f"{(last or 0) + 1}:*")
    return sorted(int(uid) for row in rows if row for uid in row.split() if uid.isdigit() and len(uid) < 12)


def _document(feed: Feed, folder: str, validity: int, uid: int, body: bytes, now: datetime) -> Document:
    host = urlsplit(feed.url).hostname
    url = f"imap://{host}/{folder};UIDVALIDITY={validity}/;UID={uid}"  # RFC 5092
    return Document(url=url, fetched_at=now, body=body, headers={"content-type": "message/rfc822"})


def _last(cursor: str | None, validity: int) -> int | None:
    """The last UID read; None when this mailbox, in this life of it, was never read."""
    known, _, uid = (cursor or "").partition(":")
    return int(uid) if known == str(validity) and uid.isdigit() else None


def _size(rows: list[object]) -> int | None:
    for row in rows:
        text = row[0] if isinstance(row, tuple) else row
        if isinstance(text, bytes) and (match := re.search(rb"RFC822\.SIZE (\d{1,15})\b", text)):
            return int(match[1])
    return None


def _number(rows: list[bytes | None]) -> int:
    return next((int(row) for row in rows if row and row.isdigit() and len(row) < 12), 0)


def _quoted(folder: str) -> str:
    """A folder name as IMAP wants it: quoted, in modified UTF-7 (RFC 3501 section 5.1.3)."""
    return '"' + "".join(_utf7(folder)).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> Iterator[str]:
    for plain, other in re.findall(r"([\x20-\x7e]+)|([^\x20-\x7e]+)", text):
        if plain:
            yield plain.replace("&", "&-")
        else:
            yield "&" + base64.b64encode(other.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",").decode() + "-"


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise Trouble(Why.DNS, f"{host}: {problem.strerror or problem}") from problem
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()
