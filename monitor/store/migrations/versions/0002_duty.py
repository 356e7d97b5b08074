"""Swaps of shifts, silences and hand-over notes get tables of their own."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("agreed_by", sa.String(length=100)),
        sa.Column("agreed_at", Moment()),
        sa.Column("ended_by", sa.String(length=100)),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    op.create_index(op.f("ix_swaps_shift"), "swaps", ["shift"])
    op.create_index(op.f("ix_swaps_starts_at"), "swaps", ["starts_at"])
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("incident", sa.String(length=20)),
        sa.Column("department", sa.String(length=40)),
        sa.Column("occasions", sa.JSON(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.Column("ended_by", sa.String(length=100)),
        sa.Column("ended_reason", sa.Text()),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index(op.f("ix_silences_until"), "silences", ["until"])
    op.create_index(op.f("ix_silences_incident"), "silences", ["incident"])
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("began", Moment(), nullable=False),
        sa.Column("leaving", sa.Text(), nullable=False),
        sa.Column("coming", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("zero", sa.Boolean(), nullable=False),
        sa.Column("taken_by", sa.String(length=100)),
        sa.Column("taken_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("department", "at", name=op.f("uq_handovers_department_at")),
    )
    op.create_index(op.f("ix_handovers_at"), "handovers", ["at"])
