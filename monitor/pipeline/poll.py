"""A feed that is due -> its new posts, taken. Knows the order: claim, ask, keep the bytes, parse, follow, take, finish.

The feed's own state is written last: a kill at any earlier point means that the same document is read again, and
reading it again changes nothing. This file holds the pipeline's one catch-all, around one feed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from monitor.collect import Fetcher, Outcome, Trouble, Why
from monitor.collect.asking import brought
from monitor.collect.backoff import Ended, ended_in, first_due, next_due
from monitor.config import Config
from monitor.errors import InputError
from monitor.model import Feed, Post
from monitor.pipeline.ask import Asker, unreadable
from monitor.pipeline.follow import Follower, Harvest
from monitor.pipeline.take import Intake, Taken
from monitor.store import evidence as evidence_rows
from monitor.store import feeds as feed_rows
from monitor.store import posts as post_rows
from monitor.store.base import Store, outside
from monitor.store.feeds import FeedState, Poll

log = structlog.get_logger()

AT_ONCE = 32  # feeds in flight
TAKEN_AT_ONCE = 4  # whose posts are read and recorded: all processor, and the threads left over send mails meanwhile
RATE_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll of one feed brought."""

    feed: str
    outcome: str
    reason: str
    taken: Taken = field(default_factory=Taken)
    due_at: datetime | None = None
    elapsed_ms: int = 0


class Poller:
    """Polls the feeds of one installation. Safe beside other pollers: each feed is claimed."""

    def __init__(self, store: Store, intake: Intake, fetcher: Fetcher, config: Config) -> None:
        self.store, self.intake, self.fetcher = store, intake, fetcher
        self.taking = asyncio.Semaphore(TAKEN_AT_ONCE)
        self.asker, self.follower = Asker(store, fetcher, config), Follower(store, fetcher)
        self.watch(config)

    def watch(self, config: Config) -> None:
        """Asks the feeds of this configuration from now on; a poll under way ends as it began."""
        self.settings = config.settings
        self.feeds = {feed.name: feed for feed in config.feeds if feed.enabled and not brought(feed)}
        self.pushed = [feed.name for feed in config.feeds if feed.enabled and brought(feed) and feed.kind != "file"]

    def sync(self, now: datetime) -> list[str]:
        """Makes every feed of the file known to the store, first polls spread over an interval.

        One that is pushed to us is known from now on too: its silence is counted from here.
        """
        feeds = self.feeds
        first = {name: first_due(feed, now, len(feeds)) for name, feed in feeds.items()}
        first |= dict.fromkeys(self.pushed, now)
        return self.store.unit(lambda c: feed_rows.sync(c, first))

    async def poll_due(self, now: datetime, limit: int = 500, among: Collection[str] | None = None) -> list[Polled]:
        """Polls every feed whose time has come, a bounded number at once. `among`: only these names."""
        await asyncio.to_thread(self.sync, now)
        feeds = self.feeds  # others may be watched before this round ends
        wanted = set(feeds) if among is None else set(feeds) & set(among)
        states = await asyncio.to_thread(self._claim_due, now, limit, wanted)
        return await self._poll_all(states, feeds, now)

    async def poll_named(self, names: Sequence[str], now: datetime) -> list[Polled]:
        """Polls these feeds now, due or not; one that another process holds is left to it."""
        await asyncio.to_thread(self.sync, now)
        feeds = self.feeds
        held = [Polled(name, "held", "it is not asked: switched off, or its posts are brought") for name in names
                if name not in feeds]  # fmt: skip
        asked = [name for name in names if name in feeds]
        claimed = await asyncio.to_thread(self.store.unit, lambda c: [feed_rows.claim(c, name, now) for name in asked])
        held += [
            Polled(name, "held", "another process polls it now")
            for name, s in zip(asked, claimed, strict=True)
            if not s
        ]
        return held + await self._poll_all([state for state in claimed if state], feeds, now)

    def _claim_due(self, now: datetime, limit: int, wanted: Collection[str]) -> list[FeedState]:
        def work(c: Connection) -> list[FeedState]:
            return feed_rows.claim_due(c, now, limit=limit, among=wanted)

        return self.store.unit(work)

    async def _poll_all(self, states: Sequence[FeedState], feeds: Mapping[str, Feed], now: datetime) -> list[Polled]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(state: FeedState) -> Polled:
            async with gate:
                return await self._guarded(feeds[state.name], state, now)

        return list(await asyncio.gather(*(one(state) for state in states)))

    async def _guarded(self, feed: Feed, state: FeedState, now: datetime) -> Polled:
        """One feed; whatever goes wrong is written to its health and stops no other."""
        began = time.monotonic()
        harvest = Harvest()
        taken = Taken()
        try:
            what = await self.asker.ask(feed, state, harvest, now)
            if harvest.posts:
                await self.follower.follow(feed, harvest, now)
                async with self.taking:
                    taken = await asyncio.to_thread(self._take, harvest, now)
        except Trouble as trouble:
            what = ended_in(trouble)
        except InputError as problem:
            what = unreadable(problem)
        except asyncio.CancelledError:
            self.store.unit(lambda c: feed_rows.release(c, state))
            raise
        except Exception as problem:
            if reason := outside(problem):  # a full disk, a database away: no fault of the feed's, and no trace
                log.error("poll failed", feed=feed.name, reason=reason)
            else:
                log.exception("poll failed", feed=feed.name)
            said = reason or f"{type(problem).__name__}: {problem}"
            why = Why.UNRECORDED if reason else Why.BROKEN
            what = Ended(outcome=Outcome.FAILED, reason=f"{why}: {said}"[:500])
        elapsed = int((time.monotonic() - began) * 1000)
        return await asyncio.to_thread(self._finish, feed, state, harvest, taken, what, now, elapsed)

    def _sharing(self, feed: Feed) -> int:
        """How many feeds of this kind call with the same granted token: they share its quota."""
        tokens = self.settings.tokens
        own = tokens.get(feed.name)
        return sum(other.kind == feed.kind and tokens.get(other.name) == own for other in self.feeds.values()) or 1

    def _known(self, posts: Sequence[Post]) -> dict[str, str]:
        with self.store.read() as c:
            return post_rows.known(c, posts)

    # -------------------------------------------------------------- writing
    def _take(self, harvest: Harvest, now: datetime) -> Taken:
        """Keeps the bytes that new posts stand in, then takes the posts."""
        known = self._known(harvest.posts)
        needed = {harvest.sources[post.id] for post in harvest.posts if post.id not in known}
        documents = {d.sha256: d for d in harvest.documents if d.sha256 in needed}

        def keep(c: Connection) -> None:
            for document in documents.values():
                evidence_rows.add(c, document)

        if documents:
            self.store.unit(keep)
        return self.intake.take(harvest.posts, now, harvest.sources)

    def _finish(
        self, feed: Feed, state: FeedState, harvest: Harvest, taken: Taken, what: Ended, now: datetime, elapsed: int
    ) -> Polled:
        reason = what.reason + harvest.remarks
        with self.store.read() as c:
            rate = feed_rows.rate(c, feed.name, now - RATE_WINDOW, now)
        due = next_due(feed, state, replace(what, rate=rate, sharing=self._sharing(feed)), now)
        document = harvest.first.document if harvest.first else None
        whole = what.outcome is Outcome.OK and harvest.whole  # else the same list must be read again
        poll = Poll(
            feed=feed.name, at=now, outcome=str(what.outcome), reason=reason, posts=len(harvest.posts), new=taken.new,
            elapsed_ms=elapsed,
        )  # fmt: skip

        def work(c: Connection) -> bool:
            return feed_rows.finish(
                c,
                state,
                poll,
                due_at=due.at,
                disabled_reason=due.disabled,
                etag=document.headers.get("etag") if document and whole else None,
                last_modified=document.headers.get("last-modified") if document and whole else None,
                body_hash=document.sha256 if document and whole else None,
                cursor=harvest.cursor if what.outcome is Outcome.OK else None,  # what was not taken comes again
            )

        self.store.unit(work)
        return Polled(feed.name, str(what.outcome), reason, taken, due.at, elapsed)
