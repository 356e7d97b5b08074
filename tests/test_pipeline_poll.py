"""From a site nobody here controls to a recorded incident and a queued mail: what one poll promises."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from collect_site import Site, http
from pipelinehouse import NOW, installation, json_feed, owed, poll
from sqlalchemy import Connection

from monitor.collect import Fetcher, Limits
from monitor.model import Post
from monitor.outbox import deliver_due
from monitor.pipeline.house import House
from monitor.pipeline.poll import Poller
from monitor.pipeline.take import Taken
from monitor.store import evidence, incidents, outbox, posts
from monitor.store import feeds as feed_rows

JSON = {"content_type": "application/feed+json"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    houses: list[House] = []

    def open_(entries: Any, name: str = "house") -> House:
        houses.append(installation(tmp_path / name, entries))
        return houses[-1]

    yield open_
    for house in houses:
        house.close()


def read(house: House, what: Any) -> Any:
    with house.store.read() as c:
        return what(c)


async def test_a_post_becomes_an_incident_with_a_mail_and_its_evidence_within_one_poll(opened: Any) -> None:
    async with Site({"/feed": http(json_feed([{"id": "a", "content_text": owed(0)}]), **JSON)}) as site:
        house = opened([{"name": "随拍", "url": site.url("/feed")}])
        polled = await poll(house)
    assert polled["随拍"].outcome == "ok"
    (case,) = read(house, incidents.listing)
    assert case["facts"]["employer"] == "甲木建工"
    assert case["state"] == "assigned"
    (post,) = read(house, lambda c: incidents.posts_of(c, case["id"]))
    stored = read(house, lambda c: evidence.load(c, post["evidence"]))
    assert stored is not None
    assert "甲木建工" in stored.body.decode()
    mails = read(house, lambda c: outbox.of_incident(c, case["id"]))
    assert {mail["occasion"] for mail in mails} == {"first"}
    assert all(mail["reason"] for mail in mails)


async def test_the_page_behind_an_incident_is_kept_and_that_behind_a_passed_post_is_forgotten(opened: Any) -> None:
    async with Site(
        {
            "/case": http(json_feed([{"id": "a", "content_text": owed(0)}]), **JSON),
            "/chat": http(json_feed([{"id": "b", "content_text": "今天去河边走走，桃花开了"}]), **JSON),
        }
    ) as site:
        house = opened([{"name": "case", "url": site.url("/case")}, {"name": "chat", "url": site.url("/chat")}])
        await poll(house)
    with house.store.read() as c:
        (case,) = incidents.listing(c)
        proof = incidents.posts_of(c, case["id"])[0]["evidence"]
    assert house.store.unit(lambda c: evidence.purge(c, NOW + timedelta(days=8))) == 1
    assert read(house, lambda c: evidence.load(c, proof)) is not None


async def test_polling_again_changes_nothing(opened: Any) -> None:
    answer = http(json_feed([{"id": str(n), "content_text": owed(n)} for n in range(4)]), **JSON)
    async with Site({"/feed": answer}) as site:
        house = opened([{"name": "随拍", "url": site.url("/feed")}])
        await poll(house)
        before = read(house, state_of)
        again = await poll(house, now=NOW + timedelta(minutes=20))
    assert again["随拍"].taken.new == 0
    assert read(house, state_of) == before


def state_of(c: Connection) -> tuple[Any, ...]:
    cases = incidents.listing(c)
    return (
        sorted((case["id"], case["version"], case["posts"]) for case in cases),
        sorted(mail["key"] for case in cases for mail in outbox.of_incident(c, case["id"])),
    )


BAD = {
    "rubbish": (http(bytes(range(256)) * 20, content_type="application/rss+xml"), "yield"),
    "empty": (http(b"", content_type="application/rss+xml"), "yield"),
    "broken": (http("oops", "500 Internal Server Error"), "busy"),
    "missing": (http("no", "404 Not Found"), "gone"),
    "other": (http("<html><body><p>本站正在改版</p></body></html>", content_type="text/html"), "yield"),
    "few": (http(json_feed([]), **JSON), "yield"),
}


async def test_every_bad_answer_is_recorded_with_its_reason_and_leaves_the_other_feeds_on_schedule(opened: Any) -> None:
    answers = {f"/{name}": answer for name, (answer, _) in BAD.items()}
    answers["/good"] = http(json_feed([{"id": "a", "content_text": owed(0)}]), **JSON)
    async with Site(dict(answers)) as site:
        house = opened([{"name": name, "url": site.url(f"/{name}")} for name in [*BAD, "good"]])
        polled = await poll(house)
    states = read(house, feed_rows.states)
    for name, (_, why) in BAD.items():
        assert polled[name].outcome == "failed", name
        assert states[name].reason.startswith(f"{why}:"), (name, states[name].reason)
        assert states[name].failures == 1
    assert states["good"].outcome == "ok"
    assert states["good"].due_at <= NOW + timedelta(minutes=17)
    assert len(read(house, incidents.listing)) == 1


async def test_a_wrong_charset_is_read_all_the_same(opened: Any) -> None:
    text = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>论坛</title><item><title>求助</title><link>http://site.example/1</link><description>{owed(1)}</description></item></channel></rss>'
    async with Site({"/feed": http(text.encode("gb18030"), content_type="text/xml; charset=utf-8")}) as site:
        house = opened([{"name": "论坛", "url": site.url("/feed")}])
        await poll(house)
    (case,) = read(house, incidents.listing)
    assert case["facts"]["employer"] == "丁岳路桥"


async def test_a_feed_that_breaks_our_own_code_stops_no_other(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = http(json_feed([{"id": "a", "content_text": owed(0)}]), **JSON)
    async with Site({"/one": answer, "/two": answer}) as site:
        house = opened([{"name": "one", "url": site.url("/one")}, {"name": "two", "url": site.url("/two")}])
        whole = Poller._take

        def take(self: Poller, harvest: Any, now: Any) -> Any:
            if harvest.posts[0].feed == "one":
                raise RuntimeError("nobody expected this")
            return whole(self, harvest, now)

        monkeypatch.setattr(Poller, "_take", take)
        await poll(house)
    states = read(house, feed_rows.states)
    assert states["one"].reason.startswith("broken: RuntimeError: nobody expected this")
    assert states["two"].outcome == "ok"


async def test_validators_are_sent_again_and_an_unchanged_page_is_not_read(opened: Any) -> None:
    answer = http(json_feed([{"id": "a", "content_text": owed(0)}]), ETag='"v1"', **JSON)
    async with Site({"/feed": [answer, http(b"", "304 Not Modified")]}) as site:
        house = opened([{"name": "随拍", "url": site.url("/feed")}])
        await poll(house)
        again = await poll(house, now=NOW + timedelta(minutes=20))
        assert site.asks("/feed")[1].headers["if-none-match"] == '"v1"'
    assert again["随拍"].outcome == "not_modified"


LIST = '<html><body><ul class="list">{items}</ul></body></html>'
ITEM = '<li><a href="/{name}.html">{title}</a><span>2026-01-20</span></li>'
PAGE = (
    '<html><head><title>{title}</title></head><body><h1>{title}</h1><div class="text"><p>{text}</p></div></body></html>'
)


async def test_an_article_that_could_not_be_read_is_read_at_the_next_poll(opened: Any) -> None:
    items = "".join(ITEM.format(name=name, title=f"工人反映工资问题之{name}") for name in ("a", "b"))
    selectors = {"item": "ul.list li", "link": "a", "title": "a", "text": "div.text"}
    async with Site(
        {
            "/list": http(LIST.format(items=items), content_type="text/html; charset=utf-8"),
            "/a.html": http(PAGE.format(title="工人反映工资问题之a", text=owed(0)), content_type="text/html"),
            "/b.html": [
                http("busy", "503 Service Unavailable"),
                http(PAGE.format(title="工人反映工资问题之b", text=owed(1)), content_type="text/html"),
            ],
        }
    ) as site:
        entry = {"name": "新闻", "kind": "listing", "url": site.url("/list"), "selectors": selectors, "follow": True}
        house = opened([entry])
        first = await poll(house)
        assert "1 pages could not be read" in first["新闻"].reason
        assert len(read(house, incidents.listing)) == 1
        await poll(house, now=NOW + timedelta(minutes=20))
    assert len(read(house, incidents.listing)) == 2


async def test_the_same_debt_from_two_feeds_in_the_same_second_is_one_incident(opened: Any) -> None:
    answers = {f"/{n}": http(json_feed([{"id": f"x{n}", "content_text": owed(0)}]), **JSON) for n in range(6)}
    async with Site(dict(answers)) as site:
        house = opened([{"name": f"feed{n}", "url": site.url(f"/{n}")} for n in range(6)])
        await poll(house)
    (case,) = read(house, incidents.listing)
    assert case["posts"] == 6


async def test_two_pollers_share_the_work_and_no_feed_is_polled_twice(opened: Any) -> None:
    answer = http(json_feed([{"id": "a", "content_text": owed(0)}]), **JSON)
    async with Site({f"/{n}": answer for n in range(8)}) as site:
        house = opened([{"name": f"feed{n}", "url": site.url(f"/{n}")} for n in range(8)])
        house.store.unit(lambda c: feed_rows.sync(c, {f"feed{n}": NOW for n in range(8)}))
        async with Fetcher(limits=Limits(deadline=5, gap=0)) as fetcher:
            pollers = [Poller(house.store, house.intake, fetcher, house.config) for _ in range(2)]
            both = await asyncio.gather(*(poller.poll_due(NOW) for poller in pollers))
        asked = [len(site.asks(f"/{n}")) for n in range(8)]
    assert asked == [1] * 8
    assert sorted(one.feed for found in both for one in found) == [f"feed{n}" for n in range(8)]


async def test_spread_raises_the_level_and_never_lowers_it(opened: Any) -> None:
    def feed(reposts: int) -> bytes:
        return (
            json_feed([{"id": "a", "content_text": owed(0)}])
            if not reposts
            else json_feed(
                [{"id": "a", "content_text": owed(0), "_engagement": {"views": reposts * 100, "reposts": reposts}}]
            )
        )

    async with Site({"/feed": [http(feed(n), **JSON) for n in (1, 900, 1)]}) as site:
        house = opened([{"name": "随拍", "url": site.url("/feed")}])
        levels = []
        for minutes in (0, 20, 40):
            await poll(house, now=NOW + timedelta(minutes=minutes))
            levels.append(read(house, incidents.listing)[0]["level"])
    assert levels[1:] == ["orange", "orange"]
    assert levels[0] in ("blue", "yellow")


def test_taking_the_same_posts_twice_records_them_once(opened: Any) -> None:
    house = opened([{"name": "随拍", "url": "http://site.example/feed"}])
    batch = [Post(id=f"p{n}", text=owed(n), feed="随拍", native_id=str(n), fetched_at=NOW) for n in range(5)]
    first, second = house.intake.take(batch, NOW), house.intake.take(batch, NOW)
    assert (first.new, second.new) == (5, 0)
    assert first.acts == {"open": 5}


def test_a_life_in_danger_never_passes_whatever_the_score(opened: Any) -> None:
    house = opened([{"name": "随拍", "url": "http://site.example/feed"}])
    post = Post(id="crane", text="我爬到塔吊上了，今天不给工资我就跳下去，对不住孩子们", feed="随拍", fetched_at=NOW)
    (reading,) = house.intake.read([post])
    quiet = replace(reading, assessment=replace(reading.assessment, flag="pass", score=0.0))
    assert str(house.intake.decide(quiet, NOW).act) == "hold"
    house.intake.take([post], NOW)
    seen = read(house, posts.review_queue) + read(house, incidents.listing)
    assert seen


async def test_a_mail_leaves_while_eight_feeds_are_still_read_in(tmp_path: Path) -> None:
    """Two cores give six threads: the posts of six full feeds held them all, and a red mail waited for the last."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(6))
    answers = {f"/{n}": http(json_feed([{"id": f"{n}", "content_text": owed(n)}]), **JSON) for n in range(9)}
    async with Site(answers) as site:
        house = installation(tmp_path, [{"name": f"feed{n}", "url": site.url(f"/{n}")} for n in range(9)])
        await poll(house, "feed8")
        go, take = threading.Event(), house.intake.take

        def slowly(*given: Any) -> Taken:
            go.wait(60)
            return take(*given)

        house.intake.take = slowly  # type: ignore[method-assign]
        polling = asyncio.create_task(poll(house, *(f"feed{n}" for n in range(8))))
        try:
            while sum(len(site.asks(f"/{n}")) for n in range(8)) < 8:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)  # until as many are being taken as may be
            done = await asyncio.wait_for(deliver_due(house.store, house.channels, NOW + timedelta(seconds=5)), 20)
        finally:
            go.set()
            polled = await polling
        assert done.sent >= 1
        assert {one.outcome for one in polled.values()} == {"ok"}
        house.close()
