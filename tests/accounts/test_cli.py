"""The staff commands, and what they say when they refuse."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from hallapp.accounts import errors, service
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db
from hallapp.schedule.models import Hall
from tests import factories

PASSWORD = "a long enough one"


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall, slug="lingnan")


def run(app: Flask, *arguments: str, stdin: str | bytes = PASSWORD + "\n") -> Result:
    return app.test_cli_runner().invoke(args=("staff", *arguments), input=stdin)


def add(app: Flask, name: str, *arguments: str, stdin: str | bytes = PASSWORD + "\n") -> Result:
    return run(app, "add", name, "--password-stdin", *arguments, stdin=stdin)


@pytest.mark.parametrize("role", list(Role))
def test_add_makes_an_account_of_each_role(app: Flask, hall: Hall, role: Role) -> None:
    result = add(app, "Lina", "--role", role.value)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Added lina ({role.value}) to the hall lingnan.\n"
    staff = service.authenticate(name="lina", password=PASSWORD)
    assert (staff.hall_id, staff.role) == (hall.id, role)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nanother line\n"])
def test_password_is_the_first_line_of_standard_input(app: Flask, hall: Hall, ending: str) -> None:
    assert add(app, "lina", "--role", "desk", stdin=f" 口令 {PASSWORD} {ending}").exit_code == 0
    assert service.authenticate(name="lina", password=f" 口令 {PASSWORD} ")


def test_password_is_asked_for_twice_on_a_terminal_and_not_shown(app: Flask, hall: Hall) -> None:
    result = run(app, "add", "lina", "--role", "desk", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert service.authenticate(name="lina", password=PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "stdin", "line"),
    [
        (("lina", "--role", "desk"), "short\n", "Error: A password needs 10 to 200 characters."),
        (("lina", "--role", "desk"), "", "Error: A password needs 10 to 200 characters."),
        (("frontdesk10", "--role", "desk"), "FrontDesk10\n", "Error: The password must not consist of the name."),
        (("old", "--role", "desk"), PASSWORD, "Error: There is already an account named old."),
        ((" ", "--role", "desk"), PASSWORD, "Error: A name needs 1 to 64 letters or digits."),
        (("lina",), PASSWORD, "Error: Missing option '--role'. Choose from: guide, desk, manager, director, admin"),
        (("lina", "--role", "desk", "--hall", "nowhere"), PASSWORD, "Error: there is no hall named nowhere"),
        (("lina", "--role", "desk"), b"\xff\xfe\n", "Error: the password is not UTF-8 text"),
    ],
)
def test_add_refuses_in_one_line(
    app: Flask, hall: Hall, arguments: tuple[str, ...], stdin: str | bytes, line: str
) -> None:
    factories.make(factories.staff, hall=hall, name="old")
    result = add(app, *arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{line}\n"
    assert [staff.name for staff in db.session.scalars(select(Staff))] == ["old"]


def test_add_refuses_an_unknown_role_in_one_line(app: Flask, hall: Hall) -> None:
    result = add(app, "lina", "--role", "boss")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "'boss' is not one of 'guide', 'desk', 'manager', 'director', 'admin'" in result.stderr


def test_add_asks_which_hall_where_there_are_several(app: Flask, hall: Hall) -> None:
    other = factories.make(factories.hall, slug="harbour")
    result = add(app, "lina", "--role", "desk")
    assert (result.exit_code, result.stderr) == (1, "Error: say which hall by --hall: lingnan, harbour\n")
    assert add(app, "lina", "--role", "desk", "--hall", "harbour").exit_code == 0
    assert service.get_staff_by_name("lina").hall_id == other.id


def test_add_without_a_hall_says_what_to_do(app: Flask) -> None:
    result = add(app, "lina", "--role", "admin")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no hall yet; try `hall setup`\n")


def test_list_shows_each_account_with_its_role(app: Flask, hall: Hall) -> None:
    factories.make(factories.staff, hall=hall, name="lina", role=Role.MANAGER)
    factories.make(factories.staff, hall=hall, name="gone", active=False)
    result = run(app, "list")
    assert (result.exit_code, result.stdout) == (
        0,
        "lingnan  desk      gone  deactivated\nlingnan  manager   lina\n",
    )


def test_deactivate_closes_an_account(app: Flask, hall: Hall) -> None:
    factories.make(factories.staff, hall=hall, name="lina")
    result = run(app, "deactivate", "LINA")
    assert (result.exit_code, result.stdout) == (0, "Deactivated lina; its sessions have ended.\n")
    with pytest.raises(errors.SignInRefused):
        service.authenticate(name="lina", password=factories.PASSWORD)


def test_password_is_changed(app: Flask, hall: Hall) -> None:
    factories.make(factories.staff, hall=hall, name="lina")
    result = run(app, "password", "lina", "--password-stdin")
    assert (result.exit_code, result.stdout) == (0, "Changed the password of lina; its sessions have ended.\n")
    assert service.authenticate(name="lina", password=PASSWORD).session_version == 2


@pytest.mark.parametrize("command", [("deactivate", "nobody"), ("password", "nobody", "--password-stdin")])
def test_unknown_account_is_named(app: Flask, hall: Hall, command: tuple[str, ...]) -> None:
    result = run(app, *command)
    assert (result.exit_code, result.stderr) == (1, "Error: There is no account named nobody.\n")
