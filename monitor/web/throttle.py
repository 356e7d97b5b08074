"""Token buckets: how often somebody may try something. Knows names and seconds, nothing about requests.

Kept in memory: a restart forgives. What must outlive a restart (failed sign-ins of an account) stands in the store.
"""

from __future__ import annotations

import math
from threading import Lock

LIMIT = 10_000  # names remembered at once; the fullest buckets are forgotten first


class Throttle:
    """`capacity` tries at once, refilled evenly over `period` seconds, for each name on its own."""

    def __init__(self, capacity: int, period: float) -> None:
        self.capacity, self.rate = float(capacity), capacity / period
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, name: str, now: float) -> int:
        """0: go on, one token is taken. Otherwise the whole seconds after which the next try may succeed."""
        with self._lock:
            tokens, at = self._buckets.get(name, (self.capacity, now))
            tokens = min(self.capacity, tokens + max(0.0, now - at) * self.rate)
            if tokens < 1:
                self._buckets[name] = (tokens, now)
                return math.ceil((1 - tokens) / self.rate)
            self._buckets[name] = (tokens - 1, now)
            if len(self._buckets) > LIMIT:
                self._forget(now)
            return 0

    def refund(self, name: str) -> None:
        """Gives the last token back: the try was a good one and does not count."""
        with self._lock:
            if name in self._buckets:
                tokens, at = self._buckets[name]
                self._buckets[name] = (min(self.capacity, tokens + 1), at)

    def _forget(self, now: float) -> None:
        fullness = {name: tokens + (now - at) * self.rate for name, (tokens, at) in self._buckets.items()}
        for name in sorted(fullness, key=fullness.__getitem__, reverse=True)[: LIMIT // 2]:
            del self._buckets[name]
