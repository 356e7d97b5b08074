"""Documents into posts. Pure: bytes, a feed and the time of fetching in; posts or a reason out. Fetches nothing.

    decode   bytes -> text        dates    words -> moment       bounds   how much is read at all
    kinds    {kind: function}     markup   HTML -> words         draft    the one place where a Post is made
    rss listing page discuz board sitemap weibo douyin vendor wechat letter sheets      one file per kind of source
    threads  a forum's thread over all its pages            further  where a list goes on
    payload  JSON, guarded    table    named columns        known    selectors of common systems      faults  why not
    debts    another office's list (not posts)              propose  how a new source could be read

Less than a feed promises is a fault (`Unreadable`, an InputError with a code and a Chinese sentence), never "no news".
"""

from __future__ import annotations

from dataclasses import replace

from monitor.model import Document, Feed, Post
from monitor.parse.faults import Unreadable
from monitor.parse.further import children, next_mark
from monitor.parse.kinds import KINDS, parser_of
from monitor.parse.page import complete_from_page
from monitor.parse.threads import complete_thread, later_pages, pages_of, replies

__all__ = [
    "KINDS", "Unreadable", "article", "children", "later_pages", "next_mark", "pages", "pages_of", "parse", "replies",
]  # fmt: skip


def parse(document: Document, feed: Feed) -> list[Post]:
    """The posts of a document, each once, in its order.

    Unreadable (an InputError): not what the feed's kind promises, required parts missing, or fewer than `feed.minimum`.
    A well-formed document that says "nothing" is accepted only where `minimum` is 0.
    """
    posts = _once(parser_of(feed.kind)(document, feed))
    if len(posts) < feed.minimum:
        raise Unreadable("too_few", found=len(posts), minimum=feed.minimum)
    return posts


def article(document: Document, feed: Feed, stub: Post) -> Post:
    """The stub of a list, completed from its own page; its id stays. Unreadable: no text there."""
    return pages(document, feed, stub)[0]


def pages(document: Document, feed: Feed, stub: Post) -> list[Post]:
    """The completed stub, then what else its page holds: the replies of a forum thread are posts of their own."""
    if feed.kind == "discuz":
        return _once(complete_thread(document, feed, stub))
    if feed.kind == "board":
        return [replace(parser_of("board")(document, feed)[0], id=stub.id, native_id=stub.native_id)]
    return [complete_from_page(document, feed, stub)]


def _once(posts: list[Post]) -> list[Post]:
    return list({post.id: post for post in reversed(posts)}.values())[::-1]
