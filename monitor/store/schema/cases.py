"""Incidents and what hangs on one: what its posts share, desks, clocks, proofs, the ledger. Knows columns only."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from monitor.store.schema.columns import Moment, metadata

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
signatures = Table(  # what posts of one debt share: employer, project, near-identical text (monitor.incidents.keys)
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
