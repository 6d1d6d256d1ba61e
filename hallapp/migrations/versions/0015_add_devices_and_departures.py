"""Devices of the hall, and departures recorded by the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KIND = sa.Enum("kiosk", "screen", name="devicekind", native_enum=False, length=20)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_seen_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_device_created_by_staff")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_device_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_device_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("digest", name=op.f("uq_device_digest")),
    )
    op.create_index(op.f("ix_device_hall_id"), "device", ["hall_id"])
    op.create_table(
        "device_words",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kiosk_zh", sa.Text(), nullable=False),
        sa.Column("kiosk_en", sa.Text(), nullable=False),
        sa.Column("organisations", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_device_words_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_device_words")),
    )
    op.create_table(
        "presence_setting",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("counts_leaving", sa.Boolean(), nullable=False),
        sa.Column("warn_at_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "warn_at_percent >= 1 AND warn_at_percent <= 100", name=op.f("ck_presence_setting_warn_at_percent")
        ),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_presence_setting_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_presence_setting")),
    )
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("visitors <> 0", name=op.f("ck_departure_visitors")),
        sa.CheckConstraint("(visitors > 0) = (undoes_id IS NULL)", name=op.f("ck_departure_take_back")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_departure_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_departure_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_departure_staff_id_staff")),
        sa.ForeignKeyConstraint(["undoes_id"], ["departure.id"], name=op.f("fk_departure_undoes_id_departure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
        sa.UniqueConstraint("hall_id", "event_id", name=op.f("uq_departure_hall_id_event_id")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_departure_undoes_id")),
    )
    op.create_index(op.f("ix_departure_hall_id_day"), "departure", ["hall_id", "day"])
    op.create_index(op.f("ix_departure_booking_id"), "departure", ["booking_id"])


def downgrade() -> None:
    op.drop_table("departure")
    op.drop_table("presence_setting")
    op.drop_table("device_words")
    op.drop_table("device")
