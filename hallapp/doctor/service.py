"""Runs all checks, whatever some of them find."""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from hallapp.core.database import DatabaseAway, db
from hallapp.doctor import conversations, database, host
from hallapp.doctor.findings import Check, Finding, Level, wrong

_HOST: tuple[Check, ...] = (host.check_settings, host.check_versions, host.check_disk, host.check_permissions)
_DATABASE: tuple[Check, ...] = (database.check_key, database.check_clock, database.check_worker, database.check_tasks)
_CONVERSATIONS: tuple[Check, ...] = (
    conversations.check_mail,
    conversations.check_text_messages,
    conversations.check_address,
)


def examine() -> Iterator[Finding]:
    """Yield what was found, check by check; those that need a database are left out where there is none."""
    yield from _run(_HOST)
    found = list(_run((database.check_database,)))
    yield from found
    if all(finding.level is not Level.WRONG for finding in found):
        yield from _run(_DATABASE)
    yield from _run(_CONVERSATIONS)


def _run(checks: tuple[Check, ...]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from list(check())
        except (SQLAlchemyError, DatabaseAway) as error:
            db.session.rollback()
            cause = type(getattr(error, "orig", None) or error).__name__
            name = check.__name__.removeprefix("check_").replace("_", " ")
            yield wrong(name, f"the database cannot be read now ({cause})", "Run this again, and see its log.")
