"""交班说明: what the next officer must know, and the zero report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from monitor.model import Clock, Facts, Incident, IncidentState, Level, Verification
from monitor.routing.handover import Open, hand_over, note
from monitor.text import SHANGHAI

NOW = datetime(2026, 2, 15, 8, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)


def case(number: int, level: Level, *, opened: int = 30, due: int | None = None, **given: Any) -> Open:
    moment = NOW - opened * HOUR
    incident = Incident(
        id=f"QX-2026-{number:04d}", version=1, verification=Verification.UNVERIFIED, level=level, level_reasons=(),
        facts=Facts(), title=f"项目{number}", opened_at=moment, updated_at=moment, lead="hrss",
        **{"state": IncidentState.HANDLING, **given},
    )  # fmt: skip
    clocks = () if due is None else (Clock(name="verify", started_at=moment, due_at=NOW + due * HOUR),)
    return Open(incident, clocks)


def test_the_note_puts_the_most_pressing_first() -> None:
    cases = [
        case(1, Level.BLUE, due=5),
        case(2, Level.RED, opened=3, state=IncidentState.ASSIGNED, due=-1),
        case(3, Level.ORANGE, due=30),
        case(4, Level.RED),
        case(5, Level.YELLOW, state=IncidentState.HELD),
        case(6, Level.RED, state=IncidentState.CLOSED, due=-5),
    ]
    found = hand_over(cases, began=NOW - 24 * HOUR, now=NOW)
    assert found.opened == ("QX-2026-0002",)
    assert found.red == ("QX-2026-0004", "QX-2026-0002")
    assert found.orange == ("QX-2026-0003",)
    assert found.held == ("QX-2026-0005",)
    assert found.overdue == found.unacknowledged == ("QX-2026-0002",)
    assert found.due_next == (("QX-2026-0001", "verify", NOW + 5 * HOUR),)
    text = note(found, cases)
    assert "红级2件：QX-2026-0004 项目4；QX-2026-0002 项目2" in text
    assert "下一班到期：QX-2026-0001 核实 2026-02-15 13:00" in text


def test_a_quiet_shift_is_a_zero_report() -> None:
    quiet = [case(1, Level.BLUE)]
    found = hand_over(quiet, began=NOW - 24 * HOUR, now=NOW)
    assert found.nothing
    assert "零报告" in note(found, quiet)
