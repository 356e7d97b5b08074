"""What a feed is asked for in one poll: its list, the further pages of the list while all on them is new, its letters.
Knows the order of asking; what an answer says is read in parse, and nothing is stored here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

import structlog

from monitor.collect import Fetch, Fetcher, Outcome, Request, Why
from monitor.collect.asking import requests_for
from monitor.collect.backoff import Ended, ended
from monitor.collect.mailbox import read_mailbox
from monitor.config import Config
from monitor.errors import InputError
from monitor.model import Document, Feed, Post
from monitor.parse import Partly, Unreadable, children, next_mark, parse
from monitor.pipeline.follow import Harvest
from monitor.store import posts as post_rows
from monitor.store.base import Store
from monitor.store.feeds import FeedState

log = structlog.get_logger()

FURTHER = 5  # pages of one list in one poll
_SAID = {"token": Why.CREDENTIAL, "quota": Why.RATE, "login": Why.BLOCKED}  # faults a parser reads from an answer


class Asker:
    """Asks the sites of one installation for their lists."""

    def __init__(self, store: Store, fetcher: Fetcher, config: Config) -> None:
        self.store, self.fetcher, self.config = store, fetcher, config

    async def ask(self, feed: Feed, state: FeedState, harvest: Harvest, now: datetime) -> Ended:
        """Fetches and parses a feed's list into the harvest; how it ended. InputError: it is not what it should be."""
        if feed.kind == "mailbox":
            return await self._letters(feed, state, harvest, now)
        (request,) = self._requests(feed, state, state.cursor if feed.kind == "vendor" else None, now)
        fetch = harvest.first = await self.fetcher.fetch(request)
        what = ended(fetch)
        if fetch.document is None:
            return what
        if fetch.document.sha256 == state.body_hash:
            return replace(what, outcome=Outcome.NOT_MODIFIED, reason=f"{Why.UNCHANGED}: the same bytes as last time")
        if inner := await asyncio.to_thread(children, fetch.document, feed):
            await self._children(feed, inner, harvest)
            return what
        posts = await asyncio.to_thread(parse, fetch.document, feed)
        harvest.add(posts, fetch.document)
        await self._further(feed, state, fetch.document, posts, harvest, now)
        return what

    def _requests(self, feed: Feed, state: FeedState, cursor: str | None, now: datetime) -> list[Request]:
        return requests_for(
            feed, etag=state.etag, last_modified=state.last_modified, cursor=cursor, now=now, token=self._secret(feed)
        )

    def _secret(self, feed: Feed) -> str | None:
        token = self.config.settings.tokens.get(feed.name)
        return token.get_secret_value() if token else None

    async def _further(
        self, feed: Feed, state: FeedState, document: Document, posts: Sequence[Post], harvest: Harvest, now: datetime
    ) -> None:
        """Further pages, as long as the oldest post of the last one was new: a busy hour is longer than a page.

        Where a page cannot be read, the oldest post before it is left out, so that the next poll comes by here again.
        """
        mark = state.cursor if feed.kind == "vendor" else None
        for number in count(2):
            mark = await asyncio.to_thread(next_mark, document, feed, posts, mark)
            if mark is None:
                return
            if feed.kind == "vendor" and "next" in feed.options:
                harvest.cursor = mark
            if await asyncio.to_thread(self._is_known, posts[-1]):
                return
            if number > FURTHER:
                harvest.waiting += 1
                return
            (request,) = self._requests(feed, replace(state, etag=None, last_modified=None), mark, now)
            fetch = await self.fetcher.fetch(request)
            found = await self._page(feed, fetch, harvest)
            if found is None:
                harvest.posts.remove(posts[-1])
                return
            document, posts = found

    async def _page(self, feed: Feed, fetch: Fetch, harvest: Harvest) -> tuple[Document, Sequence[Post]] | None:
        """One more page of a list; None, and counted, where it cannot be read."""
        try:
            if fetch.document is None:
                raise InputError(fetch.reason)
            posts = await asyncio.to_thread(parse, fetch.document, replace(feed, minimum=0))
        except InputError as problem:
            log.info("page not read", feed=feed.name, url=fetch.url, reason=str(problem))
            harvest.unread += 1
            return None
        harvest.add(posts, fetch.document)
        return fetch.document, posts

    async def _children(self, feed: Feed, addresses: Sequence[str], harvest: Harvest) -> None:
        """The sitemaps behind an index; what stays the same in the index says nothing of what is in them."""
        harvest.uncounted = True
        for url in addresses:
            await self._page(feed, await self.fetcher.fetch(Request(url=url, allow=feed.allow)), harvest)
        if len(harvest.posts) < feed.minimum:
            raise Unreadable("too_few", found=len(harvest.posts), minimum=feed.minimum)

    def _is_known(self, post: Post) -> bool:
        with self.store.read() as c:
            return bool(post_rows.known(c, [post]))

    async def _letters(self, feed: Feed, state: FeedState, harvest: Harvest, now: datetime) -> Ended:
        """What people forwarded to the office's mailbox; a letter that cannot be read is passed over and counted."""
        trusted = self.config.settings.certificates
        mail = await asyncio.to_thread(read_mailbox, feed, self._secret(feed), state.cursor, now, certificates=trusted)
        unread = len(mail.passed_over)
        for document in mail.documents:
            try:
                harvest.add(await asyncio.to_thread(parse, document, replace(feed, minimum=0)), document)
            except Partly as problem:
                unread += 1
                harvest.add(problem.posts, document)
                log.warning("letter not wholly read", feed=feed.name, letter=document.url, reason=str(problem))
            except InputError as problem:
                unread += 1
                log.warning("letter not read", feed=feed.name, letter=document.url, reason=str(problem))
            except Exception:  # one letter must not keep the next from being read, at every visit
                unread += 1
                log.exception("letter not read", feed=feed.name, letter=document.url)
        harvest.cursor = mail.cursor
        left = f"; {unread} could not be read" if unread else ""
        return Ended(outcome=Outcome.OK, reason=f"{Why.FETCHED}: {len(mail.documents)} letters{left}")


def unreadable(problem: InputError) -> Ended:
    """How a poll ended whose answer could not be read: by what the platform itself said, else as a redesign."""
    why = _SAID.get(getattr(problem, "code", ""), Why.YIELD)
    return Ended(outcome=Outcome.FAILED, reason=f"{why}: {problem}", permanent=why is Why.CREDENTIAL)
