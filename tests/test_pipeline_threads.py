"""Forum threads are read again when they have grown: the reply that came later is a post of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from collect_site import Site, http
from pipelinehouse import NOW, installation, owed, poll
from sqlalchemy import select

from monitor.pipeline.house import House
from monitor.pipeline.poll import REREAD
from monitor.store.schema import posts

LATER = timedelta(minutes=30)


def listing(replies: Mapping[int, int]) -> bytes:
    rows = "".join(
        f'<tbody id="normalthread_{tid}"><tr><th><a href="thread-{tid}-1-1.html" class="xst">工资的事{tid}</a></th>'
        f'<td class="by"><cite>匿名</cite><em><span>2026-1-9</span></em></td>'
        f'<td class="num"><a>{count}</a><em>45</em></td></tr></tbody>'
        for tid, count in replies.items()
    )
    return http(f'<html><body><div id="threadlist"><table>{rows}</table></div></body></html>', content_type="text/html")


def thread(tid: int, *said: str) -> bytes:
    boxes = "".join(
        f'<div id="post_{tid}{n}"><a id="postnum{tid}{n}"><em>{n}</em></a>'
        f'<div class="authi"><a class="xw1">某{n}</a></div>'
        f'<em id="authorposton{tid}{n}">发表于 2026-1-10 10:0{n}</em><div id="postmessage_{tid}{n}">{text}</div></div>'
        for n, text in enumerate(said, 1)
    )
    page = (
        f'<html><head><title>工资的事{tid} - 青禾论坛 - Powered by Discuz!</title></head><body><div id="postlist">'
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
        again = await poll(house, now=NOW + LATER)
        assert again["论坛"].taken.new == 1
        assert stored(house) == {"7", "7#72", "7#73", "8"}
        assert [len(site.asks(f"/thread-{tid}-1-1.html")) for tid in (7, 8)] == [2, 1]
        await poll(house, now=NOW + 2 * LATER)
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
            polled = await poll(house, now=NOW + number * LATER)
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
            await poll(house, now=NOW + number * LATER)
            read.append(reads(site))
        assert read == [len(many), len(many) + REREAD, 2 * len(many), 2 * len(many)]
        assert len(stored(house)) == 2 * len(many)
        house.close()
