"""The revision of the tables, and whether this code can work with them.

Code works with its own revision and with any newer one: migrations only add what older code need not know
(docs/scaling.md), so replicas of the old and of the new version serve side by side during an upgrade.
"""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from hallapp.core import database


def fits(connection: Connection) -> bool:
    """Return whether this code can work with the tables: they are of its own revision, or of a newer one."""
    found = find(connection)
    return found == _scripts().get_current_head() or is_newer(found)


def find(connection: Connection) -> str | None:
    """Return the revision of the tables; None for a database without any."""
    return MigrationContext.configure(connection).get_current_revision()


def is_newer(revision: str | None) -> bool:
    """Return whether a revision comes from a newer version of this application: it is none of those known here."""
    return revision is not None and revision not in _known()


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(database.migrate.directory))


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())
