"""Webhooks: systems that receive events, the events, and each attempt to deliver one."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("kinds", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", moment, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("switched_off_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_webhook_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_health",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("webhook_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("rest_until", moment, nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_webhook_health_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "webhook_number"],
            ["webhook.hall_id", "webhook.number"],
            name=op.f("fk_webhook_health_hall_id_webhook_number_webhook"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "webhook_number", name=op.f("pk_webhook_health")),
    )
    op.create_table(
        "webhook_event",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_webhook_event_hall_id_hall")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_webhook_event_booking_id_booking")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_webhook_event")),
    )
    op.create_index(op.f("ix_webhook_event_hall_id_created_at"), "webhook_event", ["hall_id", "created_at"])
    op.create_index(op.f("ix_webhook_event_hall_id_booking_id"), "webhook_event", ["hall_id", "booking_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("webhook_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("claimed_until", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_webhook_delivery_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "webhook_number"],
            ["webhook.hall_id", "webhook.number"],
            name=op.f("fk_webhook_delivery_hall_id_webhook_number_webhook"),
        ),
        sa.ForeignKeyConstraint(
            ["hall_id", "event_id"],
            ["webhook_event.hall_id", "webhook_event.id"],
            name=op.f("fk_webhook_delivery_hall_id_event_id_webhook_event"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "webhook_number", "event_id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(op.f("ix_webhook_delivery_outcome_due_at"), "webhook_delivery", ["outcome", "due_at"])
    op.create_index(op.f("ix_webhook_delivery_hall_id_event_id"), "webhook_delivery", ["hall_id", "event_id"])
    op.create_table(
        "webhook_attempt",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("webhook_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_webhook_attempt_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "webhook_number", "event_id"],
            ["webhook_delivery.hall_id", "webhook_delivery.webhook_number", "webhook_delivery.event_id"],
            name=op.f("fk_webhook_attempt_delivery"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "webhook_number", "event_id", "at", name=op.f("pk_webhook_attempt")),
    )


def downgrade() -> None:
    for table in ("webhook_attempt", "webhook_delivery", "webhook_event", "webhook_health", "webhook"):
        op.drop_table(table)
