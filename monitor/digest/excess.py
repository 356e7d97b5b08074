"""Areas and trades with more cases than usual, as of now. Knows where the cases stand; `incidents.excess` judges."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.incidents.excess import Outlook, outlook
from monitor.store import figures as counts
from monitor.text import SHANGHAI

LOOKED_BACK = timedelta(days=760)  # two winters, so that what every winter brings is known


def excess(c: Connection, now: datetime, calendar: Calendar) -> Outlook:
    """By the local days on which incidents were opened, in the county's towns and the matrix's sectors."""
    today = now.astimezone(SHANGHAI).date()
    rows = counts.opened_where(c, now - LOOKED_BACK, now + timedelta(seconds=1))
    cases = [(opened.astimezone(SHANGHAI).date(), town or "", sector) for opened, town, sector in rows]
    return outlook(cases, today, festivals(calendar, today))


def festivals(calendar: Calendar, today: date) -> list[date]:
    """First days of the Spring Festivals since the earliest day looked at, and of the next one."""
    found: list[date] = []
    day = today - LOOKED_BACK
    while (eve := calendar.next_eve(day)) is not None and day <= today:
        day = eve + timedelta(days=1)
        found.append(day)
    return found
