"""What came of looking into a firm that runs short."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("found", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_at"), "visits", ["at"])


def downgrade() -> None:
    op.drop_table("visits")
