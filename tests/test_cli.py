from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from hallapp import create_app
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.demo import pictures
from hallapp.demo import service as demonstration
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Opening, Slot
from tests import factories
from tests.conftest import settings_for


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


def refused(app: Flask, *arguments: str) -> str:
    """The one line that a refused command says."""
    result = run(app, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_setup_makes_a_hall_with_slots(app: Flask) -> None:
    result = run(app, "hall", "setup", "--slug", "harbour", "--name-zh", "港口馆", "--opened-on", "2020-02-29")

    assert result.exit_code == 0
    hall = schedule.find_hall("harbour")
    assert (hall.name.get("zh", ""), hall.text("name", "en")) == ("港口馆", "港口馆")
    assert (hall.opened_on, hall.time_zone, hall.demonstration) == (date(2020, 2, 29), "Asia/Shanghai", False)
    assert [programme.slug for programme in hall.programmes] == ["guided-tour", "themed-session", "self-guided"]
    assert set(db.session.scalars(select(Opening.weekday))) == set(range(7))
    assert (hall.closed_weekdays, hall.languages) == ("0", "zh")
    slots = db.session.scalar(select(func.count(Slot.id)))
    assert f"Created the hall harbour with {slots} slots" in result.stdout
    assert slots > 14 * 50


def test_new_hall_is_a_draft_until_it_is_published(app: Flask) -> None:
    assert "It is a draft" in run(app, "hall", "setup", "--name-zh", "馆").stdout
    assert schedule.find_hall("hall").draft
    assert run(app, "hall", "publish").stdout == "The hall hall is published: http://127.0.0.1:8000\n"
    assert not schedule.find_hall("hall").draft
    assert "draft" not in run(app, "hall", "setup", "--slug", "open", "--name-zh", "馆", "--publish").stdout
    assert not schedule.find_hall("open").draft


def test_setup_refuses_a_first_day_beyond_the_calendar(app: Flask) -> None:
    result = run(app, "hall", "setup", "--name-zh", "馆", "--opened-on", "9999-12-31")
    assert result.exit_code == 1 and "This is too far ahead: choose a day until" in result.stderr
    assert schedule.list_halls() == []


def test_setup_twice_changes_nothing(app: Flask) -> None:
    run(app, "hall", "setup", "--name-en", "First")

    result = run(app, "hall", "setup", "--name-en", "Second")

    assert (result.exit_code, result.stdout) == (0, "The hall hall exists; nothing was changed.\n")
    assert [hall.name.get("en", "") for hall in schedule.list_halls()] == ["First"]


def test_setup_without_a_name_only_migrates(app: Flask) -> None:
    assert run(app, "hall", "setup").exit_code == 0
    assert schedule.list_halls() == []


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--opened-on", "0217-06-29"), "Error: Please check the year: the opening day is 1500-01-01 or later."),
        (
            ("--slug", "A b"),
            "Error: “A b” cannot be used in web addresses: use lower-case letters, digits and single hyphens.",
        ),
        (("--time-zone", "Mars"), "Error: “Mars” is not a time zone. A time zone looks like Asia/Shanghai."),
        (("--time-zone", "../zone"), "Error: “../zone” is not a time zone. A time zone looks like Asia/Shanghai."),
        (
            ("--home-division", "99"),
            "Error: “99” is not the code of a place of this origin set. A code looks like 440000.",
        ),
        (("--origin-set", "XX"), "Error: Please choose one of the sets."),
        (
            ("--origin-set", "DE"),
            "Error: “440000” is not the code of a place of this origin set. A code looks like DE-BB.",
        ),
        (
            ("--opened-on", "2020"),
            "Error: Invalid value for '--opened-on': '2020' does not match the format '%Y-%m-%d'.",
        ),
        (("--wxyz", "red"), "Error: No such option '--wxyz'."),
        (
            ("--host", "a.example:80"),
            "Error: “a.example:80” is not a host name. A host name looks like visit.example.org.",
        ),
        (("--host", "a" * 254), "Error: “aaaaaaaaaa…” is too long: 253 characters at most."),
        (("--name-en", "b" * 121), "Error: “bbbbbbbbbb…” is too long: 120 characters at most."),
    ],
)
def test_setup_names_a_bad_option_in_one_line(app: Flask, options: tuple[str, ...], line: str) -> None:
    assert refused(app, "hall", "setup", "--name-zh", "馆", *options) == line
    assert schedule.list_halls() == []


def test_setup_keeps_the_host_of_a_hall_to_itself(app: Flask) -> None:
    run(app, "hall", "setup", "--slug", "harbour", "--name-zh", "馆", "--host", "Harbour.Example.org")
    run(app, "hall", "setup", "--slug", "anyones", "--name-zh", "馆")

    assert schedule.find_hall_of_host("harbour.example.org:443").slug == "harbour"
    assert schedule.find_hall_of_host("192.0.2.1").slug == "anyones"
    assert (
        refused(app, "hall", "setup", "--slug", "other", "--name-zh", "馆", "--host", "harbour.example.ORG")
        == "Error: The host name “harbour.example.org” is already used by another hall."
    )
    assert [hall.slug for hall in schedule.list_halls()] == ["harbour", "anyones"]


@pytest.mark.parametrize("command", [("show",), ("list", "--limit")])
def test_number_beyond_the_range_of_databases_is_refused_in_one_line(app: Flask, command: tuple[str, ...]) -> None:
    assert "is not in the range 1<=x<=2147483647" in refused(app, "outbox", *command, "9" * 30)


def test_commands_on_a_new_database_point_to_setup(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path))

    assert "try `hall setup`" in refused(app, "slots", "extend")
    assert run(app, "hall", "setup").exit_code == 0
    assert refused(app, "slots", "extend") == "Error: there is no hall yet; try `hall setup`"


def test_slots_are_extended_once(app: Flask) -> None:
    run(app, "hall", "setup", "--name-zh", "馆")
    with db.engine.begin() as connection:
        gone = connection.execute(Slot.__table__.delete()).rowcount

    assert run(app, "slots", "extend").stdout == f"hall: {gone} new slots\n"
    assert run(app, "slots", "extend", "--hall", "hall").stdout == "hall: 0 new slots\n"
    assert refused(app, "slots", "extend", "--hall", "x") == "Error: there is no hall named x"


@time_machine.travel(datetime(2026, 9, 1, 2, 0, tzinfo=UTC), tick=False)
def test_slots_extend_names_the_days_whose_bookings_the_rules_would_close(app: Flask) -> None:
    run(app, "hall", "setup", "--name-zh", "馆")
    with transaction():
        hall = schedule.find_hall("hall")
        tour = schedule.get_programme(hall.id, "guided-tour")
        factories.booking(slot=schedule.list_slots(tour.id, date(2026, 9, 9))[0])
        hall.closed_weekdays = "02"  # as if a template had been changed behind the calendar's back

    assert run(app, "slots", "extend").stdout.splitlines() == [
        "hall: 0 new slots",
        "hall: bookings on 2026-09-09 are hit by the rules and stay; settle them in the calendar",
    ]


@time_machine.travel(datetime(2026, 9, 1, 2, 0, tzinfo=UTC), tick=False)
def test_holidays_are_written_once_and_a_year_not_announced_says_so(app: Flask) -> None:
    run(app, "hall", "setup", "--name-zh", "馆")

    assert run(app, "slots", "holidays", "2025").stdout == "hall: 33 days of 2025 written\n"
    assert run(app, "slots", "holidays", "2025", "--hall", "hall").stdout == "hall: 0 days of 2025 written\n"
    assert refused(app, "slots", "holidays", "2150") == (
        "Error: The public holidays of 2150 are not known yet. Enter them by hand, or update hallapp later."
    )
    assert "is not in the range" in refused(app, "slots", "holidays", "9" * 30)


def test_demo_prints_its_passwords_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "fill", lambda *_, **_by: None)  # these take long; test_demo.py makes both
    monkeypatch.setattr(demonstration, "close_years", lambda: None)
    first, again = run(app, "hall", "setup", "--demo-if-empty"), run(app, "hall", "demo", "--if-empty")

    assert first.exit_code == 0
    names = [line.split()[0] for line in first.stdout.splitlines()[1:]]
    passwords = [line.split()[1] for line in first.stdout.splitlines()[1:]]
    assert names == ["guide", "desk", "manager", "director", "admin"]
    assert len(set(passwords)) == 5
    assert (again.exit_code, again.output) == (0, "")
    assert refused(app, "hall", "demo").startswith("Error: The demonstration can only be loaded into an empty database")


def test_demo_adds_nothing_when_it_is_switched_off(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = app.config["SETTINGS"].database_url
    monkeypatch.setitem(app.config, "SETTINGS", settings_for(url, tmp_path, HALL_DEMO="off"))

    assert run(app, "hall", "demo", "--if-empty").output == ""
    assert schedule.list_halls() == []


def test_demo_beside_a_hall_is_refused(app: Flask) -> None:
    factories.make(factories.hall)

    assert refused(app, "hall", "demo").startswith("Error: The demonstration can only be loaded into an empty database")
    assert db.session.scalar(select(func.count(Booking.id))) == 0
