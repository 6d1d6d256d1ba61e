"""The last day of a guide who no longer leads groups; unknown for those who left before this.

The page of such a guide asks for the day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0097"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("guide") as batch:
        batch.add_column(sa.Column("last_day", sa.Date(), nullable=True))
        batch.create_check_constraint("last_day", "NOT active OR last_day IS NULL")


def downgrade() -> None:
    with op.batch_alter_table("guide") as batch:
        batch.drop_constraint("last_day", type_="check")
        batch.drop_column("last_day")
