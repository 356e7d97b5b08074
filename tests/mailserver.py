"""A small SMTP server on loopback that answers as it is told, by recipient: what a real one does on a bad day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes
from email.message import Message


class MailServer:
    """`behaviour` is the local part of the recipient: ok, temp, perm, greylist, data451, data554, cut, lostack."""

    def __init__(self, *, banner: str = "220 mail.qinghe.example ESMTP", size: int = 0, login: bool = False) -> None:
        self.banner, self.size, self.login = banner, size, login
        self.stored: list[tuple[str, Message]] = []
        self.senders: list[str] = []  # envelope senders, in order
        self.seen: Counter[str] = Counter()
        self.logins = 0
        self.connections = 0
        self.port = 0
        self.tasks: set[asyncio.Task[object]] = set()

    def ids(self, recipient: str) -> list[str]:
        return [str(message["Message-ID"]) for to, message in self.stored if to == recipient]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1

        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if self.banner:
                    await say(self.banner)
                    await self._talk(reader, say)
                else:
                    await asyncio.sleep(60)
        finally:
            self.tasks.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, say: object) -> None:
        to = ""
        while line := (await reader.readline()).decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                await say("250-mail")  # type: ignore[operator]
                if self.login:
                    await say("250-AUTH PLAIN LOGIN")  # type: ignore[operator]
                await say(f"250 SIZE {self.size}" if self.size else "250 8BITMIME")  # type: ignore[operator]
            elif verb.startswith("AUTH"):
                self.logins += 1
                await say("535 5.7.8 bad credentials")  # type: ignore[operator]
            elif verb.startswith("MAIL"):
                self.senders.append(line.split("<", 1)[1].split(">")[0])
                await say("250 ok")  # type: ignore[operator]
            elif verb.startswith("RCPT"):
                to = line.split("<", 1)[1].split(">")[0]
                answer = self._recipient(to)
                if answer is None:
                    return
                await say(answer)  # type: ignore[operator]
            elif verb == "DATA":
                await say("354 go on")  # type: ignore[operator]
                body = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                answer = self._message(to, body)
                if answer is None:
                    return
                await say(answer)  # type: ignore[operator]
            elif verb == "QUIT":
                await say("221 bye")  # type: ignore[operator]
                return
            else:
                await say("250 ok")  # type: ignore[operator]

    def _recipient(self, to: str) -> str | None:
        kind = to.split("@")[0].split("+")[0]
        self.seen[to] += 1
        if kind == "cut" and self.seen[to] == 1:
            return None
        if kind == "temp" or (kind == "greylist" and self.seen[to] <= 2):
            return "451 4.7.1 later"
        return "550 5.1.1 no such user" if kind == "perm" else "250 ok"

    def _message(self, to: str, body: bytes) -> str | None:
        kind = to.split("@")[0].split("+")[0]
        if kind == "data554":
            return "554 5.7.1 refused"
        if kind == "data451" and self.seen[to] == 1:
            return "451 4.3.0 later"
        self.stored.append((to, message_from_bytes(body)))
        return None if kind == "lostack" and self.seen[to] == 1 else "250 queued"


@asynccontextmanager
async def running(server: MailServer) -> AsyncIterator[MailServer]:
    """The server on a free port of loopback."""
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, limit=1 << 22)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
        for task in list(server.tasks):
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
