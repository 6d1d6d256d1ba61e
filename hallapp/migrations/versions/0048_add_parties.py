"""Large groups whose visit has several parts, and series of dates: bookings that belong together have one number."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_COLUMNS = (("booking", "party"), ("booking", "series"), ("desk_event", "party"))


def upgrade() -> None:
    op.add_column("hall", sa.Column("large_group_max", sa.Integer(), nullable=False, server_default="0"))
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table, column in _COLUMNS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_column(table, column)
    op.drop_column("hall", "large_group_max")
