"""Accounts from before: they keep working, and their last sign-in is known from the trail."""

from datetime import UTC, datetime

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import MetaData, Table

from hallapp.core.database import db
from tests.core.test_migrations import _everything, _rows, filled, fresh

pytestmark = pytest.mark.both_databases

__all__ = ["filled", "fresh"]

#: The revision that has the new columns of accounts. What becomes of them later, test_migrations tries.
NEW = "0008"


def write(hour: int, action: str) -> None:
    with db.engine.begin() as connection:
        table = Table("audit_entry", MetaData(), autoload_with=connection)
        at = datetime(2026, 5, 5, hour, tzinfo=UTC)
        row = {"hall_id": 1, "staff_id": 1, "at": at, "action": action, "subject": "staff 1", "detail": {}}
        connection.execute(table.insert(), row)


def test_existing_accounts_keep_working_after_the_migration_and_after_the_way_down_and_up_again(filled: Flask) -> None:
    for hour, action in ((3, "sign_in"), (1, "sign_in"), (7, "admitted_against_rule")):
        write(hour, action)
    flask_migrate.upgrade(revision=NEW)
    columns = ("id", "name", "active", "must_change_password", "two_step_required", "totp_secret", "totp_step")
    assert _rows("staff", *columns) == [(1, "desk", True, False, False, None, None)]
    assert _rows("staff", "last_sign_in_at") == [(datetime(2026, 5, 5, 3, tzinfo=UTC),)]

    before = _rows("staff", "id", "name", "role", "password_hash", "session_version", "active", "created_at")
    flask_migrate.downgrade(revision="0006")
    assert {"staff_link", "staff_policy", "recovery_code"} & set(_everything()) == set()
    assert [sorted(row) for row in _everything()["staff"]] == [
        sorted(("id", "hall_id", "name", "role", "password_hash", "session_version", "active", "created_at"))
    ]
    flask_migrate.upgrade(revision=NEW)
    assert _rows("staff", "id", "name", "role", "password_hash", "session_version", "active", "created_at") == before
