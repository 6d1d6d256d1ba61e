"""Single sign-on: providers, accounts there, addresses of the staff, and sessions with a second step elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_on_provider",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("agent_id", sa.String(length=20), nullable=False),
        sa.Column("secret", sa.String(length=1000), nullable=False),
        sa.Column("groups_claim", sa.String(length=100), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("second_step", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_sign_on_provider_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_sign_on_provider")),
    )
    op.create_table(
        "sign_on_identity",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("provider_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_sign_on_identity_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_on_identity_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["hall_id", "provider_number"],
            ["sign_on_provider.hall_id", "sign_on_provider.number"],
            name=op.f("fk_sign_on_identity_hall_id_provider_number_sign_on_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hall_id", "provider_number", "subject", name=op.f("pk_sign_on_identity")),
        sa.UniqueConstraint(
            "hall_id", "provider_number", "staff_id", name=op.f("uq_sign_on_identity_hall_id_provider_number_staff_id")
        ),
    )
    op.create_index(op.f("ix_sign_on_identity_hall_id_staff_id"), "sign_on_identity", ["hall_id", "staff_id"])
    op.create_table(
        "staff_address",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_staff_address_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_address_staff_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "staff_id", name=op.f("pk_staff_address")),
        sa.UniqueConstraint("hall_id", "email", name=op.f("uq_staff_address_hall_id_email")),
    )
    op.add_column(
        "staff_session", sa.Column("second_step_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("staff_session", "second_step_elsewhere")
    op.drop_table("staff_address")
    op.drop_table("sign_on_identity")
    op.drop_table("sign_on_provider")
