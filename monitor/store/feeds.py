"""The state of each feed and the record of its polls. Knows the tables `feeds` and `polls`; decides no interval.

A poll is claimed by a conditional UPDATE with a lease, and finished only by who still holds that lease: a worker that
was stopped and woke up again writes nothing. What is due is a column; whoever asks gets it once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from monitor.store.schema import feeds, polls, posts
from monitor.text import aware

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """One row of `feeds`. `claimed_until` is also the token of the claim: who finishes must show it."""

    name: str
    due_at: datetime
    claimed_until: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    cursor: str | None = None
    last_try_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0  # in a row
    outcome: str | None = None
    reason: str | None = None
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One row of `polls`. `new`: posts not seen before."""

    feed: str
    at: datetime
    outcome: str
    reason: str = ""
    posts: int = 0
    new: int = 0
    elapsed_ms: int = 0


# ------------------------------------------------------------------ what is due
def sync(c: Connection, first_due: Mapping[str, datetime]) -> list[str]:
    """Gives every feed not known yet a row, due at its given moment; the names that were new. The others stay."""
    known = {name for (name,) in c.execute(select(feeds.c.name))}
    fresh = [name for name in first_due if name not in known]
    if fresh:
        c.execute(insert(feeds), [{"name": name, "due_at": first_due[name], "failures": 0} for name in fresh])
    return fresh


def due(c: Connection, now: datetime, *, limit: int = 500, among: Collection[str] | None = None) -> list[FeedState]:
    """Feeds whose time has come and that nobody holds, the longest waiting first. `among`: only these names."""
    query = select(feeds).where(feeds.c.due_at <= now, _free(now)).order_by(feeds.c.due_at)
    if among is None:
        return [_state(row) for row in c.execute(query.limit(limit)).mappings()]
    wanted = set(among)  # names that left feeds.yaml keep their row and are passed over
    found = (_state(row) for row in c.execute(query).mappings() if row["name"] in wanted)
    return [state for state, _ in zip(found, range(limit), strict=False)]


def claim(c: Connection, name: str, now: datetime, *, lease: timedelta = LEASE) -> FeedState | None:
    """The feed's state if this call took it; None if somebody holds it or there is no such feed. Due or not."""
    taken = c.execute(update(feeds).where(feeds.c.name == name, _free(now)).values(claimed_until=now + lease))
    return one(c, name) if taken.rowcount == 1 else None


def claim_due(
    c: Connection, now: datetime, *, limit: int = 50, among: Collection[str] | None = None, lease: timedelta = LEASE
) -> list[FeedState]:
    """Takes up to `limit` due feeds; each row is returned to exactly one caller until its lease ends."""
    taken = []
    for state in due(c, now, limit=limit, among=among):
        still = and_(feeds.c.name == state.name, feeds.c.due_at <= now, _free(now))
        if c.execute(update(feeds).where(still).values(claimed_until=now + lease)).rowcount == 1:
            taken.append(replace(state, claimed_until=aware(now + lease)))
    return taken


def release(c: Connection, state: FeedState) -> None:
    """Gives a claim back untouched (shutdown in the middle): the feed is due again at once."""
    c.execute(update(feeds).where(_held(state)).values(claimed_until=None))


def finish(
    c: Connection,
    state: FeedState,
    poll: Poll,
    *,
    due_at: datetime,
    disabled_reason: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
    body_hash: str | None = None,
    cursor: str | None = None,
) -> bool:
    """Writes what came of a claimed poll and ends the claim; False, and nothing written, if the lease was lost.

    Success (`ok`, `not_modified`) clears the failures. Validators and cursor are replaced where given, and kept on a
    failure and on `not_modified`.
    """
    good = poll.outcome in ("ok", "not_modified")
    values: dict[str, Any] = {
        "due_at": due_at,
        "claimed_until": None,
        "last_try_at": poll.at,
        "outcome": poll.outcome,
        "reason": poll.reason,
        "failures": 0 if good else state.failures + 1,
        "disabled_reason": disabled_reason,
    }
    if good:
        values["last_success_at"] = poll.at
    if poll.new:
        values["last_new_at"] = poll.at
    if poll.outcome == "ok":
        values |= {"etag": etag, "last_modified": last_modified}
    values |= {key: value for key, value in (("body_hash", body_hash), ("cursor", cursor)) if value is not None}
    if c.execute(update(feeds).where(_held(state)).values(**values)).rowcount != 1:
        return False
    c.execute(insert(polls).values(**_row(poll)))
    return True


def note(c: Connection, poll: Poll) -> None:
    """Writes that something was brought to a feed that is never asked (a push, a file): its health is seen by it."""
    values = {
        "last_try_at": poll.at,
        "last_success_at": poll.at,
        "outcome": poll.outcome,
        "reason": poll.reason,
        "failures": 0,
        **({"last_new_at": poll.at} if poll.new else {}),
    }
    if not c.execute(update(feeds).where(feeds.c.name == poll.feed).values(**values)).rowcount:
        c.execute(insert(feeds).values(name=poll.feed, due_at=poll.at, **values))
    c.execute(insert(polls).values(**_row(poll)))


# ------------------------------------------------------------------ what is known
def one(c: Connection, name: str) -> FeedState | None:
    """The state of one feed."""
    row = c.execute(select(feeds).where(feeds.c.name == name)).mappings().first()
    return _state(row) if row else None


def states(c: Connection) -> dict[str, FeedState]:
    """Every feed ever watched: {name: state}."""
    return {row["name"]: _state(row) for row in c.execute(select(feeds)).mappings()}


def history(c: Connection, feed: str, since: datetime, *, limit: int = 5_000) -> list[Poll]:
    """The polls of one feed, oldest first; at most the latest `limit`."""
    query = select(polls).where(polls.c.feed == feed, polls.c.at >= since).order_by(polls.c.at.desc()).limit(limit)
    return [_poll(row) for row in c.execute(query).mappings()][::-1]


def polls_between(c: Connection, start: datetime, end: datetime) -> list[Poll]:
    """All polls of start <= at < end, oldest first: what the coverage ledger is made of."""
    query = select(polls).where(polls.c.at >= start, polls.c.at < end).order_by(polls.c.at)
    return [_poll(row) for row in c.execute(query).mappings()]


def new_at(c: Connection, since: datetime) -> dict[str, list[datetime]]:
    """When each feed brought something new, oldest first: its own rhythm, which a silence is measured against."""
    query = select(polls.c.feed, polls.c.at).where(polls.c.at >= since, polls.c.new > 0).order_by(polls.c.at)
    found: dict[str, list[datetime]] = {}
    for feed, at in c.execute(query):
        found.setdefault(feed, []).append(at)
    return found


def yields(c: Connection, since: datetime) -> dict[str, list[int]]:
    """How many posts each answer held that was read, oldest first: the history a thin answer is measured against."""
    query = select(polls.c.feed, polls.c.posts).where(polls.c.at >= since, polls.c.outcome == "ok").order_by(polls.c.at)
    found: dict[str, list[int]] = {}
    for feed, count in c.execute(query):
        found.setdefault(feed, []).append(count)
    return found


def watched_since(c: Connection) -> dict[str, datetime]:
    """When each feed was first polled, as far as polls are remembered: a feed may never have brought anything."""
    rows = c.execute(select(polls.c.feed, func.min(polls.c.at)).group_by(polls.c.feed))
    return {row[0]: row[1] for row in rows}


def first_poll(c: Connection) -> datetime | None:
    """When anything was polled first, as far as polls are remembered."""
    return c.execute(select(func.min(polls.c.at))).scalar()


def rate(c: Connection, feed: str, since: datetime, now: datetime) -> float | None:
    """New posts an hour of one feed since then; None where it was watched for less than an hour.

    What its first poll of that time brought had gathered before and is no rate. Reads this feed's rows only.
    """
    own = (polls.c.feed == feed, polls.c.at >= since)
    first: datetime | None = c.execute(select(func.min(polls.c.at)).where(*own)).scalar()
    if first is None or now - first < timedelta(hours=1):
        return None
    new = c.execute(select(func.sum(polls.c.new)).where(*own, polls.c.at > first)).scalar() or 0
    return float(new) / ((now - first).total_seconds() / 3600)


def lags(c: Connection, since: datetime) -> dict[str, timedelta]:
    """Median time from publication to collection of each feed's posts fetched since then."""
    query = select(posts.c.feed, posts.c.published_at, posts.c.fetched_at).where(
        posts.c.fetched_at >= since, posts.c.published_at.is_not(None)
    )
    found: dict[str, list[timedelta]] = {}
    for feed, published, fetched in c.execute(query):
        found.setdefault(feed, []).append(fetched - published)
    return {feed: sorted(each)[len(each) // 2] for feed, each in found.items()}


# ------------------------------------------------------------------ rows
def _free(now: datetime) -> Any:
    return or_(feeds.c.claimed_until.is_(None), feeds.c.claimed_until <= now)


def _held(state: FeedState) -> Any:
    return and_(feeds.c.name == state.name, feeds.c.claimed_until == state.claimed_until)


def _state(row: Mapping[str, Any] | Any) -> FeedState:
    return FeedState(**{name: row[name] for name in FeedState.__slots__})


def _poll(row: Mapping[str, Any] | Any) -> Poll:
    return Poll(**{name: row[name] for name in Poll.__slots__})


def _row(poll: Poll) -> dict[str, Any]:
    return {name: getattr(poll, name) for name in Poll.__slots__}
