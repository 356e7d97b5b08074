"""Puts the web room together: pages, shield, errors. Knows no page's content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from monitor.collect.push import LIMIT
from monitor.config import Config
from monitor.model import Document, Feed
from monitor.store import Store
from monitor.web import (
    accounts,
    acknowledge,
    acts,
    audit,
    board,
    clearing,
    errors,
    files,
    funds,
    incidents,
    lists,
    operations,
    pairing,
    papers,
    plans,
    probes,
    push,
    queue,
    recheck,
    roster,
    signals,
    signing,
    silences,
    subscription,
    unmask,
    wechat,
    whatif,
    wishes,
)
from monitor.web.desk import STATIC, Desk
from monitor.web.shield import Shield

if TYPE_CHECKING:
    from monitor.ledger import Ledger

LIMITS = {"*/files": 9 * 1024 * 1024, "/push/": LIMIT}  # bytes of a request body; forms elsewhere are small
ROOMS = (
    probes,
    push,
    wechat,
    signing,
    pairing,
    accounts,
    board,
    clearing,
    queue,
    recheck,
    incidents,
    acts,
    files,
    funds,
    signals,
    papers,
    plans,
    unmask,
    acknowledge,
    operations,
    audit,
    roster,
    silences,
    lists,
    wishes,
    whatif,
    subscription,
)


def create_app(
    store: Store,
    ledger: Ledger,
    config: Config,
    *,
    now: Callable[[], datetime] | None = None,
    take: Callable[[Feed, Document], int] | None = None,
) -> FastAPI:
    """The web application over an open store; every write goes through `ledger`.

    `now`: the clock, for tests. `take`: what becomes of a vendor's signed push (pipeline.bring); None: pushes get 503.
    """
    app = FastAPI(title="薪哨", docs_url=None, redoc_url=None, openapi_url=None)
    desk = Desk(store, ledger, config, take=take)
    if now is not None:
        desk.now = now
    app.state.desk = desk
    for room in ROOMS:
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=str(STATIC)), name="static")
    errors.install(app)
    app.add_middleware(errors.Mishap)
    app.add_middleware(Shield, https=urlsplit(config.settings.base_url).scheme == "https", limits=LIMITS)
    return app
