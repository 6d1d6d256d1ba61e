"""Appeals of organisers against pauses after no-shows."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("pause_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["staff.id"], name=op.f("fk_appeal_answered_by_id_staff")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_appeal_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_appeal_hall_id_hall")),
        sa.ForeignKeyConstraint(["pause_id"], ["pause.id"], name=op.f("fk_appeal_pause_id_pause")),
        sa.PrimaryKeyConstraint("hall_id", "pause_id", name=op.f("pk_appeal")),
    )
    op.create_index(op.f("ix_appeal_hall_id_state"), "appeal", ["hall_id", "state"])
    op.create_index(op.f("ix_appeal_booking_id"), "appeal", ["booking_id"])


def downgrade() -> None:
    op.drop_table("appeal")
