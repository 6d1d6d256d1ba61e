"""An hour of its own for the daily summary of each person and chat robot."""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_recipient", sa.Column("summary_at", sa.Time(), nullable=True))


def downgrade() -> None:
    op.drop_column("alert_recipient", "summary_at")
