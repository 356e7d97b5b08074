"""The small parts of an exchange: robots rules, soundness of a body, names, turns."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import Trouble, Why
from monitor.collect import resolver as resolver_module
from monitor.collect.coding import stages, unpack
from monitor.collect.pace import Pace
from monitor.collect.resolver import Resolver
from monitor.collect.robots import SIZE, RobotsFile, rules_from
from monitor.collect.soundness import check_body, refuse_type
from monitor.collect.status import location, retry_after

TEXT = "青禾县某工地的工人反映，三个月的工资还没有发，项目部一直推脱，请有关部门帮忙处理。" * 8


def trouble_of(work: Callable[..., object], *arguments: object) -> Why | None:
    """The reason class it ended with; None when it went well. Anything but a Trouble is a failure of the test."""
    try:
        work(*arguments)
    except Trouble as trouble:
        return trouble.why
    return None


# ------------------------------------------------------------------ robots
@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/x", True), ("User-agent: *\nDisallow: /x", "/x", False), ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: xinshao\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Xinshao\nAllow: /", "/x", True),
        ("User-agent: *\nDisallow: /*?replytocom", "/a?replytocom=1", False),
        ("User-agent: *\nDisallow: /\nAllow: /forum.php?mod=rss", "/forum.php?mod=rss&fid=2", True),
        ("\ufeffUSER-AGENT: *\r\ndisallow: /x\r\n", "/x/y", False),
        ("User-agent: *\nDisallow: /%E5%B7%A5", "/%E5%B7%A5", False),
        ("<html>not rules</html>", "/x", True), ("Disallow: /", "/x", True),
    ],
)  # fmt: skip
def test_rules_are_read_for_our_name_first(rules: str, path: str, allowed: bool) -> None:
    read = rules_from(RobotsFile(200, rules.encode()), "Xinshao")
    expected = contextlib.nullcontext() if allowed else pytest.raises(Trouble, match=r"^robots:")
    with expected:
        read.check(f"http://bbs.example.cn{path}")


def test_half_a_rule_at_the_end_of_a_long_file_does_not_count() -> None:
    body = b"User-agent: *\nDisallow: /private/\n" + b"# pad\n" * 90_000
    body = body[: SIZE - len("Disallow: /")] + b"Disallow: /open/\n"
    read = rules_from(RobotsFile(200, body), "Xinshao")
    read.check("http://x.example.cn/anything")
    with pytest.raises(Trouble):
        read.check("http://x.example.cn/private/1")


@pytest.mark.parametrize(("value", "delay"), [("2", 2.0), ("0.5", 0.5), ("999999999", 86_400.0)])
def test_a_crawl_delay_is_believed_within_a_day(value: str, delay: float) -> None:
    assert rules_from(RobotsFile(200, f"User-agent: *\nCrawl-delay: {value}".encode()), "Xinshao").delay == delay


@pytest.mark.parametrize("value", ["soon", "nan", "1e400", "", "-5"])
def test_a_crawl_delay_that_is_no_number_is_no_harm(value: str) -> None:
    delay = rules_from(RobotsFile(200, f"User-agent: *\nCrawl-delay: {value}".encode()), "Xinshao").delay
    assert delay is None or 0 <= delay <= 86_400


@given(st.binary(max_size=400), st.integers(0, 999))
def test_any_robots_file_is_read(body: bytes, status: int) -> None:
    rules = rules_from(RobotsFile(status, body), "Xinshao")
    assert bool(rules.denied) == (status in (0, 429) or status >= 500)


# ------------------------------------------------------------------ soundness
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"%PDF-1.7", Why.TYPE), (b"\x89PNG\r\n", Why.TYPE), (b"PK\x03\x04", Why.TYPE), (b"\xd0\xcf\x11\xe0", Why.TYPE),
        (b"[" * 2_000 + b"]" * 2_000, Why.SHAPE), (b'{"a":' * 2_000, Why.SHAPE),
        (b'{"id":' + b"9" * 5_000 + b"}", Why.SHAPE), (b"<div>" * 9_000, Why.SHAPE),
        (b"<b>" * 9_000 + b"x" + b"</b>" * 9_000, Why.SHAPE), (b"<title>404 Not Found</title>", Why.GONE),
        ("<p>抱歉，指定的主题不存在或已被删除</p>".encode(), Why.GONE),
        ("<title>安全验证</title><p>请完成验证</p>".encode(), Why.BLOCKED),
        ("<p>您的访问已被拦截</p>".encode("gb18030"), Why.BLOCKED), (b"<title>Just a moment...</title>", Why.BLOCKED),
        ("<p>访问过于频繁，请稍后再试</p>".encode(), Why.BLOCKED),
    ],
)  # fmt: skip
def test_what_is_no_page_is_said_so(body: bytes, why: Why) -> None:
    with pytest.raises(Trouble) as caught:
        check_body(body)
    assert caught.value.why is why


@pytest.mark.parametrize(
    "body",
    [
        b"", b"ok", TEXT.encode(), f"<title>青禾县新闻</title><p>{TEXT}</p>".encode(), b"<li>x" * 9_000,
        b"<p>x<br>" * 9_000,
        f"<title>警惕验证码诈骗</title><p>{TEXT}</p>".encode(), b"<a href='/p'>n</a>" * 50_000, b"<img/>" * 9_000,
        f"<title>工资</title><p>该页面不存在的说法不实。{TEXT}</p>".encode(), b"<!--" * 50_000, b"<td><tr>" * 9_000,
        b"<svg><path d='x'/></svg>" * 5_000, json.dumps([{"a": ["[" * 50] * 50}] * 200).encode(),
        b'{"text":"' + b"[" * 5_000 + b'"}', b'"\\' + b'\\"' * 5_000,
        f"<title>请输入验证码的通知</title><p>{TEXT}</p>".encode(), b"{" + b'"\\"' * 20_000,
    ],
    ids=range(18),
)  # fmt: skip
def test_an_ordinary_or_merely_odd_body_passes(body: bytes) -> None:
    check_body(body)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_body_is_sound_or_a_trouble(body: bytes) -> None:
    assert trouble_of(check_body, body) in (None, Why.TYPE, Why.SHAPE, Why.GONE, Why.BLOCKED)


@pytest.mark.parametrize(
    "name", ["video/mp4", "image/png", "application/zip", "application/pdf", "APPLICATION/PDF; x=1", "audio/mpeg"]
)
def test_a_type_that_is_no_page_is_refused_by_its_header(name: str) -> None:
    with pytest.raises(Trouble) as caught:
        refuse_type(name)
    assert (caught.value.why, caught.value.refused) == (Why.TYPE, True)


@pytest.mark.parametrize(
    "name", ["", "text/html", "application/rss+xml", "application/json", "application/octet-stream", "x/y"]
)
def test_a_type_that_may_be_a_page_is_read(name: str) -> None:
    refuse_type(name)


# ------------------------------------------------------------------ headers and codings
@given(st.text(max_size=40))
def test_any_retry_after_is_seconds_within_a_day_or_nothing(value: str) -> None:
    seconds = retry_after(value)
    assert seconds is None or 0 <= seconds <= 86_400


@given(st.binary(max_size=60))
def test_any_location_is_text_or_a_trouble(raw: bytes) -> None:
    assert trouble_of(location, 302, raw) in (None, Why.REDIRECT)


@given(st.sampled_from(["gzip", "deflate", "br", "gzip, br", "identity"]), st.binary(max_size=200))
def test_any_body_under_any_coding_is_bytes_or_a_trouble(name: str, body: bytes) -> None:
    def undo() -> None:
        layers = stages(name)
        assert all(len(piece) <= 65_536 * 2 for piece in unpack(layers, body))
        for layer in layers:
            layer.finish()

    assert trouble_of(undo) in (None, Why.CODING, Why.TRUNCATED)


# ------------------------------------------------------------------ names
async def test_a_slow_name_holds_up_no_other_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """F36: a resolver that hangs costs its own feed a few seconds, nothing else."""
    asked: list[str] = []

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        if host.startswith("slow"):
            time.sleep(0.5)
        if host.startswith("unknown"):
            raise socket.gaierror(-2, "Name or service not known")
        return [(2, 1, 6, "", ("1.1.1.1", 0)), (2, 1, 6, "", ("1.1.1.1", 0)), (10, 1, 6, "", ("2400::1", 0, 0, 0))]

    monkeypatch.setattr(resolver_module.socket, "getaddrinfo", look_up)
    resolver = Resolver(patience=0.2)
    slow = [asyncio.create_task(resolver("slow.example.cn", 80)) for _ in range(3)]
    await asyncio.sleep(0)
    assert await resolver("quick.example.cn", 80) == ["1.1.1.1", "2400::1"]
    assert not any(task.done() for task in slow)
    outcomes = await asyncio.gather(*slow, return_exceptions=True)
    assert {str(each) for each in outcomes} == {"dns: slow.example.cn: no answer within 0.2 s"}
    with pytest.raises(Trouble, match="not known"):
        await resolver("unknown.example.cn", 80)
    with pytest.raises(Trouble):
        await resolver("unknown.example.cn", 80)
    await resolver("quick.example.cn", 443)
    assert sorted(asked) == ["quick.example.cn", "slow.example.cn", "unknown.example.cn"]
    assert await resolver("10.0.0.1", 80) == ["10.0.0.1"], "a literal needs no resolver"


# ------------------------------------------------------------------ turns
async def test_hosts_do_not_wait_for_each_other_and_all_share_one_limit() -> None:
    pace = Pace(together=1, everywhere=3)
    running = busiest = 0

    async def visit(host: str) -> None:
        nonlocal running, busiest
        async with pace.turn(host, 0.0):
            running += 1
            busiest = max(busiest, running)
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(visit(f"host {n % 8}") for n in range(40)))
    assert busiest == 3


async def test_a_turn_given_up_is_free_for_the_next() -> None:
    pace = Pace(together=1, everywhere=1)

    async def stay() -> None:
        async with pace.turn("a", 0.0):
            await asyncio.sleep(60)

    held = asyncio.create_task(stay())
    waiting = asyncio.create_task(stay())
    await asyncio.sleep(0)
    waiting.cancel()
    held.cancel()
    await asyncio.gather(held, waiting, return_exceptions=True)
    async with asyncio.timeout(1), pace.turn("a", 0.0):
        pass
