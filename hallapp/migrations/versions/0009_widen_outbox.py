"""The outbox holds text messages too, mails in HTML with a calendar entry, and what may be told only once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHANNEL = sa.Enum("email", "sms", name="channel", native_enum=False, length=20)


def upgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", CHANNEL, nullable=False, server_default="email"))
        batch_op.add_column(sa.Column("once", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("html", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("calendar", sa.Text(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_outbox_message_hall_id_once"), ["hall_id", "once"])
        batch_op.drop_index(op.f("ix_outbox_message_state_due_at"))
        batch_op.create_index(op.f("ix_outbox_message_state_channel_due_at"), ["state", "channel", "due_at"])
        batch_op.create_index(op.f("ix_outbox_message_hall_id_state_id"), ["hall_id", "state", "id"])
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.alter_column("channel", existing_type=CHANNEL, existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_outbox_message_hall_id_state_id"))
        batch_op.drop_index(op.f("ix_outbox_message_state_channel_due_at"))
        batch_op.create_index(op.f("ix_outbox_message_state_due_at"), ["state", "due_at"])
        batch_op.drop_constraint(op.f("uq_outbox_message_hall_id_once"), type_="unique")
        for name in ("calendar", "html", "once", "channel"):
            batch_op.drop_column(name)
