"""Posts and how far each has gone. Knows the tables `posts` and `observations`; judges nothing.

`text` and `title` are as published and leave this file only for the ledger and an unmasking; pages, mails and exports
read `masked_title` and `masked_text`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, not_, select, tuple_, update

from monitor.model import Engagement, Post, full_text
from monitor.store.parts import parts
from monitor.store.schema import observations, posts

Row = dict[str, Any]

SHOWN = [column for column in posts.c if column.name not in ("text", "title", "author_code")]
_DANGER_FIRST = (posts.c.life_risk.desc(), posts.c.perhaps_life_risk.desc())


def known(c: Connection, wanted: Sequence[Post]) -> dict[str, str]:
    """Which of these posts are stored, by id or by feed and native id: {asked id: stored id}."""
    found: dict[str, str] = {}
    for part in parts(wanted):
        ids = [post.id for post in part]
        found.update((id_, id_) for (id_,) in c.execute(select(posts.c.id).where(posts.c.id.in_(ids))))
        by_feed: dict[str, dict[str, str]] = {}
        for post in part:
            if post.native_id is not None:
                by_feed.setdefault(post.feed or "", {})[post.native_id] = post.id
        for feed, natives in by_feed.items():  # feed by feed: SQLite looks pairs up by reading the whole table
            query = select(posts.c.native_id, posts.c.id).where(
                posts.c.feed == feed, posts.c.native_id.in_(list(natives))
            )
            for native, id_ in c.execute(query):
                found.setdefault(natives[native], id_)
    return found


def add(c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores new posts; the caller has asked `known` in the same transaction."""
    for part in parts(rows):
        c.execute(insert(posts), list(part))


def one(c: Connection, post: str) -> Row | None:
    """The whole row, unmasked text included: for the ledger and for unmasking only."""
    row = c.execute(select(posts).where(posts.c.id == post)).mappings().first()
    return dict(row) if row else None


def between(c: Connection, since: datetime, until: datetime) -> Iterator[Row]:
    """What a model would read again of the posts recorded since <= t < until, unmasked, and what came of each then."""
    shown = ("id", "title", "text", "flag", "score", "model", "review", "incident")
    query = select(*(posts.c[name] for name in shown)).where(posts.c.recorded_at >= since, posts.c.recorded_at < until)
    for row in c.execute(query.order_by(posts.c.recorded_at, posts.c.id)).mappings():
        yield dict(row)


def texts(c: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The full texts of posts, unmasked: what a new post is compared with."""
    found: dict[str, str] = {}
    for part in parts(ids):
        query = select(posts.c.id, posts.c.title, posts.c.text).where(posts.c.id.in_(part))
        found.update((row[0], full_text(row[1], row[2])) for row in c.execute(query))
    return found


def shown(c: Connection, post: str) -> Row | None:
    """A post as a page may show it: masked, without author code."""
    row = c.execute(select(*SHOWN).where(posts.c.id == post)).mappings().first()
    return dict(row) if row else None


def decided_by(c: Connection, person: str, since: datetime, limit: int) -> list[Row]:
    """What a reviewer decided since then and has not taken back, the latest first, as a page may show it."""
    own = (posts.c.reviewed_by == person, posts.c.reviewed_at >= since, posts.c.review.in_(("confirmed", "dismissed")))
    query = select(*SHOWN).where(*own).order_by(posts.c.reviewed_at.desc(), posts.c.id).limit(limit)
    return [dict(row) for row in c.execute(query).mappings()]


def place_in(c: Connection, ids: Collection[str], incident: str | None, reason: str) -> None:
    """Moves posts into an incident (None: out of any)."""
    for part in parts(ids):
        c.execute(update(posts).where(posts.c.id.in_(part)).values(incident=incident, joined_reason=reason))


def reviewed(c: Connection, post: str, verdict: str, by: str, at: datetime) -> bool:
    """Writes a person's decision (`confirmed`, `dismissed`) on a post; False when somebody was first."""
    waiting = posts.c.review.is_(None) | posts.c.review.in_(("pending", "audit"))
    query = update(posts).where(posts.c.id == post, waiting).values(review=verdict, reviewed_by=by, reviewed_at=at)
    return c.execute(query).rowcount == 1


def wait(c: Connection, post: str) -> None:
    """Puts a decided post back into the review queue."""
    values = {"review": "pending", "reviewed_by": None, "reviewed_at": None}
    read = and_(posts.c.life_risk, not_(posts.c.perhaps_life_risk))  # by the machine; what a person said is taken back
    c.execute(update(posts).where(posts.c.id == post).values(**values, life_risk=read))


def excerpts_in(c: Connection, incidents: Collection[str], limit: int = 3) -> dict[str, list[Row]]:
    """The posts a message shows of each incident, masked: danger to life first, then the surest; none: left out."""
    order = (*_DANGER_FIRST, posts.c.score.desc(), posts.c.id)
    place = func.row_number().over(partition_by=posts.c.incident, order_by=order).label("place")
    found: dict[str, list[Row]] = {}
    for part in parts(sorted(set(incidents))):
        ranked = select(*SHOWN, posts.c.title, posts.c.text, place).where(posts.c.incident.in_(part)).subquery()
        query = select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.incident, ranked.c.place)
        for row in c.execute(query).mappings():
            found.setdefault(row["incident"], []).append({name: row[name] for name in row if name != "place"})
    return found


def ids_in(c: Connection, incidents: Collection[str], limit: int = 200) -> dict[str, list[str]]:
    """The posts of incidents, by their ids; those of an incident that has more than `limit` are left out."""
    found: dict[str, list[str]] = {}
    for part in parts(sorted(set(incidents))):
        few = select(posts.c.incident).where(posts.c.incident.in_(part)).group_by(posts.c.incident)
        few = few.having(func.count() <= limit)
        query = select(posts.c.incident, posts.c.id).where(posts.c.incident.in_(few)).order_by(posts.c.id)
        for incident, post in c.execute(query):
            found.setdefault(incident, []).append(post)
    return found


def review_queue(c: Connection, limit: int = 50, offset: int = 0) -> list[Row]:
    """Posts that wait for a person, masked: danger to life first, then what may be one, the surest, the oldest."""
    order = (*_DANGER_FIRST, posts.c.score.desc(), posts.c.recorded_at, posts.c.id)
    query = select(*SHOWN).where(posts.c.review.in_(("pending", "audit"))).order_by(*order)
    return [dict(row) for row in c.execute(query.limit(limit).offset(offset)).mappings()]


def review_count(c: Connection) -> int:
    """How many posts wait for a person."""
    waiting = posts.c.review.in_(("pending", "audit"))
    return c.execute(select(func.count()).select_from(posts).where(waiting)).scalar_one()


def observe(c: Connection, seen: Sequence[tuple[str, datetime, Engagement]]) -> None:
    """Keeps how far posts had gone at a moment; the same moment twice is kept once, as last seen."""
    rows = {
        (post, at): {
            "post": post,
            "at": at,
            "views": e.views,
            "likes": e.likes,
            "comments": e.comments,
            "reposts": e.reposts,
        }
        for post, at, e in seen
    }
    for part in parts(rows):
        c.execute(delete(observations).where(tuple_(observations.c.post, observations.c.at).in_(part)))
        c.execute(insert(observations), [rows[key] for key in part])


def observe_new(c: Connection, seen: Sequence[tuple[str, datetime, Engagement]]) -> None:
    """The first observations of posts that have just been stored."""
    for part in parts(seen):
        rows = [
            {"post": post, "at": at, "views": e.views, "likes": e.likes, "comments": e.comments, "reposts": e.reposts}
            for post, at, e in part
        ]
        c.execute(insert(observations), rows)


def most_comments(c: Connection, ids: Collection[str]) -> dict[str, int]:
    """The highest number of comments ever observed on each of these posts; those never counted are left out."""
    found: dict[str, int] = {}
    for part in parts(ids):
        query = select(observations.c.post, func.max(observations.c.comments)).where(observations.c.post.in_(part))
        rows = c.execute(query.where(observations.c.comments.is_not(None)).group_by(observations.c.post))
        found.update((row[0], row[1]) for row in rows)
    return found


def last_observed(c: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When each of these posts was last looked at; those never observed are left out."""
    found: dict[str, datetime] = {}
    for part in parts(ids):
        query = select(observations.c.post, func.max(observations.c.at)).where(observations.c.post.in_(part))
        found.update((row[0], row[1]) for row in c.execute(query.group_by(observations.c.post)))
    return found


def observed(c: Connection, incident: str) -> list[Row]:
    """Every observation of the posts of an incident, oldest first."""
    query = (
        select(observations)
        .join(posts, posts.c.id == observations.c.post)
        .where(posts.c.incident == incident)
        .order_by(observations.c.at)
    )
    return [dict(row) for row in c.execute(query).mappings()]


def spread(c: Connection, incidents: Collection[str]) -> dict[str, Engagement]:
    """Per incident, the sum over its posts of the last known counts; None where no platform said anything."""
    keys = ("views", "likes", "comments", "reposts")
    sums: dict[str, dict[str, int | None]] = {}
    for part in parts(incidents):
        query = (
            select(posts.c.incident, observations)
            .join(posts, posts.c.id == observations.c.post)
            .where(posts.c.incident.in_(part))
            .order_by(observations.c.at)
        )
        newest = {row["post"]: row for row in c.execute(query).mappings()}
        for row in newest.values():
            counts = sums.setdefault(row["incident"], dict.fromkeys(keys))
            for key in keys:
                if row[key] is not None:
                    counts[key] = (counts[key] or 0) + row[key]
    return {incident: Engagement(**counts) for incident, counts in sums.items()}


def incidents_of(c: Connection, ids: Collection[str]) -> set[str]:
    """The incidents that any of these posts belong to."""
    found: set[str] = set()
    for part in parts(ids):
        query = select(posts.c.incident).where(posts.c.id.in_(part), posts.c.incident.is_not(None)).distinct()
        found |= set(c.execute(query).scalars())
    return found


def accounts(c: Connection, incident: str) -> set[str | None]:
    """The codes of the accounts that speak of an incident; only how many there are counts, and it leads to nobody."""
    return set(c.execute(select(posts.c.author_code).where(posts.c.incident == incident).distinct()).scalars())


def first_of(c: Connection, ids: Collection[str]) -> dict[str, Row]:
    """Per incident, where its first post stands (platform, url, feed)."""
    found: dict[str, Row] = {}
    for part in parts(ids):
        query = select(posts.c.incident, posts.c.platform, posts.c.url, posts.c.feed).where(posts.c.incident.in_(part))
        for row in c.execute(query.order_by(posts.c.recorded_at, posts.c.id)).mappings():
            found.setdefault(row["incident"], dict(row))
    return found


def accounts_of(c: Connection, ids: Collection[str]) -> dict[str, int]:
    """Per incident, how many different accounts speak of it."""
    found: dict[str, int] = {}
    for part in parts(ids):
        query = select(posts.c.incident, func.count(func.distinct(posts.c.author_code)))
        found.update(
            (row[0], row[1]) for row in c.execute(query.where(posts.c.incident.in_(part)).group_by(posts.c.incident))
        )
    return found
