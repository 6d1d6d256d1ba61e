"""The desk may write a short note on a group for its guide."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking", sa.Column("guide_note", sa.String(length=200), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("booking", sa.Column("guide_note_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    _let_tables_be_rebuilt()
    with op.batch_alter_table("booking", schema=None) as batch_op:
        for name in ("guide_note_at", "guide_note"):
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
