"""Rules against floods of bookings, codes for organisers, the brake, and used proofs of work."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None

LIMITS = {
    "open_per_phone": 6,
    "open_per_organisation": 12,
    "brake_per_hour": 60,
    "brake_hold_hours": 48,
    "network_places": 600,
}


PROOF_OF_WORK = sa.Enum("off", "busy", "always", name="proofofwork", native_enum=False, length=20)
PURPOSE = sa.Enum("hold", "email", name="codepurpose", native_enum=False, length=20)


def upgrade() -> None:
    for name, default in LIMITS.items():
        op.add_column("hall", sa.Column(name, sa.Integer(), nullable=False, server_default=str(default)))
    op.add_column("hall", sa.Column("proof_of_work", PROOF_OF_WORK, nullable=False, server_default="busy"))
    op.add_column("hall", sa.Column("confirm_by_code", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("booking", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking", sa.Column("network", sa.String(32), nullable=True))
    op.create_table(
        "booking_code",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("purpose", PURPOSE, nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_code_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_booking_code_hall_id_hall")),
        sa.PrimaryKeyConstraint("booking_id", "purpose", name=op.f("pk_booking_code")),
    )
    op.create_table(
        "booking_brake",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_booking_brake_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_booking_brake")),
    )
    op.create_table(
        "used_proof",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_used_proof_hall_id_hall")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_proof")),
    )
    op.create_index(op.f("ix_used_proof_expires_at"), "used_proof", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("used_proof")
    op.drop_table("booking_brake")
    op.drop_table("booking_code")
    for name in ("network", "held_until"):
        op.drop_column("booking", name)
    for name in ("confirm_by_code", "proof_of_work", *LIMITS):
        op.drop_column("hall", name)
