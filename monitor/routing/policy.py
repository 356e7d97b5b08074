"""What may hold a message back, and until when: quiet hours, windows of repetition, silences. Pure.

Red, and a life at risk whatever the level, is never quiet, silenced or over budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from monitor.model import Incident, Level, Occasion
from monitor.text import SHANGHAI, aware


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When and how much the county wants to be told. Times of day are Asia/Shanghai."""

    channels: tuple[str, ...] = ("mail", "robot")  # every way of a contact that it has
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)
    quiet_levels: tuple[Level, ...] = (Level.BLUE, Level.YELLOW)  # orange is due within minutes; red always goes
    group_window: timedelta = timedelta(minutes=30)
    repeat_every: timedelta = timedelta(hours=4)  # a reminder that names no step: not sooner than this
    budget: int = 30  # messages an officer and day; red goes out above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """静默: a person's written wish not to be told for a while. Never covers red; ends by itself."""

    author: str
    reason: str
    until: datetime
    number: int = 0  # as stored; what it kept back names it
    incident: str | None = None  # None: every incident
    department: str | None = None  # None: every department
    occasions: tuple[Occasion, ...] = ()  # empty: every occasion

    def __post_init__(self) -> None:
        aware(self.until)
        if not self.author.strip() or not self.reason.strip():
            raise ValueError("a silence needs an author and a reason")

    def covers(self, incident: str, department: str | None, occasion: Occasion, now: datetime) -> bool:
        """Whether it keeps such a message back now."""
        return (
            aware(now) < aware(self.until)
            and self.incident in (None, incident)
            and self.department in (None, department)
            and (not self.occasions or occasion in self.occasions)
        )


def urgent(incident: Incident) -> bool:
    """Red, or a life at risk whatever the level: never quiet, silenced or over budget."""
    return incident.level is Level.RED or incident.life_risk


def window(now: datetime, length: timedelta) -> int:
    """The number of the stretch of `length` that a moment falls into: what happens within one is one message."""
    return int(aware(now).timestamp() // length.total_seconds())


def quiet_until(moment: datetime, policy: Policy) -> datetime | None:
    """The end of the quiet hours `moment` falls into; None outside them. They may run over midnight."""
    here = aware(moment).astimezone(SHANGHAI)
    start, end, clock = policy.quiet_from, policy.quiet_to, here.time().replace(tzinfo=None)
    if start == end:
        return None
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if start > end and clock >= start else 0)
    return datetime.combine(day, end, SHANGHAI)
