"""交班说明: what the next officer on duty must know, drawn from the open incidents and their clocks. Pure.

It names incidents, never posters, and says so plainly when there is nothing (本班零报告).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Clock, Incident, IncidentState, Level
from monitor.routing.wording import label, say
from monitor.text import aware, face

OVER = (IncidentState.CLOSED, IncidentState.DISMISSED, IncidentState.MERGED)


@dataclass(frozen=True, slots=True)
class Open:
    """An open incident with its clocks."""

    incident: Incident
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Incident ids by what they need: the most pressing first; one incident may stand in several lists."""

    at: datetime
    opened: tuple[str, ...]  # during the shift that ends
    red: tuple[str, ...]
    orange: tuple[str, ...]
    held: tuple[str, ...]  # wait for a person's decision
    unacknowledged: tuple[str, ...]
    overdue: tuple[str, ...]
    due_next: tuple[tuple[str, str, datetime], ...]  # incident, clock, when: within the next shift

    @property
    def nothing(self) -> bool:
        """零报告: nothing came in and nothing presses."""
        return not (self.opened or self.red or self.orange or self.held or self.overdue or self.due_next)


def hand_over(
    cases: Iterable[Open], *, began: datetime, now: datetime, next_shift: timedelta = timedelta(hours=24)
) -> Handover:
    """The note at `now` for a shift that began at `began`, both aware; `next_shift`: how far ahead it looks."""
    open_ = [case for case in cases if case.incident.state not in OVER]
    open_.sort(key=lambda case: (-case.incident.level.rank, aware(case.incident.opened_at)))
    running = [(case.incident.id, clock) for case in open_ for clock in case.clocks if clock.done_at is None]
    late = dict.fromkeys(identity for identity, clock in running if clock.due_at <= aware(now))
    ahead = [
        (identity, clock.name, clock.due_at)
        for identity, clock in running
        if aware(now) < clock.due_at <= aware(now) + next_shift
    ]
    return Handover(
        at=now,
        opened=_ids(case for case in open_ if case.incident.opened_at >= aware(began)),
        red=_ids(case for case in open_ if case.incident.level is Level.RED),
        orange=_ids(case for case in open_ if case.incident.level is Level.ORANGE),
        held=_ids(case for case in open_ if case.incident.state is IncidentState.HELD),
        unacknowledged=_ids(case for case in open_ if case.incident.state is IncidentState.ASSIGNED),
        overdue=tuple(late),
        due_next=tuple(sorted(ahead, key=lambda one: one[2])),
    )


def _ids(cases: Iterable[Open]) -> tuple[str, ...]:
    return tuple(case.incident.id for case in cases)


def note(handover: Handover, cases: Sequence[Open]) -> str:
    """The note in words, one line a matter; titles are those of the incidents, already masked."""
    if handover.nothing:
        return say("handover", "nothing", at=face(handover.at))
    titles = {case.incident.id: case.incident.title for case in cases}
    lines = [say("handover", "head", at=face(handover.at), opened=len(handover.opened))]
    for key in ("red", "orange", "held", "unacknowledged", "overdue"):
        found = getattr(handover, key)
        if found:
            named = "；".join(f"{one} {titles[one]}" for one in found)
            lines.append(say("handover", key, count=len(found), named=named))
    for identity, clock, due in handover.due_next:
        lines.append(say("handover", "due", incident=identity, clock=label("clocks", clock), due=face(due)))
    return "\n".join(lines)
