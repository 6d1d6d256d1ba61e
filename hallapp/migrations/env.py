"""How Alembic reaches the database: online only, through the application's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy import func, select

# Every table must be known before they are compared.
from hallapp.core.database import writers_queue

#: The advisory lock of PostgreSQL that a migration holds; any number that nothing else uses.
MIGRATION_LOCK = 0x68616C6C

migrate = current_app.extensions["migrate"]

if context.is_offline_mode():
    raise SystemExit("migrations run against the database itself, not as SQL text")

# Several hosts may start at once: one migrates, the others wait for it and then find nothing to do.
with writers_queue(migrate.db.engine), migrate.db.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=migrate.db.metadata, **migrate.configure_args)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        context.run_migrations()
