"""The outbox commands."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from hallapp.core import limits
from hallapp.core.database import db, transaction
from hallapp.notifications import service
from tests import factories


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=("outbox", *arguments))


@pytest.fixture
def one_message(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 11, 5, 4, 0, tzinfo=UTC), tick=False), transaction():
        hall = factories.hall()
        service.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="您的预约", body="您好")


def mail_to(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], mail_url=url))


def test_run_without_a_mail_address_leaves_everything_and_says_so(app: Flask, one_message: None) -> None:
    result = run(app, "run")
    assert (result.exit_code, result.stdout) == (
        0,
        "HALL_MAIL_URL is not set: 1 message stays here; `outbox list` shows it.\n",
    )


def test_run_sends_and_counts(app: Flask, one_message: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail_to(app, monkeypatch, f"file://{tmp_path}")
    result = run(app, "run")
    assert (result.exit_code, result.stdout) == (0, "1 sent, 0 put off, 0 given up\n")
    assert len(list(tmp_path.glob("*.eml"))) == 1
    assert run(app, "run", "--limit", "5").stdout == "0 sent, 0 put off, 0 given up\n"


def test_run_says_in_one_line_that_the_server_is_away(
    app: Flask, one_message: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_to(app, monkeypatch, "smtp://127.0.0.1:1")
    result = run(app, "run")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: the mail server at 127.0.0.1:1 cannot be used: Connection refused; 1 message waits\n"
    )


def test_run_clears_rate_counters_of_windows_long_past(app: Flask) -> None:
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False) as clockwork:
        with transaction():
            limits.hit("sign_in_name", "old", limit=9, seconds=60)
        clockwork.move_to("2026-12-06 10:00:01+00:00")
        with transaction():
            limits.hit("sign_in_name", "new", limit=9, seconds=60)
        run(app, "run")
        (counter,) = db.session.scalars(select(limits.RateCounter))
        assert counter.window_starts == datetime(2026, 12, 6, 10, 0, tzinfo=UTC)


def test_list_and_show(app: Flask, one_message: None) -> None:
    listed = run(app, "list")
    assert (listed.exit_code, listed.stdout) == (0, "1  2026-11-05 04:00Z  he@example.org  您的预约  waiting\n")
    shown = run(app, "show", "1")
    assert (shown.exit_code, shown.stdout) == (0, "To: he@example.org\nSubject: 您的预约\n\n您好\n")
    missing = run(app, "show", "2")
    assert (missing.exit_code, missing.stderr) == (1, "Error: there is no message 2\n")
