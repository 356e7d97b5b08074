"""Who works here, when, and who looked at what: accounts, roster, silences, hand-overs. Knows columns only."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from monitor.store.schema.columns import Moment, metadata

users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("display", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2
    Column("role", String(20), nullable=False),  # duty, handler, leader, admin, auditor
    Column("department", String(40)),
    Column("towns", JSON),  # 属地 the account is confined to; null: every town
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
second_factors = Table(  # 两步验证: a shared secret with somebody's phone; only sealed and hashed here
    "second_factors",
    metadata,
    Column("user", String(100), ForeignKey("users.name"), primary_key=True),
    Column("secret", Text, nullable=False),  # sealed with the installation's key
    Column("since", Moment),  # None: shown, and not yet confirmed by a first code
    Column("used", Integer, nullable=False, default=0),  # the last step whose code was used: each serves once
    Column("recovery", JSON, nullable=False),  # first group -> argon2 of the whole code
)
looks = Table(  # 查阅: which officer opened what of which case on a day; about officers, never about posters
    "looks",
    metadata,
    Column("day", String(10), primary_key=True),  # Asia/Shanghai
    Column("user", String(100), primary_key=True),
    Column("what", String(12), primary_key=True),  # case, paper, proof, export, wish
    Column("incident", String(20), primary_key=True),  # empty: of the whole ledger
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Index("ix_looks_incident", "incident"),
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
    Column("town", String(100)),  # only for cases of this town; null: for every case of the department
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
