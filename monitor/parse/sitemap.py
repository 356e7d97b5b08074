"""News sitemaps (sitemaps.org, Google news extension) into stubs. Knows the format; follows nothing."""

from __future__ import annotations

import re

from monitor.model import Document, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.decode import decode
from monitor.parse.draft import draft
from monitor.parse.faults import Unreadable

MOST_ENTRIES = 50_000  # sitemaps.org: of one file
_ENTRY = re.compile(r"<(?:\w+:)?url(?=[\s>])", re.I)
_CONTENT = r"([^<]*+(?:<!\[CDATA\[[^\]]*+\]\]>)?[^<]*+)"
_PART = re.compile(rf"<(?:\w+:)?(loc|lastmod|title|publication_date)\b[^<>]*+>{_CONTENT}</", re.I)
_CHILD = re.compile(r"<(?:\w+:)?sitemap(?=[\s>])", re.I)
_CDATA = re.compile(r"<!\[CDATA\[([^\]]*)\]\]>")


def parse_sitemap(document: Document, feed: Feed) -> list[Post]:
    """Addresses with title and time where given. Unreadable: an index of sitemaps, or no sitemap at all."""
    text = decode(document).text
    if re.search(r"<(?:\w+:)?sitemapindex\b", text[:5000], re.I):
        raise Unreadable(
            "not_a_sitemap",
            why="it is an index of sitemaps; give the feed one of them: " + ", ".join(index_of(text)[:3]),
        )
    if not re.search(r"<(?:\w+:)?urlset\b", text[:5000], re.I):
        raise Unreadable("not_a_sitemap", why="no urlset element")
    found = [_parts(entry[:20_000]) for entry in _ENTRY.split(text, maxsplit=MOST_ENTRIES)[1:]]
    return [_post(document, feed, parts) for parts in _newest(found)]


def _newest(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    """All, or as many as are read of one document: the newest, wherever they stand; a map may begin with the oldest."""
    if len(entries) <= bounds.MAX_POSTS:
        return entries
    return sorted(entries, key=lambda parts: _when(parts) or "", reverse=True)[: bounds.MAX_POSTS]


def _when(parts: dict[str, str]) -> str | None:
    return parts.get("publication_date") or parts.get("lastmod")


def _parts(entry: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for name, content in _PART.findall(entry):
        parts.setdefault(name.lower(), _text(content))
    return parts


def _text(content: str) -> str:
    return markup.unescaped(_CDATA.sub(r"\1", content)).strip()


def _post(document: Document, feed: Feed, parts: dict[str, str]) -> Post:
    url = markup.absolute(document.final_url or document.url, parts.get("loc"))
    if url is None:
        raise Unreadable("missing", what="address (loc) of an entry")
    title = markup.plain_title(parts.get("title", ""))
    return draft(document, feed, title=title or url, url=url, when=_when(parts), complete=not feed.follow)


def index_of(text: str) -> list[str]:
    """The sitemaps that an index names, by `lastmod` the newest first, else in its order."""
    children = [_parts(entry[:5_000]) for entry in _CHILD.split(text[:500_000])[1:]]
    dated = sorted(children, key=lambda parts: parts.get("lastmod", ""), reverse=True)
    return [parts["loc"] for parts in dated if parts.get("loc")][:50]
