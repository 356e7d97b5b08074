"""What each kind of feed asks first, and what is never asked whoever writes it down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import Request, Trouble, Why, explain, follow, remedy, requests_for
from monitor.collect.lawful import faults
from monitor.collect.words import why
from monitor.config import FEED_KINDS
from monitor.model import Feed

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)


def feed(kind: str = "rss", url: str = "https://bbs.example.cn/rss", **values: Any) -> Feed:
    return Feed(name="测试源", kind=kind, url=url, source="测试", **values)


def ask(it: Feed, *, cursor: str | None = None, token: str | None = None, etag: str | None = None) -> Request:
    (request,) = requests_for(it, etag=etag, last_modified=None, cursor=cursor, now=NOW, token=token)
    return request


def test_an_ordinary_feed_is_asked_for_conditionally() -> None:
    it = feed(allow=("10.0.0.0/8",))
    (request,) = requests_for(it, etag='"1"', last_modified="Tue", cursor="9", now=NOW)
    assert request == Request(url=it.url, etag='"1"', last_modified="Tue", allow=("10.0.0.0/8",))


@pytest.mark.parametrize("kind", ["file", "mailbox", "push", "wechat"])
def test_what_is_brought_to_us_is_not_asked_for(kind: str) -> None:
    assert requests_for(feed(kind, "file:x"), etag=None, last_modified=None, cursor=None, now=NOW) == []


def test_the_message_board_is_asked_unsigned_with_a_referer() -> None:
    it = feed("board", "https://liuyan.people.com.cn/threads/queryThreadsList", options={"fid": "539", "state": 2})
    request = ask(it, cursor="20114466")
    assert (request.method, request.form) == ("POST", {"fid": "539", "state": "2", "lastItem": "20114466"})
    assert request.headers == {"Referer": "https://liuyan.people.com.cn/threads/list?fid=539"}
    assert request.robots
    first = ask(feed("board", it.url, options={"fid": 539}))
    assert first.form == {"fid": "539", "state": "1", "lastItem": "0"}


def test_a_regional_board_is_asked_with_its_own_json_or_form_or_plainly() -> None:
    url = "https://rapi.example.cn/front/msg/index"
    asked = ask(
        feed("board", url, options={"json": {"search": "工资", "page": 1}, "referer": "https://people.example.cn/"})
    )
    assert (asked.method, asked.json, asked.headers["Referer"]) == (
        "POST",
        {"search": "工资", "page": 1},
        "https://people.example.cn/",
    )
    assert ask(feed("board", url, options={"form": {"page": 1}})).form == {"page": "1"}
    assert ask(feed("board", url)).method == "GET"


@pytest.mark.parametrize("kind", ["weibo", "douyin"])
def test_an_official_interface_is_not_asked_without_a_granted_token(kind: str) -> None:
    with pytest.raises(Trouble) as caught:
        ask(feed(kind, "https://api.weibo.com/2/search/statuses.json"))
    assert (caught.value.why, caught.value.permanent, caught.value.refused) == (Why.CREDENTIAL, True, True)


def test_a_granted_token_travels_in_a_header_and_never_in_the_address() -> None:
    weibo = ask(
        feed("weibo", "https://api.weibo.com/2/search/statuses.json", options={"q": "欠薪", "count": 99}), token="T0"
    )
    assert weibo.url == "https://api.weibo.com/2/search/statuses.json?q=%E6%AC%A0%E8%96%AA&count=50"
    assert weibo.headers == {"Authorization": "OAuth2 T0"}
    douyin = ask(
        feed("douyin", "https://open.douyin.com/video/search/", options={"keyword": "工资"}), token="T1", cursor="20"
    )
    assert "cursor=20" in douyin.url
    assert "T1" not in douyin.url
    assert douyin.headers == {"access-token": "T1"}
    assert not weibo.robots
    assert not douyin.robots


def test_a_vendor_is_asked_for_its_window_in_local_time() -> None:
    options = {
        "query": {"task": 7}, "since_param": "startTime", "until_param": "endTime", "cursor_param": "offset",
        "window_minutes": 20, "key_header": "x-vendor-key",
    }  # fmt: skip
    request = ask(feed("vendor", "https://vendor.example.cn/v1?a=1", options=options), token="K", cursor="c9")
    assert request.url == (
        "https://vendor.example.cn/v1?a=1&task=7&startTime=2026-01-20+16%3A40%3A00&endTime=2026-01-20+17%3A00%3A00&offset=c9"
    )
    assert request.headers == {"x-vendor-key": "K"}
    posted = ask(
        feed("vendor", "https://vendor.example.cn/v1", options={"json": {"task": 7}, "cursor_param": "after"}),
        cursor="5",
    )
    assert (posted.method, posted.json) == ("POST", {"task": 7, "after": "5"})


def test_the_page_behind_an_item_is_asked_for_with_the_feeds_own_bounds() -> None:
    request = follow(feed(allow=("127.0.0.0/8",)), "https://bbs.example.cn/thread-1.html")
    assert (request.allow, request.headers) == (("127.0.0.0/8",), {"Referer": "https://bbs.example.cn/rss"})


@pytest.mark.parametrize(
    "url", ["http://10.1.0.9/admin?delete=1", "http://bbs.example.cn.evil.example/", "http://[broken", "/x"]
)
def test_a_link_to_another_host_is_not_followed_into_the_intranet(url: str) -> None:
    assert follow(feed(allow=("10.0.0.0/8",)), url).allow == ()


@pytest.mark.parametrize("kind", FEED_KINDS)
def test_every_kind_of_the_configuration_can_be_asked(kind: str) -> None:
    asked = requests_for(feed(kind), etag=None, last_modified=None, cursor=None, now=NOW, token="T")
    assert len(asked) == (kind not in ("file", "mailbox", "push", "wechat"))


# ------------------------------------------------------------------ what is never done
@pytest.mark.parametrize(
    "key",
    [
        "cookie", "Cookies", "set-cookie", "cookie_file", "session", "sessionid", "PHPSESSID", "BDUSS", "SESSDATA",
        "sign", "_signature", "X-Bogus", "a_bogus", "x-zse-96", "x-s", "msToken", "captcha_key", "verify_code", "proxy",
        "proxy_pool", "User-Agent", "user_agent", "ignore_robots", "password", "username", "access_token",
        "Authorization", "api_key",
    ],
)  # fmt: skip
def test_a_key_that_serves_to_get_round_a_limit_is_refused_with_a_reason(key: str) -> None:
    for options in ({key: "x"}, {"headers": {key: "x"}}):
        (fault,) = faults(feed(options=options))[:1]
        assert key in fault.path
        assert fault.remedy
        with pytest.raises(Trouble) as caught:
            ask(feed(options=options))
        assert (caught.value.why, caught.value.permanent) == (Why.LAWFUL, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://m.weibo.cn/api/container/getIndex?containerid=1", "https://tieba.baidu.com/f/search/res?qw=x",
        "https://weixin.sogou.com/weixin?query=x", "https://www.zhihu.com/api/v4/search_v3",
        "https://www.douyin.com/aweme/v1/web/search/item/", "https://liuyan.people.com.cn/v2/threads/search",
    ],
)  # fmt: skip
def test_an_interface_that_needs_an_account_or_a_signature_is_refused(url: str) -> None:
    assert [fault.problem for fault in faults(feed(url=url))] == ["is not fetched"]


@pytest.mark.parametrize(
    "it",
    [
        feed("douyin", "https://open.douyin.com/video/search/", options={"keyword": "工资"}),
        feed("board", "https://liuyan.people.com.cn/threads/queryThreadsList", options={"fid": 1}),
        feed("discuz", "https://bbs.example.cn/forum.php?mod=rss&fid=2"),
        feed("rss", "https://tieba.example.cn/rss", options={"fastest": "2m", "design": "x", "assigned": "y"}),
        feed("listing", "http://[broken", options={}),
    ],
)
def test_a_lawful_feed_has_no_fault(it: Feed) -> None:
    assert faults(it) == []


# ------------------------------------------------------------------ reasons in words
@pytest.mark.parametrize("each", list(Why))
def test_every_reason_has_a_sentence_for_the_person_on_duty(each: Why) -> None:
    assert explain(f"{each}: detail") not in ("", f"{each}: detail")
    assert (remedy(f"{each}: detail") == "") == (each in (Why.FETCHED, Why.UNCHANGED))
    assert why(f"{each}: detail") is each


@given(st.text())
def test_a_reason_nobody_knows_is_shown_as_it_is(text: str) -> None:
    assert explain(text) == text or why(text) is not None
