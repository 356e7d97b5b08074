"""The tables. Knows columns and keys; knows no query. Migrations follow it (see migrations/).

Moments are stored as UTC `DateTime(timezone=True)` through `Moment`, so that SQLite gives aware values back.
JSON columns hold what is read whole and never searched by content.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from monitor.text import aware


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else aware(value).replace(tzinfo=None if dialect.name == "sqlite" else UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ---------------------------------------------------------------- collecting
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

# ---------------------------------------------------------------- posts
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

# ---------------------------------------------------------------- incidents
incidents = Table(
    "incidents",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("verification", String(12), nullable=False),
    Column("level", String(8), nullable=False),
    Column("level_reasons", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("route", JSON, nullable=False),
    Column("lead", String(40), nullable=False),
    Column("co", JSON, nullable=False),
    Column("town", String(100)),
    Column("sector", String(40), nullable=False),
    Column("posts", Integer, nullable=False),
    Column("life_risk", Boolean, nullable=False, default=False),
    Column("representative", String(64), nullable=False),  # post id: the star's centre
    Column("opened_at", Moment, nullable=False, index=True),
    Column("updated_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("close_code", String(4)),
    Column("merged_into", String(20), index=True),
    Column("paid_yuan", Float, nullable=False, default=0),
    Column("paid_workers", Integer, nullable=False, default=0),
    Column("closeout", JSON, nullable=False),  # proofs, public reply, first person, look-backs
)
signatures = Table(  # what posts of one debt share: employer, project, near-identical text (see incidents.place.keys)
    "signatures",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("incident", String(20), primary_key=True),
    Column("at", Moment, nullable=False),
    Index("ix_signatures_incident", "incident"),
)
links = Table(  # a person's corrections: survive re-clustering and retraining
    "links",
    metadata,
    Column("a", String(64), primary_key=True),  # post ids, a < b
    Column("b", String(64), primary_key=True),
    Column("must", Boolean, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)
assignments = Table(
    "assignments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", String(20), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("department", String(40), nullable=False, index=True),
    Column("role", String(4), nullable=False),
    Column("state", String(14), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hop", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
)
clocks = Table(
    "clocks",
    metadata,
    Column("incident", String(20), ForeignKey("incidents.id"), primary_key=True),
    Column("name", String(30), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("done_at", Moment),
    Column("basis", Text, nullable=False),
    Column("skipped", JSON, nullable=False),
    Column("escalation", Integer, nullable=False, default=0),  # steps already taken
    Column("next_step_at", Moment, index=True),  # when the next reminder or escalation is due
)
pauses = Table(
    "pauses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", String(20), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("reason", Text, nullable=False),
)
ledger = Table(  # append-only, hash-chained
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("incident", String(20), index=True),  # None: a review decision without incident
    Column("version", Integer),
    Column("act", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

# ---------------------------------------------------------------- messages
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("occasion", String(20), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("level", Integer, nullable=False),  # rank, 3 = red first
    Column("incident", String(20), index=True),
    Column("department", String(40)),
    Column("reason", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("state", String(10), nullable=False, index=True),  # queued, sending, sent, failed, held
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("claimed_until", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("sent_at", Moment),
)
tokens = Table(  # signed one-time links: used once, by POST only
    "tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("incident", String(20), nullable=False),
    Column("department", String(40), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("recipient", Text, nullable=False),
)

# ---------------------------------------------------------------- people and settings
users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("display", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2
    Column("role", String(20), nullable=False),  # duty, handler, leader, admin, auditor
    Column("department", String(40)),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the cookie
    Column("user", String(100), ForeignKey("users.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
shifts = Table(  # 值班表
    "shifts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("department", String(40), nullable=False),
    Column("starts_at", Moment, nullable=False, index=True),
    Column("ends_at", Moment, nullable=False),
    Column("name", Text, nullable=False),
    Column("mail", Text),
    Column("phone", Text),
    Column("note", Text, nullable=False, default=""),
)
swaps = Table(  # 换班: part of a shift taken by somebody else; the shift itself stays as planned
    "swaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shift", Integer, nullable=False, index=True),
    Column("department", String(40), nullable=False),
    Column("starts_at", Moment, nullable=False, index=True),
    Column("ends_at", Moment, nullable=False),
    Column("absent", Text, nullable=False),
    Column("name", Text, nullable=False),  # who takes it
    Column("mail", Text),
    Column("phone", Text),
    Column("reason", Text, nullable=False),
    Column("state", String(10), nullable=False),  # asked, agreed, refused, undone
    Column("asked_by", String(100), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("agreed_by", String(100)),
    Column("agreed_at", Moment),
    Column("ended_by", String(100)),  # who refused it or took it back
    Column("ended_at", Moment),
)
silences = Table(  # 静默: a person's written wish not to be told for a while; never of red, never of danger to life
    "silences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("author", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
    Column("incident", String(20), index=True),  # None: every incident
    Column("department", String(40)),  # None: every department
    Column("occasions", JSON, nullable=False),  # empty: every occasion
    Column("ended_at", Moment),
    Column("ended_by", String(100)),
    Column("ended_reason", Text),
    Column("released", Boolean, nullable=False, default=False),  # after its end: what is still open was told again
)
handovers = Table(  # 交班说明: written by the system when a shift changes, taken over by a person
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("department", String(40), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("began", Moment, nullable=False),
    Column("leaving", Text, nullable=False, default=""),
    Column("coming", Text, nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("zero", Boolean, nullable=False, default=False),  # 本班零报告
    Column("taken_by", String(100)),
    Column("taken_at", Moment),
    UniqueConstraint("department", "at"),
)
done = Table(  # periodic work already done once: digest per day, look-back per incident
    "done",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("detail", Text, nullable=False, default=""),
)
papers = Table(  # numbers given to papers: one a subject, counting on within kind and year
    "papers",
    metadata,
    Column("kind", String(20), primary_key=True),  # report, transfer, supervise, day, week, month
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(100), nullable=False),
    UniqueConstraint("kind", "subject"),
)
funds = Table(  # the district's lists of deposits and special accounts, each whole as it was loaded last
    "funds",
    metadata,
    Column("kind", String(12), primary_key=True),  # deposits, accounts
    Column("source", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of `lines`, as the ledger has it
    Column("as_of", String(10), nullable=False),  # the day its figures speak of
    Column("at", Moment, nullable=False),
    Column("by", String(100), nullable=False),
    Column("lines", JSON, nullable=False),
)
lists = Table(  # debts as other offices' lists tell of them: one row an import
    "lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(100), nullable=False),
    Column("first", String(10), nullable=False),  # local days that it speaks for, both included
    Column("last", String(10), nullable=False),
    Column("file", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
)
listed = Table(  # a debt each; no column is about a person, and none may be (tests/test_lists.py)
    "listed",
    metadata,
    Column("list", Integer, ForeignKey("lists.id"), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("day", String(10), nullable=False, index=True),
    Column("employer", Text),
    Column("project", Text),
    Column("place", Text),
    Column("town", String(100)),
    Column("sector", String(40), nullable=False),
    Column("workers", Integer),
    Column("amount_yuan", Float),
)
judged = Table(  # a person's yes or no: whether a listed debt is that of an incident
    "judged",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("incident", String(20), primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
)
files = Table(  # payment slips and other proofs
    "files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", String(20), ForeignKey("incidents.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("purpose", String(30), nullable=False),  # payment, confirmation, order, reply
)
