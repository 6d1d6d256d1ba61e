"""Certificates of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0087"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_setting",
        sa.Column("hall_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_certificate_setting_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_certificate_setting")),
    )
    op.create_table(
        "certificate_programme",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_certificate_programme_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_certificate_programme_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("hall_id", "programme_id", name=op.f("pk_certificate_programme")),
    )
    op.create_table(
        "certificate",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("people > 0", name=op.f("ck_certificate_people")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_certificate_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_certificate_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "code", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_code"), "certificate", ["code"])
    op.create_index(op.f("ix_certificate_hall_id_booking_id"), "certificate", ["hall_id", "booking_id"])


def downgrade() -> None:
    op.drop_table("certificate")
    op.drop_table("certificate_programme")
    op.drop_table("certificate_setting")
