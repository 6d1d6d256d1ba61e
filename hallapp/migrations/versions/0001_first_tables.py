"""The first tables: halls and slots, bookings, passes, the arrival ledger and its summaries, staff, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=True),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("address_zh", sa.String(length=200), nullable=False),
        sa.Column("address_en", sa.String(length=200), nullable=False),
        sa.Column("directions_zh", sa.Text(), nullable=False),
        sa.Column("directions_en", sa.Text(), nullable=False),
        sa.Column("bring_zh", sa.Text(), nullable=False),
        sa.Column("bring_en", sa.Text(), nullable=False),
        sa.Column("late_zh", sa.Text(), nullable=False),
        sa.Column("late_en", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("home_division", sa.String(length=8), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("retention_months", sa.Integer(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall")),
        sa.UniqueConstraint("host", name=op.f("uq_hall_host")),
        sa.UniqueConstraint("slug", name=op.f("uq_hall_slug")),
    )
    op.create_table(
        "rate_counter",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window_starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window_starts", name=op.f("pk_rate_counter")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "given_up", name="messagestate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_outbox_message_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_message_hall_id_created_at"), ["hall_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_outbox_message_state_due_at"), ["state", "due_at"], unique=False)

    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("about_zh", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=False),
        sa.Column("group_max", sa.Integer(), nullable=False),
        sa.Column("guides", sa.Integer(), nullable=False),
        sa.Column("mode", sa.Enum("on_site", "online", name="mode", native_enum=False, length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("group_min >= 1 AND group_min <= group_max", name=op.f("ck_programme_group_size")),
        sa.CheckConstraint("guides >= 0", name=op.f("ck_programme_guides")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_programme_minutes")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_programme_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("hall_id", "slug", name=op.f("uq_programme_hall_id_slug")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum("guide", "desk", "manager", "admin", name="role", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_staff_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_audit_entry_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_hall_id_at"), ["hall_id", "at"], unique=False)

    op.create_table(
        "day_summary",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "party",
                "union",
                "youth",
                "women",
                "government",
                "company",
                "school",
                "training",
                "association",
                "culture",
                "individual",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_day_summary_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_day_summary_programme_id_programme")),
        sa.PrimaryKeyConstraint("hall_id", "day", "programme_id", "kind", name=op.f("pk_day_summary")),
    )
    op.create_table(
        "division_summary",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "party",
                "union",
                "youth",
                "women",
                "government",
                "company",
                "school",
                "training",
                "association",
                "culture",
                "individual",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_division_summary_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_division_summary_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("hall_id", "day", "division", "programme_id", "kind", name=op.f("pk_division_summary")),
    )
    with op.batch_alter_table("division_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_division_summary_hall_id_division"), ["hall_id", "division"], unique=False)

    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("visitor_capacity", sa.Integer(), nullable=False),
        sa.Column("guide_capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitor_capacity > 0 AND guide_capacity >= 0", name=op.f("ck_opening_capacity")),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_opening_weekday")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_opening_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_opening_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("programme_id", "weekday", "starts", name=op.f("uq_opening_programme_id_weekday_starts")),
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visitor_capacity", sa.Integer(), nullable=False),
        sa.Column("guide_capacity", sa.Integer(), nullable=False),
        sa.Column("visitors_booked", sa.Integer(), nullable=False),
        sa.Column("guides_booked", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_ends_after_start")),
        sa.CheckConstraint("guides_booked >= 0 AND guides_booked <= guide_capacity", name=op.f("ck_slot_guides")),
        sa.CheckConstraint(
            "visitors_booked >= 0 AND visitors_booked <= visitor_capacity", name=op.f("ck_slot_visitors")
        ),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_slot_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_slot_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("programme_id", "starts_at", name=op.f("uq_slot_programme_id_starts_at")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_hall_id_day"), ["hall_id", "day"], unique=False)

    op.create_table(
        "walk_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "party",
                "union",
                "youth",
                "women",
                "government",
                "company",
                "school",
                "training",
                "association",
                "culture",
                "individual",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_walk_in_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_walk_in_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_in")),
    )
    with op.batch_alter_table("walk_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_walk_in_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("confirmed", "cancelled", name="bookingstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("source", sa.Enum("online", "staff", name="source", native_enum=False, length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "party",
                "union",
                "youth",
                "women",
                "government",
                "company",
                "school",
                "training",
                "association",
                "culture",
                "individual",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("contact_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("phone_tail", sa.String(length=4), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("guides", sa.Integer(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("visitors > 0", name=op.f("ck_booking_visitors")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_booking_hall_id_hall")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_booking_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("hall_id", "submission", name=op.f("uq_booking_hall_id_submission")),
        sa.UniqueConstraint("key", name=op.f("uq_booking_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_hall_id_created_at"), ["hall_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_hall_id_phone_tail"), ["hall_id", "phone_tail"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "desk_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "kind", sa.Enum("admit", "take_back", name="eventkind", native_enum=False, length=20), nullable=False
        ),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_id", sa.Integer(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("override", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(booking_id IS NULL) <> (walk_in_id IS NULL)", name=op.f("ck_desk_event_one_group")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_desk_event_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_desk_event_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_desk_event_staff_id_staff")),
        sa.ForeignKeyConstraint(["undoes_id"], ["desk_event.id"], name=op.f("fk_desk_event_undoes_id_desk_event")),
        sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_desk_event_walk_in_id_walk_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_event")),
        sa.UniqueConstraint("hall_id", "event_id", name=op.f("uq_desk_event_hall_id_event_id")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_desk_event_undoes_id")),
    )
    with op.batch_alter_table("desk_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_event_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_event_hall_id_day"), ["hall_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_event_hall_id_id"), ["hall_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_event_walk_in_id"), ["walk_in_id"], unique=False)

    op.create_table(
        "origin",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors > 0", name=op.f("ck_origin_visitors")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_origin_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_origin_hall_id_hall")),
        sa.PrimaryKeyConstraint("booking_id", "division", name=op.f("pk_origin")),
    )
    with op.batch_alter_table("origin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_origin_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_pass_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_pass_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass")),
        sa.UniqueConstraint("booking_id", "version", name=op.f("uq_pass_booking_id_version")),
        sa.UniqueConstraint("token", name=op.f("uq_pass_token")),
    )
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pass_hall_id"), ["hall_id"], unique=False)

    op.create_table(
        "arrival",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "party",
                "union",
                "youth",
                "women",
                "government",
                "company",
                "school",
                "training",
                "association",
                "culture",
                "individual",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors <> 0", name=op.f("ck_arrival_visitors")),
        sa.ForeignKeyConstraint(["event_id"], ["desk_event.id"], name=op.f("fk_arrival_event_id_desk_event")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_arrival_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_arrival_programme_id_programme")),
        sa.PrimaryKeyConstraint("event_id", "division", name=op.f("pk_arrival")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_arrival_hall_id_day_visitors"), ["hall_id", "day", "visitors"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_arrival_hall_id_day_visitors"))

    op.drop_table("arrival")
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pass_hall_id"))

    op.drop_table("pass")
    with op.batch_alter_table("origin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_origin_hall_id"))

    op.drop_table("origin")
    with op.batch_alter_table("desk_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_event_walk_in_id"))
        batch_op.drop_index(batch_op.f("ix_desk_event_hall_id_id"))
        batch_op.drop_index(batch_op.f("ix_desk_event_hall_id_day"))
        batch_op.drop_index(batch_op.f("ix_desk_event_booking_id"))

    op.drop_table("desk_event")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_slot_id"))
        batch_op.drop_index(batch_op.f("ix_booking_hall_id_phone_tail"))
        batch_op.drop_index(batch_op.f("ix_booking_hall_id_created_at"))

    op.drop_table("booking")
    with op.batch_alter_table("walk_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_walk_in_hall_id"))

    op.drop_table("walk_in")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_hall_id_day"))

    op.drop_table("slot")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_hall_id"))

    op.drop_table("opening")
    with op.batch_alter_table("division_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_division_summary_hall_id_division"))

    op.drop_table("division_summary")
    op.drop_table("day_summary")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_hall_id_at"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_hall_id"))

    op.drop_table("staff")
    op.drop_table("programme")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_message_hall_id_created_at"))

    op.drop_table("outbox_message")
    op.drop_table("rate_counter")
    op.drop_table("hall")
