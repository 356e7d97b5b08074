"""The working calendar against the published notices, and a table of due times against counting on one's fingers.

`data/clocks/published.yaml` was written from the notices, not from the package; `data/clocks/due.jsonl` was counted
from it by `counted` below, day by day, without monitor/clocks.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.clocks import Calendar, start_clocks
from monitor.model import Level
from monitor.text import SHANGHAI

DATA = Path(__file__).parent / "data" / "clocks"
DAY = timedelta(days=1)
CALENDAR = Calendar()


@cache
def notices() -> tuple[frozenset[date], frozenset[date], tuple[date, ...]]:
    """Days off, days worked instead, eves."""
    written = yaml.safe_load((DATA / "published.yaml").read_text("utf-8"))
    off: set[date] = set()
    on: set[date] = set()
    for year in range(2021, 2027):
        for first, last in written[year]["rest"]:
            day = date.fromisoformat(f"{year}-{first}")
            while day <= date.fromisoformat(f"{year}-{last}"):
                off.add(day)
                day += DAY
        on |= {date.fromisoformat(f"{year}-{day}") for day in written[year]["work"]}
    return frozenset(off), frozenset(on), tuple(written["eves"])


def works(day: date) -> bool:
    off, on, _ = notices()
    return day in on or (day not in off and day.weekday() < 5)


def test_every_day_of_six_years_is_as_published() -> None:
    days = [date(2021, 1, 1) + number * DAY for number in range((date(2027, 1, 1) - date(2021, 1, 1)).days)]
    assert [day for day in days if CALENDAR.is_workday(day) != works(day)] == []
    assert len(days) == 2191


@pytest.mark.parametrize("eve", notices()[2], ids=str)
def test_eve_and_hard_stop(eve: date) -> None:
    noon = datetime(eve.year, eve.month, eve.day, 12, tzinfo=SHANGHAI)
    assert CALENDAR.next_eve(noon) == eve
    assert CALENDAR.days_to_eve(noon) == 0
    assert CALENDAR.days_to_eve(noon - 15 * DAY) == 15
    stop = CALENDAR.hard_stop(noon - DAY)
    assert stop is not None
    assert stop.astimezone(SHANGHAI) == datetime(eve.year, eve.month, eve.day, tzinfo=SHANGHAI) - timedelta(seconds=1)


# ------------------------------------------------------------------ the table of due times
def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "due.jsonl").read_text("utf-8").splitlines()]


def found(case: dict[str, Any]) -> dict[str, str]:
    pauses = [(moment(one["from"]), moment(one["to"]), one["reason"]) for one in case["pauses"]]
    clocks = start_clocks(
        Level(case["level"]), moment(case["opened_at"]), calendar=Calendar(), campaign=case["campaign"], pauses=pauses
    )
    return {clock.name: clock.due_at.astimezone(SHANGHAI).isoformat() for clock in clocks}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_due_as_counted(case: dict[str, Any]) -> None:
    assert found(case) == case["due"]


def test_the_table_is_large_and_varied() -> None:
    table = cases()
    assert len(table) >= 150
    assert {case["opened_at"][:4] for case in table} == {"2021", "2022", "2023", "2024", "2025", "2026"}
    assert sum(bool(case["pauses"]) for case in table) >= 30
    assert sum(case["campaign"] for case in table) >= 30
    assert any(case["opened_at"].startswith("2024-02-29") for case in table)
    assert [case["id"] for case in table if counted(case) != case["due"]] == []


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Asia/Shanghai", "UTC"])
def test_the_zone_of_the_host_changes_nothing(zone: str) -> None:
    probe = (
        "import json, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_clocks_table as t\n"
        "wrong = [c['id'] for c in t.cases() if t.found(c) != c['due']]\n"
        "print(json.dumps(wrong))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", probe], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout) == []


# ------------------------------------------------------------------ counting on one's fingers
SPANS: dict[str, dict[str, Any]] = {  # hours as numbers; "5w": working days; "3d": days
    "red": {
        "acknowledge": 1 / 6, "phone_report": 1 / 3, "written_report": 2 / 3, "on_site": 1, "first_feedback": 2,
        "authoritative_info": 5, "resolve": 24,
    },
    "orange": {
        "acknowledge": 0.5, "first_feedback": 4, "contact_worker": 8, "verify": 24, "public_reply": 48,
        "resolve": ("5w", "3d"),
    },
    "yellow": {"acknowledge": 2, "contact_worker": 24, "verify": "3w", "public_reply": 48, "resolve": ("10w", "5d")},
    "blue": {
        "acknowledge": 4, "contact_worker": "2w", "verify": "5w", "public_reply": "5w", "resolve": ("15w", "7d"),
    },
}  # fmt: skip
NEVER_PAUSED = {"acknowledge", "phone_report", "written_report", "on_site", "first_feedback", "authoritative_info"}


def counted(case: dict[str, Any]) -> dict[str, str]:
    """The due times of a case, minute by minute for hours and day by day for days."""
    opened = moment(case["opened_at"]).astimezone(SHANGHAI)
    due = {}
    for name, span in SPANS[case["level"]].items():
        pauses = [] if name in NEVER_PAUSED else [(moment(one["from"]), moment(one["to"])) for one in case["pauses"]]
        if isinstance(span, tuple):
            span = span[1] if case["campaign"] else span[0]
        end = _days(opened, span, pauses) if isinstance(span, str) else _hours(opened, span, pauses)
        if name == "resolve" and case["campaign"]:
            end = min([end, *_stops(opened)])
        due[name] = end.isoformat()
    return due


def _hours(opened: datetime, span: float, pauses: list[tuple[datetime, datetime]]) -> datetime:
    left, now, minute = round(span * 60), opened, timedelta(minutes=1)
    while left > 0:
        left -= not any(start <= now < end for start, end in pauses)
        now += minute
    return now


def _days(opened: datetime, span: str, pauses: list[tuple[datetime, datetime]]) -> datetime:
    left, day = int(span[:-1]), opened.date()
    left += _counts(day, span) and _paused(day, pauses)
    while left > 0:
        day += DAY
        left -= _counts(day, span) and not _paused(day, pauses)
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)


def _counts(day: date, span: str) -> bool:
    return span.endswith("d") or works(day)


def _paused(day: date, pauses: list[tuple[datetime, datetime]]) -> bool:
    night = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)
    return any(start <= night < end for start, end in pauses)


def _stops(opened: datetime) -> list[datetime]:
    """24:00 of the day before the first 除夕 after the day of opening."""
    ahead = [eve for eve in notices()[2] if eve > opened.date()]
    return [datetime(eve.year, eve.month, eve.day, tzinfo=SHANGHAI) - timedelta(seconds=1) for eve in ahead[:1]]


def drawn(seed: int = 724) -> list[dict[str, Any]]:
    """Cases around every holiday, 调休 day, eve and leap day, each counted. Was used once, to write the file."""
    dice = random.Random(seed)
    off, on, eves = notices()
    edges = sorted({day - DAY for day in on} | set(on) | {day - 3 * DAY for day in off if day.day % 3 == 0})
    edges += [date(2024, 2, 28), date(2024, 2, 29), date(2021, 12, 31), date(2025, 12, 31)]
    edges += [eve - number * DAY for eve in eves for number in (0, 1, 2, 3, 6, 10, 14, 20)]
    edges = [day for day in edges if date(2021, 1, 1) <= day < date(2026, 11, 1)]
    found = []
    for number, day in enumerate(sorted(set(edges))):
        clock = dice.choice([(0, 0), (8, 59), (9, 30), (16, 20), (23, 59)])
        opened = datetime(day.year, day.month, day.day, *clock, tzinfo=SHANGHAI)
        near = any(timedelta(0) <= eve - day <= 60 * DAY for eve in eves)
        case = {
            "id": f"d{number:03d}",
            "level": dice.choice(["red", "orange", "yellow", "yellow", "blue", "blue"]),
            "opened_at": opened.isoformat(),
            "campaign": near and dice.random() < 0.7,
            "pauses": _pauses(dice, opened) if dice.random() < 0.35 else [],
        }
        found.append({**case, "due": counted(case)})
    return found


def _pauses(dice: random.Random, opened: datetime) -> list[dict[str, str]]:
    pauses = []
    for _ in range(dice.choice((1, 1, 2))):
        start = opened + timedelta(minutes=dice.choice((-60, 0, 90, 1500, 4000)))
        end = start + timedelta(minutes=dice.choice((0, 45, 700, 1440, 5000)))
        pauses.append({"from": start.isoformat(), "to": end.isoformat(), "reason": "等银行回单"})
    return pauses
