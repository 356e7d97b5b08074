"""The message board: POST /threads/queryThreadsList in the unsigned shape of 领导留言板. Knows no other site.

Form: fid, state (1 all, 2 unanswered, 3 in hand, 4 answered), lastItem (the last tid of the page before). Ten rows an
answer, JSON under the name of text/html, times in unix seconds: readers of such boards meet exactly this.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.demo.serving import html, page, robots
from monitor.demo.stage import Shown, Stage

ROWS = 10
DESKS = {
    "8101": "青禾县委书记 县长",
    "8102": "青禾县人力资源和社会保障局",
    "8103": "青禾县住房和城乡建设局",
    "8104": "青禾县交通运输局",
    "8105": "青禾县城市管理局",
}
_STATES = {"2": "待回复", "4": "已办理"}


def message_board(stage: Stage) -> Starlette:
    """The board's list as JSON, and a readable page for each thread."""

    async def query(request: Request) -> Response:
        form = await request.form()
        fid, state, last = (str(form.get(key) or "") for key in ("fid", "state", "lastItem"))
        if not request.headers.get("referer"):
            return _answer({"result": "failed", "message": "illegal request", "responseData": []})
        rows = [_thread(post) for post in stage.shown("board", fid)] if fid in DESKS else []
        rows = [row for row in rows if state in ("", "1") or row["stateInfo"] == _STATES.get(state)]
        if last.isascii() and last.isdigit() and int(last):
            rows = [row for row in rows if row["tid"] < int(last)]
        return _answer({"result": "success", "responseData": rows[:ROWS]})

    async def content(request: Request) -> Response:
        tid = request.query_params.get("tid", "")
        post = stage.one("board", int(tid)) if tid.isascii() and tid.isdigit() else None
        if post is None:
            return html(page("board_thread.html", row=None), status=404)
        return html(page("board_thread.html", row=_thread(post), post=post))

    async def desks(request: Request) -> Response:
        fid = request.query_params.get("fid", "8101")
        return html(page("board_list.html", desks=DESKS, fid=fid, posts=stage.shown("board", fid)))

    async def home(request: Request) -> Response:
        return RedirectResponse("/threads/list")

    return Starlette(
        routes=[
            Route("/", home),
            Route("/threads/queryThreadsList", query, methods=["POST"]),
            Route("/threads/content", content),
            Route("/threads/list", desks),
            robots("/user/", "/v2/", "/v1/"),
        ]
    )


def _answer(data: dict[str, Any]) -> Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(body, media_type=None, headers={"content-type": "text/html;charset=UTF-8"})


def _thread(post: Shown) -> dict[str, Any]:
    answer = post.replies[-1] if post.replies else None
    return {
        "tid": post.row.number,
        "subject": post.title,
        "content": post.row.text,
        "nickName": post.row.by,
        "dateline": int(post.at.timestamp()),
        "threadsCheckTime": int(post.at.timestamp()),
        "forumName": DESKS[post.row.board],
        "typeName": "投诉/求助",
        "domainName": "民生",
        "stateInfo": _STATES["4"] if answer else _STATES["2"],
        "answerContent": answer.text if answer else None,
        "answerDateline": int(answer.at.timestamp()) if answer else None,
        "answerOrganization": answer.by if answer else None,
    }
