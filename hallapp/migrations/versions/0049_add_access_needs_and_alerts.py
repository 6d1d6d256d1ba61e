"""Access needs of bookings, and whom of the staff a hall alerts of requests, cancellations and failed messages.

Bookings that exist have no access needs. A hall asks for those with which every hall can help.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_ACCESS = "wheelchairs,sign_language,slow_pace,large_print"


def upgrade() -> None:
    op.add_column("booking", sa.Column("access", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("hall", sa.Column("access_needs", sa.String(length=120), nullable=False, server_default=_ACCESS))
    op.create_table(
        "alert_recipient",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("kinds", sa.String(length=120), nullable=False),
        sa.Column("pace", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("reported_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_alert_recipient_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_alert_recipient")),
        sa.UniqueConstraint("hall_id", "channel", "address", name=op.f("uq_alert_recipient_hall_id_channel_address")),
    )


def downgrade() -> None:
    op.drop_table("alert_recipient")
    op.drop_column("hall", "access_needs")
    op.drop_column("booking", "access")
