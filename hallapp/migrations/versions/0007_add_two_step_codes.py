"""Staff may have two-step codes, and a hall may require them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RULE = sa.Enum("nobody", "managers", "everybody", name="twosteprule", native_enum=False, length=20)


def upgrade() -> None:
    _let_tables_be_rebuilt()
    op.add_column("staff", sa.Column("totp_secret", sa.String(length=300), nullable=True))
    op.add_column("staff", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("staff", sa.Column("two_step_required", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.alter_column(
            "two_step_required", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
    op.create_table(
        "staff_policy",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("two_step", RULE, nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_staff_policy_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_staff_policy")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_recovery_code_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "digest", name=op.f("pk_recovery_code")),
    )


def downgrade() -> None:
    _let_tables_be_rebuilt()
    op.drop_table("recovery_code")
    op.drop_table("staff_policy")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        for name in ("two_step_required", "totp_step", "totp_secret"):
            batch_op.drop_column(name)


def _let_tables_be_rebuilt() -> None:
    """Switch foreign keys off on SQLite: it alters a table by dropping it, which they would forbid.

    They can be switched outside of transactions only. The connection, detached, does not go back to the pool.
    """
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
