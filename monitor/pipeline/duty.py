"""The daily round: a hand-over note at every change of shift, and before 除夕 every open case reported every day.

Each happens once, whatever restarts in between: a note is unique per department and moment, a report per day. Knows no
wording; what the notes say is monitor.routing's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from monitor.clocks import daily_report
from monitor.config import Config
from monitor.ledger import Ledger
from monitor.ledger.duty import write_handover
from monitor.model import Clock, Level, Notification, Occasion
from monitor.outbox import queue
from monitor.pipeline.house import policy_of
from monitor.routing.audience import ways
from monitor.routing.decide import town_of
from monitor.routing.handover import Open, hand_over, note
from monitor.routing.matters import Matter, notify
from monitor.routing.roster import Reached, on_duty, shift_from, swap_from
from monitor.routing.wording import say
from monitor.store import done, figures, incidents, shifts
from monitor.store.base import Store
from monitor.store.codec import incident_from
from monitor.text import SHANGHAI, face

log = structlog.get_logger()
Row = dict[str, Any]
BACK = timedelta(hours=24)  # a change of shift that nobody wrote a note for is made up for so long
AROUND = timedelta(days=8)  # shifts that may have begun before a change
CASES = 2_000
LISTED = 200  # cases of one report
REPORT_FROM = time(8, 0)  # Shanghai; the report before 除夕 is read in the morning
FIRST = timedelta(seconds=1)


def go_round(store: Store, config: Config, ledger: Ledger, now: datetime) -> dict[str, int]:
    """Everything of it that is due; safe to run at any time, any number of times. Returns counts."""
    counts = {"handovers": handovers(store, config, ledger, now), "eve_reports": eve_report(store, config, ledger, now)}
    if any(counts.values()):
        log.info("round", **counts)
    return counts


# ------------------------------------------------------------------ 交班说明
def handovers(store: Store, config: Config, ledger: Ledger, now: datetime) -> int:
    """Writes a note for every department whose duty changed hands, and mails it to who comes; returns how many."""
    with store.read() as c:
        changed = shifts.changes_between(c, now - BACK, now)
        wanted = {one: at for one, at in changed.items() if shifts.handover(c, one, at) is None}
        notes = [_note(c, ledger, department, at, now) for department, at in wanted.items()]
    written = 0
    for values, coming, of_towns in notes:
        head = say(
            "duty", "handover", department=ledger.matrix.name_of(values["department"]),
            leaving=values["leaving"] or say("duty", "nobody"), coming=values["coming"] or say("duty", "nobody"),
        ) + (say("duty", "zero") if values["zero"] else "")  # fmt: skip
        if write_handover(ledger, values, at=now, reason=head) is None:
            continue
        written += 1
        found = _handed(values, coming, head, policy_of(config.settings).channels, of_towns)
        store.unit(partial(queue, messages=found, now=now))
    return written


def _note(
    c: Connection, ledger: Ledger, department: str, at: datetime, now: datetime
) -> tuple[Row, list[Reached], dict[str, str]]:
    """The note's row, who comes on duty, and per town the note for who answers for that town only."""
    rows = shifts.between(c, at - AROUND, at + FIRST, [department])
    planned = [shift_from(row) for row in rows]
    swaps = [swap_from(row) for row in shifts.swaps_at(c, at - AROUND, at + FIRST)]
    coming = on_duty(planned, swaps, department, at)
    leaving = on_duty(planned, swaps, department, at - FIRST)
    begun = [row["starts_at"] for row in rows if row["starts_at"] < at]
    ends = [row["ends_at"] for row in rows if row["starts_at"] <= at < row["ends_at"]]
    began = max(begun, default=at - timedelta(hours=12))
    cases = _cases(c, None if department == ledger.matrix.office else department)
    ahead = max(ends, default=now + BACK) - now

    def told(part: Sequence[Open]) -> tuple[str, bool]:
        found = hand_over(part, began=began, now=now, next_shift=ahead)
        return note(found, part), found.nothing

    text, zero = told(cases)
    towns = {one.contact.town for one in coming if one.contact.town}
    of_towns = {town: told([case for case in cases if town_of(case.incident.facts) == town])[0] for town in towns}
    values = {
        "department": department, "at": at, "began": began, "text": text, "zero": zero,
        "leaving": "、".join(one.contact.name for one in leaving),
        "coming": "、".join(one.contact.name for one in coming),
    }  # fmt: skip
    return values, coming, of_towns


def _handed(
    values: Row, coming: Iterable[Reached], head: str, channels: Sequence[str], of_towns: Mapping[str, str]
) -> list[Notification]:
    return [
        Notification(
            key=f"handover:{values['department']}:{values['at'].isoformat()}:{channel}:{recipient}"[:200],
            occasion=Occasion.HANDOVER,
            channel=channel,
            recipient=recipient,
            reason=head,
            level=Level.YELLOW,
            department=values["department"],
            data={
                "title": head,
                "lines": of_towns.get(one.contact.town or "", values["text"]).splitlines(),
                "why_you": say("duty", "coming", start=face(values["at"])),
                "recipient_name": one.contact.name,
            },
        )
        for one in coming
        for channel, recipient in ways(one.contact, channels)
    ]


def _cases(c: Connection, department: str | None) -> list[Open]:
    """Open incidents with the clocks of them that run; of one department those it leads or handles."""
    rows = figures.in_hand(c, CASES)
    if department is not None:
        rows = [row for row in rows if department in (row["lead"], *row["co"])]
    clocks = incidents.clocks_in(c, [row["id"] for row in rows])
    keys = ("name", "started_at", "due_at", "done_at", "basis")
    return [
        Open(
            incident_from(row),
            tuple(Clock(**{key: one[key] for key in keys}) for one in clocks.get(row["id"], ()) if one["runs"]),
        )
        for row in rows
    ]  # fmt: skip


# ------------------------------------------------------------------ 除夕前日报
def eve_report(store: Store, config: Config, ledger: Ledger, now: datetime) -> int:
    """From the seventh day before 除夕 on, every morning: to each lead its open cases, to the office all of them.

    Returns how many messages were queued; the hard stop of the day before 除夕 is said on that day.
    """
    due = daily_report(ledger.calendar, now)
    if due is None or now.astimezone(SHANGHAI).time() < REPORT_FROM:
        return 0
    day, reason = due

    def work(c: Connection) -> int:
        if not done.once(c, f"eve-report:{day.isoformat()}", now, reason):
            return 0
        found = _reports(c, config, ledger, day, reason, now)
        return len(queue(c, found, now))

    return store.unit(work)


def _reports(
    c: Connection, config: Config, ledger: Ledger, day: date, reason: str, now: datetime
) -> list[Notification]:
    cases, office = _cases(c, None), ledger.matrix.office
    left = ledger.calendar.days_to_eve(now)
    stop = [say("duty", "eve_stop")] if left == 1 else [say("duty", "eve_over")] if left == 0 else []
    leads = dict.fromkeys(case.incident.lead for case in cases)
    of = {lead: [case for case in cases if case.incident.lead == lead] for lead in leads if lead != office}
    head = say("duty", "eve_office", reason=reason, count=len(cases))
    found = _report(c, config, ledger, office, head, [*stop, *_lines(cases, ledger, now)], day, now)
    for lead, own in of.items():
        for town, part in _by_reader(c, config, ledger, lead, own, now):
            head = say("duty", "eve", reason=reason, department=ledger.matrix.name_of(lead), count=len(part))
            found += _report(c, config, ledger, lead, head, [*stop, *_lines(part, ledger, now)], day, now, town)
    return found


def _by_reader(
    c: Connection, config: Config, ledger: Ledger, lead: str, cases: Sequence[Open], now: datetime
) -> list[tuple[str | None, list[Open]]]:
    """A lead's cases by who will read of them, each part with one of its towns: nobody is told of another town's."""
    groups: dict[str, tuple[str | None, list[Open]]] = {}
    readers: dict[str | None, str] = {}
    for case in cases:
        town = town_of(case.incident.facts)
        if town not in readers:
            told = _report(c, config, ledger, lead, say("duty", "nobody"), [], now.date(), now, town)
            readers[town] = "|".join(sorted(f"{one.channel}:{one.recipient}" for one in told))
        groups.setdefault(readers[town], (town, []))[1].append(case)
    return list(groups.values())


def _report(
    c: Connection, config: Config, ledger: Ledger, department: str, head: str, lines: list[str], day: date,
    now: datetime, town: str | None = None,
) -> list[Notification]:  # fmt: skip
    matter = Matter(
        occasion=Occasion.EVE_REPORT, subject=f"{department}:{day}", reason=head, departments=(department,),
        data={"title": head, "lines": lines},
    )  # fmt: skip
    told = notify(matter, ledger.duty(c, now).of_town(town), policy_of(config.settings))
    return [replace(one, data={**one.data, "what": ""}) for one in told if one.department == department]


def _lines(cases: Sequence[Open], ledger: Ledger, now: datetime) -> list[str]:
    """One line a case, those whose time has run out first."""
    told = []
    for case in cases:
        clock = next((one for one in case.clocks if one.name == "resolve"), None)
        due = clock.due_at if clock else None
        over = due is not None and clock is not None and clock.done_at is None and due <= now
        line = say(
            "duty", "eve_case", incident=case.incident.id, title=case.incident.title,
            state=ledger.matrix.name_of(case.incident.lead), due=face(due) if due else say("duty", "eve_still"),
            late=say("duty", "eve_late" if over else "eve_open"),
        )  # fmt: skip
        told.append((not over, due or now, line))
    return [line for _, _, line in sorted(told)][:LISTED]
