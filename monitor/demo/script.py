"""The scripted day as data: who posts what where at which minute, and what is expected of it.

Knows no site and no clock.
`day/*.yaml` hold the posts, `incidents.yaml` what each scripted incident must become. Everything in them is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from monitor.errors import ConfigError, Fault
from monitor.model import Engagement, Kind, Level

DAY = 24 * 60  # minutes
SITES: Mapping[str, tuple[str, ...]] = {  # site -> its boards, sections, channels
    "bbs": ("2", "3", "4", "5", "6"),
    "board": ("8101", "8102", "8103", "8104", "8105"),
    "news": ("yaowen", "minsheng", "shehui"),
    "rss": ("wanbao", "daily"),
    "atom": ("shenbian", "fabu", "renshe"),
    "json": ("video", "weibo", "video2", "weibo2"),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under a post, `after` minutes later. On the message board: the office's answer."""

    after: int
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scripted post.

    `seen`: (minutes after posting, engagement), ascending. `number`: the sites' own id, ascending in time. `kind`: the
    label a reader of the labelling rules gives; `unsure`: belongs in the review queue rather than in an alert.
    """

    id: str
    number: int
    site: str
    board: str
    minute: int
    by: str
    text: str
    title: str | None = None
    seen: tuple[tuple[int, Engagement], ...] = ()
    replies: tuple[Reply, ...] = ()
    kind: Kind = Kind.NOISE
    unsure: bool = False
    incident: str | None = None
    note: str = ""

    @property
    def mail(self) -> bool:
        """Whether an early-warning or follow-up mail may come of this post."""
        return self.incident is not None and not self.unsure

    @property
    def channel(self) -> str:
        return f"{self.site}/{self.board}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One scripted incident: the level and lead it must have when the day is over, and its first level."""

    key: str
    title: str
    level: Level
    lead: str
    opens_at: Level
    town: str | None = None
    resolved: bool = False  # a post of the day says that all has been paid
    reopened: bool = False  # a later post says it has not
    hold: bool = False  # the matrix wants a person before anything leaves the office
    reasons: tuple[str, ...] = ()


@cache
def stories() -> Mapping[str, Story]:
    """Every scripted incident by its key."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("incidents.yaml").read_text("utf-8"))
    return {
        key: Story(
            key=key,
            title=row["title"],
            level=Level(row["level"]),
            lead=row["lead"],
            opens_at=Level(row.get("opens_at", row["level"])),
            town=row.get("town"),
            resolved=row.get("resolved", False),
            reopened=row.get("reopened", False),
            hold=row.get("hold", False),
            reasons=tuple(row.get("reasons", ())),
        )
        for key, row in raw.items()
    }


@cache
def rows() -> tuple[Row, ...]:
    """The whole day in order of time. ConfigError lists every fault of the script."""
    raw: list[dict[str, Any]] = []
    for file in sorted(resources.files(__package__).joinpath("day").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            raw += yaml.load(file.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 — a safe loader either way
    faults = [fault for row in raw for fault in _faults(row)] + _twice(raw)
    if faults:
        raise ConfigError(faults)
    raw.sort(key=lambda row: (_minute(row["at"]), row["id"]))
    return tuple(_row(row, 10_001 + place) for place, row in enumerate(raw))


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KEYS = {"id", "at", "where", "by", "title", "text", "seen", "replies", "kind", "unsure", "incident", "note"}


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _row(raw: Mapping[str, Any], number: int) -> Row:
    site, board = raw["where"].split("/")
    return Row(
        id=raw["id"],
        number=number,
        site=site,
        board=board,
        minute=_minute(raw["at"]),
        by=str(raw["by"]),
        text=raw["text"].strip(),
        title=raw.get("title"),
        seen=tuple((after, Engagement(*counts)) for after, counts in sorted(raw.get("seen", {}).items())),
        replies=tuple(Reply(after, by, text) for after, by, text in raw.get("replies", ())),
        kind=Kind(raw.get("kind", "noise")),
        unsure=raw.get("unsure", False),
        incident=raw.get("incident"),
        note=raw.get("note", ""),
    )


def _faults(raw: Mapping[str, Any]) -> list[Fault]:
    name = f"demo/day: {raw.get('id')}"
    found = [Fault(name, f"unknown key {key}") for key in raw.keys() - _KEYS]
    found += [Fault(name, f"no {key}") for key in ("id", "at", "where", "by", "text") if not raw.get(key)]
    site, _, board = str(raw.get("where", "")).partition("/")
    if board not in SITES.get(site, ()):
        found.append(Fault(name, f"no such channel {raw.get('where')}"))
    if raw.get("kind", "noise") not in list(Kind):
        found.append(Fault(name, f"no such kind {raw['kind']}"))
    if raw.get("incident") not in (None, *stories()):
        found.append(Fault(name, f"no such incident {raw['incident']}"))
    return found


def _twice(raw: list[dict[str, Any]]) -> list[Fault]:
    names = [row.get("id") for row in raw]
    return [Fault(f"demo/day: {name}", "this id is used twice") for name in {n for n in names if names.count(n) > 1}]
