"""Every post of the scripted day reaches a reader whole: through feeds, fetcher and parsers, over real HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from monitor import config, demo
from monitor.collect import Fetcher, follow, requests_for
from monitor.demo import expected
from monitor.demo.script import rows
from monitor.model import Feed, Post
from monitor.parse import pages, parse


async def read(feed: Feed, fetcher: Fetcher) -> list[Post]:
    """All posts of a feed, items completed from their pages."""
    posts: list[Post] = []
    for request in requests_for(feed, etag=None, last_modified=None, cursor=None, now=datetime.now(UTC)):
        fetch = await fetcher.fetch(request)
        assert fetch.document is not None, (feed.name, fetch.reason)
        for stub in parse(fetch.document, feed):
            if not feed.follow:
                posts.append(stub)
                continue
            page = await fetcher.fetch(follow(feed, stub.url or ""))
            assert page.document is not None, (stub.url, page.reason)
            posts += pages(page.document, feed, stub)
    return posts


async def day() -> list[Post]:
    with demo.start(all_at_once=True) as town:
        async with Fetcher() as fetcher:
            feeds = config.read_feeds(town.feeds_path)
            return [post for found in await asyncio.gather(*(read(feed, fetcher) for feed in feeds)) for post in found]


def test_the_whole_day_is_read_with_its_words_times_and_spread() -> None:
    posts = asyncio.run(day())
    found = {row.id: post for post in posts if (row := expected.row_of(post.text)) is not None}
    assert sorted({row.id for row in rows()} - found.keys()) == []
    by_id = {row.id: row for row in rows()}
    for name, post in found.items():
        row = by_id[name]
        assert "".join(post.text.split()) == "".join(row.text.split()), name
        assert post.complete
        assert post.title == row.title or (row.title is None and post.title is None) or row.site == "json", name
        assert post.published_at is not None, name
        assert post.published_at <= datetime.now(UTC), name
        assert post.url is not None, name
        assert post.url.startswith("http://127."), name
    spread = found["courier-1"].engagement
    assert spread is not None
    assert (spread.views, spread.reposts) == (158_000, 804)
    replies = [post for post in posts if expected.row_of(post.text) is None]
    assert len(replies) >= sum(len(row.replies) for row in rows() if row.site == "bbs")
    assert len({post.id for post in found.values()}) == len(rows())
