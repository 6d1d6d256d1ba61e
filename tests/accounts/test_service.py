"""Accounts: what a name and a password may be, and what the trail keeps."""

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts import errors, passwords, service
from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories

PASSWORD = "a long enough one"


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


def add(hall: Hall, **values: object):
    with transaction():
        return service.add_staff(
            **{"hall_id": hall.id, "name": "lina", "role": Role.DESK, "password": PASSWORD, **values}
        )


@pytest.mark.either_database
def test_add_staff_keeps_a_digest_and_a_trail(hall: Hall) -> None:
    staff = add(hall, name=" Ｌi  Na ", role=Role.MANAGER)
    assert (staff.name, staff.role, staff.active, staff.session_version) == ("li na", Role.MANAGER, True, 1)
    assert staff.password_hash.startswith("$argon2id$")
    assert passwords.matches(PASSWORD, staff.password_hash)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.staff_id, entry.detail) == ("staff_added", None, {"role": "manager"})
    assert PASSWORD not in str(entry.detail)


@pytest.mark.either_database
@pytest.mark.parametrize("name", ["lina", "LINA", "ｌｉｎａ"])
def test_add_staff_refuses_a_name_that_exists(hall: Hall, name: str) -> None:
    add(hall)
    with pytest.raises(errors.StaffNameTaken):
        add(hall, name=name)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "li\x00na", "li\u200bna"])
def test_add_staff_refuses_a_name_that_cannot_be_typed(hall: Hall, name: str) -> None:
    with pytest.raises(errors.StaffNameInvalid):
        add(hall, name=name)


@pytest.mark.parametrize("password", ["", "ninechars", "x" * 201])
def test_add_staff_refuses_a_password_of_the_wrong_length(hall: Hall, password: str) -> None:
    with pytest.raises(errors.PasswordTooShort) as refusal:
        add(hall, password=password)
    assert refusal.value.params == {"least": 10, "most": 200}


@pytest.mark.parametrize("password", ["frontdesk1", "FrontDesk1", "frontdesk1frontdesk1"])
def test_add_staff_refuses_the_name_as_password(hall: Hall, password: str) -> None:
    with pytest.raises(errors.PasswordIsName):
        add(hall, name="frontdesk1", password=password)


def test_longest_name_and_shortest_password_are_taken(hall: Hall) -> None:
    assert add(hall, name="展" * 64, password="十个字符的口令也可以").name == "展" * 64


def test_change_and_deactivate_name_the_account_in_the_trail(hall: Hall) -> None:
    staff = add(hall)
    with transaction():
        service.change_password(name="LINA", password="another long one", by=staff.id)
    with transaction():
        service.deactivate(name="lina")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.staff_id) for entry in entries[1:]] == [
        ("staff_password_changed", staff.id),
        ("staff_deactivated", None),
    ]
    assert {entry.subject for entry in entries} == {f"staff {staff.id}"}


def test_unknown_account_is_named_in_the_refusal(hall: Hall) -> None:
    with pytest.raises(errors.StaffUnknown) as refusal:
        service.get_staff_by_name("Nobody")
    assert refusal.value.params == {"name": "nobody"}


def test_malformed_digest_matches_no_password() -> None:
    assert not passwords.matches("anything", "not a digest")
