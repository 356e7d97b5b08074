"""One host's connections: an httpx transport that connects only to the address it is given. Knows HTTP/1.1 framing.

The address comes checked in `request.extensions["peer"]`; the name is used for Host and TLS only, and nothing here
resolves anything. After connecting, the peer's address is compared once more. `request.extensions["sent"]()`, where
given, is told when the request has left. Every limit on the head of an answer stands here; the body is limited by
whoever reads it. A connection is used again only when nothing unasked lies in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import h11
import httpx

from monitor.collect.answer import Trouble, Why

HEAD_BYTES, HEADER_BYTES, HEADERS, INTERIM = 1_500_000, 65_536, 1_000, 10
READ_AHEAD = 131_072  # bytes the other side may push before we ask for more
SEGMENT = 1_400  # bytes: as on any network; loopback's own 64 KiB segments let a sender pile up megabytes unread
KEEP_IDLE = 15.0  # seconds
CONNECT = 6.0  # seconds for one address


@dataclass(frozen=True, slots=True)
class Peer:
    """Where to connect: checked addresses in the order to try, and the name TLS must prove (None: plain)."""

    addresses: tuple[str, ...]
    port: int
    name: str | None


class _Incoming(asyncio.Protocol):
    """Bytes as they come, with the sender paused while nobody reads."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.over = False
        self._problem: Exception | None = None
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > READ_AHEAD and not self._paused:
            self.transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> bool:
        self.over = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.over, self._problem = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read(self) -> bytes:
        """What has come; b"" at the end. Trouble (connect) when the connection broke."""
        if not self.buffer and not self.over:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if not self.buffer and self._problem is not None:
            raise Trouble(Why.CONNECT, f"the connection broke: {self._problem}") from self._problem
        data = bytes(self.buffer)
        self.buffer.clear()
        if self._paused and not self.over:
            self._paused = False
            self.transport.resume_reading()
        return data


class _Connection:
    """One connection and the state of the talk on it."""

    def __init__(self, incoming: _Incoming, address: str) -> None:
        self.incoming, self.address = incoming, address
        self.talk = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self.heard = False  # whether the answer has begun
        self._end: asyncio.TimerHandle | None = None

    def rest(self) -> None:
        """Stays open for a while in case the host is asked again."""
        self._end = asyncio.get_running_loop().call_later(KEEP_IDLE, self.close)

    def wake(self) -> bool:
        """Whether it may be used again: still open, and nothing unasked waiting in it."""
        if self._end is not None:
            self._end.cancel()
        return not self.incoming.transport.is_closing() and not self.incoming.over and not self.incoming.buffer

    def send(self, request: httpx.Request, body: bytes) -> None:
        target = request.extensions["path"].encode("ascii")
        head = h11.Request(method=request.method.encode(), target=target, headers=request.headers.raw)
        out = self.talk.send(head)
        if body:
            out += self.talk.send(h11.Data(data=body)) or b""
        out += self.talk.send(h11.EndOfMessage()) or b""
        self.heard = False
        self.incoming.transport.write(out)

    async def event(self) -> Any:
        while True:
            try:
                event = self.talk.next_event()
            except h11.RemoteProtocolError as problem:
                raise _broken(problem) from problem
            if event is not h11.NEED_DATA:
                return event
            data = await self.incoming.read()
            if not data and not self.heard:
                raise Trouble(Why.CONNECT, "the connection was closed without an answer")
            self.heard = True
            self.talk.receive_data(data)

    async def head(self) -> h11.Response:
        """The final status and headers, checked against every limit."""
        interim = 0
        while isinstance(event := await self.event(), h11.InformationalResponse):
            interim += 1
            if event.status_code == 101 or interim > INTERIM:
                raise Trouble(Why.PROTOCOL, f"answers {event.status_code} unasked")
        if not isinstance(event, h11.Response):
            raise Trouble(Why.PROTOCOL, "no answer where one was due")
        _check_headers(event.headers)
        return event

    def settle(self) -> bool:
        """Ready for the next request: both sides done, nothing left over."""
        if self.talk.our_state is not h11.DONE or self.talk.their_state is not h11.DONE or self.incoming.over:
            return False
        if self.talk.trailing_data[0] or self.incoming.buffer:
            return False
        self.talk.start_next_cycle()
        return True

    def close(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self.incoming.transport.abort()


def _check_headers(headers: Any) -> None:
    rows = list(headers)
    if len(rows) > HEADERS:
        raise Trouble(Why.PROTOCOL, f"{len(rows)} headers")
    if any(len(name) + len(value) > HEADER_BYTES for name, value in rows):
        raise Trouble(Why.PROTOCOL, "a header of more than 64 KiB")
    names = {name for name, _ in rows}
    if b"content-length" in names and b"transfer-encoding" in names:
        raise Trouble(Why.PROTOCOL, "two framings at once (RFC 9112 section 6.1)")


def _broken(problem: h11.RemoteProtocolError) -> Trouble:
    text = str(problem)
    if "peer closed" in text or "incomplete" in text:
        return Trouble(Why.TRUNCATED, "the answer ends in the middle")
    if "too long" in text or "excessive" in text.lower():
        return Trouble(Why.PROTOCOL, f"the head of the answer is larger than {HEAD_BYTES} bytes")
    return Trouble(Why.PROTOCOL, f"not HTTP as we know it: {text[:120]}")


class _Body(httpx.AsyncByteStream):
    def __init__(self, connection: _Connection, done: Callable[[_Connection, bool], None]) -> None:
        self._connection, self._done, self._open = connection, done, True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._connection.event(), h11.Data):
            yield bytes(event.data)
        self._close(self._connection.settle())

    async def aclose(self) -> None:
        self._close(False)

    def _close(self, reusable: bool) -> None:
        if self._open:
            self._open = False
            self._done(self._connection, reusable)


class Wire(httpx.AsyncBaseTransport):
    """The transport of one host. `tls` makes the context when it is first needed; `keep` connections stay open."""

    def __init__(self, tls: Callable[[], ssl.SSLContext], *, keep: int = 1) -> None:
        self._tls, self._keep = tls, keep
        self._idle: dict[Peer, list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        peer: Peer = request.extensions["peer"]
        body = await request.aread()
        connection, head = await self._exchange(peer, request, body)
        # No cookie gets past here; and where a redirect leads is for the guard to read, not for httpx.
        headers = [(name, value) for name, value in head.headers if name not in (b"set-cookie", b"location")]
        location = next((value for name, value in head.headers if name == b"location"), b"")
        return httpx.Response(
            head.status_code,
            headers=headers,
            stream=_Body(connection, lambda c, ok: self._done(peer, c, ok)),
            extensions={"address": connection.address, "location": location},
        )

    async def _exchange(self, peer: Peer, request: httpx.Request, body: bytes) -> tuple[_Connection, h11.Response]:
        """Sends and reads the head; a kept connection that died in its sleep is replaced once."""
        while True:
            connection, fresh = await self._connection(peer)
            try:
                connection.send(request, body)
                request.extensions.get("sent", _nobody)()
                return connection, await connection.head()
            except BaseException as problem:
                connection.close()
                if isinstance(problem, h11.LocalProtocolError):
                    raise Trouble(Why.PROTOCOL, f"cannot be asked for: {problem}") from problem
                if fresh or connection.heard or not isinstance(problem, Trouble):
                    raise

    async def _connection(self, peer: Peer) -> tuple[_Connection, bool]:
        idle = self._idle.get(peer, [])
        while idle:
            connection = idle.pop()
            if connection.wake():
                return connection, False
            connection.close()
        return await _connect(peer, self._tls() if peer.name else None), True

    def _done(self, peer: Peer, connection: _Connection, reusable: bool) -> None:
        idle = self._idle.setdefault(peer, [])
        if reusable and len(idle) < self._keep:
            connection.rest()
            idle.append(connection)
        else:
            connection.close()

    async def aclose(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()


def _nobody() -> None:
    """Nobody waits to hear that a request has left."""


async def _connect(peer: Peer, tls: ssl.SSLContext | None) -> _Connection:
    """A connection to the first of the addresses that answers."""
    last: Trouble | None = None
    for address in peer.addresses:
        try:
            async with asyncio.timeout(CONNECT):
                return await _connect_to(address, peer, tls)
        except TimeoutError:
            last = Trouble(Why.CONNECT, f"no connection within {CONNECT:g} s")
        except Trouble as trouble:
            if trouble.why is not Why.CONNECT:
                raise
            last = trouble
    raise last or Trouble(Why.DNS, "no address")


async def _connect_to(address: str, peer: Peer, tls: ssl.SSLContext | None) -> _Connection:
    loop = asyncio.get_running_loop()
    plug = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        plug.setblocking(False)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_AHEAD)  # what we will not read shall not be sent
        if hasattr(socket, "TCP_MAXSEG"):
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        await loop.sock_connect(plug, (address, peer.port))
        if plug.getpeername()[0] != address:
            raise Trouble(Why.ADDRESS, f"connected to {plug.getpeername()[0]}, not {address}", refused=True)
        _, incoming = await loop.create_connection(_Incoming, sock=plug, ssl=tls, server_hostname=peer.name)
    except ssl.SSLError as problem:
        plug.close()
        words = getattr(problem, "verify_message", "") or problem.reason or problem
        raise Trouble(Why.TLS, str(words)) from problem
    except OSError as problem:
        plug.close()
        raise Trouble(Why.CONNECT, problem.strerror or str(problem)) from problem
    except BaseException:
        with contextlib.suppress(OSError):
            plug.close()
        raise
    return _Connection(incoming, address)
