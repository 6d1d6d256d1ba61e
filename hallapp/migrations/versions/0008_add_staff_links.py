"""Staff set their own passwords: by a link, or after the first sign-in; the trail is read from its end."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PURPOSE = sa.Enum("invitation", "reset", name="linkpurpose", native_enum=False, length=20)


def upgrade() -> None:
    _let_tables_be_rebuilt()
    op.add_column("staff", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff", sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE staff SET last_sign_in_at = (SELECT max(audit_entry.at) FROM audit_entry"
        " WHERE audit_entry.staff_id = staff.id AND audit_entry.action = 'sign_in')"
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.alter_column(
            "must_change_password", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
    op.create_table(
        "staff_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("purpose", PURPOSE, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_staff_link_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_link_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_link_digest")),
    )
    op.create_index(op.f("ix_staff_link_staff_id"), "staff_link", ["staff_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_hall_id_id"), "audit_entry", ["hall_id", "id"], unique=False)


def downgrade() -> None:
    _let_tables_be_rebuilt()
    op.drop_index(op.f("ix_audit_entry_hall_id_id"), table_name="audit_entry")
    op.drop_table("staff_link")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        for name in ("last_sign_in_at", "must_change_password"):
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
