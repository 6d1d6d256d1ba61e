"""The yearly goal of a hall; accounts that read the totals of other halls; public links of a report."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_goal",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors > 0", name=op.f("ck_visitor_goal_visitors")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_visitor_goal_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "year", name=op.f("pk_visitor_goal")),
    )
    op.create_table(
        "network_reader",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_network_reader_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_network_reader_staff_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "staff_id", name=op.f("pk_network_reader")),
    )
    op.create_index(op.f("ix_network_reader_staff_id"), "network_reader", ["staff_id"])
    op.create_table(
        "report_link",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_report_link_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_report_link_staff_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "digest", name=op.f("pk_report_link")),
    )
    op.create_index(op.f("ix_report_link_digest"), "report_link", ["digest"])


def downgrade() -> None:
    op.drop_table("report_link")
    op.drop_table("network_reader")
    op.drop_table("visitor_goal")
