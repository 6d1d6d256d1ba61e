"""Chat robots among those who are alerted: the robot itself, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_recipient", sa.Column("secret", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("alert_recipient") as batch:
        batch.drop_column("secret")
