"""A licensed vendor hands posts in: the HTTP side of a signed push. Knows the protocol's answers, not what a post is.

What a message must carry and what each status means stands in monitor.collect.push. The batch is remembered after its
posts were taken: taking the same posts twice changes nothing, so a crash in between costs a repetition, never a post.
"""

from __future__ import annotations

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.collect.push import BATCH, LIMIT, Answer, Received, document, settle, verify
from monitor.errors import InputError
from monitor.model import Feed
from monitor.store import done
from monitor.web.desk import Desk, desk_of
from monitor.web.errors import address
from monitor.web.sessions import TooOften
from monitor.web.shield import TooLarge

router = APIRouter()
log = structlog.get_logger("monitor.web.access")


def _answer(received: Received, status: int | None = None, **more: int) -> Response:
    return JSONResponse({"reason": received.reason, **more}, status_code=status or int(received.answer))


@router.post("/push/{name}")
async def push(request: Request, name: str) -> Response:
    """Verifies before anything is parsed; an unknown feed looks like a wrong signature."""
    desk = desk_of(request)
    wait = desk.pushes.wait(address(request), desk.now().timestamp())
    if wait:
        raise TooOften(wait)
    try:
        body = await request.body()
    except TooLarge:
        return _answer(Received(Answer.TOO_LARGE, f"larger than {LIMIT} bytes"))
    received = verify(name, request.headers, body, secrets_of(desk, name), desk.now())
    feed = _feed(desk, name)
    if not received.genuine or feed is None or desk.take is None:
        log.warning("push refused", feed=name[:100], why=received.reason, address=address(request))
        return _answer(received) if not received.genuine else _answer(received, 503)
    return await run_in_threadpool(_take, desk, feed, received, request, body)


def _take(desk: Desk, feed: Feed, received: Received, request: Request, body: bytes) -> Response:
    with desk.store.read() as c:
        settled = settle(received, done.detail(c, received.key))
    if not settled.genuine or desk.take is None:
        return _answer(settled)
    batch, kind = request.headers.get(BATCH, ""), request.headers.get("content-type", "")
    try:
        taken = desk.take(feed, document(feed, batch, body, kind, desk.now()))
    except InputError as problem:
        return _answer(Received(Answer.MALFORMED, str(problem)), 422)
    desk.store.unit(lambda c: done.once(c, received.key, desk.now(), received.fingerprint))
    log.info("push taken", feed=feed.name, batch=batch, posts=taken)
    return _answer(settled, posts=taken)


def _feed(desk: Desk, name: str) -> Feed | None:
    known = (feed for feed in desk.config.feeds if feed.name == name and feed.enabled)
    return next((feed for feed in known if feed.url.startswith("push:")), None)


def secrets_of(desk: Desk, name: str) -> list[bytes]:
    """The feed's secrets from XINSHAO_TOKENS; two, separated by a comma, while one replaces the other."""
    given = desk.config.settings.tokens.get(name) if _feed(desk, name) else None
    return [part.strip().encode() for part in given.get_secret_value().split(",")] if given else []
