"""The block list of phones and organisations that cannot book online."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("organisation_key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_block_hall_id_hall")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["staff.id"], name=op.f("fk_block_lifted_by_id_staff")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_block_made_by_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_hall_id_phone"), "block", ["hall_id", "phone"])
    op.create_index(op.f("ix_block_hall_id_organisation_key"), "block", ["hall_id", "organisation_key"])


def downgrade() -> None:
    op.drop_table("block")
