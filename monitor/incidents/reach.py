"""How far an incident has gone by now, as one count that only grows. Pure: posts and what platforms told of them.

Counted is what was said or passed on: each post once, with its reposts and comments, but no views and no likes, which
platforms count too differently to be summed. Knows no person, no store, and nothing of what the posts say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as a platform told of it at a moment; None where it does not say."""

    post: str
    at: datetime
    reposts: int | None
    comments: int | None


def voices(appeared: Iterable[tuple[str, datetime]], seen: Iterable[Seen]) -> list[tuple[datetime, float]]:
    """(moment, posts + reposts + comments so far), oldest first: what `forecast` takes.

    `appeared`: every post with the moment it was published, or first seen. A count that a platform took back is held.
    """
    events = [(at, post, 1) for post, at in appeared]
    events += [(one.at, one.post, 1 + (one.reposts or 0) + (one.comments or 0)) for one in seen]
    highest: dict[str, int] = {}
    total, points = 0, dict[datetime, float]()
    for at, post, count in sorted(events):
        total += max(count - highest.get(post, 0), 0)
        highest[post] = max(count, highest.get(post, 0))
        points[at] = float(total)
    return sorted(points.items())
