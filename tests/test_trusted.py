"""Calls to where the operator pointed: webhook, watcher, mailbox. However the other side drips, they come to an end."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from monitor import trusted

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def behaving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that behaves so towards everybody; its address."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plug, _ = door.accept()
                with plug, suppress(OSError):
                    plug.recv(65_536)
                    behave(plug)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"
    finally:
        door.close()


def again(data: bytes, first: bytes = b"", rest: float = 0.02) -> Callable[[socket.socket], None]:
    def behave(plug: socket.socket) -> None:
        plug.sendall(first)
        while True:
            plug.sendall(data)
            time.sleep(rest)

    return behave


def once(data: bytes) -> Callable[[socket.socket], None]:
    return lambda plug: plug.sendall(data)


@pytest.mark.parametrize(
    "behave",
    [
        again(b"a", b"HTTP/1.1 200 OK\r\nX: "), again(b"a", b"HTTP/1.1 200 OK"),
        again(b"HTTP/1.1 100 Continue\r\n\r\n", rest=0.001),
    ],
    ids=["a head that drips", "a first line that drips", "continue without end"],
)  # fmt: skip
def test_who_drips_is_cut_off(behave: Callable[[socket.socket], None]) -> None:
    """A byte a second keeps within every time-out of a socket: no mail left before the webhook was done."""
    with behaving(behave) as url, pytest.raises(TimeoutError, match="not done within"):
        trusted.call(urllib.request.Request(url), None, 0.3)


def test_a_body_that_drips_is_not_waited_for() -> None:
    with behaving(again(b"x", OK)) as url:
        assert trusted.call(urllib.request.Request(url), None, 0.3) == 200


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff nothing\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 abc\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_an_oserror(answer: bytes) -> None:
    """It had been an error of the library's own, which the watcher's call let through each minute with a trace."""
    with behaving(once(answer)) as url, pytest.raises(OSError):  # noqa: PT011  any OSError is one the callers know
        trusted.call(urllib.request.Request(url), None, 5)


@pytest.mark.parametrize(("status", "head"), [(204, ""), (302, "Location: http://127.0.0.1:1/\r\n"), (503, "")])
def test_an_answer_is_its_status_and_a_redirect_leads_nowhere(status: int, head: str) -> None:
    with behaving(once(f"HTTP/1.1 {status} x\r\n{head}Content-Length: 0\r\n\r\n".encode())) as url:
        assert trusted.call(urllib.request.Request(url), None, 5) == status


def test_a_limit_holds_for_what_is_connected_after_it_is_over() -> None:
    here, there = socket.socketpair()
    with here, there, trusted.Limit(0) as limit:
        while not limit.over:
            time.sleep(0.001)
        limit.on(here)
        assert here.recv(1) == b""
