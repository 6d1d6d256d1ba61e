"""An introduction, notes about coaches and access, and notices with dates."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_TEXTS = ("intro_zh", "intro_en", "coach_zh", "coach_en", "access_zh", "access_en")


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("hall", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "notice",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("text_zh", sa.String(length=500), nullable=False),
        sa.Column("text_en", sa.String(length=500), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_notice_days")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_notice_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_notice")),
    )


def downgrade() -> None:
    op.drop_table("notice")
    for name in _TEXTS:
        op.drop_column("hall", name)
