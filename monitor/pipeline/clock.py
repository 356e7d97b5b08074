"""What time it is for every machine of one installation: that of the database they share. Knows two clocks.

Leases and due times stand in the database. A machine whose own clock is minutes ahead would find every lease over, take
the message another is sending, and send it again; one behind would leave what is due. SQLite is on this machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from monitor.store import Store, alive

log = structlog.get_logger()
TOLERATED = timedelta(seconds=2)  # no correction below: the way to the server and back is in it
WRONG = timedelta(seconds=30)  # worth a person's hand


class Clock:
    """This machine's clock and how far the database's is from it."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC) + self.off

    def follow(self, store: Store) -> timedelta:
        """Asks the database for the time and goes by it from now on; how far this machine's own clock is behind it."""
        off, was = difference(store), self.off
        self.off = off if abs(off) > TOLERATED else timedelta()
        if abs(off) > WRONG >= abs(was):
            log.error("this machine's clock is wrong: the database's is followed", seconds=round(off.total_seconds()))
        return off


def difference(store: Store) -> timedelta:
    """The database's clock less this machine's own; nothing where the database has none."""
    with store.read() as c:
        asked, there = datetime.now(UTC), alive.server_time(c)
    return there - (asked + (datetime.now(UTC) - asked) / 2) if there else timedelta()


CLOCK = Clock()
