"""Papers keep the numbers they were given."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", "number", name=op.f("pk_papers")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_papers_kind_subject")),
    )


def downgrade() -> None:
    op.drop_table("papers")
