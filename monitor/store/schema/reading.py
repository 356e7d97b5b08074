"""What was fetched and what it said: feeds, polls, evidence, posts, how far they spread. Knows columns only."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from monitor.store.schema.columns import Moment, metadata

feeds = Table(  # the state of each feed; what it is stands in feeds.yaml
    "feeds",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("due_at", Moment, nullable=False, index=True),
    Column("claimed_until", Moment),  # lease of the worker that polls it
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("cursor", Text),
    Column("last_try_at", Moment),
    Column("last_success_at", Moment),
    Column("last_new_at", Moment),  # when it last brought a post not seen before
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("outcome", String(20)),  # ok, not_modified, refused, failed
    Column("reason", Text),  # in words an operator understands
    Column("disabled_reason", Text),
)
polls = Table(  # one row a poll: yield history, coverage
    "polls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("posts", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("elapsed_ms", Integer, nullable=False, default=0),
    Index("ix_polls_feed_at", "feed", "at"),
)
evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("fetched_at", Moment, nullable=False, index=True),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),  # compressed (zlib)
    Column("keep", Boolean, nullable=False, default=False),  # an incident rests on it
)
posts = Table(
    "posts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("feed", String(200), nullable=False),
    Column("native_id", Text),
    Column("platform", String(100)),
    Column("url", Text),
    Column("title", Text),
    Column("text", Text, nullable=False),  # as published; shown only through unmask
    Column("masked_title", Text),
    Column("masked_text", Text, nullable=False),
    Column("author_code", String(12)),  # keyed hash, never a name
    Column("published_at", Moment),
    Column("fetched_at", Moment, nullable=False),
    Column("evidence", String(64)),
    Column("flag", String(10), nullable=False, index=True),
    Column("score", Float, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("life_risk", Boolean, nullable=False, default=False),
    Column("perhaps_life_risk", Boolean, nullable=False, default=False),  # with `life_risk`: a person said it is so
    Column("reasons", JSON, nullable=False),
    Column("model", String(100), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("incident", String(20), index=True),
    Column("joined_reason", Text),
    Column("review", String(12), index=True),  # pending, audit, confirmed, dismissed
    Column("reviewed_by", String(100)),
    Column("reviewed_at", Moment),
    Column("recorded_at", Moment, nullable=False, index=True),
    UniqueConstraint("feed", "native_id"),
)
observations = Table(  # engagement over time, per post: what the spread forecast reads
    "observations",
    metadata,
    Column("post", String(64), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("views", Integer),
    Column("likes", Integer),
    Column("comments", Integer),
    Column("reposts", Integer),
)
