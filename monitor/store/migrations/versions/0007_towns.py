"""属地 of accounts and of shifts: who is confined to which towns."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("towns", sa.JSON(), nullable=True))
    op.add_column("shifts", sa.Column("town", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("shifts", "town")
    op.drop_column("users", "towns")
