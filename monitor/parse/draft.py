"""The one place where a Post is made from what a parser found: identity, bounds, zone. Knows no format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import markup
from monitor.parse.dates import plausible, read_date
from monitor.parse.faults import Unreadable
from monitor.text import post_id, storable

Row = TypeVar("Row")
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万wWkK千亿]?)\+?")
_TIMES = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}


def draft(
    document: Document,
    feed: Feed,
    *,
    native_id: str | None = None,
    title: str | None = None,
    text: str = "",
    url: str | None = None,
    when: str | int | float | datetime | None = None,
    author: str | None = None,
    engagement: Engagement | None = None,
    complete: bool = True,
) -> Post:
    """A post of this feed. `text` and `title` are plain already.

    Unreadable if nothing identifies it or it says nothing.
    """
    title = markup.line(title or "") or None
    text = markup.tidy(text)
    if not title and not text:
        raise Unreadable("missing", what="title and text of a post")
    url = markup.absolute(document.final_url or document.url, url)
    native = storable(native_id or "") or url or content_key(title, text)
    if isinstance(when, datetime):
        moment = plausible(when, "given", now=document.fetched_at).moment
    else:
        moment = read_date(when, now=document.fetched_at)
    return Post(
        id=post_id(feed.source, key(native)),
        native_id=native,
        title=title,
        text=text,
        platform=feed.source,
        url=url,
        published_at=moment,
        author=markup.line(author or "") or None,
        engagement=engagement if engagement and engagement != Engagement() else None,
        feed=feed.name,
        fetched_at=document.fetched_at,
        complete=complete,
    )


def drafts(rows: Sequence[Row], make: Callable[[Row], Iterable[Post]]) -> list[Post]:
    """The posts of rows. One that says nothing (a deleted message, a picture alone) does not take the others with it.

    Unreadable, by the first row's reason, where more rows cannot be read than can: it is the shape that changed.
    """
    posts: list[Post] = []
    unread: list[Unreadable] = []
    for row in rows:
        try:
            posts += make(row)
        except Unreadable as problem:
            unread.append(problem)
    if unread and 2 * len(unread) > len(rows):
        raise unread[0]
    return posts


def key(native_id: str) -> str:
    """What of a native id names the post: of an address, only what stays when it is shared on."""
    return markup.identity(native_id) if native_id.startswith(("http://", "https://")) else native_id


def content_key(title: str | None, text: str) -> str:
    """Identity of a post without an id and without an address: what it says."""
    return "text:" + hashlib.sha256(f"{title or ''}\n{text}".encode()).hexdigest()[:24]


def count(value: Any) -> int | None:
    """A counter as platforms write it: 12, "1,204", "1.2万", "10万+"; None for words such as 转发 and for nonsense."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if 0 <= value < 1e12 else None
    match = _COUNT.search(str(value)[:40])
    if not match or str(value).strip().startswith("-"):
        return None
    number = float(match[1].replace(",", "")) * _TIMES[match[2].lower()]
    return round(number) if number < 1e12 else None
