"""Documents into posts. Pure: bytes, a feed and the time of fetching in; posts or a reason out. Fetches nothing.

    decode   bytes -> text        bounds   how much is read at all
    dates    words -> moment      stamps   moments as machines write them
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
from monitor.parse.draft import content_key
from monitor.parse.faults import Partly, Unreadable
from monitor.parse.further import children, next_mark
from monitor.parse.kinds import KINDS, parser_of
from monitor.parse.page import complete_from_page
from monitor.parse.threads import complete_thread, later_pages, pages_of, replies
from monitor.text import post_id

__all__ = [
    "KINDS", "Partly", "Unreadable", "article", "children", "later_pages", "next_mark", "pages", "pages_of", "parse",
    "replies",
]  # fmt: skip


_BY_ADDRESS = frozenset({"listing", "discuz", "sitemap", "page"})  # where the same address twice is the same post


def parse(document: Document, feed: Feed) -> list[Post]:
    """The posts of a document, each once, in its order.

    Unreadable (an InputError): not what the feed's kind promises, required parts missing, or fewer than `feed.minimum`.
    A well-formed document that says "nothing" is accepted only where `minimum` is 0.
    """
    found = parser_of(feed.kind)(document, feed)
    posts = _once(found if feed.kind in _BY_ADDRESS else told_apart(found, feed))
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
        found = parser_of("board")(document, feed)
        if not found:
            raise Unreadable("no_text")
        return [replace(found[0], id=stub.id, native_id=stub.native_id)]
    return [complete_from_page(document, feed, stub)]


def told_apart(posts: list[Post], feed: Feed) -> list[Post]:
    """The same posts; where several that say different things bear one number (the row's in each sheet), all but the
    first are named by what they say, too: none hides another, and the first stays the post that it was before.

    A number of noughts is nobody's: of those none is the first.
    """
    said: dict[str, dict[str, None]] = {}
    for post in posts:
        said.setdefault(post.id, {})[post.full_text] = None
    first = {id_: next(iter(words)) for id_, words in said.items() if len(words) > 1}
    return [_by_words(post, feed) if _is_another(post, first.get(post.id)) else post for post in posts]


def _is_another(post: Post, first: str | None) -> bool:
    return first is not None and (post.full_text != first or not (post.native_id or "").strip("0"))


def _by_words(post: Post, feed: Feed) -> Post:
    native = f"{post.native_id} {content_key(post.title, post.text)}"
    return replace(post, id=post_id(feed.source, native), native_id=native)


def _once(posts: list[Post]) -> list[Post]:
    return list({post.id: post for post in reversed(posts)}.values())[::-1]
