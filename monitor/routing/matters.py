"""Messages about the service itself: a silent feed, a gap in the roster, the daily report. Pure; knows no incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.model import Level, Notification, Occasion
from monitor.routing.audience import people, ways
from monitor.routing.duty import Duty
from monitor.routing.letter import Happened
from monitor.routing.notifications import addressed, short_key
from monitor.routing.policy import Policy, quiet_until
from monitor.text import SHANGHAI, aware


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something about the service itself that is worth a message: `subject` names it (a feed, a department)."""

    occasion: Occasion  # ROSTER_GAP, FEED_SILENT, EVE_REPORT
    subject: str
    reason: str
    departments: tuple[str, ...] = ()  # beside 治欠办
    data: Mapping[str, Any] = field(default_factory=dict)


def notify(matter: Matter, duty: Duty, policy: Policy | None = None) -> list[Notification]:
    """At most one message a day, subject and recipient; never in quiet hours."""
    rules, happened = policy or Policy(), Happened(occasion=matter.occasion, reason=matter.reason)
    day = aware(duty.now).astimezone(SHANGHAI).date()
    wanted = [(department, "office") for department in dict.fromkeys((duty.matrix.office, *matter.departments))]
    return [
        Notification(
            key=short_key(f"{matter.occasion.value}:{matter.subject}:{day}:{channel}:{recipient}"),
            occasion=matter.occasion,
            channel=channel,
            recipient=recipient,
            reason=matter.reason,
            level=Level.YELLOW,
            department=one.department,
            not_before=quiet_until(duty.now, rules),
            data={**matter.data, **addressed(one, happened, rules)},
        )
        for one in people(duty, wanted).people
        for channel, recipient in ways(one.contact, rules.channels)
    ]
