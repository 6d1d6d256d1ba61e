"""Groups say how their visit was, once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("stars_visit", sa.Integer(), nullable=False),
        sa.Column("stars_guide", sa.Integer(), nullable=True),
        sa.Column("line", sa.String(length=300), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars_visit BETWEEN 1 AND 5", name=op.f("ck_feedback_stars_visit")),
        sa.CheckConstraint("stars_guide BETWEEN 1 AND 5", name=op.f("ck_feedback_stars_guide")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_feedback_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_feedback_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_feedback_booking_id")),
    )
    op.create_index(op.f("ix_feedback_hall_id_id"), "feedback", ["hall_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("feedback")
