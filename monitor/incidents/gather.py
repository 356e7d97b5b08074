"""Posts -> incidents in memory, one after another: what the `cluster` filter and measurements use. Knows no store.

The same keys and the same `place` decide as in the ledger; only the index is a dictionary instead of a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.incidents.links import Links
from monitor.incidents.merge import merged
from monitor.incidents.place import Candidate, Placement, keys, nearest, place
from monitor.model import Reading


@dataclass(slots=True)
class Gathering:
    """Grows by `add`; incidents are numbered in order of appearance: I-1, I-2 ..."""

    incidents: dict[str, Candidate] = field(default_factory=dict)
    links: Links = field(default_factory=Links)  # what persons tied together and kept apart
    posts: dict[str, str] = field(default_factory=dict)  # id -> incident
    _of_key: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, reading: Reading, now: datetime) -> tuple[str, Placement]:
        """Places a reading; returns its incident and how it came there."""
        shared = keys(reading)
        near = nearest({key: self._of_key[key] for key in shared if key in self._of_key})
        ties = self._where(self.links.together(reading.post.id))
        walls = self._where(self.links.apart(reading.post.id))
        near += sorted(ties - set(near))
        found = place(reading, [self.incidents[incident] for incident in near], now, must=ties, cannot=walls)
        name = found.incident or f"I-{len(self.incidents) + 1}"
        known = self.incidents.get(name)
        if known is None:
            self.incidents[name] = Candidate(name, reading.facts, reading.post.full_text, now)
        else:
            self.incidents[name] = replace(known, facts=merged(known.facts, reading.facts), updated_at=now)
        for key in shared:
            self._of_key[key].add(name)
        self.posts[reading.post.id] = name
        return name, found

    def _where(self, posts: Collection[str]) -> frozenset[str]:
        return frozenset(self.posts[post] for post in posts if post in self.posts)
