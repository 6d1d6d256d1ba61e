"""Name lists: groups submit names of their people; halls choose further columns."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_columns",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("label_zh", sa.String(length=30), nullable=False),
        sa.Column("label_en", sa.String(length=30), nullable=False),
        sa.Column("purpose_zh", sa.String(length=200), nullable=False),
        sa.Column("purpose_en", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_list_columns_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_list_columns")),
    )
    op.create_table(
        "group_list",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_group_list_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_group_list_hall_id_hall")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_group_list")),
    )
    op.create_index(op.f("ix_group_list_hall_id"), "group_list", ["hall_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_person_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_person_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("booking_id", "position", name=op.f("uq_person_booking_id_position")),
    )
    op.create_index(op.f("ix_person_hall_id"), "person", ["hall_id"], unique=False)


def downgrade() -> None:
    for table in ("person", "group_list", "list_columns"):
        op.drop_table(table)
