"""Tables of a newer version: code of the version before serves on them, and leaves them alone."""

import pytest
from flask import Flask
from sqlalchemy import text

from hallapp.core.database import db
from tests.core.conftest import MakeApp


@pytest.fixture
def beside(app: Flask, make_app: MakeApp) -> Flask:
    """The application on the tables of a test, whose revision the test may change."""
    return make_app(app.config["SETTINGS"].database_url)


def set_revision(revision: str) -> str:
    """Say that the tables are of this revision; gives the one before."""
    with db.engine.begin() as connection:
        found = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    return found


@pytest.mark.parametrize(
    ("revision", "ready"),
    [
        ("9001", True),  # of a version that this code does not know: it came later
        ("f00dcafe", True),
        ("0038", False),
        ("0001", False),
    ],
)
def test_code_serves_on_newer_tables_and_not_on_older_ones(beside: Flask, revision: str, ready: bool) -> None:
    own = set_revision(revision)
    try:
        answer = beside.test_client().get("/readyz")
    finally:
        set_revision(own)
    assert (answer.status_code == 200) is ready
    assert ready or answer.json["reason"] == "not_migrated"


def test_setup_of_older_code_leaves_newer_tables_alone(beside: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    own = set_revision("9001")
    try:
        done = beside.test_cli_runner().invoke(args=["hall", "setup"])
    finally:
        assert set_revision(own) == "9001"
    assert done.exit_code == 0, done.output
    assert "newer version of hallapp (9001)" in capfd.readouterr().err + done.stderr
