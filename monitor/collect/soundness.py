"""Whether a body is a page at all. Knows magic numbers, depth and the signs of a wall; reads no content.

A PDF called text/html, a captcha with status 200, a page nested 100,000 deep: each would become rubbish, a false "no
news", or a parser that never returns. All scans are linear in the body.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from monitor.collect.answer import Trouble, Why

_MAGIC = (
    (b"%PDF-", "PDF"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"\xff\xd8\xff", "JPEG"), (b"PK\x03\x04", "ZIP"),
    (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gzip"), (b"RIFF", "RIFF"), (b"\x7fELF", "program"),
    (b"MZ\x90", "program"), (b"\xd0\xcf\x11\xe0", "old Office file"), (b"\x00\x00\x00\x18ftyp", "video"),
    (b"\x00\x00\x00\x20ftyp", "video"), (b"OggS", "Ogg"), (b"ID3", "MP3"), (b"wOFF", "font"), (b"wOF2", "font"),
)  # fmt: skip
_REFUSED_TYPES = re.compile(
    r"(?:video|audio|image(?!/svg)|font|model)/|application/(?:zip|pdf|gzip|x-(?:rar|7z|tar|gzip|bzip|msdownload|shockwave)"
    r"|vnd\.(?:ms-|openxmlformats|rar|android)|msword|java-archive|wasm)",
    re.I,
)
DEPTH = 1_000  # open elements or brackets at once
DIGITS = 4_300  # digits of one number: Python's own limit (CVE-2020-10735)
FEW = 3_000  # tags or brackets below which no scan is needed
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})([^<>]{0,2000}/(?=>))?")
_FLAT = frozenset(  # void elements, and those whose end is implied (HTML standard, 13.1.2.4)
    b"area base br col embed hr img input link meta source track wbr "  # void
    b"p li dt dd tr td th thead tbody tfoot option".split()
)
_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.S)
_NUMBER = re.compile(rb"\d{%d}" % DIGITS)
_TITLE = re.compile(r"<title[^<>]*>(.{0,400}?)</title", re.I | re.S)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.I | re.S)
WALL_BODY = 60_000  # bytes: a longer page has content of its own


def refuse_type(content_type: str) -> None:
    """Trouble (type) when the header alone says that this is no page, feed or data. An empty header says nothing."""
    if _REFUSED_TYPES.match(content_type.strip()):
        raise Trouble(
            Why.TYPE, f"{content_type.partition(';')[0].strip()[:60]} is not read", permanent=True, refused=True
        )


def check_body(body: bytes) -> None:
    """Trouble (type, shape, gone, blocked) when the body is no page, would hurt its reader, or is a wall."""
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise Trouble(Why.TYPE, f"the body is a {name} file", permanent=True, refused=True)
    _check_depth(body)
    _check_wall(body)


def _check_depth(body: bytes) -> None:
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        if body.count(b"[") + body.count(b"{") > DEPTH and _json_depth(body) > DEPTH:
            raise Trouble(Why.SHAPE, f"JSON nested deeper than {DEPTH}")
        if _NUMBER.search(body):
            raise Trouble(Why.SHAPE, f"a number of more than {DIGITS} digits")
    elif body.count(b"<") > FEW and _html_depth(body) > DEPTH:
        raise Trouble(Why.SHAPE, f"elements nested deeper than {DEPTH}")


def _json_depth(body: bytes) -> int:
    depth = deepest = 0
    for match in _BRACKET.finditer(body):
        first = match[0][:1]
        if first in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEPTH:
                break
        elif first in (b"]", b"}"):
            depth -= 1
    return deepest


def _html_depth(body: bytes) -> int:
    """Elements open at once, as far as tags alone tell; stops where DEPTH is passed."""
    depth = 0
    for match in _TAG.finditer(body):
        if match[2].lower() in _FLAT or match[3]:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > DEPTH:
            break
    return depth


@cache
def _signs() -> tuple[tuple[Why, re.Pattern[str], re.Pattern[str]], ...]:
    """(reason, pattern of the title, pattern of a short text), from signs.yaml."""
    rows = yaml.safe_load(files("monitor.collect").joinpath("signs.yaml").read_text("utf-8"))
    return tuple(
        (Why(name), re.compile("|".join(row["title"]), re.I), re.compile("|".join(row["text"]), re.I))
        for name, row in rows.items()
    )


def _check_wall(body: bytes) -> None:
    """A short page whose title or few words are those of a wall or of a missing page."""
    if len(body) > WALL_BODY or b"<" not in body[:200]:
        return
    page = _roughly(body)
    match = _TITLE.search(page)
    title = match[1].strip() if match else ""
    words = re.sub(r"\s+", "", _MARKUP.sub(" ", page))[:400]
    for why, titles, texts in _signs():
        if (title and titles.search(title) and len(words) < 300) or (len(words) < 120 and texts.search(words)):
            raise Trouble(why, f"status 200, but the page says {(title or words)[:40]!r}")


def _roughly(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")
