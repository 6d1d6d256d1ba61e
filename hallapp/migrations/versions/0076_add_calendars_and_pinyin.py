"""Private calendars of guides and halls; the pinyin of bookings, which the worker stores; lists of one person;
websites that may show the free times.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0084"
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
    op.create_table(
        "embed_site",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=280), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_embed_site_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "origin", name=op.f("pk_embed_site")),
    )
    op.add_column("booking", sa.Column("pinyin", sa.Text(), nullable=True))
    missing = sa.text("pinyin IS NULL")
    op.create_index("ix_booking_pinyin_missing", "booking", ["hall_id"], sqlite_where=missing, postgresql_where=missing)
    with op.batch_alter_table("saved_search") as batch:
        person = sa.ForeignKey("staff.id", name=op.f("fk_saved_search_staff_id_staff"))
        batch.add_column(sa.Column("staff_id", sa.Integer(), person, nullable=True))
    op.create_index(op.f("ix_calendar_feed_hall_id_guide_id"), "calendar_feed", ["hall_id", "guide_id"])


def downgrade() -> None:
    with op.batch_alter_table("saved_search") as batch:
        batch.drop_constraint(op.f("fk_saved_search_staff_id_staff"), type_="foreignkey")
        batch.drop_column("staff_id")
    op.drop_index("ix_booking_pinyin_missing", "booking")
    op.drop_column("booking", "pinyin")
    op.drop_table("embed_site")
    op.drop_table("calendar_feed")
