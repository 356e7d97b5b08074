"""One address, fetched from a real site on loopback: every way it can end, and how politely."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import brotli
import pytest
from collect_site import LOOPBACK, PAGE, Asked, Site, http

from monitor.collect import Fetch, Fetcher, Limits, Outcome, Request, Why, validators

QUICK = Limits(deadline=3, robots_deadline=0.5, size=200_000, retries=2)


async def get(site: Site, path: str = "/", *, limits: Limits = QUICK, **values: object) -> Fetch:
    async with Fetcher(limits=limits, contact="治欠办 0000-0000") as fetcher:
        return await fetcher.fetch(Request(url=site.url(path), allow=LOOPBACK, **values))  # type: ignore[arg-type]


@asynccontextmanager
async def answering(*answers: object, **more: object) -> AsyncIterator[Site]:
    async with Site({"/": list(answers) if len(answers) > 1 else answers[0], **more}) as site:  # type: ignore[dict-item]
        yield site


async def test_a_page_becomes_a_document_with_what_evidence_needs() -> None:
    answer = http(PAGE, Content_Type="text/html; charset=utf-8", ETag='"7"', Set_Cookie="id=1", X_Other="dropped")
    async with answering(answer) as site:
        fetched = await get(site)
    document = fetched.document
    assert document is not None
    assert (fetched.outcome, fetched.why, fetched.http_status) == (Outcome.OK, Why.FETCHED, 200)
    assert document.body == PAGE.encode()
    assert dict(document.headers) == {"content-type": "text/html; charset=utf-8", "etag": '"7"'}
    assert (document.url, document.final_url, document.status) == (site.url(), site.url(), 200)


async def test_we_say_who_we_are_and_send_no_cookie() -> None:
    async with answering(http(PAGE, Set_Cookie="id=1; Path=/")) as site:
        async with Fetcher(contact="office@example.cn", limits=QUICK) as fetcher:
            for _ in range(2):
                await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK))
        agents = {each.headers["user-agent"] for each in site.asked}
        assert agents == {"Xinshao/0.1 (public wage-arrears watch; office@example.cn)"}
        assert not any("cookie" in each.headers for each in site.asked)


# ------------------------------------------------------------------ not modified
async def test_validators_are_sent_back_and_304_is_believed_only_when_asked_for() -> None:
    first = http(PAGE, ETag='W/"1"', Last_Modified="Tue, 20 Jan 2026 09:00:00 GMT")
    async with answering(first, http("", "304 Not Modified"), http("", "304 Not Modified")) as site:
        fetched = await get(site)
        assert fetched.document is not None
        again = await get(site, **validators(fetched.document))
        asked = site.asks("/")[-1].headers
        assert (asked["if-none-match"], asked["if-modified-since"]) == ('W/"1"', "Tue, 20 Jan 2026 09:00:00 GMT")
        assert (again.outcome, again.why, again.document) == (Outcome.NOT_MODIFIED, Why.UNCHANGED, None)
        unasked = await get(site)
        assert (unasked.outcome, unasked.why) == (Outcome.FAILED, Why.PROTOCOL)


# ------------------------------------------------------------------ status codes
@pytest.mark.parametrize(
    ("status", "why", "permanent", "asks"),
    [
        ("404 Not Found", Why.GONE, True, 1), ("410 Gone", Why.GONE, True, 1), ("403 Forbidden", Why.BLOCKED, False, 1),
        ("401 Unauthorized", Why.BLOCKED, True, 1), ("451 Unavailable", Why.BLOCKED, False, 1),
        ("500 Error", Why.BUSY, False, 1), ("999 Denied", Why.STATUS, False, 1), ("206 Partial", Why.STATUS, False, 1),
        ("400 Bad Request", Why.STATUS, True, 1), ("302 Found", Why.REDIRECT, False, 1), ("204", Why.STATUS, False, 1),
    ],
)  # fmt: skip
async def test_each_status_has_its_reason(status: str, why: Why, permanent: bool, asks: int) -> None:
    async with answering(http("x", status)) as site:
        fetched = await get(site)
        assert (fetched.outcome, fetched.why, fetched.permanent) == (Outcome.FAILED, why, permanent)
        assert fetched.document is None
        assert len(site.asks("/")) == asks


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_a_refused_token_is_told_from_a_wall(status: str) -> None:
    async with answering(http("{}", status)) as site:
        fetched = await get(site, granted=True, robots=False, headers={"access-token": "T"})
        assert (fetched.why, fetched.permanent) == (Why.CREDENTIAL, True)


async def test_a_busy_site_is_asked_again_a_moment_later() -> None:
    busy = http("busy", "503 Busy", Retry_After="1")
    async with answering(busy, http()) as site:
        fetched = await get(site, limits=Limits(deadline=8))
        assert fetched.outcome is Outcome.OK
        first, second = site.asks("/")
        assert second.at - first.at >= 1.0


@pytest.mark.parametrize("rest", ["30", "999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
async def test_too_many_requests_is_obeyed_at_once_and_capped_at_a_day(rest: str) -> None:
    async with answering(http("slow down", "429 Too Many Requests", Retry_After=rest)) as site:
        fetched = await get(site)
        assert (fetched.outcome, fetched.why, fetched.permanent) == (Outcome.FAILED, Why.RATE, False)
        assert 0 < (fetched.retry_after or 0) <= 86_400
        assert len(site.asks("/")) == 1


@pytest.mark.parametrize("rest", ["-5", "soon", "1e9", "", "٣", "9" * 400])
async def test_a_retry_after_that_says_nothing_is_no_harm(rest: str) -> None:
    async with answering(http("x", "429 Too Many", Retry_After=rest.encode().decode("latin-1"))) as site:
        assert 0 < ((await get(site)).retry_after or 0) <= 86_400


# ------------------------------------------------------------------ redirects
async def test_redirects_are_followed_a_few_times() -> None:
    moved = {f"/{n}": http("", "302 Found", Location=f"/{n + 1}") for n in range(20)}
    async with Site({**moved, "/5": http(), "/b": http("", "301 Moved", Location="/b")}) as site:
        fetched = await get(site, "/0")
        assert (fetched.outcome, fetched.final_url) == (Outcome.OK, site.url("/5"))
        site.answers["/5"] = http("", "302 Found", Location="/6")
        assert (await get(site, "/0")).why is Why.REDIRECT
        circle = await get(site, "/b")
        assert (circle.why, circle.http_status, len(site.asks("/b"))) == (Why.REDIRECT, 301, 1)


async def test_raw_bytes_in_a_location_are_followed() -> None:
    paths = {"/x?k=%D0%C2%CE%C5": http("gbk"), "/x?k=%E6%96%B0%E9%97%BB": http("utf8")}
    raw = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /x?k=%s\r\n\r\n"
    async with Site({**paths, "/g": raw % "新闻".encode("gbk"), "/u": raw % "新闻".encode()}) as site:
        bodies = [(await get(site, path)).document for path in ("/g", "/u")]
        assert [document.body for document in bodies if document] == [b"gbk", b"utf8"]


async def test_what_was_meant_for_one_origin_is_not_carried_to_another() -> None:
    async with (
        Site({"/": http()}, host="127.0.0.2") as other,
        answering(http("", "302 x", Location=other.url())) as site,
    ):
        fetched = await get(site, headers={"Authorization": "OAuth2 t", "access-token": "t", "Referer": "http://x/"})
        assert fetched.outcome is Outcome.OK
        assert site.asks("/")[0].headers["authorization"] == "OAuth2 t"
        assert not {"authorization", "access-token", "referer"} & other.asks("/")[0].headers.keys()


async def test_a_form_is_posted_once_and_not_again_behind_a_redirect() -> None:
    async with answering(http("", "302 x", Location="/done"), **{"/done": http()}) as site:
        fetched = await get(site, method="POST", form={"fid": "8101", "state": "1", "lastItem": "0"})
        assert fetched.outcome is Outcome.OK
        first = site.asks("/")[0]
        assert (first.method, first.body) == ("POST", b"fid=8101&state=1&lastItem=0")
        assert first.headers["content-type"] == "application/x-www-form-urlencoded"
        assert (site.asks("/done")[0].method, site.asks("/done")[0].body) == ("GET", b"")


# ------------------------------------------------------------------ bodies
def deflated(data: bytes) -> bytes:
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    return raw.compress(data) + raw.flush()


CODINGS = {
    "gzip": gzip.compress(PAGE.encode()),
    "x-gzip": gzip.compress(PAGE.encode()),
    "deflate": zlib.compress(PAGE.encode()),
    "Deflate": deflated(PAGE.encode()),
    "br": brotli.compress(PAGE.encode()),
    "gzip, identity": gzip.compress(PAGE.encode()) + b"JUNK",
    "br, gzip": gzip.compress(brotli.compress(PAGE.encode())),
    "GZIP": gzip.compress(PAGE[:50].encode()) + gzip.compress(PAGE[50:].encode()),
}


@pytest.mark.parametrize("coding", CODINGS)
async def test_every_coding_in_use_is_undone(coding: str) -> None:
    async with answering(http(CODINGS[coding], Content_Encoding=coding)) as site:
        fetched = await get(site)
        assert fetched.document is not None, fetched.reason
        assert fetched.document.body == PAGE.encode()


BOMBS = {
    "gzip": gzip.compress(bytes(30_000_000)),
    "gzip, gzip": gzip.compress(gzip.compress(bytes(30_000_000))),
    "br": brotli.compress(bytes(30_000_000)),
    "deflate": zlib.compress(bytes(30_000_000)),
}


@pytest.mark.parametrize("coding", BOMBS)
async def test_a_bomb_is_counted_while_it_unpacks(coding: str) -> None:
    async with answering(http(BOMBS[coding], Content_Encoding=coding)) as site:
        fetched = await get(site)
        assert (fetched.outcome, fetched.why) == (Outcome.FAILED, Why.SIZE)


@pytest.mark.parametrize(
    ("coding", "body", "why"),
    [
        ("gzip", gzip.compress(PAGE.encode() * 50)[:-30], Why.TRUNCATED), ("gzip", PAGE.encode(), Why.CODING),
        ("br", brotli.compress(PAGE.encode())[:-9], Why.TRUNCATED), ("br", b"\xff" * 99, Why.CODING),
        ("zstd", b"x", Why.CODING), ("x-snappy", b"x", Why.CODING), ("gzip, gzip, gzip", b"x", Why.CODING),
        ("deflate", b"<html>plain", Why.CODING),
    ],
)  # fmt: skip
async def test_a_body_that_is_not_what_it_says_is_not_kept(coding: str, body: bytes, why: Why) -> None:
    async with answering(http(body, Content_Encoding=coding)) as site:
        fetched = await get(site)
        assert (fetched.outcome, fetched.why, fetched.document) == (Outcome.FAILED, why, None)


async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"A" * 65_536)
        await writer.drain()


async def dripping(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hanging_up(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    writer.transport.abort()


async def nothing(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.close()


RAW = b"HTTP/1.1 200 OK\r\n"
FRAMINGS = [
    ("endless", endless, Why.SIZE),
    ("dripping", dripping, Why.TIMEOUT),
    ("silent", silent, Why.TIMEOUT),
    ("hangs up in the middle", hanging_up, None),
    ("closes at once", nothing, Why.CONNECT),
    ("says it is too large", RAW + b"Content-Length: 999999999\r\n\r\n", Why.SIZE),
    ("two lengths", RAW + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello", Why.PROTOCOL),
    (
        "two framings",
        RAW + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        Why.PROTOCOL,
    ),
    ("bad chunk", RAW + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", Why.PROTOCOL),
    ("huge chunk", RAW + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\nhello", Why.PROTOCOL),
    ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n", Why.PROTOCOL),
    ("no headers at all", PAGE.encode() + b"\r\n\r\n", Why.PROTOCOL),
    ("bad status", b"HTTP/1.1 abc OK\r\n\r\n", Why.PROTOCOL),
    ("upgrade", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Why.PROTOCOL),
    ("endless 100", b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + http(), Why.PROTOCOL),
    (
        "many headers",
        RAW + b"".join(b"X-%d: v\r\n" % n for n in range(5000)) + b"Content-Length: 0\r\n\r\n",
        Why.PROTOCOL,
    ),
    ("a huge header", RAW + b"X-Big: " + b"z" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n", Why.PROTOCOL),
    ("a PDF called HTML", http(b"%PDF-1.7\n...", Content_Type="text/html"), Why.TYPE),
    ("a video", http(b"....", Content_Type="video/mp4"), Why.TYPE),
    ("nested", http(b"<div>" * 20_000, Content_Type="text/html"), Why.SHAPE),
    ("a captcha", http("<title>安全验证</title><p>请输入验证码后继续访问</p>"), Why.BLOCKED),
    ("a missing page", http("<title>404</title><p>对不起，您访问的页面不存在</p>"), Why.GONE),
]


@pytest.mark.parametrize(("answer", "why"), [row[1:] for row in FRAMINGS], ids=[row[0] for row in FRAMINGS])
async def test_an_answer_that_is_none_has_a_reason(answer: object, why: Why | None) -> None:
    async with answering(answer) as site:
        fetched = await get(site, limits=Limits(deadline=0.6, size=200_000, retries=0))
        assert fetched.outcome in (Outcome.FAILED, Outcome.REFUSED)
        assert fetched.document is None
        assert why in (None, fetched.why), fetched.reason


async def test_many_cookies_and_odd_headers_are_no_harm() -> None:
    flood = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 3900) for n in range(300))
    answer = RAW + flood + "X-Site: 新华".encode("gbk") + b"\r\nContent-Length: 2\r\n\r\nok"
    async with answering(answer) as site:
        assert (await get(site)).outcome is Outcome.OK


async def test_what_a_site_sends_unasked_never_answers_the_next_request() -> None:
    poison = http() + http("POISONED")
    async with answering(poison, **{"/next": http("clean")}) as site, Fetcher(limits=QUICK) as fetcher:
        await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK))
        fetched = await fetcher.fetch(Request(url=site.url("/next"), allow=LOOPBACK))
        assert fetched.document is not None
        assert fetched.document.body == b"clean"


async def test_a_connection_is_used_again_and_replaced_when_it_died() -> None:
    async with answering(http(), **{"/last": http(Connection="close")}) as site, Fetcher(limits=QUICK) as fetcher:
        for path in ("/", "/", "/last", "/"):
            assert (await fetcher.fetch(Request(url=site.url(path), allow=LOOPBACK))).outcome is Outcome.OK
        connections = [each.connection for each in site.asked if each.path != "/robots.txt"]
        assert connections[0] == connections[1] == connections[2] != connections[3]


async def test_nobody_there_and_no_such_name_are_failures_with_words() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        return []

    async with Fetcher(limits=QUICK) as fetcher:
        async with Site() as site:
            pass
        fetched = await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK, robots=False))
        assert (fetched.outcome, fetched.why) == (Outcome.FAILED, Why.CONNECT)
    async with Fetcher(limits=QUICK, resolve=unknown) as fetcher:
        assert (await fetcher.fetch(Request(url="http://nobody.example.cn/"))).why is Why.DNS


# ------------------------------------------------------------------ politeness
async def test_robots_is_asked_once_before_the_first_page_and_obeyed() -> None:
    async with Site({"/a": http(), "/b": http(), "/private/x": http()}) as site, Fetcher(limits=QUICK) as fetcher:
        site.robots = http("User-agent: *\nDisallow: /private/\n")
        paths = ("/a", "/b", "/private/x")
        fetched = await asyncio.gather(*(fetcher.fetch(Request(url=site.url(path), allow=LOOPBACK)) for path in paths))
        assert [each.outcome for each in fetched] == [Outcome.OK, Outcome.OK, Outcome.REFUSED]
        assert (fetched[2].why, fetched[2].permanent) == (Why.ROBOTS, True)
        assert site.asked[0].path == "/robots.txt"
        assert len(site.asks("/robots.txt")) == 1
        assert site.asks("/private/x") == []


@pytest.mark.parametrize(
    ("robots", "outcome", "why"),
    [
        (http("", "503 Busy"), Outcome.REFUSED, Why.ROBOTS_UNKNOWN), (silent, Outcome.REFUSED, Why.ROBOTS_UNKNOWN),
        (nothing, Outcome.REFUSED, Why.ROBOTS_UNKNOWN), (http("", "404 x"), Outcome.OK, Why.FETCHED),
        (http("", "403 x"), Outcome.OK, Why.FETCHED),
        (http("", "302 x", Location="/robots.txt"), Outcome.OK, Why.FETCHED),
        (http(PAGE), Outcome.OK, Why.FETCHED), (http("", "429 x"), Outcome.REFUSED, Why.ROBOTS_UNKNOWN),
        (http(b"\xff\xfe\x00rubbish\x80"), Outcome.OK, Why.FETCHED),
        (http("User-agent: xinshao\nDisallow: /"), Outcome.REFUSED, Why.ROBOTS),
        (http(b"User-agent: *\nDisallow: /\n", Content_Encoding="x-unknown"), Outcome.REFUSED, Why.ROBOTS_UNKNOWN),
        (http("User-agent: *\n" + "Disallow: /p\n" * 60_000 + "User-agent: *\nDisallow: /"), Outcome.OK, Why.FETCHED),
        (http("", "302 x", Location="http://169.254.169.254/robots.txt"), Outcome.REFUSED, Why.ROBOTS_UNKNOWN),
    ],
)  # fmt: skip
async def test_robots_in_every_state_is_read_as_rfc_9309_says(robots: object, outcome: Outcome, why: Why) -> None:
    async with answering(http()) as site:
        site.robots = robots  # type: ignore[assignment]
        fetched = await get(site)
        assert (fetched.outcome, fetched.why) == (outcome, why), fetched.reason
        assert len(site.asks("/")) == (outcome is Outcome.OK)


async def test_a_licensed_interface_is_used_without_asking_robots() -> None:
    async with answering(http("{}")) as site:
        site.robots = http("User-agent: *\nDisallow: /")
        assert (await get(site, robots=False)).outcome is Outcome.OK
        assert site.asks("/robots.txt") == []


async def test_the_crawl_delay_and_the_limit_at_one_host_are_kept() -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.7)
        writer.write(http())

    async with Site({f"/{n}": slow for n in range(6)}) as site:
        site.robots = http("User-agent: *\nCrawl-delay: 0.1\n")
        async with Fetcher(limits=Limits(together=2)) as fetcher:
            requests = [Request(url=site.url(f"/{n}"), allow=LOOPBACK) for n in range(6)]
            fetched = await asyncio.gather(*map(fetcher.fetch, requests))
        assert all(each.outcome is Outcome.OK for each in fetched)
        assert {each.crawl_delay for each in fetched} == {0.1}
        starts = [each.at for each in site.asked if each.path != "/robots.txt"]
        assert min(b - a for a, b in pairwise(starts)) >= 0.095
        assert site.busiest == 2


async def test_a_turn_that_would_come_too_late_is_put_off_with_a_time() -> None:
    async with answering(http()) as site:
        site.robots = http("User-agent: *\nCrawl-delay: 3600\n")
        async with Fetcher(limits=Limits(patience=5)) as fetcher:
            first, second = [await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK)) for _ in range(2)]
        assert (first.outcome, second.outcome, second.why) == (Outcome.OK, Outcome.REFUSED, Why.PACE)
        assert 3500 < (second.retry_after or 0) <= 3601


async def test_a_host_that_refuses_again_and_again_is_left_in_peace() -> None:
    answers = {f"/{n}": http("", "429 x", Retry_After="600") for n in range(9)}
    async with Site(answers) as site, Fetcher(limits=QUICK) as fetcher:  # type: ignore[arg-type]
        fetched = [await fetcher.fetch(Request(url=site.url(f"/{n}"), allow=LOOPBACK)) for n in range(9)]
        assert [each.why for each in fetched] == [Why.RATE] * 5 + [Why.PACE] * 4
        assert len(site.asked) == 6


async def test_one_hanging_host_does_not_hold_up_another() -> None:
    async with (
        Site({"/": silent}, host="127.0.0.2") as hanging,
        answering(http()) as site,
        Fetcher(limits=Limits(deadline=30)) as fetcher,
    ):
        stuck = [asyncio.create_task(fetcher.fetch(Request(url=hanging.url(), allow=LOOPBACK))) for _ in range(20)]
        await asyncio.sleep(0.05)
        fetched = await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK))
        assert fetched.outcome is Outcome.OK
        assert not any(task.done() for task in stuck)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
