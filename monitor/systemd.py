"""Tells systemd that the service is up and still at work (sd_notify(3)). Knows a socket; silent where there is none."""

from __future__ import annotations

import os
import socket


def tell(state: str) -> None:
    """Sends `READY=1`, `WATCHDOG=1` and the like; nothing where no systemd asked for it, or it no longer listens."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    address = f"\0{where[1:]}" if where.startswith("@") else where
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.sendto(state.encode(), address)
    except OSError:  # the service works on without it
        return


def watchdog_seconds() -> float | None:
    """How often WATCHDOG=1 is expected (WatchdogSec=), when at all."""
    given = os.environ.get("WATCHDOG_USEC", "")
    return int(given) / 1_000_000 if given.isdigit() and int(given) else None
