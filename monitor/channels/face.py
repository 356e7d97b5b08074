"""What every channel has in common: it takes a queued row and hands it over, or says why not. Knows no channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from monitor.errors import DeliveryError


class ChannelDown(DeliveryError):
    """The channel itself cannot be used now; its other messages are left alone for `wait` seconds."""

    def __init__(self, reason: str, *, wait: float) -> None:
        super().__init__(reason, permanent=False)
        self.wait = wait


class Channel(Protocol):
    """One way to reach people."""

    async def send(self, row: Mapping[str, Any]) -> None:
        """Hands over one row of the outbox; DeliveryError when it was not accepted."""
        ...
