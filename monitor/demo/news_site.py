"""The county's news site: HTML lists by section and article pages, in UTF-8. Knows no other site."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.demo.serving import conditional, html, page, robots
from monitor.demo.stage import Shown, Stage
from monitor.text import SHANGHAI

SECTIONS = {"yaowen": "要闻", "minsheng": "民生", "shehui": "社会"}
ON_LIST = 20


def news_site(stage: Stage) -> Starlette:
    """/, /{section}/index.html, /{section}/index_2.html ..., /{section}/{month}/t{day}_{number}.html."""

    async def front(request: Request) -> Response:
        return html(
            page(
                "news_index.html",
                sections={key: stage.shown("news", key)[:8] for key in SECTIONS},
                names=SECTIONS,
                link=link,
            )
        )

    async def listing(request: Request) -> Response:
        section = request.path_params["section"]
        if section not in SECTIONS:
            return _missing()
        number = int(request.path_params.get("number", 1))
        posts = stage.shown("news", section)
        pages = max(1, -(-len(posts) // ON_LIST))
        if not 1 <= number <= pages:
            return _missing()
        shown = posts[(number - 1) * ON_LIST : number * ON_LIST]
        body = page("news_list.html", posts=shown, name=SECTIONS[section], number=number, pages=pages, link=link)
        changed_at = max((post.at for post in posts), default=None)
        return conditional(request, body.encode(), "text/html; charset=utf-8", changed_at)

    async def article(request: Request) -> Response:
        post = stage.one("news", request.path_params["number"])
        if post is None or link(post) != request.url.path:
            return _missing()
        body = page("news_article.html", post=post, name=SECTIONS[post.row.board], paragraphs=post.row.text.split("\n"))
        return conditional(request, body.encode(), "text/html; charset=utf-8", post.at)

    return Starlette(
        routes=[
            Route("/", front),
            Route("/{section}/index.html", listing),
            Route("/{section}/index_{number:int}.html", listing),
            Route("/{section}/{month}/t{day:int}_{number:int}.html", article),
            robots("/admin/", "/search"),
        ]
    )


def link(post: Shown) -> str:
    day = post.at.astimezone(SHANGHAI)
    return f"/{post.row.board}/{day:%Y%m}/t{day:%Y%m%d}_{post.row.number}.html"


def _missing() -> Response:
    return html(page("news_missing.html"), status=404)
