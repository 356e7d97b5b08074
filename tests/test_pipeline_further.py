"""A list longer than a page: the further pages of a busy hour, the sitemaps behind an index, a vendor's own mark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from collect_site import Answer, Asked, Site, http
from pipelinehouse import NOW, installation, poll
from pydantic import SecretStr
from sqlalchemy import select

from monitor.collect import Why
from monitor.pipeline.ask import FURTHER
from monitor.pipeline.house import House
from monitor.store import feeds as feed_rows
from monitor.store.schema import posts

LATER = timedelta(minutes=20)


def natives(house: House) -> list[int]:
    with house.store.read() as c:
        return sorted(int(number) for number in c.execute(select(posts.c.native_id)).scalars())


def answer(value: Any, status: str = "200 OK") -> bytes:
    return http(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


class Board:
    """A message board that shows ten messages a page, newest first; `broken`: marks that are answered with 503."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers, self.broken = list(numbers), set[str]()
        self.marks: list[str] = []

    async def __call__(self, asked: Asked, writer: Any) -> None:
        mark = parse_qs(asked.body.decode())["lastItem"][0]
        self.marks.append(mark)
        older = [n for n in sorted(self.numbers, reverse=True) if mark == "0" or n < int(mark)][:10]
        rows = [{"tid": n, "subject": f"留言{n}", "content": "路灯不亮", "dateline": 1767950000 + n} for n in older]
        failed = mark in self.broken
        writer.write(http("no", "503 x") if failed else answer({"result": "success", "responseData": rows}))

    def asked(self) -> list[str]:
        found, self.marks = self.marks, []
        return found


def board(folder: Path, site: Site) -> House:
    entry = {"name": "留言板", "kind": "board", "url": site.url("/list"), "options": {"fid": "1"}, "minimum": 0}
    return installation(folder, [entry])


async def test_a_busy_hour_is_read_to_its_end_and_a_quiet_one_costs_one_request(tmp_path: Path) -> None:
    site_board = Board(range(1, 26))
    async with Site({"/list": site_board}) as site:
        house = board(tmp_path, site)
        await poll(house)
        assert site_board.asked() == ["0", "16", "6"]
        assert natives(house) == list(range(1, 26))
        site_board.numbers.append(26)
        await poll(house, now=NOW + LATER)
        assert site_board.asked() == ["0"]
        site_board.numbers += range(27, 40)
        await poll(house, now=NOW + 2 * LATER)
        assert site_board.asked() == ["0", "30"]
        assert natives(house) == list(range(1, 40))
        house.close()


async def test_a_page_that_could_not_be_read_is_come_by_again(tmp_path: Path) -> None:
    site_board = Board(range(1, 14))
    site_board.broken = {"4"}
    async with Site({"/list": site_board}) as site:
        house = board(tmp_path, site)
        polled = await poll(house)
        assert "1 pages could not be read" in polled["留言板"].reason
        assert natives(house) == list(range(5, 14)), "the oldest of the page waits"
        site_board.broken = set()
        await poll(house, now=NOW + LATER)
        assert natives(house) == list(range(1, 14))
        house.close()


async def test_an_endless_list_is_read_a_few_pages_deep(tmp_path: Path) -> None:
    site_board = Board(range(1, 2_000))
    async with Site({"/list": site_board}) as site:
        house = board(tmp_path, site)
        await poll(house)
        assert len(site_board.asked()) == FURTHER
        assert len(natives(house)) == 10 * FURTHER
        house.close()


async def test_a_regional_board_is_turned_by_page_number(tmp_path: Path) -> None:
    async def regional(asked: Asked, writer: Any) -> None:
        page = json.loads(asked.body)["page"]
        rows = [{"id": 100 - 2 * page - n, "title": "路灯", "content": "不亮"} for n in (0, 1)] if page < 3 else []
        writer.write(answer({"code": 200, "data": {"list": rows}}))

    async with Site({"/list": regional}) as site:
        options = {"json": {"search": "", "page": 1}, "page_param": "page"}
        entry = {"name": "问政", "kind": "board", "url": site.url("/list"), "options": options, "minimum": 0}
        house = installation(tmp_path, [entry])
        await poll(house)
        assert [json.loads(asked.body)["page"] for asked in site.asks("/list")] == [1, 2, 3]
        assert natives(house) == [95, 96, 97, 98]
        house.close()


def granted(folder: Path, kind: str, url: str, **options: Any) -> House:
    house = installation(folder, [{"name": "官方", "kind": kind, "url": url, "options": options, "minimum": 0}])
    house.config.settings.tokens["官方"] = SecretStr("granted")
    return house


async def test_comments_of_a_video_are_read_while_there_are_more(tmp_path: Path) -> None:
    async def comments(asked: Asked, writer: Any) -> None:
        query = parse_qs(urlsplit(asked.path).query)
        start = int(query["cursor"][0])
        rows = [{"comment_id": str(start + n), "content": f"没发工资{start + n}"} for n in (1, 2)]
        more = {"list": rows, "cursor": start + 2, "has_more": start < 2}
        writer.write(answer({"data": {**more, "error_code": 0}}))

    paths = [f"/comment/list/?sec_item_id=%40a%3D%3D&count=10&cursor={n}" for n in (0, 2)]
    async with Site(dict.fromkeys(paths, comments)) as site:
        house = granted(tmp_path, "douyin", site.url("/comment/list/"), item="@a==")
        await poll(house)
        assert natives(house) == [1, 2, 3, 4]
        assert [asked.headers["access-token"] for asked in site.asked] == ["granted"] * 2
        house.close()


async def test_a_vendors_mark_is_kept_from_poll_to_poll(tmp_path: Path) -> None:
    pages: dict[str, Answer | list[Answer]] = {
        "/v1": answer({"data": {"list": [{"id": "1", "content": "一"}], "mark": "m1"}}),
        "/v1?after=m1": [answer({"data": {"list": [], "mark": "m1"}}),
                         answer({"data": {"list": [{"id": "2", "content": "二"}], "mark": "m2"}})],
        "/v1?after=m2": answer({"data": {"list": [], "mark": "m2"}}),
    }  # fmt: skip
    async with Site(pages) as site:
        house = granted(tmp_path, "vendor", site.url("/v1"), cursor_param="after", next="data.mark")
        await poll(house)
        await poll(house, now=NOW + LATER)
        assert natives(house) == [1, 2]
        with house.store.read() as c:
            assert feed_rows.states(c)["官方"].cursor == "m2"
        house.close()


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        ("weibo", answer({"error": "expired_token", "error_code": 21327}), Why.CREDENTIAL),
        ("weibo", answer({"error": "expired_token", "error_code": 21327}, "400 Bad Request"), Why.CREDENTIAL),
        ("weibo", answer({"error": "User requests out of rate limit!", "error_code": 10023}), Why.RATE),
        ("douyin", answer({"data": {"error_code": 2190008, "description": "access_token过期"}}), Why.CREDENTIAL),
        ("vendor", answer({"errorCode": 401, "errorMessage": "invalid api key"}), Why.CREDENTIAL),
        ("vendor", answer({"errorCode": 1, "errorMessage": "今日调用次数已达上限"}), Why.RATE),
        ("vendor", answer({"errorCode": 1, "errorMessage": "no such task"}), Why.YIELD),
    ],
)
async def test_what_a_platform_says_of_token_and_quota_is_named(
    tmp_path: Path, kind: str, said: bytes, why: Why
) -> None:
    async def speak(asked: Asked, writer: Any) -> None:
        writer.write(said)

    async with Site() as site:
        house = granted(tmp_path, kind, site.url("/api"), q="工资", keyword="工资")
        site.answers = AnyPath(speak)
        polled = await poll(house)
        assert (polled["官方"].outcome, polled["官方"].reason.partition(":")[0]) == ("failed", str(why))
        house.close()


class AnyPath(dict[str, Any]):
    """The same answer whatever is asked for."""

    def __init__(self, said: Answer) -> None:
        self.said = said

    def get(self, *_: object) -> Answer:  # type: ignore[override]
        return self.said


async def test_the_newest_sitemaps_behind_an_index_are_read_every_time(tmp_path: Path) -> None:
    def index(*rows: tuple[str, str]) -> bytes:
        inner = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{at}</lastmod></sitemap>" for loc, at in rows)
        return http(f"<sitemapindex>{inner}</sitemapindex>", content_type="text/xml")

    def sitemap(*numbers: int) -> bytes:
        inner = "".join(
            f"<url><loc>http://site.example/{n}.html</loc><lastmod>2026-01-0{n}</lastmod></url>" for n in numbers
        )
        return http(f"<urlset>{inner}</urlset>", content_type="text/xml")

    old = [(f"/old-{n}.xml", "2020-01-01") for n in range(5)]
    answers = {"/map.xml": index(*old, ("/b.xml", "2026-01-08"), ("/a.xml", "2026-01-09")), "/a.xml": sitemap(1)}
    async with Site({**answers, "/b.xml": [sitemap(2), sitemap(2, 3)], "/old-0.xml": sitemap(9)}) as site:
        house = installation(tmp_path, [{"name": "地图", "kind": "sitemap", "url": site.url("/map.xml")}])
        await poll(house)
        found = await poll(house, now=NOW + LATER)
        assert found["地图"].taken.new == 1
        assert not site.asks("/old-1.xml")
        house.close()
