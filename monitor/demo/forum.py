"""The forum, a Discuz! site in GBK: RSS (latest 20, at most 250 characters), lists, threads with replies.

Knows no other site.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.demo.serving import html, page, robots
from monitor.demo.stage import Shown, Stage

CHARSET = "gbk"
IN_RSS, EXCERPT = 20, 250  # Discuz! X forum_rss: rows, characters
ON_LIST, ON_THREAD = 20, 10  # rows a page
RULES = "88"  # the thread that stands on top of every list


def forum(stage: Stage) -> Starlette:
    """forum.php with mod=rss, forumdisplay and viewthread; everything else of it asks for sign-in."""

    async def front(request: Request) -> Response:
        ask = request.query_params
        match ask.get("mod"):
            case "rss":
                return _rss(request, stage, ask.get("fid", ""))
            case "forumdisplay":
                return _list(stage, ask.get("fid", ""), _page(request))
            case "viewthread":
                return _thread(stage, ask.get("tid", ""), _page(request))
            case None:
                return html(page("forum_index.html", boards=BOARDS), charset=CHARSET)
            case _:
                return html(page("forum_notice.html", notice="sign_in"), charset=CHARSET)

    async def home(request: Request) -> Response:
        return RedirectResponse("/forum.php")

    closed = robots("/home.php", "/member.php", "/search.php", "/api/")
    return Starlette(routes=[Route("/", home), Route("/forum.php", front), closed])


BOARDS = {"2": "百姓话题", "3": "曝光台", "4": "求职招聘", "5": "房产家居", "6": "青禾茶馆"}


def _page(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() else 1


def _rss(request: Request, stage: Stage, fid: str) -> Response:
    if fid not in BOARDS:
        return Response(b"Specified forum not found", media_type="text/html")
    threads = stage.shown("bbs", fid)[:IN_RSS]
    host = f"http://{request.headers['host']}/"
    body = page("forum_rss.txt", threads=threads, board=BOARDS[fid], fid=fid, host=host, excerpt=_excerpt)
    # Discuz! itself sends no validators; its readers rely on the channel's ttl.
    return Response(
        body.encode(CHARSET, "xmlcharrefreplace"), media_type=None, headers={"content-type": "application/xml"}
    )


def _excerpt(thread: Shown) -> str:
    text = " ".join(thread.row.text.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 4] + " ..."


def _list(stage: Stage, fid: str, number: int) -> Response:
    if fid not in BOARDS:
        return html(page("forum_notice.html", notice="no_board"), charset=CHARSET)
    threads = stage.shown("bbs", fid)
    pages = max(1, -(-len(threads) // ON_LIST))
    rows = threads[(number - 1) * ON_LIST : number * ON_LIST]
    return html(
        page("forum_list.html", threads=rows, board=BOARDS[fid], fid=fid, number=number, pages=pages, rules=RULES),
        charset=CHARSET,
    )


def _thread(stage: Stage, tid: str, number: int) -> Response:
    if tid == RULES:
        return html(page("forum_rules.html", tid=tid), charset=CHARSET)
    thread = stage.one("bbs", int(tid)) if tid.isascii() and tid.isdigit() else None
    if thread is None:
        return html(page("forum_notice.html", notice="no_thread"), charset=CHARSET)
    floors = [(1, thread.row.by, thread.row.text, thread.at)]
    floors += [(place, reply.by, reply.text, reply.at) for place, reply in enumerate(thread.replies, 2)]
    pages = max(1, -(-len(floors) // ON_THREAD))
    shown = floors[(number - 1) * ON_THREAD : number * ON_THREAD]
    board = BOARDS[thread.row.board]
    return html(
        page("forum_thread.html", thread=thread, floors=shown, board=board, number=number, pages=pages), charset=CHARSET
    )
