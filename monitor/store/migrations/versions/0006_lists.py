"""Debts as other offices' lists tell of them, and what a person said of each."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("undone_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_table(
        "listed",
        sa.Column("list", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("employer", sa.Text()),
        sa.Column("project", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("town", sa.String(length=100)),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("workers", sa.Integer()),
        sa.Column("amount_yuan", sa.Float()),
        sa.ForeignKeyConstraint(["list"], ["lists.id"], name=op.f("fk_listed_list")),
        sa.PrimaryKeyConstraint("list", "key", name=op.f("pk_listed")),
    )
    op.create_index(op.f("ix_listed_day"), "listed", ["day"])
    op.create_table(
        "judged",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("incident", sa.String(length=20), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", "incident", name=op.f("pk_judged")),
    )


def downgrade() -> None:
    op.drop_table("judged")
    op.drop_table("listed")
    op.drop_table("lists")
