"""Feeds of three kinds with validators: RSS 2.0 (papers), Atom (public accounts), JSON Feed (short videos, microblogs).

Engagement is carried where each kind has a place for it: slash:comments, thr:total (RFC 4685), and the extension
`_engagement` of JSON Feed 1.1. Knows no other site.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.demo.serving import conditional, html, page, robots
from monitor.demo.stage import Shown, Stage

LATEST = 50
CHANNELS = {
    "wanbao": "望舟晚报 青禾版",
    "daily": "青禾日报",
    "shenbian": "青禾身边事",
    "fabu": "青禾发布",
    "renshe": "青禾人社",
    "video": "青禾同城短视频",
    "weibo": "青禾同城微博客",
    "video2": "望舟同城短视频",
    "weibo2": "望舟同城微博客",
}
FORMS = {
    "rss": ("rss.txt", "application/rss+xml"),
    "atom": ("atom.txt", "application/atom+xml"),
    "json": ("", "application/feed+json"),
}


def syndication(stage: Stage) -> Starlette:
    """/{rss|atom|json}/{channel} as feeds, /{site}/{channel}/{number} as pages of their items."""

    async def feed(request: Request) -> Response:
        site, channel = request.path_params["site"], request.path_params["channel"]
        if site not in FORMS or channel not in CHANNELS:
            return html(page("news_missing.html"), status=404)
        posts = stage.shown(site, channel)[:LATEST]
        changed_at = max((post.changed_at for post in posts), default=None)
        host = f"http://{request.headers['host']}"
        template, media_type = FORMS[site]
        if template:
            body = page(
                template, posts=posts, channel=channel, name=CHANNELS[channel], host=host, changed_at=changed_at
            )
        else:
            body = json.dumps(_json_feed(posts, channel, host), ensure_ascii=False, indent=1)
        return conditional(request, body.encode(), f"{media_type}; charset=utf-8", changed_at)

    async def item(request: Request) -> Response:
        post = stage.one(request.path_params["site"], request.path_params["number"])
        if post is None or post.row.board != request.path_params["channel"]:
            return html(page("news_missing.html"), status=404)
        return html(page("item.html", post=post, name=CHANNELS[post.row.board], paragraphs=post.row.text.split("\n")))

    async def front(request: Request) -> Response:
        return html(page("feeds_index.html", channels=CHANNELS, sites={key: _boards(stage, key) for key in FORMS}))

    return Starlette(
        routes=[
            Route("/", front),
            robots("/private/"),
            Route("/{site}/{channel}", feed),
            Route("/{site}/{channel}/{number:int}", item),
        ]
    )


def _boards(stage: Stage, site: str) -> list[str]:
    return sorted({post.row.board for post in stage.shown(site)})


def _json_feed(posts: list[Shown], channel: str, host: str) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": CHANNELS[channel],
        "home_page_url": f"{host}/",
        "feed_url": f"{host}/json/{channel}",
        "language": "zh-CN",
        "items": [_json_item(post, channel, host) for post in posts],
    }


def _json_item(post: Shown, channel: str, host: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": f"{channel}-{post.row.number}",
        "url": f"{host}/json/{channel}/{post.row.number}",
        "content_text": post.row.text,
        "date_published": _rfc3339(post.at),
        "authors": [{"name": post.row.by}],
    }
    if post.row.title:
        item["title"] = post.row.title
    counts = post.engagement
    if counts is not None:
        shown = {"views": counts.views, "likes": counts.likes, "comments": counts.comments, "reposts": counts.reposts}
        item["_engagement"] = {key: count for key, count in shown.items() if count is not None}
    return item


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
