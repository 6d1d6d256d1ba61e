"""The line before a hall's booking page at its release hour: the hall's rule, and one counter for each opening."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("line_on", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hall", sa.Column("line_opens", sa.Time(), nullable=False, server_default="08:00:00.000000"))
    op.add_column("hall", sa.Column("line_per_minute", sa.Integer(), nullable=False, server_default="60"))
    op.create_table(
        "line_counter",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_line_counter_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "opens_at", name=op.f("pk_line_counter")),
    )


def downgrade() -> None:
    op.drop_table("line_counter")
    for name in ("line_per_minute", "line_opens", "line_on"):
        op.drop_column("hall", name)
