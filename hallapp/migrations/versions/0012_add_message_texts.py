"""Message texts and channels of a hall."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KIND = sa.Enum(
    *("placed", "requested", "waitlisted", "offered", "confirmed", "declined", "lapsed", "changed", "moved"),
    *("cancelled", "cancelled_by_hall", "reminder", "thanks"),
    name="messagekind",
    native_enum=False,
    length=20,
)
CHANNEL = sa.Enum("email", "sms", name="channel", native_enum=False, length=20)


def upgrade() -> None:
    op.create_table(
        "message_text",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", CHANNEL, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_message_text_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "kind", "language", "channel", name=op.f("pk_message_text")),
    )
    op.create_table(
        "message_ways",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_message_ways_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "kind", name=op.f("pk_message_ways")),
    )


def downgrade() -> None:
    op.drop_table("message_ways")
    op.drop_table("message_text")
