"""Sessions of online programmes, the screens that follow them, questions, and the ledger of the audience."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "online_session",
        *_keys("online_session"),
        sa.Column("stream", sa.String(length=500), nullable=False),
        sa.Column("recording", sa.String(length=500), nullable=False),
        sa.Column("peak", sa.Integer(), nullable=False),
        sa.CheckConstraint("peak >= 0", name=op.f("ck_online_session_peak")),
        sa.PrimaryKeyConstraint("hall_id", "slot_id", name=op.f("pk_online_session")),
    )
    op.create_index(op.f("ix_online_session_slot_id"), "online_session", ["slot_id"])
    op.create_table(
        "online_viewer",
        *_keys("online_viewer"),
        sa.Column("device", sa.String(length=22), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_online_viewer_booking_id_booking")),
        sa.PrimaryKeyConstraint("hall_id", "slot_id", "device", name=op.f("pk_online_viewer")),
    )
    op.create_index(op.f("ix_online_viewer_hall_id_booking_id"), "online_viewer", ["hall_id", "booking_id"])
    op.create_index(op.f("ix_online_viewer_slot_id"), "online_viewer", ["slot_id"])
    op.create_table(
        "online_beat",
        *_keys("online_beat"),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "slot_id", "minute", "device", name=op.f("pk_online_beat")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audience",
        *_keys("audience"),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people <> 0 OR minutes <> 0", name=op.f("ck_audience_counted")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_audience_booking_id_booking")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_audience_programme_id_programme")),
        sa.PrimaryKeyConstraint("hall_id", "event", name=op.f("pk_audience")),
    )
    op.create_index(op.f("ix_audience_hall_id_day"), "audience", ["hall_id", "day"])
    op.create_index(op.f("ix_audience_slot_id"), "audience", ["slot_id"])
    op.create_table(
        "online_question",
        *_keys("online_question"),
        sa.Column("number", sa.String(length=22), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_online_question_booking_id_booking")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_online_question")),
    )
    op.create_index(op.f("ix_online_question_hall_id_slot_id"), "online_question", ["hall_id", "slot_id"])
    op.create_index(op.f("ix_online_question_booking_id"), "online_question", ["booking_id"])


def downgrade() -> None:
    for table in ("online_question", "audience", "online_beat", "online_viewer", "online_session"):
        op.drop_table(table)


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    """Return the columns of the hall and the session, with their foreign keys."""
    return [
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f(f"fk_{table}_hall_id_hall")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f(f"fk_{table}_slot_id_slot")),
    ]
