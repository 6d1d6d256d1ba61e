"""Each person on a list may have a badge with a code of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_badge_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_badge_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_badge_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("person_id", "version", name=op.f("uq_badge_person_id_version")),
        sa.UniqueConstraint("token", name=op.f("uq_badge_token")),
    )
    op.create_index(op.f("ix_badge_booking_id"), "badge", ["booking_id"], unique=False)
    op.create_index(op.f("ix_badge_hall_id"), "badge", ["hall_id"], unique=False)
    op.create_table(
        "badge_arrival",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badge.id"], name=op.f("fk_badge_arrival_badge_id_badge")),
        sa.ForeignKeyConstraint(["event_id"], ["desk_event.id"], name=op.f("fk_badge_arrival_event_id_desk_event")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_badge_arrival_hall_id_hall")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_badge_arrival")),
    )
    op.create_index(op.f("ix_badge_arrival_badge_id"), "badge_arrival", ["badge_id"], unique=False)
    op.create_index(op.f("ix_badge_arrival_hall_id"), "badge_arrival", ["hall_id"], unique=False)
    op.create_table(
        "badge_layout",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(length=20), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("gap_x", sa.Integer(), nullable=False),
        sa.Column("gap_y", sa.Integer(), nullable=False),
        sa.Column("outlines", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_badge_layout_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_badge_layout")),
    )


def downgrade() -> None:
    op.drop_table("badge_layout")
    op.drop_table("badge_arrival")
    op.drop_table("badge")
