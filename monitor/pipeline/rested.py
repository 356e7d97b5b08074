"""Files that may change under a running service. Knows when one has changed and come to rest, not what it says.

A file is taken up once it rests, so that none is read half-saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

RESTED = timedelta(seconds=3)  # without a change, before a file is taken for complete
Seen = tuple[tuple[str, int, int], ...]  # name, time of the last change (ns), bytes of each file


class Rested:
    """Some files, or folders of YAML files, as they were when they were last taken up."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(path.absolute() for path in paths)
        self._taken = seen(self.paths)
        self._changed: tuple[Seen, datetime] | None = None

    def changed(self, now: datetime) -> bool:
        """Whether they are others than those taken up, and at rest. Answers yes once: they count as taken up then."""
        found = seen(self.paths)
        if found == self._taken:
            self._changed = None
        elif self._changed is None or self._changed[0] != found:
            self._changed = (found, now)
        elif now - self._changed[1] >= RESTED or now < self._changed[1]:  # or the clock was set back
            self._taken, self._changed = found, None
            return True
        return False


def seen(paths: Sequence[Path]) -> Seen:
    """What tells changed files from unchanged ones; those that are not there are left out."""
    found: list[tuple[str, int, int]] = []
    for path in paths:
        try:
            for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
                at = file.stat()
                found.append((str(file), at.st_mtime_ns, at.st_size))
        except OSError:
            continue
    return tuple(found)
