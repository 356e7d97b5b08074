"""Whether a feed still tells us what happens. Pure: its state, its own rhythm and `now` in; an alarm with a reason out.

Two periods are meant below: `every`, in which a feed is asked, and its rhythm, in which it brings something new:
the longest pause among its own last weeks, never more than the `period` its entry states. A feed that went silent,
one whose page was redesigned, one whose token expired: each is named within two of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from monitor.collect.answer import Why
from monitor.collect.asking import brought
from monitor.collect.words import why
from monitor.model import Feed
from monitor.text import SHANGHAI, aware

ENOUGH = 8  # pauses that make a rhythm
WITHIN = 1.5  # rhythms of silence that raise the alarm: before two have passed
WARN_BEFORE = timedelta(days=14)  # of a token's end
LAG = timedelta(hours=6)
LISTS = frozenset(("rss", "listing", "discuz", "board", "sitemap"))  # their pages hold about as many posts every time
THIN, LATELY, BEFORE = 0.25, 3, 8  # less than this share of its median, in each of the last reads, after so many


class Ill(StrEnum):
    """What is wrong with a feed, worst first."""

    CREDENTIAL = "credential"  # the granted token is missing, refused or over
    DISABLED = "disabled"
    REDESIGNED = "redesigned"  # the page comes, the posts do not
    FAILING = "failing"
    UNASKED = "unasked"  # nobody polls it: our own fault
    THIN = "thin"  # far fewer posts on its page than it used to have: half a redesign
    SILENT = "silent"  # all is well, only nothing new comes
    EXPIRING = "expiring"
    LATE = "late"  # comes long after publication


@dataclass(frozen=True, slots=True)
class Alarm:
    """One feed that no longer tells us what happens. `reason` is for people; `since`: from when it may be blind."""

    feed: str
    ill: Ill
    reason: str
    since: datetime | None

    @property
    def blind(self) -> bool:
        """Whether "no incident" may no longer be said where this feed alone watches."""
        return self.ill not in (Ill.EXPIRING, Ill.LATE)


class State(Protocol):
    """What health needs of a feed's stored state."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def failures(self) -> int: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def last_try_at(self) -> datetime | None: ...
    @property
    def last_success_at(self) -> datetime | None: ...
    @property
    def last_new_at(self) -> datetime | None: ...
    @property
    def disabled_reason(self) -> str | None: ...


def examine(
    feed: Feed,
    state: State | None,
    new_at: Sequence[datetime],
    now: datetime,
    *,
    watched_since: datetime | None = None,
    lag: timedelta | None = None,
    yields: Sequence[int] = (),
) -> Alarm | None:
    """The worst thing wrong with a feed, or None.

    `new_at`: when it brought something new lately, oldest first. `watched_since`: when polling began, for feeds that
    never brought anything. `lag`: median time from publication to collection. `yields`: posts in each answer that was
    read lately, oldest first.
    """
    if not feed.enabled or feed.kind == "file" or feed.url.startswith("file:"):
        return None
    now = aware(now)
    if state is None:
        return Alarm(feed.name, Ill.UNASKED, "it has never been asked", None)
    return (
        _cannot_be_read(feed, state, now)
        or _says_little(feed, state, yields)
        or _says_nothing(feed, state, new_at, now, watched_since)
        or _soon(feed, now, lag)
    )


def _cannot_be_read(feed: Feed, state: State, now: datetime) -> Alarm | None:
    kind, blind_since = why(state.reason), state.last_success_at
    if state.failures and kind is Why.CREDENTIAL:
        return Alarm(feed.name, Ill.CREDENTIAL, state.reason or "", blind_since)
    if (over := _token_end(feed)) is not None and over <= now:
        return Alarm(feed.name, Ill.CREDENTIAL, f"credential: the token ended {over.date()}", over)
    if state.disabled_reason:
        return Alarm(feed.name, Ill.DISABLED, state.disabled_reason, blind_since)
    if state.failures >= 2 and kind is Why.YIELD:
        return Alarm(feed.name, Ill.REDESIGNED, state.reason or "", blind_since)
    if state.failures >= 2:
        return Alarm(feed.name, Ill.FAILING, f"{state.reason} ({state.failures} times in a row)", blind_since)
    overdue = now - state.due_at
    if not brought(feed) and overdue > max(2 * feed.every, timedelta(minutes=2)):
        return Alarm(feed.name, Ill.UNASKED, f"it was due {_said(overdue)} ago", state.last_try_at)
    return None


def _says_little(feed: Feed, state: State, yields: Sequence[int]) -> Alarm | None:
    """Its own history is the measure: the `minimum` of an entry is a floor, set once."""
    before, lately = yields[:-LATELY], yields[-LATELY:]
    if feed.kind not in LISTS or len(before) < BEFORE:
        return None
    usual = sorted(before)[len(before) // 2]
    if max(lately) >= THIN * usual:
        return None
    words = f"{max(lately)} posts at most in its last {LATELY} answers, where {usual} are usual"
    return Alarm(feed.name, Ill.THIN, words, state.last_success_at)


def _says_nothing(
    feed: Feed, state: State, new_at: Sequence[datetime], now: datetime, watched_since: datetime | None
) -> Alarm | None:
    last = state.last_new_at or watched_since or (state.due_at if brought(feed) else None)
    if last is None:
        return None
    usual, words = rhythm(feed, new_at)
    quiet = now - last
    if quiet <= usual * WITHIN:
        return None
    return Alarm(feed.name, Ill.SILENT, f"nothing new for {_said(quiet)}; {words} {_said(usual)}", last)


def _soon(feed: Feed, now: datetime, lag: timedelta | None) -> Alarm | None:
    over = _token_end(feed)
    if over is not None and over - now <= WARN_BEFORE:
        return Alarm(feed.name, Ill.EXPIRING, f"credential: the token ends {over.date()}", None)
    if lag is not None and lag > max(LAG, 4 * feed.every):
        return Alarm(feed.name, Ill.LATE, f"posts arrive {_said(lag)} after publication", None)
    return None


def rhythm(feed: Feed, new_at: Sequence[datetime]) -> tuple[timedelta, str]:
    """The longest pause to be expected, and where that is known from: nights and weekends are in it by themselves."""
    pauses = [later - earlier for earlier, later in pairwise(new_at)]
    if len(pauses) < ENOUGH:
        return feed.period, "its entry promises something every"
    longest = max(pauses[-200:])
    return min(max(longest, 3 * feed.every), feed.period), "its longest pause lately was"


def examine_all(
    feeds: Sequence[Feed],
    states: Mapping[str, State],
    new_at: Mapping[str, Sequence[datetime]],
    now: datetime,
    *,
    watched_since: Mapping[str, datetime] | None = None,
    lags: Mapping[str, timedelta] | None = None,
    yields: Mapping[str, Sequence[int]] | None = None,
) -> list[Alarm]:
    """Every alarm, worst first. One feed never hides another."""
    since, late, much = watched_since or {}, lags or {}, yields or {}
    found = (
        examine(
            feed,
            states.get(feed.name),
            new_at.get(feed.name, ()),
            now,
            watched_since=since.get(feed.name),
            lag=late.get(feed.name),
            yields=much.get(feed.name, ()),
        )
        for feed in feeds
    )
    order = list(Ill)
    return sorted((alarm for alarm in found if alarm), key=lambda alarm: (order.index(alarm.ill), alarm.feed))


def _token_end(feed: Feed) -> datetime | None:
    """`options.token_expires: 2026-12-01`: the whole of that day still counts, Asia/Shanghai."""
    value = feed.options.get("token_expires")
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)


def _said(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
