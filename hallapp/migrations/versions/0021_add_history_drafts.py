"""Files of figures from before are read, settled and counted."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_draft_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_history_draft_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_draft")),
    )
    op.create_index(op.f("ix_history_draft_hall_id_id"), "history_draft", ["hall_id", "id"], unique=False)
    op.create_table(
        "history_chunk",
        sa.Column("draft_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["history_draft.id"], name=op.f("fk_history_chunk_draft_id_history_draft")
        ),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_chunk_hall_id_hall")),
        sa.PrimaryKeyConstraint("draft_id", "position", name=op.f("pk_history_chunk")),
    )
    op.create_table(
        "history_text",
        sa.Column("draft_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["history_draft.id"], name=op.f("fk_history_text_draft_id_history_draft")
        ),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_text_hall_id_hall")),
        sa.PrimaryKeyConstraint("draft_id", "topic", "position", name=op.f("pk_history_text")),
    )
    op.create_table(
        "history_alias",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_alias_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "topic", "key", name=op.f("pk_history_alias")),
    )
    op.create_table(
        "history_columns",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_columns_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "digest", name=op.f("pk_history_columns")),
    )


def downgrade() -> None:
    for table in ("history_columns", "history_alias", "history_text", "history_chunk", "history_draft"):
        op.drop_table(table)
