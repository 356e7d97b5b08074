"""What people ask about the data held on them, and what was answered."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("link", sa.Text()),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("proof", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=10)),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.String(length=100)),
        sa.Column("answered_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )
    op.create_index(op.f("ix_wishes_mark"), "wishes", ["mark"])
    op.create_index(op.f("ix_wishes_due_at"), "wishes", ["due_at"])


def downgrade() -> None:
    op.drop_table("wishes")
