"""The matrix in force while the service runs: a changed file, or the day of a new version, needs no restart.

Knows when to read again; the reading itself is routing's. A file that is wrong changes nothing: the matrix before it
stays, and `fault` says why until the file is right. A file is read once it rests, so that none is taken half-saved.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from monitor.errors import ConfigError
from monitor.routing import Matrix
from monitor.routing.replay import matrix_on
from monitor.text import SHANGHAI

log = structlog.get_logger()

RESTED = timedelta(seconds=3)  # without a change, before a file is taken for complete
Seen = tuple[tuple[str, int, int], ...]  # name, time of the last change (ns), bytes of each file


class InForce:
    """The matrix of one installation. `path` as `matrix_on` takes it; raises its ConfigError where it is wrong now."""

    def __init__(self, path: Path | None, now: datetime) -> None:
        self.path, self.fault = path, ""
        self._seen, self._day = seen(path), day_of(now)
        self.matrix = matrix_on(path, self._day)
        self._changed: tuple[Seen, datetime] | None = None

    def look(self, now: datetime) -> Matrix:
        """The matrix that holds now, read again where its file changed or its day is over."""
        found, day = seen(self.path), day_of(now)
        if found == self._seen:
            self._changed = None
            if day != self._day:
                self._read(found, day)
        elif self._changed is None or self._changed[0] != found:
            self._changed = (found, now)
        elif now - self._changed[1] >= RESTED or now < self._changed[1]:  # or the clock was set back
            self._read(found, day)
        return self.matrix

    def _read(self, found: Seen, day: date) -> None:
        self._seen, self._day, self._changed = found, day, None
        try:
            matrix = matrix_on(self.path, day)
        except ConfigError as problem:
            self.fault = str(problem)
            log.error("the matrix is wrong, the one before it stays", kept=self.matrix.version, faults=self.fault)
            return
        if matrix != self.matrix:
            log.info("another matrix is in force", was=self.matrix.version, now=matrix.version)
        self.matrix, self.fault = matrix, ""


def seen(path: Path | None) -> Seen:
    """What tells a changed file or folder from an unchanged one; empty where nothing is there."""
    if path is None:
        return ()
    try:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        return tuple((file.name, (at := file.stat()).st_mtime_ns, at.st_size) for file in files)
    except OSError:
        return ()


def day_of(now: datetime) -> date:
    """The local day, by which versions come into force."""
    return now.astimezone(SHANGHAI).date()
