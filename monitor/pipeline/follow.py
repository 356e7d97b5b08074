"""The pages behind a list: of new items, of threads that have grown, and the later pages of a thread. Knows which are
visited and how many in one poll; what a page says is read in parse, and nothing is stored here.

A page that cannot be read, or not now, waits: its item is left out of the harvest, or goes in without its count of
replies, so that nothing is noted as seen that was not read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from monitor.collect import Fetch, Fetcher
from monitor.collect.asking import follow
from monitor.errors import InputError
from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import later_pages, pages, pages_of, replies
from monitor.store import posts as post_rows
from monitor.store.base import Store

log = structlog.get_logger()

FOLLOWED = 40  # pages of one list read in one poll; the rest come with the next
REREAD = 10  # known threads with new replies read again in one poll
LATER = 5  # pages of one thread read beyond its first: the last ones
PATIENCE = 300.0  # seconds for the pages of one poll: half a lease, whatever crawl delay the site asks for
LIVELY = timedelta(days=7)  # a thread this young is looked at again where its list does not count replies
AGAIN = timedelta(hours=1)  # not before, and never before a quarter of its age


@dataclass(slots=True)
class Harvest:
    """What was read so far. `sources`: post id -> SHA-256 of the document it stands in."""

    posts: list[Post] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    first: Fetch | None = None
    unread: int = 0
    waiting: int = 0  # pages left for the next poll
    passed_over: int = 0  # pages in the middle of long threads
    uncounted: bool = False  # a forum's list without counts of replies: the same bytes do not mean that nothing came
    cursor: str | None = None

    def add(self, posts: Iterable[Post], document: Document) -> None:
        for post in posts:
            self.posts.append(post)
            self.sources[post.id] = document.sha256
        self.documents.append(document)

    @property
    def whole(self) -> bool:
        """Whether the same list need not be read again."""
        return not (self.unread or self.waiting or self.uncounted)

    @property
    def remarks(self) -> str:
        """What was left, as the end of a reason."""
        said = ((self.unread, "pages could not be read"), (self.passed_over, "pages of long threads passed over"))
        return "".join(f"; {number} {what}" for number, what in said if number)


class Follower:
    """Visits the pages behind the lists of one installation."""

    def __init__(self, store: Store, fetcher: Fetcher) -> None:
        self.store, self.fetcher = store, fetcher

    async def follow(self, feed: Feed, harvest: Harvest, now: datetime) -> None:
        """Completes the list items that are new and still need their page; reads threads again that have grown."""
        if not feed.follow and all(post.complete or not post.url for post in harvest.posts):
            return
        known, seen, old = await asyncio.to_thread(self._memory, feed, harvest.posts, now)
        new = [p for p in harvest.posts if p.url and p.id not in known and (feed.follow or not p.complete)]
        again = _grown(harvest.posts, known, seen) + old if _forum(feed) else []
        harvest.uncounted = _forum(feed) and any(_replies(post) is None for post in harvest.posts)
        visits = [*new[:FOLLOWED], *again[:REREAD]]
        harvest.waiting += len(new[FOLLOWED:]) + len(again[REREAD:])
        completed: dict[str, list[Post]] = {}
        until = time.monotonic() + PATIENCE
        for place, stub in enumerate(visits):
            if time.monotonic() > until:
                harvest.waiting += len(visits) - place
                break
            before = seen.get(known[stub.id], 0) if stub.id in known else None
            if (found := await self._page(feed, stub, harvest, before, until)) is not None:
                completed[stub.id] = found
        harvest.posts = list(_filled(harvest.posts, completed, known, {post.id for post in again}))

    def _memory(
        self, feed: Feed, posts: Sequence[Post], now: datetime
    ) -> tuple[dict[str, str], dict[str, int], list[Post]]:
        """Which posts are known, the most replies ever seen on each, and the threads that were not looked at lately."""
        with self.store.read() as c:
            known = post_rows.known(c, posts)
            if not _forum(feed):
                return known, {}, []
            last = post_rows.last_observed(c, list(known.values()))
            return known, post_rows.most_comments(c, list(known.values())), _old(posts, known, last, now)

    async def _page(
        self, feed: Feed, stub: Post, harvest: Harvest, seen: int | None, until: float
    ) -> list[Post] | None:
        """The posts of the page behind a list item; None, and counted, where it cannot be read."""
        fetch = await self.fetcher.fetch(follow(feed, stub.url or ""))
        if fetch.document is None:
            harvest.unread += 1
            return None
        try:
            found = await asyncio.to_thread(pages, fetch.document, feed, stub)
        except InputError as problem:
            log.info("page not read", feed=feed.name, url=stub.url, reason=str(problem))
            harvest.unread += 1
            return None
        if seen is not None and stub.engagement:  # the list's counts are what the next list is held against
            found = [replace(found[0], engagement=stub.engagement), *found[1:]]
        _note(harvest, found, fetch.document)
        if not _forum(feed):
            return found
        later, all_read = await self._later(feed, stub, harvest, fetch.document, seen, until)
        return [found[0] if all_read else _unsaid(found[0]), *found[1:], *later]

    async def _later(
        self, feed: Feed, stub: Post, harvest: Harvest, first: Document, seen: int | None, until: float
    ) -> tuple[list[Post], bool]:
        """The replies on the later pages of a thread, and whether every page was read that was to be."""
        thread = await asyncio.to_thread(pages_of, first, feed)
        numbers, passed_over = later_pages(thread, seen, LATER)
        harvest.passed_over += passed_over
        found: list[Post] = []
        for number in numbers:
            url = thread.address(number)
            if url is None:
                harvest.passed_over += 1
                continue
            if time.monotonic() > until:
                harvest.waiting += 1
                return found, False
            fetch = await self.fetcher.fetch(follow(feed, url))
            try:
                if fetch.document is None:
                    raise InputError(fetch.reason)
                said = await asyncio.to_thread(replies, fetch.document, feed, stub)
            except InputError as problem:
                log.info("page not read", feed=feed.name, url=url, reason=str(problem))
                harvest.unread += 1
                return found, False
            _note(harvest, said, fetch.document)
            found += said
        return found, True


def _forum(feed: Feed) -> bool:
    """Whether the items of a feed are threads that grow."""
    return feed.kind == "discuz" and feed.follow


def _replies(post: Post) -> int | None:
    return post.engagement.comments if post.engagement else None


def _grown(posts: Sequence[Post], known: Mapping[str, str], seen: Mapping[str, int]) -> list[Post]:
    """Known threads with more replies than were ever observed, those that grew most first."""
    more = {
        post.id: (_replies(post) or 0) - seen.get(known[post.id], 0) for post in posts if post.url and post.id in known
    }
    return sorted((post for post in posts if more.get(post.id, 0) > 0), key=lambda post: -more[post.id])


def _old(posts: Sequence[Post], known: Mapping[str, str], last: Mapping[str, datetime], now: datetime) -> list[Post]:
    """Known threads whose list does not count replies and that were not looked at lately, the longest waiting first.

    The older a thread, the rarer: after a quarter of its age, not before an hour, not after a week.
    """
    due: list[tuple[datetime, Post]] = []
    for post in posts:
        if not post.url or post.id not in known or _replies(post) is not None:
            continue
        looked = last.get(known[post.id])
        age = now - (post.published_at or looked or now)
        if looked is None or (age <= LIVELY and now - looked >= max(AGAIN, age / 4)):
            due.append((looked or datetime.min.replace(tzinfo=now.tzinfo), post))
    return [post for _, post in sorted(due, key=lambda row: row[0])]


def _unsaid(post: Post) -> Post:
    """The thread without its count of replies: some were not read, and the next list shall show it as grown."""
    return replace(post, engagement=replace(post.engagement or Engagement(), comments=None))


def _note(harvest: Harvest, found: Iterable[Post], document: Document) -> None:
    harvest.documents.append(document)
    harvest.sources.update((post.id, document.sha256) for post in found)


def _filled(
    posts: Sequence[Post], completed: Mapping[str, list[Post]], known: Mapping[str, str], again: Collection[str]
) -> Iterable[Post]:
    """The list with its items replaced by what their pages say; items still without their page are left out."""
    for stub in posts:
        if stub.id in completed:
            yield from completed[stub.id]
        elif stub.id not in again and (stub.complete or stub.id in known):
            yield stub
