"""Guides: who they are, when they are on duty or away, and which groups they lead."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("languages", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_guide_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_guide_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_guide_staff_id")),
    )
    op.create_index(op.f("ix_guide_hall_id_name"), "guide", ["hall_id", "name"], unique=False)
    op.create_table(
        "guide_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("ends > starts", name=op.f("ck_guide_duty_ends_after_start")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_guide_duty_period")),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_guide_duty_weekday")),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_duty_guide_id_guide")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_guide_duty_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_duty")),
    )
    op.create_index(op.f("ix_guide_duty_guide_id"), "guide_duty", ["guide_id"], unique=False)
    op.create_table(
        "guide_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.CheckConstraint("last >= first", name=op.f("ck_guide_leave_period")),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_leave_guide_id_guide")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_guide_leave_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_leave")),
    )
    op.create_index(op.f("ix_guide_leave_guide_id"), "guide_leave", ["guide_id"], unique=False)
    op.create_table(
        "guide_programme",
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_programme_guide_id_guide")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_guide_programme_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_guide_programme_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("guide_id", "programme_id", name=op.f("pk_guide_programme")),
    )
    op.create_table(
        "guide_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "dropped_why",
            sa.Enum("moved", "gone", "fewer", "guide", name="dropped", native_enum=False, length=20),
            nullable=True,
        ),
        sa.CheckConstraint("(dropped_at IS NULL) = (dropped_why IS NULL)", name=op.f("ck_guide_assignment_dropped")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_guide_assignment_booking_id_booking")),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_assignment_guide_id_guide")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_guide_assignment_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_assignment")),
        sa.UniqueConstraint("booking_id", "guide_id", name=op.f("uq_guide_assignment_booking_id_guide_id")),
    )
    op.create_index(
        op.f("ix_guide_assignment_hall_id_guide_id"), "guide_assignment", ["hall_id", "guide_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("guide_assignment")
    op.drop_table("guide_programme")
    op.drop_table("guide_leave")
    op.drop_table("guide_duty")
    op.drop_table("guide")
