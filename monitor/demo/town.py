"""The demo town: all its sites and its mail box in one thread of this process, on loopback only. Knows no service.

`with start(...) as town:` serves the scripted day; `town.feeds_path` and `town.county_path` are files for
`config.load`, `town.mail_box` takes and shows the mail.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Any

import uvicorn

from monitor.config import read_county
from monitor.demo.forum import forum
from monitor.demo.lists import AGO
from monitor.demo.mail_box import MailBox, mail_pages
from monitor.demo.message_board import message_board
from monitor.demo.news_site import news_site
from monitor.demo.script import DAY, Row, rows
from monitor.demo.stage import Daytime, Stage
from monitor.demo.syndication import syndication
from monitor.model import County
from monitor.text import SHANGHAI

SITES = ("bbs", "board", "news", "feeds")  # each with an address of its own, as in life; mail and smtp follow
MORNING = 7 * 60 + 30  # what is older is there when the town opens
_App = Callable[[Any, Any, Any], Awaitable[None]]


class Town:
    """A running town. Made by `start`; ends with `close` or the end of the `with` block."""

    def __init__(self, daytime: Daytime, script: Iterable[Row], *, port: int, home: Path | None) -> None:
        self.daytime = daytime
        self.stage = Stage(script, daytime)
        self._closing = ExitStack()
        self.home = home or Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="qinghe-")))
        self.mail_box = MailBox(self.home / "mail")
        self.urls: dict[str, str] = {}
        self._sockets = {name: _listen(place, port) for place, name in enumerate((*SITES, "mail", "smtp"))}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="demo-town", daemon=True)

    @property
    def feeds_path(self) -> Path:
        """feeds.yaml of the town with its addresses of today."""
        return self.home / "feeds.yaml"

    @property
    def county_path(self) -> Path:
        return self.home / "county.yaml"

    @property
    def county(self) -> County:
        return read_county(self.county_path)

    def open(self) -> Town:
        """Serves; returns when every site answers."""
        for name, listening in self._sockets.items():
            host, port = listening.getsockname()[:2]
            self.urls[name] = f"{'smtp' if name == 'smtp' else 'http'}://{host}:{port}"
        self.mail_box.smtp_host, self.mail_box.smtp_port = self._sockets["smtp"].getsockname()[:2]
        self.mail_box.url = self.urls["mail"] + "/"
        self.home.mkdir(parents=True, exist_ok=True)
        self.feeds_path.write_text(Template(_file("feeds.yaml")).substitute(self.urls), "utf-8")
        registered = f"as_of: {datetime.now(SHANGHAI).date() - AGO}"
        self.county_path.write_text(_file("county.yaml").replace("as_of: 2025-11-20", registered), "utf-8")
        self._thread.start()
        if not self._up.wait(20):
            self.close()
            raise OSError("the demo town did not open within 20 seconds")
        return self

    def close(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
        for listening in self._sockets.values():
            listening.close()
        self._closing.close()

    def __enter__(self) -> Town:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        doors = [self._sockets[name] for name in (*SITES, "mail")]
        settings = uvicorn.Config(
            self._by_door(), log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        self._server = _Announcing(settings, self._up.set)
        post_office = await loop.create_server(lambda: self.mail_box.protocol(loop), sock=self._sockets["smtp"])
        try:
            await self._server.serve(sockets=doors)
        finally:
            post_office.close()

    def _by_door(self) -> _App:
        """One server, several addresses: the address a visitor came to says which site answers."""
        apps: dict[str, _App] = {
            "bbs": forum(self.stage),
            "board": message_board(self.stage),
            "news": news_site(self.stage),
            "feeds": syndication(self.stage),
            "mail": mail_pages(self.mail_box),
        }
        doors = {self._sockets[name].getsockname()[:2]: app for name, app in apps.items()}

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await doors[tuple(scope["server"])](scope, receive, send)

        return answer


class _Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, up: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def start(
    speed: float | None = 120.0,
    port: int = 0,
    *,
    all_at_once: bool = False,
    opens: int = MORNING,
    home: Path | None = None,
    script: Iterable[Row] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Town:
    """Opens the town. `speed`: scripted minutes a real minute; `all_at_once` (or speed None): the day is over already.

    `port`: the first of six neighbouring ports, taken where they are free; 0: any. `opens`: the minute of the day at
    which the replay begins, with everything older on the sites already. `home`: where feeds.yaml, county.yaml and
    mail/*.eml are written; a temporary folder otherwise. `script`: other posts than the packaged day.
    """
    if speed is not None and speed <= 0:
        raise ValueError("speed must be positive")
    daytime = Daytime(
        started_at=now(), speed=None if all_at_once else speed, opens=DAY if all_at_once else opens, now=now
    )
    return Town(daytime, rows() if script is None else script, port=port, home=home).open()


def _listen(place: int, port: int) -> socket.socket:
    """A loopback address of its own for each site where the system has them (Linux), else another port of 127.0.0.1."""
    for host in (f"127.0.0.{place + 2}", "127.0.0.1"):
        for wanted in (port + place if port else 0, 0):
            listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((host, wanted))
            except OSError:
                listening.close()
                continue
            listening.listen(100)
            return listening
    raise OSError("no free loopback port for the demo town")


def _file(name: str) -> str:
    return resources.files("monitor.demo").joinpath(name).read_text("utf-8")
