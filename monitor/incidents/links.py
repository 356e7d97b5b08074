"""What persons said of posts: these belong together, those do not. Knows ids only.

A word about two posts holds for all that are tied to them: who parts one post of a group from one of another has parted
the groups, in whatever order the posts are placed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Groups of posts; `_walls`: of a group, the groups it is kept from. Later words of the same pair win outside."""

    _group: Mapping[str, str] = field(default_factory=dict)
    _members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _walls: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, must: Iterable[Pair] = (), cannot: Iterable[Pair] = ()) -> Links:
        """From pairs of post ids."""
        group: dict[str, str] = {}
        members: dict[str, set[str]] = {}
        for a, b in must:
            first, second = (group.setdefault(post, post) for post in (a, b))
            for post in (a, b):
                members.setdefault(group[post], set()).add(post)
            if first != second:
                for post in members.pop(second):
                    group[post] = first
                    members[first].add(post)
        walls: dict[str, set[str]] = {}
        for a, b in cannot:
            one, other = group.get(a, a), group.get(b, b)
            if one != other:
                walls.setdefault(one, set()).add(other)
                walls.setdefault(other, set()).add(one)
        frozen = ({key: frozenset(found) for key, found in each.items()} for each in (members, walls))
        return cls(group, *frozen)

    def together(self, post: str) -> frozenset[str]:
        """The posts tied to this one."""
        return self._members.get(self._group.get(post, post), frozenset()) - {post}

    def apart(self, post: str) -> frozenset[str]:
        """The posts kept from this one."""
        walls = self._walls.get(self._group.get(post, post), frozenset())
        return frozenset(one for wall in walls for one in self._members.get(wall, frozenset((wall,))))
