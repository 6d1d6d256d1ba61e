"""Files that earlier versions kept in the data folder are in the database after the migration."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from hallapp import create_app
from hallapp.core.database import db, transaction
from hallapp.jobs import files, service
from hallapp.jobs.service import NewJob
from tests import factories
from tests.conftest import settings_for
from tests.live import _let_go, postgresql_database, put_migrated

pytestmark = pytest.mark.both_databases

CONTENT = bytes(range(256)) * 5000  # more than one piece


@pytest.fixture(params=["sqlite", "postgresql"])
def own_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on a migrated database of its own, with the data folder `tmp_path`."""
    if request.param == "sqlite":
        put_migrated(tmp_path / "x.sqlite3")
        app = create_app(settings_for(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path))
        yield app
        return
    with postgresql_database(request.getfixturevalue("postgresql_server")) as url:
        app = create_app(settings_for(url, tmp_path))
        yield app
        _let_go(app)


def test_files_of_earlier_versions_are_moved_into_the_database(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context():
        with transaction():
            job = service.ask(NewJob(hall_id=factories.hall().id, staff_id=None, kind="trial", params={}))
            job.attempts = 2
        flask_migrate.downgrade(revision="0037")
        for name in ("exports", "uploads"):
            (tmp_path / name).mkdir()
            (tmp_path / name / job.key).write_bytes(name.encode() + CONTENT)
            (tmp_path / name / "nobodys").write_bytes(b"?")
        (tmp_path / "jobs.lock0").touch()
        db.session.remove()
        assert own_app.test_cli_runner().invoke(args=["hall", "setup"]).exit_code == 0
        assert b"".join(files.iter_content(job.key, version=2)) == b"exports" + CONTENT
        assert b"".join(files.iter_content(job.key)) == b"uploads" + CONTENT
        assert not files.is_kept("nobodys")
        assert not [path for path in tmp_path.iterdir() if path.name in ("exports", "uploads", "jobs.lock0")]
