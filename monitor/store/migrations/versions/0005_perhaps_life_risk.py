"""Posts that perhaps tell of danger to life are read first; of those stored before nobody asked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "posts", sa.Column("perhaps_life_risk", sa.Boolean(), nullable=False, server_default=sa.false())
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("posts", "perhaps_life_risk")
