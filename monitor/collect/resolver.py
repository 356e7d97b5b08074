"""Names to addresses, bounded in time and threads. Knows the system's resolver; knows nothing of what is allowed.

Each look-up has a daemon thread of its own, at most THREADS at once: a resolver that hangs for 20 s neither blocks the
others nor the end of the process. Answers are kept for a minute, failures for half a minute.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from monitor.collect.answer import Trouble, Why

Resolve = Callable[[str, int], Awaitable[list[str]]]

THREADS = 32
PATIENCE = 6.0  # seconds for one name
KEEP, KEEP_FAILURE, NAMES = 60.0, 30.0, 5_000


class Resolver:
    """`await resolver(host, port)` -> addresses in the order to try; Trouble (dns) when there are none."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = asyncio.Semaphore(THREADS)
        self._known: dict[str, tuple[float, list[str] | str]] = {}
        self._asking: dict[str, asyncio.Future[list[str] | str]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        until, answer = self._known.get(host, (0.0, ""))
        if until < time.monotonic():
            answer = await self._ask(host)
        if isinstance(answer, str):
            raise Trouble(Why.DNS, f"{host}: {answer}")
        return list(answer)

    async def _ask(self, host: str) -> list[str] | str:
        """One question a name, however many wait for it."""
        if (running := self._asking.get(host)) is None:
            running = self._asking[host] = asyncio.ensure_future(self._look_up(host))
            running.add_done_callback(lambda _: self._asking.pop(host, None))
        return await asyncio.shield(running)

    async def _look_up(self, host: str) -> list[str] | str:
        answer: list[str] | str
        try:
            async with asyncio.timeout(self._patience), self._free:
                answer = await _in_a_thread(host)
        except TimeoutError:
            answer = f"no answer within {self._patience:g} s"
        if len(self._known) >= NAMES:
            self._known.clear()
        self._known[host] = (time.monotonic() + (KEEP if isinstance(answer, list) else KEEP_FAILURE), answer)
        return answer


def _in_a_thread(host: str) -> asyncio.Future[list[str] | str]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str] | str] = loop.create_future()

    def settle(answer: list[str] | str) -> None:
        if not future.done():
            future.set_result(answer)

    def ask() -> None:
        answer = _addresses(host)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, answer)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return future


def _addresses(host: str) -> list[str] | str:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        return getattr(problem, "strerror", None) or str(problem)
    return list(dict.fromkeys(str(row[4][0]) for row in found))
