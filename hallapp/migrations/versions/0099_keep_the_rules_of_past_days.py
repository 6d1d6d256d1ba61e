"""The closing days and the rules of holidays of earlier days, for halls that change them."""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_day_rules",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("closed_weekdays", sa.String(length=7), nullable=False),
        sa.Column("holidays", sa.String(length=20), nullable=False),
        sa.Column("makeup_days", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_past_day_rules_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "until", name=op.f("pk_past_day_rules")),
    )


def downgrade() -> None:
    op.drop_table("past_day_rules")
