"""RSS, Atom and JSON Feed. Knows the three formats and how they are broken in the field.

feedparser is the most tolerant reader; it grows without bound on entity definitions and lets scripts through, so
document
types are cut off, items and depth are counted before it, and every fragment goes through `markup.plain` after it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import feedparser

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import bounds, markup, payload
from monitor.parse.decode import decode
from monitor.parse.draft import content_key, count, draft
from monitor.parse.faults import Unreadable

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.I)
_DOCTYPE = re.compile(
    r"(\s*(?:(?:<!--.{0,2000}?-->|<\?[^<>]{0,300}\?>)\s*)*)<!DOCTYPE\b[^>\[]*+(?:\[[^\]]*+\]\s*+)?>", re.I | re.S
)
_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|RDF)[\s>]", re.I)
_CDATA = re.compile(r"<!\[CDATA\[(?:.*?\]\]>|.*)", re.S)
_CDATA_OR_ITEM_END = re.compile(_CDATA.pattern + r"|</(?:\w+:)?(?P<end>item|entry)\s*>", re.I | re.S)
_CDATA_OR_AND = re.compile(  # R&D: the reader would make R&D; of it; a guid stays as it was read ever since
    _CDATA.pattern + r"|<(?:\w+:)?(?:guid|id)\b[^<]*+|&(?!#?\w{1,10};)", re.S | re.I
)
_AND_AGAIN = re.compile(r"&(?:amp;?(?=[a-z_]\w*=)|#38;|#x26;)", re.I)  # nothing else: ?id=1&section=3 holds no §
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>/]", re.I)
_WEB = re.compile(r"https?://")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_rss(document: Document, feed: Feed) -> list[Post]:
    """Posts of a feed, newest first as published.

    Unreadable: not a feed, or a feed that nests or grows beyond bounds.
    """
    text = decode(document).text.strip()
    if text.startswith("{"):
        return _json_feed(document, feed, text)
    items = [item for item in entries(text) if any(_words(item)) or _link(item, document)]
    seen = Counter(key for item in items for key in set(_keys(item, document)))
    return [_post(document, feed, item, seen) for item in items]


def guarded(text: str) -> str:
    """The feed as feedparser may see it: no document type, no illegal signs, at most MAX_POSTS items, bounded depth."""
    if not _ROOT.search(text[:5000]):
        page = re.search(r"<(?:!doctype )?html", text[:2000], re.I)
        raise Unreadable("not_a_feed", why="it is a web page" if page else "no rss, feed or RDF element")
    text = _whole_items(_ILLEGAL.sub(" ", _without_doctype(_DECLARATION.sub("", text))))
    text = _CDATA_OR_AND.sub(lambda match: match[0] if match[0] != "&" else "&amp;", text)
    bare = _CDATA.sub("", text)
    if re.search(r"<!(?:ENTITY|DOCTYPE)", bare, re.I):
        raise Unreadable("not_a_feed", why="it defines entities")
    bounds.within_depth(bare, limit=bounds.MAX_XML_DEPTH)
    return text


def _without_doctype(text: str) -> str:
    """Document types hold entity definitions and addresses; nothing in a feed needs them."""
    match = _DOCTYPE.match(text)
    return text[match.end() :] if match else text


def _whole_items(text: str) -> str:
    """At most MAX_POSTS items, and none that was cut off: it would count as seen, and its rest be lost."""
    ends: list[int] = []
    for match in _CDATA_OR_ITEM_END.finditer(text):
        if match["end"]:
            ends.append(match.end())
        if len(ends) >= bounds.MAX_POSTS:
            break
    if ends:
        return text[: ends[-1]]
    first = _ITEM.search(text)
    return text[: first.start()] if first else text


def entries(text: str) -> list[Mapping[str, Any]]:
    """What feedparser finds in a feed's text, guarded. Unreadable when it finds no feed."""
    text = markup.nameable(guarded(text))  # feedparser gives up on the whole feed for one that it cannot name
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        found = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError) as problem:
        raise Unreadable("not_a_feed", why=f"feedparser gave up: {problem}"[:120]) from problem
    if not found.version and not found.entries:
        raise Unreadable("not_a_feed", why=str(found.get("bozo_exception", "unknown format"))[:120])
    return list(found.entries)


def _post(document: Document, feed: Feed, item: Mapping[str, Any], seen: Counter[str]) -> Post:
    full, text, title = _words(item)
    link = _link(item, document)
    return draft(
        document,
        feed,
        native_id=next(key for key in _keys(item, document) if seen[key] == 1 or key.startswith("text:")),
        title=title or (None if text else link),
        text=text,
        url=link,
        when=item.get("published") or item.get("updated") or item.get("created"),
        author=markup.plain_title(item.get("author", "") or ""),
        engagement=Engagement(comments=count(item.get("slash_comments") or item.get("thr_total"))),
        complete=not feed.follow or bool(full and len(text) > 200),
    )


def _words(item: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """The full content as HTML ("" if the feed has summaries only), the text, the title."""
    full = "\n".join(part.get("value", "") for part in item.get("content", ()))
    return full, markup.plain(full or item.get("summary", "") or ""), markup.plain_title(item.get("title", "") or "")


def _link(item: Mapping[str, Any], document: Document) -> str | None:
    """Where an item leads; feedparser makes &ampb=2 of an address that was escaped once more than XML asks for."""
    link = _named(item, document)
    return _AND_AGAIN.sub("&", link) if link else None


def _named(item: Mapping[str, Any], document: Document) -> str | None:
    """The address as it was read ever since: posts are known by it."""
    guid = str(item.get("id") or "")
    base = document.final_url or document.url
    return markup.absolute(base, item.get("link")) or (markup.absolute(base, guid) if _WEB.match(guid) else None)


def _keys(item: Mapping[str, Any], document: Document) -> list[str]:
    """Identities in order of preference: the publisher's id, the address, both, the content.

    The first unique one counts.
    """
    guid, link = str(item.get("id") or "").strip(), _named(item, document)
    _, text, title = _words(item)
    return [key for key in (guid, link, f"{guid} {link or ''}".strip()) if key] + [content_key(title, text)]


def _json_feed(document: Document, feed: Feed, text: str) -> list[Post]:
    """JSON Feed 1.1 (jsonfeed.org): `items` with `id`, `content_html` or `content_text`."""
    whole = payload.loads(text)
    if not isinstance(whole, dict) or ("jsonfeed.org" not in str(whole.get("version", "")) and "items" not in whole):
        raise Unreadable("not_a_feed", why="no `version` of jsonfeed.org and no `items`")
    return [_json_post(document, feed, row) for row in payload.rows(whole, "items", what="items of a JSON Feed")]


def _json_post(document: Document, feed: Feed, row: payload.Row) -> Post:
    text = markup.tidy(payload.text_of(row, "content_text")) or markup.plain(
        payload.text_of(row, "content_html", "summary")
    )
    authors = row.get("authors") if isinstance(row.get("authors"), list) else [row.get("author")]
    names = [payload.text_of(author, "name") for author in authors or () if isinstance(author, Mapping)]
    guid = payload.required(row, "id", "url", "external_url", what="id of an item")
    return draft(
        document,
        feed,
        native_id=guid,
        title=markup.plain_title(payload.text_of(row, "title")),
        text=text,
        url=payload.text_of(row, "url", "external_url"),
        when=payload.text_of(row, "date_published", "date_modified"),
        author=names[0] if names else None,
        engagement=_reach(row.get("_engagement")),
    )


def _reach(said: Any) -> Engagement | None:
    """How far an item has gone, where its publisher adds the extension `_engagement` (JSON Feed 1.1, "Extensions")."""
    if not isinstance(said, Mapping):
        return None
    return Engagement(*(count(said.get(name)) for name in ("views", "likes", "comments", "reposts")))
