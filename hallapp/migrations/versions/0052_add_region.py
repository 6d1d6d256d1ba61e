"""The country of a hall, and its own choices of holidays, week, clock and paper."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("holiday_calendar", sa.String(length=10), nullable=False, server_default="CN"))
    op.add_column("hall", sa.Column("country", sa.String(length=2), nullable=False, server_default="CN"))
    op.add_column("hall", sa.Column("first_weekday", sa.Integer(), nullable=True))
    op.add_column("hall", sa.Column("clock", sa.String(length=20), nullable=True))
    op.add_column("hall", sa.Column("paper", sa.String(length=20), nullable=True))


def downgrade() -> None:
    for name in ("paper", "clock", "first_weekday", "country", "holiday_calendar"):
        op.drop_column("hall", name)
