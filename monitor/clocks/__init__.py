"""When duties are due: working calendar, limits, pauses, escalation. Pure; knows no incident, no store and no mail."""

from monitor.clocks.calendar import Calendar, Campaign, Day
from monitor.clocks.limits import (
    Limit,
    Pause,
    after_close,
    answer_clock,
    enforcement_clock,
    hung_clock,
    limits,
    outer_limits,
    receipt_clock,
    start_clocks,
    stopped,
)
from monitor.clocks.steps import Next, Step, daily_report, first_step, next_step, on_time_share, step_at
from monitor.clocks.wording import clock_name

__all__ = [
    "Calendar", "Campaign", "Day", "Limit", "Next", "Pause", "Step", "after_close", "answer_clock",
    "clock_name", "daily_report", "enforcement_clock", "first_step", "hung_clock", "limits", "next_step",
    "on_time_share", "outer_limits", "receipt_clock", "start_clocks", "step_at", "stopped",
]  # fmt: skip
