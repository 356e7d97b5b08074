"""Who holds which key, in memory. Knows incidents by name only, and neither posts nor what a key means."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

NOBODY: frozenset[str] = frozenset()
MANY: frozenset[str] = frozenset({"more than are told"})  # stands for itself, and is known by identity
Key = TypeVar("Key", bound=Hashable)
Holders = tuple[str] | set[str] | frozenset[str]  # most keys have one holder: a set for each would fill the memory


@dataclass(slots=True)
class Postings(Generic[Key]):
    """key -> incidents that were touched under it within `window`, or up to as long before: two generations.

    A key that more than `most` hold is a form that many fill in: it finds nobody. None: there is no such limit.
    """

    window: timedelta
    most: int | None = None
    _young: dict[Key, Holders] = field(default_factory=dict)
    _old: dict[Key, Holders] = field(default_factory=dict)
    _since: datetime | None = None

    def turn(self, now: datetime) -> None:
        """Forgets what can no longer be joined. Moments that go back forget nothing."""
        self._since = self._since or now
        if now - self._since > self.window:
            self._old = self._young if now - self._since <= 2 * self.window else {}
            self._young, self._since = {}, now

    def fresh(self, key: Key) -> bool:
        """Whether a key was touched since the last turn."""
        return key in self._young

    def of(self, key: Key) -> Collection[str]:
        """Who holds a key."""
        return next(iter(self.of_each((key,))), NOBODY)

    def of_each(self, keys: Iterable[Key]) -> list[Collection[str]]:
        """Who holds each key, of those that somebody holds."""
        young, old, found = self._young, self._old, list[Collection[str]]()
        for key in keys:
            here, before = young.get(key), old.get(key)
            if here is None:
                here, before = before, None
            if here is None or here is MANY or before is MANY:
                continue
            both = here if before is None else {*here, *before}
            if self.most is None or len(both) <= self.most:
                found.append(both)
        return found

    def add(self, keys: Iterable[Key], incident: str) -> None:
        """Notes who holds the keys; of more than `most`, only that they are many."""
        young, alone = self._young, (incident,)
        for key in keys:
            known = young.setdefault(key, alone)
            if known is not alone and known is not MANY and incident not in known:
                young[key] = self._with(known, incident)

    def _with(self, known: Holders, incident: str) -> Holders:
        if isinstance(known, set):
            known.add(incident)
            return known if self.most is None or len(known) <= self.most else MANY
        return {*known, incident}
