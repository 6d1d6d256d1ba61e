"""Reports go out by mail, with their files."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_outbox_file_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_file")),
        sa.UniqueConstraint("hall_id", "digest", name=op.f("uq_outbox_file_hall_id_digest")),
    )
    op.create_table(
        "outbox_attachment",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mimetype", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["outbox_file.id"], name=op.f("fk_outbox_attachment_file_id_outbox_file")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_message.id"], name=op.f("fk_outbox_attachment_message_id_outbox_message")
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_outbox_attachment")),
    )
    op.create_index(op.f("ix_outbox_attachment_file_id"), "outbox_attachment", ["file_id"], unique=False)
    op.create_table(
        "report_mailing",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("day >= 1 AND day <= 28", name=op.f("ck_report_mailing_day")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_report_mailing_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_report_mailing")),
    )
    op.create_table(
        "report_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("pdf", sa.Boolean(), nullable=False),
        sa.Column("xlsx", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pdf OR xlsx", name=op.f("ck_report_recipient_files")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_report_recipient_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_recipient")),
        sa.UniqueConstraint("hall_id", "email", name=op.f("uq_report_recipient_hall_id_email")),
    )


def downgrade() -> None:
    op.drop_table("report_recipient")
    op.drop_table("report_mailing")
    op.drop_table("outbox_attachment")
    op.drop_table("outbox_file")
