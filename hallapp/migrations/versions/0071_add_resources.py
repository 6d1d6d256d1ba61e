"""The resources of halls, how many are claimed in each slot, and what each booking has of them."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("unit", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("per_booking", sa.Integer(), nullable=False),
        sa.Column("people_each", sa.Integer(), nullable=True),
        sa.Column("programmes", sa.Text(), nullable=False, server_default=""),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_resource_number")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_resource_quantity")),
        sa.CheckConstraint("per_booking > 0", name=op.f("ck_resource_per_booking")),
        sa.CheckConstraint("people_each > 0", name=op.f("ck_resource_people_each")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_resource_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_resource")),
    )
    op.create_table(
        "slot_resource",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.CheckConstraint("claimed >= 0", name=op.f("ck_slot_resource_claimed")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_slot_resource_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "resource"],
            ["resource.hall_id", "resource.number"],
            name=op.f("fk_slot_resource_hall_id_resource_resource"),
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_resource_slot_id_slot")),
        sa.PrimaryKeyConstraint("hall_id", "slot_id", "resource", name=op.f("pk_slot_resource")),
    )
    op.create_index(op.f("ix_slot_resource_slot_id"), "slot_resource", ["slot_id"])
    op.add_column("booking", sa.Column("resources", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("booking", "resources")
    op.drop_table("slot_resource")
    op.drop_table("resource")
