"""Which areas and trades have more cases than usual now. Pure: days, areas and trades of cases in, what stands out.

Watched are every area, every trade, and every trade in every area. Knows no case and no poster, only how many; `alarm`
judges a series of counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.incidents.alarm import CHANCE, GUARD, LEAST_CASES, LEAST_DAYS, Usual, judge

Key = tuple[str | None, str | None]
STANDS = 7  # days for which a day that stood out is shown
NEEDED = LEAST_DAYS + GUARD  # days of history before anything is said


@dataclass(frozen=True, slots=True)
class Excess:
    """More cases than usual. `area`, `sector`: None for all of them. `since`: the first day that stood out lately."""

    area: str | None
    sector: str | None
    since: date
    usual: Usual


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands out, least chance first. `history`: days since the first case; `enough` of them to judge by."""

    history: int
    watched: int
    found: tuple[Excess, ...] = ()

    @property
    def needed(self) -> int:
        return NEEDED

    @property
    def enough(self) -> bool:
        return self.history >= NEEDED


def outlook(cases: Iterable[tuple[date, str, str]], today: date, festivals: Sequence[date] = ()) -> Outlook:
    """From (day, area, sector) of every case, an area of '' being unknown. `festivals`: first days of Spring Festival.

    Where a trade stands out in one area, neither the area nor the trade alone is told as well, unless
    what they hold besides is more than usual too.
    """
    told = [case for case in cases if case[0] <= today]
    first = min((day for day, _, _ in told), default=today)
    history = (today - first).days + 1
    of_key: dict[Key, Counter[date]] = {}
    for day, area, sector in told:
        for key in ((area or None, None), (None, sector), (area or None, sector)):
            if key != (None, None) and (area or key == (None, sector)):
                of_key.setdefault(key, Counter())[day] += 1
    if history < NEEDED:
        return Outlook(history, len(of_key))
    judged = (_judged(key, counts, first, today, festivals) for key, counts in of_key.items())
    found = sorted((one for one in judged if one), key=lambda one: (one.usual.chance, -one.usual.seen))
    return Outlook(history, len(of_key), tuple(one for one in found if not _said(one, found)))


def _judged(key: Key, counts: Counter[date], first: date, today: date, festivals: Sequence[date]) -> Excess | None:
    lately = sum(counts[today - timedelta(days=back)] for back in range(2 * STANDS))
    if lately < LEAST_CASES:
        return None
    days = [counts[first + timedelta(days=index)] for index in range((today - first).days + 1)]
    flagged: list[tuple[date, Usual]] = []
    for back in reversed(range(STANDS)):
        usual = judge(first, days[: len(days) - back], festivals)
        if usual is not None and usual.chance < CHANCE and usual.seen >= LEAST_CASES:
            flagged.append((today - timedelta(days=back), usual))
    if not flagged:
        return None
    return Excess(*key, since=flagged[0][0], usual=min((usual for _, usual in flagged), key=lambda one: one.chance))


def _said(one: Excess, found: Sequence[Excess]) -> bool:
    """Whether this one is no more than usual without the cases of a narrower one."""
    usual = one.usual.expected + one.usual.expected**0.5
    return any(
        (other.area, other.sector) != (one.area, one.sector) and one.usual.seen - other.usual.seen <= usual
        for other in found
        if (one.area is None or one.area == other.area) and (one.sector is None or one.sector == other.sector)
    )
