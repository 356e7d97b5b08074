"""What is brought: other offices' lists (deposits, special accounts, arrears, debts) and what people ask.

Knows columns only.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from monitor.store.schema.columns import Moment, metadata

funds = Table(  # lists of deposits, special accounts and firms in arrears, each whole as it was loaded last
    "funds",
    metadata,
    Column("kind", String(12), primary_key=True),  # one of monitor.backing.LISTS
    Column("source", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of `lines`, as the ledger has it
    Column("as_of", String(10), nullable=False),  # the day its figures speak of
    Column("at", Moment, nullable=False),
    Column("by", String(100), nullable=False),
    Column("lines", JSON, nullable=False),
)
visits = Table(  # what came of looking into a firm that runs short; companies only
    "visits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("firm", Text, nullable=False),  # as a list of arrears writes it
    Column("found", String(10), nullable=False),  # one of monitor.backing.Found
    Column("note", Text, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False, index=True),
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
wishes = Table(  # 个人信息请求: known by the link that was presented; nobody's name, account or number is kept
    "wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),  # access, correct, erase
    Column("link", Text),  # gone once the wish is answered
    Column("mark", String(64), nullable=False, index=True),  # keyed hash of the link: known again, never read back
    Column("wish", Text, nullable=False),  # masked
    Column("proof", String(10), nullable=False),  # how it was shown that the post is theirs: account, shown, family
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("outcome", String(10)),  # done, refused, unheld; null: waits
    Column("answer", Text),
    Column("answered_by", String(100)),
    Column("answered_at", Moment),
)
