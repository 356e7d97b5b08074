"""研判: what a week or a month teaches, and when the cases in hand will be cleared. Knows companies, never people.

Takes rows of the store; looks nothing up and lays nothing out. A debtor is a registered employer or project, or a name
that says itself that it is an organisation: a foreman's or worker's name is not counted (guard-rails).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.text import SHANGHAI

Row = Mapping[str, Any]
PACE = 14  # days whose closures give the pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A company or project with the incidents that name it, newest first."""

    name: str
    incidents: Sequence[str]
    in_hand: int
    workers: int
    yuan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDown:
    """限时清零. `pace`: net cases a day that left in the last 14 days; `finish` None: at that pace, never."""

    in_hand: Sequence[tuple[date, int]]  # at the end of each local day
    stop: date | None  # the day before 除夕
    pace: float
    finish: date | None
    blockers: Mapping[str, Sequence[str]]  # why it stands -> incidents

    @property
    def young(self) -> bool:
        """Whether nothing was in hand three days ago: then there is no pace to speak of."""
        return not self.in_hand[-4][1]

    @property
    def in_time(self) -> bool:
        return self.finish is not None and (self.stop is None or self.finish <= self.stop)

    @property
    def needed(self) -> float | None:
        """Cases a day that must leave from now on; None without a stop."""
        left = (self.stop - self.in_hand[-1][0]).days if self.stop else 0
        return self.in_hand[-1][1] / left if left > 0 else None


@dataclass(frozen=True, slots=True)
class Part:
    """限时清零 of one department's or one town's cases; `weeks`: in hand at the end of each week, the last is today."""

    key: str
    burn: BurnDown
    weeks: Sequence[tuple[date, int]]


def parts(
    in_hand: Sequence[Row], closed: Sequence[Row], late: Collection[str], day: date, *, key: str, weeks: int,
    stop: date | None,
) -> list[Part]:  # fmt: skip
    """The burn-down by `key` (lead, town) of the rows, those with most in hand first; "" where a row has none."""
    held: dict[str, list[Row]] = defaultdict(list)
    ended: dict[str, list[Row]] = defaultdict(list)
    for row in in_hand:
        held[row[key] or ""].append(row)
    for row in closed:
        ended[row[key] or ""].append(row)
    found = []
    for name in {*held, *ended}:
        lives = [(row["opened_at"], None) for row in held[name]]
        lives += [(row["opened_at"], row["closed_at"]) for row in ended[name]]
        burn = burn_down(lives, held[name], late, day, length=7 * (weeks - 1), stop=stop)
        found.append(Part(name, burn, burn.in_hand[-1 - 7 * (weeks - 1) :: 7]))
    return sorted(found, key=lambda part: (-part.burn.in_hand[-1][1], -max(n for _, n in part.weeks), part.key))


def debtors(rows: Sequence[Row], key: str, registered: Collection[str], endings: Sequence[str]) -> list[Debtor]:
    """Companies (`key` employer) or projects by number of incidents. Names joined by "/" are counted each."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for name in dict.fromkeys(str(row["facts"].get(key) or "").split("/")):
            if name and (key == "project" or name in registered or name.endswith(tuple(endings))):
                found[name].append(row)
    counted = [_debtor(name, held) for name, held in found.items()]
    return sorted(counted, key=lambda one: (-len(one.incidents), -one.yuan, one.name))


def _debtor(name: str, rows: Sequence[Row]) -> Debtor:
    ordered = sorted(rows, key=lambda row: row["opened_at"], reverse=True)
    return Debtor(
        name=name,
        incidents=[row["id"] for row in ordered],
        in_hand=sum(row["state"] != "closed" for row in rows),
        workers=sum(row["facts"].get("workers") or 0 for row in rows),
        yuan=sum(row["facts"].get("amount_yuan") or 0 for row in rows),
    )


def burn_down(
    lives: Sequence[tuple[datetime, datetime | None]], rows: Sequence[Row], late: Collection[str], day: date,
    *, length: int, stop: date | None,
) -> BurnDown:  # fmt: skip
    """From (opened, closed) of every case and the `rows` of those in hand; `late`: ids with a clock that ran out."""
    net = Counter[date]()
    for opened, closed in lives:
        net[opened.astimezone(SHANGHAI).date()] += 1
        if closed is not None:
            net[closed.astimezone(SHANGHAI).date()] -= 1
    first = day - timedelta(days=max(length, PACE))
    standing = sum(count for when, count in net.items() if when <= first)
    series = [(first, standing)]
    for number in range(1, (day - first).days + 1):
        when = first + timedelta(days=number)
        standing += net[when]
        series.append((when, standing))
    pace = (series[-1 - PACE][1] - standing) / PACE
    finish = day if not standing else day + timedelta(days=math.ceil(standing / pace)) if pace > 0 else None
    return BurnDown(in_hand=series, stop=stop, pace=pace, finish=finish, blockers=_blockers(rows, late))


def _blockers(rows: Sequence[Row], late: Collection[str]) -> dict[str, list[str]]:
    """Why cases stand, each under its first reason only, in the order in which somebody could remove them."""
    found: dict[str, list[str]] = {}
    for row in rows:
        facts, state = row["facts"], row["state"]
        reasons = (
            ("fled", "employer_fled" in (facts.get("traits") or ())),
            ("held", state == "held"),
            ("referred", state == "referred"),
            ("paused", bool(row.get("paused"))),
            ("unsigned", state == "assigned"),
            ("awaiting_approval", state in ("paid", "closing")),
            ("unknown_debtor", not facts.get("employer") and not facts.get("project")),
            ("late", row["id"] in late),
            ("handling", True),
        )
        found.setdefault(next(name for name, holds in reasons if holds), []).append(row["id"])
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))
