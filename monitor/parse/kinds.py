"""The table {kind: function}. A new kind is a pure function (document, feed) -> posts and a golden pair; an installed
package adds its own through the entry point group `xinshao.kinds`. Knows names; parses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

from monitor.model import Document, Feed, Post
from monitor.parse.board import parse_board
from monitor.parse.discuz import parse_discuz
from monitor.parse.douyin import parse_douyin
from monitor.parse.faults import Unreadable
from monitor.parse.letter import parse_letter
from monitor.parse.listing import parse_listing
from monitor.parse.page import parse_page
from monitor.parse.rss import parse_rss
from monitor.parse.sheets import parse_file
from monitor.parse.sitemap import parse_sitemap
from monitor.parse.vendor import parse_vendor
from monitor.parse.wechat import parse_wechat
from monitor.parse.weibo import parse_weibo

Parser = Callable[[Document, Feed], list[Post]]


def parse_push(document: Document, feed: Feed) -> list[Post]:
    """A pushed batch, in the shape agreed with its sender: `options: {shape: ...}`, `vendor` if none is named."""
    shape = str(feed.options.get("shape", "vendor"))
    if shape == "push":
        raise Unreadable("unknown_kind", kind=shape, known=", ".join(sorted({*KINDS} - {"push"})))
    return parser_of(shape)(document, feed)


KINDS: dict[str, Parser] = {
    "rss": parse_rss,
    "listing": parse_listing,
    "page": parse_page,
    "discuz": parse_discuz,
    "board": parse_board,
    "sitemap": parse_sitemap,
    "weibo": parse_weibo,
    "douyin": parse_douyin,
    "vendor": parse_vendor,
    "file": parse_file,
    "mailbox": parse_letter,
    "wechat": parse_wechat,
    "push": parse_push,
}
GROUP = "xinshao.kinds"


def parser_of(kind: str) -> Parser:
    """The function of a kind, built in or plugged in; a plug-in cannot replace a built-in one.

    Unreadable: unknown kind.
    """
    found = KINDS.get(kind) or _plugged().get(kind)
    if found is None:
        raise Unreadable("unknown_kind", kind=kind, known=", ".join(sorted({*KINDS, *_plugged()})))
    return found


@cache
def _plugged() -> dict[str, Parser]:
    return {point.name: point.load() for point in entry_points(group=GROUP)}
