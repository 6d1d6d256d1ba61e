"""Messages know their booking, and are erased with it; bookings know which privacy notice was accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0069"
branch_labels = None
depends_on = None

_SET = sa.text("booking_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("booking_id", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_outbox_message_booking_id"),
        "outbox_message",
        ["booking_id"],
        sqlite_where=_SET,
        postgresql_where=_SET,
    )
    op.create_table(
        "privacy_version",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_privacy_version_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "digest", name=op.f("pk_privacy_version")),
    )
    op.create_table(
        "privacy_words",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_privacy_words_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_privacy_words")),
    )
    op.add_column("booking", sa.Column("privacy", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("booking", "privacy")
    op.drop_table("privacy_words")
    op.drop_table("privacy_version")
    op.drop_index(op.f("ix_outbox_message_booking_id"), table_name="outbox_message")
    op.drop_column("outbox_message", "booking_id")
