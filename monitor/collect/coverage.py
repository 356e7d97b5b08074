"""Where and when we could see: platform x area x hour. Pure, over rows of polls; knows no database.

"No incident" is a statement about the world only where the feeds answered. An hour of a platform in an area is covered
as far as its feeds were successfully read in it; a feed asked less often than hourly covers the hours of its interval,
and an hour that is not over yet is covered by a feed that was read within its interval and is not due for long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.collect.asking import brought
from monitor.model import Feed
from monitor.text import aware

HOUR = timedelta(hours=1)
GOOD = 0.8  # share of the feeds that must have answered
GRACE = 1.5  # intervals after which a feed that was read no longer speaks for the hour under way
UNKNOWN_AREA = "000000"


class Poll(Protocol):
    """What coverage needs of a poll."""

    @property
    def feed(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One platform in one area in one hour. `blind`: feeds that did not answer, each with its reason."""

    platform: str
    area: str
    hour: datetime
    feeds: int
    answered: int
    blind: Mapping[str, str]

    @property
    def share(self) -> float:
        return self.answered / self.feeds

    @property
    def good(self) -> bool:
        return self.share >= GOOD


def coverage(feeds: Sequence[Feed], polls: Iterable[Poll], start: datetime, end: datetime) -> list[Cell]:
    """A cell for every platform, area and hour of start..end in which any enabled feed should have been read.

    `polls` must reach back one longest interval before `start`, or slow feeds look blind in the first hours.
    """
    first, last = _hour(aware(start)), aware(end)
    hours = [first + n * HOUR for n in range(max(0, -(-(last - first) // HOUR)))]
    watched = [feed for feed in feeds if feed.enabled and not brought(feed) and feed.kind != "mailbox"]
    seen, troubles = _answers(watched, polls, hours, last)
    groups: dict[tuple[str, str], list[Feed]] = defaultdict(list)
    for feed in watched:
        groups[feed.source, feed.area or UNKNOWN_AREA].append(feed)
    return [
        _cell(platform, area, hour, members, seen, troubles)
        for hour in hours
        for (platform, area), members in sorted(groups.items())
    ]


def says_no_incident(cells: Sequence[Cell]) -> tuple[bool, str]:
    """Whether "no incident" may be said of these hours, and why not."""
    if not cells:
        return False, "nothing was watched"
    poor = [cell for cell in cells if not cell.good]
    if not poor:
        return True, f"{len(cells)} of {len(cells)} platform-hours covered"
    names = sorted({cell.platform for cell in poor})
    return False, f"{len(poor)} of {len(cells)} platform-hours not covered: {', '.join(names[:5])}"


def _answers(
    feeds: Sequence[Feed], polls: Iterable[Poll], hours: Sequence[datetime], end: datetime
) -> tuple[set[tuple[str, datetime]], dict[tuple[str, datetime], str]]:
    """(feed, hour) that was read, and the last reason of those that were asked in vain."""
    reach = {feed.name: max(HOUR, feed.every) for feed in feeds}
    every = {feed.name: feed.every for feed in feeds}
    wanted = set(hours)
    seen: set[tuple[str, datetime]] = set()
    troubles: dict[tuple[str, datetime], str] = {}
    for poll in polls:
        if poll.feed not in reach:
            continue
        hour = _hour(aware(poll.at))
        if poll.outcome in ("ok", "not_modified"):
            covered = (hour + n * HOUR for n in range(-(-reach[poll.feed] // HOUR)))
            seen.update((poll.feed, each) for each in covered if each in wanted)
            if poll.at + GRACE * every[poll.feed] >= end and _hour(end) in wanted:
                seen.add((poll.feed, _hour(end)))
        elif hour in wanted:
            troubles[poll.feed, hour] = poll.reason
    return seen, troubles


def _cell(
    platform: str,
    area: str,
    hour: datetime,
    feeds: Sequence[Feed],
    seen: set[tuple[str, datetime]],
    troubles: Mapping[tuple[str, datetime], str],
) -> Cell:
    blind = {feed.name: troubles.get((feed.name, hour), "not asked") for feed in feeds if (feed.name, hour) not in seen}
    return Cell(platform, area, hour, len(feeds), len(feeds) - len(blind), blind)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
