"""Whose turn it is at a host. Knows gaps and counts; knows no HTTP.

At most `together` requests at once and `gap` seconds between two starts at one host, whatever number of feeds it has,
redirects and second tries included; at most `everywhere` requests at once in all. A host that answers "too often" to
several addresses in a row rests.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monitor.collect.answer import Trouble, Why

HOSTS = 4_096
REFUSALS_BEFORE_REST = 5
SLACK = 0.2  # seconds: a second request may travel faster than the first, and the gap is meant where the site is


@dataclass(slots=True)
class _Host:
    room: asyncio.Semaphore
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    last_start: float = -math.inf
    next_start: float = 0.0
    waiting: int = 0
    refusals: int = 0
    rest_until: float = 0.0

    def may_start(self, gap: float) -> float:
        """When the next request may start that wants `gap` seconds between itself and the last one."""
        return max(self.next_start, self.last_start + gap)


class Turn:
    """One request's stay at a host. It keeps its room there while it waits to ask once more."""

    def __init__(self, pace: Pace, state: _Host) -> None:
        self._pace, self._state = pace, state
        self._gap = 0.0
        self._placed = self._first = False  # among all; in the order of this host

    async def start(self, gap: float) -> None:
        """Waits for the moment, then for a place among all. Nobody else starts here until it was `sent`."""
        state = self._state
        self._gap = gap + SLACK if gap else 0.0
        await state.order.acquire()
        self._first = True
        while (wait := state.may_start(self._gap) - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        await self._pace.everywhere.acquire()
        self._placed = True
        self._count()

    def sent(self) -> None:
        """The request has left: the gap counts from here, however long connecting took."""
        self._count()
        self._let_next()

    async def again(self, gap: float) -> None:
        """The same for a further request of the same errand: a redirect within the host, a second try."""
        self.leave()
        self._pace.worth_waiting(self._state, gap)
        await self.start(gap)

    def leave(self) -> None:
        """Gives the place among all back."""
        self._let_next()
        if self._placed:
            self._placed = False
            self._pace.everywhere.release()

    def _count(self) -> None:
        self._state.last_start = time.monotonic()
        self._state.next_start = self._state.last_start + self._gap

    def _let_next(self) -> None:
        if self._first:
            self._first = False
            self._state.order.release()


class Pace:
    """Turns for every host. `patience`: seconds a request may wait for its turn before it is put off instead."""

    def __init__(self, *, together: int = 2, everywhere: int = 64, patience: float = 600.0) -> None:
        self._together, self._patience = together, patience
        self.everywhere = asyncio.Semaphore(everywhere)
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    @asynccontextmanager
    async def turn(self, host: str, gap: float) -> AsyncIterator[Turn]:
        """Waits for this host's turn and keeps a place among all. Trouble (pace) when it would come too late."""
        state = self._host(host)
        self.worth_waiting(state, gap)
        state.waiting += 1
        try:
            await state.room.acquire()
        finally:
            state.waiting -= 1
        turn = Turn(self, state)
        try:
            await turn.start(gap)
            yield turn
        finally:
            turn.leave()
            state.room.release()

    def answered(self, host: str, *, too_often: float | None) -> None:
        """Tells how the host took it: None for well, else the seconds it asked us to wait."""
        state = self._host(host)
        state.refusals = 0 if too_often is None else state.refusals + 1
        if too_often is not None and state.refusals >= REFUSALS_BEFORE_REST:
            state.rest_until = time.monotonic() + too_often

    def worth_waiting(self, state: _Host, gap: float) -> None:
        """Trouble (pace) when the host rests, or its turn would come later than we wait."""
        now = time.monotonic()
        if state.rest_until > now:
            rest = state.rest_until - now
            raise Trouble(Why.PACE, "the site asked for rest several times in a row", retry_after=rest, refused=True)
        wait = max(0.0, state.may_start(gap) - now) + gap * state.waiting
        if wait > self._patience:
            raise Trouble(Why.PACE, f"its turn at this site comes in {wait:.0f} s", retry_after=wait, refused=True)

    def _host(self, host: str) -> _Host:
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host(asyncio.Semaphore(self._together))
            self._forget()
        self._hosts.move_to_end(host)
        return state

    def _forget(self) -> None:
        """Drops hosts that nobody waits for and whose turn is free again, oldest first."""
        for name in list(self._hosts)[: max(0, len(self._hosts) - HOSTS)]:
            state = self._hosts[name]
            if not state.waiting and state.next_start < time.monotonic() and not state.order.locked():
                del self._hosts[name]
