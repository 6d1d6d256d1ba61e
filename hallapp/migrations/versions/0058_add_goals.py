"""The yearly goal of a hall; accounts that read the totals of other halls; public links of a report."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_goal",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors > 0", name=op.f("ck_visitor_goal_visitors")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_visitor_goal_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "year", name=op.f("pk_visitor_goal")),
    )


def downgrade() -> None:
    op.drop_table("visitor_goal")
