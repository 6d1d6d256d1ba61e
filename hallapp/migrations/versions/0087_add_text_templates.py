"""Text messages by template: their values, what they wait for, and what the provider reports; templates and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("outbox_message", sa.Column("values", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("outbox_message", sa.Column("held", sa.String(length=20), nullable=True))
    op.add_column("outbox_message", sa.Column("segments", sa.Integer(), nullable=True))
    op.add_column("outbox_message", sa.Column("provider_id", sa.String(length=80), nullable=True))
    op.add_column("outbox_message", sa.Column("delivery", sa.String(length=20), nullable=True))
    op.add_column("outbox_message", sa.Column("delivery_code", sa.String(length=200), nullable=True))
    op.add_column("outbox_message", sa.Column("report_due_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("held", "report_due_at"):
        condition = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            op.f(f"ix_outbox_message_{name}"),
            "outbox_message",
            [name],
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_table(
        "text_setting",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("sign", sa.String(length=40), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.CheckConstraint("daily_limit >= 0", name=op.f("ck_text_setting_daily_limit")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_text_setting_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_text_setting")),
    )
    op.create_table(
        "text_template",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_text_template_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "provider", "kind", "language", "abroad", name=op.f("pk_text_template")),
    )
    op.create_table(
        "text_count",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_text_count_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "day", "kind", name=op.f("pk_text_count")),
    )


def downgrade() -> None:
    for name in ("text_count", "text_template", "text_setting"):
        op.drop_table(name)
    for name in ("held", "report_due_at"):
        op.drop_index(op.f(f"ix_outbox_message_{name}"), table_name="outbox_message")
    op.drop_column("outbox_message", "report_due_at")
    op.drop_column("outbox_message", "delivery_code")
    op.drop_column("outbox_message", "delivery")
    op.drop_column("outbox_message", "provider_id")
    op.drop_column("outbox_message", "segments")
    op.drop_column("outbox_message", "held")
    op.drop_column("outbox_message", "values")
    op.drop_column("outbox_message", "language")
