"""What goes out, each once: messages, signed links, numbers of papers, periodic work. Knows columns only."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, Text, UniqueConstraint

from monitor.store.schema.columns import Moment, metadata

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
done = Table(  # periodic work already done once: digest per day, look-back per incident
    "done",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("detail", Text, nullable=False, default=""),
)
