"""From bytes to text, whatever the label says. Knows charsets; does not know formats.

Order: byte-order mark > UTF-16 by its pattern > valid UTF-8 > header > meta > GB18030. The labels gb2312 and gbk are
always read
as gb18030, their superset (GB 18030-2022): the `gb2312` codec reads 7,443 of its 24,607 characters only, and pages
labelled gb2312 hold 镕, 堃, 喆. A text cut in the middle of a character loses that character only.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model import Document
from monitor.parse import bounds
from monitor.parse.faults import Unreadable


@dataclass(frozen=True, slots=True)
class Decoded:
    """`source`: what decided: bom, pattern, utf-8, header, meta or default."""

    text: str
    charset: str
    source: str


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_CSS = re.compile(rb"^@charset\s+[\"']([\w.:-]+)", re.I)
_LOOK = 8192  # bytes in which a label may stand; the standard says 1024, old portals write it later
_CHINESE = re.compile(
    r"(?:cs)?gb_?2312(?:-80)?|gb-?18030(?:-20\d\d)?|(?:x-)?gbk|cp936|ms936|windows-936|(?:x-)?euc-cn|chinese", re.I
)
_DEFAULTS = re.compile(r"iso-?8859-(?:1|15)|latin-?1|(?:windows-|cp)1252|(?:us-)?ascii", re.I)
_NO_CHARSETS = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_SEVEN_BIT = frozenset({"hz", "iso2022_jp", "iso2022_kr"})
_SIGNS = {
    b"PK\x03\x04": "zip", b"%PDF-": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF",
    b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": "OLE", b"Rar!": "rar",
}  # fmt: skip
# Where the 2000 edition of GB 18030 had a private-use character only; the 2005 and 2022 editions name a real one.
_NAMED = {
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE864: 0x9FBB, 0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15,
    0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19,
}  # fmt: skip


def decode(document: Document) -> Decoded:
    """The document's text. Unreadable when it is empty, too big, or plainly no text (zip, PDF, picture)."""
    bounds.within_bytes(document.body)
    for sign, what in _SIGNS.items():
        if document.body.startswith(sign):
            raise Unreadable("binary", what=what)
    return decode_bytes(document.body, document.headers.get("content-type", ""))


def decode_bytes(body: bytes, content_type: str = "") -> Decoded:
    """Text of `body`; never raises. What no charset explains becomes U+FFFD; `content_type` is the header's value."""
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return Decoded(_lenient(body[len(bom) :], charset), charset, "bom")
    wide = _wide(body)
    if wide:
        return Decoded(_lenient(body, wide), wide, "pattern")
    labels = list(_labels(body, content_type))
    if _utf8_errors(body) == 0:
        return _seven_bit(body, labels) or Decoded(_lenient(body, "utf-8"), "utf-8", "utf-8")
    for charset, source in [*labels, ("gb18030", "default")]:
        text = _strict(body, charset)
        if text is not None and charset != "utf-8" and not _damaged_utf8(body):
            return Decoded(_named(text, charset), charset, source)
    return _damaged(body, labels)


def _labels(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Charsets that the header and the document name, known to Python, in order of trust."""
    header = _HEADER.search(content_type)
    head = body[:_LOOK]
    inside = _XML.search(head) or _META.search(head) or _CSS.search(head)
    for label, source in ((header and header[1], "header"), (inside and inside[1].decode("ascii", "ignore"), "meta")):
        charset = known(label) if label else None
        if charset:
            yield charset, source


def known(label: str) -> str | None:
    """Python's name of a labelled charset. None: unknown, or a server's default that says nothing about the bytes."""
    name = label.strip().lower()
    if _CHINESE.fullmatch(name):
        return "gb18030"
    if _DEFAULTS.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # refuses codecs that are no charsets (base64, zlib)
    except (LookupError, ValueError, UnicodeError):
        return None
    if found.name in _NO_CHARSETS or name in {"utf-16", "utf-32"}:
        return None
    return _superset(found.name)


def _superset(name: str) -> str:
    return {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(name, name)


def _strict(body: bytes, charset: str) -> str | None:
    """The text if every byte is explained; a character cut at the very end is dropped, not an error."""
    try:
        return codecs.getincrementaldecoder(charset)("strict").decode(body, final=False)
    except (UnicodeError, ValueError):
        return None


def _lenient(body: bytes, charset: str) -> str:
    text = codecs.getincrementaldecoder(charset)("replace").decode(body, final=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if charset.startswith("utf-16") else text


def _named(text: str, charset: str) -> str:
    return text.translate(_NAMED) if charset == "gb18030" else text


def _seven_bit(body: bytes, labels: list[tuple[str, str]]) -> Decoded | None:
    """HZ and ISO-2022 are ASCII to the eye, so valid UTF-8; only their label tells."""
    if not body.isascii():
        return None
    for charset, source in labels:
        text = _strict(body, charset) if charset in _SEVEN_BIT else None
        if text is not None:
            return Decoded(text, charset, source)
    return None


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark: markup is ASCII, so every second byte of it is zero."""
    head = body[:2000]
    zeros = head[0::2].count(0), head[1::2].count(0)
    if sum(zeros) < max(4, len(head) // 20):
        return None
    if zeros[1] > 8 * zeros[0]:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > 8 * zeros[1] else None


def _utf8_errors(body: bytes) -> int:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body, final=False)
    return text.count("\ufffd") - body.count(b"\xef\xbf\xbd")


def _damaged_utf8(body: bytes) -> bool:
    """UTF-8 with some broken characters (a cut by bytes, a bad byte), rather than another charset."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body, final=False)
    good = sum(1 for sign in text if sign >= "\u0800" and sign != "\ufffd")
    return good > 4 * text.count("\ufffd")


def _damaged(body: bytes, labels: list[tuple[str, str]]) -> Decoded:
    """No charset explains all bytes: the one with the fewest holes wins, the better trusted one on a tie."""
    tried = [*labels, ("utf-8", "default"), ("gb18030", "default")]
    if _damaged_utf8(body):
        tried = [("utf-8", next((source for charset, source in labels if charset == "utf-8"), "default"))]
    texts = [Decoded(_named(_lenient(body, charset), charset), charset, source) for charset, source in tried]
    return min(texts, key=lambda decoded: decoded.text.count("\ufffd"))
