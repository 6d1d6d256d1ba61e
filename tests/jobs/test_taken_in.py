"""Files that earlier versions kept in the data folder are in the database after the migration."""

from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from hallapp import create_app
from hallapp.core.database import db
from hallapp.jobs import files
from tests.core.test_migrations import _insert, at, filled, fresh
from tests.live import _let_go

pytestmark = pytest.mark.either_database

__all__ = ["filled", "fresh"]

CONTENT = bytes(range(256)) * 5000  # more than one piece
KEY = "0123456789abcdef" * 2


def test_files_of_earlier_versions_are_moved_into_the_database(filled: Flask, tmp_path: Path) -> None:
    flask_migrate.upgrade(revision="0037")
    job = {"hall_id": 1, "key": KEY, "kind": "trial", "params": {}, "state": "waiting", "attempts": 2, "done": 0}
    with db.engine.begin() as connection:
        _insert(connection, "job", [{**job, "result": {}, "made_at": at(0)}])
    for name in ("exports", "uploads"):
        (tmp_path / name).mkdir()
        (tmp_path / name / KEY).write_bytes(name.encode() + CONTENT)
        (tmp_path / name / "nobodys").write_bytes(b"?")
    (tmp_path / "jobs.lock0").touch()

    own_app = create_app(filled.config["SETTINGS"])
    done = own_app.test_cli_runner().invoke(args=["hall", "setup"])
    assert done.exit_code == 0, done.output
    with own_app.app_context():
        assert b"".join(files.iter_content(KEY, version=2)) == b"exports" + CONTENT
        assert b"".join(files.iter_content(KEY)) == b"uploads" + CONTENT
        assert not files.is_kept("nobodys")
    assert not [path for path in tmp_path.iterdir() if path.name in ("exports", "uploads", "jobs.lock0")]
    _let_go(own_app)
