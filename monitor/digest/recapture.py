"""What other offices' lists say of the net, as of now. Knows where rows, cases and posts stand; the judging is pure.

A debt counts as seen by the net on the local day on which its first post was recorded; posts that an office's own list
brought are left out, or a list would be compared with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.clocks.calendar import start_of
from monitor.incidents.listed import Called, Debt, Fit, Sighting, Sightings, debts
from monitor.incidents.place import WINDOW
from monitor.incidents.recapture import FEWEST, Audit, audit
from monitor.model import County
from monitor.store import lists
from monitor.text import SHANGHAI

YEAR, SEASON = timedelta(days=365), timedelta(days=90)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Compared:
    """Every listed debt of a time with what the net knows of it, and the incidents of that time."""

    debts: Sequence[Debt]
    seen: Sequence[Sighting]


def compared(c: Connection, county: County, first: date, last: date, source: str | None = None) -> Compared:
    """The debts of lists of these local days, those of WINDOW before and after among them."""
    since, until = first - WINDOW, last + WINDOW
    rows = lists.rows_between(c, since, until, source)
    start, end = start_of(since - WINDOW), start_of(until + WINDOW + DAY)
    own = frozenset(kept.source for kept in rows)
    seen = [one for row, posts in lists.sighted(c, start, end) if (one := _sighting(row, posts, own)) is not None]
    told = debts(rows, Sightings(seen, Called(county.register)), lists.verdicts(c))
    return Compared(told, seen)


def recapture(c: Connection, county: County, first: date, last: date, source: str | None = None) -> Audit | None:
    """How much of what other offices know the net had seen; None where no list speaks for any of these days."""
    return recaptured(c, first, last, lambda: compared(c, county, first, last, source), source)


def recaptured(
    c: Connection, first: date, last: date, found: Callable[[], Compared], source: str | None = None
) -> Audit | None:
    """As `recapture`, of what `compared` gives for the same days; asked only where a list speaks of them."""
    covered = [(one.first, one.last) for one in lists.imports(c) if source in (None, one.source)]
    if not any(begin <= last and first <= end for begin, end in covered):
        return None
    told = found()
    return audit(told.debts, told.seen, covered, (first, last), lambda ids: quoting(c, ids))


def proposed(c: Connection, county: County, key: str) -> str | None:
    """The incident that a row waits to be compared with; None where there is none."""
    kept = lists.one(c, key)
    if kept is None:
        return None
    found = compared(c, county, kept.row.day, kept.row.day, kept.source)
    said = lists.verdicts(c).get(key, [])
    return Sightings(found.seen, Called(county.register)).best(kept.row, [one for one in said if not one.same]).incident


def state_of(debt: Debt) -> str:
    """seen, waiting or unseen."""
    return "seen" if debt.seen else "waiting" if debt.waiting else "unseen"


def reason(found: Fit) -> str:
    """Why a row is taken for an incident's debt, or not, as a person reads it."""
    return str(words()["why"][found.why]).format(**found.values)


def quoting(c: Connection, ids: Collection[str]) -> int:
    """Of these incidents, how many have a post of the net that speaks of a hotline, petition or inspection itself."""
    channels, told = words()["channels"], lists.texts(c, sorted(ids))
    return sum(
        any(
            not _is_own(feed, platform, ()) and any(str(one) in text for one in channels) for feed, platform, text in of
        )
        for of in told.values()
    )


def _sighting(
    row: Mapping[str, Any], posts: Sequence[tuple[str, str, datetime, datetime]], sources: Collection[str]
) -> Sighting | None:
    """None where only lists brought it, or where it lies outside the county."""
    net = [(earliest, latest) for feed, platform, earliest, latest in posts if not _is_own(feed, platform, sources)]
    facts = row["facts"]
    if not net or (facts.get("place") or {}).get("in_area") is False:
        return None
    return Sighting(
        incident=row["id"], title=row["title"], first=_local(min(one for one, _ in net)),
        last=_local(max(one for _, one in net)), employer=facts.get("employer"), project=facts.get("project"),
        town=row["town"], sector=row["sector"], workers=facts.get("workers"), amount_yuan=facts.get("amount_yuan"),
    )  # fmt: skip


def _is_own(feed: str, platform: str, sources: Collection[str]) -> bool:
    """Whether a post came in as another office's list does, by the name of its feed or platform."""
    return (
        feed in sources
        or platform in sources
        or any(one in feed or one in platform for one in map(str, words()["own"]))
    )


def _local(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


# ------------------------------------------------------------------ in words
@cache
def words() -> Mapping[str, Any]:
    """recapture.yaml, read once."""
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.digest") / "recapture.yaml").read_text(encoding="utf-8"))
    return loaded


def why_refused(found: Audit) -> str:
    """Why there is no estimate; empty where there is one."""
    if not found.refused:
        return ""
    told = words()["refused"][found.refused]
    return str(told).format(both=found.both, fewest=FEWEST, quoting=found.quoting, waiting=found.waiting)


def sentences(found: Audit) -> list[str]:
    """The audit as a report tells it."""
    say, estimate = words()["report"], found.estimate
    lines = [
        say["seen"].format(
            sources="、".join(found.sources) or "—", first=found.first, last=found.last, listed=found.listed,
            both=found.both, share="—" if found.share is None else f"{found.share:.0%}",
        )
    ]  # fmt: skip
    if found.ahead:
        lines.append(say["first"].format(earlier=found.earlier, same=found.same_day, later=found.later))
    if estimate is None:
        lines.append(say["none"].format(refused=why_refused(found)))
    else:
        told = {name: round(getattr(estimate, name)) for name in ("total", "lo", "hi", "unseen")}
        low, high = round(estimate.unseen_lo), round(estimate.unseen_hi)
        lines.append(say["estimate"].format(**told, unseen_lo=low, unseen_hi=high))
        if found.quoting:
            lines.append(say["at_least"].format(quoting=found.quoting))
    if found.waiting and found.refused != "waiting":
        lines.append(say["waiting"].format(waiting=found.waiting))
    return lines
