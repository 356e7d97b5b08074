"""统揽: how a county's cases stand as a whole, and which cases each figure counts. Pure: rows in, sets of ids out.

Paid quickly is the aim; closed is a means. On-time share = closed on time / (closed + open overdue), so that a case
that nobody closes is never good for the share. Knows companies and projects, never people who post.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from monitor.clocks import Calendar, outer_limits
from monitor.digest.study import BurnDown, burn_down
from monitor.model import County, Level
from monitor.routing.register import project_row
from monitor.store.closeout import closeout_of
from monitor.store.codec import facts_from
from monitor.store.figures import UNCOUNTED
from monitor.text import SHANGHAI, aware

Row = Mapping[str, Any]
STATUTE = "inspection_close"  # 劳动保障监察条例第十七条: 60 working days
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Named sets of incidents, and what is told of them."""

    sets: Mapping[str, frozenset[str]]
    days: Mapping[str, float]  # paid incident -> days from opening to the last payment
    burn: BurnDown

    @property
    def on_time_share(self) -> float | None:
        """None where nothing was closed and nothing is overdue."""
        total = sum(len(self.sets[name]) for name in ("on_time", "closed_late", "open_overdue"))
        return len(self.sets["on_time"]) / total if total else None

    @property
    def median_days(self) -> float | None:
        return median(self.days.values()) if self.days else None

    @property
    def within_share(self) -> float | None:
        """The share of the paid that had their money within the limit of the law."""
        return len(self.sets["paid_within"]) / len(self.days) if self.days else None


def overview(
    in_hand: Sequence[Row],
    closed: Sequence[Row],
    *,
    due: Mapping[str, datetime],
    late: Collection[str],
    now: datetime,
    calendar: Calendar,
    length: int,
    stop: date | None,
    done: Mapping[str, datetime] | None = None,
) -> Overview:
    """Of the cases in hand and those `closed` lately, at least in the last `length` days, which the burn-down shows.

    `due`: when each one's resolve clock runs out, without those that stand still. `done`: when it was stopped, for
    those closed: close-out was asked for then, and what the second person took is not the handler's. `late`: ids in
    hand with any clock that ran out.
    """
    ended = {row["id"]: (done or {}).get(row["id"], row["closed_at"]) for row in closed if _counts(row)}
    shown, days = {row["id"] for row in in_hand}, {row["id"]: paid_after(row) for row in closed if row["paid_yuan"]}
    on_time = {id_ for id_, at in ended.items() if id_ in due and at <= due[id_]}
    limits = _limits([row for row in closed if row["id"] in days], calendar)
    within = {id_ for id_, limit in limits.items() if days[id_] <= limit}
    lives = [(row["opened_at"], None) for row in in_hand] + [(row["opened_at"], row["closed_at"]) for row in closed]
    burn = burn_down(lives, in_hand, late, aware(now).astimezone(SHANGHAI).date(), length=length, stop=stop)
    sets = {
        "in_hand": shown,
        "late": shown & set(late),
        "closed": {row["id"] for row in closed},
        "on_time": on_time,
        "closed_late": {id_ for id_ in ended if id_ in due} - on_time,
        "open_overdue": {id_ for id_ in shown if id_ in due and due[id_] < now},
        "paid": set(days),
        "paid_within": within,
        "paid_beyond": set(days) - within,
        **{f"blocker_{why}": set(ids) for why, ids in burn.blockers.items()},
    }
    return Overview(sets={name: frozenset(ids) for name, ids in sets.items()}, days=days, burn=burn)


def _counts(row: Row) -> bool:
    """Whether a close-out is one: nobody reached, or told twice, is neither on time nor late."""
    return row.get("close_code") not in UNCOUNTED


def paid_after(row: Row) -> float:
    """Days from opening to the last payment that was recorded, or to closing where none was."""
    payments = closeout_of(row).get("payments") or ()
    moments = [datetime.fromisoformat(one["at"]) for one in payments if one.get("at")]
    return float((max(moments, default=row["closed_at"]) - row["opened_at"]) / DAY)


def _limits(rows: Sequence[Row], calendar: Calendar) -> dict[str, float]:
    """Per incident, how many days the law gives; reckoned once for each day of opening and level."""
    found: dict[tuple[date, str], datetime] = {}
    limits = {}
    for row in rows:
        key = (row["opened_at"].astimezone(SHANGHAI).date(), row["level"])
        if key not in found:
            clocks = outer_limits(Level(row["level"]), row["opened_at"], calendar=calendar)
            found[key] = next(clock.due_at for clock in clocks if clock.name == STATUTE)
        limits[row["id"]] = (found[key] - row["opened_at"]) / DAY
    return limits


# ------------------------------------------------------------------ who answers for whom
@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A project of the county's register with the companies on it, from owner to subcontractor, and its incidents."""

    project: str
    companies: Sequence[str]
    incidents: Sequence[str]
    in_hand: int
    workers: int
    yuan: float


def chains(rows: Sequence[Row], county: County, open_states: Collection[str]) -> list[Chain]:
    """Projects of the register that incidents name, the most in hand first.

    条例第三十条: the general contractor answers for what its subcontractors owe, so a debt is counted with the chain.
    """
    groups: dict[str, list[Row]] = {}
    companies: dict[str, Sequence[str]] = {}
    for row in rows:
        known = project_row(county, facts_from(row["facts"]))
        if known is not None and known.kind == "project":
            groups.setdefault(known.name, []).append(row)
            companies[known.name] = known.employers
    found = [
        Chain(
            project=name,
            companies=companies[name],
            incidents=[row["id"] for row in group],
            in_hand=sum(row["state"] in open_states for row in group),
            workers=sum(row["facts"].get("workers") or 0 for row in group),
            yuan=sum(row["facts"].get("amount_yuan") or 0 for row in group),
        )
        for name, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.in_hand, -len(one.incidents), one.project))
