"""The people of each month are stored with an import."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_month",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_month_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["history_import.id"], name=op.f("fk_history_month_import_id_history_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "month", name=op.f("pk_history_month")),
    )
    op.create_index(op.f("ix_history_month_hall_id"), "history_month", ["hall_id"], unique=False)


def downgrade() -> None:
    op.drop_table("history_month")
