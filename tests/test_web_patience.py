"""Who never finishes asking is left: some hundred such connections took every file of the service, and no mail left."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from structlog.testing import capture_logs
from uvicorn.server import ServerState
from webhouse import build

from monitor.web import patience

FORM = b"Content-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n"
ASKED = b"POST /signin HTTP/1.1\r\nHost: x\r\n" + FORM + b"\r\n"


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """The application behind the patient protocol, without a server's signals; its port."""
    config = uvicorn.Config(app, http=patience.Patient, lifespan="off", log_level="warning")
    config.load()
    state = ServerState()
    door = await asyncio.get_running_loop().create_server(
        lambda: patience.Patient(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield door.sockets[0].getsockname()[1]
    finally:
        door.close()
        for connection in list(state.connections):
            connection.transport.close()


async def answered(port: int, first: bytes, drip: bytes = b"") -> bytes:
    """What comes back until the other side closes, to somebody who goes on sending `drip`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        writer.write(first)
        while drip:
            writer.write(drip)
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        sending.cancel()
        writer.close()


async def late(scope: Any, receive: Any, send: Any) -> None:
    """An application that thinks for longer than anybody may take to ask."""
    await asyncio.sleep(0.5)
    await send({"type": "http.response.start", "status": 204, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("first", "drip"),
    [(b"", b""), (b"GET / HT", b""), (b"GET / HTTP/1.1\r\nX: ", b"a"), (ASKED, b"a"), (ASKED, b"")],
    ids=["nothing", "half a line", "a head that drips", "a body that drips", "a body that never comes"],
)
async def test_who_never_finishes_asking_is_left(
    first: bytes, drip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD", 0.2)
    monkeypatch.setattr(patience, "BODY", 0.2)
    house = build(tmp_path)
    async with served(house.app) as port:
        assert await answered(port, first, drip) == b""
    house.store.close()


async def test_an_answer_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD", 0.2)
    async with served(late) as port:
        assert (await answered(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 204")


async def test_a_form_broken_off_is_no_fault_of_ours(tmp_path: Path) -> None:
    """It had been logged as unforeseen, with a trace; anybody could fill the log so."""
    house = build(tmp_path)
    with capture_logs() as said:
        async with served(house.app) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASKED + b"name=x")
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.close()
            while not said:
                await asyncio.sleep(0.02)
    assert [one["event"] for one in said] == ["gone before the end"]
    house.store.close()


def test_the_service_may_open_as_many_files_as_the_machine_lets_it() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        patience.open_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == (patience.FILES if hard == resource.RLIM_INFINITY else min(hard, patience.FILES))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
