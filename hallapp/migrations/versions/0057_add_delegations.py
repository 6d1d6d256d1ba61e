"""Delegations of bookings, and the levels of a hall."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("leader", sa.String(length=80), nullable=False),
        sa.Column("hosts", sa.String(length=200), nullable=False),
        sa.Column("welcome", sa.String(length=120), nullable=False),
        sa.Column("welcome_agreed", sa.Boolean(), nullable=False),
        sa.Column("vehicles", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_delegation_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_delegation_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "booking_id", name=op.f("pk_delegation")),
    )
    op.create_table(
        "delegation_setting",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_delegation_setting_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_delegation_setting")),
    )


def downgrade() -> None:
    op.drop_table("delegation_setting")
    op.drop_table("delegation")
