"""A thread of a forum over all its pages: its first page with the opening post, and the later ones with replies only.

Knows how Discuz! turns pages; what a page itself says is read by discuz.py. Which pages are worth a visit is decided
here, purely; who visits them stands in the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import markup
from monitor.parse.decode import decode
from monitor.parse.discuz import page_number, parse_discuz, thread_of, turned_to
from monitor.parse.draft import count
from monitor.parse.faults import Unreadable
from monitor.text import post_id

MOST_PAGES = 10_000  # a number above is a mistake or a joke
_LINKS = ".pg a[href], .pgs a[href], .pages a[href]"
_TOTAL = re.compile(r"(?:共|/)\s*(\d{1,6})\s*页")


@dataclass(frozen=True, slots=True)
class Pages:
    """How long a thread is. `posts` on its first page, which is full where there is a second; `addresses` of pages."""

    last: int = 1
    posts: int = 0
    addresses: Mapping[int, str] = field(default_factory=dict)

    def address(self, number: int) -> str | None:
        """Where a page is: as linked, else as the linked ones are named."""
        if number in self.addresses:
            return self.addresses[number]
        return next((turned for url in self.addresses.values() if (turned := turned_to(url, number))), None)


def complete_thread(document: Document, feed: Feed, stub: Post) -> list[Post]:
    """The stub with its full text, then the replies of the same page. Unreadable when the page is not that thread's.

    Where the page does not state how many replies there are, those that can be counted stand for it.
    """
    posts = parse_discuz(document, feed)
    tid = thread_of(stub.url) or stub.native_id
    opening = next((post for post in posts if post.id in {stub.id, post_id(feed.source, tid or "")}), None)
    if opening is None:
        raise Unreadable("missing", what="the first post of the thread")
    full = replace(
        stub,
        text=opening.text or stub.text,
        title=opening.title or stub.title,
        published_at=opening.published_at or stub.published_at,
        author=opening.author or stub.author,
        engagement=opening.engagement or stub.engagement or Engagement(comments=len(posts) - 1),
        complete=True,
    )
    return [full, *(post for post in posts if post is not opening)]


def replies(document: Document, feed: Feed, stub: Post) -> list[Post]:
    """The replies on a later page of the stub's thread. Unreadable: another thread's, or none."""
    posts = parse_discuz(document, feed)
    tid = thread_of(stub.url) or stub.native_id or ""
    found = [post for post in posts if (post.native_id or "").startswith(f"{tid}#")]
    if not found:
        raise Unreadable("missing", what="replies of the thread")
    return found


def pages_of(document: Document, feed: Feed) -> Pages:
    """What the first page of a thread says about the others; one page where it names none."""
    here = document.final_url or document.url
    page = markup.tree(decode(document).text)
    posts, tid, host = len(page.css("[id^=postmessage_]")), thread_of(here), urlsplit(here).netloc
    found: dict[int, str] = {}
    for link in page.css(_LINKS):
        url = markup.absolute(here, link.attributes.get("href"))
        number = count(link.text(strip=True).strip(". "))
        if url and number and page_number(url) == number and thread_of(url) == tid and urlsplit(url).netloc == host:
            found[number] = url
    totals = [int(total) for node in page.css(".pg, .pgs, .pages")[:4] for total in _TOTAL.findall(_said(node))]
    return Pages(min(max([1, *found, *totals]), MOST_PAGES), posts, found)


def _said(node: object) -> str:
    """The words of a bar of page numbers, the hints on them included."""
    return re.sub(r"<[^>]*?title=\"([^\"]*)\"[^>]*>|<[^>]*>", r" \1 ", getattr(node, "html", None) or "")


def later_pages(thread: Pages, seen: int | None, most: int) -> tuple[range, int]:
    """The pages after the first that are worth a visit, and how many between them and what was seen are passed over.

    `seen`: replies known before; None for a thread met for the first time. At most the last `most` pages are visited:
    what is new in a forum stands at the end.
    """
    if thread.last < 2 or not thread.posts:
        return range(0), 0
    unseen = 2 if seen is None else max(2, (seen + 1) // thread.posts + 1)
    start = max(min(unseen, thread.last), thread.last - most + 1)
    return range(start, thread.last + 1), start - min(unseen, thread.last)
