"""Who works in an embedded database, so that nobody puts another one in its place meanwhile. Knows a lock file only.

SQLite in WAL mode holds no lock between two transactions: a service at rest cannot be told from none. Everything that
works in the house therefore shares a lock on a file beside the database (flock(2), gone with its process, a killed one
too); a restore needs it alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX system: no lock, as before
    fcntl = None  # type: ignore[assignment]


class Held:
    """A share in the use of a database, until `release` or the end of the process; None: a server, which knows."""

    def __init__(self, database: Path | None) -> None:
        self._descriptor: int | None = None
        if database is not None and fcntl is not None:
            self._descriptor = _opened(database)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Gives the share back; safe to call again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def alone(database: Path) -> Iterator[bool]:
    """Whether nobody else works in the database; nobody can begin to while this lasts."""
    if fcntl is None:
        yield True
        return
    descriptor = _opened(database)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _opened(database: Path) -> int:
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(database.with_name(f".{database.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
