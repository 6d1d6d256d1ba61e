"""The environment of Alembic: online only, through the application's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy import func, select

# Every table must be known before they are compared.
import hallapp.accounts.models
import hallapp.badges.models
import hallapp.booking.flood_models
import hallapp.booking.models
import hallapp.categories.models
import hallapp.core.limits
import hallapp.core.servicekey
import hallapp.desk.models
import hallapp.devices.models
import hallapp.feedback.models
import hallapp.guides.models
import hallapp.history.models
import hallapp.jobs.models
import hallapp.ledger.models
import hallapp.messages.models
import hallapp.namelist.models
import hallapp.notifications.models
import hallapp.passes.models
import hallapp.presence.models
import hallapp.reports.models
import hallapp.resources.models
import hallapp.schedule.models
import hallapp.tasks.models  # noqa: F401
from hallapp.core import revisions
from hallapp.core.database import writers_queue
from hallapp.core.logs import log

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
        if revisions.is_newer(found := revisions.find(connection)):
            log.warning("the tables are of a newer version of hallapp (%s): nothing was migrated", found)
        else:
            context.run_migrations()
