"""Where a list goes on: the mark of its next page, the sitemaps behind an index. Pure; asks for nothing.

A list that shows ten rows hides the eleventh of a busy hour. Marks are what the platforms themselves name: the last
thread of a message board (`lastItem`), `cursor` while `has_more` (Douyin), a page number where the feed names its
parameter (`options.page_param`), what a vendor's contract names (`options.next`, a dotted path).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from monitor.model import Document, Feed, Post
from monitor.parse import markup, payload
from monitor.parse.decode import decode
from monitor.parse.sitemap import index_of

FULL = 10  # rows of a full page of the message board
MOST_CHILDREN = 3  # sitemaps of an index read in one poll: the newest


def next_mark(document: Document, feed: Feed, posts: Sequence[Post], mark: str | None) -> str | None:
    """The mark to ask on with after this page, whose own mark was `mark`; None where the list ends or names none."""
    if not posts or feed.kind not in ("board", "douyin", "vendor"):
        return None
    if "page_param" in feed.options:
        return str(int(mark) + 1 if mark and mark.isdigit() else 2)
    if feed.kind == "board":
        return posts[-1].native_id if "fid" in feed.options and len(posts) >= FULL else None
    answer = payload.load(document)
    if feed.kind == "douyin":
        there = payload.dig(answer, "data.has_more") or payload.dig(answer, "has_more")
        return _mark(payload.first(answer, "data.cursor", "cursor"), mark) if there and _object(answer) else None
    path = str(feed.options.get("next", ""))
    return _mark(payload.dig(answer, path), mark) if path else None


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _mark(found: Any, before: str | None) -> str | None:
    """A mark as text; one that does not move would be asked for forever."""
    plain = isinstance(found, (str, int)) and not isinstance(found, bool)
    return str(found)[:500] if plain and str(found) not in ("", before or "") else None


def children(document: Document, feed: Feed) -> list[str]:
    """The newest sitemaps of an index, those of news first; empty for a sitemap and for every other kind."""
    if feed.kind != "sitemap":
        return []
    text = decode(document).text
    if not re.search(r"<(?:\w+:)?sitemapindex\b", text[:5000], re.I):
        return []
    here = document.final_url or document.url
    found = [url for url in (markup.absolute(here, link) for link in index_of(text)) if url]
    return sorted(found, key=lambda url: "news" not in url.lower())[:MOST_CHILDREN]
