"""How long the server waits for somebody to finish asking. Knows connections, no page.

uvicorn waits for good: a few hundred connections that send a byte a minute, or nothing, take every file the process may
open, and then no mail leaves and no site is asked. A proxy before the service has such limits of its own.
"""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD, BODY = 20.0, 300.0  # seconds for a request's head, and for the rest of it
FILES = 65_536  # that the process asks to open, as far as the machine lets it: mostly connections


class Patient(H11Protocol):
    """uvicorn's protocol, with an end to waiting; `Config(http=Patient)`. The time is from the beginning, not from
    the last byte.
    """

    _waits: object = None  # what is waited for, as h11 calls the state
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for(None)
        super().connection_lost(exc)

    def _wait(self) -> None:
        state = self.conn.their_state
        self._wait_for(state if state in (h11.IDLE, h11.SEND_BODY) else None)

    def _wait_for(self, state: object) -> None:
        if state is self._waits:
            return
        self._waits = state
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if state is not None:
            self._end = self.loop.call_later(HEAD if state is h11.IDLE else BODY, self.transport.close)


def open_files() -> None:
    """Lets this process open as many files as it may; 1,024 are the usual, and 65,536 the usual limit of that limit."""
    with suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
