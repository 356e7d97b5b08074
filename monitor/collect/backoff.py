"""When a feed is asked again. Pure: what happened, what is known of the feed, and `now` in; a moment and a reason out.

Failures are graded, each grade with its own back-off (after mediacloud's rss-fetcher):

    soft       the site or the way there is busy       every, x1.5 a failure, at most 2 h; never disabled
    temporary  the answer is no good                   every, x2 a failure, at most 6 h; disabled after a week in vain
    hard       asking again cannot help                every, then 1 h, x4 a failure, at most 24 h; disabled after 6
    ours       our own database took nothing           every, at most 5 min, however often; never disabled

A disabled feed is tried again every 7 days by itself; one success puts it back. The first retry comes after one
ordinary interval, whatever the grade, so that two failures, and the alarm, fall within two intervals. The interval
adapts to how often new posts come, between bounds, and never falls below what robots.txt asks for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from monitor.collect.answer import Fetch, Outcome, Trouble, Why
from monitor.model import Feed
from monitor.text import aware

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FASTEST = timedelta(seconds=60)  # no feed is polled more often by itself, however much comes
AGAIN_AFTER = timedelta(days=7)  # a disabled feed is tried once more
QUOTAS = {"weibo": 100}  # calls a day of one granted user: open.weibo.com, "Rate-limiting"
RECORDED_SOON = timedelta(minutes=5)  # what our own database did not take is asked for again: no fault of the site's
JITTER = 0.04  # of the interval, each way: many feeds never meet at one second
ON_TIME = 0.02  # the same after a success: within 10 % of the schedule with room to spare


class Grade(StrEnum):
    """How a failure is taken."""

    SOFT = "soft"
    TEMPORARY = "temporary"
    HARD = "hard"
    OURS = "ours"


_HARD = frozenset((Why.GONE, Why.ROBOTS, Why.ADDRESS, Why.SCHEME, Why.LAWFUL, Why.CREDENTIAL))
_SOFT = frozenset(
    (Why.TIMEOUT, Why.CONNECT, Why.TRUNCATED, Why.BUSY, Why.RATE, Why.PACE, Why.ROBOTS_UNKNOWN, Why.BROKEN)
)  # all the rest is temporary


class State(Protocol):
    """What back-off needs of a feed's stored state."""

    @property
    def failures(self) -> int: ...
    @property
    def last_success_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a poll ended. `rate`: new posts an hour lately, None when not known. Delays in seconds."""

    outcome: Outcome
    reason: str
    permanent: bool = False
    retry_after: float | None = None
    crawl_delay: float | None = None
    rate: float | None = None
    sharing: int = 1  # feeds that call with the same granted token

    @property
    def why(self) -> Why:
        return Why(self.reason.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Due:
    """When to ask again and why then. `disabled`: the reason the feed now rests, to be shown and mailed."""

    at: datetime
    reason: str
    grade: Grade | None = None
    disabled: str | None = None


def ended(fetch: Fetch, *, rate: float | None = None) -> Ended:
    """How a fetch ended, as `next_due` takes it."""
    return Ended(
        outcome=fetch.outcome,
        reason=fetch.reason,
        permanent=fetch.permanent,
        retry_after=fetch.retry_after,
        crawl_delay=fetch.crawl_delay,
        rate=rate,
    )


def ended_in(trouble: Trouble) -> Ended:
    """The same for a poll that ended before anything was fetched."""
    outcome = Outcome.REFUSED if trouble.refused else Outcome.FAILED
    return Ended(outcome=outcome, reason=trouble.reason, permanent=trouble.permanent, retry_after=trouble.retry_after)


def grade(what: Ended) -> Grade:
    """The grade of a failure: by its class; a permanent one is hard whatever its class, save a page that is misread."""
    if what.why is Why.UNRECORDED:
        return Grade.OURS
    if what.why in _HARD or (what.permanent and what.why is not Why.YIELD):
        return Grade.HARD
    return Grade.SOFT if what.why in _SOFT else Grade.TEMPORARY


def next_due(feed: Feed, state: State, what: Ended, now: datetime) -> Due:
    """When the feed is due next. `state` is that from before this poll."""
    now = aware(now)
    if what.outcome in (Outcome.OK, Outcome.NOT_MODIFIED):
        step, reason = interval(feed, what.rate, what.crawl_delay, what.sharing)
        return Due(now + _jittered(step, feed, now, ON_TIME), reason)
    how = grade(what)
    failures = state.failures + 1
    step = _step(feed, how, failures)
    reason = f"{how} failure {failures}"
    if disabled := _disabled(state, how, failures, what, now):
        step, reason = max(step, AGAIN_AFTER), f"rests and is tried again in {AGAIN_AFTER.days} days"
    if what.retry_after is not None and timedelta(seconds=what.retry_after) > step:
        step, reason = timedelta(seconds=what.retry_after), f"the site asked for {what.retry_after:.0f} s"
    step = max(step, timedelta(seconds=what.crawl_delay or 0), quota(feed, what.sharing))
    jittered = _jittered(step, feed, now, JITTER)
    asked = timedelta(seconds=what.retry_after or 0)
    return Due(now + max(jittered, asked), reason, how, disabled)


def interval(
    feed: Feed, rate: float | None = None, crawl_delay: float | None = None, sharing: int = 1
) -> tuple[timedelta, str]:
    """How long between two polls of a feed that answers, and why so long.

    About one new post a poll, between `options.fastest` (a quarter of `every`, not under a minute) and
    `options.slowest` (`every`: what the operator was promised is kept). A stated crawl delay is never undercut, nor is
    the quota of a platform, which the feeds that share a token share.
    """
    slowest = max(_option(feed, "slowest", feed.every), feed.every)
    fastest = min(_option(feed, "fastest", max(feed.every / 4, min(FASTEST, feed.every))), feed.every)
    step, reason = feed.every, "every, as configured"
    if rate is not None and rate > 0 and (ideal := timedelta(hours=min(1 / rate, 1_000))) != feed.every:
        step = min(max(ideal, fastest), slowest)
        reason = f"{rate:.1f} new posts an hour"
    elif rate == 0 and slowest > feed.every:
        step, reason = slowest, "nothing new lately"
    if (least := quota(feed, sharing)) > step:
        step, reason = least, f"the platform's quota of {QUOTAS[feed.kind]} calls a day"
    if crawl_delay is not None and timedelta(seconds=crawl_delay) > step:
        return timedelta(seconds=crawl_delay), f"robots.txt asks for {crawl_delay:g} s"
    return step, reason


def quota(feed: Feed, sharing: int = 1) -> timedelta:
    """The least time between two calls that a platform's daily quota leaves each of the feeds that share a token."""
    calls = QUOTAS.get(feed.kind)
    return DAY / calls * sharing * (1 + 2 * ON_TIME) if calls else timedelta()


def first_due(feed: Feed, now: datetime, among: int = 1) -> datetime:
    """When a new feed is asked first: at once where there are few, spread over one interval where there are many."""
    spread = min(feed.every, timedelta(seconds=0.06 * max(among - 20, 0)))
    return aware(now) + spread * _fraction(feed.name)


# ------------------------------------------------------------------ steps
def _step(feed: Feed, how: Grade, failures: int) -> timedelta:
    power = min(failures - 1, 20)
    if how is Grade.OURS:
        return min(feed.every, RECORDED_SOON)
    if how is Grade.SOFT:
        return min(feed.every * float(1.5**power), max(2 * HOUR, feed.every))
    if how is Grade.TEMPORARY:
        return min(feed.every * int(2**power), max(6 * HOUR, feed.every))
    if failures == 1:
        return feed.every
    return max(min(HOUR * int(4 ** min(power - 1, 9)), DAY), feed.every)


def _disabled(state: State, how: Grade, failures: int, what: Ended, now: datetime) -> str | None:
    if how is Grade.HARD and failures >= 6:
        return f"{what.reason} (6 times in a row)"
    silent = state.last_success_at is None or now - state.last_success_at > AGAIN_AFTER
    if how is Grade.TEMPORARY and failures >= 20 and silent:
        return f"{what.reason} (no success for a week)"
    return None


def _jittered(step: timedelta, feed: Feed, now: datetime, share: float) -> timedelta:
    """Spread by name and moment: no clock and no dice, the same input gives the same answer."""
    return step * (1 + share * (2 * _fraction(f"{feed.name}\x00{now.isoformat()}") - 1))


def _fraction(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48


def _option(feed: Feed, name: str, default: timedelta) -> timedelta:
    """`options.fastest: 2m`; what cannot be read is the default (config reports it)."""
    value = feed.options.get(name)
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[:-1].isdigit() and (unit := {"s": 1, "m": 60, "h": 3600}.get(value[-1:])):
        return timedelta(seconds=int(value[:-1]) * unit)
    return default
