"""A hall's rule for early and late groups."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MINUTES = ("early_minutes", "late_minutes")
RULE = sa.Enum("warn", "manager", name="doorrule", native_enum=False, length=20)


def upgrade() -> None:
    for (
        name
    ) in MINUTES:  # in SQL that both databases accept: the check is declared with its column, no table is rebuilt
        op.execute(f"ALTER TABLE hall ADD COLUMN {name} INTEGER CONSTRAINT ck_hall_{name} CHECK ({name} >= 0)")
    op.add_column("hall", sa.Column("door_rule", RULE, nullable=False, server_default="warn"))


def downgrade() -> None:
    _let_tables_be_rebuilt()
    with op.batch_alter_table("hall", schema=None) as batch_op:
        for name in MINUTES:
            batch_op.drop_constraint(op.f(f"ck_hall_{name}"), type_="check")
        for name in ("door_rule", *reversed(MINUTES)):
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
