"""How many debts there were, from two lists that each saw some of them. Pure: three counts in, an estimate out.

Two lists n1 and n2 with m debts on both: the net caught a share m/n1 of what the other list knows, and if it catches
the rest as well as these, there are about n1 * n2 / m. D. G. Chapman, Some properties of the hypergeometric
distribution with applications to zoological sample censuses (1951), gives the form without bias; G. A. F. Seber, The
Estimation of Animal Abundance (2nd ed. 1982, section 3.1), its variance and assumptions; M. Sadinle, Transformed logit
confidence intervals for small populations in single capture-recapture estimation (2009), the interval.

Assumed: the same county and days for both; every debt may come to either list; who comes to one is no likelier to come
to the other (a post that quotes the hotline breaks it: then there are more than the estimate says); rows are matched
rightly. What is refused, and why: `REFUSALS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, sqrt
from statistics import median

from monitor.incidents.listed import Debt, Sighting

Z = 1.959964  # 95 %
FEWEST = 7  # debts on both lists: with fewer the estimate is biased (Robson & Regier 1964; Seber 1982, 3.1.3)
QUOTING = 1 / 3  # of the debts on both, those whose posts themselves speak of such an office
WAITING = 1 / 4  # of the list's debts, those that wait for a person's yes or no
REFUSALS = ("few", "dependent", "waiting")


@dataclass(frozen=True, slots=True)
class Estimate:
    """`total` debts of the period with its 95 % bounds; `unseen`: by the net and by the list, with the same bounds.

    `error`: standard error of `total`.
    """

    total: float
    lo: float
    hi: float
    error: float
    unseen: float
    unseen_lo: float
    unseen_hi: float


def chapman(listed: int, seen: int, both: int) -> Estimate:
    """Chapman's estimate with Sadinle's interval. ValueError where the counts cannot be."""
    if not 0 <= both <= min(listed, seen):
        raise ValueError(f"{both} on both lists of {listed} and {seen}")
    known = listed + seen - both
    only_listed, only_seen = listed - both, seen - both
    total = (listed + 1) * (seen + 1) / (both + 1) - 1
    variance = (listed + 1) * (seen + 1) * only_listed * only_seen / ((both + 1) ** 2 * (both + 2))
    a, b, m = only_listed + 0.5, only_seen + 0.5, both + 0.5
    spread = exp(Z * sqrt(1 / m + 1 / a + 1 / b + m / (a * b)))
    lo, hi = (max(0.0, a * b / m * factor - 0.5) for factor in (1 / spread, spread))
    lo = min(lo, total - known)  # with few on both the point may lie below it
    return Estimate(total, known + lo, known + hi, sqrt(variance), total - known, lo, hi)


def refusal(listed: int, both: int, *, quoting: int, waiting: int) -> str:
    """Why no estimate is given (of REFUSALS); empty where one may be.

    `listed`: debts of the list that are decided. `quoting`: of those on both, how many have posts that speak of such
    an office themselves. `waiting`: debts of the list that wait for a person.
    """
    if waiting > WAITING * (listed + waiting):
        return "waiting"
    if both < FEWEST:
        return "few"
    if quoting > QUOTING * both:
        return "dependent"
    return ""


# ------------------------------------------------------------------ what the net had seen
Span = tuple[date, date]  # both days included
STEPS = (0, 1, 7, 30)  # days either way: upper bounds of the bars, see `Audit.bars`


@dataclass(frozen=True, slots=True)
class Share:
    """Of `listed` debts of a place, trade or source, the net had seen `seen`."""

    value: str
    listed: int
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What other offices' lists say of the net, for the days of `first` to `last` that any of them speaks for.

    `listed`: debts on the lists that are decided; `both`: of these, seen by the net too; `waiting`: undecided ones;
    `net`: debts the net saw in the same days; `ahead`: per debt on both, days by which the net was earlier. `estimate`
    None: `refused` says why.
    """

    first: date
    last: date
    days: int
    sources: tuple[str, ...]
    rows: int
    listed: int
    both: int
    waiting: int
    net: int
    quoting: int
    ahead: tuple[int, ...]
    towns: tuple[Share, ...]
    sectors: tuple[Share, ...]
    by_source: tuple[Share, ...]
    estimate: Estimate | None
    refused: str

    @property
    def earlier(self) -> int:
        return sum(days > 0 for days in self.ahead)

    @property
    def later(self) -> int:
        return sum(days < 0 for days in self.ahead)

    @property
    def same_day(self) -> int:
        return len(self.ahead) - self.earlier - self.later

    @property
    def median_ahead(self) -> float | None:
        """Days, of the debts on both; negative: the net was later."""
        return median(self.ahead) if self.ahead else None

    @property
    def share(self) -> float | None:
        return self.both / self.listed if self.listed else None

    def bars(self) -> tuple[int, ...]:
        """Debts on both by how much earlier the net was: from later by more than 30 days to earlier by more."""
        counts = [0] * (2 * len(STEPS) + 1)
        for days in self.ahead:
            counts[_bar(days)] += 1
        return tuple(counts)


def _bar(days: int) -> int:
    """Later: >30, 30-8, 7-2, 1; the same day; earlier: 1, 2-7, 8-30, >30."""
    size = next((at for at, most in enumerate(STEPS) if abs(days) <= most), len(STEPS))
    return len(STEPS) + (size if days > 0 else -size)


def audit(
    told: Sequence[Debt],
    seen: Iterable[Sighting],
    covered: Sequence[Span],
    period: Span,
    quoting: Callable[[Collection[str]], int],
) -> Audit | None:
    """None where no list speaks for any day of the period. Each debt counts once, on one day.

    That of the list where it is listed, else the first on which the net saw it; so a debt near the edge of the period
    is counted with both lists or with neither. `told`: debts of all rows, those a while before and after too.
    `quoting`: of incidents, how many have posts that speak of such an office themselves.
    """
    days = {day for first, last in covered for day in _days(max(first, period[0]), min(last, period[1]))}
    if not days:
        return None
    inside = [one for one in told if one.day in days]
    decided = [one for one in inside if not one.waiting]
    both = [one for one in decided if one.seen]
    day_of = {one.seen.incident: one.day for one in told if one.seen}
    net = sum(day_of.get(one.incident, one.first) in days for one in seen)
    waiting, quoted = len(inside) - len(decided), quoting([one.seen.incident for one in both if one.seen])
    refused = refusal(len(decided), len(both), quoting=quoted, waiting=waiting)
    return Audit(
        first=min(days),
        last=max(days),
        days=len(days),
        sources=tuple(sorted({kept.source for one in inside for kept in one.rows})),
        rows=sum(len(one.rows) for one in inside),
        listed=len(decided),
        both=len(both),
        waiting=waiting,
        net=net,
        quoting=quoted,
        ahead=tuple(sorted(one.ahead for one in both if one.ahead is not None)),
        towns=_shares(decided, lambda one: {_said(one, "town")}),
        sectors=_shares(decided, lambda one: {_said(one, "sector")}),
        by_source=_shares(decided, lambda one: {kept.source for kept in one.rows}),
        estimate=None if refused else chapman(len(decided), net, len(both)),
        refused=refused,
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _said(one: Debt, key: str) -> str:
    """Town or sector of a debt: what a row says, else what the net knows."""
    told = next((value for kept in one.rows if (value := getattr(kept.row, key)) not in (None, "unknown")), None)
    return told or (getattr(one.seen, key) if one.seen else None) or ("unknown" if key == "sector" else "")


def _shares(told: Sequence[Debt], values: Callable[[Debt], Collection[str]]) -> tuple[Share, ...]:
    listed = Counter(value for one in told for value in values(one))
    seen = Counter(value for one in told if one.seen for value in values(one))
    return tuple(
        Share(value, count, seen[value]) for value, count in sorted(listed.items(), key=lambda p: (-p[1], p[0]))
    )
