"""A second factor at sign-in, and a register of who looked at which case."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("since", Moment()),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_second_factors_user")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "looks",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("incident", sa.String(length=20), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "user", "what", "incident", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_incident"), "looks", ["incident"])


def downgrade() -> None:
    op.drop_table("looks")
    op.drop_table("second_factors")
