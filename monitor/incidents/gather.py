"""Posts -> incidents in memory, one after another: what the `cluster` filter and measurements use. Knows no store.

The same keys and the same `place` decide as in the ledger; only the index is a dictionary instead of a table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from monitor.incidents.keys import COMMON, Keys, copy_key, foremost, keys_of
from monitor.incidents.links import Links
from monitor.incidents.merge import merged
from monitor.incidents.place import SAME_TEXT, WINDOW, Candidate, Placement, place
from monitor.incidents.postings import NOBODY, Postings
from monitor.model import Reading

NO_KEYS = Keys()


@dataclass(slots=True)
class Index:
    """Who holds which key: firm ones, and loose ones, of which those that many hold find nobody."""

    firm: Postings[str] = field(default_factory=lambda: Postings(WINDOW))
    loose: Postings[str | int] = field(default_factory=lambda: Postings(WINDOW, COMMON))

    def turn(self, now: datetime) -> None:
        """Forgets what can no longer be joined."""
        self.firm.turn(now)
        self.loose.turn(now)

    def nearest(self, shared: Keys) -> list[str]:
        """The incidents to be compared with a post of these keys, best first."""
        return foremost(self.firm.of_each(shared.firm), self.loose.of_each(shared.loose))

    def add(self, shared: Keys, incident: str) -> None:
        """Notes the keys of a post that joined."""
        self.firm.add(shared.firm, incident)
        self.loose.add(shared.loose, incident)


@dataclass(slots=True)
class Gathering:
    """Grows by `add`; incidents are numbered in order of appearance: I-1, I-2 ..."""

    incidents: dict[str, Candidate] = field(default_factory=dict)
    links: Links = field(default_factory=Links)  # what persons tied together and kept apart
    posts: dict[str, str] = field(default_factory=dict)  # id -> incident
    _index: Index = field(default_factory=Index)

    def add(self, reading: Reading, now: datetime) -> tuple[str, Placement]:
        """Places a reading; returns its incident and how it came there."""
        self._index.turn(now)
        ties = self._where(self.links.together(reading.post.id))
        walls = self._where(self.links.apart(reading.post.id))
        whole = copy_key(reading)
        alike = self._index.firm.of(whole) if whole else NOBODY
        copied = None if ties or walls else self._copied(alike, now)
        shared = NO_KEYS if copied and self._index.firm.fresh(whole) else keys_of(reading)
        found = copied or self._placed(reading, shared, ties, walls, alike, now)
        name = found.incident or f"I-{len(self.incidents) + 1}"
        self._join(name, reading, now)
        self._index.add(shared, name)
        self.posts[reading.post.id] = name
        return name, found

    def _placed(
        self,
        reading: Reading,
        shared: Keys,
        ties: frozenset[str],
        walls: frozenset[str],
        alike: Collection[str],
        now: datetime,
    ) -> Placement:
        near = self._index.nearest(shared)
        near += sorted(ties - set(near))
        candidates = [self.incidents[incident] for incident in near]
        return place(reading, candidates, now, must=ties, cannot=walls, copied=alike)

    def _copied(self, alike: Collection[str], now: datetime) -> Placement | None:
        """Into the incident that has a post of the same text, where no other has one: nothing else need be compared."""
        if len(alike) != 1:
            return None
        known = self.incidents[next(iter(alike))]
        return Placement(known.incident, SAME_TEXT) if now - known.updated_at <= WINDOW else None

    def _join(self, name: str, reading: Reading, now: datetime) -> None:
        known = self.incidents.get(name)
        if known is None:
            self.incidents[name] = Candidate(name, reading.facts, reading.post.full_text, now)
        else:
            facts = merged(known.facts, reading.facts)
            self.incidents[name] = Candidate(name, facts, known.text, now)

    def _where(self, posts: Collection[str]) -> frozenset[str]:
        return frozenset([self.posts[post] for post in posts if post in self.posts]) if posts else NOBODY
