"""Posts -> incidents in memory, one after another: what the `cluster` filter and measurements use. Knows no store.

The same keys and the same `place` decide as in the ledger; only the index is a dictionary instead of a table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from monitor.incidents.place import Candidate, Placement, keys, place
from monitor.model import Facts, Reading

LOOKED_AT = 50  # candidates that share most keys


@dataclass(slots=True)
class Gathering:
    """Grows by `add`; incidents are numbered in order of appearance: I-1, I-2 ..."""

    incidents: dict[str, Candidate] = field(default_factory=dict)
    _of_key: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, reading: Reading, now: datetime) -> tuple[str, Placement]:
        """Places a reading; returns its incident and how it came there."""
        shared = Counter(incident for key in keys(reading) for incident in self._of_key.get(key, ()))
        nearest = sorted(shared, key=lambda incident: (-shared[incident], incident))[:LOOKED_AT]
        found = place(reading, [self.incidents[incident] for incident in nearest], now)
        name = found.incident or f"I-{len(self.incidents) + 1}"
        known = self.incidents.get(name)
        if known is None:
            self.incidents[name] = Candidate(name, reading.facts, reading.post.full_text, now)
        else:
            self.incidents[name] = replace(known, facts=filled(known.facts, reading.facts), updated_at=now)
        for key in keys(reading):
            self._of_key[key].add(name)
        return name, found


def filled(known: Facts, new: Facts) -> Facts:
    """What a further post adds: names and places that were missing, the larger counts."""
    values: dict[str, Any] = {}
    for key in ("employer", "project", "place"):
        values[key] = getattr(known, key) or getattr(new, key)
    for key in ("workers", "amount_yuan", "months"):
        values[key] = max(
            (value for value in (getattr(known, key), getattr(new, key)) if value is not None), default=None
        )
    return replace(known, **values)
