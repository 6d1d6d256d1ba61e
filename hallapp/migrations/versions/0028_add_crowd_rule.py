"""A hall says from how many people on the desk asks before it counts them."""

from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

COLUMNS = {
    "ask_over_percent": "INTEGER DEFAULT 20 NOT NULL CONSTRAINT ck_hall_ask_over_percent CHECK (ask_over_percent >= 0)",
    "ask_over_people": "INTEGER DEFAULT 5 NOT NULL CONSTRAINT ck_hall_ask_over_people CHECK (ask_over_people >= 0)",
    "ask_walk_in": "INTEGER CONSTRAINT ck_hall_ask_walk_in CHECK (ask_walk_in >= 1)",
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():  # words that both databases know: no table is rebuilt
        op.execute(f"ALTER TABLE hall ADD COLUMN {name} {kind}")


def downgrade() -> None:
    _let_tables_be_rebuilt()
    with op.batch_alter_table("hall", schema=None) as batch_op:
        for name in COLUMNS:
            batch_op.drop_constraint(op.f(f"ck_hall_{name}"), type_="check")
        for name in reversed(COLUMNS):
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
