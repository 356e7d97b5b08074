"""A letter into posts: what people forward to the office's mailbox. Knows MIME and how people forward; asks no server.

A letter is one post; letters forwarded as attachments are posts of their own beside it; tables attached to it (CSV,
XLSX, JSON lines) give a post a row. Holiday notes and bounces give nothing. Of the addresses in the head only the
sender's is read, and that is stored as a code.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

from monitor.model import Document, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.decode import decode_bytes
from monitor.parse.draft import draft
from monitor.parse.faults import Partly, Unreadable
from monitor.parse.sheets import parse_file

MOST_LETTERS, MOST_TABLES = 20, 10  # inside one letter
LONGEST = 10_000  # characters of a header: the library takes the square of the time to decode a longer one
COVER = 40  # characters: what is shorter only says that something is attached
_SUBJECT = re.compile(r"^(?:\s*(?:re|fw|fwd|回复|答复|转发|轉發)\s*(?:\[\d+\])?\s*[:：])+\s*", re.I)
_HEAD = re.compile(  # the head of a forwarded letter, as mail programs write it into the text
    r"^[>\s|*]*(?:发件人|寄件人|发送时间|发送日期|日期|收件人|抄送|密送|主题|主旨|from|sent|date|to|cc|bcc|subject)\s*[:：]"
    r"|^[>\s]*-{2,}\s*(?:原始邮件|转发的?邮件(?:信息)?|original message|forwarded message|begin forwarded)\s*-*\s*$",
    re.I,
)
_SIGNATURE = re.compile(r"\n-- ?\n.*\Z|\n(?:发自|来自)我的\s?\S{1,20}\s*\Z|\nSent from my \S{1,20}\s*\Z", re.S)
_LINK = re.compile(r"https?://[^\s<>\"'，。；、）)】\]]{4,2000}")
_TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".json")


def parse_letter(document: Document, feed: Feed) -> list[Post]:
    """Posts of one letter (RFC 5322). Unreadable: no letter, or nothing in it that can be read; Partly: read but for a
    table.
    """
    bounds.within_bytes(document.body)
    try:
        return _read(email.message_from_bytes(document.body, policy=email.policy.compat32), document, feed)
    except (RecursionError, LookupError, TypeError, AttributeError, ValueError) as problem:  # the library's own faults
        raise Unreadable("letter", why=type(problem).__name__) from problem


def _read(whole: Message, document: Document, feed: Feed) -> list[Post]:
    if not whole.keys():
        raise Unreadable("missing", what="the head of a letter")
    if _by_a_robot(whole):
        return []
    posts, refused = list[Post](), list[Unreadable]()
    for letter in _letters(whole):
        posts += _posts(letter, document, feed, refused)
    if refused and posts:
        raise Partly(refused[0], posts)
    if refused or not posts:
        raise refused[0] if refused else Unreadable("no_text")
    return posts


def _letters(whole: Message) -> Iterator[Message]:
    """The letter itself, unless it only covers others, and the letters that were forwarded in it as attachments."""
    inside = [part for part in _parts(whole) if part.get_content_type() == "message/rfc822"]
    found = [letter for part in inside for letter in _inner(part)][:MOST_LETTERS]
    if not found or len(_words(whole)) > COVER:
        yield whole
    yield from found


def _inner(part: Message) -> list[Message]:
    held = part.get_payload()
    return [letter for letter in held if isinstance(letter, Message)] if isinstance(held, list) else []


def _parts(whole: Message) -> Iterator[Message]:
    """Every part that is no container, forwarded letters closed; bounded, and without recursion."""
    waiting: list[Message] = [whole]
    for _ in range(500):
        if not waiting:
            return
        part = waiting.pop(0)
        held = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(held, list):
            waiting[:0] = [inner for inner in held if isinstance(inner, Message)]
        else:
            yield part


def _posts(letter: Message, document: Document, feed: Feed, refused: list[Unreadable]) -> list[Post]:
    """The rows of tables in a letter; what it says itself where there are none, or where it does more than cover them.

    `refused`: gets why a table could not be read. Somebody who asks for help attaches what he has, a list of hours:
    his words are read all the same.
    """
    rows = list[Post]()
    tables = [part for part in _parts(letter) if _name(part).lower().endswith(_TABLES)][:MOST_TABLES]
    for part in tables:
        try:
            rows += parse_file(replace(document, body=_bytes(part), headers={}), feed)
        except Unreadable as problem:
            refused.append(problem)
    own = _post(letter, document, feed)
    only_covers = own is None or (bool(rows) and len(own.text) <= COVER)
    return rows if own is None or only_covers else [*rows, own]


def _post(letter: Message, document: Document, feed: Feed) -> Post | None:
    title = _SUBJECT.sub("", _header(letter, "subject"))
    text = _without_heads(_words(letter))
    if not text and not title:
        return None
    link = _LINK.search(text)
    name, address = _sender(letter)
    number = _header(letter, "message-id").strip("<> ")
    return replace(
        draft(
            document,
            feed,
            native_id=number or None,
            title=title or None,
            text=text,
            when=_header(letter, "date"),
            author=address or name or None,
        ),
        url=markup.absolute(link[0], link[0]) if link else None,
    )


def _sender(letter: Message) -> tuple[str, str]:
    try:
        return parseaddr(_header(letter, "from"))
    except RecursionError:  # brackets within brackets
        return "", ""


def _words(letter: Message) -> str:
    """The plain text of a letter, else the words of its HTML."""
    parts = [part for part in _parts(letter) if not _name(part)]
    for kind in ("text/plain", "text/html"):
        said = [_text(part) for part in parts if part.get_content_type() == kind]
        if text := "\n".join(filter(None, said)).strip():
            return markup.tidy(text) if kind == "text/plain" else _seen(text)
    return ""


def _seen(html: str) -> str:
    """What a reader of an HTML letter sees: hidden parts are not part of it."""
    return markup.words(markup.without_furniture(markup.tree(html)).body)


def _without_heads(text: str) -> str:
    """What was said, without the heads of forwarded letters and without what mail programs add below."""
    kept = (line.lstrip("> ") for line in text.split("\n") if not _HEAD.match(line))
    return _SIGNATURE.sub("", "\n".join(kept)).strip()


def _text(part: Message) -> str:
    """A part's text by the rules for pages: what is labelled gb2312 is read as its superset."""
    return decode_bytes(_bytes(part), f"text/plain; charset={part.get_content_charset() or ''}").text


def _bytes(part: Message) -> bytes:
    held = part.get_payload(decode=True)
    return held if isinstance(held, bytes) else b""


def _name(part: Message) -> str:
    return _decoded(part.get_filename() or "")


def _header(letter: Message, name: str) -> str:
    """The first header of a name; as it came, for the library would replace bytes that are no ASCII."""
    found = next((str(value) for key, value in letter.raw_items() if key.lower() == name), "")
    return markup.line(_decoded(found[:LONGEST].replace("\r", "").replace("\n", "")))


def _decoded(value: str) -> str:
    """Encoded words (RFC 2047) and raw bytes, both by the rules for pages: many say gb2312 and mean more."""
    try:
        pieces = decode_header(value)
    except HeaderParseError:
        return value
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def _piece(piece: str | bytes, charset: str | None) -> str:
    raw = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
    return decode_bytes(raw, f"text/plain; charset={charset}" if charset else "").text


def _by_a_robot(letter: Message) -> bool:
    """A holiday note (RFC 3834) or a report on a letter of ours (RFC 6522); a web form's letter is neither."""
    answers = _header(letter, "auto-submitted").lower().startswith("auto-replied")
    return answers or letter.get_content_type() == "multipart/report"
