"""What to ask a feed's site first. Knows the request of every kind; sends nothing and reads no answer.

Shapes and limits are those that the platforms publish. Official interfaces are asked only with the
token the operator was granted (XINSHAO_TOKENS, by feed name), which travels in a header and never in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from monitor.collect.answer import Request, Trouble, Why
from monitor.collect.lawful import refuse_unlawful
from monitor.model import Feed
from monitor.text import SHANGHAI, aware

PASSIVE = frozenset(("file", "mailbox", "push", "wechat"))  # not fetched by HTTP
TOKEN_KINDS = frozenset(("weibo", "douyin"))


def brought(feed: Feed) -> bool:
    """Whether its posts come to us without being asked for: a file, or a push in whatever shape."""
    return feed.kind in ("file", "push", "wechat") or feed.url.startswith(("file:", "push:"))


def requests_for(
    feed: Feed,
    *,
    etag: str | None,
    last_modified: str | None,
    cursor: str | None,
    now: datetime,
    token: str | None = None,
) -> list[Request]:
    """The first requests of a poll; none for kinds that are brought to us.

    `cursor`: what the store kept of the last poll (board: the last thread id; vendor: its own mark; douyin: a number).
    `token`: granted to the operator by the platform. Raises Trouble (lawful, credential) when it may not or cannot ask.
    """
    refuse_unlawful(feed)
    if feed.kind in PASSIVE or brought(feed):
        return []
    if feed.kind in TOKEN_KINDS and not token:
        raise Trouble(Why.CREDENTIAL, "no granted token is configured for this feed", permanent=True, refused=True)
    ask = _KINDS.get(feed.kind)
    if ask is not None:
        return [ask(feed, cursor, aware(now), token)]
    return [Request(url=feed.url, etag=etag, last_modified=last_modified, allow=feed.allow)]


def follow(feed: Feed, url: str) -> Request:
    """The page behind an item of a feed.

    What the feed admits although it is not public counts for its own host only: a link on an intranet page must not
    send us to another machine of the intranet.
    """
    own = _host(url) == _host(feed.url)
    headers = {"Referer": feed.url} if feed.url.startswith("http") else {}
    return Request(url=url, allow=feed.allow if own else (), headers=headers)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url.strip()).hostname
    except ValueError:
        return None


# ------------------------------------------------------------------ kinds
def _board(feed: Feed, cursor: str | None, now: datetime, token: str | None) -> Request:
    """领导留言板, unsigned list: form fid, state (1 all), lastItem, and a Referer. Or the board's own form or JSON."""
    options = feed.options
    referer = str(options.get("referer") or _list_page(feed))
    if "json" in options or "form" in options:
        form, json, page = options.get("form"), options.get("json"), _page(feed, cursor)
        return Request(
            url=feed.url,
            method="POST",
            form=None if form is None else _plain({**form, **page}),
            json=None if json is None else {**json, **{name: int(number) for name, number in page.items()}},
            headers={"Referer": referer},
            allow=feed.allow,
        )
    if "fid" not in options:
        url = _with(feed.url, _page(feed, cursor) if cursor else {})
        return Request(url=url, headers={"Referer": referer}, allow=feed.allow)
    form = {"fid": str(options["fid"]), "state": str(options.get("state", 1)), "lastItem": cursor or "0"}
    return Request(url=feed.url, method="POST", form=form, headers={"Referer": referer}, allow=feed.allow)


def _page(feed: Feed, cursor: str | None) -> dict[str, str]:
    """The number of the page asked for, under the name that `options.page_param` gives."""
    name = feed.options.get("page_param")
    return {str(name): cursor if cursor and cursor.isdigit() else "1"} if name else {}


def _with(url: str, query: Mapping[str, str]) -> str:
    return url + (("&" if urlsplit(url).query else "?") + urlencode(query) if query else "")


def _list_page(feed: Feed) -> str:
    parts = urlsplit(feed.url)
    return f"{parts.scheme}://{parts.netloc}/threads/list?" + urlencode({"fid": str(feed.options.get("fid", ""))})


def _weibo(feed: Feed, cursor: str | None, now: datetime, token: str | None) -> Request:
    """Official search/statuses: OAuth2 header, count at most 50; 100 calls a day for one granted user."""
    query = {"q": str(feed.options.get("q", "")), "count": str(min(int(feed.options.get("count", 50)), 50))}
    return _licensed(feed, query, {"Authorization": f"OAuth2 {token}"})


def _douyin(feed: Feed, cursor: str | None, now: datetime, token: str | None) -> Request:
    """Official video/search (scope video.search): keyword granted to the operator, the last day only.

    With `options.item` the comments of that video instead (`.../comment/list/`, the video's sec_item_id).
    """
    page = {"count": str(min(int(feed.options.get("count", 10)), 10)), "cursor": cursor or "0"}
    if "item" in feed.options:
        query = {"sec_item_id": str(feed.options["item"]), **page}
    else:
        keyword = {name: str(feed.options.get(name, "")) for name in ("open_id", "keyword")}
        query = {**keyword, **page}
    return _licensed(feed, query, {"access-token": str(token)})


def _vendor(feed: Feed, cursor: str | None, now: datetime, token: str | None) -> Request:
    """A licensed vendor's increment: window or cursor in the query or JSON its contract names, key in its header."""
    options = feed.options
    since = now - timedelta(minutes=int(options.get("window_minutes", 30)))
    marks = {
        str(options.get("since_param", "")): since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        str(options.get("until_param", "")): now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        str(options.get("cursor_param", "")): cursor or "",
        **(_page(feed, cursor)),
    }
    marks = {name: value for name, value in marks.items() if name and value}
    headers = {str(options.get("key_header", "x-api-key")): token} if token else {}
    if "json" in options:
        return Request(
            url=feed.url,
            method="POST",
            json={**options["json"], **marks},
            headers=headers,
            allow=feed.allow,
            robots=False,
            granted=bool(token),
        )
    return _licensed(feed, {**_plain(options.get("query", {})), **marks}, headers)


def _licensed(feed: Feed, query: Mapping[str, str], headers: Mapping[str, str]) -> Request:
    """An interface used under its owner's licence: robots.txt speaks to crawlers, the contract speaks to us."""
    return Request(
        url=_with(feed.url, query), headers=dict(headers), allow=feed.allow, robots=False, granted=bool(headers)
    )


def _plain(pairs: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in pairs.items()}


Ask = Callable[[Feed, str | None, datetime, str | None], Request]
_KINDS: dict[str, Ask] = {"board": _board, "weibo": _weibo, "douyin": _douyin, "vendor": _vendor}
