"""The office's own WeChat account hands on what people wrote to it: the HTTP side. Knows the platform's answers only.

What makes a call genuine stands in monitor.collect.wechat. A message is remembered after it was taken, so that one that
comes again, as the platform does when it heard no answer in five seconds, costs a look and changes nothing.
"""

from __future__ import annotations

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.collect.wechat import LIMIT, verify
from monitor.errors import InputError
from monitor.model import Document, Feed
from monitor.store import done
from monitor.web.desk import Desk, desk_of
from monitor.web.errors import address
from monitor.web.sessions import TooOften

router = APIRouter()
log = structlog.get_logger("monitor.web.access")


@router.get("/push/{name}/wechat")
def greet(request: Request, name: str) -> Response:
    """The platform makes sure that the address is ours, once, when the account's server is set."""
    desk = desk_of(request)
    genuine = verify(name, request.query_params, _token(desk, name), desk.now()).genuine
    said = request.query_params.get("echostr", "")[:200] if genuine else "refused"
    return PlainTextResponse(said, status_code=200 if genuine else 401)


@router.post("/push/{name}/wechat")
async def message(request: Request, name: str) -> Response:
    """A message; an account that is not watched looks like a wrong signature."""
    desk = desk_of(request)
    if wait := desk.pushes.wait(address(request), desk.now().timestamp()):
        raise TooOften(wait)
    greeting = verify(name, request.query_params, _token(desk, name), desk.now())
    feed = _feed(desk, name)
    if not greeting.genuine or feed is None or desk.take is None:
        log.warning("message refused", feed=name[:100], why=greeting.reason, address=address(request))
        return PlainTextResponse("refused", status_code=503 if greeting.genuine else 401)
    body = await request.body()
    if len(body) > LIMIT:
        return PlainTextResponse("too large", status_code=413)
    return await run_in_threadpool(_take, desk, feed, greeting.key, body)


def _take(desk: Desk, feed: Feed, key: str, body: bytes) -> Response:
    with desk.store.read() as c:
        known = done.detail(c, key) is not None
    if not known and desk.take is not None:
        headers = {"content-type": "text/xml; charset=utf-8"}
        try:
            desk.take(feed, Document(url=feed.url, fetched_at=desk.now(), body=body, headers=headers))
        except InputError as problem:  # asking again would bring the same: it is answered, and told
            log.warning("message not read", feed=feed.name, reason=str(problem))
        desk.store.unit(lambda c: done.once(c, key, desk.now(), ""))
    return PlainTextResponse("success")


def _feed(desk: Desk, name: str) -> Feed | None:
    watched = (feed for feed in desk.config.feeds if feed.enabled and feed.kind == "wechat")
    return next((feed for feed in watched if feed.name == name), None)


def _token(desk: Desk, name: str) -> str:
    """The account's token, from XINSHAO_TOKENS."""
    given = desk.config.settings.tokens.get(name) if _feed(desk, name) else None
    return given.get_secret_value() if given else ""
