"""Forum threads are read again when they have grown: the reply that came later is a post of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

from collect_site import Site, http
from pipelinehouse import NOW, installation, owed, poll
from sqlalchemy import select

from monitor.pipeline.follow import LATER, REREAD
from monitor.pipeline.house import House
from monitor.store.posts import most_comments
from monitor.store.schema import posts

LATER_ON = timedelta(minutes=30)


def listing(replies: Mapping[int, int]) -> bytes:
    rows = "".join(
        f'<tbody id="normalthread_{tid}"><tr><th><a href="thread-{tid}-1-1.html" class="xst">工资的事{tid}</a></th>'
        f'<td class="by"><cite>匿名</cite><em><span>2026-1-9</span></em></td>'
        f'<td class="num"><a>{count}</a><em>45</em></td></tr></tbody>'
        for tid, count in replies.items()
    )
    return http(f'<html><body><div id="threadlist"><table>{rows}</table></div></body></html>', content_type="text/html")


def thread(tid: int, *said: str, floor: int = 1, bar: str = "", count: str = "") -> bytes:
    boxes = "".join(
        f'<div id="post_{tid}{n}"><a id="postnum{tid}{n}"><em>{n}</em></a>'
        f'<div class="authi"><a class="xw1">某{n}</a></div>'
        f'<em id="authorposton{tid}{n}">发表于 2026-1-10 10:{n:02}</em>'
        f'<div id="postmessage_{tid}{n}">{text}</div></div>'
        for n, text in enumerate(said, floor)
    )
    page = (
        f"<html><head><title>工资的事{tid} - 青禾论坛 - Powered by Discuz!</title></head>"
        f'<body>{bar}<div id="postlist">{count}'
        f'<h1><span id="thread_subject">工资的事{tid}</span></h1>{boxes}</div></body></html>'
    )
    return http(page, content_type="text/html; charset=utf-8")


def board(folder: Path, site: Site) -> House:
    return installation(folder, [{"name": "论坛", "kind": "discuz", "url": site.url("/board"), "follow": True}])


def stored(house: House) -> set[str]:
    with house.store.read() as c:
        return set(c.execute(select(posts.c.native_id)).scalars())


def reads(site: Site) -> int:
    return sum(asked.path.startswith("/thread-") for asked in site.asked)


async def test_a_later_reply_is_seen_and_an_unchanged_thread_is_left_alone(tmp_path: Path) -> None:
    answers = {
        "/board": [listing({7: 1, 8: 0}), listing({7: 2, 8: 0}), listing({7: 2, 8: 0, 9: 0})],
        "/thread-7-1-1.html": [thread(7, "帮朋友问问", "顶一下"), thread(7, "帮朋友问问", "顶一下", owed(0))],
        "/thread-8-1-1.html": thread(8, "周末去钓鱼"),
        "/thread-9-1-1.html": thread(9, "出售旧家具"),
    }
    async with Site(dict(answers)) as site:
        house = board(tmp_path, site)
        await poll(house)
        assert stored(house) == {"7", "7#72", "8"}
        again = await poll(house, now=NOW + LATER_ON)
        assert again["论坛"].taken.new == 1
        assert stored(house) == {"7", "7#72", "7#73", "8"}
        assert [len(site.asks(f"/thread-{tid}-1-1.html")) for tid in (7, 8)] == [2, 1]
        await poll(house, now=NOW + 2 * LATER_ON)
        assert [len(site.asks(f"/thread-{tid}-1-1.html")) for tid in (7, 8, 9)] == [2, 1, 1]
        house.close()


async def test_a_grown_thread_that_could_not_be_read_is_tried_again_though_the_list_is_the_same(tmp_path: Path) -> None:
    answers = {
        "/board": [listing({7: 0}), listing({7: 1})],
        "/thread-7-1-1.html": [thread(7, "问问"), http("no", "503 Service Unavailable"), thread(7, "问问", owed(1))],
    }
    async with Site(dict(answers)) as site:
        house = board(tmp_path, site)
        for number in range(3):
            polled = await poll(house, now=NOW + number * LATER_ON)
        assert polled["论坛"].taken.new == 1
        assert stored(house) == {"7", "7#72"}
        house.close()


async def test_at_most_ten_threads_are_read_again_in_one_poll_and_the_rest_in_the_next(tmp_path: Path) -> None:
    many = range(101, 101 + REREAD + 3)
    answers = {"/board": [listing(dict.fromkeys(many, 0)), listing(dict.fromkeys(many, 1))]}
    threads = {f"/thread-{tid}-1-1.html": [thread(tid, "问问"), thread(tid, "问问", "顶")] for tid in many}
    async with Site({**answers, **threads}) as site:
        house = board(tmp_path, site)
        read = []
        for number in range(4):
            await poll(house, now=NOW + number * LATER_ON)
            read.append(reads(site))
        assert read == [len(many), len(many) + REREAD, 2 * len(many), 2 * len(many)]
        assert len(stored(house)) == 2 * len(many)
        house.close()


# ------------------------------------------------------------------ pages after the first
EACH = 3  # posts on a page of the forum below


def bar(tid: int, here: int, last: int) -> str:
    """The bar of page numbers as the forum draws it: neighbours, then the last with dots before it."""
    near = "".join(f'<a href="thread-{tid}-{n}-1.html">{n}</a>' for n in range(1, min(last, 4) + 1) if n != here)
    end = f'<a href="thread-{tid}-{last}-1.html" class="last">... {last}</a>' if last > 4 else ""
    total = f'<label><span title="共 {last} 页"> / {last} 页</span></label>'
    following = f'<a href="thread-{tid}-2-1.html" class="nxt">下一页</a>'
    return f'<div class="pg"><strong>{here}</strong>{near}{end}{total}{following}</div>'


def over_pages(tid: int, *said: str) -> dict[str, bytes]:
    """A thread's pages, by path."""
    last = -(-len(said) // EACH)
    return {
        f"/thread-{tid}-{n}-1.html": thread(
            tid,
            *said[(n - 1) * EACH : n * EACH],
            floor=(n - 1) * EACH + 1,
            bar=bar(tid, n, last) if last > 1 else "",
        )
        for n in range(1, last + 1)
    }


def turned(site: Site) -> list[int]:
    """Which pages of threads were read, in order; forgets them."""
    found = [int(asked.path.split("-")[2]) for asked in site.asked if asked.path.startswith("/thread-")]
    site.asked.clear()
    return found


async def test_a_reply_on_a_later_page_is_found_and_pages_read_before_are_left_alone(tmp_path: Path) -> None:
    chat = [f"第{n}楼闲聊" for n in range(1, 9)]
    async with Site({"/board": [listing({7: 7}), listing({7: 8}), listing({7: 12})], **over_pages(7, *chat)}) as site:
        house = board(tmp_path, site)
        await poll(house)
        assert turned(site) == [1, 2, 3]
        assert len(stored(house)) == 8
        site.answers |= over_pages(7, *chat, owed(0))
        again = await poll(house, now=NOW + LATER_ON)
        assert again["论坛"].taken.acts["open"] == 1
        assert turned(site) == [1, 3]
        site.answers |= over_pages(7, *chat, owed(0), *(f"第{n}楼" for n in range(10, 14)))
        await poll(house, now=NOW + 2 * LATER_ON)
        assert turned(site) == [1, 4, 5]
        assert len(stored(house)) == 13
        house.close()


async def test_of_a_very_long_thread_the_last_pages_are_read_and_the_rest_is_told(tmp_path: Path) -> None:
    said = [f"第{n}楼" for n in range(1, 20 * EACH + 1)]
    async with Site({"/board": listing({7: len(said) - 1}), **over_pages(7, *said)}) as site:
        house = board(tmp_path, site)
        polled = await poll(house)
        assert turned(site) == [1, *range(20 - LATER + 1, 21)]
        assert f"{20 - 1 - LATER} pages of long threads passed over" in polled["论坛"].reason
        house.close()


async def test_a_later_page_that_could_not_be_read_is_read_at_the_next_poll(tmp_path: Path) -> None:
    said = ["问问", "顶", "顶", owed(1)]
    answers = {"/board": [listing({7: 2}), listing({7: 3})], **over_pages(7, *said[:3])}
    async with Site(dict(answers)) as site:
        house = board(tmp_path, site)
        await poll(house)
        site.answers |= over_pages(7, *said)
        second = site.answers["/thread-7-2-1.html"]
        site.answers["/thread-7-2-1.html"] = [http("no", "503 Service Unavailable"), second]  # type: ignore[list-item]
        missed = await poll(house, now=NOW + LATER_ON)
        assert "1 pages could not be read" in missed["论坛"].reason
        assert missed["论坛"].taken.new == 0
        found = await poll(house, now=NOW + 2 * LATER_ON)
        assert found["论坛"].taken.acts["open"] == 1
        house.close()


async def test_links_to_other_threads_or_other_hosts_are_no_pages(tmp_path: Path) -> None:
    lure = (
        '<div class="pg"><a href="thread-8-2-1.html">2</a><a href="http://127.0.0.2:9/thread-7-3-1.html">3</a>'
        '<a href="javascript:void(0)">4</a><span title="共 999999 页"></span></div>'
    )
    async with Site({"/board": listing({7: 1}), "/thread-7-1-1.html": thread(7, "问问", "顶", bar=lure)}) as site:
        house = board(tmp_path, site)
        await poll(house)
        assert turned(site) == [1]
        assert stored(house) == {"7", "7#72"}
        house.close()


# ------------------------------------------------------------------ boards read by their RSS, which counts no replies
def rss(*tids: int) -> bytes:
    items = "".join(
        f"<item><title>工资的事{tid}</title><link>/forum.php?mod=viewthread&amp;tid={tid}</link>"
        f"<description>说说</description><pubDate>{format_datetime(NOW)}</pubDate></item>"
        for tid in tids
    )
    whole = f'<rss version="2.0"><channel><title>论坛 - Powered by Discuz!</title>{items}</channel></rss>'
    return http(whole, content_type="application/xml; charset=utf-8", ETag='"same"')


async def test_a_board_read_by_rss_is_looked_at_again_though_its_list_never_changes(tmp_path: Path) -> None:
    path = "/forum.php?mod=viewthread&tid=7"
    stated = '<div class="hm"><span class="xi1">45</span><span class="xi1">1</span></div>'
    pages = [thread(7, "问问", "顶", count=stated), thread(7, "问问", "顶"), thread(7, "问问", "顶", owed(0))]
    async with Site({"/board": rss(7), path: pages}) as site:  # type: ignore[dict-item]
        house = board(tmp_path, site)
        await poll(house)
        assert (stored(house), replies_of(house)) == ({"7", "7#72"}, 1)
        await poll(house, now=NOW + timedelta(minutes=40))
        assert len(site.asks(path)) == 1, "not before an hour"
        await poll(house, now=NOW + timedelta(minutes=80))
        found = await poll(house, now=NOW + timedelta(minutes=150))
        assert len(site.asks(path)) == 3
        assert found["论坛"].taken.acts["open"] == 1
        assert replies_of(house) == 2
        await poll(house, now=NOW + timedelta(days=8))
        assert len(site.asks(path)) == 3, "not after a week"
        house.close()


def replies_of(house: House) -> int:
    """The most replies ever seen on thread 7."""
    with house.store.read() as c:
        (opening,) = c.execute(select(posts.c.id).where(posts.c.native_id == "7")).scalars()
        return most_comments(c, [opening])[opening]
