"""The clock of the town, and what its sites show at a moment of it. Knows no protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.demo.script import DAY, Row
from monitor.model import Engagement
from monitor.text import aware


@dataclass(frozen=True, slots=True, kw_only=True)
class Daytime:
    """Maps real time to the minute of the scripted day.

    `speed`: scripted minutes that pass in one real minute; None: the whole day is over already. Posts before the minute
    `opens` are there from the beginning, as old as the script says; no post is ever dated in the future.
    """

    started_at: datetime
    speed: float | None = None
    opens: int = 0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def minute(self) -> float:
        if self.speed is None:
            return DAY
        passed = (aware(self.now()) - self.started_at) / timedelta(minutes=1)
        return min(DAY, self.opens + passed * self.speed)

    def moment(self, minute: float) -> datetime:
        """When the scripted minute is, was or will be, in real time (UTC)."""
        opens = DAY if self.speed is None else self.opens
        if minute <= opens:
            return self.started_at - timedelta(minutes=opens - minute)
        return self.started_at + timedelta(minutes=(minute - opens) / (self.speed or 1))


@dataclass(frozen=True, slots=True)
class ShownReply:
    by: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a visitor sees it now."""

    row: Row
    at: datetime
    changed_at: datetime
    engagement: Engagement | None
    replies: tuple[ShownReply, ...]

    @property
    def title(self) -> str:
        """What a list shows: the title, or the beginning of the text."""
        return self.row.title or self.row.text.split("\n")[0][:40]


class Stage:
    """The day as far as it has gone."""

    def __init__(self, rows: Iterable[Row], daytime: Daytime) -> None:
        self._rows = tuple(rows)
        self._daytime = daytime

    def shown(self, site: str, board: str | None = None) -> list[Shown]:
        """The posts of a site (and board) that are out by now, newest first."""
        minute = self._daytime.minute()
        out = [row for row in self._rows if row.site == site and row.minute <= minute and board in (None, row.board)]
        return [self._show(row, minute) for row in reversed(out)]

    def one(self, site: str, number: int) -> Shown | None:
        """The post with the site's own number, if it is out."""
        return next((post for post in self.shown(site) if post.row.number == number), None)

    def _show(self, row: Row, minute: float) -> Shown:
        seen = [(row.minute + after, counts) for after, counts in row.seen if row.minute + after <= minute]
        replies = [reply for reply in row.replies if row.minute + reply.after <= minute]
        changes = [row.minute, *(at for at, _ in seen), *(row.minute + reply.after for reply in replies)]
        return Shown(
            row=row,
            at=self._daytime.moment(row.minute),
            changed_at=self._daytime.moment(max(changes)),
            engagement=seen[-1][1] if seen else None,
            replies=tuple(ShownReply(r.by, r.text, self._daytime.moment(row.minute + r.after)) for r in replies),
        )
