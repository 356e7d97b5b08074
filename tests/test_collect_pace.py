"""The crawl delay holds for every request at a host: for the hops of a redirect and for second tries too."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from collect_site import LOOPBACK, Site, http

from monitor.collect import Fetch, Fetcher, Limits, Outcome, Request, Why
from monitor.collect.pace import Pace

DELAY = 0.3
ROBOTS = http(f"User-agent: *\nCrawl-delay: {DELAY}\n")


async def get(site: Site, *paths: str, **limits: float) -> list[Fetch]:
    async with Fetcher(limits=Limits(**{"deadline": 5, "robots_deadline": 2, **limits})) as fetcher:  # type: ignore[arg-type]
        return await asyncio.gather(*(fetcher.fetch(Request(url=site.url(path), allow=LOOPBACK)) for path in paths))


def closest(site: Site) -> float:
    starts = [asked.at for asked in site.asked if asked.path != "/robots.txt"]
    return min(later - earlier for earlier, later in pairwise(starts))


def moved(*path: str) -> dict[str, bytes]:
    return {here: http("", "302 Found", Location=there) for here, there in pairwise(path)}


async def test_the_hops_of_a_redirect_within_a_host_keep_the_crawl_delay() -> None:
    async with Site({**moved("/a", "/b", "/c"), "/c": http()}, robots=ROBOTS) as site:
        (fetched,) = await get(site, "/a")
        assert (fetched.outcome, fetched.final_url) == (Outcome.OK, site.url("/c"))
        assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/b", "/c"]
        assert closest(site) >= DELAY


async def test_many_feeds_of_a_host_with_redirects_keep_it_together() -> None:
    answers = {**moved("/a", "/b"), **moved("/c", "/d"), **moved("/e", "/f")}
    async with Site({**answers, "/b": http(), "/d": http(), "/f": http()}, robots=ROBOTS) as site:
        fetched = await get(site, "/a", "/c", "/e")
        assert {each.outcome for each in fetched} == {Outcome.OK}
        assert len(site.asked) == 7
        assert closest(site) >= DELAY


async def test_a_redirect_to_another_host_and_back_keeps_the_delay_of_each() -> None:
    async with Site(robots=ROBOTS, host="127.0.0.2") as other, Site(robots=ROBOTS) as site:
        site.answers |= {"/a": http("", "302 Found", Location=other.url("/b")), "/c": http()}
        other.answers["/b"] = http("", "302 Found", Location=site.url("/c"))
        (fetched,) = await get(site, "/a")
        assert fetched.final_url == site.url("/c")
        assert closest(site) >= DELAY


async def test_a_second_try_at_a_busy_site_keeps_the_crawl_delay() -> None:
    slow = http("User-agent: *\nCrawl-delay: 1.5\n")
    async with Site({"/": [http("busy", "503 Busy"), http()]}, robots=slow) as site:
        (fetched,) = await get(site, "/")
        assert fetched.outcome is Outcome.OK
        assert closest(site) >= 1.5


async def test_waiting_for_a_turn_is_not_counted_as_time_at_the_site() -> None:
    slow = http("User-agent: *\nCrawl-delay: 1.1\n")
    async with Site({**moved("/a", "/b", "/c"), "/c": http()}, robots=slow) as site:
        (fetched,) = await get(site, "/a", deadline=2)
        assert fetched.outcome is Outcome.OK


async def test_a_hop_that_would_come_too_late_is_put_off_with_a_time() -> None:
    slow = http("User-agent: *\nCrawl-delay: 3600\n")
    async with Site({**moved("/a", "/b"), "/b": http()}, robots=slow) as site:
        (fetched,) = await get(site, "/a", patience=5)
        assert (fetched.outcome, fetched.why) == (Outcome.REFUSED, Why.PACE)
        assert 3500 < (fetched.retry_after or 0) <= 3601
        assert site.asks("/b") == []


async def test_the_gap_counts_from_the_moment_a_request_has_left() -> None:
    pace, left = Pace(together=2), list[float]()

    async def ask(connecting: float) -> None:
        async with pace.turn("site", DELAY) as turn:
            await asyncio.sleep(connecting)
            left.append(time.monotonic())
            turn.sent()
            await asyncio.sleep(2 * DELAY)

    await asyncio.gather(ask(2 * DELAY), ask(0), ask(0))
    assert min(later - earlier for earlier, later in pairwise(left)) >= DELAY


async def test_a_request_that_never_left_holds_up_nobody() -> None:
    pace = Pace(together=2)

    async def connect_in_vain() -> None:
        async with pace.turn("site", 0.0):
            raise ConnectionError

    await asyncio.gather(*(connect_in_vain() for _ in range(5)), return_exceptions=True)
    async with asyncio.timeout(5), pace.turn("site", 0.0) as turn:
        turn.sent()
