"""Appeals of organisers against pauses after no-shows, and the block list."""

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
    op.create_table(
        "block",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("organisation_key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_block_hall_id_hall")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["staff.id"], name=op.f("fk_block_lifted_by_id_staff")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_block_made_by_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_hall_id_phone"), "block", ["hall_id", "phone"])
    op.create_index(op.f("ix_block_hall_id_organisation_key"), "block", ["hall_id", "organisation_key"])


def downgrade() -> None:
    op.drop_table("block")
    op.drop_table("appeal")
