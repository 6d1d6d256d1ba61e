"""A booking's further states, its history, and pauses after no-shows."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 1000
STATES = sa.Enum(
    "requested",
    "confirmed",
    "declined",
    "waitlisted",
    "offered",
    "lapsed",
    "cancelled",
    "arrived",
    "absent",
    name="bookingstate",
    native_enum=False,
    length=20,
)
OFFER = "(state = 'offered') = (offered_until IS NOT NULL)"
INDEXES = (["hall_id", "phone"], ["hall_id", "organisation_key"], ["hall_id", "state", "slot_id"])


def upgrade() -> None:
    _let_tables_be_rebuilt()
    op.add_column("booking", sa.Column("organisation_key", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("booking", sa.Column("reply", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("booking", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking", sa.Column("over_limit", sa.String(length=200), nullable=True))
    _fill_organisation_keys()
    _mark_arrived()
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.alter_column(
            "organisation_key", existing_type=sa.String(length=200), existing_nullable=False, server_default=None
        )
        batch_op.alter_column(
            "reply", existing_type=sa.String(length=500), existing_nullable=False, server_default=None
        )
        batch_op.create_check_constraint(batch_op.f("ck_booking_offer"), OFFER)
        for columns in INDEXES:
            batch_op.create_index(batch_op.f(f"ix_booking_{'_'.join(columns)}"), columns, unique=False)
    _create_history()
    _write_history()
    _create_pauses()


def downgrade() -> None:
    """Bookings with places become confirmed, all others cancelled."""
    _let_tables_be_rebuilt()
    op.drop_table("pause")
    op.drop_table("booking_event")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        for columns in INDEXES:
            batch_op.drop_index(batch_op.f(f"ix_booking_{'_'.join(columns)}"))
        batch_op.drop_constraint(batch_op.f("ck_booking_offer"), type_="check")
        for name in ("organisation_key", "reply", "offered_until", "over_limit"):
            batch_op.drop_column(name)
    op.execute(
        "UPDATE booking SET state = 'cancelled', cancelled_at = coalesce(cancelled_at, created_at)"
        " WHERE state IN ('declined', 'waitlisted', 'lapsed')"
    )
    op.execute("UPDATE booking SET state = 'confirmed' WHERE state IN ('requested', 'offered', 'arrived', 'absent')")
    op.execute("UPDATE booking SET source = 'staff' WHERE source IN ('phone', 'window')")


def _fill_organisation_keys() -> None:
    booking = sa.table(
        "booking", sa.column("id", sa.Integer), sa.column("organisation", sa.String), sa.column("organisation_key")
    )
    fill = (
        sa.update(booking)
        .where(booking.c.id == sa.bindparam("booking_id"))
        .values(organisation_key=sa.bindparam("key", type_=sa.String))
    )
    bind, last = op.get_bind(), 0
    page = sa.select(booking.c.id, booking.c.organisation).order_by(booking.c.id).limit(BATCH)
    while rows := bind.execute(page.where(booking.c.id > last)).all():
        bind.execute(fill, [{"booking_id": id_, "key": _key(organisation)} for id_, organisation in rows])
        last = rows[-1].id


def _key(organisation: str) -> str:
    """A name as names are compared: without cases, widths, blanks and punctuation."""
    text = unicodedata.normalize("NFKC", organisation).casefold()
    return "".join(character for character in text if character.isalnum())[:200]


def _mark_arrived() -> None:
    op.execute(
        "UPDATE booking SET state = 'arrived' WHERE state = 'confirmed' AND id IN ("
        " SELECT desk_event.booking_id FROM desk_event JOIN arrival ON arrival.event_id = desk_event.id"
        " WHERE desk_event.booking_id IS NOT NULL GROUP BY desk_event.booking_id HAVING sum(arrival.visitors) > 0)"
    )


def _create_history() -> None:
    op.create_table(
        "booking_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "placed",
                "confirmed",
                "declined",
                "offered",
                "lapsed",
                "changed",
                "moved",
                "cancelled",
                "arrived",
                "absent",
                "set_right",
                "left",
                name="verb",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "actor", sa.Enum("organiser", "staff", "system", name="actor", native_enum=False, length=20), nullable=False
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("before", STATES, nullable=True),
        sa.Column("after", STATES, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_event_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_booking_event_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_booking_event_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_event")),
    )
    with op.batch_alter_table("booking_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_event_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_event_hall_id_at"), ["hall_id", "at"], unique=False)


def _write_history() -> None:
    # Until now only organisers cancelled.
    op.execute(
        'INSERT INTO booking_event (hall_id, booking_id, "at", verb, actor, "before", "after", detail)'
        " SELECT hall_id, id, created_at, 'placed', CASE WHEN source = 'online' THEN 'organiser' ELSE 'system' END,"
        " NULL, 'confirmed', '{}' FROM booking ORDER BY id"
    )
    op.execute(
        'INSERT INTO booking_event (hall_id, booking_id, "at", verb, actor, "before", "after", detail)'
        " SELECT hall_id, id, coalesce(cancelled_at, created_at), 'cancelled', 'organiser', 'confirmed', 'cancelled',"
        " '{}' FROM booking WHERE state = 'cancelled' ORDER BY id"
    )


def _create_pauses() -> None:
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=True),
        sa.Column("organisation_key", sa.String(length=200), nullable=True),
        sa.Column("absences", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lift_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_pause_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_pause_hall_id_hall")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["staff.id"], name=op.f("fk_pause_lifted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_hall_id_organisation_key"), ["hall_id", "organisation_key"])
        batch_op.create_index(batch_op.f("ix_pause_hall_id_phone"), ["hall_id", "phone"])


def _let_tables_be_rebuilt() -> None:
    """As in 0002: SQLite alters a table by dropping it, which foreign keys would forbid."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
