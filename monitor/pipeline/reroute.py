"""Which incidents of the ledger another matrix would move: lead, level, co-handlers, articles. Records nothing.

Both matrices decide anew from the facts as they stand, so that what differs comes from the matrix alone; what a person
decided since stands beside it as recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.clocks import Calendar
from monitor.incidents.level import grade
from monitor.model import County, Engagement, Grading, Incident
from monitor.routing import Matrix
from monitor.routing.replay import Move, Treatment, moved
from monitor.store import figures, posts
from monitor.store.base import Store
from monitor.store.codec import incident_from
from monitor.text import SHANGHAI

LARGEST = 200_000  # incidents of one replay


@dataclass(frozen=True, slots=True)
class Replay:
    """`moves`: the incidents that would be treated differently, of `looked_at` that the ledger has of the period."""

    old: Matrix
    new: Matrix
    looked_at: int
    moves: Sequence[Move]

    def leads(self) -> Counter[tuple[str, str]]:
        """(lead now, lead then) -> how many incidents would go that way."""
        return Counter((move.before.route.lead, move.after.route.lead) for move in self.moves if "lead" in move.changes)

    def levels(self) -> Counter[tuple[str, str]]:
        """(level now, level then) -> incidents."""
        return Counter(
            (str(move.before.grading.level), str(move.after.grading.level))
            for move in self.moves
            if "level" in move.changes
        )

    def as_row(self) -> dict[str, Any]:
        """The whole as one JSON object: counts only."""
        gained = Counter(department for move in self.moves for department in move.gained)
        lost = Counter(department for move in self.moves for department in move.lost)
        return {
            "matrix": {"before": self.old.version, "after": self.new.version},
            "incidents": self.looked_at,
            "moved": len(self.moves),
            "changes": dict(Counter(change for move in self.moves for change in move.changes)),
            "lead": {f"{old}->{new}": count for (old, new), count in sorted(self.leads().items())},
            "level": {f"{old}->{new}": count for (old, new), count in sorted(self.levels().items())},
            "gained": dict(sorted(gained.items())),
            "lost": dict(sorted(lost.items())),
        }


def reroute(
    store: Store,
    old: Matrix,
    new: Matrix,
    since: datetime,
    until: datetime,
    *,
    county: County,
    calendar: Calendar,
    lead_policy: str | None = None,
) -> Replay:
    """What `new` would change in the incidents opened since <= t < until; merged and dismissed ones are left out."""
    with store.read() as c:
        past = [incident_from(row) for row in figures.opened_between(c, since, until, limit=LARGEST)]
        ids = [one.id for one in past]
        reach, accounts = posts.spread(c, ids), posts.accounts_of(c, ids)

    def graded(matrix: Matrix, incident: Incident) -> Grading:
        return grade(
            incident.facts,
            severity=matrix.severity,
            life_risk=incident.life_risk,
            engagement=reach.get(incident.id, Engagement()),
            posts=accounts.get(incident.id, 1),
            campaign_days_left=calendar.campaign_days_left(incident.opened_at, county.campaigns),
        )

    moves = moved(old, new, past, county=county, lead_policy=lead_policy, grade=graded)
    return Replay(old, new, len(past), sorted(moves, key=lambda move: (move.incident.opened_at, move.incident.id)))


def row_of(move: Move) -> dict[str, Any]:
    """A move as one JSON object; `recorded` is what the ledger has, which a person may have decided."""
    one = move.incident
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state.value,
        "opened_at": one.opened_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "changes": list(move.changes),
        "recorded": {"lead": one.lead, "level": one.level.value, "co": list(one.co)},
        "before": _treated(move.before),
        "after": _treated(move.after),
        "reasons": [reason for reason in move.after.route.reasons if reason not in move.before.route.reasons],
    }


def _treated(one: Treatment) -> dict[str, Any]:
    return {
        "lead": one.route.lead,
        "level": one.grading.level.value,
        "co": list(one.route.co),
        "articles": list(one.route.articles),
        "notify_by_phone": list(one.route.notify_by_phone),
        "hold": one.route.hold,
    }
