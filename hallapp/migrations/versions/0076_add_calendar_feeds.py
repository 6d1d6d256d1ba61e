"""Private calendars of guides and halls."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_calendar_feed_hall_id_hall")),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_calendar_feed_guide_id_guide")),
        sa.PrimaryKeyConstraint("hall_id", "digest", name=op.f("pk_calendar_feed")),
    )
    op.create_index(op.f("ix_calendar_feed_hall_id_guide_id"), "calendar_feed", ["hall_id", "guide_id"])


def downgrade() -> None:
    op.drop_table("calendar_feed")
