"""A site on loopback for the collecting tests: answers what it is told, byte for byte, and records who asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

LOOPBACK = ("127.0.0.0/8",)
PAGE = "<!doctype html><title>青禾县新闻</title><p>青禾县某工地的工人反映，三个月的工资还没有发。</p>"


@dataclass(frozen=True)
class Asked:
    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    host: str


Answer = bytes | Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def http(body: bytes | str = PAGE, status: str = "200 OK", *, length: bool = True, **headers: str) -> bytes:
    """An answer. Header names are written with underscores."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if length:
        lines.append(f"Content-Length: {len(raw)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + raw


@dataclass
class Site:
    """`async with Site({"/": http(...)}) as site`. A list of answers is used up one by one, the last one stays."""

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    host: str = "127.0.0.1"
    robots: Answer | None = None
    asked: list[Asked] = field(default_factory=list)
    busiest: int = 0

    async def __aenter__(self) -> Site:
        self._now, self._connections = 0, 0
        self._server = await asyncio.start_server(self._serve, self.host, 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.netloc}{path}"

    def asks(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        number = self._connections
        try:
            while (asked := await self._read(reader, number)) is not None:
                self.asked.append(asked)
                self._now += asked.path != "/robots.txt"
                self.busiest = max(self.busiest, self._now)
                try:
                    await self._answer(asked, writer)
                finally:
                    self._now -= asked.path != "/robots.txt"
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, number: int) -> Asked | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest) if name}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        return Asked(time.monotonic(), method, path, headers, body, number, headers.get("host", ""))

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        missing = http("nothing here", "404 Not Found")
        answer = self.robots if asked.path == "/robots.txt" else self.answers.get(asked.path, missing)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if answer is None:
            answer = missing
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(asked, writer)
