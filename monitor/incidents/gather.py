"""Posts -> incidents in memory, one after another: what the `cluster` filter and measurements use. Knows no store.

The same keys and the same `place` decide as in the ledger; only the index is a dictionary instead of a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.incidents.keys import COMMON, FIRM, copies, copy_key, keys, nearest
from monitor.incidents.links import Links
from monitor.incidents.merge import merged
from monitor.incidents.place import SAME_TEXT, WINDOW, Candidate, Placement, place
from monitor.model import Reading

NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Index:
    """key -> incidents that were touched under it within `WINDOW`, or up to as long before: two generations.

    Most keys are held by one incident, whose name then stands alone: a set for each would fill the memory.
    """

    _young: dict[str, str | set[str]] = field(default_factory=dict)
    _old: dict[str, str | set[str]] = field(default_factory=dict)
    _since: datetime | None = None

    def turn(self, now: datetime) -> None:
        """Forgets what can no longer be joined. Moments that go back forget nothing."""
        self._since = self._since or now
        if now - self._since > WINDOW:
            self._old = self._young if now - self._since <= 2 * WINDOW else {}
            self._young, self._since = {}, now

    def holders(self, shared: Iterable[str]) -> dict[str, Collection[str]]:
        """Of each key that somebody holds, who."""
        young, old, wanted = self._young, self._old, frozenset(shared)
        found = {key: _as_many(young[key]) for key in young.keys() & wanted}
        for key in old.keys() & wanted:
            found[key] = {*found.get(key, ()), *_as_many(old[key])}
        return found

    def holds(self, key: str) -> bool:
        """Whether a key was touched since the last turn."""
        return key in self._young

    def add(self, shared: Sequence[str], incident: str) -> None:
        """Notes who holds the keys; of words that more than `COMMON` hold, no more need be known."""
        young = self._young
        for key in shared:
            known = young.setdefault(key, incident)
            if isinstance(known, str):
                if known != incident:
                    young[key] = {known, incident}
            elif len(known) <= COMMON or key.startswith(FIRM):
                known.add(incident)


def _as_many(holders: str | set[str]) -> Collection[str]:
    return (holders,) if isinstance(holders, str) else holders


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
        copied = None if ties or walls else self._copied(whole, now)
        shared = () if copied and self._index.holds(whole) else keys(reading)
        found = copied or self._placed(reading, shared, ties, walls, now)
        name = found.incident or f"I-{len(self.incidents) + 1}"
        self._join(name, reading, now)
        self._index.add(shared, name)
        self.posts[reading.post.id] = name
        return name, found

    def _placed(
        self, reading: Reading, shared: Sequence[str], ties: frozenset[str], walls: frozenset[str], now: datetime
    ) -> Placement:
        holders = self._index.holders(shared)
        near = nearest(holders)
        near += sorted(ties - set(near))
        candidates = [self.incidents[incident] for incident in near]
        return place(reading, candidates, now, must=ties, cannot=walls, copied=copies(reading, holders))

    def _copied(self, whole: str, now: datetime) -> Placement | None:
        """Into the incident that has a post of the same text, where no other has one: nothing else need be compared."""
        holders = self._index.holders([whole]).get(whole, ()) if whole else ()
        if len(holders) != 1:
            return None
        known = self.incidents[next(iter(holders))]
        return Placement(known.incident, SAME_TEXT, known.closed) if now - known.updated_at <= WINDOW else None

    def _join(self, name: str, reading: Reading, now: datetime) -> None:
        known = self.incidents.get(name)
        if known is None:
            self.incidents[name] = Candidate(name, reading.facts, reading.post.full_text, now)
        else:
            facts = merged(known.facts, reading.facts)
            self.incidents[name] = Candidate(name, facts, known.text, now, known.closed)

    def _where(self, posts: Collection[str]) -> frozenset[str]:
        return frozenset([self.posts[post] for post in posts if post in self.posts]) if posts else NOBODY
